//! The headers that keep browsers from doing anything with an answer that it is not meant for.
//!
//! Every answer has them. An answer that sets one itself, such as a page with scripts, keeps its own.

use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};

/// How many are added at most.
pub(crate) const MOST: usize = 8;

const ON_ALL: [(HeaderName, HeaderValue); MOST - 1] = [
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    // An answer that is no page loads nothing and is shown in nothing.
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
];

/// For a year, this host alone: whether the hosts below it have TLS is not ours to say.
const ALWAYS_TLS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Adds what an answer does not say itself. `is_https` says whether callers reach the service by TLS.
pub(crate) fn add(headers: &mut HeaderMap, is_https: bool) {
    headers.reserve(MOST + 1);
    for (name, value) in ON_ALL {
        headers.entry(name).or_insert(value);
    }
    if is_https {
        headers.entry(STRICT_TRANSPORT_SECURITY).or_insert(ALWAYS_TLS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_answer_says_itself_stays() {
        let mut headers = HeaderMap::new();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("public"));
        add(&mut headers, false);
        assert_eq!(headers.get_all(CACHE_CONTROL).iter().collect::<Vec<_>>(), ["public"]);
        assert_eq!(headers[X_FRAME_OPTIONS], "DENY");
        assert!(!headers.contains_key(STRICT_TRANSPORT_SECURITY));
        add(&mut headers, true);
        assert_eq!(headers[STRICT_TRANSPORT_SECURITY], "max-age=31536000");
    }
}
