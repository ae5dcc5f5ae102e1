//! Letters that have no decomposition in Unicode, and that databases take for others all the same. Belongs here: what each becomes.
//!
//! They are those of the collations that ignore accents and case (Unicode's own table of them, version 14). A test compares them with MariaDB and PostgreSQL.

/// The text that stands for a letter, in lower case. None where the letter stands for itself.
pub(crate) fn plain(letter: char) -> Option<&'static str> {
    let at = LETTERS.binary_search_by_key(&letter, |(known, _)| *known).ok()?;
    LETTERS.get(at).map(|(_, text)| *text)
}

/// In the order of the letters. Those that become nothing are seen, and collations leave them out: they make a word longer, are sung, or mark a place.
const LETTERS: &[(char, &str)] = &[
    ('ß', "ss"),
    ('æ', "ae"),
    ('ð', "d"),
    ('ø', "o"),
    ('đ', "d"),
    ('ħ', "h"),
    ('ł', "l"),
    ('œ', "oe"),
    ('ƍ', "zw"),
    ('ƾ', "ts"),
    ('ȸ', "db"),
    ('ȹ', "qp"),
    ('ʣ', "dz"),
    ('ʦ', "ts"),
    ('ʪ', "ls"),
    ('ʫ', "lz"),
    ('\u{640}', ""),
    ('\u{6de}', ""),
    ('\u{7fa}', ""),
    ('\u{824}', ""),
    ('\u{828}', ""),
    ('\u{180a}', ""),
    ('\u{1cd3}', ""),
    ('\u{1cf2}', ""),
    ('\u{1cf3}', ""),
    ('ᵹ', "g"),
    ('ᵺ', "th"),
    ('ỻ', "ll"),
    ('ꜩ', "tz"),
    ('ꜳ', "aa"),
    ('ꜵ', "ao"),
    ('ꜷ', "au"),
    ('ꜹ', "av"),
    ('ꜻ', "av"),
    ('ꜽ', "ay"),
    ('ꝏ', "oo"),
    ('ꝛ', "r"),
    ('ꝡ', "vy"),
    ('ꝺ', "d"),
    ('ꝼ', "f"),
    ('ꞃ', "r"),
    ('ꞅ', "s"),
    ('ꞇ', "t"),
    ('ꞛ', "a"),
    ('ꞝ', "o"),
    ('ꞟ', "u"),
    ('ꞡ', "g"),
    ('ꞣ', "k"),
    ('ꞥ', "n"),
    ('ꞧ', "r"),
    ('ꞩ', "s"),
    ('ꟁ', "a"),
    ('ꟃ', "w"),
    ('ꟙ', "s"),
    ('\u{fe73}', ""),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letters_are_in_order_and_are_plain_in_the_end() {
        assert!(LETTERS.is_sorted_by(|one, next| one.0 < next.0));
        for (letter, text) in LETTERS {
            assert_eq!(plain(*letter), Some(*text));
            assert!(letter.is_lowercase() || text.is_empty(), "{letter}");
            assert!(text.bytes().all(|byte| byte.is_ascii_lowercase()), "{letter}");
        }
        assert_eq!(plain('a'), None);
    }
}
