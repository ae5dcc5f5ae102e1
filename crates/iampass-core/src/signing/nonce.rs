//! The nonce of a signature.

use std::fmt;

/// 64 random bits that make a signature unlike every other, written in decimal \[P\].
///
/// ```
/// use iampass_core::signing::Nonce;
///
/// let nonce = Nonce::new(9_223_372_036_854_775_807);
/// assert_eq!(nonce.to_string(), "9223372036854775807");
/// assert_eq!(Nonce::parse("9223372036854775807"), Some(nonce));
/// assert_eq!(Nonce::parse("007"), Some(Nonce::new(7)), "leading zeros are signed, and do not change the number");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nonce(u64);

/// The digits of the largest nonce.
const LONGEST: usize = 20;

impl Nonce {
    /// A nonce of these bits.
    #[must_use]
    pub const fn new(bits: u64) -> Self {
        Self(bits)
    }

    /// The bits.
    #[must_use]
    pub const fn value(self) -> u64 {
        self.0
    }

    /// Reads 1 to 20 digits, without a sign, of a number below 2⁶⁴. Leading zeros are kept by those who sign them \[D\]: the text is what is
    /// signed, and the number is what is remembered.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_plain = text.len() <= LONGEST && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_plain { text.parse().ok().map(Self) } else { None }
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Nonce({})", self.0)
    }
}

/// A number below 2⁶⁴ in its only spelling. `url` and timestamp stand side by side without a separator in the signed
/// message, so a leading zero of a timestamp could move a digit from one to the other.
pub(super) fn canonical_decimal(text: &str) -> Option<u64> {
    let digits = text.as_bytes();
    let leading_zero = digits.len() > 1 && digits.first() == Some(&b'0');
    if leading_zero || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_nonce_is_read_as_it_is_written(number: u64) {
            let nonce = Nonce::new(number);
            prop_assert_eq!(nonce.to_string(), number.to_string());
            prop_assert_eq!(Nonce::parse(&nonce.to_string()), Some(nonce));
        }
    }

    #[test]
    fn leading_zeros_of_a_nonce_are_read() {
        for (text, number) in [("0", 0), ("00", 0), ("007", 7), ("00000000000000000001", 1)] {
            assert_eq!(Nonce::parse(text), Some(Nonce::new(number)), "{text}");
        }
        for refused in
            ["", "+1", "-1", " 1", "1_0", "\u{ff11}", "18446744073709551616", "000000000000000000001"]
        {
            assert_eq!(Nonce::parse(refused), None, "{refused:?}");
        }
    }

    #[test]
    fn only_one_spelling_is_read() {
        for refused in ["", "+1", "-1", "01", "00", " 1", "1 ", "1_0", "0x1", "１", "18446744073709551616"] {
            assert_eq!(canonical_decimal(refused), None, "{refused:?}");
        }
        assert_eq!(canonical_decimal("0"), Some(0));
        assert_eq!(canonical_decimal("18446744073709551615"), Some(u64::MAX));
    }
}
