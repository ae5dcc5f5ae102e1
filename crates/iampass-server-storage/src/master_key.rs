//! The master key: what opens the secrets in the database.
//!
//! Belongs here: the key, its text, and where it is found. Does not belong here: what it is used for ([`super::sealing`]).

use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use base16ct::HexDisplay;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// The environment variable with the master key in it.
pub const MASTER_KEY_VARIABLE: &str = "IAMPASS_MASTER_KEY";

const KEY_BYTES: usize = 32;

/// 256 random bits, under which the secrets of applications, sessions and phones are sealed. The holder of the key and the database can
/// sign as every client; without the key the sealed secrets cannot be opened, not even by the database's owner.
///
/// Its text is 32 bytes in base64 (44 characters), as `openssl rand -base64 32` makes it.
///
/// ```
/// use iampass_server_storage::MasterKey;
///
/// let key = MasterKey::generate()?;
/// assert_eq!(MasterKey::parse(key.to_text().expose())?.id(), key.id());
/// # Ok::<(), iampass_server_storage::InvalidMasterKey>(())
/// ```
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; KEY_BYTES]>);

/// The name of a master key: the beginning of a hash of it. It stands before everything that the key has sealed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId([u8; KeyId::LENGTH]);

/// The key that seals, and earlier ones that still open what they have sealed.
#[derive(Clone, Debug)]
pub struct MasterKeys {
    current: MasterKey,
    previous: Vec<MasterKey>,
}

/// Where the master key is.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum MasterKeySource {
    /// In a file beside the data file, of the same name with `.key` after it; it is made together with the data. Not for PostgreSQL.
    #[default]
    BesideData,
    /// These.
    Keys(MasterKeys),
}

/// Why there is no master key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidMasterKey {
    /// The text is not one.
    #[error(
        "a master key is 32 random bytes in base64 (44 characters), and this is not: make one with `iampass-server master-key new`"
    )]
    NotAKey,
    /// The file cannot be read or written.
    #[error("the master key file {} cannot be used: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The system gave no randomness.
    #[error("the system gives no random bytes, so no key can be made")]
    NoRandomness,
}

impl MasterKey {
    /// A new random key.
    ///
    /// # Errors
    /// [`InvalidMasterKey::NoRandomness`].
    pub fn generate() -> Result<Self, InvalidMasterKey> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        getrandom::fill(&mut *bytes).map_err(|_| InvalidMasterKey::NoRandomness)?;
        Ok(Self(bytes))
    }

    /// Reads a key from its text; white space around it does not matter.
    ///
    /// # Errors
    /// [`InvalidMasterKey::NotAKey`].
    pub fn parse(text: &str) -> Result<Self, InvalidMasterKey> {
        let text = text.trim();
        let decoded = STANDARD.decode(text).or_else(|_| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')));
        let decoded = Zeroizing::new(decoded.map_err(|_| InvalidMasterKey::NotAKey)?);
        let bytes: [u8; KEY_BYTES] = decoded.as_slice().try_into().map_err(|_| InvalidMasterKey::NotAKey)?;
        Ok(Self::from_bytes(bytes))
    }

    /// Reads a key from a file that holds its text.
    ///
    /// # Errors
    /// [`InvalidMasterKey::File`], [`InvalidMasterKey::NotAKey`].
    pub fn from_file(path: &Path) -> Result<Self, InvalidMasterKey> {
        let failed = |source| InvalidMasterKey::File { path: path.to_owned(), source };
        let text = Zeroizing::new(fs::read_to_string(path).map_err(failed)?);
        Self::parse(&text)
    }

    /// Makes a new key and writes it to a file that must not be there yet, for its owner only. It is on the disk when this returns.
    ///
    /// # Errors
    /// [`InvalidMasterKey::File`], [`InvalidMasterKey::NoRandomness`].
    pub fn make_file(path: &Path) -> Result<Self, InvalidMasterKey> {
        let failed = |source| InvalidMasterKey::File { path: path.to_owned(), source };
        let key = Self::generate()?;
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(failed)?;
        writeln!(file, "{}", key.to_text().expose()).and_then(|()| file.sync_all()).map_err(failed)?;
        Ok(key)
    }

    /// The text to keep it by.
    #[must_use]
    pub fn to_text(&self) -> iampass_core::Secret {
        iampass_core::Secret::new(STANDARD.encode(*self.0))
    }

    /// A key of these bytes, which must be random.
    #[must_use]
    pub fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> KeyId {
        let digest = Sha256::new_with_prefix(b"iampass master key").chain_update(*self.0).finalize();
        let mut id = [0; KeyId::LENGTH];
        id.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        KeyId(id)
    }

    /// The key itself.
    pub fn bytes(&self) -> &[u8] {
        &*self.0
    }
}

impl KeyId {
    pub(crate) const LENGTH: usize = 4;

    /// The name of these bytes.
    pub(crate) fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl MasterKeys {
    /// One key, which does it all.
    #[must_use]
    pub fn new(current: MasterKey) -> Self {
        Self { current, previous: Vec::new() }
    }

    /// Adds a key that opens, and does not seal any more.
    #[must_use]
    pub fn with_previous(mut self, key: MasterKey) -> Self {
        self.previous.push(key);
        self
    }

    /// The key that seals.
    #[must_use]
    pub fn current(&self) -> &MasterKey {
        &self.current
    }

    /// All of them, the current one first.
    pub fn iter(&self) -> impl Iterator<Item = &MasterKey> {
        std::iter::once(&self.current).chain(&self.previous)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}", HexDisplay(&self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({})", self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_by_its_text_and_not_printed() {
        let key = MasterKey::generate().unwrap();
        let text = key.to_text();
        assert_eq!(text.expose().len(), 44);
        let again = MasterKey::parse(&format!(" {}\n", text.expose())).unwrap();
        assert_eq!(again.bytes(), key.bytes());
        assert!(!format!("{key:?}").contains(text.expose()));
        for bad in ["", "AAAA", "not base64 at all!", &text.expose()[1..]] {
            assert!(matches!(MasterKey::parse(bad), Err(InvalidMasterKey::NotAKey)), "{bad:?}");
        }
    }

    #[test]
    fn a_key_file_is_its_owners_alone_and_never_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        let key = MasterKey::make_file(&path).unwrap();
        assert_eq!(MasterKey::from_file(&path).unwrap().id(), key.id());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert!(matches!(MasterKey::make_file(&path), Err(InvalidMasterKey::File { .. })));
        assert_eq!(MasterKey::from_file(&path).unwrap().id(), key.id());
    }
}
