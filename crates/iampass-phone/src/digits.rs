//! [`Digits`]: the code that a person reads off the login page and types.

use std::fmt;

use iampass_core::Secret;

/// How many digits a code has \[X\].
const COUNT: usize = 6;

/// The longest text that is looked at, in bytes.
const LONGEST_TEXT: usize = 64;

/// The six digits that a login page shows \[X\].
///
/// They answer one question, so `Debug` does not print them.
///
/// ```
/// use iampass_phone::Digits;
///
/// assert_eq!(Digits::parse(" 482-913 ")?.expose(), "482913");
/// assert!(Digits::parse("4829").is_err());
/// # Ok::<(), iampass_phone::InvalidDigits>(())
/// ```
#[derive(Clone)]
pub struct Digits(Secret);

/// The defect of a text that is no code. It never holds the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidDigits {
    /// Another character than a digit, a space or a dash.
    #[error("the code has six digits and nothing else")]
    Character,
    /// More or fewer digits than six.
    #[error("the code has six digits, and these are {found}")]
    Count {
        /// The number of digits in the text.
        found: usize,
    },
    /// The text is far longer than any spelling of a code.
    #[error("the text is too long for a code of six digits")]
    TooLong,
}

impl Digits {
    /// Reads typed digits. Spaces and dashes may stand anywhere.
    ///
    /// # Errors
    /// [`InvalidDigits`].
    pub fn parse(text: &str) -> Result<Self, InvalidDigits> {
        if text.len() > LONGEST_TEXT {
            return Err(InvalidDigits::TooLong);
        }
        let typed: String = text.chars().filter(|character| !separates(*character)).collect();
        if !typed.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(InvalidDigits::Character);
        }
        if typed.len() != COUNT {
            return Err(InvalidDigits::Count { found: typed.len() });
        }
        Ok(Self(Secret::new(typed)))
    }

    /// The six digits.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    pub(crate) fn secret(&self) -> &Secret {
        &self.0
    }
}

/// The hyphen, and the dashes that keyboards put in its place.
fn separates(character: char) -> bool {
    character.is_whitespace() || matches!(character, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

impl fmt::Debug for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digits(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn six_digits_are_read_in_each_usual_spelling() {
        for text in ["482913", "482 913", "482-913", " 48 29 13\n", "4-8-2-9-1-3", "482\u{a0}913", "482–913"]
        {
            assert_eq!(Digits::parse(text).unwrap().expose(), "482913", "{text:?}");
        }
        assert_eq!(Digits::parse("000000").unwrap().expose(), "000000");
    }

    #[test]
    fn everything_else_is_refused_with_its_reason() {
        use InvalidDigits::{Character, Count, TooLong};
        for (text, reason) in [
            ("", Count { found: 0 }),
            (" - ", Count { found: 0 }),
            ("48291", Count { found: 5 }),
            ("4829137", Count { found: 7 }),
            ("48291a", Character),
            ("482.913", Character),
            ("+482913", Character),
            ("٤٨٢٩١٣", Character),
            ("４８２９１３", Character),
            ("482913\0", Character),
        ] {
            assert_eq!(Digits::parse(text).err(), Some(reason), "{text:?}");
        }
        assert_eq!(Digits::parse(&" ".repeat(65)).err(), Some(TooLong));
    }

    #[test]
    fn debug_does_not_show_them() {
        assert!(!format!("{:?}", Digits::parse("482913").unwrap()).contains("482"));
    }

    proptest! {
        #[test]
        fn separators_change_nothing(
            digits in proptest::collection::vec(0_u8..10, 6),
            separators in proptest::collection::vec("[ \\-\u{a0}\u{2013}]{0,4}", 7),
        ) {
            let mut text = separators[0].clone();
            for (digit, separator) in digits.iter().zip(&separators[1..]) {
                text.push(char::from(b'0' + digit));
                text.push_str(separator);
            }
            prop_assume!(text.len() <= LONGEST_TEXT);
            let plain: String = digits.iter().map(u8::to_string).collect();
            let parsed = Digits::parse(&text);
            prop_assert_eq!(parsed.unwrap().expose().to_owned(), plain);
        }

        #[test]
        fn no_text_makes_it_panic_and_a_code_has_six_ascii_digits(text in ".{0,80}") {
            if let Ok(digits) = Digits::parse(&text) {
                prop_assert!(digits.expose().len() == 6 && digits.expose().bytes().all(|byte| byte.is_ascii_digit()));
            }
        }
    }
}
