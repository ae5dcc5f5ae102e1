//! The guard: who is logged in, and is that still so? Belongs here: from a cookie to a live session. One session is watched once per
//! node, however many requests and pages it has (law 6); what the watch knows is read without a wait or a lock.

mod live;
mod watcher;
mod word;

use std::sync::Arc;
use std::time::Duration;

use cookie::Cookie;
use iampass_core::client::Client;
use iampass_core::machine::{Granted, WatchOptions};
use iampass_core::port::{SessionRecord, UserKey};
use iampass_core::wire::{SessionJson, SessionStatus};
use iampass_core::{Error, Session, SessionToken, UnixSeconds, UserToken};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};

pub use live::{LiveSession, Presence};

use crate::SessionMode;
use crate::config::Config;
use crate::cookies::Name;
use crate::cutoff;
use crate::shared_entry::SharedEntries;

/// The most sessions that one node keeps in mind. Others are found again when their cookie comes.
const REMEMBERED: u64 = 100_000;

/// For how long a session is kept in mind that nobody asks for.
const IDLE: Duration = Duration::from_secs(30 * 60);

/// The longest that a request waits for the service's word before it is told that nothing is known.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// How often somebody who waits looks whether the session is still being watched.
const LOOK: Duration = Duration::from_millis(250);

/// For how long the service is told of a logout that could not be stored. It ends sessions by itself some time.
const REPEATED_FOR: Duration = Duration::from_secs(3_600);

/// The same while the service gives no answers: nobody has to wait that long each time.
const SHORT_WAIT: Duration = Duration::from_millis(500);

/// What a session cookie holds, sealed.
#[derive(Serialize, Deserialize)]
enum SessionCookie {
    /// The name of a session in the store.
    Stored(SessionToken),
    /// The session itself.
    Sealed { session: SessionJson, user: UserToken, started_at: UnixSeconds, expires_at: UnixSeconds },
}

/// The sessions that this node knows of.
pub(crate) struct Guard {
    client: Client,
    config: Arc<Config>,
    runtime: tokio::runtime::Handle,
    /// By the cookie's value: what was opened once need not be opened again.
    by_cookie: Cache<Box<str>, Arc<LiveSession>>,
    by_token: Cache<SessionToken, Arc<LiveSession>>,
}

impl Guard {
    pub(crate) fn new(client: Client, config: Arc<Config>, runtime: tokio::runtime::Handle) -> Self {
        Self {
            client,
            config,
            runtime,
            by_cookie: Cache::builder().max_capacity(REMEMBERED).time_to_idle(IDLE).build(),
            by_token: Cache::builder().max_capacity(REMEMBERED).time_to_idle(IDLE).build(),
        }
    }

    fn watch_options(&self) -> WatchOptions {
        self.config.watch
    }

    /// Takes a session into use that has just been granted, and makes its cookie: a new one for each login.
    pub(crate) async fn admit(
        &self,
        record: &SessionRecord,
        granted: &Granted,
    ) -> Result<(UserKey, Cookie<'static>), Error> {
        let user = self.user_of(&record.user).await?.ok_or(Error::BadInput {
            what: "the user",
            why: "their token was taken away during the login",
        })?;
        let content = match self.config.mode {
            SessionMode::Stored => SessionCookie::Stored(granted.session.token().clone()),
            SessionMode::Sealed => SessionCookie::Sealed {
                session: granted.session.to_own_json(&SessionStatus::Pending),
                user: record.user.clone(),
                started_at: record.started_at,
                expires_at: granted.expires_at,
            },
        };
        let lasts = granted.expires_at.since(self.client.now().wall).as_secs();
        let cookie = self
            .config
            .cookies
            .sealed(Name::Session, &content, lasts)
            .ok_or(Error::BadInput { what: "the session", why: "it is too long for a cookie" })?;
        let flow = self.client.watch(granted, self.watch_options());
        let live = Arc::new(LiveSession::new(
            flow,
            record,
            granted.expires_at,
            user.clone(),
            self.watch_options().freshness,
        ));
        // Not by the cookie: the first request with it takes the session into use.
        self.by_token.insert(granted.session.token().clone(), live);
        Ok((user, cookie))
    }

    /// The session of a cookie, whatever state it is in. `None` if there is none.
    ///
    /// # Errors
    /// When the store cannot be asked: nothing is known.
    pub(crate) async fn recall(&self, cookies: Option<&str>) -> Result<Option<Arc<LiveSession>>, Error> {
        let Some(value) = self.config.cookies.value(Name::Session, cookies) else { return Ok(None) };
        if let Some(live) = self.by_cookie.get(value) {
            return Ok((!live.has_ended()).then_some(live));
        }
        let Some(content) = self.config.cookies.open_value::<SessionCookie>(Name::Session, value) else {
            return Ok(None);
        };
        let Some(record) = self.record_of(content).await? else { return Ok(None) };
        if record.expires_at <= self.client.now().wall {
            return Ok(None);
        }
        let Some(user) = self.user_of(&record.user).await? else { return Ok(None) };
        // Of several requests at once one makes it, and all have the same.
        let live = self.by_token.get_with(record.session.token().clone(), || {
            let flow = self.client.resume(&record, self.watch_options());
            let freshness = self.watch_options().freshness;
            Arc::new(LiveSession::new(flow, &record, record.expires_at, user, freshness))
        });
        self.by_cookie.insert(value.into(), Arc::clone(&live));
        Ok((!live.has_ended()).then_some(live))
    }

    async fn record_of(&self, content: SessionCookie) -> Result<Option<SessionRecord>, Error> {
        match (content, self.config.mode) {
            // One whose logout is due is not in use: it is being logged out, or its login was never taken up.
            (SessionCookie::Stored(token), SessionMode::Stored) => {
                let Some(record) = self.client.stored(&token).await? else { return Ok(None) };
                if record.logout_due.is_some() && !self.take_into_use(&record).await? {
                    return Ok(None);
                }
                Ok(Some(record))
            }
            (SessionCookie::Sealed { session, user, started_at, expires_at }, SessionMode::Sealed) => {
                let session = Session::from_json(session, self.client.application().server());
                Ok(session.ok().map(|session| SessionRecord::new(session, user, started_at, expires_at)))
            }
            // Made in another mode: log in again.
            _ => Ok(None),
        }
    }

    /// The first use of a session that was given to a browser. `false`: it was ended meanwhile.
    async fn take_into_use(&self, record: &SessionRecord) -> Result<bool, Error> {
        if cutoff::is_ended(&SharedEntries::new(self.client.clone()), record).await? {
            return Ok(false);
        }
        Ok(self.client.keep(&record.session).await?.is_in_use())
    }

    async fn user_of(&self, token: &UserToken) -> Result<Option<UserKey>, Error> {
        match self.client.token_store() {
            Some(tokens) => Ok(tokens.user_for(token).await?),
            None => Ok(None),
        }
    }

    /// What is known of the session now, after asking the service if need be. Never older than the freshness bound.
    pub(crate) async fn presence(&self, live: &Arc<LiveSession>) -> Presence {
        let now = self.client.now();
        match live.presence(now) {
            Presence::Unknown => {}
            known => {
                if live.is_wanted(now) {
                    // Found by its cookie, it would be forgotten by its name.
                    self.by_token.get(live.token());
                }
                if known == Presence::Present {
                    self.watch(live);
                }
                return known;
            }
        }
        // Whatever is fresh will do: the question may be under way already, for somebody else.
        self.await_word(live, || live.presence(self.client.now()) != Presence::Unknown).await;
        live.presence(self.client.now())
    }

    /// What is known of the session at this moment.
    pub(crate) fn known(&self, live: &LiveSession) -> Presence {
        live.presence(self.client.now())
    }

    /// What the service says to a question that is not older than `max_age`.
    pub(crate) async fn presence_within(&self, live: &Arc<LiveSession>, max_age: Duration) -> Presence {
        let now = self.client.now();
        let asked_since = iampass_core::Monotonic::from_origin(
            now.mono.since(iampass_core::Monotonic::ORIGIN).saturating_sub(max_age),
        );
        if live.confirmed_since(asked_since) {
            return self.presence(live).await;
        }
        live.ask();
        self.await_word(live, || live.confirmed_since(asked_since)).await;
        match live.presence(self.client.now()) {
            // An older word may still be fresh, but it is not what was asked for.
            Presence::Present if !live.confirmed_since(asked_since) => Presence::Unknown,
            known => known,
        }
    }

    /// Waits until what was heard of the service will do, or for the end; not for ever.
    async fn await_word(&self, live: &Arc<LiveSession>, will_do: impl Fn() -> bool) {
        let mut heard = live.heard();
        let word = async {
            while !will_do() && !live.has_ended() {
                live.is_wanted(self.client.now());
                // Each time, for the last one may just have found that nobody wanted to know.
                self.watch(live);
                let _ = tokio::time::timeout(LOOK, heard.changed()).await;
            }
        };
        let patience = if live.is_failing() { SHORT_WAIT } else { LONGEST_WAIT };
        let _ = tokio::time::timeout(patience, word).await;
    }

    /// Watches the session from now on, unless it is being watched.
    pub(crate) fn watch(&self, live: &Arc<LiveSession>) {
        if live.begin_watching() {
            self.runtime.spawn(watcher::watch(Arc::clone(live), self.client.clone()));
        }
    }

    /// Ends a session: on this node at once, at the service as soon as it can be told.
    pub(crate) async fn log_out(&self, live: &Arc<LiveSession>) {
        live.end();
        self.by_token.invalidate(live.token());
        self.log_out_unknown(&live.record().session).await;
    }

    /// Ends a session of which only the record is at hand.
    pub(crate) async fn log_out_record(&self, record: &SessionRecord) {
        match self.by_token.get(record.session.token()) {
            Some(live) => self.log_out(&live).await,
            None => self.log_out_unknown(&record.session).await,
        }
    }

    async fn log_out_unknown(&self, session: &Session) {
        if let Err(error) = self.client.logout(session).await {
            tracing::warn!(%error, "a logout was neither delivered nor stored, and is repeated");
            self.end_at_service(session.clone());
        }
    }

    /// Tells the service to end a session, again and again until it has, while the caller goes on. For one that nobody uses and that
    /// could not be stored as such.
    pub(crate) fn end_at_service(&self, session: Session) {
        let client = self.client.clone();
        self.runtime.spawn(async move {
            if let Err(error) = client.logout(&session).await {
                tracing::warn!(%error, "a session is ended as soon as the service can be reached");
                let _ = client.logout_persistently(&session, REPEATED_FOR).await;
            }
        });
    }
}
