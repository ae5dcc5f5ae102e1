//! A session that this node knows: what was heard of it last, for all who ask at once.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use iampass_core::client::WatchFlow;
use iampass_core::machine::Access;
use iampass_core::port::{SessionRecord, UserKey};
use iampass_core::{Monotonic, Now, SessionToken, UnixSeconds};
use tokio::sync::{Mutex, Notify, watch};

use super::word::{Said, Word, nanoseconds};

/// What is known of a session at a given moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Presence {
    /// The service said `active`, and that is fresh.
    Present,
    /// The user walked away, and that is fresh.
    Away,
    /// The session is over.
    Ended,
    /// Nothing fresh is known: nobody is let in.
    Unknown,
}

/// A session that somebody on this node is logged in with.
pub struct LiveSession {
    record: SessionRecord,
    user: UserKey,
    expires_at: UnixSeconds,
    freshness: Duration,
    word: Word,
    /// When somebody last wanted to know, in milliseconds since the clock's origin.
    wanted: AtomicU64,
    is_watched: AtomicBool,
    /// How many pages listen.
    pub(crate) listeners: AtomicU64,
    pub(super) ask_now: Notify,
    /// Counts what was heard, changed or not.
    heard: watch::Sender<u64>,
    /// Whether the last question had no clear answer.
    is_failing: AtomicBool,
    pub(super) flow: Mutex<WatchFlow>,
}

impl LiveSession {
    pub(super) fn new(
        flow: WatchFlow,
        record: &SessionRecord,
        expires_at: UnixSeconds,
        user: UserKey,
        freshness: Duration,
    ) -> Self {
        let word = Word::new(flow.confirmed_at().map_or(Said::Nothing, |at| Said::Present(at.mono)));
        Self {
            record: record.clone(),
            user,
            expires_at,
            freshness,
            word,
            wanted: AtomicU64::new(0),
            is_watched: AtomicBool::new(false),
            listeners: AtomicU64::new(0),
            ask_now: Notify::new(),
            heard: watch::Sender::new(0),
            is_failing: AtomicBool::new(false),
            flow: Mutex::new(flow),
        }
    }

    /// The session's name.
    #[must_use]
    pub fn token(&self) -> &SessionToken {
        self.record.session.token()
    }

    /// Whose it is, in the application's own terms.
    #[must_use]
    pub fn user(&self) -> &UserKey {
        &self.user
    }

    /// When it was started.
    #[must_use]
    pub fn started_at(&self) -> UnixSeconds {
        self.record.started_at
    }

    /// When it is over at the latest.
    #[must_use]
    pub fn expires_at(&self) -> UnixSeconds {
        self.expires_at
    }

    pub(crate) fn record(&self) -> &SessionRecord {
        &self.record
    }

    /// What is known at this moment. It reads one number.
    pub(super) fn presence(&self, now: Now) -> Presence {
        if now.wall >= self.expires_at {
            return Presence::Ended;
        }
        self.word.presence(now.mono, self.freshness)
    }

    /// Whether the last word is the answer to a question put at `since` or later.
    pub(super) fn confirmed_since(&self, since: Monotonic) -> bool {
        self.word.is_since(since)
    }

    /// Whether the last question had no clear answer, so that the next one may have none either.
    pub(super) fn is_failing(&self) -> bool {
        self.is_failing.load(Ordering::Acquire)
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.word.has_ended()
    }

    /// Takes over what the watch knows. An end stays one.
    pub(super) fn hear(&self, flow: &WatchFlow) {
        let said = match (flow.access(), flow.confirmed_at()) {
            (Access::Ended, _) => Said::Ended,
            (Access::Granted, Some(at)) => Said::Present(at.mono),
            (Access::Away, Some(at)) => Said::Away(at.mono),
            _ => Said::Nothing,
        };
        if self.word.hear(said) {
            if said != Said::Nothing {
                self.is_failing.store(false, Ordering::Release);
            }
            self.tell();
        }
    }

    /// The question that was put has no clear answer.
    pub(super) fn hear_nothing(&self) {
        self.is_failing.store(true, Ordering::Release);
    }

    /// It is over, for all who look at it on this node.
    pub(super) fn end(&self) {
        self.word.hear(Said::Ended);
        self.ask_now.notify_one();
        self.tell();
    }

    fn tell(&self) {
        self.heard.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Changes whenever something was heard.
    pub(crate) fn heard(&self) -> watch::Receiver<u64> {
        self.heard.subscribe()
    }

    /// Somebody wants to know. `true` if nobody did for a moment.
    pub(super) fn is_wanted(&self, now: Now) -> bool {
        let milliseconds = nanoseconds(now.mono) / 1_000_000;
        // A write by each request would cost all of them.
        let is_noted = milliseconds.saturating_sub(self.wanted.load(Ordering::Relaxed)) > 100;
        if is_noted {
            self.wanted.store(milliseconds, Ordering::Relaxed);
        }
        is_noted
    }

    /// For how long nobody has wanted to know.
    pub(super) fn idle_for(&self, now: Now) -> Duration {
        if self.listeners.load(Ordering::Acquire) > 0 {
            return Duration::ZERO;
        }
        let wanted = self.wanted.load(Ordering::Relaxed);
        Duration::from_millis((nanoseconds(now.mono) / 1_000_000).saturating_sub(wanted))
    }

    pub(super) fn freshness(&self) -> Duration {
        self.freshness
    }

    /// Has the watch ask before it is due.
    pub(super) fn ask(&self) {
        self.ask_now.notify_one();
    }

    /// `true` for the one who has to begin.
    pub(super) fn begin_watching(&self) -> bool {
        !self.is_watched.load(Ordering::Relaxed)
            && !self.has_ended()
            && !self.is_watched.swap(true, Ordering::AcqRel)
    }

    pub(super) fn end_watching(&self) {
        self.is_watched.store(false, Ordering::Release);
    }
}

impl std::fmt::Debug for LiveSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LiveSession").field("token", self.token()).finish_non_exhaustive()
    }
}
