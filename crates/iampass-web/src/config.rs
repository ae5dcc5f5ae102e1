//! How a login is set up. Belongs here: the builder and what it checks. Does not belong here: the flow.

use std::sync::Arc;
use std::time::Duration;

use iampass_core::client::Client;
use iampass_core::machine::{LoginOptions, WatchOptions};
use url::Url;

use crate::cookies::{CookieKeys, Cookies, PREFIX};
use crate::pages::{Links, OurPages, Pages, Site, Texts};
use crate::throttle::Limits;
use crate::{LoginWeb, UserDirectory};

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

/// Sets up a [`LoginWeb`].
#[must_use]
pub struct LoginWebBuilder<D> {
    client: Client,
    directory: D,
    origin: String,
    mount: String,
    name: String,
    keys: Option<CookieKeys>,
    cookie_prefix: String,
    mode: SessionMode,
    login: LoginOptions,
    watch: WatchOptions,
    limits: Limits,
    texts: Texts,
    pages: Arc<dyn Pages>,
    trusted_proxies: usize,
    after_logout: String,
    answer_step: Duration,
}

impl<D> std::fmt::Debug for LoginWebBuilder<D> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoginWebBuilder").field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// What the flow goes by.
pub(crate) struct Config {
    pub(crate) origin: String,
    pub(crate) site: Site,
    pub(crate) pages: Arc<dyn Pages>,
    pub(crate) cookies: Cookies,
    pub(crate) mode: SessionMode,
    pub(crate) login: LoginOptions,
    pub(crate) watch: WatchOptions,
    pub(crate) trusted_proxies: usize,
    pub(crate) after_logout: String,
    pub(crate) answer_step: Duration,
}

impl<D: UserDirectory> LoginWebBuilder<D> {
    pub(crate) fn new(client: Client, directory: D) -> Self {
        Self {
            client,
            directory,
            origin: String::new(),
            mount: "/auth".to_owned(),
            name: "this application".to_owned(),
            keys: None,
            cookie_prefix: PREFIX.to_owned(),
            mode: SessionMode::default(),
            login: LoginOptions::default(),
            watch: WatchOptions::default(),
            limits: Limits::default(),
            texts: Texts::default(),
            pages: Arc::new(OurPages),
            trusted_proxies: 0,
            after_logout: "/".to_owned(),
            answer_step: Duration::from_millis(250),
        }
    }

    /// The scheme, host and port under which browsers see the application: `https://app.example`. Required.
    pub fn origin(mut self, origin: impl Into<String>) -> Self {
        self.origin = origin.into();
        self
    }

    /// Where the routes are mounted: `/auth` unless set otherwise.
    pub fn mount(mut self, mount: impl Into<String>) -> Self {
        self.mount = mount.into();
        self
    }

    /// What the application is called on the pages.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The keys that seal cookies; those of `IAMPASS_COOKIE_KEYS` unless given.
    pub fn cookie_keys(mut self, keys: CookieKeys) -> Self {
        self.keys = Some(keys);
        self
    }

    /// What the names of cookies begin with: `iampass` unless set otherwise. Browsers keep cookies by host and not by port, so two
    /// applications on one host that use the same names log each other's users out.
    pub fn cookie_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.cookie_prefix = prefix.into();
        self
    }

    /// Where it is kept who is logged in.
    pub fn session_mode(mut self, mode: SessionMode) -> Self {
        self.mode = mode;
        self
    }

    /// Methods, duration and deadline of logins.
    pub fn login_options(mut self, options: LoginOptions) -> Self {
        self.login = options;
        self
    }

    /// For how long the service's word holds, 10 s unless set otherwise.
    pub fn watch_options(mut self, options: WatchOptions) -> Self {
        self.watch = options;
        self
    }

    /// How often logins may be started.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Other words for the pages.
    pub fn texts(mut self, texts: Texts) -> Self {
        self.texts = texts;
        self
    }

    /// Other pages.
    pub fn pages(mut self, pages: impl Pages + 'static) -> Self {
        self.pages = Arc::new(pages);
        self
    }

    /// How many proxies of your own stand before the application: the client's address is the one that the outermost of them saw, in
    /// `X-Forwarded-For`. None unless set otherwise, for anybody can send that header.
    pub fn trusted_proxies(mut self, proxies: usize) -> Self {
        self.trusted_proxies = proxies;
        self
    }

    /// Where a logout leads: `/` unless set otherwise.
    pub fn after_logout(mut self, path: impl Into<String>) -> Self {
        self.after_logout = path.into();
        self
    }

    /// Whether a login name is known must not show in how long the start of a login takes, so it is answered at multiples of
    /// this: 250 ms unless set otherwise.
    pub fn answer_step(mut self, step: Duration) -> Self {
        self.answer_step = step;
        self
    }

    /// Checks it all.
    ///
    /// # Errors
    /// [`ConfigError`] says what is missing or wrong.
    pub fn build(self) -> Result<LoginWeb<D>, ConfigError> {
        let is_secure = check_origin(&self.origin)?;
        let is_mount = |mount: &str| {
            let segments = mount.strip_prefix('/')?.split('/');
            segments.map(is_plain).reduce(|a, b| a && b)
        };
        if is_mount(&self.mount) != Some(true) {
            return Err(ConfigError::Mount);
        }
        if !is_plain(&self.cookie_prefix) {
            return Err(ConfigError::CookiePrefix);
        }
        if self.client.token_store().is_none() {
            return Err(ConfigError::NoTokenStore);
        }
        let runtime = tokio::runtime::Handle::try_current().map_err(|_| ConfigError::NoRuntime)?;
        let keys = match self.keys {
            Some(keys) => keys,
            None => CookieKeys::from_env()?,
        };
        let config = Config {
            origin: self.origin,
            site: Site::new(self.name, self.texts, Links { mount: self.mount }),
            pages: self.pages,
            cookies: Cookies::new(keys, is_secure, &self.cookie_prefix),
            mode: self.mode,
            login: self.login,
            // As the watch itself bounds it.
            watch: self.watch.freshness(self.watch.freshness.max(Duration::from_millis(500))),
            trusted_proxies: self.trusted_proxies,
            after_logout: self.after_logout,
            answer_step: self.answer_step,
        };
        Ok(LoginWeb::from_parts(config, self.client, self.directory, self.limits, runtime))
    }
}

/// Whether it can stand in paths and names of cookies as it is.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Whether cookies are for https only.
fn check_origin(origin: &str) -> Result<bool, ConfigError> {
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
