//! What protects every page, as layers. Belongs here: that forms of other sites change nothing, and the headers that bind browsers. Does
//! not belong here: who is logged in; the login's own routes see to themselves.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::errors::PageError;

/// What a page may load and do: nothing from elsewhere, and no script or style that stands in the page itself. The one script is that
/// of the login, which asks whether the user is there.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Lets nothing past that would change something and was not sent by a page of `origin`.
///
/// Every browser of the last years says where such a request comes from, so forms need no token. The session cookie is `SameSite=Lax`,
/// which alone would not keep out other sites of the same domain, nor forms that need no login.
pub(crate) async fn refuse_cross_site(
    State(origin): State<Arc<str>>,
    request: Request,
    next: Next,
) -> Response {
    let changes_nothing = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if changes_nothing || is_from(&origin, request.headers()) {
        return next.run(request).await;
    }
    PageError::CrossSite.into_response()
}

/// What a browser says must be right; one of both it must say.
fn is_from(origin: &str, headers: &HeaderMap) -> bool {
    let is = |name: &HeaderName, expected: &str| {
        let mut values = headers.get_all(name).into_iter();
        let value = values.next().map(|value| value == expected);
        // Two are no answer.
        if values.next().is_some() { Some(false) } else { value }
    };
    match (is(&SEC_FETCH_SITE, "same-origin"), is(&ORIGIN, origin)) {
        (None, None) => false,
        (site, origin) => site.unwrap_or(true) && origin.unwrap_or(true),
    }
}

/// Adds what browsers are to go by, unless the answer says something else.
pub(crate) async fn bind_browsers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        // With `no-referrer`, browsers would not say which page a form comes from.
        (REFERRER_POLICY, "same-origin"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Every page depends on who looks at it, and after a logout none may be shown again.
        (CACHE_CONTROL, "no-store"),
    ] {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_change_something() {
        let own = "https://blog.example";
        for (site, origin, expected) in [
            (Some("same-origin"), Some(own), true),
            (Some("same-origin"), None, true),
            (None, Some(own), true),
            (None, None, false),
            (Some("cross-site"), Some(own), false),
            (Some("same-site"), Some("https://other.blog.example"), false),
            (Some("none"), None, false),
            (Some("same-origin"), Some("null"), false),
            (None, Some("http://blog.example"), false),
            (None, Some("https://blog.example.other"), false),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(site) = site {
                headers.insert(SEC_FETCH_SITE, HeaderValue::from_static(site));
            }
            if let Some(origin) = origin {
                headers.insert(ORIGIN, HeaderValue::from_static(origin));
            }
            assert_eq!(is_from(own, &headers), expected, "{site:?} {origin:?}");
        }
        let mut twice = HeaderMap::new();
        twice.append(ORIGIN, HeaderValue::from_static(own));
        twice.append(ORIGIN, HeaderValue::from_static("https://other.example"));
        assert!(!is_from(own, &twice));
    }
}
