//! Starting a login: whose place the attempt takes, and what it is charged to. A name that nobody has goes the same way as any other. Belongs
//! here: all up to the answer to the browser. The question to the phone is put behind it, in [`crate::question`]; what follows is in
//! [`crate::wait`].

use std::net::IpAddr;
use std::time::Duration;

use cookie::Cookie;
use iampass_core::port::{StoreError, UserKey};
use tokio::time::Instant;

use crate::answer::HttpAnswer;
use crate::attempts::{Asker, Attempt, AttemptEnd, AttemptId, Begun, Rates, Subject};
use crate::client_address::claimed;
use crate::cookies::Name;
use crate::known_browsers::{BrowserCookie, KnownBrowsers};
use crate::pages::{LoginPage, LoginProblem};
use crate::pending::{GRACE, PendingCookie};
use crate::question::{Charge, Question};
use crate::request::{Headers, Request, field};
use crate::return_to::ReturnTo;
use crate::{LoginWeb, UserDirectory, random_text, same_site, told_at};

/// The longest login name, in bytes.
const LONGEST_NAME: usize = 255;

/// Why no attempt was begun.
enum NotBegun {
    TooMany(Duration),
    Directory(iampass_core::port::BoxError),
    Store(StoreError),
}

impl From<StoreError> for NotBegun {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl<D: UserDirectory> LoginWeb<D> {
    /// `GET login`
    pub(crate) fn login_page(&self, request: &Request) -> HttpAnswer {
        let return_to = self.config().return_to(&field(request.query.as_bytes(), "next").unwrap_or_default());
        let login_name = self.name_of_link(&request.headers, field(request.query.as_bytes(), "name"));
        self.show_login(200, &login_name, &return_to, None)
    }

    fn show_login(
        &self,
        status: u16,
        name: &str,
        return_to: &ReturnTo,
        problem: Option<LoginProblem>,
    ) -> HttpAnswer {
        let page = LoginPage { login_name: name, return_to: return_to.as_str(), problem };
        HttpAnswer::page(status, self.config().pages.login(&self.config().site, &page))
    }

    /// `POST login`
    pub(crate) async fn start(&self, request: &Request) -> HttpAnswer {
        let begun = Instant::now();
        let login_name = field(&request.body, "login_name").unwrap_or_default().trim().to_owned();
        let return_to = self.config().return_to(&field(&request.body, "return_to").unwrap_or_default());
        let refuse = |status, problem| self.show_login(status, &login_name, &return_to, Some(problem));
        let too_many = |wait: Duration| {
            let wait_seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            let wait_seconds = wait_seconds.max(1);
            refuse(429, LoginProblem::TooMany { wait_seconds }).with("retry-after", wait_seconds.to_string())
        };
        if !same_site::is_from(&self.config().origin, &request.headers) {
            return refuse(403, LoginProblem::CrossSite);
        }
        if login_name.is_empty() {
            return refuse(422, LoginProblem::EmptyName);
        }
        if login_name.len() > LONGEST_NAME || login_name.contains(char::is_control) {
            return refuse(422, LoginProblem::NameTooLong);
        }
        let address = self.client_address(request);
        if let Err(wait) = self.count_start(request, address) {
            return too_many(wait);
        }
        let now = self.client().now().unix_millis();
        let until = now.plus(self.config().login.deadline);
        let (Some(attempt), Some(proof)) = (AttemptId::random(), random_text()) else {
            return refuse(503, LoginProblem::ServiceUnreachable);
        };
        let return_place = return_to.as_str().to_owned();
        let login_name_kept = login_name.clone();
        let pending = PendingCookie {
            attempt,
            proof,
            login_name: login_name_kept,
            return_to: return_place,
            begun_at: now,
            until,
        };
        // Whether it goes into a cookie is found out before anybody's phone rings.
        let Some(cookie) = self.pending_cookie(&pending) else {
            return refuse(422, LoginProblem::NameTooLong);
        };
        let is_begun = self.begin(request, &pending, address, begun).await;
        // Whether somebody has the name must not show in how long it took.
        told_at::hold(begun, self.config().answer_step).await;
        match is_begun {
            Ok(()) => {
                HttpAnswer::see_other(self.config().site.links.wait(&pending.proof)).with_cookie(&cookie)
            }
            Err(NotBegun::TooMany(wait)) => too_many(wait),
            Err(NotBegun::Directory(error)) => {
                tracing::error!(%error, "a login could not be started: the user directory failed");
                refuse(503, LoginProblem::ServiceUnreachable).with("retry-after", "5")
            }
            Err(NotBegun::Store(error)) => {
                tracing::error!(%error, "a login could not be started: the session store failed");
                refuse(503, LoginProblem::ServiceUnreachable).with("retry-after", "5")
            }
        }
    }

    fn pending_cookie(&self, pending: &PendingCookie) -> Option<Cookie<'static>> {
        // As long as the attempt is remembered: a browser that comes late hears how it ended.
        let lasts = pending.until.since(pending.begun_at) + GRACE * 10;
        self.config().cookies.sealed(Name::Pending, pending, lasts.as_secs())
    }

    /// Begins the attempt, and has its question put in a task of its own.
    async fn begin(
        &self,
        request: &Request,
        pending: &PendingCookie,
        address: Option<IpAddr>,
        begun_at: Instant,
    ) -> Result<(), NotBegun> {
        let found = self.directory().find(&pending.login_name).await.map_err(NotBegun::Directory)?;
        let typed = normalized(&pending.login_name);
        let subject = match &found {
            Some(user) => Subject::User(user.as_str().to_owned()),
            None => Subject::Nobody(typed.clone()),
        };
        let cookies = request.headers.cookie.as_deref();
        let browser = KnownBrowsers::cookie(&self.config().cookies, cookies);
        let asker = self.known_browsers().asker(&subject, browser.as_ref()).await?;
        let network = network_of(address, &request.headers);
        let (asker, charges, may_ask) = self.charge_start(&subject, asker, &typed, network).await?;
        let own = self.own_attempt(request, browser.as_ref()).await?;
        let attempt = Attempt::new(asker.clone(), pending.until);
        let begun = self
            .attempts()
            .begin(&pending.attempt, &attempt, &subject, &typed, own.as_ref(), may_ask)
            .await?;
        let mut question = Question {
            id: pending.attempt.clone(),
            user: found.filter(|_| may_ask),
            asker,
            charges,
            withdrawn: Vec::new(),
            begun_at,
            after: Vec::new(),
        };
        if let Begun::InPlace { withdrawn, after, .. } = begun {
            (question.withdrawn, question.after) = (withdrawn, after);
        }
        // The browser has one login under way: what it began before, perhaps for another user, is over.
        if let Some(own) = own
            && let Some(session) = self.attempts().end(&own, AttemptEnd::Replaced).await?
        {
            question.withdrawn.push(session);
        }
        let web = self.clone();
        self.runtime().spawn(async move { web.put(question).await });
        Ok(())
    }

    /// The attempt that the same browser began before, if it did.
    async fn own_attempt(
        &self,
        request: &Request,
        browser: Option<&BrowserCookie>,
    ) -> Result<Option<AttemptId>, StoreError> {
        let Some(before) = self.pending_of(request) else { return Ok(None) };
        let attempt = self.attempts().load(&before.attempt).await?;
        let is_own =
            |attempt: &Attempt| attempt.is_own_to(browser.into_iter().flat_map(BrowserCookie::digests));
        Ok(attempt.filter(is_own).map(|_| before.attempt))
    }

    /// Charges the start to the budgets that it counts for. `false`: no phone may be asked, and the answer does not show the difference.
    ///
    /// The typed name has a budget whose end is shown. The user has another one, for all spellings: to show its end would reveal which
    /// names are the same user's. A browser that the user knows has its own.
    async fn charge_start(
        &self,
        subject: &Subject,
        asker: Asker,
        typed: &str,
        network: String,
    ) -> Result<(Asker, Vec<Charge>, bool), NotBegun> {
        let limits = self.throttles().limits;
        let mut asker = asker;
        if let Asker::Known(digest) = &asker {
            let rate = limits.per_known_browser;
            let own = Charge {
                key: subject.key("known"),
                rates: Rates { in_all: crate::Rate { burst: u32::MAX, ..rate }, per_network: rate },
                network: digest.clone(),
            };
            if self.charge(&own).await?.is_ok() {
                return Ok((asker, vec![own], true));
            }
            // It may be somebody with a copy of the cookie. The attempt goes on as that of an unknown browser, except for the place: the
            // owner of the cookie can always take it back from the copy.
            asker = Asker::UsedUp(digest.clone());
        }
        let rates = Rates { in_all: limits.per_user, per_network: limits.per_user_and_network };
        let name = Subject::Nobody(typed.to_owned());
        let by_name = Charge { key: name.key("typed"), rates, network: network.clone() };
        let by_user = Charge { key: subject.key("asked"), rates, network };
        self.charge(&by_name).await?.map_err(NotBegun::TooMany)?;
        let may_ask = self.charge(&by_user).await?.is_ok();
        if !may_ask {
            tracing::info!("a phone is not asked: its user was asked too often");
        }
        let mut charges = vec![by_name];
        if may_ask {
            charges.push(by_user);
        }
        Ok((asker, charges, may_ask))
    }

    /// Counts a start by the browser, if somebody has signed in in it before, and by the address otherwise.
    fn count_start(&self, request: &Request, address: Option<IpAddr>) -> Result<(), Duration> {
        let now = self.client().now().mono;
        let browser = KnownBrowsers::cookie(&self.config().cookies, request.headers.cookie.as_deref());
        match (browser.and_then(|browser| browser.latest_digest()), address) {
            (Some(browser), _) => self.throttles().by_browser.take(browser, now),
            (None, Some(address)) => self.throttles().by_address.take(address, now),
            (None, None) => Ok(()),
        }
    }

    /// The login that this browser began, if it did.
    pub(crate) fn pending_of(&self, request: &Request) -> Option<PendingCookie> {
        self.config().cookies.open(Name::Pending, request.headers.cookie.as_deref())
    }
}

/// A name as it is counted: spellings that differ in capitals alone are one.
fn normalized(name: &str) -> String {
    name.trim().to_lowercase()
}

/// The network that counts as one for a user's budget: an IPv4 address, 56 bits of an IPv6 address. Where the address is not known, it is the one
/// that the proxy claims.
fn network_of(address: Option<IpAddr>, headers: &Headers) -> String {
    let Some(address) = address.or_else(|| claimed(headers)) else { return "unknown".to_owned() };
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{:x}", d & 0xff00)
        }
    }
}

/// A user key as the subject of attempts.
impl From<&UserKey> for Subject {
    fn from(user: &UserKey) -> Self {
        Self::User(user.as_str().to_owned())
    }
}
