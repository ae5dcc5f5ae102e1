//! The operator's settings: arguments and environment. Belongs here: reading and checking them. Does not belong here: their use.

use std::net::SocketAddr;

use clap::Parser;
use iampass::Secret;
use iampass::diesel::{InvalidKey, KeyRing, SealingKey};
use iampass::web::{ConfigError, CookieKeys};
use url::{Host, Url};

const COOKIE_KEYS: &str = "IAMPASS_COOKIE_KEYS";
const SEALING_KEYS: &str = "IAMPASS_SEALING_KEYS";

/// Notes that nobody else sees, and a login by phone.
///
/// IAMPASS_SERVER, IAMPASS_APPLICATION_ID and IAMPASS_APPLICATION_SECRET say which IAMPASS service it uses, and as which application.
/// IAMPASS_COOKIE_KEYS and IAMPASS_SEALING_KEYS hold its own keys, 32 random bytes each in base64.
#[derive(Debug, Clone, Parser)]
#[command(name = "actix-notes", version)]
pub struct Arguments {
    /// Where to listen. Port 0 takes one that is free.
    #[arg(long, env = "NOTES_LISTEN", default_value = "127.0.0.1:3001", value_name = "ADDRESS:PORT")]
    pub listen: SocketAddr,
    /// The database: `sqlite://FILE`, which is made if there is none, or `mysql://USER:PASSWORD@HOST/DATABASE`, for MariaDB too.
    #[arg(
        long,
        env = "DATABASE_URL",
        default_value = "sqlite://notes.db",
        value_name = "URL",
        hide_env_values = true
    )]
    pub database_url: String,
    /// The scheme, host and port under which browsers see it, like `https://notes.example`. Unless given, http:// and where it listens.
    #[arg(long, env = "NOTES_ORIGIN", value_name = "ORIGIN")]
    pub origin: Option<String>,
    /// How many proxies of your own stand before it and add to X-Forwarded-For.
    #[arg(long, env = "NOTES_TRUSTED_PROXIES", default_value_t = 0, value_name = "NUMBER")]
    pub trusted_proxies: usize,
}

/// The keys that the application seals with.
#[derive(Debug, Clone)]
pub struct Keys {
    /// Its cookies.
    pub cookies: CookieKeys,
    /// The sessions in its database.
    pub sessions: KeyRing,
}

/// A key that is missing or is none.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeysError {
    /// Not set where it has to be.
    #[error(
        "{0} is not set. Only on a loopback address may it be missing: set it to 32 random bytes in base64, from \
         `openssl rand -base64 32`"
    )]
    Missing(&'static str),
    /// One for cookies.
    #[error(transparent)]
    Cookies(#[from] ConfigError),
    /// One for sessions.
    #[error("{SEALING_KEYS}: {0}")]
    Sessions(#[from] InvalidKey),
}

impl Keys {
    /// Keys that are good for as long as this process lives.
    ///
    /// # Errors
    /// [`KeysError`] when the system gives no randomness.
    pub fn generate() -> Result<Self, KeysError> {
        Ok(Self { cookies: CookieKeys::generate()?, sessions: KeyRing::new(SealingKey::generate()?.0) })
    }

    /// The keys among the variables that `var` knows. Those that are not set are made up if that is allowed; their names are given
    /// beside the keys.
    ///
    /// # Errors
    /// [`KeysError`] when one is not set that must be, or is no key.
    pub fn from_vars(
        var: impl Fn(&str) -> Option<String>,
        may_be_made_up: bool,
    ) -> Result<(Self, Vec<&'static str>), KeysError> {
        let (mut keys, mut made_up) = (Self::generate()?, Vec::new());
        for name in [COOKIE_KEYS, SEALING_KEYS] {
            match var(name).filter(|text| !text.trim().is_empty()) {
                Some(text) if name == COOKIE_KEYS => keys.cookies = CookieKeys::parse(&Secret::new(text))?,
                Some(text) => keys.sessions = KeyRing::parse(&text)?,
                None if may_be_made_up => made_up.push(name),
                None => return Err(KeysError::Missing(name)),
            }
        }
        Ok((keys, made_up))
    }
}

/// Whether only this machine sees an application at this origin.
#[must_use]
pub fn is_loopback(origin: &str) -> bool {
    let Ok(url) = Url::parse(origin) else { return false };
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_well_defined() {
        use clap::CommandFactory as _;
        Arguments::command().debug_assert();
    }

    #[test]
    fn only_this_machine_is_loopback() {
        for origin in
            ["http://127.0.0.1:3001", "http://localhost", "http://notes.localhost:3001", "http://[::1]:3001"]
        {
            assert!(is_loopback(origin), "{origin}");
        }
        for origin in [
            "https://notes.example",
            "http://localhost.example",
            "http://127.0.0.1.example:80",
            "http://10.0.0.1:3001",
            "http://0.0.0.0:3001",
            "http://localhost:3001@notes.example",
            "127.0.0.1:3001",
        ] {
            assert!(!is_loopback(origin), "{origin}");
        }
    }

    #[test]
    fn keys_are_taken_as_given_and_made_up_only_where_allowed() {
        let key = || Some("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=".to_owned());
        assert!(Keys::from_vars(|_| key(), false).unwrap().1.is_empty());
        for missing in [COOKIE_KEYS, SEALING_KEYS] {
            let others = |name: &str| key().filter(|_| name != missing);
            let refused = Keys::from_vars(others, false).unwrap_err();
            assert!(matches!(refused, KeysError::Missing(name) if name == missing), "{refused}");
            assert_eq!(Keys::from_vars(others, true).unwrap().1, [missing]);
            // A value that is set and is no key is never replaced.
            let one_is_none = |name: &str| if name == missing { Some("secret".to_owned()) } else { key() };
            assert!(Keys::from_vars(one_is_none, true).is_err(), "{missing}");
        }
        assert_eq!(Keys::from_vars(|_| Some(" ".to_owned()), true).unwrap().1, [COOKIE_KEYS, SEALING_KEYS]);
    }
}
