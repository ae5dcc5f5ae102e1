//! Where a login goes when it is done. Belongs here: which places may be gone to. Does not belong here: going there.

use url::Url;

/// The longest that is remembered; a cookie holds it.
const LONGEST: usize = 1_024;

/// A path of the application itself, with its query perhaps. Never another site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReturnTo(String);

impl ReturnTo {
    /// The place, if it is one of the application; its front page otherwise.
    pub(crate) fn new(place: &str) -> Self {
        Self::checked(place).unwrap_or_else(|| Self("/".to_owned()))
    }

    fn checked(place: &str) -> Option<Self> {
        // What a browser would make of it is what counts: it drops tabs and line ends, and takes `\` for `/`.
        let base = Url::parse("https://application.invalid/").ok()?;
        if place.len() > LONGEST || !place.starts_with('/') {
            return None;
        }
        let url = base.join(place).ok()?;
        if url.origin() != base.origin() || !url.username().is_empty() || url.password().is_some() {
            return None;
        }
        let mut place = url.path().to_owned();
        if let Some(query) = url.query() {
            place.push('?');
            place.push_str(query);
        }
        // In a URL some characters take three times the room.
        if place.len() > LONGEST {
            return None;
        }
        // `/./\/other` joins to `//other`, which is another site when it is followed.
        (!place.starts_with("//")).then_some(Self(place))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_the_application_are_kept() {
        for place in ["/", "/a/b?c=d&e=%2F", "/a/../b", "/a//b", "/%2F%2Fother.example"] {
            let kept = ReturnTo::new(place);
            assert!(kept.as_str().starts_with('/') && !kept.as_str().starts_with("//"));
            assert_ne!((place, kept.as_str()), (place, if place == "/" { "" } else { "/" }), "{place}");
        }
        assert_eq!(ReturnTo::new("/a?b=c#d").as_str(), "/a?b=c");
    }

    #[test]
    fn other_sites_are_not_gone_to() {
        let long = format!("/{}", "x".repeat(LONGEST));
        for place in [
            "",
            "a",
            "https://other.example",
            "https:other.example",
            "//other.example",
            "///other.example",
            "/\\other.example",
            "\\/other.example",
            "/\t/other.example",
            "/\n/other.example",
            "\t//other.example",
            " //other.example",
            "/.//other.example",
            "/..//other.example",
            "/x/..//other.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "/\u{0}//other.example\\@",
            &long,
        ] {
            let kept = ReturnTo::new(place);
            let followed =
                Url::parse("https://application.invalid/login").unwrap().join(kept.as_str()).unwrap();
            assert_eq!(followed.host_str(), Some("application.invalid"), "{place:?} became {kept:?}");
        }
    }
}
