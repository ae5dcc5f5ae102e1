//! Recovery codes: 128 random bits, as a person prints and types them \[X\].
//!
//! A code is 28 letters and digits in seven groups of four. The letters are those of Crockford's base 32: there is no I, L, O and U, and
//! what looks alike is read alike. The last two check the others: one wrong letter, or two that changed places, is told as a slip.

use iampass_core::Secret;

use crate::random::{self, NoRandomness};

/// Codes that are made at a time.
pub const CODES: usize = 10;

const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Letters that carry the 128 bits.
const CARRYING: usize = 26;
/// Letters of a code.
const LENGTH: usize = CARRYING + 2;
/// A prime below 32². Each letter of a code has another weight modulo it, so a single wrong letter, or two that changed places, changes the sum.
const MODULUS: u32 = 1_021;
const WEIGHT: u32 = 33;

/// The 128 bits of a recovery code. They are not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode([u8; 16]);

/// The text is no recovery code: a letter was mistyped, or it is something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no recovery code: compare it with what was printed")]
pub struct Slip;

impl RecoveryCode {
    /// A fresh one.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn draw() -> Result<Self, NoRandomness> {
        Ok(Self(random::bytes()?))
    }

    /// Its bits.
    pub fn bits(&self) -> &[u8; 16] {
        &self.0
    }

    /// As it is printed: `0123-4567-…`, seven groups.
    pub fn text(&self) -> Secret {
        let bits = u128::from_be_bytes(self.0);
        // The first letter carries the three highest bits, each other one five.
        let mut letters: Vec<u32> = (0..CARRYING).rev().map(|place| five(bits, place)).collect();
        let sum = sum(&letters);
        letters.extend([sum / 32, sum % 32]);
        let mut text = String::with_capacity(LENGTH + LENGTH / 4);
        for (place, letter) in letters.iter().enumerate() {
            if place > 0 && place % 4 == 0 {
                text.push('-');
            }
            text.push(LETTERS.get(*letter as usize).map_or('0', |&letter| char::from(letter)));
        }
        Secret::new(text)
    }

    /// Reads what a person has typed.
    ///
    /// # Errors
    /// [`Slip`].
    pub fn parse(text: &str) -> Result<Self, Slip> {
        let mut letters = Vec::with_capacity(LENGTH);
        for letter in text.chars().filter(|letter| !matches!(letter, ' ' | '-' | '\u{2010}'..='\u{2015}')) {
            if letters.len() == LENGTH {
                return Err(Slip);
            }
            letters.push(value(letter).ok_or(Slip)?);
        }
        let (carrying, check) = letters.split_at_checked(CARRYING).ok_or(Slip)?;
        let &[high, low] = check else { return Err(Slip) };
        if sum(carrying) != high * 32 + low || carrying.first().is_none_or(|&first| first > 7) {
            return Err(Slip);
        }
        let bits = carrying.iter().fold(0_u128, |bits, &letter| bits << 5 | u128::from(letter));
        Ok(Self(bits.to_be_bytes()))
    }
}

/// Five bits of a number, counted from its end.
fn five(bits: u128, place: usize) -> u32 {
    u32::try_from((bits >> (5 * place)) & 31).unwrap_or_default()
}

fn sum(letters: &[u32]) -> u32 {
    letters.iter().fold(1, |sum, letter| (sum * WEIGHT + letter) % MODULUS)
}

fn value(letter: char) -> Option<u32> {
    let letter = match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        letter => letter,
    };
    let place = LETTERS.iter().position(|&known| char::from(known) == letter)?;
    u32::try_from(place).ok()
}

impl std::fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecoveryCode").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes() -> Vec<RecoveryCode> {
        let mut codes = vec![RecoveryCode([0; 16]), RecoveryCode([0xFF; 16])];
        codes.extend((0..20).map(|_| RecoveryCode::draw().unwrap()));
        codes
    }

    #[test]
    fn what_is_printed_is_read_however_it_is_typed() {
        for code in codes() {
            let text = code.text().expose().to_owned();
            assert_eq!(text.len(), 34);
            assert_eq!(text.split('-').count(), 7);
            let plain = text.replace('-', "");
            let alike = plain.replace('0', "o").replace('1', "l");
            for typed in [text.clone(), plain, text.to_lowercase(), text.replace('-', " "), alike] {
                assert_eq!(RecoveryCode::parse(&typed), Ok(code.clone()), "{typed}");
            }
            assert!(!format!("{code:?}").contains(&text));
        }
    }

    #[test]
    fn every_single_slip_is_told() {
        for code in codes() {
            let text = code.text().expose().replace('-', "").into_bytes();
            let read = |letters: &[u8]| RecoveryCode::parse(std::str::from_utf8(letters).unwrap());
            for place in 0..LENGTH {
                for &letter in LETTERS {
                    let mut slip = text.clone();
                    slip[place] = letter;
                    assert_eq!(read(&slip).is_err(), slip != text, "{place} {letter}");
                }
                let mut short = text.clone();
                short.remove(place);
                assert_eq!(read(&short), Err(Slip));
                if place + 1 < LENGTH {
                    let mut swapped = text.clone();
                    swapped.swap(place, place + 1);
                    assert_eq!(read(&swapped).is_err(), swapped != text, "{place}");
                }
            }
        }
        for text in ["", "-", "0000-0000-0000-0000-0000-0000-000", "U", &"0".repeat(10_000)] {
            assert_eq!(RecoveryCode::parse(text), Err(Slip), "{text}");
        }
    }
}
