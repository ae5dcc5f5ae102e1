//! Ids, secrets and codes, drawn from the system's cryptographic generator.
//!
//! Belongs here: how issued texts look. Does not belong here: who gets them.

use base16ct::lower;

/// The characters of issued secrets, as seen in public ones \[X\].
const ALPHABET: &[u8; 36] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// The system's generator gave nothing. Nothing is issued then; there is no weaker generator to fall back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system's random generator gave nothing, so no id or secret can be issued")]
pub struct NoRandomness;

/// Random bytes as they are.
pub fn bytes<const BYTES: usize>() -> Result<[u8; BYTES], NoRandomness> {
    let mut random = [0_u8; BYTES];
    getrandom::fill(&mut random).map_err(|_| NoRandomness)?;
    Ok(random)
}

/// `bytes` random bytes in lower-case hexadecimal: public halves of credentials, and codes of links.
pub fn hexadecimal<const BYTES: usize>() -> Result<String, NoRandomness> {
    Ok(lower::encode_string(&bytes::<BYTES>()?))
}

/// `length` characters of A-Z0-9, each equally likely: 32 of them carry 165 bits.
pub fn alphanumeric(length: usize) -> Result<String, NoRandomness> {
    // 252 is the largest multiple of 36 in a byte: what lies above would favour the first letters.
    const FAIR: u8 = 252;
    let mut text = String::with_capacity(length);
    while text.len() < length {
        let mut random = [0_u8; 64];
        getrandom::fill(&mut random).map_err(|_| NoRandomness)?;
        let letters = random
            .iter()
            .filter(|&&byte| byte < FAIR)
            .filter_map(|&byte| ALPHABET.get(usize::from(byte) % ALPHABET.len()))
            .take(length - text.len());
        text.extend(letters.map(|&letter| char::from(letter)));
    }
    Ok(text)
}

/// `DIGITS` decimal digits, each equally likely.
pub fn digits<const DIGITS: usize>() -> Result<String, NoRandomness> {
    // 250 is the largest multiple of 10 in a byte.
    const FAIR: u8 = 250;
    let mut text = String::with_capacity(DIGITS);
    while text.len() < DIGITS {
        let drawn = bytes::<16>()?;
        let fair = drawn.iter().filter(|&&byte| byte < FAIR).take(DIGITS - text.len());
        text.extend(fair.map(|byte| char::from(b'0' + byte % 10)));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issued_texts_have_the_length_and_the_letters_of_issued_ones() {
        let token = hexadecimal::<20>().unwrap();
        assert_eq!(token.len(), 40);
        assert!(token.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)));
        let secret = alphanumeric(32).unwrap();
        assert_eq!(secret.len(), 32);
        assert!(secret.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()));
        assert_ne!(secret, alphanumeric(32).unwrap());
    }

    #[test]
    fn no_digit_is_favoured() {
        let drawn = digits::<100_000>().unwrap();
        assert_eq!(drawn.len(), 100_000);
        for digit in b'0'..=b'9' {
            let times = drawn.bytes().filter(|&byte| byte == digit).count();
            // Ten standard deviations of a fair draw: for gross errors alone.
            assert!((9_050..=10_950).contains(&times), "{} came {times} times", char::from(digit));
        }
    }

    #[test]
    fn no_letter_is_favoured() {
        let drawn = alphanumeric(360_000).unwrap();
        for &letter in ALPHABET {
            let times = drawn.bytes().filter(|&byte| byte == letter).count();
            // Ten standard deviations of a fair draw; the bias without rejection would be nearly thirteen.
            assert!((9_000..=11_000).contains(&times), "{} came {times} times", char::from(letter));
        }
    }
}
