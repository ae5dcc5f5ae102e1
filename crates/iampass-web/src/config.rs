//! The configuration of a login, and the rules for its origin and paths. Does not belong here: setting it up ([`crate::login_builder`]),
//! and the flow.

use std::sync::Arc;
use std::time::Duration;

use iampass_core::machine::{LoginOptions, WatchOptions};
use url::Url;

use crate::client_address::ClientAddresses;
use crate::config_error::ConfigError;
#[cfg(test)]
use crate::cookie_keys::CookieKeys;
use crate::cookies::Cookies;
#[cfg(test)]
use crate::cookies::PREFIX;
use crate::keep_signed_in::KeepSignedIn;
use crate::lost_phone_policy::LostPhoneWays;
#[cfg(test)]
use crate::pages::{Links, OurPages, Texts};
use crate::pages::{PageContext, Pages};
use crate::request::Headers;
use crate::sites::Sites;

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

/// The approval that login pages ask for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShownApproval {
    /// The page shows six digits and a QR code, and the phone has to bring them: an answer lets in only the browser that shows them. A service that
    /// makes no codes is asked as with [`ShownApproval::Tap`].
    #[default]
    Code,
    /// The page shows nothing, and the user taps *Accept*. This is below today's standards: by NIST SP 800-63B-4 §3.1.3 tapping alone is no
    /// authentication, since a user may be led to accept a request that another browser began. It is for phones and services that know nothing
    /// else.
    Tap,
}

/// Whether login pages offer a login without a name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum NamelessLogin {
    /// Pages whose approvals are bound by codes ([`ShownApproval::Code`]) offer it first: a QR code that changes each second, and the phone that
    /// brings it says whose login it is. The name can be typed below it.
    #[default]
    Offered,
    /// The name has to be typed.
    Off,
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
    pub(crate) sites: Sites,
    pub(crate) pages: Arc<dyn Pages>,
    pub(crate) cookies: Cookies,
    pub(crate) mode: SessionMode,
    pub(crate) login: LoginOptions,
    pub(crate) watch: WatchOptions,
    pub(crate) after_logout: String,
    pub(crate) answer_step: Duration,
    pub(crate) lost_phone: LostPhoneWays,
    pub(crate) approval: ShownApproval,
    pub(crate) keep: KeepSignedIn,
}

impl Config {
    /// The pages in the language of a request.
    pub(crate) fn site_for(&self, headers: &Headers) -> &PageContext {
        self.sites.of_request(headers, &self.cookies).unwrap_or(&self.site)
    }

    /// A place that the application names when it is set up.
    pub(crate) fn known_place(&self, place: &str) -> Result<String, ConfigError> {
        let known = self.own_place(place);
        let is_kept = known.as_str() == place || known.as_str() == format!("{}{place}", self.prefix);
        is_kept.then(|| known.as_str().to_owned()).ok_or(ConfigError::Place)
    }

    #[cfg(test)]
    pub(crate) fn for_tests(prefix: &str) -> Self {
        let links = Links { mount_path: format!("{prefix}/auth") };
        let site = PageContext::new("Test", Texts::default(), links);
        Self {
            origin: "https://app.example".to_owned(),
            prefix: prefix.to_owned(),
            mount_path: "/auth".to_owned(),
            home: format!("{prefix}/"),
            addresses: ClientAddresses::default(),
            sites: Sites::new(&site, Texts::built_in()).unwrap(),
            site,
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
            lost_phone: LostPhoneWays::default(),
            approval: ShownApproval::default(),
            keep: KeepSignedIn::default(),
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
