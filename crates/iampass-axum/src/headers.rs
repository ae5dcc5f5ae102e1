//! What the login needs of a request's headers, out of axum's. Belongs here: that. Does not belong here: who is let in.

use std::borrow::Cow;

use http::HeaderMap;
use iampass_web::{Headers, LoginWeb, UserDirectory};

/// Whether a request was sent by a page of the application, as [`LoginWeb::is_from_own_page`]: for the application's own forms.
#[must_use]
pub fn is_from_own_page<D: UserDirectory>(login: &LoginWeb<D>, headers: &HeaderMap) -> bool {
    login.is_from_own_page(&headers_of(headers))
}

/// The headers that matter, out of axum's.
pub(crate) fn headers_of(headers: &HeaderMap) -> Headers {
    Headers::collect(|name| headers.get_all(name).into_iter().map(http::HeaderValue::as_bytes))
}

/// The `Cookie` header, if it is one: HTTP/2 may cut it into several, which is the slow way.
pub(crate) fn cookies_of(headers: &HeaderMap) -> Option<Cow<'_, str>> {
    let mut values = headers.get_all(http::header::COOKIE).into_iter();
    let first = values.next()?;
    if values.next().is_none() {
        return Some(String::from_utf8_lossy(first.as_bytes()));
    }
    headers_of(headers).cookie.map(Into::into)
}
