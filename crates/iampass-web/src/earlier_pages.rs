//! When a question may be put after others. Belongs here: that no page says any more that there is something to accept, of attempts that had
//! the place before. Does not belong here: who has the place ([`crate::attempts`]).
//!
//! A phone shows one question, and the user takes it for the one that the page is about. So the next question waits until the page of the
//! attempt before is known to have gone on, or until it must have.

use std::time::Duration;

use iampass_core::UnixMillis;
use tokio::time::Instant;

use crate::attempts::Earlier;
use crate::login_web::LoginWeb;
use crate::page_times::{AFTER_CLOSING, AFTER_DISPLACING, UNSEEN};

/// How long a page may take to be shown after its browser has said that it has it, or that it shows nothing to accept.
const ARRIVING: Duration = Duration::from_secs(2);

/// How often it is looked whether the browser has come.
const LOOK: Duration = Duration::from_millis(250);

impl<U: Clone + Send + Sync + 'static> LoginWeb<U> {
    /// Waits until a question may be put that was asked for at `begun`, and gives the instant from which on it may.
    pub(crate) async fn after_earlier_pages(&self, begun: Instant, earlier: &[Earlier]) -> Instant {
        let mut put_at = begun;
        for earlier in earlier {
            put_at = put_at.max(self.after_page(earlier).await);
        }
        put_at
    }

    async fn after_page(&self, earlier: &Earlier) -> Instant {
        let since = |at: UnixMillis| {
            let now = Instant::now();
            let ago = self.client().now().unix_millis().since(at).min(AFTER_DISPLACING);
            now.checked_sub(ago).unwrap_or(now)
        };
        // Another node may have noted the instant, by a clock that differs. So it makes nothing shorter of a page that has not gone on, and
        // nothing longer than if it were closed now.
        let pause = if earlier.is_displaced { AFTER_DISPLACING } else { AFTER_CLOSING };
        let earliest = since(earlier.closed_at) + pause;
        let latest = earliest.max(Instant::now() + UNSEEN);
        tokio::time::sleep_until(earliest).await;
        while Instant::now() < latest {
            let page = self.attempts().load(&earlier.attempt).await;
            if let Ok(Some(told_at)) = page.map(|attempt| attempt.and_then(|attempt| attempt.told_at)) {
                let arrived = (since(told_at) + ARRIVING).clamp(earliest, latest);
                tokio::time::sleep_until(arrived).await;
                return arrived;
            }
            tokio::time::sleep(LOOK).await;
        }
        latest
    }
}
