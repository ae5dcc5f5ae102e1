//! The middleware: what extractors need, and scopes that are for users only. Belongs here: what is done around handlers. Does not
//! belong here: what handlers take.

use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::rc::Rc;

use actix_web::body::EitherBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::header::{CACHE_CONTROL, COOKIE, HeaderValue};
use actix_web::{Error, HttpMessage as _};
use iampass_web::{AnyLogin, LoginWeb, UserDirectory};

use crate::extractors::CurrentUser;
use crate::headers::{cookies_of, refused};
use crate::response::into_response;

/// A middleware for a login's users of type `U`, for the whole `App` or a scope of it.
///
/// What is answered to somebody who is logged in is not to be kept by any cache, nor shown by the back button after a logout, unless
/// the handler says otherwise by `Cache-Control`.
///
/// ```
/// use actix_web::web;
/// use iampass_actix::LoginTransform;
/// use iampass_web::{AnyLogin, LoginWeb, UserDirectory};
///
/// fn members_only(login: &LoginWeb<impl UserDirectory>, application: &mut web::ServiceConfig) {
///     let news = web::get().to(|| async { "Only members read this." });
///     application
///         .service(web::scope("/members").wrap(LoginTransform::required(login)).route("/news", news));
/// }
/// ```
pub struct LoginTransform<U> {
    login: AnyLogin<U>,
    is_required: bool,
}

impl<U> LoginTransform<U> {
    /// Gives the extractors within what they need. Who is let in is theirs to say.
    #[must_use]
    pub fn new<D: UserDirectory<User = U>>(login: &LoginWeb<D>) -> Self {
        Self { login: AnyLogin::new(login), is_required: false }
    }

    /// Lets nobody past who is not logged in, whatever is asked for.
    #[must_use]
    pub fn required<D: UserDirectory<User = U>>(login: &LoginWeb<D>) -> Self {
        Self { is_required: true, ..Self::new(login) }
    }
}

impl<U> Clone for LoginTransform<U> {
    fn clone(&self) -> Self {
        Self { login: self.login.clone(), is_required: self.is_required }
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
        let has_cookies = request.headers().contains_key(COOKIE);
        if !self.transform.is_required {
            // What a middleware around this one has found is another login's.
            request.extensions_mut().remove::<CurrentUser<U>>();
            request.extensions_mut().insert(login);
            let answered = self.inner.call(request);
            return Box::pin(async move { Ok(kept_private(answered.await?, has_cookies)) });
        }
        let inner = Rc::clone(&self.inner);
        Box::pin(async move {
            let found = {
                let cookies = cookies_of(request.headers());
                login.current(cookies.as_deref(), None).await
            };
            match found {
                Ok((session, user)) => {
                    let mut extensions = request.extensions_mut();
                    extensions.insert(CurrentUser::new(user, session));
                    extensions.insert(login);
                }
                Err(refusal) => {
                    let answer = refused(&login, refusal, request.headers(), request.uri());
                    return Ok(request.into_response(into_response(answer).map_into_right_body()));
                }
            }
            Ok(kept_private(inner.call(request).await?, has_cookies))
        })
    }
}

/// An answer that no cache is to keep, unless its handler says otherwise or it was made for nobody in particular.
fn kept_private<B>(mut response: ServiceResponse<B>, has_cookies: bool) -> ServiceResponse<EitherBody<B>> {
    if has_cookies && !response.headers().contains_key(CACHE_CONTROL) {
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response.map_into_left_body()
}
