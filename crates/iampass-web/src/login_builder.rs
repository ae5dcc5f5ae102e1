//! How a login is set up. Belongs here: the builder and what it checks. Does not belong here: what the flow goes by ([`crate::config`]), and
//! the flow.

use std::sync::Arc;
use std::time::Duration;

use iampass_core::client::Client;
use iampass_core::machine::{LoginOptions, WatchOptions};
use url::Url;

use crate::client_address::{ClientAddresses, ProxyNetworks, TrustedProxies};
use crate::config::{
    Config, NamelessLogin, SessionMode, ShownApproval, check_origin, is_plain, is_plain_path,
};
use crate::config_error::ConfigError;
use crate::cookie_keys::CookieKeys;
use crate::cookies::{Cookies, PREFIX};
use crate::directory::UserDirectory;
use crate::keep_signed_in::KeepSignedIn;
use crate::login_web::LoginWeb;
use crate::lost_phone_policy::LostPhoneWays;
use crate::pages::{Links, OurPages, PageContext, Pages, Texts};
use crate::sites::Sites;
use crate::throttle::Limits;

/// Sets up a [`LoginWeb`].
#[must_use]
pub struct LoginWebBuilder<U> {
    client: Client,
    directory: Arc<dyn UserDirectory<User = U>>,
    origin: String,
    mount_path: String,
    path_prefix: String,
    name: Option<String>,
    keys: Option<CookieKeys>,
    cookie_prefix: Option<String>,
    mode: SessionMode,
    login: LoginOptions,
    watch: WatchOptions,
    limits: Limits,
    texts: Vec<Texts>,
    language_path: Option<String>,
    pages: Arc<dyn Pages>,
    trusted_proxies: usize,
    proxy_networks: ProxyNetworks,
    front_page: String,
    after_logout: Option<String>,
    answer_step: Duration,
    lost_phone: LostPhoneWays,
    approval: ShownApproval,
    nameless: NamelessLogin,
    keep: KeepSignedIn,
}

impl<U> std::fmt::Debug for LoginWebBuilder<U> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoginWebBuilder").field("origin", &self.origin).finish_non_exhaustive()
    }
}

impl<U: Clone + Send + Sync + 'static> LoginWeb<U> {
    /// Begins to set one up: for users whom `directory` knows, through `client`, which needs a token store.
    pub fn builder(client: Client, directory: impl UserDirectory<User = U>) -> LoginWebBuilder<U> {
        LoginWebBuilder::new(client, Arc::new(directory))
    }
}

impl<U: Clone + Send + Sync + 'static> LoginWebBuilder<U> {
    pub(crate) fn new(client: Client, directory: Arc<dyn UserDirectory<User = U>>) -> Self {
        Self {
            client,
            directory,
            origin: String::new(),
            mount_path: "/auth".to_owned(),
            path_prefix: String::new(),
            name: None,
            keys: None,
            cookie_prefix: None,
            mode: SessionMode::default(),
            login: LoginOptions::default(),
            watch: WatchOptions::default(),
            limits: Limits::default(),
            texts: Texts::built_in(),
            language_path: None,
            pages: Arc::new(OurPages),
            trusted_proxies: 0,
            proxy_networks: ProxyNetworks::default(),
            front_page: "/".to_owned(),
            after_logout: None,
            answer_step: Duration::from_millis(250),
            lost_phone: LostPhoneWays::default(),
            approval: ShownApproval::default(),
            nameless: NamelessLogin::default(),
            keep: KeepSignedIn::default(),
        }
    }

    /// The scheme, host and port under which browsers see the application: `https://app.example`. Required.
    pub fn origin(mut self, origin: impl Into<String>) -> Self {
        self.origin = origin.into();
        self
    }

    /// Where the routes are mounted: `/auth` unless set otherwise. Below a path prefix it is the rest of the path.
    pub fn mount_path(mut self, mount_path: impl Into<String>) -> Self {
        self.mount_path = mount_path.into();
        self
    }

    /// The prefix that browsers see before each path of the application, when it is not at the root of its host: `/app` for
    /// `https://host.example/app/…`. All links, redirects and cookies of the login stay below it, and so do the places that it goes to
    /// after a login. Whether a proxy takes the prefix away before the application sees a path, or the application is mounted below it
    /// by itself, is the same to the login. (So an application at `/app` has no page of its own at `/app/app`. And where axum's `nest`
    /// answers `/app` and not `/app/`, the [front page](LoginWebBuilder::front_page) is `/app`.)
    ///
    /// Cookies are then sent to that path alone, and their names are made of it, so that applications on one host do not log each
    /// other's users out. Such a cookie cannot have a name with `__Host-`, which browsers keep any other host from setting; it has
    /// `__Secure-`. An application at another name of the same domain could put a cookie in the place of it, and with that keep a user
    /// out, but gain no access by it. Applications on one host are one to the browser in any case: a script of one can use the pages of the
    /// others. Where they are not to trust each other, give each a host of its own.
    pub fn path_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.path_prefix = prefix.into();
        self
    }

    /// The place that a person is led to without another place to go to: `/` unless set otherwise.
    pub fn front_page(mut self, path: impl Into<String>) -> Self {
        self.front_page = path.into();
        self
    }

    /// Sets the application's name on the pages: the name that it has at the service, which phones show with each request. Without one the pages show
    /// its host, and do not ask the user to compare the two.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The keys that seal cookies; those of `IAMPASS_COOKIE_KEYS` unless given.
    pub fn cookie_keys(mut self, keys: CookieKeys) -> Self {
        self.keys = Some(keys);
        self
    }

    /// Sets the prefix of the cookies' names: `iampass` unless set otherwise, with the path prefix behind it. Browsers keep cookies by host
    /// and not by port, so two applications on one host that use the same names log each other's users out.
    pub fn cookie_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.cookie_prefix = Some(prefix.into());
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

    /// Sets for how long the service's answer holds, 10 s unless set otherwise.
    pub fn watch_options(mut self, options: WatchOptions) -> Self {
        self.watch = options;
        self
    }

    /// The approval that login pages ask for: [`ShownApproval::Code`] unless set otherwise. Each start of a login then tells the phone the browser's
    /// short name and address. The application's own setting at the service says what is accepted at least.
    pub fn approval(mut self, approval: ShownApproval) -> Self {
        self.approval = approval;
        self
    }

    /// Whether login pages offer a login without a name: [`NamelessLogin::Offered`] unless set otherwise, where pages show codes.
    pub fn nameless_login(mut self, nameless: NamelessLogin) -> Self {
        self.nameless = nameless;
        self
    }

    /// Whether login pages let the user choose that the browser stays signed in when it is closed: [`KeepSignedIn::Always`] unless set otherwise.
    pub fn keep_signed_in(mut self, keep: KeepSignedIn) -> Self {
        self.keep = keep;
        self
    }

    /// How often logins may be started.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The languages of the pages, each with its texts: [`Texts::built_in`] unless set otherwise. A page comes in the language that the user has
    /// chosen, or that the browser asks for (`Accept-Language`), and in the first one of these if it asks for none of them.
    ///
    /// ```
    /// use iampass_web::pages::Texts;
    ///
    /// // English and German, with a word of the application's own.
    /// let german = Texts::from_fluent("de", "login-button = Einloggen")?;
    /// let texts = [Texts::default(), german]; // for `builder.languages(texts)`
    /// # Ok::<(), iampass_web::pages::TextError>(())
    /// ```
    pub fn languages(mut self, texts: impl IntoIterator<Item = Texts>) -> Self {
        self.texts = texts.into_iter().collect();
        self
    }

    /// The path that the choice of a language is sent to, below the path prefix: all of the application unless set otherwise. The login's own pages
    /// and those of the application that come in several languages have to be below it.
    pub fn language_path(mut self, path: impl Into<String>) -> Self {
        self.language_path = Some(path.into());
        self
    }

    /// The words of the pages in one language, which is then the only one.
    pub fn texts(self, texts: Texts) -> Self {
        self.languages([texts])
    }

    /// Other pages.
    pub fn pages(mut self, pages: impl Pages + 'static) -> Self {
        self.pages = Arc::new(pages);
        self
    }

    /// How many proxies of your own stand before the application: the client's address is the one that the outermost of them saw, in
    /// `X-Forwarded-For`. None unless set otherwise, for anybody can send that header. All requests must come through them; where some
    /// do not, name their networks instead ([`LoginWebBuilder::trusted_proxy_networks`]).
    pub fn trusted_proxies(mut self, proxies: usize) -> Self {
        self.trusted_proxies = proxies;
        self
    }

    /// The networks in which your own proxies are: only a peer in one of them is believed when it says, in `X-Forwarded-For`, whom it
    /// forwards for.
    pub fn trusted_proxy_networks(mut self, networks: ProxyNetworks) -> Self {
        self.proxy_networks = networks;
        self
    }

    /// Where a logout leads: the front page unless set otherwise. A path is one of the application; another site is named by its whole
    /// URL.
    pub fn after_logout(mut self, place: impl Into<String>) -> Self {
        self.after_logout = Some(place.into());
        self
    }

    /// Whether a login name is known must not show in how long the start of a login takes. So it is answered, and its page says that the
    /// phone is asked, at multiples of this: 250 ms unless set otherwise. It is to be longer than the user directory, the stores and the
    /// service take together.
    pub fn answer_step(mut self, step: Duration) -> Self {
        self.answer_step = step;
        self
    }

    /// How a user who has lost a phone registers another one: only with the operator's help unless set otherwise. It is one
    /// [`LostPhone`](crate::LostPhone), or a list of several.
    pub fn lost_phone(mut self, ways: impl Into<LostPhoneWays>) -> Self {
        self.lost_phone = ways.into();
        self
    }

    /// Checks it all. It logs a warning where users can replace a lost phone and the directory tells them nothing
    /// ([`UserDirectory::can_notify`]).
    ///
    /// # Errors
    /// [`ConfigError`] says what is missing or wrong.
    pub fn build(self) -> Result<LoginWeb<U>, ConfigError> {
        let is_secure = check_origin(&self.origin)?;
        if !is_plain_path(&self.mount_path) {
            return Err(ConfigError::Mount);
        }
        if !self.path_prefix.is_empty() && !is_plain_path(&self.path_prefix) {
            return Err(ConfigError::PathPrefix);
        }
        let cookie_prefix =
            self.cookie_prefix.unwrap_or_else(|| format!("{PREFIX}{}", self.path_prefix.replace('/', "-")));
        if !is_plain(&cookie_prefix) {
            return Err(ConfigError::CookiePrefix);
        }
        if let Some(path) = &self.language_path {
            let is_above = self
                .mount_path
                .strip_prefix(path.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            if !is_plain_path(path) || !is_above {
                return Err(ConfigError::LanguagePath);
            }
        }
        if !self.keep.is_possible(&self.login) {
            return Err(ConfigError::KeepSignedIn);
        }
        if self.client.token_store().is_none() {
            return Err(ConfigError::NoTokenStore);
        }
        let runtime = tokio::runtime::Handle::try_current().map_err(|_| ConfigError::NoRuntime)?;
        let keys = match self.keys {
            Some(keys) => keys,
            None => CookieKeys::from_env()?,
        };
        let addresses = match (self.trusted_proxies, self.proxy_networks.is_empty()) {
            (0, true) => TrustedProxies::None,
            (number, true) => TrustedProxies::Number(number),
            (0, false) => TrustedProxies::Networks(self.proxy_networks),
            (_, false) => return Err(ConfigError::Proxies),
        };
        let links = Links { mount_path: format!("{}{}", self.path_prefix, self.mount_path) };
        let host = self.origin.split_once("://").map_or(&*self.origin, |(_, host)| host);
        let is_named = self.name.is_some();
        let name = self.name.unwrap_or_else(|| host.to_owned());
        let mut site = PageContext::new(name, Texts::default(), links);
        site.is_named = is_named;
        site.origin.clone_from(&self.origin);
        site.offers_lost_phone = !self.lost_phone.is_off();
        if site.offers_lost_phone && !self.directory.can_notify() {
            tracing::warn!(
                "users can replace a lost phone, and are not told when somebody asks for it: implement `UserDirectory::notify`, \
                 and say so by `UserDirectory::can_notify`"
            );
        }
        site.offers_nameless =
            self.nameless == NamelessLogin::Offered && self.approval == ShownApproval::Code;
        let sites = Sites::new(&site, self.texts).map_err(ConfigError::Language)?;
        let site = sites.first().cloned().unwrap_or(site);
        let cookies =
            Cookies::new(&keys, self.client.application().id(), is_secure, &cookie_prefix, &self.path_prefix);
        let cookies = match self.language_path {
            Some(path) => cookies.language_below(format!("{}{path}", self.path_prefix)),
            None => cookies,
        };
        let mut config = Config {
            origin: self.origin,
            mount_path: self.mount_path,
            home: format!("{}/", self.path_prefix),
            site,
            sites,
            pages: self.pages,
            cookies,
            prefix: self.path_prefix,
            addresses: ClientAddresses::new(addresses),
            mode: self.mode,
            login: self.login,
            // As the watch itself bounds it.
            watch: self.watch.freshness(self.watch.freshness.max(Duration::from_millis(500))),
            after_logout: String::new(),
            answer_step: self.answer_step,
            lost_phone: self.lost_phone,
            approval: self.approval,
            keep: self.keep,
        };
        config.home = config.known_place(&self.front_page)?;
        config.after_logout = match self.after_logout {
            Some(place) if Url::parse(&place).is_ok_and(|url| matches!(url.scheme(), "https" | "http")) => {
                place
            }
            Some(place) => config.known_place(&place)?,
            None => config.home.clone(),
        };
        Ok(LoginWeb::from_parts(config, self.client, self.directory, self.limits, runtime))
    }
}
