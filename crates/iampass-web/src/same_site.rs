//! Whether a request comes from a page of the application. Every browser of the last
//! years says where a POST comes from; one that says nothing is refused, so no token has to be put into forms.

use url::Url;

use crate::request::Headers;

/// Whether a POST was sent by a page of `origin`.
pub(crate) fn is_from(origin: &str, headers: &Headers) -> bool {
    let by_fetch_metadata = headers.sec_fetch_site.as_deref().map(|site| site == "same-origin");
    let by_origin = headers.origin.as_deref().map(|from| from == origin);
    match (by_fetch_metadata, by_origin) {
        (None, None) => false,
        // A page that is to send no referrer, as many applications have theirs, sends no origin either.
        (Some(true), Some(false)) => headers.origin.as_deref() == Some("null"),
        (fetch_metadata, origin) => fetch_metadata.unwrap_or(true) && origin.unwrap_or(true),
    }
}

/// Whether a page of `origin` led here by a link or a redirect. An address that was typed, or opened from a mail, is from nowhere:
/// anybody may have made it.
pub(crate) fn is_led_from(origin: &str, headers: &Headers) -> bool {
    if headers.origin.as_deref().is_some_and(|from| from != origin) {
        return false;
    }
    match headers.sec_fetch_site.as_deref() {
        Some(site) => site == "same-origin",
        // An older browser, which says only what page it was on. Other sites can hide that, but not make it up.
        None => {
            let referer = headers.referer.as_deref().and_then(|referer| Url::parse(referer).ok());
            referer.is_some_and(|referer| referer.origin().ascii_serialization() == origin)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_the_application_may_post() {
        let own = "https://app.example";
        let none = None;
        for (site, origin, allowed) in [
            (Some("same-origin"), Some(own), true),
            (Some("same-origin"), none, true),
            (Some("same-origin"), Some("null"), true),
            (none, Some(own), true),
            (none, none, false),
            (Some("cross-site"), Some(own), false),
            (Some("same-site"), none, false),
            (Some("none"), none, false),
            (Some("same-origin"), Some("https://other.example"), false),
            (none, Some("null"), false),
            (Some("cross-site"), Some("null"), false),
            (Some("same-site"), Some("null"), false),
            (none, Some("https://app.example.other.example"), false),
            (none, Some("http://app.example"), false),
            (none, Some("https://app.example:444"), false),
        ] {
            let headers = Headers {
                sec_fetch_site: site.map(str::to_owned),
                origin: origin.map(str::to_owned),
                ..Headers::default()
            };
            assert_eq!(is_from(own, &headers), allowed, "{site:?} {origin:?}");
        }
    }

    #[test]
    fn only_pages_of_the_application_fill_in_the_name() {
        let own = "https://app.example";
        for (site, referer, origin, expected) in [
            (Some("same-origin"), None, None, true),
            (Some("same-origin"), Some("https://app.example/x"), Some(own), true),
            (Some("none"), Some("https://app.example/x"), None, false),
            (Some("same-site"), Some("https://app.example/x"), None, false),
            (Some("cross-site"), Some("https://app.example/x"), None, false),
            (Some("same-origin"), None, Some("https://other.example"), false),
            (Some("nonsense"), Some("https://app.example/x"), None, false),
            (None, Some("https://app.example/x?y"), None, true),
            (None, Some("https://app.example.other.example/"), None, false),
            (None, Some("https://app.example@other.example/"), None, false),
            (None, Some("http://app.example/"), None, false),
            (None, Some("app.example"), None, false),
            (None, Some("https://app.example/x"), Some("null"), false),
            (None, None, Some(own), false),
            (None, None, None, false),
        ] {
            let text = |value: Option<&str>| value.map(str::to_owned);
            let headers = Headers {
                sec_fetch_site: text(site),
                referer: text(referer),
                origin: text(origin),
                ..Headers::default()
            };
            assert_eq!(is_led_from(own, &headers), expected, "{site:?} {referer:?} {origin:?}");
        }
    }
}
