//! Whether a request that changes something comes from a page of the application. Belongs here: that. Every browser of the last years
//! says where a POST comes from; one that says nothing is refused, so no token has to be put into forms.

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
}
