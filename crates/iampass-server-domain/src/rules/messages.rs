//! Which addresses and texts of messages are good.

use lettre::Address;

use super::InvalidParameter;

/// The longest address (RFC 5321), in bytes.
const LONGEST_ADDRESS: usize = 254;
/// The longest text before the link of an SMS, in bytes \[X\].
const LONGEST_SMS: usize = 255;
/// The same for an e-mail \[X\].
const LONGEST_MAIL: usize = 1_000;

/// Checks an e-mail address: one, and nothing else \[X\].
pub fn mail_address(text: &str) -> Result<(), InvalidParameter> {
    let unfit = |character: char| character.is_control() || character.is_whitespace();
    match text.parse::<Address>() {
        Ok(_) if text.len() <= LONGEST_ADDRESS && !text.chars().any(unfit) => Ok(()),
        _ => Err(InvalidParameter("email is one address of 254 bytes at most: ann@example.org")),
    }
}

/// Checks the text of an SMS.
pub fn sms_message(text: Option<&str>) -> Result<(), InvalidParameter> {
    match text {
        Some(text) if text.len() > LONGEST_SMS || text.chars().any(char::is_control) => {
            Err(InvalidParameter("message has at most 255 bytes and no control characters"))
        }
        text => without_links(text, LINK_IN_MESSAGE),
    }
}

/// Checks the text of an e-mail.
pub fn mail_message(text: Option<&str>) -> Result<(), InvalidParameter> {
    match text {
        Some(text) if text.len() > LONGEST_MAIL || text.chars().any(char::is_control) => {
            Err(InvalidParameter("message has at most 1,000 bytes and no control characters"))
        }
        text => without_links(text, LINK_IN_MESSAGE),
    }
}

/// Stands in a text for the registration link.
const PLACE: &str = "{link}";

const LINK_IN_MESSAGE: &str = "message holds something that phones and mail programs show as a link: the registration link is the only one. \
     Leave out web addresses, host names and e-mail addresses, and write a space after a full stop";
const LINK_IN_NAME: &str = "display_name holds something that phones and mail programs show as a link: leave out web addresses, host names and \
     e-mail addresses";

/// Checks the name of a user that a message greets by.
pub fn name_of_user(name: Option<&str>) -> Result<(), InvalidParameter> {
    without_links(name, LINK_IN_NAME)
}

/// The name of an application as messages say it: it becomes no link.
pub fn name_in_texts(name: &str) -> String {
    if !is_linked(name) {
        return name.to_owned();
    }
    let joins = |character: char| is_dot(character) || matches!(character, ':' | '/' | '@' | '\\');
    name.chars().map(|character| if joins(character) { ' ' } else { character }).collect()
}

fn without_links(text: Option<&str>, why: &'static str) -> Result<(), InvalidParameter> {
    match text {
        Some(text) if is_linked(&text.replace(PLACE, " ")) || text.chars().any(turns_text) => {
            Err(InvalidParameter(why))
        }
        _ => Ok(()),
    }
}

/// Whether programs that show the text would make a link of some of it: an address with a scheme, a host name, four numbers with dots.
fn is_linked(text: &str) -> bool {
    // They are not seen, and not all programs mind them.
    let seen: String = text.chars().filter(|&character| !is_invisible(character)).collect();
    let is_inside = |character: char| character.is_alphanumeric() || character == '-' || is_dot(character);
    seen.contains("://")
        || seen.contains(":\\\\")
        || seen.split(|character| !is_inside(character)).any(is_host)
}

/// `example.org`, `www.x`, `192.0.2.7`, and what surrounds them: `a.example.org.`
fn is_host(word: &str) -> bool {
    let labels: Vec<&str> = word.split(is_dot).filter(|label| !label.is_empty()).collect();
    let is_number = |label: &&str| label.bytes().all(|byte| byte.is_ascii_digit());
    let has_numbers = labels.windows(4).any(|four| four.iter().all(is_number));
    // Two labels that stand together, of which the second begins like a top-level domain. "e.g." and "2.0" are none.
    let parts: Vec<&str> = word.split(is_dot).collect();
    let has_domain = parts.windows(2).any(|two| {
        let [before, after] = two else { return false };
        let begins = after.chars().next().is_some_and(char::is_alphabetic);
        !before.is_empty() && begins && after.chars().count() >= 2
    });
    has_numbers || has_domain
}

/// Full stops that host names are written with (RFC 3490).
fn is_dot(character: char) -> bool {
    matches!(character, '.' | '\u{3002}' | '\u{ff0e}' | '\u{ff61}')
}

fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// Marks that make a text read otherwise than it is stored.
fn turns_text(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_link_but_ours_is_in_a_text() {
        for good in [
            "Welcome!",
            "Welcome to our shop. Open {link} now.",
            "{link}",
            "Tap {link}. It is for you, e.g. on version 2.0 (10.5 MB).",
            "Sch\u{f6}ne Gr\u{fc}\u{df}e, Ihr Team...",
            "At 9:30 / 10:00, room A/B",
        ] {
            assert!(mail_message(Some(good)).is_ok(), "{good}");
            assert!(sms_message(Some(good)).is_ok(), "{good}");
        }
        for bad in [
            "Go to https://evil.example/x",
            "hxxp://evil",
            "see evil.example",
            "EVIL.EXAMPLE/login?a={link}",
            "www.evil",
            "write to ann@evil.example",
            "mailto:ann@evil.example",
            "{link}.evil.example",
            "https://{link}",
            "192.0.2.7/login",
            "evil\u{3002}example",
            "evil.\u{200b}example",
            "evil\u{200b}.example",
            "xn--80ak6aa92e.com",
            "\u{444}\u{438}.\u{440}\u{444}",
            "(evil.example)",
            "a\u{202e}b",
        ] {
            assert!(mail_message(Some(bad)).is_err(), "{bad}");
            assert!(sms_message(Some(bad)).is_err(), "{bad}");
            assert!(name_of_user(Some(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_name_of_an_application_is_said_and_not_linked() {
        for (name, said) in [
            ("Shop", "Shop"),
            ("Dr. Shop", "Dr. Shop"),
            ("shop.example", "shop example"),
            ("https://evil.example/x", "https   evil example x"),
        ] {
            assert_eq!(name_in_texts(name), said);
            assert!(!is_linked(&name_in_texts(name)));
        }
    }

    #[test]
    fn an_address_is_one_and_brings_no_headers() {
        for good in ["ann@example.org", "ann+x@mail.example.org", "a@localhost", "\u{e9}va@example.org"] {
            assert!(mail_address(good).is_ok(), "{good}");
        }
        let long = format!("{}@example.org", "a".repeat(250));
        for bad in [
            "",
            "ann",
            "ann@",
            "@example.org",
            "ann@example.org, bob@example.org",
            "ann@example.org\r\nBcc: bob@example.org",
            "ann@example.org\0",
            "Ann <ann@example.org>",
            " ann@example.org",
            "\"a b\"@example.org",
            &long,
        ] {
            assert!(mail_address(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn texts_are_bounded_and_of_one_line() {
        assert!(sms_message(None).is_ok());
        assert!(sms_message(Some(&"x".repeat(255))).is_ok());
        assert!(sms_message(Some(&"x".repeat(256))).is_err());
        assert!(mail_message(Some(&"x".repeat(1_000))).is_ok());
        assert!(mail_message(Some(&"x".repeat(1_001))).is_err());
        for bad in ["a\nb", "a\rb", "\u{1b}[2J"] {
            assert!(sms_message(Some(bad)).is_err());
            assert!(mail_message(Some(bad)).is_err());
        }
    }
}
