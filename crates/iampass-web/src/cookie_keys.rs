//! The keys that seal cookies: reading them, and deriving those of an application.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cookie::Key;
use iampass_core::{ApplicationId, Secret};
use zeroize::Zeroizing;

use crate::config_error::ConfigError;

/// The environment variable of [`CookieKeys::from_env`].
const VARIABLE: &str = "IAMPASS_COOKIE_KEYS";

/// The fewest bytes of a key.
const KEY_BYTES: usize = 32;

/// The keys that seal cookies: the first seals, all open. The same on every node.
///
/// A cookie that one application sealed opens in no other one, though both have the same keys: the key of each cookie is derived from these
/// and the application's id.
///
/// ```
/// use iampass_web::CookieKeys;
///
/// let keys = CookieKeys::generate()?; // Good until the process ends; real ones come from the environment.
/// # Ok::<(), iampass_web::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct CookieKeys(Vec<Secret>);

impl CookieKeys {
    /// One random key. Cookies sealed with it are good for as long as this process lives, and on no other node.
    ///
    /// # Errors
    /// [`ConfigError::NoRandomness`].
    pub fn generate() -> Result<Self, ConfigError> {
        let key = Key::try_generate().ok_or(ConfigError::NoRandomness)?;
        Ok(Self(vec![Secret::new(STANDARD.encode(key.master()))]))
    }

    /// Keys of 32 random bytes or more in base64, with commas or white space between them; the first seals.
    ///
    /// # Errors
    /// [`ConfigError::CookieKey`] when one of them is no key, or there is none.
    pub fn parse(text: &Secret) -> Result<Self, ConfigError> {
        let texts = text.expose().split(|character: char| character == ',' || character.is_whitespace());
        let texts: Vec<_> = texts.filter(|text| !text.is_empty()).collect();
        if texts.is_empty() || texts.iter().any(|text| key_bytes(text).is_none()) {
            return Err(ConfigError::CookieKey);
        }
        Ok(Self(texts.into_iter().map(Secret::new).collect()))
    }

    /// The keys in the environment variable `IAMPASS_COOKIE_KEYS`, as for [`CookieKeys::parse`].
    ///
    /// # Errors
    /// [`ConfigError::CookieKey`] when it is not set or one of them is no key.
    pub fn from_env() -> Result<Self, ConfigError> {
        let text = std::env::var(VARIABLE).map_err(|_| ConfigError::CookieKey)?;
        Self::parse(&Secret::new(text))
    }
}

impl CookieKeys {
    /// The keys of this application's cookies.
    pub(crate) fn of(&self, application: &ApplicationId) -> Vec<Key> {
        self.0.iter().filter_map(|key| key_of(key, application)).collect()
    }
}

impl std::fmt::Debug for CookieKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CookieKeys({})", self.0.len())
    }
}

fn key_bytes(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let bytes = Zeroizing::new(STANDARD.decode(text).ok()?);
    (bytes.len() >= KEY_BYTES).then_some(bytes)
}

fn key_of(text: &Secret, application: &ApplicationId) -> Option<Key> {
    let mut bytes = key_bytes(text.expose())?;
    bytes.push(0);
    bytes.extend_from_slice(application.as_str().as_bytes());
    Some(Key::derive_from(&bytes))
}
