//! The rules of keys of the Admin API: scopes, lifetimes, and the rights that a scope can use.
//!
//! Belongs here: rules over plain values. Does not belong here: whether a key is good now (`storage::console`), and which call takes which scope
//! (`iampass-server-openapi`).

use std::collections::BTreeSet;
use std::time::Duration;

use iampass_core::wire::AdminScope;

use super::Act;

/// The longest lifetime of a key, in days: a year, leap years too.
pub const LONGEST_KEY_DAYS: u64 = 366;

const DAY_SECONDS: u64 = 86_400;

/// The longest name of a key, in characters.
const LONGEST_NAME: usize = 60;

/// Why a key is not made, for a person. It never repeats what was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidKey {
    /// The name is empty, too long, or has characters that cannot be seen.
    Name,
    /// No scope is named.
    NoScope,
    /// A scope is named that there is not.
    UnknownScope,
    /// The key is limited to one application, and a scope is about the whole service.
    ScopeOfService,
    /// The lifetime is nothing, or longer than a year.
    Lifetime,
}

impl InvalidKey {
    /// The fault, in English.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Name => {
                "the name of a key has 1 to 60 characters, all of which can be seen: say what the key is for"
            }
            Self::NoScope => "a key has at least one scope",
            Self::UnknownScope => {
                "there is no such scope: the table of the Admin API in docs/access.md has all of them"
            }
            Self::ScopeOfService => {
                "accounts:read, accounts:write and service:read are about the whole service: a key with one of them is not limited to an application"
            }
            Self::Lifetime => "a key is good for 1 to 366 days",
        }
    }
}

/// The scopes of a key: at least one, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scopes(BTreeSet<AdminScope>);

impl Scopes {
    /// Reads words.
    ///
    /// # Errors
    /// [`InvalidKey::UnknownScope`] for a word that is no scope, [`InvalidKey::NoScope`] where there is none.
    pub fn of_words<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, InvalidKey> {
        let scope = |word| AdminScope::of_word(word).ok_or(InvalidKey::UnknownScope);
        let scopes = words.into_iter().map(scope).collect::<Result<BTreeSet<_>, _>>()?;
        if scopes.is_empty() { Err(InvalidKey::NoScope) } else { Ok(Self(scopes)) }
    }

    /// Reads what [`Scopes::words`] wrote.
    ///
    /// # Errors
    /// As [`Scopes::of_words`].
    pub fn read(text: &str) -> Result<Self, InvalidKey> {
        Self::of_words(text.split(','))
    }

    /// As they are stored: words with commas in between.
    #[must_use]
    pub fn words(&self) -> String {
        let words: Vec<&str> = self.iter().map(AdminScope::word).collect();
        words.join(",")
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = AdminScope> + '_ {
        self.0.iter().copied()
    }

    /// Whether this scope is among them.
    #[must_use]
    pub fn has(&self, scope: AdminScope) -> bool {
        self.0.contains(&scope)
    }

    /// Whether a key with them can be limited to one application.
    ///
    /// # Errors
    /// [`InvalidKey::ScopeOfService`].
    pub fn of_one_application(&self) -> Result<(), InvalidKey> {
        match self.iter().any(AdminScope::is_of_the_service) {
            true => Err(InvalidKey::ScopeOfService),
            false => Ok(()),
        }
    }
}

/// Reads the name of a key.
///
/// # Errors
/// [`InvalidKey::Name`].
pub fn key_name(text: &str) -> Result<String, InvalidKey> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_seen = name.chars().any(char::is_alphanumeric) && !name.chars().any(iampass_core::is_unseen);
    if is_seen && name.chars().count() <= LONGEST_NAME { Ok(name) } else { Err(InvalidKey::Name) }
}

/// The lifetime of a key that is good for so many days.
///
/// # Errors
/// [`InvalidKey::Lifetime`].
pub fn key_lifetime(days: u64) -> Result<Duration, InvalidKey> {
    match days {
        1..=LONGEST_KEY_DAYS => Ok(Duration::from_secs(days * DAY_SECONDS)),
        _ => Err(InvalidKey::Lifetime),
    }
}

/// Whether a key may use the right to do this to an application by this scope. No scope has the right to say who belongs to an application, so no key makes
/// anybody an owner.
#[must_use]
pub const fn scope_may(scope: AdminScope, act: Act) -> bool {
    match act {
        Act::ManageUsers => matches!(scope, AdminScope::UsersWrite),
        Act::ManageDevices => matches!(scope, AdminScope::PhonesWrite),
        Act::EndSessions => matches!(scope, AdminScope::SessionsEnd),
        Act::RotateSecret | Act::Configure | Act::SwitchOff | Act::Delete => {
            matches!(scope, AdminScope::ApplicationsWrite)
        }
        Act::See | Act::ManageMembers | Act::ManageEvents | Act::DecideMessages | Act::Leave => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_whole_or_not_at_all() {
        let scopes = Scopes::read("users:write,users:read,users:read").unwrap();
        assert_eq!(scopes.words(), "users:read,users:write");
        assert!(scopes.has(AdminScope::UsersRead) && !scopes.has(AdminScope::PhonesWrite));
        for (text, problem) in [
            ("", InvalidKey::UnknownScope),
            ("users:read,", InvalidKey::UnknownScope),
            ("users:read, users:write", InvalidKey::UnknownScope),
            ("users:*", InvalidKey::UnknownScope),
            ("keys:write", InvalidKey::UnknownScope),
        ] {
            assert_eq!(Scopes::read(text), Err(problem), "{text:?}");
        }
        assert_eq!(Scopes::of_words([]), Err(InvalidKey::NoScope));
    }

    #[test]
    fn a_key_of_one_application_has_no_scope_of_the_service() {
        for scope in AdminScope::ALL {
            let fits = Scopes::of_words([scope.word()]).unwrap().of_one_application();
            assert_eq!(fits.is_err(), scope.is_of_the_service(), "{scope}");
        }
    }

    #[test]
    fn a_key_lives_for_a_year_at_most() {
        assert_eq!(key_lifetime(1), Ok(Duration::from_secs(86_400)));
        assert!(key_lifetime(LONGEST_KEY_DAYS).is_ok());
        for days in [0, LONGEST_KEY_DAYS + 1, u64::MAX] {
            assert_eq!(key_lifetime(days), Err(InvalidKey::Lifetime), "{days}");
        }
    }

    #[test]
    fn a_name_can_be_seen() {
        assert_eq!(key_name(" Nightly \n import "), Ok("Nightly import".to_owned()));
        for bad in ["", " ", "\u{200b}", "---", "a\u{202e}b", &"x".repeat(61)] {
            assert_eq!(key_name(bad), Err(InvalidKey::Name), "{bad:?}");
        }
    }

    #[test]
    fn each_right_is_used_by_one_scope_or_by_none() {
        for act in Act::ALL {
            let by: Vec<_> = AdminScope::ALL.iter().filter(|scope| scope_may(**scope, act)).collect();
            let is_for_people = matches!(
                act,
                Act::See | Act::ManageMembers | Act::ManageEvents | Act::DecideMessages | Act::Leave
            );
            assert_eq!(by.len(), usize::from(!is_for_people), "{act:?}: {by:?}");
        }
    }
}
