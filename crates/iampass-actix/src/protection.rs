//! The middleware for an application's own pages: forms of other sites change nothing, and headers bind browsers. Belongs here: applying
//! the rules of `iampass-web` to actix-web.

use std::future::{Future, Ready, ready};
use std::pin::Pin;

use actix_web::Error;
use actix_web::body::EitherBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::header::{HeaderName, HeaderValue};
use iampass_web::{LoginWeb, PAGE_HEADERS};

use crate::headers::headers_of;
use crate::response::into_response;

/// A middleware that protects an application's own pages, to be wrapped around the whole `App`.
///
/// It refuses what would change something and was not sent by a page of the application
/// ([`LoginWeb::refuse_cross_site`]), and adds [`PAGE_HEADERS`] where an answer has no header of that name.
///
/// ```
/// use actix_web::{App, web};
/// use iampass_actix::{LoginTransform, ProtectionTransform, scope};
/// use iampass_web::LoginWeb;
///
/// # #[derive(Clone)] struct User;
/// fn serve(login: &LoginWeb<User>) {
///     let _application = App::new()
///         .route("/", web::get().to(|| async { "Hello" }))
///         .service(scope(login))
///         .wrap(LoginTransform::new(login))
///         .wrap(ProtectionTransform::new(login));
/// }
/// ```
pub struct ProtectionTransform<U> {
    login: LoginWeb<U>,
}

impl<U: Clone + Send + Sync + 'static> ProtectionTransform<U> {
    /// For the application of this login.
    #[must_use]
    pub fn new(login: &LoginWeb<U>) -> Self {
        Self { login: login.clone() }
    }
}

impl<U> std::fmt::Debug for ProtectionTransform<U> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProtectionTransform")
    }
}

impl<S, U, B> Transform<S, ServiceRequest> for ProtectionTransform<U>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    U: Clone + Send + Sync + 'static,
    B: 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = ProtectionService<S, U>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(ProtectionService { inner, login: self.login.clone() }))
    }
}

/// The service of [`ProtectionTransform`].
pub struct ProtectionService<S, U> {
    inner: S,
    login: LoginWeb<U>,
}

impl<S, U> std::fmt::Debug for ProtectionService<S, U> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProtectionService")
    }
}

impl<S, U, B> Service<ServiceRequest> for ProtectionService<S, U>
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
        let headers = headers_of(request.method(), request.headers());
        if let Some(refused) = self.login.refuse_cross_site(&headers, request.path()) {
            let refused = request.into_response(into_response(refused).map_into_right_body());
            return Box::pin(ready(Ok(refused)));
        }
        let answered = self.inner.call(request);
        Box::pin(async move {
            let mut response = answered.await?;
            for (name, value) in PAGE_HEADERS {
                let name = HeaderName::from_static(name);
                if !response.headers().contains_key(&name) {
                    response.headers_mut().insert(name, HeaderValue::from_static(value));
                }
            }
            Ok(response.map_into_left_body())
        })
    }
}
