//! [`Brought`]: the proof that a person looks at the browser that asks.

use iampass_core::Server;

use crate::{Digits, InvalidDigits, InvalidScan, Scan};

/// The code of a login page, typed or scanned.
#[derive(Clone, Debug)]
pub enum Brought {
    /// Typed.
    Code(Digits),
    /// Read by a camera.
    Scan(Scan),
}

/// The defect of a text that is neither a code nor a scanned link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidBrought {
    /// It looks like typed digits.
    #[error(transparent)]
    Digits(#[from] InvalidDigits),
    /// It looks like a link.
    #[error(transparent)]
    Scan(#[from] InvalidScan),
}

impl Brought {
    /// Reads a text that may be either: one with a letter or a `:` is a link, any other are digits.
    ///
    /// ```
    /// use iampass_phone::Brought;
    ///
    /// assert!(matches!(Brought::parse("482 913", &[]), Ok(Brought::Code(_))));
    /// assert!(Brought::parse("https://login.example/phone#scan=AAAAAAAAAAAAAAAAAAAAAA", &[]).is_err());
    /// ```
    ///
    /// # Errors
    /// [`InvalidBrought`].
    pub fn parse<'a>(
        text: &str,
        known: impl IntoIterator<Item = &'a Server>,
    ) -> Result<Self, InvalidBrought> {
        let is_link = text.contains(':') || text.contains(char::is_alphabetic);
        if is_link {
            return Ok(Self::Scan(Scan::parse(text, known)?));
        }
        Ok(Self::Code(Digits::parse(text)?))
    }
}

impl From<Digits> for Brought {
    fn from(digits: Digits) -> Self {
        Self::Code(digits)
    }
}

impl From<Scan> for Brought {
    fn from(scan: Scan) -> Self {
        Self::Scan(scan)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_and_links_are_told_apart() {
        let known = [Server::parse("https://login.example").unwrap()];
        let link = "https://login.example/phone#scan=AAAAAAAAAAAAAAAAAAAAAA";
        assert!(matches!(Brought::parse(link, &known), Ok(Brought::Scan(_))));
        assert!(matches!(Brought::parse("482-913", &known), Ok(Brought::Code(_))));
        assert_eq!(
            Brought::parse("48 29", &known).err(),
            Some(InvalidBrought::Digits(InvalidDigits::Count { found: 4 }))
        );
        for text in ["48291a", "hello", "x:482913"] {
            assert!(matches!(Brought::parse(text, &known), Err(InvalidBrought::Scan(_))), "{text}");
        }
    }
}
