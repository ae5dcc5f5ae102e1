//! A login without the type of its user directory, so that an extractor only names the user. Belongs here: that, and what it needs of
//! a request's headers. Does not belong here: who is let in.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::Uri;
use actix_web::http::header::{COOKIE, HeaderMap, HeaderValue};
use iampass_web::{Answer, Headers, LiveSession, LoginWeb, Refusal, UserDirectory};

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What extractors ask.
pub(crate) trait AnyLogin<U>: Send + Sync {
    fn current<'a>(
        &'a self,
        cookies: Option<&'a str>,
        max_age: Option<Duration>,
    ) -> Boxed<'a, Result<(Arc<LiveSession>, U), Refusal>>;

    fn refusal(&self, refusal: Refusal, headers: &Headers, here: &str) -> Answer;
}

impl<D: UserDirectory> AnyLogin<D::User> for LoginWeb<D> {
    fn current<'a>(
        &'a self,
        cookies: Option<&'a str>,
        max_age: Option<Duration>,
    ) -> Boxed<'a, Result<(Arc<LiveSession>, D::User), Refusal>> {
        Box::pin(LoginWeb::current(self, cookies, max_age))
    }

    fn refusal(&self, refusal: Refusal, headers: &Headers, here: &str) -> Answer {
        LoginWeb::refusal(self, refusal, headers, here)
    }
}

/// What [`crate::LoginTransform`] leaves for the extractors.
pub(crate) struct Login<U>(pub(crate) Arc<dyn AnyLogin<U>>);

impl<U> Clone for Login<U> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<U> Login<U> {
    /// What is answered to somebody who is not let in. actix-web leaves the whole address in the request, however its scopes are nested.
    pub(crate) fn refusal(&self, refusal: Refusal, headers: &HeaderMap, uri: &Uri) -> Answer {
        let here = uri.path_and_query().map_or("/", |here| here.as_str());
        self.0.refusal(refusal, &headers_of(headers), here)
    }
}

/// The headers that matter, out of actix-web's.
pub(crate) fn headers_of(headers: &HeaderMap) -> Headers {
    Headers::collect(|name| headers.get_all(name).map(HeaderValue::as_bytes))
}

/// The `Cookie` header, if it is one and is text: HTTP/2 may cut it into several, which is the slow way.
pub(crate) fn cookies_of(headers: &HeaderMap) -> Option<Cow<'_, str>> {
    let mut values = headers.get_all(COOKIE);
    let first = values.next()?;
    if values.next().is_none() {
        return first.to_str().ok().map(Into::into);
    }
    headers_of(headers).cookie.map(Into::into)
}
