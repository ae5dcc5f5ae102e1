//! What the login needs of a request of actix-web. Belongs here: headers and addresses. Does not belong here: who is let in.

use std::borrow::Cow;

use actix_web::http::Uri;
use actix_web::http::header::{COOKIE, HeaderMap, HeaderValue};
use iampass_web::{Answer, AnyLogin, Headers, Refusal};

/// What is answered to somebody who is not let in. actix-web leaves the whole address in the request, however its scopes are nested.
pub(crate) fn refused<U>(login: &AnyLogin<U>, refusal: Refusal, headers: &HeaderMap, uri: &Uri) -> Answer {
    let here = uri.path_and_query().map_or("/", |here| here.as_str());
    login.refusal(refusal, &headers_of(headers), here)
}

/// The headers that matter, out of actix-web's.
pub(crate) fn headers_of(headers: &HeaderMap) -> Headers {
    Headers::collect(|name| headers.get_all(name).map(HeaderValue::as_bytes))
}

/// The `Cookie` header, if it is one: HTTP/2 may cut it into several, which is the slow way.
pub(crate) fn cookies_of(headers: &HeaderMap) -> Option<Cow<'_, str>> {
    let mut values = headers.get_all(COOKIE);
    let first = values.next()?;
    if values.next().is_none() {
        return Some(String::from_utf8_lossy(first.as_bytes()));
    }
    headers_of(headers).cookie.map(Into::into)
}
