//! Waiting for the phone, and taking up the login. Belongs here: what pages show and streams tell between the question and the session
//! cookie. Does not belong here: how the login stands ([`crate::standing`]).

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use iampass_core::port::{SessionRecord, StoreError, UserKey};
use serde_json::json;

use crate::answer::HttpAnswer;
use crate::attempts::{Attempt, AttemptEnd, AttemptId};
use crate::cookies::Name;
use crate::events;
use crate::known_browsers::{Forgotten, KnownBrowsers, Remembered};
use crate::pages::{EndPage, LoginEnd, WaitPage};
use crate::pending::{PendingCookie, Progress};
use crate::request::{Request, field};
use crate::standing::{Accepted, Standing};
use crate::{LoginWeb, UserDirectory, cutoff, same_site};

/// How often an attempt is looked up while its question is not put yet.
pub(crate) const LOOK_SOON: Duration = Duration::from_millis(100);

/// How often an attempt is looked up while a page waits: other nodes and other browsers may have ended it.
const LOOK: Duration = Duration::from_millis(1_000);

impl<D: UserDirectory> LoginWeb<D> {
    /// `GET login/wait`: shows how it stands; when it was accepted, takes it up.
    pub(crate) async fn wait(&self, request: &Request) -> HttpAnswer {
        let pending = match self.proved_pending(request) {
            Proved::Yes(pending) => pending,
            Proved::OfAnother(pending) => return self.replaced(&pending),
            Proved::Nothing => return self.nothing_pending(request).await,
        };
        let (attempt, standing) = match self.prepared(&pending).await {
            Ok(found) => found,
            Err(error) => {
                tracing::error!(%error, "a login under way could not be looked up");
                return self.unavailable(&request.headers);
            }
        };
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
                let page = WaitPage {
                    application: &self.config().site.name,
                    login_name: &pending.login_name,
                    proof: &pending.proof,
                    seconds_left: seconds(pending.until.since(now)),
                    seconds_in_all: seconds(pending.until.since(pending.begun_at)),
                    is_asked: matches!(standing, Standing::Waiting),
                    has_displaced: attempt.is_some_and(|attempt| attempt.has_displaced),
                    trouble: *self.pending().in_trouble().borrow(),
                };
                HttpAnswer::page(200, self.config().pages.wait(&self.config().site, &page))
            }
            Standing::Accepted(accepted) => self.take_up(request, &pending, &accepted).await,
            Standing::InUse if self.is_logged_in(request).await => {
                self.without_pending(HttpAnswer::see_other(pending.return_to))
            }
            Standing::InUse => self.ended(&pending, LoginEnd::CompletedElsewhere),
            Standing::Ended(end) => self.ended(&pending, shown_end(end)),
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
            match self.attempts().take_up(&pending.attempt).await {
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
        let (user, cookie) = match self.guard().admit(&accepted.record, &accepted.granted).await {
            Ok(admitted) => admitted,
            Err(error) => {
                tracing::error!(%error, "a login could not be taken up");
                self.guard().end_at_service(accepted.granted.session.clone());
                return self.ended(pending, LoginEnd::Failed);
            }
        };
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
        match self.known_browsers().remember(cookies, &user, browser).await {
            // *Log out everywhere* ends what no browser has used yet, and forgets browsers after that. So one of them sees the other.
            Ok(remembered) => match self.is_ended_unused(&accepted.record).await {
                Ok(false) => {
                    answer = remembered.into_iter().fold(answer, |answer, it| answer.with_cookie(&it.cookie))
                }
                ended => {
                    if let Err(error) = ended {
                        tracing::error!(%error, "a login could not be taken up");
                    }
                    return self.end_taken_up(pending, accepted, &user, remembered.as_ref()).await;
                }
            },
            // The login is good without.
            Err(error) => tracing::warn!(%error, "it could not be stored that a browser is known"),
        }
        self.without_pending(answer)
    }

    async fn is_ended_unused(&self, record: &SessionRecord) -> Result<bool, StoreError> {
        cutoff::is_ended(self.entries(), record).await
    }

    /// The user has logged out everywhere meanwhile: nobody gets in, and the browser is not known.
    async fn end_taken_up(
        &self,
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
        self.ended(pending, LoginEnd::Failed)
    }

    fn ended(&self, pending: &PendingCookie, end: LoginEnd) -> HttpAnswer {
        let arrival = self.config().cookies.sealed(Name::Arrival, &pending.attempt, 0);
        let arrived = arrival.map(|arrival| self.config().site.links.arrived(arrival.value()));
        self.without_pending(self.show_end(pending, end, arrived.as_deref()))
    }

    fn show_end(&self, pending: &PendingCookie, end: LoginEnd, arrived: Option<&str>) -> HttpAnswer {
        let (login_name, return_to) = (pending.login_name.as_str(), pending.return_to.as_str());
        let page = EndPage { end, login_name, return_to, arrived };
        HttpAnswer::page(200, self.config().pages.end(&self.config().site, &page))
    }

    fn without_pending(&self, answer: HttpAnswer) -> HttpAnswer {
        answer.with_cookie(&self.config().cookies.removal(Name::Pending))
    }

    /// This page is of a login that the same browser has replaced. Its cookie is the newer one's, and stays.
    fn replaced(&self, newer: &PendingCookie) -> HttpAnswer {
        self.show_end(newer, LoginEnd::Replaced, None)
    }

    /// This browser began no login.
    async fn nothing_pending(&self, request: &Request) -> HttpAnswer {
        if self.is_logged_in(request).await {
            return HttpAnswer::see_other(self.config().home.clone());
        }
        HttpAnswer::see_other(self.config().site.links.login())
    }

    /// `GET login/events`: says when there is something new to show. The same things are said of a login for a name that nobody has.
    pub(crate) async fn wait_events(&self, request: &Request) -> HttpAnswer {
        let Proved::Yes(pending) = self.proved_pending(request) else {
            return HttpAnswer::events(events::moved_now());
        };
        let was_preparing = is_preparing(request);
        let waiting = Waiting {
            web: self.clone(),
            in_trouble: self.pending().in_trouble(),
            pending,
            was_preparing,
            is_first: true,
            has_moved: false,
        };
        let told = stream::unfold(waiting, |mut waiting| async move {
            if waiting.has_moved {
                return None;
            }
            let event = waiting.next_event().await?;
            Some((event, waiting))
        });
        HttpAnswer::events(events::alive_while_waiting(told.boxed()))
    }

    /// `GET login/state`: the same for those who ask again and again.
    pub(crate) async fn wait_state(&self, request: &Request) -> HttpAnswer {
        let moved = match self.proved_pending(request) {
            Proved::Yes(pending) => match self.standing(&pending).await {
                Ok((_, standing)) => standing.is_news(is_preparing(request)),
                Err(error) => {
                    tracing::error!(%error, "a login under way could not be looked up");
                    return HttpAnswer::json(503, &json!({ "error": "unavailable" }))
                        .with("retry-after", "5");
                }
            },
            Proved::OfAnother(_) | Proved::Nothing => true,
        };
        HttpAnswer::json(200, &json!({ "moved": moved }))
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
            return self.refused_cross_site();
        }
        // A tab whose login was replaced by a newer one cancels nothing: the newer one's page still says to accept.
        let pending = match self.proved_by(request, field(&request.body, "proof")) {
            Proved::Yes(pending) => pending,
            Proved::OfAnother(pending) => return self.replaced(&pending),
            Proved::Nothing => return HttpAnswer::see_other(self.config().site.links.login()),
        };
        if let Err(error) = self.end(&pending.attempt, AttemptEnd::Cancelled).await {
            tracing::warn!(%error, "a cancelled login ends when its time is over");
        }
        self.ended(&pending, LoginEnd::Cancelled)
    }

    /// The login that this browser began, and whether this page belongs to it.
    fn proved_pending(&self, request: &Request) -> Proved {
        self.proved_by(request, field(request.query.as_bytes(), "proof"))
    }

    fn proved_by(&self, request: &Request, proof: Option<String>) -> Proved {
        let Some(pending) = self.pending_of(request) else { return Proved::Nothing };
        match proof {
            Some(proof) if pending.is_proved_by(&proof) => Proved::Yes(pending),
            Some(_) => Proved::OfAnother(pending),
            None => Proved::Nothing,
        }
    }
}

/// Whether a page belongs to the login that the browser's cookie is of.
enum Proved {
    Yes(PendingCookie),
    /// The page is of an earlier login, or of none.
    OfAnother(PendingCookie),
    Nothing,
}

/// The state that the asking page shows at that moment, if it does not ask the user to accept.
#[derive(PartialEq, Eq)]
enum Shown {
    /// No phone is asked yet.
    Preparing,
    /// Nothing to accept any more.
    Nothing,
}

fn shown(request: &Request) -> Option<Shown> {
    match field(request.query.as_bytes(), "shown")?.as_str() {
        "preparing" => Some(Shown::Preparing),
        "nothing" => Some(Shown::Nothing),
        _ => None,
    }
}

fn is_preparing(request: &Request) -> bool {
    shown(request) == Some(Shown::Preparing)
}

/// A page that waits, with a stream open.
struct Waiting<D> {
    web: LoginWeb<D>,
    pending: PendingCookie,
    in_trouble: tokio::sync::watch::Receiver<bool>,
    was_preparing: bool,
    is_first: bool,
    has_moved: bool,
}

impl<D: UserDirectory> Waiting<D> {
    async fn next_event(&mut self) -> Option<bytes::Bytes> {
        if std::mem::take(&mut self.is_first) {
            return Some(self.status());
        }
        loop {
            let (attempt, standing) = match self.web.standing(&self.pending).await {
                Ok(found) => found,
                Err(error) => {
                    tracing::error!(%error, "a login under way could not be looked up");
                    tokio::time::sleep(LOOK).await;
                    continue;
                }
            };
            if standing.is_news(self.was_preparing) {
                self.has_moved = true;
                return Some(events::event("moved"));
            }
            let mut answer = self.answer(attempt.as_ref()).await;
            tokio::select! {
                () = tokio::time::sleep(self.until_next_look(&standing)) => {}
                changed = self.in_trouble.changed() => {
                    changed.ok()?;
                    return Some(self.status());
                }
                () = answered(&mut answer) => {}
            }
        }
    }

    /// No later than the instant at which the login is over.
    fn until_next_look(&self, standing: &Standing) -> Duration {
        let look =
            if matches!(standing, Standing::Preparing | Standing::Confirming) { LOOK_SOON } else { LOOK };
        let left = self.pending.until.since(self.web.client().now().unix_millis());
        if left.is_zero() { look } else { look.min(left) }
    }

    /// The phone's answer as it reaches this node, if the node awaits one.
    async fn answer(&self, attempt: Option<&Attempt>) -> Option<tokio::sync::watch::Receiver<Progress>> {
        let session = attempt?.asked_session()?;
        let following = self.web.pending().follow(self.web.client(), &self.web.config().login, session).await;
        Some(following.ok()??.progress.clone())
    }

    fn status(&mut self) -> bytes::Bytes {
        let word = if *self.in_trouble.borrow_and_update() { "trouble" } else { "waiting" };
        events::event_with("status", word)
    }
}

async fn answered(progress: &mut Option<tokio::sync::watch::Receiver<Progress>>) {
    match progress {
        Some(progress) if matches!(*progress.borrow(), Progress::Waiting) => {
            let _ = progress.wait_for(|progress| !matches!(progress, Progress::Waiting)).await;
        }
        _ => std::future::pending().await,
    }
}

/// Whole seconds, rounded up.
fn seconds(left: Duration) -> u64 {
    left.as_secs() + u64::from(left.subsec_nanos() > 0)
}

fn shown_end(end: AttemptEnd) -> LoginEnd {
    match end {
        AttemptEnd::Declined => LoginEnd::Declined,
        AttemptEnd::NoAnswer => LoginEnd::NoAnswer,
        AttemptEnd::Cancelled => LoginEnd::Cancelled,
        AttemptEnd::Failed => LoginEnd::Failed,
        AttemptEnd::Replaced => LoginEnd::Replaced,
        AttemptEnd::Superseded => LoginEnd::Superseded,
        AttemptEnd::Busy => LoginEnd::Busy,
        AttemptEnd::Paused => LoginEnd::Paused,
        AttemptEnd::Refused => LoginEnd::Refused,
        AttemptEnd::Unreachable => LoginEnd::Unreachable,
    }
}
