//! The task that drives the watch of one session. There is one per session and node at a time, and none while the watch rests between two
//! questions. The watch goes on where the last task left it, so the service is asked no more often for being watched by one after another.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use iampass_core::client::Client;
use iampass_core::machine::WatchEvent;
use iampass_core::{Monotonic, Now};

use super::live::{LiveSession, Watched};
use super::look_times::Found;
use super::looks::look;
use crate::config::SessionMode;

/// How soon after one question that a handler wanted the next one may be put.
const BETWEEN_QUESTIONS: Duration = Duration::from_secs(1);

/// Releases the session and what its watch holds open, however the task ends.
struct Watching {
    live: Arc<LiveSession>,
    watched: Option<Watched>,
    is_at_rest: bool,
}

impl Drop for Watching {
    fn drop(&mut self) {
        if !self.is_at_rest {
            self.live.end_watching(self.watched.take());
        }
    }
}

/// A look at the stores that is under way.
struct Looking {
    begun: Now,
    found: BoxFuture<'static, Found>,
}

enum Step {
    Asked,
    Looked(Found),
    Watch(Result<Option<WatchEvent>, iampass_core::Error>),
    Pause,
}

/// Drives the watch of a session until it rests, or nobody wants to know of it any more. For the caller to whom the session said that it has to
/// be driven.
pub(super) async fn watch(live: Arc<LiveSession>, client: Client, mode: SessionMode) {
    let mut watching = Watching { live, watched: None, is_at_rest: false };
    let Some((taken, task)) = watching.live.take_up(&client) else { return };
    let Watching { live, watched, is_at_rest } = &mut watching;
    let live = &*live;
    let Watched { flow, looks } = watched.insert(taken);
    let mut looking: Option<Looking> = None;
    let mut asked: Option<Monotonic> = None;
    // Somebody wants a question that is not put yet: one is under way, or the last one was just now.
    let mut is_owed = false;
    live.hear(flow, looks.is_believed(client.now()));
    while !live.has_ended() {
        let now = client.now();
        if looking.is_none() && looks.is_due(now) {
            let found = look(client.clone(), mode, Arc::clone(live)).boxed();
            looking = Some(Looking { begun: now, found });
        }
        // Looked at this often, so that it stops within two periods of the last who wanted to know.
        let mut pause = live.freshness().min(Duration::from_secs(10));
        if looking.is_none() {
            pause = pause.min(looks.due_in(now) + Duration::from_millis(1));
        }
        if is_owed && !flow.is_asking() {
            let since = asked.map_or(BETWEEN_QUESTIONS, |at| now.mono.since(at));
            if since >= BETWEEN_QUESTIONS {
                is_owed = false;
                asked = Some(now.mono);
                flow.ask_now();
            } else {
                pause = pause.min(BETWEEN_QUESTIONS - since + Duration::from_millis(1));
            }
        }
        let found = async {
            match &mut looking {
                Some(looking) => (&mut looking.found).await,
                None => std::future::pending().await,
            }
        };
        let step = tokio::select! {
            biased;
            () = task.notified() => Step::Asked,
            found = found => Step::Looked(found),
            event = flow.step() => Step::Watch(event),
            () = tokio::time::sleep(pause) => Step::Pause,
        };
        match step {
            Step::Asked => {
                is_owed |= live.take_asked();
                continue;
            }
            Step::Looked(found) => {
                if let Some(Looking { begun, .. }) = looking.take() {
                    looks.found(found, begun, client.now());
                }
                if found != Found::InUse && found != Found::Nothing {
                    end(live, &client, found);
                    return;
                }
                live.hear(flow, looks.is_believed(client.now()));
            }
            Step::Watch(Ok(Some(WatchEvent::Ended(_)))) => live.end(),
            Step::Watch(Ok(Some(WatchEvent::Unreachable(_) | WatchEvent::Unclear(_)))) => {
                live.hear(flow, looks.is_believed(client.now()));
                live.hear_nothing();
            }
            Step::Watch(Ok(_)) | Step::Pause => live.hear(flow, looks.is_believed(client.now())),
            Step::Watch(Err(error)) => {
                live.hear(flow, looks.is_believed(client.now()));
                tracing::warn!(%error, "a session could not be watched");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
        if flow.is_asking() || is_owed || looking.is_some() {
            continue;
        }
        let now = client.now();
        if live.idle_for(now) > live.freshness() {
            return;
        }
        // While it counts when the last question was wanted, it does not rest.
        let may_rest = asked.is_none_or(|at| now.mono.since(at) >= BETWEEN_QUESTIONS);
        if may_rest && live.rest(flow, looks, now) {
            *is_at_rest = true;
            return;
        }
    }
}

/// The application's own stores say that the session is over. The service is asked to end it where no other part will ask (law 2).
fn end(live: &Arc<LiveSession>, client: &Client, found: Found) {
    live.end();
    match found {
        Found::Unreadable => tracing::warn!(
            "a session in use cannot be read from the store any more, and is over on this node: was its key taken away?"
        ),
        Found::Gone | Found::UserChanged => {
            if let Some(guard) = live.guard() {
                let live = Arc::clone(live);
                tokio::spawn(async move { guard.log_out(&live).await });
            } else {
                let (client, session) = (client.clone(), live.session());
                tokio::spawn(async move { client.logout(&session).await });
            }
        }
        Found::InUse | Found::LogoutRequested | Found::Nothing => {}
    }
}
