//! The parts of a request of actix-web that the login needs. Belongs here: headers and addresses. Does not belong here: access.

use std::borrow::Cow;

use actix_web::http::header::{ACCEPT, COOKIE, HeaderMap, HeaderValue};
use actix_web::http::{Method, Uri};
use iampass_web::{Headers, HttpAnswer, LoginWeb, Refusal};

/// Whether a request was sent by a page of the application, as [`LoginWeb::is_from_own_page`]: for the application's own forms.
#[must_use]
pub fn is_from_own_page<U: Clone + Send + Sync + 'static>(login: &LoginWeb<U>, headers: &HeaderMap) -> bool {
    login.is_from_own_page(&headers_of(&Method::POST, headers))
}

/// The answer to a request that is refused. actix-web leaves the whole address in the request, however its scopes are nested.
pub(crate) fn refused<U: Clone + Send + Sync + 'static>(
    login: &LoginWeb<U>,
    refusal: Refusal,
    method: &Method,
    headers: &HeaderMap,
    uri: &Uri,
) -> HttpAnswer {
    let here = uri.path_and_query().map_or("/", |here| here.as_str());
    login.refusal(refusal, &headers_of(method, headers), here)
}

/// The headers that matter, out of actix-web's.
pub(crate) fn headers_of(method: &Method, headers: &HeaderMap) -> Headers {
    let method = iampass_web::Method::named(method.as_str());
    Headers::collect(method, |name| headers.get_all(name).map(HeaderValue::as_bytes))
}

/// Whether a person goes to an address, as [`Headers::wants_page`].
pub(crate) fn is_page_visit(method: &Method, headers: &HeaderMap) -> bool {
    let mode = headers.get("sec-fetch-mode").and_then(|value| value.to_str().ok());
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
    method == Method::GET && Headers::say_page(mode, accept)
}

/// The `Cookie` header, if it is one: HTTP/2 may cut it into several, which is the slow way.
pub(crate) fn cookies_of(headers: &HeaderMap) -> Option<Cow<'_, str>> {
    let mut values = headers.get_all(COOKIE);
    let first = values.next()?;
    if values.next().is_none() {
        // Nearly every one is text, and checking that is much faster than looking for what is none.
        let text = std::str::from_utf8(first.as_bytes());
        return Some(text.map_or_else(|_| String::from_utf8_lossy(first.as_bytes()), Cow::Borrowed));
    }
    headers_of(&Method::GET, headers).cookie.map(Into::into)
}
