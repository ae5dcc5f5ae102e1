//! A session that this node knows: its last status, for all requests at once. There may be a million of them, so each is small.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use iampass_core::client::{Client, WatchFlow};
use iampass_core::machine::{Access, WatchOptions};
use iampass_core::port::{SessionRecord, UserKey};
use iampass_core::wire::Assurance;
use iampass_core::{
    CompactSession, Monotonic, Now, Session, SessionToken, SessionUrls, UnixSeconds, UserToken,
};
use tokio::sync::{Notify, watch};

use super::Guard;
use super::kept::{Kept, KeptWatch};
use super::last_status::{Bound, LastStatus, Said, milliseconds};
use super::look_times::Looks;
use super::presence::Presence;
use super::schedule::Schedule;

/// A session that somebody on this node is logged in with.
pub struct LiveSession {
    session: CompactSession,
    user_token: UserToken,
    user: UserKey,
    started_at: UnixSeconds,
    expires_at: UnixSeconds,
    all: Arc<OfAllSessions>,
    last_status: LastStatus,
    /// When somebody last wanted to know, in milliseconds since the clock's origin.
    wanted: AtomicU64,
    /// How many pages and streams listen.
    listeners: AtomicU32,
    /// One of [`IDLE`], [`DRIVEN`] and [`RESTING`].
    watching: AtomicU8,
    /// Whether the last question had no clear answer.
    is_failing: AtomicBool,
    /// Whether it is no more the one that its token stands for on this node.
    is_forgotten: AtomicBool,
    kept: Mutex<Kept>,
}

/// The session is wanted by nobody.
const IDLE: u8 = 0;
/// A task asks about it.
const DRIVEN: u8 = 1;
/// It is woken when a question is due.
const RESTING: u8 = 2;

/// So many milliseconds after it was due, a session that rests is driven by whoever waits for its status: its schedule wakes it no more.
const OVERDUE: u64 = 1_000;

/// The part that all sessions of a guard share.
pub(super) struct OfAllSessions {
    pub(super) guard: Weak<Guard>,
    pub(super) options: WatchOptions,
    pub(super) schedule: Schedule<LiveSession>,
    urls: SessionUrls,
    bound: Bound,
}

impl OfAllSessions {
    pub(super) fn new(guard: Weak<Guard>, options: WatchOptions, schedule: Schedule<LiveSession>) -> Self {
        let bound = Bound::new(options.freshness);
        Self { guard, options, schedule, urls: SessionUrls::default(), bound }
    }
}

/// The state of the task that watches a session.
pub(super) struct Watched {
    pub(super) flow: WatchFlow,
    pub(super) looks: Looks,
}

impl LiveSession {
    pub(super) fn new(
        all: Arc<OfAllSessions>,
        flow: WatchFlow,
        record: SessionRecord,
        expires_at: UnixSeconds,
        user: UserKey,
        now: Now,
    ) -> Self {
        let looks = Looks::new(record.session.token(), now);
        Self {
            session: all.urls.compact(record.session),
            user_token: record.user,
            user,
            started_at: record.started_at,
            expires_at,
            last_status: LastStatus::new(flow.confirmed_at().map_or(Said::Nothing, Said::Present)),
            // A session that nobody has asked for yet is not an idle one.
            wanted: AtomicU64::new(milliseconds(now.mono)),
            listeners: AtomicU32::new(0),
            watching: AtomicU8::new(IDLE),
            is_failing: AtomicBool::new(false),
            is_forgotten: AtomicBool::new(false),
            kept: Mutex::new(Kept {
                assurance: flow.assurance().into(),
                watch: KeptWatch::of(flow),
                looks,
                heard: None,
                task: None,
                is_asked: false,
                due: u64::MAX,
            }),
            all,
        }
    }

    /// The session's name.
    #[must_use]
    pub fn token(&self) -> &SessionToken {
        self.session.token()
    }

    /// Its user, by the application's own key.
    #[must_use]
    pub fn user(&self) -> &UserKey {
        &self.user
    }

    /// When it was started.
    #[must_use]
    pub fn started_at(&self) -> UnixSeconds {
        self.started_at
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
        self.kept().assurance.assurance()
    }

    /// The session as its store has it while it is in use.
    pub(crate) fn record(&self) -> SessionRecord {
        SessionRecord::new(self.session(), self.user_token.clone(), self.started_at, self.expires_at)
    }

    pub(super) fn session(&self) -> Session {
        self.session.session()
    }

    /// Its user, by the service's name for them.
    pub(crate) fn user_token(&self) -> &UserToken {
        &self.user_token
    }

    pub(super) fn guard(&self) -> Option<Arc<Guard>> {
        self.all.guard.upgrade()
    }

    /// Each change leaves it whole, so a panic elsewhere while the lock was held does no harm.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state known at this moment. Reads one number.
    pub(super) fn known(&self, now: Now) -> Presence {
        if now.wall >= self.expires_at {
            return Presence::Ended;
        }
        self.last_status.presence(now, self.all.bound)
    }

    /// Whether the last status is the answer to a question put within `max_age` before `now`.
    pub(super) fn is_confirmed_within(&self, now: Now, max_age: Duration) -> bool {
        self.last_status.is_within(now, Bound::new(max_age))
    }

    /// Whether the last status would hold if the wall clock did not speak against it.
    pub(super) fn is_stepped_over(&self, now: Now) -> bool {
        self.last_status.is_stepped_over(now, self.all.bound)
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
        self.kept().assurance = flow.assurance().filter(|_| is_trusted).into();
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
        if let Some(task) = &self.kept().task {
            task.notify_one();
        }
        self.tell();
    }

    fn tell(&self) {
        let mut kept = self.kept();
        match &kept.heard {
            Some(heard) if heard.receiver_count() > 0 => {
                heard.send_modify(|count| *count = count.wrapping_add(1));
            }
            _ => kept.heard = None,
        }
    }

    /// Changes whenever something was heard.
    pub(crate) fn heard(&self) -> watch::Receiver<u64> {
        self.kept().heard.get_or_insert_with(|| watch::Sender::new(0)).subscribe()
    }

    /// Takes the channel away by which it is heard, if nobody listens.
    pub(super) fn close_unheard(&self) {
        let mut kept = self.kept();
        if kept.heard.as_ref().is_some_and(|heard| heard.receiver_count() == 0) {
            kept.heard = None;
        }
    }

    /// Somebody wants to know.
    pub(super) fn want(&self, now: Now) {
        let milliseconds = milliseconds(now.mono);
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
        Duration::from_millis(milliseconds(now.mono).saturating_sub(wanted))
    }

    pub(super) fn freshness(&self) -> Duration {
        self.all.options.freshness
    }

    /// Has the watch ask before it is due. `true` for a caller that has to begin to drive it.
    pub(super) fn ask(&self) -> bool {
        let mut kept = self.kept();
        kept.is_asked = true;
        match &kept.task {
            Some(task) => {
                task.notify_one();
                false
            }
            None => self.turn(RESTING, DRIVEN),
        }
    }

    /// Whether somebody wants a question. Tells it once.
    pub(super) fn take_asked(&self) -> bool {
        std::mem::take(&mut self.kept().is_asked)
    }

    /// `true` for the one who has to begin to drive it.
    pub(super) fn begin_watching(&self) -> bool {
        self.watching.load(Ordering::Relaxed) == IDLE && !self.has_ended() && self.turn(IDLE, DRIVEN)
    }

    /// The same for one that rests and should have been woken by now. For somebody who waits for an answer.
    pub(super) fn begin_overdue(&self, now: Now) -> bool {
        let late = milliseconds(now.mono).saturating_sub(self.kept().due);
        late > OVERDUE && self.turn(RESTING, DRIVEN)
    }

    /// It is due, as [`LiveSession::rest`] has told the schedule. `true` for a caller that has to drive it. One that nobody has wanted to know of
    /// for the freshness period rests no more: its watch begins again when somebody does.
    pub(super) fn is_to_be_driven(&self, due: Monotonic, now: Now) -> bool {
        let mut kept = self.kept();
        if kept.due != milliseconds(due) || self.watching.load(Ordering::Acquire) != RESTING {
            return false;
        }
        kept.due = u64::MAX;
        if self.has_ended() {
            kept.watch = KeptWatch::Over;
        }
        let is_idle = self.has_ended() || self.idle_for(now) > self.freshness();
        self.turn(RESTING, if is_idle { IDLE } else { DRIVEN }) && !is_idle
    }

    fn turn(&self, from: u8, to: u8) -> bool {
        self.watching.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// The watch, for the task that drives it from now on, and what wakes that task. `None`: the session is over.
    pub(super) fn take_up(&self, client: &Client) -> Option<(Watched, Arc<Notify>)> {
        let mut kept = self.kept();
        let flow = match std::mem::replace(&mut kept.watch, KeptWatch::Taken) {
            KeptWatch::Resting(resting) => client.wake_watch(&resting, self.session(), self.all.options),
            KeptWatch::Whole(flow) => *flow,
            KeptWatch::Taken | KeptWatch::Over => return None,
        };
        let task = Arc::new(Notify::new());
        if kept.is_asked {
            task.notify_one();
        }
        kept.task = Some(Arc::clone(&task));
        Some((Watched { flow, looks: kept.looks }, task))
    }

    /// Puts the watch away until it is due, while nobody wants a question. `false`: it has to be driven on.
    pub(super) fn rest(self: &Arc<Self>, flow: &mut WatchFlow, looks: &Looks, now: Now) -> bool {
        let Ok(Some(resting)) = flow.at_rest() else { return false };
        let due = resting.due().min(now.mono + looks.due_in(now));
        let mut kept = self.kept();
        if due <= now.mono || kept.is_asked || self.has_ended() || self.all.schedule.has_ended() {
            return false;
        }
        (kept.watch, kept.looks) = (KeptWatch::Resting(resting), *looks);
        (kept.task, kept.due) = (None, milliseconds(due));
        self.watching.store(RESTING, Ordering::Release);
        drop(kept);
        self.all.schedule.put(Arc::clone(self), due);
        true
    }

    /// Puts the watch away: nobody drives it any more. All that it holds open is dropped; the room for a status stream is another session's then.
    pub(super) fn end_watching(&self, watched: Option<Watched>) {
        let mut kept = self.kept();
        if let Some(Watched { mut flow, looks }) = watched {
            kept.looks = looks;
            kept.watch = if self.has_ended() {
                KeptWatch::Over
            } else {
                flow.rest();
                KeptWatch::of(flow)
            };
        }
        kept.task = None;
        self.watching.store(IDLE, Ordering::Release);
    }

    /// Another one stands for its token from now on, or none: no cookie leads to it any more.
    pub(super) fn forget(&self) {
        self.is_forgotten.store(true, Ordering::Release);
    }

    pub(super) fn is_forgotten(&self) -> bool {
        self.is_forgotten.load(Ordering::Acquire)
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
