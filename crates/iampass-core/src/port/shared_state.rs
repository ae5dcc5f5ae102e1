//! Small entries that all nodes of an application share. Belongs here: the port. Does not belong here: the rules that are kept in
//! entries, such as whose phone is asked; those are `iampass-web`'s.

use std::fmt;

use async_trait::async_trait;
use base16ct::lower;
use sha2::{Digest as _, Sha256};

use super::StoreError;
use crate::{Draw, UnixMillis};

/// The name of an entry: what kind of entry it is, and a digest of its subject. It never holds the subject itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SharedKey(Box<str>);

impl SharedKey {
    /// The key of the entry of this `kind` about this `subject`: at most 32 letters of `kind`, a colon, and the SHA-256 of the subject
    /// in hexadecimal digits, so 97 bytes of ASCII at most.
    ///
    /// ```
    /// use iampass_core::port::SharedKey;
    ///
    /// let key = SharedKey::new("attempt", b"anna");
    /// assert_eq!(key, SharedKey::new("attempt", b"anna"));
    /// assert_ne!(key, SharedKey::new("budget", b"anna"));
    /// assert!(!key.as_str().contains("anna"));
    /// ```
    #[must_use]
    pub fn new(kind: &'static str, subject: &[u8]) -> Self {
        const LONGEST_KIND: usize = 32;
        let kind: String = kind.chars().filter(char::is_ascii_alphanumeric).take(LONGEST_KIND).collect();
        let digest = lower::encode_string(&Sha256::digest(subject));
        Self(format!("{kind}:{digest}").into_boxed_str())
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SharedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SharedKey({})", self.0)
    }
}

/// Which writing of an entry it is: random, so that an entry that was deleted and made anew is never taken for the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SharedVersion(i64);

impl SharedVersion {
    /// A version of 63 random bits.
    #[must_use]
    pub fn from_draw(draw: Draw) -> Self {
        Self((draw.nonce().value() >> 1).cast_signed())
    }

    /// A stored version.
    #[must_use]
    pub const fn from_number(number: i64) -> Self {
        Self(number)
    }

    /// The version as a number, for storing.
    #[must_use]
    pub const fn number(self) -> i64 {
        self.0
    }
}

/// An entry as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SharedEntry {
    /// Which writing of the entry it is.
    pub version: SharedVersion,
    /// The content, [`MAX_SHARED_BYTES`] at most. It holds no secret and no name of a person.
    pub value: Vec<u8>,
    /// After this time the entry means nothing, and may be purged.
    pub expires_at: UnixMillis,
}

/// The most bytes that [`SharedEntry::value`] may have.
pub const MAX_SHARED_BYTES: usize = 16 * 1024;

impl SharedEntry {
    /// An entry to be stored.
    #[must_use]
    pub const fn new(version: SharedVersion, value: Vec<u8>, expires_at: UnixMillis) -> Self {
        Self { version, value, expires_at }
    }
}

/// Keeps small entries for all nodes, and replaces one only if it is still the one that was read (compare and swap).
///
/// `iampass-web` keeps in it whose phone is being asked, how many logins may be started, and which browsers are known, so that all
/// nodes hold to one reservation and one budget. Every [`super::SessionStore`] is one, so an application sets up one store.
///
/// # Contract
/// * An acknowledged change is seen by every node's next [`SharedState::load_shared`] (a store in memory has one node).
/// * Of several callers that replace one writing at once, exactly one gets `true`.
/// * No entry is removed before it was replaced, deleted, or purged: never to make room. A store that is full refuses new entries with
///   [`super::StoreErrorKind::Full`].
/// * A store compares the times that it is given with those it holds, and with nothing else: it reads no clock.
///   [`SharedState::load_shared`] gives back expired entries too.
///
/// `iampass-testkit` has a suite that checks a store against all of this (`store_suite`).
#[async_trait]
pub trait SharedState: Send + Sync {
    /// The entry of this key, expired or not, or `None`.
    ///
    /// # Errors
    /// [`StoreError`]; never a guess.
    async fn load_shared(&self, key: &SharedKey) -> Result<Option<SharedEntry>, StoreError>;

    /// Stores `entry` if the stored version is `expected`, or if there is no entry and `expected` is `None`. `false`: there is another
    /// writing, or none, and nothing was changed.
    ///
    /// # Errors
    /// [`StoreError`]; whether it was stored is not known then. [`super::StoreErrorKind::Full`] when there is no room for a new entry.
    async fn swap_shared(
        &self,
        key: &SharedKey,
        expected: Option<SharedVersion>,
        entry: &SharedEntry,
    ) -> Result<bool, StoreError>;

    /// Removes the entry if its version is `expected`. `false`: there is another writing, or none.
    ///
    /// # Errors
    /// [`StoreError`]; whether it was removed is not known then.
    async fn delete_shared(&self, key: &SharedKey, expected: SharedVersion) -> Result<bool, StoreError>;

    /// Removes up to `limit` entries that expired before `now`, and says how many. One that expires at `now` stays.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn purge_shared(&self, now: UnixMillis, limit: usize) -> Result<usize, StoreError>;
}
