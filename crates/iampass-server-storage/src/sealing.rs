//! Secrets at rest: sealed under the master key, which is never in the database.
//!
//! Checking an HMAC needs the secret itself, so no hash will do. The stored form is AES-256-GCM-SIV of it, bound to its kind and its owner:
//! a seal that is moved to another row does not open there. Each seal names its key, so that keys can be changed one row at a time.
//!
//! Belongs here: sealing and opening. Does not belong here: where master keys come from ([`crate::master_key`]), and which rows hold seals
//! ([`super::resealing`]).

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use iampass_core::Secret;
use iampass_server_domain::random::NoRandomness;
use zeroize::Zeroizing;

use super::StorageError;
use crate::master_key::{KeyId, MasterKey, MasterKeys};

/// The first byte of a seal. Another way of sealing gets another number.
const VERSION: u8 = 1;
const HEAD: usize = 1 + KeyId::LENGTH + NONCE_LEN;

/// The kind of a sealed secret: part of the data that a seal is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sealed {
    /// An application's secret; the owner is its id.
    Application,
    /// A phone's; the owner is its id.
    Device,
    /// A session's; the owner is its token.
    Session,
    /// A question's; the owner is its id.
    Question,
    /// A setting of the service itself; the owner is its name.
    Setting,
    /// A message on its way to a person; the owner is its id.
    Delivery,
    /// The secret of an endpoint for events; the owner is the id of the endpoint.
    EventEndpoint,
    /// Where a phone is pushed to; the owner is the id of the subscription.
    Subscription,
    /// A registration of an unlock credential that is under way; the owner is the phone's id.
    UnlockRegistration,
    /// The challenge of a question that asks for unlocking; the owner is the question's id.
    UnlockChallenge,
    /// A key of the Admin API; the owner is its id.
    AdminKey,
}

impl Sealed {
    const fn word(self) -> &'static [u8] {
        match self {
            Self::Application => b"iampass application ",
            Self::Device => b"iampass device ",
            Self::Session => b"iampass session ",
            Self::Question => b"iampass question ",
            Self::Setting => b"iampass setting ",
            Self::Delivery => b"iampass delivery ",
            Self::EventEndpoint => b"iampass event-endpoint ",
            Self::Subscription => b"iampass subscription ",
            Self::UnlockRegistration => b"iampass unlock-registration ",
            Self::UnlockChallenge => b"iampass unlock-challenge ",
            Self::AdminKey => b"iampass admin-key ",
        }
    }
}

/// The keys, ready to be used: the one that seals, and all that open.
pub struct Sealer {
    keys: Vec<Key>,
}

struct Key {
    id: KeyId,
    cipher: LessSafeKey,
}

impl Sealer {
    /// With these keys.
    ///
    /// # Errors
    /// [`StorageError`] when a key cannot be used.
    pub fn new(keys: &MasterKeys) -> Result<Self, StorageError> {
        let keys = keys.iter().map(Key::new).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { keys })
    }

    /// Seals `secret` with the first key.
    pub(crate) fn seal(&self, kind: Sealed, owner: &str, secret: &[u8]) -> Result<Vec<u8>, StorageError> {
        let key = self.keys.first().ok_or(StorageError::NoMasterKey)?;
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(|_| NoRandomness)?;
        let mut text = Zeroizing::new(secret.to_vec());
        let tag = key
            .cipher
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), bound_to(kind, owner), &mut text)
            .map_err(|_| StorageError::Corrupt { what: "secret to be sealed" })?;
        let mut sealed = Vec::with_capacity(HEAD + text.len() + tag.as_ref().len());
        sealed.push(VERSION);
        sealed.extend_from_slice(key.id.as_bytes());
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&text);
        sealed.extend_from_slice(tag.as_ref());
        Ok(sealed)
    }

    /// Opens a seal to bytes.
    pub(crate) fn open_bytes(
        &self,
        kind: Sealed,
        owner: &str,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, StorageError> {
        let damaged = StorageError::Corrupt { what: "seal" };
        let (id, rest) = key_id(sealed).ok_or(StorageError::Corrupt { what: "seal" })?;
        let key = self.keys.iter().find(|key| key.id == id).ok_or(StorageError::WrongMasterKey)?;
        let Some((nonce, text)) = rest.split_first_chunk::<NONCE_LEN>() else { return Err(damaged) };
        let mut text = Zeroizing::new(text.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let Ok(plain) = key.cipher.open_in_place(nonce, bound_to(kind, owner), &mut text) else {
            return Err(damaged);
        };
        let length = plain.len();
        text.truncate(length);
        Ok(text)
    }

    /// Opens a seal of a text.
    pub(crate) fn open(&self, kind: Sealed, owner: &str, sealed: &[u8]) -> Result<Secret, StorageError> {
        let plain = self.open_bytes(kind, owner, sealed)?;
        let text = std::str::from_utf8(&plain).map_err(|_| StorageError::Corrupt { what: "seal" })?;
        Ok(Secret::new(text))
    }

    /// Whether this seal was made by the first key.
    pub fn is_current(&self, sealed: &[u8]) -> bool {
        match (key_id(sealed), self.keys.first()) {
            (Some((id, _)), Some(first)) => id == first.id,
            _ => false,
        }
    }
}

impl Key {
    fn new(key: &MasterKey) -> Result<Self, StorageError> {
        let unbound =
            UnboundKey::new(&AES_256_GCM_SIV, key.bytes()).map_err(|_| StorageError::NoMasterKey)?;
        Ok(Self { id: key.id(), cipher: LessSafeKey::new(unbound) })
    }
}

fn key_id(sealed: &[u8]) -> Option<(KeyId, &[u8])> {
    let (&version, rest) = sealed.split_first()?;
    let (id, rest) = rest.split_first_chunk::<{ KeyId::LENGTH }>()?;
    (version == VERSION).then_some((KeyId::from_bytes(*id), rest))
}

/// The words differ and end in a space, and ids hold none: no two pairs give the same bytes.
fn bound_to(kind: Sealed, owner: &str) -> Aad<Vec<u8>> {
    Aad::from([kind.word(), owner.as_bytes()].concat())
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealer").field("keys", &self.keys.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer(keys: &[u8]) -> Sealer {
        let mut keys = keys.iter().map(|&byte| MasterKey::from_bytes([byte; 32]));
        let mut ring = MasterKeys::new(keys.next().unwrap());
        for key in keys {
            ring = ring.with_previous(key);
        }
        Sealer::new(&ring).unwrap()
    }

    #[test]
    fn a_seal_opens_only_where_it_belongs() {
        let sealer = sealer(&[1]);
        let sealed = sealer.seal(Sealed::Session, "abc", b"secret").unwrap();
        assert_eq!(sealer.open(Sealed::Session, "abc", &sealed).unwrap().expose(), "secret");
        assert!(sealer.open(Sealed::Session, "abd", &sealed).is_err());
        assert!(sealer.open(Sealed::Device, "abc", &sealed).is_err());
        for place in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[place] ^= 1;
            assert!(sealer.open(Sealed::Session, "abc", &damaged).is_err(), "{place}");
            assert!(sealer.open(Sealed::Session, "abc", &sealed[..place]).is_err(), "{place}");
        }
    }

    #[test]
    fn the_same_secret_is_never_sealed_alike() {
        let sealer = sealer(&[1]);
        let seal = || sealer.seal(Sealed::Device, "d", b"secret").unwrap();
        let (one, other) = (seal(), seal());
        assert_ne!(one, other);
        assert!(!one.windows(6).any(|window| window == b"secret"));
    }

    #[test]
    fn a_previous_key_opens_and_does_not_seal() {
        let old = sealer(&[1]);
        let sealed = old.seal(Sealed::Setting, "s", b"secret").unwrap();
        let both = sealer(&[2, 1]);
        assert_eq!(both.open(Sealed::Setting, "s", &sealed).unwrap().expose(), "secret");
        assert!(!both.is_current(&sealed));
        let anew = both.seal(Sealed::Setting, "s", b"secret").unwrap();
        assert!(both.is_current(&anew));
        assert!(matches!(old.open(Sealed::Setting, "s", &anew), Err(StorageError::WrongMasterKey)));
        assert!(matches!(
            sealer(&[3]).open(Sealed::Setting, "s", &sealed),
            Err(StorageError::WrongMasterKey)
        ));
    }
}
