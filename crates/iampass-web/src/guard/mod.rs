//! The guard: who is logged in, and is that still so? One session is watched once per node, however many requests and pages it has (law
//! 6); what the watch knows is read without a wait or a lock. Belongs here: what is known of a session. Does not belong here: from a cookie
//! to a session ([`recall`]), and the end of one ([`ending`]).

mod changes;
mod ending;
mod kept;
mod last_status;
mod live;
mod look_times;
mod looks;
mod presence;
mod recall;
mod remembered;
mod schedule;
mod session_cookie;
mod watcher;
#[cfg(test)]
mod watching_tests;

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Weak};
use std::time::Duration;

use cookie::Cookie;
use iampass_core::client::Client;
use iampass_core::machine::Granted;
use iampass_core::port::{SessionRecord, UserKey};
use iampass_core::wire::SessionStatus;
use iampass_core::{Error, SessionToken, UserToken};
use moka::sync::Cache;
use tokio::sync::watch;

pub use changes::{PresenceChanges, UnlessCut, WhilePresent};
pub(crate) use live::Listener;
pub use live::LiveSession;
pub use presence::Presence;

use crate::config::Config;
use crate::config::SessionMode;
use crate::cookies::Name;
use last_status::LONGEST_BOUND;
use live::OfAllSessions;
use remembered::Remembered;
use schedule::Schedule;
use session_cookie::SessionCookie;

/// The most cookies that a node keeps in mind because nobody can read their sessions, and for how long each that does not come again.
const UNREADABLE: u64 = 10_000;
const UNREADABLE_FOR: Duration = Duration::from_secs(30 * 60);

/// The longest that a request waits for the service's answer. After it the state is unknown.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// How often somebody who waits looks whether the session is still being watched.
const LOOK: Duration = Duration::from_millis(250);

/// The same while the service gives no answers: nobody has to wait that long each time.
const SHORT_WAIT: Duration = Duration::from_millis(500);

/// For how long a logout that could not be stored is sent to the service. The service ends sessions by itself in the end.
const REPEATED_FOR: Duration = Duration::from_secs(3_600);

/// The sessions that this node knows of.
pub(crate) struct Guard {
    client: Client,
    config: Arc<Config>,
    runtime: tokio::runtime::Handle,
    /// A cookie that was opened once need not be opened again. Only sessions that are in use, by their store, are here by their cookies.
    remembered: Remembered,
    /// Sessions that were ended on this node, whatever became of telling the store and the service.
    ended: Cache<SessionToken, ()>,
    /// Cookies whose sessions are in the store and cannot be read.
    unreadable: Cache<Box<str>, ()>,
    /// When it was last said in the log that a cookie cannot be opened, in seconds since 1970.
    told_unopened: AtomicU64,
    /// The part that all sessions share.
    all: Arc<OfAllSessions>,
    /// Set when the application stops.
    stopping: watch::Sender<bool>,
}

impl Guard {
    pub(crate) fn new(client: Client, config: Arc<Config>, runtime: tokio::runtime::Handle) -> Arc<Self> {
        let options = config.watch.freshness(config.watch.freshness.min(LONGEST_BOUND));
        let (schedule, waiting) = Schedule::new();
        let wake = {
            let (client, runtime, mode) = (client.clone(), runtime.clone(), config.mode);
            move |live: Arc<LiveSession>, due, now| {
                if live.is_to_be_driven(due, now) {
                    runtime.spawn(watcher::watch(live, client.clone(), mode));
                }
            }
        };
        runtime.spawn(waiting.run(client.clone(), wake));
        Arc::new_cyclic(|me| Self {
            all: Arc::new(OfAllSessions::new(Weak::clone(me), options, schedule)),
            client,
            config,
            runtime,
            remembered: Remembered::new(remembered::MOST),
            ended: Cache::builder().max_capacity(remembered::MOST as u64).time_to_live(REPEATED_FOR).build(),
            unreadable: Cache::builder().max_capacity(UNREADABLE).time_to_idle(UNREADABLE_FOR).build(),
            told_unopened: AtomicU64::new(0),
            stopping: watch::Sender::new(false),
        })
    }

    /// Makes the cookie of a session that has just been granted: a new one for each login. The session is in use when a request brings the
    /// cookie: [`Guard::recall`] sees to that. A browser that does not keep it forgets it when it is closed.
    pub(crate) async fn admit(
        &self,
        record: &SessionRecord,
        granted: &Granted,
        is_kept: bool,
    ) -> Result<(UserKey, Cookie<'static>), Error> {
        let user = self.user_of(&record.user).await?.ok_or(Error::BadInput {
            what: "the user",
            why: "their token was taken away during the login",
        })?;
        // Another node may have begun it, by which it lasts for a shorter time than others.
        let expires_at = granted.expires_at.min(record.expires_at);
        let content = match self.config.mode {
            SessionMode::Stored => SessionCookie::Stored(granted.session.token().clone()),
            SessionMode::Sealed => SessionCookie::Sealed {
                session: granted.session.to_own_json(&SessionStatus::Pending),
                user: record.user.clone(),
                started_at: record.started_at,
                expires_at,
            },
        };
        let now = self.client.now();
        let lasts = expires_at.since(now.wall).as_secs();
        let mut cookie = self
            .config
            .cookies
            .sealed(Name::Session, &content, lasts)
            .ok_or(Error::BadInput { what: "the session", why: "it is too long for a cookie" })?;
        if !is_kept {
            cookie.set_max_age(None);
        }
        let flow = self.client.watch(granted, self.all.options);
        let all = Arc::clone(&self.all);
        let live = LiveSession::new(all, flow, record.clone(), expires_at, user.clone(), now);
        self.remembered.insert(Arc::new(live), now);
        Ok((user, cookie))
    }

    async fn user_of(&self, token: &UserToken) -> Result<Option<UserKey>, Error> {
        match self.client.token_store() {
            Some(tokens) => Ok(tokens.user_for(token).await?),
            None => Ok(None),
        }
    }

    /// The state of the session, where it is known and fresh. `None`: the service has to be asked, by [`Guard::presence`].
    pub(crate) fn fresh(&self, live: &Arc<LiveSession>) -> Option<Presence> {
        let now = self.client.now();
        let known = live.known(now);
        if known == Presence::Unknown {
            return None;
        }
        live.want(now);
        if known == Presence::Present {
            self.watch(live);
        }
        Some(known)
    }

    /// The state of the session now, after asking the service if needed. It is never older than the freshness bound.
    pub(crate) async fn presence(&self, live: &Arc<LiveSession>) -> Presence {
        if let Some(known) = self.fresh(live) {
            return known;
        }
        let now = self.client.now();
        if live.is_stepped_over(now) {
            // By the watch's own clock it is not time to ask yet.
            self.ask(live);
        }
        // Whatever is fresh will do: the question may be under way already, for somebody else.
        self.await_status(live, || live.known(self.client.now()) != Presence::Unknown).await;
        live.known(self.client.now())
    }

    /// The state of the session as known at this moment.
    pub(crate) fn known(&self, live: &LiveSession) -> Presence {
        live.known(self.client.now())
    }

    /// The service's answer to a question that is not older than `max_age`.
    pub(crate) async fn presence_within(&self, live: &Arc<LiveSession>, max_age: Duration) -> Presence {
        let wanted = self.client.now();
        // The age that is allowed grows while the answer is awaited.
        let is_confirmed = || {
            let now = self.client.now();
            live.is_confirmed_within(now, max_age.saturating_add(now.mono.since(wanted.mono)))
        };
        if is_confirmed() {
            return self.presence(live).await;
        }
        self.ask(live);
        self.await_status(live, is_confirmed).await;
        match live.known(self.client.now()) {
            // An older status may still be fresh, but it is not what was asked for.
            Presence::Present if !is_confirmed() => Presence::Unknown,
            known => known,
        }
    }

    /// Waits until the last status is fresh enough, or for the end; not for ever, and not when the application stops.
    async fn await_status(&self, live: &Arc<LiveSession>, will_do: impl Fn() -> bool) {
        let mut heard = live.heard();
        let mut stopping = self.stopping();
        let status = async {
            while !will_do() && !live.has_ended() {
                live.want(self.client.now());
                // Each time, for the last one may just have found that nobody wanted to know.
                self.watch(live);
                if live.begin_overdue(self.client.now()) {
                    self.drive(live);
                }
                let _ = tokio::time::timeout(LOOK, heard.changed()).await;
            }
        };
        let patience = if live.is_failing() { SHORT_WAIT } else { LONGEST_WAIT };
        tokio::select! {
            () = status => {}
            () = tokio::time::sleep(patience) => {}
            _ = stopping.wait_for(|is_stopping| *is_stopping) => {}
        }
        // A channel takes as much memory as the session.
        drop(heard);
        live.close_unheard();
    }

    /// Watches the session from now on, unless it is being watched.
    pub(crate) fn watch(&self, live: &Arc<LiveSession>) {
        if live.begin_watching() {
            self.drive(live);
        }
    }

    /// Has the service asked about the session before that is due.
    fn ask(&self, live: &Arc<LiveSession>) {
        if live.ask() {
            self.drive(live);
        }
    }

    fn drive(&self, live: &Arc<LiveSession>) {
        self.runtime.spawn(watcher::watch(Arc::clone(live), self.client.clone(), self.config.mode));
    }

    /// The same for somebody who listens for a long time, in which the session must not be forgotten.
    pub(crate) fn keep_in_mind(&self, live: &Arc<LiveSession>) {
        // Another one may stand for its token by now, and be the one that was ended.
        if self.ended.contains_key(live.token()) {
            live.end();
        }
        live.want(self.client.now());
        self.watch(live);
    }

    /// Ends what waits: the application stops.
    pub(crate) fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Whether this node has ended the session, whatever became of telling the store and the service.
    pub(crate) fn was_ended_here(&self, session: &SessionToken) -> bool {
        self.ended.contains_key(session)
    }

    /// Becomes true when the application stops.
    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.subscribe()
    }
}
