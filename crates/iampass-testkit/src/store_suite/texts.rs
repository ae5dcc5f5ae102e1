//! Texts that stores confuse or change. Belongs here: samples. Does not belong here: checks.

/// Groups of texts that some database, collation or trimming takes for one and the same. None holds a control character, so
/// each is a user token.
const LOOK_ALIKES: &[&[&str]] = &[
    // Case.
    &["Anna", "anna", "ANNA"],
    &["Straße", "Strasse", "STRASSE", "strasse"],
    &["I", "i", "İ", "ı"],
    &["Σ", "σ", "ς"],
    // Spaces at the ends, plain and other.
    &["pad", "pad ", "pad  ", " pad", "pad\u{a0}", "pad\u{3000}"],
    &[" ", "  ", "\u{a0}"],
    // Composed, decomposed, and without the accent.
    &["caf\u{e9}", "cafe\u{301}", "cafe"],
    &["\u{ac00}", "\u{1100}\u{1161}"],
    &["\u{212b}", "\u{c5}", "A\u{30a}"],
    // Compatibility forms and width.
    &["\u{fb01}", "fi"],
    &["\u{ff21}", "A"],
    &["\u{ff76}", "\u{30ab}", "\u{304b}"],
    &["1\u{b2}", "12", "1\u{2460}"],
    // Letters of several scripts that look the same.
    &["scope", "\u{455}\u{441}\u{43e}\u{440}\u{435}"],
    // Characters of no width, variation selectors, direction marks.
    &["zero", "ze\u{200b}ro", "ze\u{200d}ro", "ze\u{ad}ro", "\u{feff}zero", "\u{202e}zero"],
    &["\u{2764}", "\u{2764}\u{fe0f}"],
    // Outside the first plane; all of them weigh the same in some collations.
    &["\u{1f600}", "\u{1f601}", "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}"],
    // The edges of Unicode.
    &["\u{10ffff}", "\u{10fffe}", "\u{fffd}", "\u{ffff}", "\u{d7ff}", "\u{e000}"],
    // Texts with a meaning in SQL, patterns and escapes.
    &["a%", "a_", "ab", "a*", "a?"],
    &["'", "''", "\\'", "\"", "`"],
    &["\\", "\\\\", "\\0", "%00", "\\u0000"],
    &["NULL", "null", "'; DROP TABLE iampass_tokens; --", "$1", "?", ":user"],
    // Texts that a numeric column or comparison takes for one number.
    &["007", "07", "7", "7.0", "+7", "7e0", "0x7", "-7"],
    &["true", "t", "1", "TRUE"],
];

/// All look-alikes in a row: each differs from all others in at least one byte.
pub(super) fn look_alikes() -> impl Iterator<Item = String> {
    LOOK_ALIKES.iter().copied().flatten().map(|text| (*text).to_owned())
}

/// Texts of exactly `bytes` bytes of UTF-8, one of which differs from another in its first or last character only; and that
/// text one byte shorter. For `bytes` of 16 or more.
pub(super) fn long_texts(bytes: usize) -> Vec<String> {
    let stem = "x".repeat(bytes.saturating_sub(1));
    let mut texts = vec![format!("{stem}a"), format!("{stem}b"), format!("{stem} "), stem.clone()];
    texts.push(format!("a{stem}"));
    for character in ["é", "語", "\u{1f511}"] {
        let mut text = character.repeat(bytes / character.len());
        text.push_str(&"z".repeat(bytes - text.len()));
        texts.push(text);
    }
    texts
}

/// Names a text in a report without the characters that a terminal would hide.
pub(super) fn shown(text: &str) -> String {
    let escaped: String = text.chars().take(24).map(plain).collect();
    if text.chars().count() > 24 {
        format!("\"{escaped}…\" ({} bytes)", text.len())
    } else {
        format!("\"{escaped}\"")
    }
}

fn plain(character: char) -> String {
    if character.is_ascii_graphic() || character == ' ' {
        character.to_string()
    } else {
        character.escape_unicode().to_string()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use iampass_core::UserToken;

    #[test]
    fn every_look_alike_is_a_token_and_no_two_are_the_same() {
        let all: Vec<_> = look_alikes().collect();
        assert!(all.iter().all(|text| UserToken::new(text.as_str()).is_ok()));
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        assert!(all.len() + 20 < 200, "the suite promises to need no more room than that");
    }

    #[test]
    fn long_texts_are_as_long_as_they_say() {
        let texts = long_texts(255);
        assert!(texts.iter().all(|text| (254..=255).contains(&text.len())));
        assert_eq!(texts.iter().collect::<BTreeSet<_>>().len(), texts.len());
    }

    #[test]
    fn a_report_shows_what_a_terminal_would_hide() {
        assert_eq!(shown("e\u{301} "), "\"e\\u{301} \"");
    }
}
