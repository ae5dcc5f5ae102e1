//! [`ReturnLink`]: what the link says by which a login page opens IAMPASS in its own browser.

use std::fmt;

use super::short_tag;
use crate::Secret;

/// The word between token and tag. A code that moves has a number there, so one is never read as the other.
const WORD: &str = "link";

/// The link of one login: `TOKEN.link.TAG`, where the tag is `HMAC-SHA-256(secret, "link")`, cut to 16 bytes, in base64url without padding \[X\].
///
/// A holder of the link can bring its question to a phone, and nothing more: an answer that came by it lets nobody in before the browser that
/// began the login has come back with the proof of that answer.
///
/// ```
/// use iampass_core::Secret;
/// use iampass_core::signing::ReturnLink;
///
/// let secret = Secret::new("the service's own");
/// let link = ReturnLink::new("token", &secret);
/// let read = ReturnLink::parse(&link.to_text()).expect("it is one");
/// assert_eq!(read.token(), "token");
/// assert!(read.is_of(&secret) && !read.is_of(&Secret::new("another")));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ReturnLink {
    token: String,
    tag: String,
}

impl ReturnLink {
    /// The link of the login with this public name, which has no dot in it.
    #[must_use]
    pub fn new(token: &str, secret: &Secret) -> Self {
        Self { token: token.to_owned(), tag: short_tag::of(secret, WORD) }
    }

    /// Reads one; None for a text of another form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let (token, word, tag) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || token.is_empty() || word != WORD || tag.is_empty() {
            return None;
        }
        Some(Self { token: token.to_owned(), tag: tag.to_owned() })
    }

    /// The public name of the login.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Whether it was made with this secret. The comparison takes the same time wherever two tags differ.
    #[must_use]
    pub fn is_of(&self, secret: &Secret) -> bool {
        short_tag::is_of(&self.tag, secret, WORD)
    }

    /// As the link carries it, behind `#link=`.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{}.{WORD}.{}", self.token, self.tag)
    }
}

impl fmt::Debug for ReturnLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReturnLink(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::MovingCode;

    #[test]
    fn only_its_own_form_is_read() {
        let secret = Secret::new("s");
        let text = ReturnLink::new("t", &secret).to_text();
        let tag = text.strip_prefix("t.link.").unwrap();
        assert_eq!(tag.len(), 22);
        for other in [
            "",
            "t",
            "t.link",
            "t.link.",
            &format!(".link.{tag}"),
            &format!("t.0.{tag}"),
            &format!("{text}.x"),
        ] {
            assert_eq!(ReturnLink::parse(other), None, "{other}");
        }
        assert_eq!(MovingCode::parse(&text), None);
        assert_eq!(
            ReturnLink::parse(&MovingCode::at("t", &secret, std::time::Duration::ZERO).to_text()),
            None
        );
        for wrong in [format!("{text}A"), format!("t.link.{}", &tag[1..])] {
            assert!(!ReturnLink::parse(&wrong).unwrap().is_of(&secret), "{wrong}");
        }
        assert!(!format!("{:?}", ReturnLink::new("t", &secret)).contains(tag));
    }
}
