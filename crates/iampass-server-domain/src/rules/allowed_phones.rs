//! [`AllowedPhones`]: the phones that may answer for an application \[X\].
//!
//! Belongs here: what a phone has to have when it is registered, and what its acceptance has to prove. Does not belong here: what the methods of a login ask
//! for ([`super::proofs`]).

use iampass_core::wire::AuthenticationMethod;

/// The phones that may answer for an application. A denial is taken from any phone of the user: it lets nobody in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AllowedPhones {
    /// Any phone of the user.
    #[default]
    Any,
    /// Phones with a key of their own. A phone that shares a secret with the service is not registered, and its acceptance is not taken.
    WithKey,
    /// Phones with a key of their own, unlocked for each login: by a passkey of the phone.
    Unlocked,
}

/// The proof that an acceptance lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lacking {
    /// The phone has no key of its own.
    Key,
    /// It was not unlocked for this login.
    Unlocking,
}

impl AllowedPhones {
    /// All of them, the weakest first.
    pub const ALL: [Self; 3] = [Self::Any, Self::WithKey, Self::Unlocked];

    /// The word in the store, on the command line, in forms and in files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::WithKey => "key",
            Self::Unlocked => "unlock",
        }
    }

    /// Reads a word; None for one that is not known.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phones| phones.word() == word)
    }

    /// Whether a phone may be registered. One with a key makes its passkey with the first login that asks for it.
    pub const fn may_register(self, has_key: bool) -> bool {
        matches!(self, Self::Any) || has_key
    }

    /// The methods of a login: those that were asked for, and `device` where the phone has to be unlocked.
    pub fn methods(self, mut asked: Vec<AuthenticationMethod>) -> Vec<AuthenticationMethod> {
        if self == Self::Unlocked && !asked.contains(&AuthenticationMethod::Device) {
            asked.push(AuthenticationMethod::Device);
        }
        asked
    }

    /// The proof that an acceptance lacks; None where it may be taken.
    pub const fn lacking(self, has_key: bool, is_unlocked: bool) -> Option<Lacking> {
        match self {
            Self::Any => None,
            Self::WithKey | Self::Unlocked if !has_key => Some(Lacking::Key),
            Self::Unlocked if !is_unlocked => Some(Lacking::Unlocking),
            Self::WithKey | Self::Unlocked => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use AuthenticationMethod::{Acceptance, Device};

    #[test]
    fn each_word_is_read_as_it_was_written_and_no_other() {
        for phones in AllowedPhones::ALL {
            assert_eq!(AllowedPhones::from_word(phones.word()), Some(phones));
        }
        for unknown in ["", "Any", "keys", "unlocked", "any "] {
            assert_eq!(AllowedPhones::from_word(unknown), None, "{unknown:?}");
        }
    }

    #[test]
    fn an_acceptance_brings_what_the_application_takes() {
        use AllowedPhones::{Any, Unlocked, WithKey};
        let table = [
            (Any, false, false, None),
            (Any, true, true, None),
            (WithKey, false, true, Some(Lacking::Key)),
            (WithKey, true, false, None),
            (Unlocked, false, true, Some(Lacking::Key)),
            (Unlocked, true, false, Some(Lacking::Unlocking)),
            (Unlocked, true, true, None),
        ];
        for (phones, has_key, is_unlocked, lacking) in table {
            assert_eq!(phones.lacking(has_key, is_unlocked), lacking, "{phones:?} {has_key} {is_unlocked}");
        }
        assert_eq!(AllowedPhones::ALL.map(|phones| phones.may_register(false)), [true, false, false]);
        assert_eq!(AllowedPhones::ALL.map(|phones| phones.may_register(true)), [true; 3]);
    }

    #[test]
    fn only_unlocked_phones_are_asked_for_unlocking_once() {
        let asked =
            |phones: AllowedPhones, methods: &[AuthenticationMethod]| phones.methods(methods.to_vec());
        for phones in [AllowedPhones::Any, AllowedPhones::WithKey] {
            assert_eq!(asked(phones, &[Acceptance]), [Acceptance]);
        }
        assert_eq!(asked(AllowedPhones::Unlocked, &[Acceptance]), [Acceptance, Device]);
        assert_eq!(asked(AllowedPhones::Unlocked, &[Device]), [Device]);
    }
}
