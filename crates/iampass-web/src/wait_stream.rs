//! The words to a page that waits, by a stream of events or by asking again and again: that it has to go on, and the QR code of this
//! second. Does not belong here: what the page shows then ([`crate::wait`]).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::{StreamExt as _, stream};
use iampass_core::UnixMillis;
use serde_json::json;

use crate::answer::HttpAnswer;
use crate::attempts::{Attempt, AttemptEnd, Whose};
use crate::events;
use crate::kept_code::KeptCode;
use crate::login_web::LoginWeb;
use crate::page_times::LOOK_SOON;
use crate::pages_of_attempts::{Proved, is_preparing};
use crate::pending::{PendingCookie, Progress};
use crate::request::Request;
use crate::standing::Standing;

/// How often an attempt is looked up while a page waits: other nodes and other browsers may have ended it.
const LOOK: Duration = Duration::from_millis(1_000);

impl<U: Clone + Send + Sync + 'static> LoginWeb<U> {
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
            shown_second: None,
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
        let pending = match self.proved_pending(request) {
            Proved::Yes(pending) => pending,
            Proved::OfAnother(_) | Proved::Nothing => {
                return HttpAnswer::json(200, &json!({ "moved": true, "gone": true }));
            }
        };
        let (attempt, standing) = match self.standing(&pending).await {
            Ok(found) => found,
            Err(error) => {
                tracing::error!(%error, "a login under way could not be looked up");
                return HttpAnswer::json(503, &json!({ "error": "unavailable" })).with("retry-after", "5");
            }
        };
        let moved = standing.is_news(is_preparing(request));
        let mut state = serde_json::Map::from_iter([("moved".to_owned(), moved.into())]);
        if is_over(&pending, &standing) {
            state.insert("over".to_owned(), true.into());
        }
        if let Some(code) = self.moving_code(&pending, attempt.as_ref(), &standing) {
            state.insert("qr".to_owned(), picture(&code, self.client().now().unix_millis()).into());
        }
        HttpAnswer::json(200, &state.into())
    }

    /// The code that moves, while the page of a login without a name is to show it.
    fn moving_code(
        &self,
        pending: &PendingCookie,
        attempt: Option<&Attempt>,
        standing: &Standing,
    ) -> Option<KeptCode> {
        if pending.whose() == Whose::Named || !matches!(standing, Standing::Waiting) {
            return None;
        }
        KeptCode::open(attempt?.code.as_ref()?, &self.config().cookies, &pending.attempt)
    }
}

/// Whether the time of a login without a name is up, so that its page may begin another one by itself.
fn is_over(pending: &PendingCookie, standing: &Standing) -> bool {
    pending.whose() == Whose::Nameless && matches!(standing, Standing::Ended(AttemptEnd::NoAnswer))
}

/// The QR code of this instant as the script puts it into a picture's address.
fn picture(code: &KeptCode, now: UnixMillis) -> String {
    STANDARD.encode(code.qr_svg(now))
}

/// A page that waits, with a stream open.
struct Waiting<U> {
    web: LoginWeb<U>,
    pending: PendingCookie,
    in_trouble: tokio::sync::watch::Receiver<bool>,
    was_preparing: bool,
    is_first: bool,
    /// The second of the code that moves that was told last.
    shown_second: Option<u64>,
    has_moved: bool,
}

impl<U: Clone + Send + Sync + 'static> Waiting<U> {
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
                let is_over = is_over(&self.pending, &standing);
                return Some(events::event(if is_over { "over" } else { "moved" }));
            }
            let now = self.web.client().now().unix_millis();
            let code = self.web.moving_code(&self.pending, attempt.as_ref(), &standing);
            let second = code.as_ref().and_then(|code| code.second(now));
            if let (Some(code), Some((second, _))) = (&code, second)
                && self.shown_second.replace(second) != Some(second)
            {
                return Some(events::event_with("qr", &picture(code, now)));
            }
            let next_second = second.map_or(LOOK, |(_, left)| left);
            let mut answer = self.answer(attempt.as_ref()).await;
            tokio::select! {
                () = tokio::time::sleep(self.until_next_look(&standing).min(next_second)) => {}
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
        let (options, whose) = (&self.web.config().login, self.pending.whose());
        let following = self.web.pending().follow(self.web.client(), options, session, whose).await;
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
