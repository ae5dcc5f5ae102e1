//! The guard: who is logged in, and is that still so? One session is watched once per node, however many requests and pages it has (law
//! 6); what the watch knows is read without a wait or a lock. Belongs here: what is known of a session. Does not belong here: from a cookie
//! to a session ([`recall`]), and the end of one ([`ending`]).

mod changes;
mod ending;
mod last_status;
mod live;
mod looks;
mod presence;
mod recall;
mod session_cookie;
mod watcher;

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Weak};
use std::time::Duration;

use cookie::Cookie;
use iampass_core::client::Client;
use iampass_core::machine::{Granted, WatchOptions};
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
use session_cookie::SessionCookie;

/// The most sessions that one node keeps in mind. Others are found again when their cookie comes.
const REMEMBERED: u64 = 100_000;

/// For how long a session is kept in mind that nobody asks for.
const IDLE: Duration = Duration::from_secs(30 * 60);

/// The most cookies that a node keeps in mind because nobody can read their sessions.
const UNREADABLE: u64 = 10_000;

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
    me: Weak<Self>,
    client: Client,
    config: Arc<Config>,
    runtime: tokio::runtime::Handle,
    /// By the cookie's value: what was opened once need not be opened again. Only sessions that are in use, by their store, are here.
    /// The hasher is a fast one: nobody can put values of their choice in here, since all were sealed by an application's node.
    by_cookie: Cache<Box<str>, Arc<LiveSession>, foldhash::fast::RandomState>,
    by_token: Cache<SessionToken, Arc<LiveSession>>,
    /// Sessions that were ended on this node, whatever became of telling the store and the service.
    ended: Cache<SessionToken, ()>,
    /// Cookies whose sessions are in the store and cannot be read.
    unreadable: Cache<Box<str>, ()>,
    /// When it was last said in the log that a cookie cannot be opened, in seconds since 1970.
    told_unopened: AtomicU64,
    /// Set when the application stops.
    stopping: watch::Sender<bool>,
}

impl Guard {
    pub(crate) fn new(client: Client, config: Arc<Config>, runtime: tokio::runtime::Handle) -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            client,
            config,
            runtime,
            by_cookie: Cache::builder()
                .max_capacity(REMEMBERED)
                .time_to_idle(IDLE)
                .build_with_hasher(foldhash::fast::RandomState::default()),
            by_token: Cache::builder().max_capacity(REMEMBERED).time_to_idle(IDLE).build(),
            ended: Cache::builder().max_capacity(REMEMBERED).time_to_live(REPEATED_FOR).build(),
            unreadable: Cache::builder().max_capacity(UNREADABLE).time_to_idle(IDLE).build(),
            told_unopened: AtomicU64::new(0),
            stopping: watch::Sender::new(false),
        })
    }

    fn watch_options(&self) -> WatchOptions {
        let options = self.config.watch;
        options.freshness(options.freshness.min(LONGEST_BOUND))
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
        let flow = self.client.watch(granted, self.watch_options());
        let live = LiveSession::new(
            Weak::clone(&self.me),
            flow,
            record.clone(),
            expires_at,
            user.clone(),
            self.watch_options().freshness,
            now,
        );
        self.by_token.insert(granted.session.token().clone(), Arc::new(live));
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
        if live.is_wanted(now) {
            // Found by its cookie, it would be forgotten by its name.
            self.by_token.get(live.token());
        }
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
            live.ask();
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
        live.ask();
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
                live.is_wanted(self.client.now());
                // Each time, for the last one may just have found that nobody wanted to know.
                self.watch(live);
                let _ = tokio::time::timeout(LOOK, heard.changed()).await;
            }
        };
        let patience = if live.is_failing() { SHORT_WAIT } else { LONGEST_WAIT };
        tokio::select! {
            () = status => {}
            () = tokio::time::sleep(patience) => {}
            _ = stopping.wait_for(|is_stopping| *is_stopping) => {}
        }
    }

    /// Watches the session from now on, unless it is being watched.
    pub(crate) fn watch(&self, live: &Arc<LiveSession>) {
        if live.begin_watching() {
            let (live, client) = (Arc::clone(live), self.client.clone());
            self.runtime.spawn(watcher::watch(live, client, self.config.mode));
        }
    }

    /// The same for somebody who listens for a long time, in which the session must not be forgotten by its name.
    pub(crate) fn keep_in_mind(&self, live: &Arc<LiveSession>) {
        if live.is_wanted(self.client.now()) {
            self.by_token.get(live.token());
        }
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
