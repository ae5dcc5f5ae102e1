//! The content of forms. Belongs here: reading forms, the checks, and the words for their errors. Does not belong here: what
//! is done with it.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, FromRequest, Request};
use iampass_core::is_unseen;
use serde::de::DeserializeOwned;
use unicode_normalization::UnicodeNormalization as _;
use unicode_security::{MixedScript as _, RestrictionLevel, RestrictionLevelDetection as _, skeleton};

use super::page_error::PageError;
use super::speech::english_text;

/// The error in a field, for the person who filled it in: the name of its text.
pub(super) type Problem = &'static str;

/// The name that phones show when the Console asks.
pub(super) const NAME: &str = "IAMPASS Console";

/// The longest name of an application, in characters.
pub(super) const LONGEST_APPLICATION_NAME: usize = 60;

/// A form. One that cannot be read is answered by a page that says so.
#[derive(Debug)]
pub(super) struct Fields<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Fields<T> {
    type Rejection = PageError;

    async fn from_request(request: Request, state: &S) -> Result<Self, PageError> {
        let read: Result<Form<T>, FormRejection> = Form::from_request(request, state).await;
        read.map(|Form(fields)| Self(fields)).map_err(|rejection| PageError::BadForm(rejection.status()))
    }
}

/// The name of an account, in the one spelling in which it is stored: two that look alike are one.
pub(crate) fn account_name(text: &str) -> Result<String, Problem> {
    // Phones like to begin with a capital letter.
    let name = text.trim().to_ascii_lowercase();
    if name.is_empty() {
        return Err("name-none");
    }
    let is_allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'_');
    if !name.bytes().all(is_allowed) {
        return Err("name-letters");
    }
    let is_end = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    if !is_end(name.bytes().next()) || !is_end(name.bytes().last()) {
        return Err("name-ends");
    }
    match name.len() {
        0..3 => Err("name-short"),
        3..=32 => Ok(name),
        _ => Err("name-long"),
    }
}

/// The same for an account that somebody makes without being asked for by this machine's owner: names that others take for the service's own
/// are not given away.
pub(super) fn new_account_name(text: &str) -> Result<String, Problem> {
    let name = account_name(text)?;
    let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    if RESERVED.contains(&letters.as_str()) || letters.starts_with(OWN_NAME) {
        return Err("name-reserved");
    }
    Ok(name)
}

/// No name of somebody else begins like this.
const OWN_NAME: &str = "iampass";

/// Names by which services speak, without what may stand between their letters. Three of them are how the log names who did something.
const RESERVED: [&str; 21] = [
    "abuse",
    "admin",
    "administrator",
    "application",
    "commandline",
    "console",
    "help",
    "hostmaster",
    "info",
    "noreply",
    "operator",
    "phone",
    "postmaster",
    "root",
    "security",
    "service",
    "staff",
    "support",
    "system",
    "team",
    "webmaster",
];

/// The name of an application, which phones show.
pub(crate) fn application_name(text: &str) -> Result<String, Problem> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        return Err("application-name-none");
    }
    if name.chars().any(is_unseen) || !name.chars().any(char::is_alphanumeric) {
        return Err("application-name-unseen");
    }
    if name.chars().count() > LONGEST_APPLICATION_NAME {
        return Err("application-name-long");
    }
    if mixes_scripts(&name) {
        return Err("application-name-scripts");
    }
    if is_reserved(&name) {
        return Err("application-name-reserved");
    }
    Ok(name)
}

/// The name of an application, by the rules of the Console's form.
///
/// # Errors
/// The fault, as an English sentence.
pub fn checked_application_name(text: &str) -> Result<String, &'static str> {
    application_name(text).map_err(english_text)
}

/// Whether letters of scripts are mixed that look like each other, as Cyrillic ones among Latin ones do: by the level *moderately restrictive* of
/// Unicode (UTS 39). Latin beside Chinese, Japanese or Korean is none of that. Only letters count, after other widths and forms of them.
fn mixes_scripts(name: &str) -> bool {
    let letters: String = name.nfkc().filter(|character| character.is_alphabetic()).collect();
    !letters.check_restriction_level(RestrictionLevel::ModeratelyRestrictive)
        // Letters that stand in no identifier are of one script at least.
        && !letters.is_single_script()
}

/// Whether a name is that of the Console itself, for somebody who reads it on a phone: in any case and width, with any characters between
/// the letters, or with others that look the same. A phone shows nothing else of who asks.
pub fn is_reserved(name: &str) -> bool {
    let letters = |text: &str| -> String {
        text.nfkc()
            .flat_map(char::to_lowercase)
            .nfkc()
            .filter(|character| character.is_alphanumeric())
            .collect()
    };
    let look = |text: &str| -> String {
        let shown: String = text.nfkc().filter(|character| character.is_alphanumeric()).collect();
        skeleton(&shown).flat_map(char::to_lowercase).collect()
    };
    letters(name) == letters(NAME) || look(name) == look(NAME)
}

/// Whether what was typed is the name that stands on the page.
pub(super) fn is_typed(typed: &str, name: &str) -> bool {
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    plain(typed) == plain(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_accounts_have_one_spelling() {
        assert_eq!(account_name(" Anna.Lee "), Ok("anna.lee".to_owned()));
        assert_eq!(account_name("a-1"), Ok("a-1".to_owned()));
        for bad in
            ["", "  ", "ab", "two words", "änna", "-anna", "anna.", "anna\u{200b}", "аnna", &"a".repeat(33)]
        {
            assert!(account_name(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn names_of_the_service_are_given_to_nobody_who_asks() {
        for reserved in ["admin", "Admin", "ad.min", "no-reply", "iampass", "IAMPASS-Console", "s_upport"] {
            assert!(account_name(reserved).is_ok(), "{reserved} may be there already");
            assert!(new_account_name(reserved).is_err(), "{reserved}");
        }
        assert_eq!(new_account_name("admin.of.shop"), Ok("admin.of.shop".to_owned()));
    }

    #[test]
    fn names_of_applications_can_be_seen() {
        assert_eq!(application_name("  My \n shop "), Ok("My shop".to_owned()));
        assert_eq!(application_name("Café ☕ 2"), Ok("Café ☕ 2".to_owned()));
        for good in
            ["北京 Shop", "東京タワー Tokyo", "Магазин", "Ελλάδα 24", "한국 shop", "ﬁne ＳＨＯＰ", "متجر"]
        {
            assert!(application_name(good).is_ok(), "{good}");
        }
        // Cyrillic and Greek letters among Latin ones.
        for mixed in ["Pаypal", "Аmazon", "Gοοgle", "Shоp 24"] {
            assert!(
                application_name(mixed).is_err_and(|problem| problem == "application-name-scripts"),
                "{mixed}"
            );
        }
        for bad in ["", " ", "\u{200b}", "---", "pay\u{202e}pal", "\u{3164}", &"x".repeat(61)] {
            assert!(application_name(bad).is_err(), "{bad:?}");
        }
        assert!(application_name(&"é".repeat(60)).is_ok());
    }

    #[test]
    fn no_account_is_named_as_the_service_or_as_the_log_names_who_did_something() {
        for name in
            ["iampass", "iampass-support", "iam.pass_admin", "phone", "application", "command-line", "ad.min"]
        {
            assert_eq!(new_account_name(name), Err("name-reserved"), "{name}");
            assert_eq!(account_name(name).as_deref(), Ok(name), "one that is there is found");
        }
        for name in ["phoneme", "applications", "iam", "pass"] {
            assert!(new_account_name(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn the_name_of_the_console_is_given_to_no_application() {
        for name in [
            "IAMPASS Console",
            "iampass console",
            " IAMPASS  CONSOLE ",
            "IAMPASS-Console",
            "IampassConsole.",
            "ＩＡＭＰＡＳＳ\u{3000}Ｃｏｎｓｏｌｅ",
            "𝐈𝐀𝐌𝐏𝐀𝐒𝐒 Ⓒonsole",
            "lAMPASS Console",
            "IAMPASS C0nsole",
        ] {
            assert!(
                application_name(name).is_err_and(|problem| problem == "application-name-reserved"),
                "{name}"
            );
        }
        for name in ["Console", "IAMPASS", "Console of the shop", "IAMPASS Console 2"] {
            assert!(application_name(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn what_is_typed_must_be_the_name() {
        assert!(is_typed(" My  shop", "My shop"));
        assert!(!is_typed("my shop", "My shop") && !is_typed("", "My shop"));
    }
}
