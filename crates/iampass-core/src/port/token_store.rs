//! The lookup table of the documentation: the application's own user ↔ the token that IAMPASS knows.

use std::fmt;

use async_trait::async_trait;

use super::StoreError;
use crate::UserToken;

/// The key of a user in the application's own users table, as text: a number, a UUID, a name.
///
/// It never leaves the application; IAMPASS sees the [`UserToken`] only.
///
/// ```
/// use iampass_core::port::UserKey;
///
/// assert_eq!(UserKey::from(42_i64).as_str(), "42");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserKey(Box<str>);

impl UserKey {
    /// A key of this text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into().into_boxed_str())
    }

    /// The text of the key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! key_from {
    ($($number:ty),+) => { $(
        impl From<$number> for UserKey {
            fn from(key: $number) -> Self {
                Self::new(key.to_string())
            }
        }
    )+ };
}
key_from!(i32, i64, u32, u64, &str, String);

/// Keys may be names of people: they are not printed.
impl fmt::Debug for UserKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserKey(redacted)")
    }
}

/// Which token stands for which of the application's users.
///
/// # Contract
/// * A user has at most one token and a token at most one user.
/// * All methods are idempotent and may be called from many tasks and nodes at once.
/// * Removing a user's row of the application removes its token too.
/// * Keys and tokens come back byte for byte, and two that differ in one byte are different: case, accents and spaces at the
///   end count. A key that is not in the one spelling that the table gives back (`+7` or `07` for the number 7) is
///   nobody's, or [`super::StoreErrorKind::InvalidKey`]; it is never taken for another.
/// * Callers who get in each other's way are sorted out by the store: [`super::StoreErrorKind::Conflict`] means that a token
///   is another user's, and nothing else.
///
/// `iampass-testkit` has a suite that checks a store against all of this (`store_suite`).
#[async_trait]
pub trait TokenStore: Send + Sync {
    /// The token of a user.
    ///
    /// # Errors
    /// [`StoreError`]; never a guess.
    async fn token_for(&self, user: &UserKey) -> Result<Option<UserToken>, StoreError>;

    /// The user that a token stands for.
    ///
    /// # Errors
    /// [`StoreError`]; never a guess.
    async fn user_for(&self, token: &UserToken) -> Result<Option<UserKey>, StoreError>;

    /// Gives `user` the token `candidate` unless it has one, and returns the one it has now. Two callers at the same
    /// instant get the same. A user who has one gets it whatever `candidate` is, even another user's.
    ///
    /// # Errors
    /// [`StoreError`], of kind [`super::StoreErrorKind::Conflict`] if `user` has none and `candidate` is another user's;
    /// nothing is changed then.
    async fn assign(&self, user: &UserKey, candidate: &UserToken) -> Result<UserToken, StoreError>;

    /// Replaces the user's token by `replacement`, whether there was one or not. The old one stands for no user from then on, and
    /// may be given to a user again. Of several callers at once the last one wins.
    ///
    /// # Errors
    /// [`StoreError`], of kind [`super::StoreErrorKind::Conflict`] if `replacement` is another user's; nothing is changed
    /// then.
    async fn rotate(&self, user: &UserKey, replacement: &UserToken) -> Result<(), StoreError>;

    /// Takes the user's token away, if there is one.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn remove(&self, user: &UserKey) -> Result<(), StoreError>;
}
