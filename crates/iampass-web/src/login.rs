//! Starting a login: whose place the attempt takes, and what it is charged to. A name that nobody has goes the same way as any other. Belongs
//! here: all up to the answer to the browser. The question to the phone is put behind it, in [`crate::question`]; what follows is in
//! [`crate::wait`].

use std::net::IpAddr;
use std::time::Duration;

use cookie::Cookie;
use iampass_core::UnixSeconds;
use iampass_core::port::{StoreError, UserKey};
use iampass_core::rate_limit::Rate;
use tokio::time::Instant;

use crate::answer::HttpAnswer;
use crate::asking::Asking;
use crate::attempts::{Asker, Attempt, AttemptEnd, AttemptId, Begun, Displaces, Rates, Subject, Whose};
use crate::browser_name::browser_name;
use crate::client_address::claimed;
use crate::cookies::Name;
use crate::known_browsers::{BrowserCookie, KnownBrowsers};
use crate::login_web::LoginWeb;
use crate::page_times::{GRACE, whole_seconds};
use crate::pages::{LoginPage, LoginProblem};
use crate::pending::PendingCookie;
use crate::question::{Charge, Question};
use crate::random_text::random_text;
use crate::request::{Headers, Request, field};
use crate::return_to::ReturnTo;
use crate::throttle::StartedFrom;
use crate::{same_site, told_at};

/// The longest login name, in bytes.
pub(crate) const LONGEST_NAME: usize = 255;

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

/// A typed name, as it was looked up before its login begins.
struct Looked {
    found: Option<UserKey>,
    subject: Subject,
    asker: Asker,
    /// The last login in a known browser.
    known_since: Option<UnixSeconds>,
}

impl<U: Clone + Send + Sync + 'static> LoginWeb<U> {
    /// `GET login`
    pub(crate) fn login_page(&self, request: &Request) -> HttpAnswer {
        let return_to = self.config().return_to(&field(request.query.as_bytes(), "next").unwrap_or_default());
        let login_name = self.name_of_link(&request.headers, field(request.query.as_bytes(), "name"));
        self.show_login(&request.headers, 200, &login_name, &return_to, None, None)
    }

    pub(crate) fn show_login(
        &self,
        headers: &Headers,
        status: u16,
        name: &str,
        return_to: &ReturnTo,
        problem: Option<LoginProblem>,
        keeps: Option<bool>,
    ) -> HttpAnswer {
        let keep = self.config().keep.shown(keeps);
        let page = LoginPage { login_name: name, return_to: return_to.as_str(), problem, keep };
        HttpAnswer::page(status, self.config().pages.login(self.config().site_for(headers), &page))
    }

    /// `POST login`
    pub(crate) async fn start(&self, request: &Request) -> HttpAnswer {
        let begun = Instant::now();
        let login_name = field(&request.body, "login_name").unwrap_or_default().trim().to_owned();
        let return_to = self.config().return_to(&field(&request.body, "return_to").unwrap_or_default());
        let keeps = chooses_to_keep(request);
        let refuse = |status, problem| {
            self.show_login(&request.headers, status, &login_name, &return_to, Some(problem), Some(keeps))
        };
        let too_many = |wait: Duration| {
            let wait_seconds = whole_seconds(wait).max(1);
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
        let not_begun = |no| match no {
            NotBegun::TooMany(wait) => too_many(wait),
            NotBegun::Directory(error) => {
                tracing::error!(%error, "a login could not be started: the user directory failed");
                refuse(503, LoginProblem::ServiceUnreachable).with("retry-after", "5")
            }
            NotBegun::Store(error) => {
                tracing::error!(%error, "a login could not be started: the session store failed");
                refuse(503, LoginProblem::ServiceUnreachable).with("retry-after", "5")
            }
        };
        let address = self.client_address(request);
        let browser = KnownBrowsers::cookie(&self.config().cookies, request.headers.cookie.as_deref());
        let looked = match self.count_start(request, address, &login_name, browser.as_ref()).await {
            Ok(looked) => looked,
            Err(no) => {
                if browser.is_some() {
                    // The name was looked up for it.
                    told_at::hold(begun, self.config().answer_step).await;
                }
                return not_begun(no);
            }
        };
        let Some(pending) = self.new_pending(Some(login_name.clone()), &return_to, keeps) else {
            return refuse(503, LoginProblem::ServiceUnreachable);
        };
        // Whether it goes into a cookie is found out before anybody's phone rings.
        let Some(cookie) = self.pending_cookie(&pending) else {
            return refuse(422, LoginProblem::NameTooLong);
        };
        let is_begun = self.begin(request, &pending, address, browser.as_ref(), looked, begun).await;
        // Whether somebody has the name must not show in how long it took.
        told_at::hold(begun, self.config().answer_step).await;
        match is_begun {
            Ok(()) => {
                HttpAnswer::see_other(self.config().site.links.wait(&pending.proof)).with_cookie(&cookie)
            }
            Err(no) => not_begun(no),
        }
    }

    /// An attempt that a browser begins now. None: there is no randomness.
    pub(crate) fn new_pending(
        &self,
        login_name: Option<String>,
        return_to: &ReturnTo,
        keeps: bool,
    ) -> Option<PendingCookie> {
        let begun_at = self.client().now().unix_millis();
        Some(PendingCookie {
            attempt: AttemptId::random()?,
            proof: random_text()?,
            login_name,
            return_to: return_to.as_str().to_owned(),
            begun_at,
            until: begun_at.plus(self.config().login.deadline),
            back: None,
            keeps,
        })
    }

    /// The cookie of the browser that begins an attempt. A login without a name has one of its own: a page that shows a QR code ends no login by
    /// name in another tab.
    pub(crate) fn pending_cookie(&self, pending: &PendingCookie) -> Option<Cookie<'static>> {
        // As long as the attempt is remembered: a browser that comes late hears how it ended.
        let lasts = pending.until.since(pending.begun_at) + GRACE * 10;
        self.config().cookies.sealed(cookie_of(pending.whose()), pending, lasts.as_secs())
    }

    /// Begins the attempt, and has its question put in a task of its own.
    async fn begin(
        &self,
        request: &Request,
        pending: &PendingCookie,
        address: Option<IpAddr>,
        browser: Option<&BrowserCookie>,
        looked: Option<Looked>,
        begun_at: Instant,
    ) -> Result<(), NotBegun> {
        let typed = normalized(pending.typed());
        let Looked { found, subject, asker, known_since } = match looked {
            Some(looked) => looked,
            None => self.look(pending.typed(), browser).await?,
        };
        let network = network_of(address, request);
        let (asker, charges, may_ask) = self.charge_start(&subject, asker, &typed, network).await?;
        let own = self.own_attempt(request, browser).await?;
        let attempt = Attempt::new(asker.clone(), pending.until);
        let is_bound = self.binds_by_code();
        // A stranger's question rings on no phone, and is answered only with the code of its own page: it is in nobody's way.
        let begun = if is_bound && !asker.is_known() {
            self.attempts().begin_aside(&pending.attempt, &attempt).await?;
            Begun::Aside { withdrawn: Vec::new() }
        } else {
            let displaces = match (may_ask, is_bound) {
                (false, _) => Displaces::Nobody,
                (true, true) => Displaces::Strangers,
                (true, false) => Displaces::Any,
            };
            let (id, own) = (&pending.attempt, own.as_ref());
            self.attempts().begin(id, &attempt, &subject, &typed, own, displaces).await?
        };
        let (asker, known_since) = match begun {
            Begun::Aside { .. } => (asker.aside(), None),
            _ => (asker, known_since),
        };
        let asking = Asking {
            user: found.filter(|_| may_ask),
            asker,
            known_since,
            browser: browser_name(request.headers.user_agent.as_deref()),
            address,
            is_bound,
            whose: Whose::Named,
            id: pending.attempt.clone(),
            keeps: pending.keeps,
        };
        let mut question = Question { charges, ..Question::new(asking, begun_at) };
        match begun {
            Begun::InPlace { withdrawn, after, .. } => {
                question.withdrawn = withdrawn;
                // A page of before may still say that there is something to do on the phone: it says to bring its own code, which is over.
                question.after = if is_bound { Vec::new() } else { after };
            }
            Begun::Aside { withdrawn } => question.withdrawn = withdrawn,
            Begun::Busy => {}
        }
        // The browser has one login under way: what it began before, perhaps for another user, is over.
        if let Some(own) = own
            && let Some(session) = self.attempts().end(&own, AttemptEnd::Replaced).await?
        {
            question.withdrawn.push(session);
        }
        self.put_behind(question);
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
                rates: Rates { in_all: Rate { burst: u32::MAX, ..rate }, per_network: rate },
                network: digest.clone(),
            };
            if self.charge(&own).await?.is_ok() {
                return Ok((asker, vec![own], true));
            }
            // It may be somebody with a copy of the cookie. The attempt goes on as that of an unknown browser, except for the place: the
            // owner of the cookie can always take it back from the copy.
            asker = Asker::UsedUp(digest.clone());
        }
        if self.binds_by_code() {
            // It rings nowhere, and only the phone that brings its code can answer it. A budget by name would keep the user out for it.
            return Ok((asker, Vec::new(), true));
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

    /// Counts a start by the browser, if it has the cookie of a known one, and by the address too unless the user of this name has signed in in it
    /// before. Gives what was looked up for it.
    ///
    /// A browser in which somebody else has signed in brings no budget: an account of one's own is easily had, and would start logins in the name of
    /// others. A cookie that is worth nothing any more brings none either: each login leaves one behind, and somebody can have collected them. Lookups are
    /// bounded by the browser too. Where its budget is used up, perhaps by a copy of its cookie, the address pays.
    async fn count_start(
        &self,
        request: &Request,
        address: Option<IpAddr>,
        login_name: &str,
        browser: Option<&BrowserCookie>,
    ) -> Result<Option<Looked>, NotBegun> {
        let now = self.client().now().mono;
        let by_address = || {
            let counted = self.throttles().by_address.take(started_from(address, request), now);
            counted.map_err(NotBegun::TooMany)
        };
        let digest = browser.and_then(|browser| browser.digests().next());
        if digest.is_none_or(|digest| self.throttles().by_browser.take(digest, now).is_err()) {
            return by_address().map(|()| None);
        }
        let looked = self.look(login_name, browser).await?;
        if !looked.asker.is_known() {
            by_address()?;
        }
        Ok(Some(looked))
    }

    /// The user of a typed name, and whether that user knows this browser. It takes as many lookups for a name that nobody has.
    async fn look(&self, typed: &str, browser: Option<&BrowserCookie>) -> Result<Looked, NotBegun> {
        let found = self.directory().find(typed).await.map_err(NotBegun::Directory)?;
        let subject = found.as_ref().map_or_else(|| Subject::Nobody(normalized(typed)), Subject::from);
        let (asker, known_since) = self.known_browsers().asker_and_since(&subject, browser).await?;
        Ok(Looked { found, subject, asker, known_since })
    }

    /// The login by name that this browser began, if it did.
    pub(crate) fn pending_of(&self, request: &Request) -> Option<PendingCookie> {
        self.pending_of_kind(request, Whose::Named)
    }

    /// The login of this kind that this browser began, if it did. A cookie of the other kind in its place is none.
    pub(crate) fn pending_of_kind(&self, request: &Request, whose: Whose) -> Option<PendingCookie> {
        let pending: PendingCookie =
            self.config().cookies.open(cookie_of(whose), request.headers.cookie.as_deref())?;
        (pending.whose() == whose).then_some(pending)
    }
}

/// Whether the form says that the browser is to stay signed in.
pub(crate) fn chooses_to_keep(request: &Request) -> bool {
    field(&request.body, "keep").as_deref() == Some("yes")
}

/// The sender that a start is counted for.
pub(crate) fn started_from(address: Option<IpAddr>, request: &Request) -> StartedFrom {
    match address {
        Some(address) => StartedFrom::Address(address),
        None => StartedFrom::Unknown { claimed: claimed(request.peer, &request.headers) },
    }
}

/// The cookie of a login of this kind.
pub(crate) const fn cookie_of(whose: Whose) -> Name {
    match whose {
        Whose::Named => Name::Pending,
        Whose::Nameless => Name::Nameless,
    }
}

/// A name as it is counted: spellings that differ in capitals alone are one.
fn normalized(name: &str) -> String {
    name.trim().to_lowercase()
}

/// The network that counts as one for a user's budget: an IPv4 address, 56 bits of an IPv6 address. Where the address is not known, it is the one
/// that a proxy on this machine claims.
fn network_of(address: Option<IpAddr>, request: &Request) -> String {
    let Some(address) = address.or_else(|| claimed(request.peer, &request.headers)) else {
        return "unknown".to_owned();
    };
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
