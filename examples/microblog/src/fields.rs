//! Rules for the fields of forms. Belongs here: the checks, and the words for what is wrong. Lengths are in characters, and those of
//! the columns in [`crate::migrations`].

/// The problem with a field, for the user who filled it in.
pub(crate) type Problem = &'static str;

/// The longest post.
pub(crate) const LONGEST_POST: usize = 280;
/// The longest that users say of themselves.
pub(crate) const LONGEST_ABOUT: usize = 160;
/// The longest name for people.
pub(crate) const LONGEST_DISPLAY_NAME: usize = 50;

/// A user name: what one logs in with, and what stands in addresses.
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

/// A name for people.
pub(crate) fn display_name(text: &str) -> Result<String, Problem> {
    let name = text.trim();
    if name.is_empty() {
        return Err("Enter the name that others see.");
    }
    if name.chars().any(is_unseen) || !name.chars().any(char::is_alphanumeric) {
        return Err("Use letters that others can see.");
    }
    if name.chars().count() > LONGEST_DISPLAY_NAME {
        return Err("Use at most 50 characters.");
    }
    Ok(name.to_owned())
}

/// The users' words about themselves; nothing, if they like.
pub(crate) fn about(text: &str) -> Result<String, Problem> {
    let about = lines(text);
    if about.chars().count() > LONGEST_ABOUT {
        return Err("Use at most 160 characters.");
    }
    Ok(about)
}

/// A post.
pub(crate) fn post(text: &str) -> Result<String, Problem> {
    let post = lines(text);
    if !post.chars().any(|character| !character.is_whitespace()) {
        return Err("Write something first.");
    }
    if post.chars().count() > LONGEST_POST {
        return Err("This is longer than 280 characters.");
    }
    Ok(post)
}

/// A text of several lines as browsers send it, with line ends of one kind, and without what cannot be seen.
fn lines(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let seen: String =
        text.chars().filter(|character| *character == '\n' || !is_unseen(*character)).collect();
    seen.trim().to_owned()
}

/// Control characters, and those that turn the direction of the text around them.
fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
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
    fn a_display_name_can_be_seen() {
        assert_eq!(display_name("  Anna Ö. ").as_deref(), Ok("Anna Ö."));
        assert_eq!(display_name(&"ö".repeat(50)), Ok("ö".repeat(50)));
        for bad in ["", " ", "\u{202e}anna", "a\nb", "\u{2800}", "...", &"a".repeat(51)] {
            assert!(display_name(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_post_says_something_and_is_short() {
        assert_eq!(post(" a\r\nb\0 ").as_deref(), Ok("a\nb"));
        // Browsers count a line end as one character, and send two.
        assert_eq!(post(&format!("{}\r\nb", "a".repeat(278))).map(|post| post.len()), Ok(280));
        assert_eq!(post(&"ö".repeat(280)), Ok("ö".repeat(280)));
        for bad in ["", " \r\n ", "\u{202e}", &"a".repeat(281)] {
            assert!(post(bad).is_err(), "{bad:?}");
        }
        assert_eq!(about("").as_deref(), Ok(""));
        assert!(about(&"a".repeat(161)).is_err());
    }
}
