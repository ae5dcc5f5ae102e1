//! A session that this node knows: its last status, for all requests at once.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use iampass_core::client::WatchFlow;
use iampass_core::machine::Access;
use iampass_core::port::{SessionRecord, UserKey};
use iampass_core::wire::Assurance;
use iampass_core::{Now, SessionToken, UnixSeconds};
use tokio::sync::{Notify, watch};

use super::Guard;
use super::last_status::{Bound, LastStatus, Said, milliseconds};
use super::looks::Looks;
use super::presence::Presence;

/// A session that somebody on this node is logged in with.
pub struct LiveSession {
    record: SessionRecord,
    user: UserKey,
    expires_at: UnixSeconds,
    freshness: Duration,
    bound: Bound,
    last_status: LastStatus,
    /// The proof of the approval, by an answer that is not older than the last status.
    assurance: Mutex<Option<Assurance>>,
    /// When somebody last wanted to know, in milliseconds since the clock's origin.
    wanted: AtomicU64,
    is_watched: AtomicBool,
    /// How many pages and streams listen.
    listeners: AtomicU64,
    pub(super) ask_now: Notify,
    /// Counts what was heard, changed or not.
    heard: watch::Sender<u64>,
    /// Whether the last question had no clear answer.
    is_failing: AtomicBool,
    pub(super) watched: Arc<tokio::sync::Mutex<Watched>>,
    guard: Weak<Guard>,
}

/// The state of the task that watches a session.
pub(super) struct Watched {
    pub(super) flow: WatchFlow,
    pub(super) looks: Looks,
}

impl LiveSession {
    pub(super) fn new(
        guard: Weak<Guard>,
        flow: WatchFlow,
        record: SessionRecord,
        expires_at: UnixSeconds,
        user: UserKey,
        freshness: Duration,
        now: Now,
    ) -> Self {
        let looks = Looks::new(record.session.token(), now);
        Self {
            last_status: LastStatus::new(flow.confirmed_at().map_or(Said::Nothing, Said::Present)),
            assurance: Mutex::new(flow.assurance().cloned()),
            record,
            user,
            expires_at,
            freshness,
            bound: Bound::new(freshness),
            wanted: AtomicU64::new(0),
            is_watched: AtomicBool::new(false),
            listeners: AtomicU64::new(0),
            ask_now: Notify::new(),
            heard: watch::Sender::new(0),
            is_failing: AtomicBool::new(false),
            watched: Arc::new(tokio::sync::Mutex::new(Watched { flow, looks })),
            guard,
        }
    }

    /// The session's name.
    #[must_use]
    pub fn token(&self) -> &SessionToken {
        self.record.session.token()
    }

    /// Its user, by the application's own key.
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

    /// The proof that the approval of the login has given, by the service's last answer. `None`: the service does not say, or has not been asked, which counts
    /// as nothing.
    #[must_use]
    pub fn assurance(&self) -> Option<Assurance> {
        self.assurance.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn record(&self) -> &SessionRecord {
        &self.record
    }

    pub(super) fn guard(&self) -> Option<Arc<Guard>> {
        self.guard.upgrade()
    }

    /// The state known at this moment. Reads one number.
    pub(super) fn known(&self, now: Now) -> Presence {
        if now.wall >= self.expires_at {
            return Presence::Ended;
        }
        self.last_status.presence(now, self.bound)
    }

    /// Whether the last status is the answer to a question put within `max_age` before `now`.
    pub(super) fn is_confirmed_within(&self, now: Now, max_age: Duration) -> bool {
        self.last_status.is_within(now, Bound::new(max_age))
    }

    /// Whether the last status would hold if the wall clock did not speak against it.
    pub(super) fn is_stepped_over(&self, now: Now) -> bool {
        self.last_status.is_stepped_over(now, self.bound)
    }

    /// Whether the last question had no clear answer, so that the next one may have none either.
    pub(super) fn is_failing(&self) -> bool {
        self.is_failing.load(Ordering::Acquire)
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.last_status.has_ended()
    }

    /// Takes over what the watch knows. An end stays one. Without trust it grants no access.
    pub(super) fn hear(&self, flow: &WatchFlow, is_trusted: bool) {
        let said = match (flow.access(), flow.confirmed_at()) {
            (Access::Ended, _) => Said::Ended,
            _ if !is_trusted => Said::Nothing,
            (Access::Granted, Some(at)) => Said::Present(at),
            (Access::Away, Some(at)) => Said::Away(at),
            _ => Said::Nothing,
        };
        // Before the status: nobody sees that one with what an older answer says.
        let assurance = flow.assurance().cloned().filter(|_| is_trusted);
        *self.assurance.lock().unwrap_or_else(PoisonError::into_inner) = assurance;
        if self.last_status.hear(said) {
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
        self.last_status.hear(Said::Ended);
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
        let milliseconds = milliseconds(now.mono);
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
        Duration::from_millis(milliseconds(now.mono).saturating_sub(wanted))
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

/// Somebody who listens: an open page, a stream. While there is one, the session is watched.
pub(crate) struct Listener(pub(crate) Arc<LiveSession>);

impl Listener {
    pub(crate) fn new(live: Arc<LiveSession>) -> Self {
        live.listeners.fetch_add(1, Ordering::AcqRel);
        Self(live)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.listeners.fetch_sub(1, Ordering::AcqRel);
    }
}
