//! The operator's settings: arguments and environment. Belongs here: reading and checking them. Does not belong here: their use.

use std::net::SocketAddr;

use clap::Parser;
use iampass::Secret;
use iampass::sea_orm::{InvalidKey, KeyRing, SealingKey};
use iampass::web::{ConfigError, CookieKeys};

const COOKIE_KEYS: &str = "IAMPASS_COOKIE_KEYS";
const SEALING_KEYS: &str = "IAMPASS_SEALING_KEYS";

/// A small blog, whose users log in by phone.
///
/// IAMPASS_SERVER, IAMPASS_APPLICATION_ID and IAMPASS_APPLICATION_SECRET say which IAMPASS service it uses, and as which application.
/// IAMPASS_COOKIE_KEYS and IAMPASS_SEALING_KEYS hold its own keys, 32 random bytes each in base64.
#[derive(Debug, Clone, Parser)]
#[command(name = "microblog", version)]
pub struct Arguments {
    /// Where to listen. Port 0 takes one that is free.
    #[arg(long, env = "MICROBLOG_LISTEN", default_value = "127.0.0.1:3000", value_name = "ADDRESS:PORT")]
    pub listen: SocketAddr,
    /// The database: `sqlite://FILE` or `postgres://…`.
    #[arg(
        long,
        env = "DATABASE_URL",
        default_value = "sqlite://microblog.db",
        value_name = "URL",
        hide_env_values = true
    )]
    pub database_url: String,
    /// The scheme, host and port under which browsers see it, like `https://blog.example`. Unless given, `http://` and where it listens.
    #[arg(long, env = "MICROBLOG_ORIGIN", value_name = "ORIGIN")]
    pub origin: Option<String>,
    /// How many proxies of your own stand before it and add to X-Forwarded-For.
    #[arg(long, env = "MICROBLOG_TRUSTED_PROXIES", default_value_t = 0, value_name = "NUMBER")]
    pub trusted_proxies: usize,
}

/// The keys that the application seals with: its cookies, and the sessions in its database.
#[derive(Debug, Clone)]
pub struct Keys {
    /// Of its cookies.
    pub cookies: CookieKeys,
    /// Of the sessions that it keeps.
    pub sessions: KeyRing,
}

/// Keys that are missing or are none.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeysError {
    /// Not set where they have to be.
    #[error(
        "{0} is not set. Only on a loopback address may it be missing: set it to 32 random bytes in base64, from \
         `openssl rand -base64 32`"
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
    /// Keys that are good for as long as this process lives.
    ///
    /// # Errors
    /// [`KeysError`] when the system gives no randomness.
    pub fn generate() -> Result<Self, KeysError> {
        Ok(Self { cookies: CookieKeys::generate()?, sessions: KeyRing::new(SealingKey::generate()?.0) })
    }

    /// The keys among the variables that `var` knows. Those that are missing are made up where `may_be_made_up` says so. Gives their
    /// names too.
    ///
    /// # Errors
    /// [`KeysError`] when one is missing that must not be, or is no key.
    pub fn from_vars(
        var: impl Fn(&str) -> Option<String>,
        may_be_made_up: bool,
    ) -> Result<(Self, Vec<&'static str>), KeysError> {
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
        let fresh = Self::generate()?;
        let keys = Self {
            cookies: cookies.map_or(Ok(fresh.cookies), |text| CookieKeys::parse(&Secret::new(text)))?,
            sessions: sessions.map_or(Ok(fresh.sessions), |text| KeyRing::parse(&text))?,
        };
        Ok((keys, made_up))
    }
}

/// Whether only this machine sees an application at this origin.
#[must_use]
pub fn is_loopback(origin: &str) -> bool {
    let Some(("http" | "https", authority)) = origin.split_once("://") else { return false };
    if let Ok(address) = authority.parse::<SocketAddr>() {
        return address.ip().is_loopback();
    }
    let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
    port.bytes().all(|byte| byte.is_ascii_digit())
        && (host == "localhost"
            || host.ends_with(".localhost")
            || host.parse::<std::net::IpAddr>().is_ok_and(|host| host.is_loopback()))
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
    fn keys_may_be_missing_on_a_loopback_origin_only() {
        for origin in
            ["http://127.0.0.1:3000", "http://localhost", "http://blog.localhost:3000", "http://[::1]:3000"]
        {
            assert!(is_loopback(origin), "{origin}");
        }
        for origin in [
            "https://blog.example",
            "http://localhost.example",
            "http://127.0.0.1.example:80",
            "http://10.0.0.1:3000",
            "http://localhost:3000@blog.example",
            "127.0.0.1:3000",
        ] {
            assert!(!is_loopback(origin), "{origin}");
        }
    }

    #[test]
    fn keys_are_taken_as_given_and_made_up_only_where_allowed() {
        let key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
        let all = |_: &str| Some(key.to_owned());
        assert!(Keys::from_vars(all, false).unwrap().1.is_empty());
        assert!(matches!(Keys::from_vars(|_| None, false), Err(KeysError::Missing(COOKIE_KEYS))));
        let cookies_only = |name: &str| (name == COOKIE_KEYS).then(|| key.to_owned());
        assert!(matches!(Keys::from_vars(cookies_only, false), Err(KeysError::Missing(SEALING_KEYS))));
        assert_eq!(Keys::from_vars(cookies_only, true).unwrap().1, [SEALING_KEYS]);
        // A value that is set and is no key is never replaced.
        assert!(Keys::from_vars(|_| Some("secret".to_owned()), true).is_err());
    }
}
