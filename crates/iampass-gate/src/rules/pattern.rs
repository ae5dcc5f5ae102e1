//! The path of a rule. Belongs here: reading it, and which paths it fits.

use crate::path::Segment;

/// The path of a rule cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the path {0:?} is none that a rule can have: write it as people read it, like /admin, /admin/** (with all below it) or /u/*/edit, \
     without escapes, dots alone, or two slashes in a row"
)]
pub struct InvalidPattern(pub String);

/// A part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// This segment.
    Segment(Segment),
    /// Any one segment.
    One,
}

/// The path of a rule: segments, `*` for any one segment, and `**` at the end for all that is there and below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    parts: Vec<Part>,
    /// Whether it fits all below, too.
    has_all_below: bool,
}

/// How letters are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// As they are.
    Exact,
    /// As servers do that take upper case for lower case.
    Folded,
}

impl Pattern {
    /// Reads it.
    ///
    /// # Errors
    /// [`InvalidPattern`].
    pub fn parse(text: &str) -> Result<Self, InvalidPattern> {
        let invalid = || InvalidPattern(text.to_owned());
        let path = text.strip_prefix('/').ok_or_else(invalid)?;
        let (path, has_all_below) = match path.strip_suffix("**") {
            Some("") => ("", true),
            Some(path) => (path.strip_suffix('/').ok_or_else(invalid)?, true),
            None => (path.strip_suffix('/').unwrap_or(path), false),
        };
        if path.is_empty() && !matches!(text, "/" | "/**") {
            return Err(invalid());
        }
        let parts = path.split('/').filter(|_| !path.is_empty()).map(|part| match part {
            "*" => Ok(Part::One),
            part if part.contains('*') => Err(invalid()),
            part => Segment::plain(part).map(Part::Segment).ok_or_else(invalid),
        });
        Ok(Self { parts: parts.collect::<Result<_, _>>()?, has_all_below })
    }

    /// Whether it fits a path of these segments.
    #[must_use]
    pub fn fits(&self, path: &[Segment], comparison: Comparison) -> bool {
        let fits_in_length =
            if self.has_all_below { path.len() >= self.parts.len() } else { path.len() == self.parts.len() };
        fits_in_length
            && self.parts.iter().zip(path).all(|(part, segment)| match (part, comparison) {
                (Part::One, _) => true,
                (Part::Segment(part), Comparison::Exact) => part.exact == segment.exact,
                (Part::Segment(part), Comparison::Folded) => part.folded == segment.folded,
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::{ReadPath, read};

    fn fits(pattern: &str, address: &str) -> bool {
        let Ok(ReadPath::Plain(path)) = read(address) else { panic!("{address}") };
        Pattern::parse(pattern).unwrap().fits(&path, Comparison::Exact)
    }

    #[test]
    fn a_pattern_fits_what_it_says() {
        for (pattern, address, expected) in [
            ("/", "/", true),
            ("/", "/a", false),
            ("/**", "/", true),
            ("/**", "/a/b", true),
            ("/a", "/a", true),
            ("/a", "/a/?x", true),
            ("/a/", "/a", true),
            ("/a", "/a/b", false),
            ("/a", "/ab", false),
            ("/a/**", "/a", true),
            ("/a/**", "/a/", true),
            ("/a/**", "/a/b/c", true),
            ("/a/**", "/ab", false),
            ("/u/*/edit", "/u/anna/edit", true),
            ("/u/*/edit", "/u/edit", false),
            ("/u/*/edit", "/u/a/b/edit", false),
            ("/u/*", "/u", false),
            ("/é", "/%C3%A9", true),
            ("/a b", "/a%20b", true),
        ] {
            assert_eq!(fits(pattern, address), expected, "{pattern} {address}");
        }
    }

    #[test]
    fn patterns_that_could_be_misread_are_refused() {
        for pattern in [
            "",
            "a",
            "**",
            "a/**",
            "//",
            "/a//b",
            "//**",
            "/a**",
            "/**/a",
            "/a*",
            "/*.css",
            "/a/../b",
            "/./a",
            "/a%20b",
            "/a;b",
            "/a?b",
            "/a#b",
            "/a\\b",
            "/a.",
            "/a\u{0}",
            "/a ",
            "https://a/b",
        ] {
            assert!(Pattern::parse(pattern).is_err(), "{pattern}");
        }
    }
}
