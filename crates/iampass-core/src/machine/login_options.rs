//! The options of a login that an application may set.

use std::net::IpAddr;
use std::time::Duration;

use super::answers::{is_openable, is_showable};
use super::backoff::Backoff;
use super::call::RetryPolicy;
use crate::port::SessionRecord;
use crate::wire::{AuthenticateUser, AuthenticationMethod, Confirmation};
use crate::{Secret, UnixSeconds, is_unseen};

/// How long a session lasts where neither the application nor the service says it: 3600 s \[D\].
pub const DEFAULT_SESSION_DURATION: Duration = Duration::from_secs(3600);

/// The longest name of a browser, in characters \[X\].
const LONGEST_BROWSER: usize = 100;

/// How a login goes.
///
/// ```
/// use iampass_core::machine::LoginOptions;
/// use iampass_core::wire::AuthenticationMethod;
/// use std::time::Duration;
///
/// let options = LoginOptions::default()
///     .methods([AuthenticationMethod::Acceptance, AuthenticationMethod::Device])
///     .duration(Duration::from_secs(8 * 3600))
///     .deadline(Duration::from_secs(90));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LoginOptions {
    /// How the user shows that it is them; none leaves it to the service.
    pub methods: Vec<AuthenticationMethod>,
    /// How long the session lasts at most. None leaves it to the service, which says how long it is \[X\]; an hour where it does not.
    pub duration: Option<Duration>,
    /// How long the user has to answer; 60 s unless set otherwise.
    pub deadline: Duration,
    /// Whether the user has signed in from this browser before. The service counts denials of such requests apart, so that those of a
    /// stranger's requests do not hold this one up \[X\]. The application says it only of a browser that has proven it, by a cookie that
    /// nobody else can make.
    pub known_browser: bool,
    /// When the user last signed in from that browser \[X\]. A service that has removed or replaced a phone of the user since takes the browser for
    /// unknown.
    pub known_since: Option<UnixSeconds>,
    /// Whether the digits and the QR code that the service gives are shown where the login was begun \[X\]. The phone has to bring them then: its
    /// answer lets in only the browser that shows them. A service that makes no codes gives none, see
    /// [`StartedLogin::confirmation`](super::StartedLogin::confirmation).
    pub shows_code: bool,
    /// The browser that asks, for the phone: `Firefox on Windows` \[X\]. 100 characters at most, without control characters.
    pub browser: Option<String>,
    /// The address of the browser that asks, for the phone \[X\].
    pub address: Option<IpAddr>,
    /// The page of the application to which the browser of a phone is led back that has accepted by a link in the same browser \[X\]. `None`: there is
    /// no such link.
    pub return_to: Option<String>,
    /// The waits between polls: from 300 ms to 2 s unless set otherwise. They begin anew when the status changes, since the
    /// user is at the phone then.
    pub poll: Backoff,
    /// How the start is tried again where it surely did not happen.
    pub retry: RetryPolicy,
}

impl Default for LoginOptions {
    fn default() -> Self {
        Self {
            methods: Vec::new(),
            duration: None,
            deadline: Duration::from_secs(60),
            known_browser: false,
            known_since: None,
            shows_code: false,
            browser: None,
            address: None,
            return_to: None,
            poll: Backoff::new(Duration::from_millis(300), Duration::from_secs(2)),
            retry: RetryPolicy::default(),
        }
    }
}

impl LoginOptions {
    /// The same with these methods.
    #[must_use]
    pub fn methods(mut self, methods: impl IntoIterator<Item = AuthenticationMethod>) -> Self {
        self.methods = methods.into_iter().collect();
        self
    }

    /// The same with this duration of the session: whole seconds, one at least.
    #[must_use]
    pub fn duration(mut self, duration: Duration) -> Self {
        self.duration = Some(duration);
        self
    }

    /// The same with this time to answer.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// The same for a browser from which the user has signed in before, or not (the default).
    #[must_use]
    pub fn known_browser(mut self, known_browser: bool) -> Self {
        self.known_browser = known_browser;
        self
    }

    /// The same for a browser from which the user last signed in at this time.
    #[must_use]
    pub fn known_since(mut self, known_since: Option<UnixSeconds>) -> Self {
        self.known_since = known_since;
        self
    }

    /// The same where the digits and the QR code are shown, or not (the default).
    #[must_use]
    pub fn shows_code(mut self, shows_code: bool) -> Self {
        self.shows_code = shows_code;
        self
    }

    /// The same with the short name of the browser that asks. Characters that cannot be seen are left out of it, and what is longer than 100 characters; of a name
    /// that is empty nothing is said.
    #[must_use]
    pub fn browser(mut self, browser: &str) -> Self {
        let browser: String =
            browser.chars().filter(|&character| !is_unseen(character)).take(LONGEST_BROWSER).collect();
        self.browser = Some(browser.trim().to_owned()).filter(|browser| !browser.is_empty());
        self
    }

    /// The same with the address of the browser that asks, if it is known.
    #[must_use]
    pub fn address(mut self, address: Option<IpAddr>) -> Self {
        self.address = address.map(|address| address.to_canonical());
        self
    }

    /// The same with a page of the application to come back to, or none (the default). Its address names the login.
    #[must_use]
    pub fn return_to(mut self, return_to: Option<String>) -> Self {
        self.return_to = return_to;
        self
    }

    /// The description of the browser for the service.
    pub(crate) fn body(&self) -> AuthenticateUser {
        let mut body = AuthenticateUser::default()
            .known_browser(self.known_browser)
            .known_since(self.known_since.filter(|_| self.known_browser))
            .shows_code(self.shows_code);
        if let Some(browser) = &self.browser {
            body = body.browser(browser);
        }
        if let Some(address) = self.address {
            body = body.address(address.to_string());
        }
        if let Some(return_to) = &self.return_to {
            body = body.return_to(return_to);
        }
        body
    }

    /// The same of a login without a name. Nothing of it says whether the browser is known or shows digits: it does neither.
    pub(crate) fn nameless_body(&self) -> AuthenticateUser {
        self.body().known_browser(false).known_since(None).shows_code(false)
    }

    /// The code that the service gave, if one is shown and it can be.
    pub(crate) fn showable(&self, given: Option<Confirmation>, secret: &Secret) -> Option<Confirmation> {
        let mut given = given.filter(|given| self.shows_code && is_showable(given, secret))?;
        given.open_url = self.openable(given.open_url.take(), secret);
        Some(given)
    }

    /// The link that the service gave, if the browser can be taken back and the link can be shown.
    pub(crate) fn openable(&self, given: Option<Secret>, secret: &Secret) -> Option<Secret> {
        given.filter(|given| self.return_to.is_some() && is_openable(given, secret))
    }

    /// The same for a session that was begun already: it lasts no longer than its record says.
    pub(crate) fn lasting_like(mut self, record: &SessionRecord, now: UnixSeconds) -> Self {
        // One that is claimed, or whose logout was requested, has no time any more at which its login would have ended.
        let begins = record.logout_due.filter(|_| !record.is_logout_requested()).unwrap_or(now);
        self.duration = Some(self.lasts(Some(record.expires_at.since(begins))));
        self
    }

    /// How long a session lasts of which the service says so much: no longer than was asked for.
    pub(crate) fn lasts(&self, said: Option<Duration>) -> Duration {
        match (self.duration, said) {
            (Some(asked), Some(said)) => asked.min(said),
            (asked, said) => asked.or(said).unwrap_or(DEFAULT_SESSION_DURATION),
        }
    }
}
