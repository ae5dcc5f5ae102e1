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
pub(crate) fn mail_address(text: &str) -> Result<(), InvalidParameter> {
    let unfit = |character: char| character.is_control() || character.is_whitespace();
    match text.parse::<Address>() {
        Ok(_) if text.len() <= LONGEST_ADDRESS && !text.chars().any(unfit) => Ok(()),
        _ => Err(InvalidParameter("email is one address of 254 bytes at most: ann@example.org")),
    }
}

/// Checks the text of an SMS.
pub(crate) fn sms_message(text: Option<&str>) -> Result<(), InvalidParameter> {
    match text {
        Some(text) if text.len() > LONGEST_SMS || text.chars().any(char::is_control) => {
            Err(InvalidParameter("message has at most 255 bytes and no control characters"))
        }
        _ => Ok(()),
    }
}

/// Checks the text of an e-mail.
pub(crate) fn mail_message(text: Option<&str>) -> Result<(), InvalidParameter> {
    match text {
        Some(text) if text.len() > LONGEST_MAIL || text.chars().any(char::is_control) => {
            Err(InvalidParameter("message has at most 1,000 bytes and no control characters"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
