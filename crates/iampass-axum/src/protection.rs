//! The layer for an application's own pages: forms of other sites change nothing, and headers bind browsers. Belongs here: applying the
//! rules of `iampass-web` to axum.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody};
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request};
use iampass_web::{LoginWeb, PAGE_HEADERS};
use tower::{Layer, Service};

use crate::headers::{headers_of, whole_uri};
use crate::response::into_response;

/// A tower layer that protects an application's own pages, to be laid around the whole router.
///
/// It refuses what would change something and was not sent by a page of the application
/// ([`LoginWeb::refuse_cross_site`]), and adds [`PAGE_HEADERS`] where an answer has no header of that name.
///
/// ```
/// use axum::Router;
/// use iampass_axum::{LoginLayer, ProtectionLayer, routes};
/// use iampass_web::LoginWeb;
///
/// # #[derive(Clone)] struct User;
/// fn protected(login: &LoginWeb<User>, application: Router) -> Router {
///     application
///         .nest(login.mount_path(), routes(login))
///         .layer(LoginLayer::new(login))
///         .layer(ProtectionLayer::new(login))
/// }
/// ```
pub struct ProtectionLayer<U> {
    login: LoginWeb<U>,
}

impl<U: Clone + Send + Sync + 'static> ProtectionLayer<U> {
    /// For the application of this login.
    pub fn new(login: &LoginWeb<U>) -> Self {
        Self { login: login.clone() }
    }
}

impl<U> Clone for ProtectionLayer<U> {
    fn clone(&self) -> Self {
        Self { login: self.login.clone() }
    }
}

impl<U> std::fmt::Debug for ProtectionLayer<U> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProtectionLayer")
    }
}

impl<S, U> Layer<S> for ProtectionLayer<U> {
    type Service = ProtectionService<S, U>;

    fn layer(&self, inner: S) -> Self::Service {
        ProtectionService { inner, layer: self.clone() }
    }
}

/// The service of [`ProtectionLayer`].
pub struct ProtectionService<S, U> {
    inner: S,
    layer: ProtectionLayer<U>,
}

impl<S: Clone, U> Clone for ProtectionService<S, U> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), layer: self.layer.clone() }
    }
}

impl<S, U> std::fmt::Debug for ProtectionService<S, U> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.layer.fmt(f)
    }
}

impl<S, U, B, R> Service<Request<B>> for ProtectionService<S, U>
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

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let headers = headers_of(request.method(), request.headers());
        let path = whole_uri(request.uri(), request.extensions()).path();
        if let Some(refused) = self.layer.login.refuse_cross_site(&headers, path) {
            return Box::pin(async move { Ok(into_response(refused)) });
        }
        // The one that is ready is used, and a fresh one takes its place.
        let fresh = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, fresh);
        Box::pin(async move {
            let mut response = inner.call(request).await?.map(Body::new);
            for (name, value) in PAGE_HEADERS {
                let name = HeaderName::from_static(name);
                response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
            }
            Ok(response)
        })
    }
}
