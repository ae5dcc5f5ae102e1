//! Rules for the fields of forms. Belongs here: the checks, and the words for what is wrong. Lengths are in characters.

/// The problem with a field, for the user who filled it in.
pub(crate) type Problem = &'static str;

/// The longest title.
pub(crate) const LONGEST_TITLE: usize = 80;
/// The longest text.
pub(crate) const LONGEST_TEXT: usize = 4_000;

/// A user name: what one logs in with.
///
/// # Errors
/// The problem with the name.
pub(crate) fn name(text: &str) -> Result<String, Problem> {
    // Phones like to begin with a capital letter.
    let name = text.trim().to_ascii_lowercase();
    if name.is_empty() {
        return Err("Choose a user name.");
    }
    if !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_') {
        return Err("Use only the letters a to z, digits and underscores.");
    }
    match name.len() {
        0..3 => Err("Use at least 3 characters."),
        3..=32 => Ok(name),
        _ => Err("Use at most 32 characters."),
    }
}

/// A title: one line, by which the note is found again.
///
/// # Errors
/// The problem with the title.
pub(crate) fn title(text: &str) -> Result<String, Problem> {
    let title = without_unseen(text, |_| false);
    // Something has to be there to tap on.
    if !title.chars().any(|character| character.is_alphanumeric() || is_picture(character)) {
        return Err("Give the note a title.");
    }
    if title.chars().count() > LONGEST_TITLE {
        return Err("Use at most 80 characters.");
    }
    Ok(title)
}

/// The text of a note, in any number of lines; nothing, if the title says it all.
///
/// # Errors
/// The problem with the text.
pub(crate) fn text(text: &str) -> Result<String, Problem> {
    // Browsers send line ends of two characters and count them as one.
    let text = without_unseen(&text.replace("\r\n", "\n"), |character| matches!(character, '\n' | '\t'));
    if text.chars().count() > LONGEST_TEXT {
        return Err("This is longer than 4,000 characters.");
    }
    Ok(text)
}

/// Without control characters, but for those that are `kept`, and without those that turn the direction of the text around them.
fn without_unseen(text: &str, kept: impl Fn(char) -> bool) -> String {
    let is_unseen = |character: char| {
        character.is_control()
            || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let seen: String = text.chars().filter(|character| kept(*character) || !is_unseen(*character)).collect();
    seen.trim().to_owned()
}

/// Whether this is in one of the blocks of emoji and other symbols.
fn is_picture(character: char) -> bool {
    matches!(character, '\u{2600}'..='\u{27bf}' | '\u{1f300}'..='\u{1faff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_name_is_short_and_plain() {
        assert_eq!(name(" Anna_1 ").as_deref(), Ok("anna_1"));
        assert_eq!(name(&"a".repeat(32)), Ok("a".repeat(32)));
        for bad in ["", "  ", "ab", &"a".repeat(33), "anna-b", "änna", "anna b", "../x", "anna\0"] {
            assert!(name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_title_is_one_line_that_can_be_seen() {
        assert_eq!(title(" Milk\r\n & <eggs> ").as_deref(), Ok("Milk & <eggs>"));
        assert_eq!(title("\u{202e}Milk").as_deref(), Ok("Milk"));
        assert_eq!(title("🥛").as_deref(), Ok("🥛"));
        assert_eq!(title(&"ö".repeat(80)), Ok("ö".repeat(80)));
        for bad in ["", " ", "\u{2800}", "\u{202e}", "...", &"a".repeat(81)] {
            assert!(title(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_text_may_be_empty_and_has_lines() {
        assert_eq!(text("").as_deref(), Ok(""));
        assert_eq!(text(" a\r\n\tb\0 ").as_deref(), Ok("a\n\tb"));
        assert_eq!(text(&format!("{}\r\nb", "ö".repeat(3_998))).map(|text| text.chars().count()), Ok(4_000));
        assert!(text(&"a".repeat(4_001)).is_err());
    }
}
