//! The keys that are in use at one time.

use super::{InvalidKey, SealingKey};

/// The environment variable of [`KeyRing::from_env`].
const VARIABLE: &str = "IAMPASS_SEALING_KEYS";

/// The keys that are in use: the first seals, all open.
///
/// To change keys without a session lost: give every node the new key as an old one, then make it the first one, then let
/// [`crate::SessionTable::reseal`] run once, then take the old one away.
///
/// ```
/// use iampass_sql::{KeyRing, SealingKey};
///
/// let (new, _) = SealingKey::generate()?;
/// let (old, _) = SealingKey::generate()?;
/// let ring = KeyRing::new(new).with_old(old);
/// # Ok::<(), iampass_sql::InvalidKey>(())
/// ```
#[derive(Debug, Clone)]
pub struct KeyRing {
    first: SealingKey,
    old: Vec<SealingKey>,
}

impl KeyRing {
    /// A ring of one key.
    #[must_use]
    pub fn new(first: SealingKey) -> Self {
        Self { first, old: Vec::new() }
    }

    /// With one more key that opens.
    #[must_use]
    pub fn with_old(mut self, key: SealingKey) -> Self {
        self.old.push(key);
        self
    }

    /// The keys in this text, in base64 with commas or white space between them; the first seals.
    ///
    /// # Errors
    /// [`InvalidKey`] when one of them is no key, or there is none.
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        let mut keys = text
            .split(|character: char| character == ',' || character.is_whitespace())
            .filter(|key| !key.is_empty())
            .map(SealingKey::from_base64);
        let first = keys.next().ok_or(InvalidKey::NotAKey)??;
        Ok(Self { first, old: keys.collect::<Result<_, _>>()? })
    }

    /// The keys in the environment variable `IAMPASS_SEALING_KEYS`, as for [`KeyRing::parse`].
    ///
    /// # Errors
    /// [`InvalidKey`] when it is not set or one of them is no key.
    pub fn from_env() -> Result<Self, InvalidKey> {
        let text = std::env::var(VARIABLE).map_err(|_| InvalidKey::Unset { name: VARIABLE })?;
        Self::parse(&text)
    }

    /// The key that seals.
    #[must_use]
    pub fn sealing_key(&self) -> &SealingKey {
        &self.first
    }

    /// The key of this name.
    pub(super) fn key(&self, id: &str) -> Option<&SealingKey> {
        self.keys().find(|key| key.id() == id)
    }

    /// The names of all keys.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.keys().map(SealingKey::id)
    }

    fn keys(&self) -> impl Iterator<Item = &SealingKey> {
        std::iter::once(&self.first).chain(&self.old)
    }
}
