//! [`NonceShare`]: the share of the room for nonces that a request takes from.

use iampass_core::signing::Share;

use super::{AccountKey, ApplicationKey, CountedTo};

/// The share of the window that a nonce takes. All signers of an application share one, so that an application does not take the room of
/// others by its sessions. The phones of its users share another one, so that a user does not take the room of the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NonceShare {
    /// Applications themselves, and their sessions.
    Application(CountedTo),
    /// Phones, and the questions put to them.
    PhonesOf(CountedTo),
}

impl From<NonceShare> for Share {
    fn from(share: NonceShare) -> Self {
        let (counted_to, phones) = match share {
            NonceShare::Application(counted_to) => (counted_to, 0),
            NonceShare::PhonesOf(counted_to) => (counted_to, 1),
        };
        let (key, kind) = match counted_to {
            CountedTo::Application(ApplicationKey(key)) => (key, 0),
            CountedTo::Account(AccountKey(key)) => (key, 2),
            CountedTo::GivenAwayBy(AccountKey(key)) => (key, 4),
        };
        Self::numbered(key.cast_unsigned().wrapping_mul(8).wrapping_add(kind + phones))
    }
}
