//! Characters that cannot be seen: a text that a phone shows must not look like another one.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

/// Whether a character is not seen, or changes how others are seen: controls, formats (which turn the direction, or join and part without being
/// seen), ends of lines and paragraphs, and letters that are blank.
///
/// ```
/// use iampass_core::is_unseen;
///
/// for unseen in ['\u{0}', '\u{ad}', '\u{61c}', '\u{200b}', '\u{2028}', '\u{202e}', '\u{feff}', '\u{e0041}', '\u{3164}'] {
///     assert!(is_unseen(unseen), "{unseen:?}");
/// }
/// assert!(!"Café ☕ 北京 Ωmega-2 ".chars().any(is_unseen));
/// ```
#[must_use]
pub fn is_unseen(character: char) -> bool {
    use GeneralCategory as C;
    let category = character.general_category();
    matches!(category, C::Control | C::Format | C::LineSeparator | C::ParagraphSeparator)
        || matches!(character, '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}')
}
