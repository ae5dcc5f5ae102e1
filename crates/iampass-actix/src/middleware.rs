//! The middleware: what extractors need, and scopes that are for users only. Belongs here: what is done around handlers. Does not
//! belong here: what handlers take.

use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::body::EitherBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{Error, HttpMessage as _};
use iampass_web::{Assurance, LoginWeb};

use crate::extractors::CurrentUser;
use crate::headers::{cookies_of, is_page_visit, refused};
use crate::in_request::InRequest;
use crate::response::into_response;

/// A middleware for a login's users of type `U`, for the whole `App` or a scope of it.
///
/// No cache may keep an answer to a browser that sends a session of this login, nor may the back button show it after a logout, unless the
/// handler says otherwise by `Cache-Control`. A person who is led to an address that takes forms only (405), as happens when a form is sent
/// after the session has ended, is led on to the front page.
///
/// ```
/// use actix_web::web;
/// use iampass_actix::LoginTransform;
/// use iampass_web::LoginWeb;
///
/// # #[derive(Clone)] struct User;
/// fn members_only(login: &LoginWeb<User>, application: &mut web::ServiceConfig) {
///     let news = web::get().to(|| async { "Only members read this." });
///     application
///         .service(web::scope("/members").wrap(LoginTransform::required(login)).route("/news", news));
/// }
/// ```
pub struct LoginTransform<U> {
    login: LoginWeb<U>,
    is_required: bool,
    /// The proof that the approval must have given.
    wanted: Option<Arc<Assurance>>,
}

impl<U> LoginTransform<U> {
    /// Gives the extractors within their data. The extractors decide on access.
    #[must_use]
    pub fn new(login: &LoginWeb<U>) -> Self {
        Self { login: login.clone(), is_required: false, wanted: None }
    }

    /// Refuses requests without a user, for all paths but the routes of the login itself.
    #[must_use]
    pub fn required(login: &LoginWeb<U>) -> Self {
        Self { is_required: true, ..Self::new(login) }
    }

    /// The same, where the approval of the login must have proven all of `wanted`. It requires a login as [`LoginTransform::required`] does.
    ///
    /// ```
    /// use actix_web::web;
    /// use iampass_actix::LoginTransform;
    /// use iampass_web::{Assurance, KeyKind, LoginWeb};
    ///
    /// # #[derive(Clone)] struct User;
    /// fn payments(login: &LoginWeb<User>, application: &mut web::ServiceConfig) {
    ///     let wanted = Assurance::default().code(true).key(KeyKind::Device);
    ///     let pay = web::post().to(|| async { "Paid." });
    ///     let guard = LoginTransform::required(login).require(wanted);
    ///     application.service(web::scope("/payments").wrap(guard).route("/pay", pay));
    /// }
    /// ```
    #[must_use]
    pub fn require(mut self, wanted: Assurance) -> Self {
        (self.is_required, self.wanted) = (true, Some(Arc::new(wanted)));
        self
    }
}

impl<U> Clone for LoginTransform<U> {
    fn clone(&self) -> Self {
        Self { login: self.login.clone(), is_required: self.is_required, wanted: self.wanted.clone() }
    }
}

impl<U> std::fmt::Debug for LoginTransform<U> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoginTransform").field("is_required", &self.is_required).finish_non_exhaustive()
    }
}

impl<S, U, B> Transform<S, ServiceRequest> for LoginTransform<U>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    U: Clone + Send + Sync + 'static,
    B: 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = LoginService<S, U>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(LoginService { inner: Rc::new(inner), transform: self.clone() }))
    }
}

/// The service of [`LoginTransform`].
pub struct LoginService<S, U> {
    inner: Rc<S>,
    transform: LoginTransform<U>,
}

impl<S, U> std::fmt::Debug for LoginService<S, U> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.transform.fmt(f)
    }
}

impl<S, U, B> Service<ServiceRequest> for LoginService<S, U>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    U: Clone + Send + Sync + 'static,
    B: 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Error>>>>;

    forward_ready!(inner);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let login = self.transform.login.clone();
        let is_visit = is_page_visit(request.method(), request.headers());
        let (is_private, is_guarded) = {
            let cookies = cookies_of(request.headers());
            let is_guarded = self.transform.is_required && !login.is_own_path(request.path());
            (login.is_session_sent(cookies.as_deref()), is_guarded)
        };
        if !is_guarded {
            // A user that a middleware around this one has found is another login's.
            request.extensions_mut().remove::<CurrentUser<U>>();
            request.extensions_mut().insert(InRequest(login.clone()));
            let answered = self.inner.call(request);
            return Box::pin(async move { Ok(answered_to(&login, is_visit, is_private, answered.await?)) });
        }
        let (inner, wanted) = (Rc::clone(&self.inner), self.transform.wanted.clone());
        Box::pin(async move {
            let found = {
                let cookies = cookies_of(request.headers());
                match wanted.as_deref() {
                    None => login.current(cookies.as_deref(), None).await,
                    Some(wanted) => login.current_proven(cookies.as_deref(), wanted).await,
                }
            };
            match found {
                Ok((session, user)) => {
                    let mut extensions = request.extensions_mut();
                    extensions.insert(CurrentUser::new(user, session));
                    extensions.insert(InRequest(login.clone()));
                }
                Err(refusal) => {
                    let answer = refused(&login, refusal, request.method(), request.headers(), request.uri());
                    return Ok(request.into_response(into_response(answer).map_into_right_body()));
                }
            }
            Ok(answered_to(&login, is_visit, is_private, inner.call(request).await?))
        })
    }
}

/// The final answer: the front page in place of an address that takes no visits, and an answer that no cache is to keep, unless
/// its handler says otherwise or it is the same for all users.
fn answered_to<U: Clone + Send + Sync + 'static, B>(
    login: &LoginWeb<U>,
    is_visit: bool,
    is_private: bool,
    mut response: ServiceResponse<B>,
) -> ServiceResponse<EitherBody<B>> {
    if is_visit
        && response.status() == StatusCode::METHOD_NOT_ALLOWED
        && let Some(answer) = login.instead_of_form_address(response.request().path())
    {
        return response.into_response(into_response(answer).map_into_right_body());
    }
    if is_private && !response.headers().contains_key(CACHE_CONTROL) {
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response.map_into_left_body()
}
