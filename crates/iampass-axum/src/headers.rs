//! The parts of axum's request that the login needs. Belongs here: headers and addresses. Does not belong here: access.

use std::borrow::Cow;

use axum::extract::OriginalUri;
use http::header::{ACCEPT, COOKIE, HeaderName};
use http::{Extensions, HeaderMap, HeaderValue, Uri};
use iampass_web::{Headers, LoginWeb, Method};

const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Whether a request was sent by a page of the application, as [`LoginWeb::is_from_own_page`]: for the application's own forms.
#[must_use]
pub fn is_from_own_page<U: Clone + Send + Sync + 'static>(login: &LoginWeb<U>, headers: &HeaderMap) -> bool {
    login.is_from_own_page(&headers_of(&http::Method::POST, headers))
}

/// The headers that matter, out of axum's.
pub(crate) fn headers_of(method: &http::Method, headers: &HeaderMap) -> Headers {
    let method = Method::named(method.as_str());
    Headers::collect(method, |name| headers.get_all(name).into_iter().map(HeaderValue::as_bytes))
}

/// The address that was asked for, however deep the router is nested.
pub(crate) fn whole_uri<'r>(uri: &'r Uri, extensions: &'r Extensions) -> &'r Uri {
    extensions.get::<OriginalUri>().map_or(uri, |original| &original.0)
}

/// Whether a person goes to an address, as [`Headers::wants_page`].
pub(crate) fn is_page_visit(method: &http::Method, headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    method == http::Method::GET && Headers::say_page(text(SEC_FETCH_MODE), text(ACCEPT))
}

/// The `Cookie` header, if it is one: HTTP/2 may cut it into several, which is the slow way.
pub(crate) fn cookies_of(headers: &HeaderMap) -> Option<Cow<'_, str>> {
    let mut values = headers.get_all(COOKIE).into_iter();
    let first = values.next()?;
    if values.next().is_none() {
        // Nearly every one is text, and checking that is much faster than looking for what is none.
        let text = std::str::from_utf8(first.as_bytes());
        return Some(text.map_or_else(|_| String::from_utf8_lossy(first.as_bytes()), Cow::Borrowed));
    }
    headers_of(&http::Method::GET, headers).cookie.map(Into::into)
}
