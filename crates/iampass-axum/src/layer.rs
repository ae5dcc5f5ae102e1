//! The layer: what extractors need, and routers that are for users only.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody};
use axum::extract::OriginalUri;
use axum::response::Response;
use bytes::Bytes;
use http::header::CACHE_CONTROL;
use http::{HeaderValue, Request};
use iampass_web::{AnyLogin, LoginWeb, UserDirectory};
use tower::{Layer, Service};

use crate::extractors::CurrentUser;
use crate::headers::{cookies_of, headers_of};
use crate::response::into_response;

/// A tower layer for a login's users of type `U`.
///
/// What is answered to somebody who is logged in is not to be kept by any cache, nor shown by the back button after a logout, unless
/// the handler says otherwise by `Cache-Control`.
pub struct LoginLayer<U> {
    login: AnyLogin<U>,
    is_required: bool,
}

impl<U> LoginLayer<U> {
    /// Gives the extractors below what they need. Who is let in is theirs to say.
    pub fn new<D: UserDirectory<User = U>>(login: &LoginWeb<D>) -> Self {
        Self { login: AnyLogin::new(login), is_required: false }
    }

    /// Lets nobody past who is not logged in, to any route of the router that it is laid around. (What matches no route is answered by
    /// axum's own 404, unless the router has a fallback.)
    pub fn required<D: UserDirectory<User = U>>(login: &LoginWeb<D>) -> Self {
        Self { is_required: true, ..Self::new(login) }
    }
}

impl<U> Clone for LoginLayer<U> {
    fn clone(&self) -> Self {
        Self { login: self.login.clone(), is_required: self.is_required }
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
            let has_cookies = request.headers().contains_key(http::header::COOKIE);
            if layer.is_required {
                let found = {
                    let cookies = cookies_of(request.headers());
                    layer.login.current(cookies.as_deref(), None).await
                };
                match found {
                    Ok((session, user)) => {
                        request.extensions_mut().insert(CurrentUser::new(user, session));
                    }
                    Err(refusal) => {
                        let original = request.extensions().get::<OriginalUri>();
                        let here = original.map_or(request.uri(), |original| &original.0);
                        let here = here.path_and_query().map_or("/", |here| here.as_str());
                        let headers = headers_of(request.headers());
                        return Ok(into_response(layer.login.refusal(refusal, &headers, here)));
                    }
                }
            }
            if !layer.is_required {
                // What a layer around this one has found is another login's.
                request.extensions_mut().remove::<CurrentUser<U>>();
            }
            request.extensions_mut().insert(layer.login);
            let mut response = inner.call(request).await?.map(Body::new);
            if has_cookies && !response.headers().contains_key(CACHE_CONTROL) {
                response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            }
            Ok(response)
        })
    }
}
