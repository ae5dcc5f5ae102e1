//! The keys that the gate seals with: its cookies, and the sessions in its database. Belongs here: reading them from the environment.

use iampass_core::Secret;
use iampass_sea_orm::{InvalidKey, KeyRing, SealingKey};
use iampass_web::{ConfigError, CookieKeys};

const COOKIE_KEYS: &str = "IAMPASS_COOKIE_KEYS";
const SEALING_KEYS: &str = "IAMPASS_SEALING_KEYS";

/// The keys.
#[derive(Debug, Clone)]
pub struct Keys {
    /// Of cookies.
    pub cookies: CookieKeys,
    /// Of the sessions that are kept.
    pub sessions: KeyRing,
}

/// Keys that are missing or are none.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeysError {
    /// Not set where they have to be.
    #[error(
        "{0} is not set. Only for a site at a loopback address may it be missing: set it to 32 random bytes in base64, from \
         `openssl rand -base64 32`, the same for all gates of the site"
    )]
    Missing(&'static str),
    /// Those of cookies.
    #[error(transparent)]
    Cookies(#[from] ConfigError),
    /// Those of sessions.
    #[error("{SEALING_KEYS}: {0}")]
    Sessions(#[from] InvalidKey),
}

impl Keys {
    /// The keys among the variables that `var` knows. Those that are missing are made up for a site at a loopback address, and their names are
    /// given too.
    ///
    /// # Errors
    /// [`KeysError`] when one is missing that must not be, or is no key.
    pub fn from_vars(
        var: impl Fn(&str) -> Option<String>,
        origin: &str,
    ) -> Result<(Self, Vec<&'static str>), KeysError> {
        let may_be_made_up = is_loopback(origin);
        let mut made_up = Vec::new();
        let mut given = |name| match var(name).filter(|text| !text.trim().is_empty()) {
            Some(text) => Ok(Some(text)),
            None if may_be_made_up => {
                made_up.push(name);
                Ok(None)
            }
            None => Err(KeysError::Missing(name)),
        };
        let (cookies, sessions) = (given(COOKIE_KEYS)?, given(SEALING_KEYS)?);
        let keys = Self {
            cookies: match cookies {
                Some(text) => CookieKeys::parse(&Secret::new(text))?,
                None => CookieKeys::generate()?,
            },
            sessions: match sessions {
                Some(text) => KeyRing::parse(&text)?,
                None => KeyRing::new(SealingKey::generate()?.0),
            },
        };
        Ok((keys, made_up))
    }
}

/// Whether only this machine sees a site at this origin.
fn is_loopback(origin: &str) -> bool {
    let Ok(url) = url::Url::parse(origin) else { return false };
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A key for tests alone.
    const TEST_KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    #[test]
    fn keys_may_be_missing_for_a_loopback_site_only() {
        for origin in
            ["http://127.0.0.1:3000", "http://localhost", "http://wiki.localhost:3000", "http://[::1]:3000"]
        {
            assert_eq!(Keys::from_vars(|_| None, origin).unwrap().1, [COOKIE_KEYS, SEALING_KEYS], "{origin}");
        }
        for origin in ["https://site.example", "http://localhost.example", "http://10.0.0.1"] {
            assert!(
                matches!(Keys::from_vars(|_| None, origin), Err(KeysError::Missing(COOKIE_KEYS))),
                "{origin}"
            );
        }
        let given = |_: &str| Some(TEST_KEY.to_owned());
        assert!(Keys::from_vars(given, "https://site.example").unwrap().1.is_empty());
        assert!(Keys::from_vars(|_| Some("secret".to_owned()), "http://localhost").is_err());
    }
}
