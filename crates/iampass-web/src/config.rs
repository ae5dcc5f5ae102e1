//! The configuration of a login, and the rules for its origin and paths. Does not belong here: setting it up ([`crate::login_builder`]),
//! and the flow.

use std::sync::Arc;
use std::time::Duration;

use iampass_core::machine::{LoginOptions, WatchOptions};
use url::Url;

use crate::LostPhone;
use crate::client_address::ClientAddresses;
#[cfg(test)]
use crate::cookie_keys::CookieKeys;
use crate::cookies::Cookies;
#[cfg(test)]
use crate::cookies::PREFIX;
#[cfg(test)]
use crate::pages::{Links, OurPages, Texts};
use crate::pages::{PageContext, Pages};

/// The login cannot be set up like that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The origin is not one.
    #[error(
        "the origin must be the scheme, host and port that browsers see, like https://app.example, and nothing more"
    )]
    Origin,
    /// Session cookies would go over the network in clear.
    #[error("the origin must be https, except on a loopback address")]
    PlainHttp,
    /// The mount is no path.
    #[error("the mount must be a path of letters, digits, - and _, like /auth")]
    Mount,
    /// The path prefix is no path.
    #[error(
        "the path prefix must be a path of letters, digits, - and _ without a slash at its end, like /app"
    )]
    PathPrefix,
    /// The front page, or where a logout leads, is no path of the application.
    #[error(
        "the front page must be a path of the application, like /home, and so must the place after a logout, or a whole URL"
    )]
    Place,
    /// Proxies are trusted both by their number and by their networks.
    #[error("trust proxies by their number or by their networks, not by both")]
    Proxies,
    /// No key for cookies, or one that is none.
    #[error(
        "the keys for cookies are 32 random bytes each, in base64, the newest first: make one with \
         `openssl rand -base64 32`, and set IAMPASS_COOKIE_KEYS"
    )]
    CookieKey,
    /// The beginning of the cookies' names is none.
    #[error("the names of cookies begin with letters, digits, - and _, like iampass")]
    CookiePrefix,
    /// The client has nowhere to look up tokens.
    #[error("the client has no token store: call `token_store` when building it")]
    NoTokenStore,
    /// There is no runtime to watch sessions on.
    #[error("it must be built within a tokio runtime, on which it watches sessions")]
    NoRuntime,
    /// The system gave no randomness.
    #[error("the system gives no random bytes")]
    NoRandomness,
}

/// Where it is kept who is logged in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionMode {
    /// In the client's session store; the cookie holds its sealed name. A node asks the store when it sees a cookie for the first time in
    /// half an hour and about once a minute while the session is in use, and the service, whose word counts, once per freshness period.
    #[default]
    Stored,
    /// In the cookie itself, sealed, so that no record is loaded for it. The nodes need a session store that they share all the same: it
    /// knows which logins are under way and which sessions have been logged out, and is asked for that as often.
    Sealed,
}

/// The configuration of the flow.
pub(crate) struct Config {
    pub(crate) origin: String,
    /// The prefix that browsers see before each path of the application: empty, or like `/app`.
    pub(crate) prefix: String,
    /// Where the routes are mounted, without the prefix.
    pub(crate) mount_path: String,
    /// The front page, as browsers see it.
    pub(crate) home: String,
    pub(crate) addresses: ClientAddresses,
    pub(crate) site: PageContext,
    pub(crate) pages: Arc<dyn Pages>,
    pub(crate) cookies: Cookies,
    pub(crate) mode: SessionMode,
    pub(crate) login: LoginOptions,
    pub(crate) watch: WatchOptions,
    pub(crate) after_logout: String,
    pub(crate) answer_step: Duration,
    pub(crate) lost_phone: LostPhone,
}

impl Config {
    /// A place that the application names when it is set up.
    pub(crate) fn known_place(&self, place: &str) -> Result<String, ConfigError> {
        let known = self.own_place(place);
        let is_kept = known.as_str() == place || known.as_str() == format!("{}{place}", self.prefix);
        is_kept.then(|| known.as_str().to_owned()).ok_or(ConfigError::Place)
    }

    #[cfg(test)]
    pub(crate) fn for_tests(prefix: &str) -> Self {
        let links = Links { mount_path: format!("{prefix}/auth") };
        Self {
            origin: "https://app.example".to_owned(),
            prefix: prefix.to_owned(),
            mount_path: "/auth".to_owned(),
            home: format!("{prefix}/"),
            addresses: ClientAddresses::default(),
            site: PageContext::new("Test", Texts::default(), links),
            pages: Arc::new(OurPages),
            cookies: Cookies::new(
                &CookieKeys::generate().unwrap(),
                &iampass_core::ApplicationId::new("app").unwrap(),
                true,
                PREFIX,
                prefix,
            ),
            mode: SessionMode::default(),
            login: LoginOptions::default(),
            watch: WatchOptions::default(),
            after_logout: format!("{prefix}/"),
            answer_step: Duration::from_millis(1),
            lost_phone: LostPhone::default(),
        }
    }
}

/// Whether it is a path of plain segments.
pub(crate) fn is_plain_path(path: &str) -> bool {
    path.strip_prefix('/').is_some_and(|path| path.split('/').all(is_plain))
}

/// Whether it can stand in paths and names of cookies as it is.
pub(crate) fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Whether cookies are for https only.
pub(crate) fn check_origin(origin: &str) -> Result<bool, ConfigError> {
    let url = Url::parse(origin).map_err(|_| ConfigError::Origin)?;
    if url.origin().ascii_serialization() != origin {
        return Err(ConfigError::Origin);
    }
    let is_loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    match url.scheme() {
        "https" => Ok(true),
        "http" if is_loopback => Ok(false),
        _ => Err(ConfigError::PlainHttp),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_that_and_nothing_more() {
        assert_eq!(check_origin("https://app.example"), Ok(true));
        assert_eq!(check_origin("https://app.example:8443"), Ok(true));
        assert_eq!(check_origin("http://127.0.0.1:3000"), Ok(false));
        assert_eq!(check_origin("http://localhost:3000"), Ok(false));
        assert_eq!(check_origin("http://app.example"), Err(ConfigError::PlainHttp));
        for bad in
            ["", "app.example", "https://app.example/", "https://app.example:443", "https://App.example"]
        {
            assert_eq!(check_origin(bad), Err(ConfigError::Origin), "{bad}");
        }
    }
}
