//! A session that this node knows: what was heard of it last, for all who ask at once.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use iampass_core::client::WatchFlow;
use iampass_core::machine::Access;
use iampass_core::port::{SessionRecord, UserKey};
use iampass_core::{Monotonic, Now, SessionToken, UnixSeconds};
use tokio::sync::{Mutex, Notify, watch};

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
    /// The last word, in one number, so that it is read whole: when it was asked for, in nanoseconds times four, and what it was.
    word: AtomicU64,
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

const UNKNOWN: u64 = 0;
const PRESENT: u64 = 1;
const AWAY: u64 = 2;
const ENDED: u64 = 3;

fn nanoseconds(at: Monotonic) -> u64 {
    u64::try_from(at.since(Monotonic::ORIGIN).as_nanos()).unwrap_or(u64::MAX >> 2).min(u64::MAX >> 2)
}

impl LiveSession {
    pub(super) fn new(
        flow: WatchFlow,
        record: &SessionRecord,
        expires_at: UnixSeconds,
        user: UserKey,
        freshness: Duration,
    ) -> Self {
        let word = flow.confirmed_at().map_or(UNKNOWN, |at| nanoseconds(at) << 2 | PRESENT);
        Self {
            record: record.clone(),
            user,
            expires_at,
            freshness,
            word: AtomicU64::new(word),
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
        let word = self.word.load(Ordering::Acquire);
        let age = nanoseconds(now.mono).saturating_sub(word >> 2);
        let is_fresh = u128::from(age) <= self.freshness.as_nanos();
        match word & 3 {
            ENDED => Presence::Ended,
            _ if now.wall >= self.expires_at => Presence::Ended,
            PRESENT if is_fresh => Presence::Present,
            AWAY if is_fresh => Presence::Away,
            _ => Presence::Unknown,
        }
    }

    /// Whether the last word is the answer to a question put at `since` or later.
    pub(super) fn confirmed_since(&self, since: Monotonic) -> bool {
        let word = self.word.load(Ordering::Acquire);
        matches!(word & 3, PRESENT | AWAY) && word >> 2 >= nanoseconds(since)
    }

    /// Whether the last question had no clear answer, so that the next one may have none either.
    pub(super) fn is_failing(&self) -> bool {
        self.is_failing.load(Ordering::Acquire)
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.word.load(Ordering::Acquire) & 3 == ENDED
    }

    /// Takes over what the watch knows. An end stays one.
    pub(super) fn hear(&self, flow: &WatchFlow) {
        let word = match (flow.access(), flow.confirmed_at()) {
            (Access::Ended, _) => return self.end(),
            (Access::Granted, Some(at)) => nanoseconds(at) << 2 | PRESENT,
            (Access::Away, Some(at)) => nanoseconds(at) << 2 | AWAY,
            _ => UNKNOWN,
        };
        let before = self.word.fetch_update(Ordering::AcqRel, Ordering::Acquire, |before| {
            (before & 3 != ENDED && before != word).then_some(word)
        });
        if before.is_ok() {
            if word != UNKNOWN {
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
        self.word.store(ENDED, Ordering::Release);
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

    /// Somebody wants to know.
    pub(super) fn is_wanted(&self, now: Now) {
        let milliseconds = nanoseconds(now.mono) / 1_000_000;
        // A write by each request would cost all of them.
        if milliseconds.saturating_sub(self.wanted.load(Ordering::Relaxed)) > 100 {
            self.wanted.store(milliseconds, Ordering::Relaxed);
        }
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
