//! [`MovingCode`]: what a QR code that changes each second says.

use std::fmt;
use std::time::Duration;

use super::short_tag;
use crate::Secret;

/// One state of the QR code of a login without a name: `TOKEN.STEP.TAG`, where the step counts the seconds since the login was started and
/// the tag is `HMAC-SHA-256(secret, STEP)`, cut to 16 bytes, in base64url without padding \[X\].
///
/// The application's server makes it and the service checks it, so both have it from here.
///
/// ```
/// use iampass_core::Secret;
/// use iampass_core::signing::MovingCode;
/// use std::time::Duration;
///
/// let secret = Secret::new("shared by application and service");
/// let code = MovingCode::at("token", &secret, Duration::from_secs(7));
/// let read = MovingCode::parse(&code.to_text()).expect("it is one");
/// assert_eq!((read.token(), read.step()), ("token", 7));
/// assert!(read.is_of(&secret));
/// assert!(!read.is_of(&Secret::new("another")));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct MovingCode {
    token: String,
    step: u64,
    tag: String,
}

impl MovingCode {
    /// The code that is shown when the login was started so long ago. `token` has no dot in it.
    #[must_use]
    pub fn at(token: &str, secret: &Secret, elapsed: Duration) -> Self {
        let step = elapsed.as_secs();
        Self { token: token.to_owned(), step, tag: short_tag::of(secret, &step.to_string()) }
    }

    /// Reads one; None for a text of another form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let (token, step, tag) = (parts.next()?, parts.next()?, parts.next()?);
        let is_number = !step.is_empty() && step.len() <= 9 && step.bytes().all(|byte| byte.is_ascii_digit());
        // One step has one spelling.
        let has_zeros = step.len() > 1 && step.starts_with('0');
        if parts.next().is_some() || token.is_empty() || !is_number || has_zeros {
            return None;
        }
        Some(Self { token: token.to_owned(), step: step.parse().ok()?, tag: tag.to_owned() })
    }

    /// The public name of the login.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The second in which it was shown, counted from the start of the login.
    #[must_use]
    pub const fn step(&self) -> u64 {
        self.step
    }

    /// Whether it was made with this secret. The comparison takes the same time wherever two tags differ.
    #[must_use]
    pub fn is_of(&self, secret: &Secret) -> bool {
        short_tag::is_of(&self.tag, secret, &self.step.to_string())
    }

    /// As the QR code carries it, behind `#scan=`.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{}.{}.{}", self.token, self.step, self.tag)
    }
}

impl fmt::Debug for MovingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MovingCode").field("step", &self.step).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_form_is_read() {
        let secret = Secret::new("s");
        let text = MovingCode::at("t", &secret, Duration::from_millis(5_999)).to_text();
        let [_, step, tag] = text.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
        assert_eq!((step, tag.len()), ("5", 22));
        for other in [
            String::new(),
            "t".to_owned(),
            format!("t.{step}"),
            format!("{text}.x"),
            format!(".{step}.{tag}"),
            format!("t..{tag}"),
            format!("t.05.{tag}"),
            format!("t.+5.{tag}"),
            format!("t.-5.{tag}"),
            format!("t.5 .{tag}"),
            format!("t.1234567890.{tag}"),
        ] {
            assert_eq!(MovingCode::parse(&other), None, "{other:?}");
        }
    }

    #[test]
    fn a_tag_is_good_for_its_step_alone() {
        let secret = Secret::new("s");
        let now = MovingCode::at("t", &secret, Duration::from_secs(5));
        let text = now.to_text();
        for other in [
            text.replace(".5.", ".6."),
            text.replace(".5.", ".50."),
            text[..text.len() - 1].to_owned(),
            format!("{text}A"),
        ] {
            assert!(!MovingCode::parse(&other).unwrap().is_of(&secret), "{other}");
        }
        assert!(MovingCode::parse("t.5.").is_some_and(|code| !code.is_of(&secret)), "no tag is none");
        assert!(!format!("{now:?}").contains(&text[4..]));
    }
}
