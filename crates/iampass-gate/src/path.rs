//! How the path of a request may be read. Belongs here: from the bytes of an address to its segments, or to the finding that servers read it in
//! different ways. Does not belong here: rules ([`crate::rules`]).
//!
//! The gate, the proxy and the site each read the same bytes. A path counts as plain only where all known ways of reading lead to the same
//! segments. Any other path is ambiguous: no rule can tell what the site will serve for it, so all rules apply to it together.

use percent_encoding::percent_decode_str;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory as _};

use crate::letters;

/// The longest address that is read, with its query, in bytes.
pub const LONGEST: usize = 8 * 1024;

/// An address that no rule can be applied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the address cannot be read: it is too long, does not begin with a slash, or has characters that no address has"
)]
pub struct Unreadable;

/// A path as all servers read it, or the finding that they do not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadPath {
    /// Its segments, decoded.
    Plain(Vec<Segment>),
    /// Servers read it in different ways.
    Ambiguous,
}

/// A segment of a plain path, or of a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Segment {
    /// Its text.
    pub exact: String,
    /// Its text for servers and databases that take upper case for lower case, forms of one character for one, and letters with accents for those
    /// without. Collations of one language that take other letters for one (`ä` for `ae`) are not followed.
    pub folded: String,
}

impl Segment {
    /// The segment of this decoded text. None where servers read it in different ways.
    #[must_use]
    pub fn plain(text: &str) -> Option<Self> {
        let folded = folded(text);
        let is_plain = |text: &str| {
            !text.is_empty()
                // `.`, `..` and what Windows takes for the same name without it.
                && !text.ends_with('.')
                && !text.starts_with(' ')
                && !text.ends_with(' ')
                // Ends or beginnings of a path, a parameter, a query or an escape for some server.
                && !text.contains(['/', '\\', ';', '%', '?', '#'])
                // Streams and short names of files on Windows.
                && !text.contains(":$")
                && !has_short_name(text)
                && !has_session_number(text)
                && has_whole_flags(text)
                && text.chars().all(is_visible)
        };
        // An accent that stands alone becomes a space with an accent, and for some databases nothing.
        let spaces = |text: &str| text.matches(' ').count();
        let is_as_spaced = spaces(&text.nfkd().collect::<String>()) == spaces(text);
        (is_as_spaced && is_plain(text) && is_plain(&folded)).then(|| Self { exact: text.to_owned(), folded })
    }
}

/// The text as databases compare it that ignore accents, case and forms of one character.
fn folded(text: &str) -> String {
    let bare: String = text.nfkd().filter(|sign| !is_combining_mark(*sign)).collect();
    let lower = bare.to_uppercase().to_lowercase();
    let mut plain = String::with_capacity(lower.len());
    for letter in lower.chars() {
        match letters::plain(letter) {
            Some(text) => plain.push_str(text),
            // Some databases take the sign of a flag for its letter.
            None => plain.push(letter_of_flag(letter).unwrap_or(letter)),
        }
    }
    // The one pair of characters that is taken for a letter: of Catalan, also written as one.
    plain.replace("l\u{b7}", "l").nfkc().collect()
}

/// Whether ASP.NET may take it out of a path as the number of a session, like `(S(abc))`. No space stands before a parenthesis in those, so a name like `(a (b))` is none.
fn has_session_number(text: &str) -> bool {
    let inner = text.strip_prefix('(').filter(|inner| inner.ends_with("))"));
    inner.is_some_and(|inner| inner.replace(" (", "").contains('('))
}

/// The letter that a sign of flags stands for.
fn letter_of_flag(sign: char) -> Option<char> {
    let place = u32::from(sign).checked_sub(0x1f1e6).filter(|place| *place < 26)?;
    char::from_u32(u32::from('a') + place)
}

/// Whether signs of flags stand in pairs, each of which is one flag.
fn has_whole_flags(text: &str) -> bool {
    let mut in_a_row = 0_usize;
    for sign in text.chars() {
        match letter_of_flag(sign) {
            Some(_) => in_a_row += 1,
            None if in_a_row % 2 == 1 => return false,
            None => in_a_row = 0,
        }
    }
    in_a_row.is_multiple_of(2)
}

/// Whether Windows may take it for the short form of another name, like `ADMINI~1`.
fn has_short_name(text: &str) -> bool {
    text.as_bytes().windows(2).any(|pair| matches!(pair, [b'~', digit] if digit.is_ascii_digit()))
}

/// Whether a character is seen, and stays when a server drops those that are not. Letters within frames and one letter of phonetics are left out: databases
/// take them for the letters alone.
fn is_visible(character: char) -> bool {
    let is_hidden = matches!(
        character.general_category_group(),
        GeneralCategoryGroup::Other | GeneralCategoryGroup::Separator
    );
    let is_framed = matches!(character, '\u{1f100}'..='\u{1f1e5}' | '\u{10780}');
    character == ' ' || !(is_hidden || is_framed || iampass_core::is_unseen(character))
}

/// Reads the path of an address like `/a/b?c`, as it was sent. The query is left out. A slash at its end makes no difference.
///
/// # Errors
/// [`Unreadable`] where it is no path at all.
///
/// ```
/// use iampass_gate::path::{ReadPath, read};
///
/// assert!(matches!(read("/assets/a%20b.css?v=1"), Ok(ReadPath::Plain(segments)) if segments.len() == 2));
/// assert_eq!(read("/assets/..%2fadmin"), Ok(ReadPath::Ambiguous));
/// assert!(read("/assets/%00").is_err());
/// ```
pub fn read(address: &str) -> Result<ReadPath, Unreadable> {
    let is_sendable = |byte: u8| byte.is_ascii_graphic() && byte != b'#';
    if address.len() > LONGEST || !address.bytes().all(is_sendable) {
        return Err(Unreadable);
    }
    let path = address.split('?').next().unwrap_or_default();
    let path = path.strip_prefix('/').ok_or(Unreadable)?;
    let escapes = escapes_of(path).ok_or(Unreadable)?;
    // Control characters end a name for some servers.
    if escapes.iter().any(u8::is_ascii_control) {
        return Err(Unreadable);
    }
    // These need no escape, so only some servers take the escape for the character.
    if escapes.iter().any(|byte| byte.is_ascii_alphanumeric() || *byte == b'.') {
        return Ok(ReadPath::Ambiguous);
    }
    let path = path.strip_suffix('/').unwrap_or(path);
    if path.is_empty() {
        // Of `//` one slash is left out twice.
        let is_root = address.split('?').next() == Some("/");
        return Ok(if is_root { ReadPath::Plain(Vec::new()) } else { ReadPath::Ambiguous });
    }
    let segments = path.split('/').map(|segment| {
        let decoded = percent_decode_str(segment).decode_utf8().ok()?;
        Segment::plain(&decoded)
    });
    Ok(segments.collect::<Option<_>>().map_or(ReadPath::Ambiguous, ReadPath::Plain))
}

/// The bytes that are written as escapes. None where a percent sign begins none.
fn escapes_of(path: &str) -> Option<Vec<u8>> {
    path.split('%')
        .skip(1)
        .map(|rest| {
            let digits =
                rest.get(..2).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
            u8::from_str_radix(digits, 16).ok()
        })
        .collect()
}

#[cfg(test)]
mod tests;
