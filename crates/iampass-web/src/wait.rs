//! Waiting for the phone, and taking up the login. Belongs here: all between the question and the session cookie.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use iampass_core::port::Kept;
use serde_json::json;

use crate::answer::Answer;
use crate::cookies::Name;
use crate::events;
use crate::pages::{EndPage, LoginEnd, WaitPage};
use crate::pending::{Following, PendingCookie, Progress};
use crate::request::{Request, field};
use crate::{LoginWeb, UserDirectory, same_site};

/// How soon a page looks again that could not be told how its login stands.
const UNREACHABLE: Duration = Duration::from_secs(5);

/// How a login stands for the browser that began it.
enum Standing {
    Decoy,
    Followed(Arc<Following>),
    /// It was taken up already, by this browser or another.
    Gone,
    Unreachable,
}

impl<D: UserDirectory> LoginWeb<D> {
    /// `GET login/wait`: shows how it stands; when it was accepted, takes it up.
    pub(crate) async fn wait(&self, request: &Request) -> Answer {
        let Some(pending) = self.proved_pending(request) else { return self.nothing_pending(request).await };
        let now = self.client().now().wall;
        let standing = self.standing(&pending).await;
        let progress = match &standing {
            Standing::Decoy if pending.until > now => Progress::Waiting { trouble: false },
            Standing::Decoy => Progress::Ended(LoginEnd::NoAnswer),
            Standing::Followed(following) => following.progress.borrow().clone(),
            Standing::Gone if self.is_logged_in(request).await => {
                return self.without_pending(Answer::see_other(pending.return_to));
            }
            Standing::Gone => Progress::Ended(LoginEnd::CompletedElsewhere),
            Standing::Unreachable => Progress::Waiting { trouble: true },
        };
        match (progress, &standing) {
            (Progress::Waiting { trouble }, _) => {
                let page = WaitPage {
                    application: &self.config().site.name,
                    login_name: &pending.login_name,
                    proof: &pending.proof,
                    seconds_left: pending.until.since(now).as_secs(),
                    seconds_in_all: pending.until.since(pending.begun_at).as_secs(),
                    trouble,
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
            Err(_) => return self.ended(pending, LoginEnd::Unreachable),
        }
        self.pending().release(&pending.login_name);
        let before = self.guard().recall(request.headers.cookie.as_deref()).await;
        let cookie = match self.guard().admit(&following.record, granted).await {
            Ok(cookie) => cookie,
            Err(error) => {
                tracing::error!(%error, "a login could not be taken up");
                let _ = self.client().logout(&granted.session).await;
                return self.ended(pending, LoginEnd::Failed);
            }
        };
        // Whoever was logged in in this browser is so no more: nobody could log that session out any longer.
        if let Ok(Some(before)) = before
            && before.token() != granted.session.token()
        {
            self.guard().log_out(&before).await;
        }
        self.without_pending(Answer::see_other(pending.return_to.clone()).with_cookie(&cookie))
    }

    fn ended(&self, pending: &PendingCookie, end: LoginEnd) -> Answer {
        self.pending().release(&pending.login_name);
        let page = EndPage { end, login_name: &pending.login_name, return_to: &pending.return_to };
        self.without_pending(Answer::page(200, self.config().pages.end(&self.config().site, &page)))
    }

    fn without_pending(&self, answer: Answer) -> Answer {
        answer.with_cookie(&self.config().cookies.removal(Name::Pending))
    }

    /// This browser began no login, or its page is not the one that did.
    async fn nothing_pending(&self, request: &Request) -> Answer {
        if self.is_logged_in(request).await {
            return Answer::see_other("/");
        }
        Answer::see_other(self.config().site.links.login())
    }

    /// `GET login/events`: says when there is something new to show.
    pub(crate) async fn wait_events(&self, request: &Request) -> Answer {
        let Some(pending) = self.proved_pending(request) else { return Answer::events(events::moved_now()) };
        match self.standing(&pending).await {
            Standing::Decoy => {
                let left = pending.until.since(self.client().now().wall);
                Answer::events(events::moved_after(left))
            }
            // To be looked at again, but not at once and again and again.
            Standing::Unreachable => Answer::events(events::moved_after(UNREACHABLE)),
            Standing::Gone => Answer::events(events::moved_now()),
            Standing::Followed(following) => {
                // What is known already comes first, then each change.
                let state = (following.progress.clone(), true, false);
                let told = stream::unfold(state, |(mut progress, is_first, has_moved)| async move {
                    if has_moved || (!is_first && progress.changed().await.is_err()) {
                        return None;
                    }
                    let (event, has_moved) = match &*progress.borrow_and_update() {
                        Progress::Waiting { trouble: true } => {
                            (events::event_with("status", "trouble"), false)
                        }
                        Progress::Waiting { trouble: false } => {
                            (events::event_with("status", "waiting"), false)
                        }
                        Progress::Granted(_) | Progress::Ended(_) => (events::event("moved"), true),
                    };
                    Some((event, (progress, false, has_moved)))
                });
                Answer::events(events::alive(told.boxed()))
            }
        }
    }

    /// `GET login/state`: the same for those who ask again and again.
    pub(crate) async fn wait_state(&self, request: &Request) -> Answer {
        let moved = match self.proved_pending(request) {
            None => true,
            Some(pending) => match self.standing(&pending).await {
                Standing::Decoy => pending.until <= self.client().now().wall,
                Standing::Followed(following) => {
                    !matches!(*following.progress.borrow(), Progress::Waiting { .. })
                }
                Standing::Gone => true,
                Standing::Unreachable => false,
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
        match self.standing(&pending).await {
            Standing::Followed(following)
                if !matches!(*following.progress.borrow(), Progress::Granted(_)) =>
            {
                following.cancel();
            }
            // Accepted in the same moment: its session is nobody's, and is ended.
            Standing::Followed(following) => {
                if let Ok(Kept::Kept) = self.client().keep(&following.record.session).await {
                    let _ = self.client().logout(&following.record.session).await;
                }
            }
            _ => {}
        }
        self.pending().forget(&pending.session);
        self.ended(&pending, LoginEnd::Cancelled)
    }

    /// The login that this browser began, if this is the page that it was told.
    fn proved_pending(&self, request: &Request) -> Option<PendingCookie> {
        let proof = field(request.query.as_bytes(), "proof")?;
        self.pending_of(request).filter(|pending| pending.is_proved_by(&proof))
    }

    async fn standing(&self, pending: &PendingCookie) -> Standing {
        if pending.is_decoy {
            return Standing::Decoy;
        }
        match self.pending().follow(self.client(), &self.config().login, &pending.session).await {
            Ok(Some(following)) => Standing::Followed(following),
            Ok(None) => Standing::Gone,
            Err(_) => Standing::Unreachable,
        }
    }
}
