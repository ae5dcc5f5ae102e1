//! The form of a URL that is signed.

use std::borrow::Cow;

/// The part of `url` that the published client signs, and so do we \[P\].
///
/// On each line everything up to and including the last `://` is dropped; the rest stays byte for byte as it is: no
/// normalising, no decoding, not even of the host's case. A URL with `://` in its path or query therefore loses its
/// host; our client never makes one, and [`super::Presented::verify`] refuses them.
///
/// ```
/// use iampass_core::signing::signed_url_part;
///
/// assert_eq!(signed_url_part("https://iam-api.com:8443/a?b=c"), "iam-api.com:8443/a?b=c");
/// assert_eq!(signed_url_part("iam-api.com/a"), "iam-api.com/a");
/// ```
#[must_use]
pub fn signed_url_part(url: &str) -> Cow<'_, str> {
    // Nearly every URL: one scheme, and after it nothing at which another cut could begin.
    if let Some(rest) = url.strip_prefix("https://")
        && memchr::memchr2(b':', b'\n', rest.as_bytes()).is_none()
    {
        return Cow::Borrowed(rest);
    }
    if url.as_bytes().contains(&b'\n') {
        let lines: Vec<_> = url.split('\n').map(after_last_separator).collect();
        return Cow::Owned(lines.join("\n"));
    }
    Cow::Borrowed(after_last_separator(url))
}

/// Whether `url` holds `://` only where its scheme ends, or not at all.
pub(super) fn is_unambiguous(authority_path_and_query: &str) -> bool {
    last_separator(authority_path_and_query).is_none()
}

fn after_last_separator(line: &str) -> &str {
    match last_separator(line) {
        Some(at) => line.get(at + SEPARATOR.len()..).unwrap_or_default(),
        None => line,
    }
}

const SEPARATOR: &str = "://";

/// Like `rfind("://")`, without building that search anew for each of these short texts: colons are few, and found fast.
fn last_separator(line: &str) -> Option<usize> {
    let mut before = line;
    while let Some(colon) = before.rfind(':') {
        if line.get(colon..).is_some_and(|rest| rest.starts_with(SEPARATOR)) {
            return Some(colon);
        }
        before = line.get(..colon).unwrap_or_default();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_cut_is_greedy_and_by_line() {
        for (url, signed) in [
            ("", ""),
            ("://", ""),
            ("https://", ""),
            ("//host/a", "//host/a"),
            ("https://h/a?b=c", "h/a?b=c"),
            ("https://h:8/a", "h:8/a"),
            ("https://h/a\n", "h/a\n"),
            ("https://h/a?next=https://b/c", "b/c"),
            ("https://h/a?x=://://b", "b"),
            ("https://h/a?x=:///b", "/b"),
            ("https://a/b\nhttps://c/d", "a/b\nc/d"),
            ("ht\ntps://h/a", "ht\nh/a"),
        ] {
            assert_eq!(signed_url_part(url), signed, "{url:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_left_to_cut(url in "[a:/\n?é]{0,40}") {
            let once = signed_url_part(&url).into_owned();
            prop_assert!(!once.contains("://"));
            prop_assert_eq!(&once, &signed_url_part(&once));
            prop_assert!(url.ends_with(once.rsplit('\n').next().unwrap_or_default()));
        }
    }
}
