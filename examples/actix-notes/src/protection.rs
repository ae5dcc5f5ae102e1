//! What protects every page, as middleware. Belongs here: that forms of other sites change nothing, and the headers that bind browsers.
//! Does not belong here: who is logged in; the login's own routes see to themselves.

use actix_web::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::middleware::{DefaultHeaders, Next};
use actix_web::web::Data;

use crate::Notebook;
use crate::errors::PageError;

/// What a page may load and do: nothing from elsewhere, and no script or style that stands in the page itself. The one script is that
/// of the login, which asks whether the user is there.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";

/// Lets nothing past that would change something and was not sent by a page of this application.
///
/// Every browser of the last years says where such a request comes from, so forms need no token. The session cookie is `SameSite=Lax`,
/// which alone would not keep out other sites of the same domain, nor forms that need no login.
///
/// # Errors
/// Those of what is behind it.
pub(crate) async fn refuse_cross_site<B: MessageBody + 'static>(
    notebook: Data<Notebook>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    if request.method().is_safe() || is_from(&notebook.origin, request.headers()) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    Ok(request.error_response(PageError::CrossSite).map_into_right_body())
}

/// What a browser says must be right; one of both it must say.
fn is_from(origin: &str, headers: &HeaderMap) -> bool {
    let is = |name: &str, expected: &str| {
        let mut values = headers.get_all(name);
        let value = values.next().map(|value| value == expected);
        // Two are no answer.
        if values.next().is_some() { Some(false) } else { value }
    };
    match (is("sec-fetch-site", "same-origin"), is(ORIGIN.as_str(), origin)) {
        (None, None) => false,
        (site, origin) => site.unwrap_or(true) && origin.unwrap_or(true),
    }
}

/// Adds what browsers are to go by, unless the answer says something else.
pub(crate) fn bind_browsers() -> DefaultHeaders {
    DefaultHeaders::new()
        .add((CONTENT_SECURITY_POLICY, POLICY))
        // With `no-referrer`, browsers would not say which page a form comes from.
        .add((REFERRER_POLICY, "same-origin"))
        .add((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        // Every page depends on who looks at it, and after a logout none may be shown again.
        .add((CACHE_CONTROL, "no-store"))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn only_our_own_pages_change_something() {
        let own = "https://notes.example";
        for (site, origin, expected) in [
            (Some("same-origin"), Some(own), true),
            (Some("same-origin"), None, true),
            (None, Some(own), true),
            (None, None, false),
            (Some("cross-site"), Some(own), false),
            (Some("same-site"), Some("https://other.notes.example"), false),
            (Some("none"), None, false),
            (Some("same-origin"), Some("null"), false),
            (None, Some("http://notes.example"), false),
            (None, Some("https://notes.example.other"), false),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(site) = site {
                headers.insert(HeaderName::from_static("sec-fetch-site"), HeaderValue::from_static(site));
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
