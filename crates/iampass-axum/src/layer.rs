//! The layer: data for the extractors, and routers that are for users only.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody};
use axum::response::Response;
use bytes::Bytes;
use http::header::CACHE_CONTROL;
use http::{HeaderValue, Request, StatusCode};
use iampass_web::{Assurance, LoginWeb};
use tower::{Layer, Service};

use crate::extractors::CurrentUser;
use crate::headers::{cookies_of, headers_of, is_page_visit, whole_uri};
use crate::in_request::InRequest;
use crate::response::into_response;

/// A tower layer for a login's users of type `U`.
///
/// No cache may keep an answer to a browser that sends a session of this login, nor may the back button show it after a logout, unless the
/// handler says otherwise by `Cache-Control`. A person who is led to an address that takes forms only (405), as happens when a form is sent
/// after the session has ended, is led on to the front page.
pub struct LoginLayer<U> {
    login: LoginWeb<U>,
    is_required: bool,
    /// The proof that the approval must have given.
    wanted: Option<Arc<Assurance>>,
}

impl<U> LoginLayer<U> {
    /// Gives the extractors below their data. The extractors decide on access.
    pub fn new(login: &LoginWeb<U>) -> Self {
        Self { login: login.clone(), is_required: false, wanted: None }
    }

    /// Refuses requests without a user to all routes of the router that it is laid around, except those of the login itself. (A request
    /// that matches no route is answered by axum's own 404, unless the router has a fallback.)
    pub fn required(login: &LoginWeb<U>) -> Self {
        Self { is_required: true, ..Self::new(login) }
    }

    /// The same, where the approval of the login must have proven all of `wanted`. It requires a login as [`LoginLayer::required`] does.
    ///
    /// ```
    /// use iampass_axum::LoginLayer;
    /// use iampass_web::{Assurance, KeyKind, LoginWeb};
    ///
    /// # #[derive(Clone)] struct User;
    /// fn payments(login: &LoginWeb<User>, payments: axum::Router) -> axum::Router {
    ///     let wanted = Assurance::default().code(true).key(KeyKind::Device);
    ///     payments.layer(LoginLayer::required(login).require(wanted))
    /// }
    /// ```
    #[must_use]
    pub fn require(mut self, wanted: Assurance) -> Self {
        (self.is_required, self.wanted) = (true, Some(Arc::new(wanted)));
        self
    }
}

impl<U> Clone for LoginLayer<U> {
    fn clone(&self) -> Self {
        Self { login: self.login.clone(), is_required: self.is_required, wanted: self.wanted.clone() }
    }
}

impl<U> std::fmt::Debug for LoginLayer<U> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoginLayer").field("is_required", &self.is_required).finish_non_exhaustive()
    }
}

impl<S, U> Layer<S> for LoginLayer<U> {
    type Service = LoginService<S, U>;

    fn layer(&self, inner: S) -> LoginService<S, U> {
        LoginService { inner, layer: self.clone() }
    }
}

/// The service of [`LoginLayer`].
pub struct LoginService<S, U> {
    inner: S,
    layer: LoginLayer<U>,
}

impl<S: Clone, U> Clone for LoginService<S, U> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), layer: self.layer.clone() }
    }
}

impl<S, U> std::fmt::Debug for LoginService<S, U> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.layer.fmt(f)
    }
}

impl<S, U, B, R> Service<Request<B>> for LoginService<S, U>
where
    S: Service<Request<B>, Response = http::Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    U: Clone + Send + Sync + 'static,
    B: Send + 'static,
    R: HttpBody<Data = Bytes> + Send + 'static,
    R::Error: Into<axum::BoxError>,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        // The one that is ready is used, and a fresh one takes its place.
        let fresh = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, fresh);
        let layer = self.layer.clone();
        Box::pin(async move {
            let is_visit = is_page_visit(request.method(), request.headers());
            let (is_private, is_guarded, visited) = {
                let cookies = cookies_of(request.headers());
                let is_private = layer.login.is_session_sent(cookies.as_deref());
                let path = || whole_uri(request.uri(), request.extensions()).path();
                let is_guarded = layer.is_required && !layer.login.is_own_path(path());
                (is_private, is_guarded, is_visit.then(|| (layer.login.clone(), path().to_owned())))
            };
            if is_guarded {
                let found = {
                    let cookies = cookies_of(request.headers());
                    match layer.wanted.as_deref() {
                        None => layer.login.current(cookies.as_deref(), None).await,
                        Some(wanted) => layer.login.current_proven(cookies.as_deref(), wanted).await,
                    }
                };
                match found {
                    Ok((session, user)) => {
                        request.extensions_mut().insert(CurrentUser::new(user, session));
                    }
                    Err(refusal) => {
                        let here = whole_uri(request.uri(), request.extensions());
                        let here = here.path_and_query().map_or("/", |here| here.as_str());
                        let headers = headers_of(request.method(), request.headers());
                        return Ok(into_response(layer.login.refusal(refusal, &headers, here)));
                    }
                }
            } else {
                // A user that a layer around this one has found is another login's.
                request.extensions_mut().remove::<CurrentUser<U>>();
            }
            request.extensions_mut().insert(InRequest(layer.login));
            let mut response = inner.call(request).await?.map(Body::new);
            if response.status() == StatusCode::METHOD_NOT_ALLOWED
                && let Some((login, path)) = visited
                && let Some(answer) = login.instead_of_form_address(&path)
            {
                return Ok(into_response(answer));
            }
            if is_private && !response.headers().contains_key(CACHE_CONTROL) {
                response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            }
            Ok(response)
        })
    }
}
