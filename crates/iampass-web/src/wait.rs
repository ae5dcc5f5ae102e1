//! Waiting for the phone, and taking up the login. Belongs here: all between the question and the session cookie.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{FutureExt as _, StreamExt as _, stream};
use iampass_core::port::Kept;
use serde_json::json;

use crate::answer::Answer;
use crate::cookies::Name;
use crate::events;
use crate::pages::{EndPage, LoginEnd, WaitPage};
use crate::pending::{Following, Found, Kind, PendingCookie, Progress};
use crate::request::{Request, field};
use crate::{LoginWeb, UserDirectory, same_site};

/// How soon a page looks again at the earliest, however late it is.
const LEAST_WAIT: Duration = Duration::from_secs(2);

/// How a login stands for the browser that began it.
enum Standing {
    /// It is awaited here.
    Followed(Arc<Following>),
    /// It is no login, or none that anybody knows any more, or it cannot be found out at the moment: all the same to the browser.
    Unknown,
    /// It was taken up already, by this browser or another.
    TakenUp,
    Cancelled,
}

impl<D: UserDirectory> LoginWeb<D> {
    /// `GET login/wait`: shows how it stands; when it was accepted, takes it up.
    pub(crate) async fn wait(&self, request: &Request) -> Answer {
        let Some(pending) = self.proved_pending(request) else { return self.nothing_pending(request).await };
        let now = self.client().now().wall;
        let standing = self.standing(&pending).await;
        let progress = match &standing {
            Standing::Followed(following) => following.progress.borrow().clone(),
            Standing::Unknown if pending.until > now => Progress::Waiting,
            Standing::Unknown => Progress::Ended(LoginEnd::NoAnswer),
            Standing::Cancelled => Progress::Ended(LoginEnd::Cancelled),
            Standing::TakenUp if self.is_logged_in(request).await => {
                return self.without_pending(Answer::see_other(pending.return_to));
            }
            Standing::TakenUp => Progress::Ended(LoginEnd::CompletedElsewhere),
        };
        match (progress, &standing) {
            (Progress::Waiting, _) => {
                let page = WaitPage {
                    application: &self.config().site.name,
                    login_name: &pending.login_name,
                    proof: &pending.proof,
                    seconds_left: pending.until.since(now).as_secs(),
                    seconds_in_all: pending.until.since(pending.begun_at).as_secs(),
                    trouble: *self.pending().in_trouble().borrow(),
                };
                Answer::page(200, self.config().pages.wait(&self.config().site, &page))
            }
            (Progress::Granted(granted), Standing::Followed(following)) => {
                self.take_up(request, &pending, following, &granted).await
            }
            (Progress::Granted(_), _) => self.ended(&pending, LoginEnd::Failed),
            (Progress::Ended(end), _) => self.ended(&pending, end),
        }
    }

    /// Makes the accepted session this browser's. Only the first who asks gets it.
    async fn take_up(
        &self,
        request: &Request,
        pending: &PendingCookie,
        following: &Following,
        granted: &iampass_core::machine::Granted,
    ) -> Answer {
        match self.client().keep(&granted.session).await {
            Ok(Kept::Kept) => {}
            Ok(_) if self.is_logged_in(request).await => {
                return self.without_pending(Answer::see_other(pending.return_to.clone()));
            }
            Ok(_) => return self.ended(pending, LoginEnd::CompletedElsewhere),
            Err(error) => {
                tracing::error!(%error, "nobody knows whether a session was taken up");
                self.guard().end_at_service(granted.session.clone());
                return self.ended(pending, LoginEnd::Unreachable);
            }
        }
        self.phones().release(&pending.proof);
        let before = self.guard().recall(request.headers.cookie.as_deref()).await;
        let cookie = match self.guard().admit(&following.record, granted).await {
            Ok(cookie) => cookie,
            Err(error) => {
                tracing::error!(%error, "a login could not be taken up");
                self.guard().end_at_service(granted.session.clone());
                return self.ended(pending, LoginEnd::Failed);
            }
        };
        // Whoever was logged in in this browser is so no more: nobody could log that session out any longer.
        if let Ok(Some(before)) = before
            && before.token() != granted.session.token()
        {
            let web = self.clone();
            self.runtime().spawn(async move { web.guard().log_out(&before).await });
        }
        self.without_pending(Answer::see_other(pending.return_to.clone()).with_cookie(&cookie))
    }

    fn ended(&self, pending: &PendingCookie, end: LoginEnd) -> Answer {
        self.phones().release(&pending.proof);
        let page = EndPage { end, login_name: &pending.login_name, return_to: &pending.return_to };
        self.without_pending(Answer::page(200, self.config().pages.end(&self.config().site, &page)))
    }

    fn without_pending(&self, answer: Answer) -> Answer {
        answer.with_cookie(&self.config().cookies.removal(Name::Pending))
    }

    /// This browser began no login, or its page is not the one that did.
    async fn nothing_pending(&self, request: &Request) -> Answer {
        if self.is_logged_in(request).await {
            return Answer::see_other(self.config().home.clone());
        }
        Answer::see_other(self.config().site.links.login())
    }

    /// `GET login/events`: says when there is something new to show. The same things are said of a login that is none.
    pub(crate) async fn wait_events(&self, request: &Request) -> Answer {
        let Some(pending) = self.proved_pending(request) else { return Answer::events(events::moved_now()) };
        let moves = match self.standing(&pending).await {
            Standing::TakenUp | Standing::Cancelled => return Answer::events(events::moved_now()),
            Standing::Followed(following) => {
                let mut progress = following.progress.clone();
                async move {
                    let _ = progress.wait_for(|progress| !matches!(progress, Progress::Waiting)).await;
                }
                .boxed()
            }
            Standing::Unknown => {
                tokio::time::sleep(pending.until.since(self.client().now().wall).max(LEAST_WAIT)).boxed()
            }
        };
        let state = (moves, self.pending().in_trouble(), true, false);
        let told = stream::unfold(state, |(mut moves, mut in_trouble, is_first, has_moved)| async move {
            if has_moved {
                return None;
            }
            if !is_first {
                tokio::select! {
                    () = &mut moves => return Some((events::event("moved"), (moves, in_trouble, false, true))),
                    changed = in_trouble.changed() => changed.ok()?,
                }
            }
            let word = if *in_trouble.borrow_and_update() { "trouble" } else { "waiting" };
            Some((events::event_with("status", word), (moves, in_trouble, false, false)))
        });
        Answer::events(events::alive(told.boxed()))
    }

    /// `GET login/state`: the same for those who ask again and again.
    pub(crate) async fn wait_state(&self, request: &Request) -> Answer {
        let moved = match self.proved_pending(request) {
            None => true,
            Some(pending) => match self.standing(&pending).await {
                Standing::Followed(following) => !matches!(*following.progress.borrow(), Progress::Waiting),
                Standing::Unknown => pending.until <= self.client().now().wall,
                Standing::TakenUp | Standing::Cancelled => true,
            },
        };
        Answer::json(200, &json!({ "moved": moved }))
    }

    /// `POST login/cancel`
    pub(crate) async fn cancel(&self, request: &Request) -> Answer {
        if !same_site::is_from(&self.config().origin, &request.headers) {
            return self.refused_cross_site();
        }
        let Some(pending) = self.pending_of(request) else {
            return Answer::see_other(self.config().site.links.login());
        };
        self.pending().cancel(&pending.session);
        // In a task, so that the answer takes as long for a login that is none.
        let (client, session) = (self.client().clone(), pending.session.clone());
        self.runtime().spawn(async move {
            // One that was taken up meanwhile is in use.
            if let Ok(Some(record)) = client.stored(&session).await
                && record.logout_due.is_some()
                && let Err(error) = client.logout(&record.session).await
            {
                tracing::warn!(%error, "a cancelled login ends when its logout is due");
            }
        });
        self.ended(&pending, LoginEnd::Cancelled)
    }

    /// The login that this browser began, if this is the page that it was told.
    fn proved_pending(&self, request: &Request) -> Option<PendingCookie> {
        let proof = field(request.query.as_bytes(), "proof")?;
        self.pending_of(request).filter(|pending| pending.is_proved_by(&proof))
    }

    async fn standing(&self, pending: &PendingCookie) -> Standing {
        if pending.kind == Kind::Decoy {
            let is_cancelled = self.pending().is_cancelled(&pending.session);
            return if is_cancelled { Standing::Cancelled } else { Standing::Unknown };
        }
        match self.pending().follow(self.client(), &self.config().login, &pending.session).await {
            Ok(Found::Following(following)) => Standing::Followed(following),
            Ok(Found::TakenUp) => Standing::TakenUp,
            Ok(Found::Cancelled) => Standing::Cancelled,
            Ok(Found::Nothing) => Standing::Unknown,
            Err(error) => {
                tracing::error!(%error, "a login under way could not be looked up");
                Standing::Unknown
            }
        }
    }
}
