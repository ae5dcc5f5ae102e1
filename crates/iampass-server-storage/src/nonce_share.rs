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
    /// The keys of the Admin API that an account has made, or, without one, that commands have made. They take the room of no application, and an
    /// account has no more room with more keys.
    AdminKeysOf(Option<AccountKey>),
}

impl From<NonceShare> for Share {
    fn from(share: NonceShare) -> Self {
        let (counted_to, phones) = match share {
            NonceShare::Application(counted_to) => (counted_to, 0),
            NonceShare::PhonesOf(counted_to) => (counted_to, 1),
            // No row has the number zero.
            NonceShare::AdminKeysOf(maker) => return numbered(maker.map_or(0, |account| account.0), 6),
        };
        let (key, kind) = match counted_to {
            CountedTo::Application(ApplicationKey(key)) => (key, 0),
            CountedTo::Account(AccountKey(key)) => (key, 2),
            CountedTo::GivenAwayBy(AccountKey(key)) => (key, 4),
        };
        numbered(key, kind + phones)
    }
}

fn numbered(key: i64, kind: u64) -> Share {
    Share::numbered(key.cast_unsigned().wrapping_mul(8).wrapping_add(kind))
}
