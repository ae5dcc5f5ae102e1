//! Waiting for the phone, and taking up the login. Belongs here: what pages show between the question and the session
//! cookie. Does not belong here: how the login stands ([`crate::standing`]), and what streams tell ([`crate::wait_stream`]).

use iampass_core::port::{SessionRecord, StoreError, UserKey};

use crate::answer::HttpAnswer;
use crate::attempts::{AttemptEnd, AttemptId, Whose};
use crate::browser_name::BrowserName;
use crate::cookies::Name;
use crate::kept_code::KeptCode;
use crate::known_browsers::{Forgotten, KnownBrowsers, Remembered};
use crate::login::cookie_of;
use crate::login_web::LoginWeb;
use crate::page_times::whole_seconds;
use crate::pages::{EndPage, LoginEnd, ShownCode, WaitPage};
use crate::pages_of_attempts::{Proved, Shown, shown};
use crate::pending::PendingCookie;
use crate::request::{Headers, Request, field};
use crate::signed_in_from::SignedInFrom;
use crate::standing::{Accepted, Standing};
use crate::{cutoff, same_site};

impl<U: Clone + Send + Sync + 'static> LoginWeb<U> {
    /// `GET login/wait`: shows how it stands; when it was accepted, takes it up.
    pub(crate) async fn wait(&self, request: &Request) -> HttpAnswer {
        let pending = match self.proved_pending(request) {
            Proved::Yes(pending) => pending,
            Proved::OfAnother(pending) => return self.replaced(&request.headers, &pending),
            Proved::Nothing => return self.nothing_pending(request).await,
        };
        let (attempt, standing) = match self.prepared(&pending).await {
            Ok(found) => found,
            Err(error) => {
                tracing::error!(%error, "a login under way could not be looked up");
                return self.unavailable(&request.headers);
            }
        };
        // The cookie of a login that another browser came back with is worth nothing.
        if attempt.as_ref().is_some_and(|attempt| !attempt.is_of_browser(pending.back.as_ref())) {
            return self.not_begun_here(&request.headers);
        }
        // A page without a script goes on showing what it shows until the answer has arrived.
        let has_nothing_to_accept = shown(request) == Some(Shown::Nothing);
        if has_nothing_to_accept
            && !matches!(standing, Standing::Preparing | Standing::Waiting)
            && attempt.as_ref().is_some_and(|attempt| attempt.told_at.is_none())
        {
            self.note_told(&pending.attempt).await;
        }
        match standing {
            Standing::Preparing | Standing::Waiting | Standing::Confirming => {
                let now = self.client().now().unix_millis();
                let is_waiting = matches!(standing, Standing::Waiting);
                let sealed =
                    attempt.as_ref().and_then(|attempt| attempt.code.as_ref()).filter(|_| is_waiting);
                let kept =
                    sealed.and_then(|code| KeptCode::open(code, &self.config().cookies, &pending.attempt));
                let qr_svg = kept.as_ref().map(|kept| kept.qr_svg(now)).unwrap_or_default();
                let page = WaitPage {
                    application: &self.config().site.name,
                    login_name: pending.typed(),
                    proof: &pending.proof,
                    seconds_left: whole_seconds(pending.until.since(now)),
                    seconds_in_all: whole_seconds(pending.until.since(pending.begun_at)),
                    waits_until: pending.until.0.div_ceil(1_000),
                    // Without the code that its question has, the page must not say that there is something to accept.
                    is_asked: is_waiting && kept.is_some() == sealed.is_some(),
                    has_displaced: attempt.is_some_and(|attempt| attempt.has_displaced),
                    trouble: *self.pending().in_trouble().borrow(),
                    code: kept.as_ref().map(|kept| ShownCode {
                        digits: kept.digits(),
                        scan_url: kept.scan_url(),
                        open_url: kept.link(),
                        qr_svg: &qr_svg,
                        is_ringing: kept.is_ringing,
                    }),
                };
                HttpAnswer::page(
                    200,
                    self.config().pages.wait(self.config().site_for(&request.headers), &page),
                )
            }
            Standing::Accepted(accepted) => self.take_up(request, &pending, &accepted).await,
            Standing::InUse if self.is_logged_in(request).await => {
                self.without_pending(&pending, HttpAnswer::see_other(pending.return_to.clone()))
            }
            Standing::InUse => self.ended(&request.headers, &pending, LoginEnd::CompletedElsewhere),
            Standing::Ended(end) => self.ended(&request.headers, &pending, shown_end(end)),
        }
    }

    /// The browser shows nothing to accept any more: the next question for the user need not wait for it.
    async fn note_told(&self, attempt: &AttemptId) {
        if let Err(error) = self.attempts().told(attempt).await {
            tracing::warn!(%error, "the next login waits a few seconds longer: it could not be stored that a page is over");
        }
    }

    /// Gives the accepted session to this browser. Its logout stays due until the browser has come back with the cookie.
    async fn take_up(&self, request: &Request, pending: &PendingCookie, accepted: &Accepted) -> HttpAnswer {
        if !accepted.is_again {
            match self.attempts().take_up(&pending.attempt, pending.back.as_ref()).await {
                Ok(true) if shown(request) == Some(Shown::Nothing) => self.note_told(&pending.attempt).await,
                Ok(true) => {}
                // Another browser's attempt came in between, or another tab of this one was faster. The page says which.
                Ok(false) => return HttpAnswer::see_other(self.config().site.links.wait(&pending.proof)),
                Err(error) => {
                    tracing::error!(%error, "it is not known whether a session was taken up");
                    return self.unavailable(&request.headers);
                }
            }
        }
        let before = self.guard().recall(request.headers.cookie.as_deref()).await;
        let is_kept = self.config().keep.is_kept(pending.keeps);
        let (user, cookie) = match self.guard().admit(&accepted.record, &accepted.granted, is_kept).await {
            Ok(admitted) => admitted,
            Err(error) => {
                tracing::error!(%error, "a login could not be taken up");
                self.guard().end_at_service(accepted.granted.session.clone());
                return self.ended(&request.headers, pending, LoginEnd::Failed);
            }
        };
        // A name is looked up before its phone is asked. The user of a login without one is looked up now.
        if pending.whose() == Whose::Nameless {
            match self.directory().load(&user).await {
                Ok(Some(_)) => {}
                Ok(None) => {
                    self.guard().end_at_service(accepted.granted.session.clone());
                    return self.ended(&request.headers, pending, LoginEnd::UnknownUser);
                }
                Err(error) => {
                    tracing::error!(%error, "a login could not be taken up: the user directory failed");
                    return self.unavailable(&request.headers);
                }
            }
        }
        // A session that this browser had before could be logged out by nobody any longer.
        if let Ok(Some(before)) = before
            && before.token() != accepted.granted.session.token()
        {
            let web = self.clone();
            self.runtime().spawn(async move { web.guard().log_out(&before).await });
        }
        // The phone that accepted is not lost.
        if let Err(error) = self.end_replacement(&user).await {
            tracing::error!(%error, "a replacement of a phone that is not lost could not be stopped");
        }
        let mut answer = HttpAnswer::see_other(pending.return_to.clone()).with_cookie(&cookie);
        let cookies = &self.config().cookies;
        let browser = KnownBrowsers::cookie(cookies, request.headers.cookie.as_deref());
        let name = BrowserName::of(request.headers.user_agent.as_deref());
        let began_at = accepted.record.started_at;
        // A browser that is not to stay signed in may be one that others use after.
        match self.known_browsers().remember(cookies, &user, browser, began_at, &name, is_kept).await {
            // *Log out everywhere* ends what no browser has used yet, and forgets browsers after that. So one of them sees the other.
            Ok(remembered) => match self.is_ended_unused(&accepted.record).await {
                Ok(false) => {
                    answer = remembered.into_iter().fold(answer, |answer, it| answer.with_cookie(&it.cookie))
                }
                ended => {
                    if let Err(error) = ended {
                        tracing::error!(%error, "a login could not be taken up");
                    }
                    return self
                        .end_taken_up(&request.headers, pending, accepted, &user, remembered.as_ref())
                        .await;
                }
            },
            // The login is good without.
            Err(error) => tracing::warn!(%error, "it could not be stored that a browser is known"),
        }
        self.note_from(request, name, accepted).await;
        self.without_pending(pending, answer)
    }

    /// The user's list of sessions says from where this one was begun.
    async fn note_from(&self, request: &Request, name: BrowserName, accepted: &Accepted) {
        let from = SignedInFrom::new(name, self.client_address(request));
        let (cookies, token) = (&self.config().cookies, accepted.granted.session.token());
        // One that is not kept ends sooner than others.
        let ends_at = accepted.granted.expires_at.min(accepted.record.expires_at);
        let noted = from.note(self.entries(), cookies, token, ends_at).await;
        if let Err(error) = noted {
            tracing::warn!(%error, "the list of sessions does not say from where one was begun");
        }
    }

    async fn is_ended_unused(&self, record: &SessionRecord) -> Result<bool, StoreError> {
        cutoff::is_ended(self.entries(), record).await
    }

    /// The user has logged out everywhere meanwhile: nobody gets in, and the browser is not known.
    async fn end_taken_up(
        &self,
        headers: &Headers,
        pending: &PendingCookie,
        accepted: &Accepted,
        user: &UserKey,
        remembered: Option<&Remembered>,
    ) -> HttpAnswer {
        self.guard().end_at_service(accepted.granted.session.clone());
        if let Some(remembered) = remembered
            && let Err(error) = self.known_browsers().forget(user, Forgotten::One(&remembered.digest)).await
        {
            tracing::error!(%error, "a browser stays known though its user has logged out everywhere");
        }
        self.ended(headers, pending, LoginEnd::Failed)
    }

    fn ended(&self, headers: &Headers, pending: &PendingCookie, end: LoginEnd) -> HttpAnswer {
        let arrival = self.config().cookies.sealed(Name::Arrival, &pending.attempt, 0);
        let arrived = arrival.map(|arrival| self.config().site.links.arrived(arrival.value()));
        self.without_pending(pending, self.show_end(headers, pending, end, arrived.as_deref()))
    }

    fn show_end(
        &self,
        headers: &Headers,
        pending: &PendingCookie,
        end: LoginEnd,
        arrived: Option<&str>,
    ) -> HttpAnswer {
        let (login_name, return_to) = (pending.typed(), pending.return_to.as_str());
        let page = EndPage { end, login_name, return_to, arrived, keeps: pending.keeps };
        HttpAnswer::page(200, self.config().pages.end(self.config().site_for(headers), &page))
    }

    fn without_pending(&self, pending: &PendingCookie, answer: HttpAnswer) -> HttpAnswer {
        answer.with_cookie(&self.config().cookies.removal(cookie_of(pending.whose())))
    }

    /// This page is of a login that the same browser has replaced. Its cookie is the newer one's, and stays.
    fn replaced(&self, headers: &Headers, newer: &PendingCookie) -> HttpAnswer {
        self.show_end(headers, newer, LoginEnd::Replaced, None)
    }

    /// This browser began no login.
    async fn nothing_pending(&self, request: &Request) -> HttpAnswer {
        if self.is_logged_in(request).await {
            return HttpAnswer::see_other(self.config().home.clone());
        }
        HttpAnswer::see_other(self.config().site.links.login())
    }

    /// `GET login/arrived`: the page by which a login is over has arrived.
    pub(crate) async fn page_arrived(&self, request: &Request) -> HttpAnswer {
        let attempt = field(request.query.as_bytes(), "page")
            .and_then(|page| self.config().cookies.open_value::<AttemptId>(Name::Arrival, &page));
        if let Some(attempt) = attempt {
            self.note_told(&attempt).await;
        }
        HttpAnswer::no_picture()
    }

    /// `POST login/cancel`
    pub(crate) async fn cancel(&self, request: &Request) -> HttpAnswer {
        if !same_site::is_from(&self.config().origin, &request.headers) {
            return self.refused_cross_site(&request.headers);
        }
        // A tab whose login was replaced by a newer one cancels nothing: the newer one's page still says to accept.
        let pending = match self.proved_by(request, field(&request.body, "proof")) {
            Proved::Yes(pending) => pending,
            Proved::OfAnother(pending) => return self.replaced(&request.headers, &pending),
            Proved::Nothing => return HttpAnswer::see_other(self.config().site.links.login()),
        };
        if let Err(error) = self.end(&pending.attempt, AttemptEnd::Cancelled).await {
            tracing::warn!(%error, "a cancelled login ends when its time is over");
        }
        match pending.whose() {
            Whose::Named => self.ended(&request.headers, &pending, LoginEnd::Cancelled),
            // A page that is left says so while the next one begins another login. The cookie is that one's by now.
            Whose::Nameless => self.show_end(&request.headers, &pending, LoginEnd::Cancelled, None),
        }
    }
}

/// How an attempt ended, as its page says it.
fn shown_end(end: AttemptEnd) -> LoginEnd {
    match end {
        AttemptEnd::Declined => LoginEnd::Declined,
        AttemptEnd::Reported => LoginEnd::Reported,
        AttemptEnd::WrongCode => LoginEnd::WrongCode,
        AttemptEnd::NoAnswer => LoginEnd::NoAnswer,
        AttemptEnd::Cancelled => LoginEnd::Cancelled,
        AttemptEnd::Failed => LoginEnd::Failed,
        AttemptEnd::Replaced => LoginEnd::Replaced,
        AttemptEnd::Superseded => LoginEnd::Superseded,
        AttemptEnd::Busy => LoginEnd::Busy,
        AttemptEnd::Paused => LoginEnd::Paused,
        AttemptEnd::TooMany => LoginEnd::TooMany,
        AttemptEnd::Refused => LoginEnd::Refused,
        AttemptEnd::Unreachable => LoginEnd::Unreachable,
        AttemptEnd::UnknownUser => LoginEnd::UnknownUser,
    }
}
