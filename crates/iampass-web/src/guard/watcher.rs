//! The task that watches one session for as long as somebody wants to know of it. There is one per session and node at a time, and the
//! watch goes on where the last one left it, so the service is asked no more often for being watched by one task after another.

use std::sync::Arc;
use std::time::Duration;

use iampass_core::Monotonic;
use iampass_core::client::Client;
use iampass_core::machine::WatchEvent;

use super::live::LiveSession;

/// How soon after one question that a handler wanted the next one may be put.
const BETWEEN_QUESTIONS: Duration = Duration::from_secs(1);

/// Releases the session however the task ends.
struct Watching(Arc<LiveSession>);

impl Drop for Watching {
    fn drop(&mut self) {
        self.0.end_watching();
    }
}

pub(super) async fn watch(live: Arc<LiveSession>, client: Client) {
    let watching = Watching(live);
    let live = &watching.0;
    let mut flow = live.flow.lock().await;
    let mut asked: Option<Monotonic> = None;
    // Somebody wants a question that is not put yet: one is under way, or the last one was just now.
    let mut is_owed = false;
    live.hear(&flow);
    while !live.has_ended() {
        // Looked at this often, so that it stops within two periods of the last who wanted to know.
        let mut pause = live.freshness().min(Duration::from_secs(10));
        if is_owed && !flow.is_asking() {
            let now = client.now().mono;
            let since = asked.map_or(BETWEEN_QUESTIONS, |at| now.since(at));
            if since >= BETWEEN_QUESTIONS {
                is_owed = false;
                asked = Some(now);
                flow.ask_now();
            } else {
                pause = pause.min(BETWEEN_QUESTIONS - since + Duration::from_millis(1));
            }
        }
        let look = tokio::time::sleep(pause);
        let event = tokio::select! {
            biased;
            () = live.ask_now.notified() => {
                is_owed = true;
                continue;
            }
            event = flow.step() => event,
            () = look => Ok(None),
        };
        match event {
            Ok(Some(WatchEvent::Ended(_))) => live.end(),
            Ok(Some(WatchEvent::Unreachable(_) | WatchEvent::Unclear(_))) => {
                live.hear(&flow);
                live.hear_nothing();
            }
            Ok(_) => live.hear(&flow),
            Err(error) => {
                live.hear(&flow);
                tracing::warn!(%error, "a session could not be watched");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
        if live.idle_for(client.now()) > live.freshness() && !flow.is_asking() && !is_owed {
            flow.rest();
            return;
        }
    }
}
