//! From a cookie to a session. Belongs here: what is in a session cookie, and whether the session that it names may be used. Does not
//! belong here: whether its user is there ([`super::Guard::presence`]).

use std::sync::Arc;
use std::sync::atomic::Ordering;

use iampass_core::port::SessionRecord;
use iampass_core::{Error, Session, SessionToken};

use super::looks::is_unreadable;
use super::session_cookie::{Opened, SessionCookie};
use super::{Guard, LiveSession};
use crate::config::SessionMode;
use crate::cookies::Name;
use crate::cutoff;
use crate::shared_entry::SharedEntries;

/// How many seconds lie between two lines in the log about cookies that cannot be opened: anybody can send such cookies.
const BETWEEN_LINES: u64 = 60;

impl Guard {
    /// The session of a cookie that this node knows already, unless it has ended. `None`: [`Guard::recall`] tells more.
    pub(crate) fn remembered(&self, cookies: Option<&str>) -> Option<Arc<LiveSession>> {
        let value = self.config.cookies.value(Name::Session, cookies)?;
        self.remembered.by_cookie(value).filter(|live| !live.has_ended())
    }

    /// The session of a cookie, whatever state it is in. `None` if there is none that may be used.
    ///
    /// # Errors
    /// When the store cannot be asked: nothing is known.
    pub(crate) async fn recall(&self, cookies: Option<&str>) -> Result<Option<Arc<LiveSession>>, Error> {
        let Some(value) = self.config.cookies.value(Name::Session, cookies) else { return Ok(None) };
        if let Some(live) = self.remembered.by_cookie(value) {
            return Ok((!live.has_ended()).then_some(live));
        }
        let record = match self.open(value) {
            Opened::Stored(token) => self.stored(value, &token).await?,
            Opened::Sealed(record) => Some(record),
            Opened::Unusable => {
                self.tell_unopened();
                None
            }
        };
        let Some(mut record) = record else { return Ok(None) };
        let now = self.client.now();
        let has_ended = self.ended.contains_key(record.session.token());
        if has_ended || record.expires_at <= now.wall || !self.is_in_use(&record).await? {
            return Ok(None);
        }
        record.logout_due = None;
        let Some(user) = self.user_of(&record.user).await? else {
            // It can be used and ended by nobody any more, and it was taken into use just now.
            self.log_out_record(&record).await;
            return Ok(None);
        };
        // Of several requests at once one makes it, and all have the same.
        let token = record.session.token().clone();
        let live = self.remembered.get_or_insert(&token, now, || {
            let (all, flow) = (Arc::clone(&self.all), self.client.resume_watch(&record, self.all.options));
            let expires_at = record.expires_at;
            LiveSession::new(all, flow, record, expires_at, user, now)
        });
        // It may have been ended here while its store was asked.
        if self.ended.contains_key(&token) {
            live.end();
            self.remembered.forget(&token);
            return Ok(None);
        }
        self.remembered.insert_cookie(value, &live, now);
        Ok((!live.has_ended()).then_some(live))
    }

    /// Opens a session cookie of this value.
    pub(super) fn open(&self, value: &str) -> Opened {
        let content = self.config.cookies.open_value::<SessionCookie>(Name::Session, value);
        match (content, self.config.mode) {
            (Some(SessionCookie::Stored(token)), SessionMode::Stored) => Opened::Stored(token),
            (Some(SessionCookie::Sealed { session, user, started_at, expires_at }), SessionMode::Sealed) => {
                match Session::from_json(session, self.client.application().server()) {
                    Ok(session) => Opened::Sealed(SessionRecord::new(session, user, started_at, expires_at)),
                    Err(_) => Opened::Unusable,
                }
            }
            _ => Opened::Unusable,
        }
    }

    /// The record of a cookie that names its session. One that cannot be read is none: its user logs in again.
    async fn stored(&self, value: &str, token: &SessionToken) -> Result<Option<SessionRecord>, Error> {
        match self.client.load_session(token).await {
            Err(error) if is_unreadable(&error) => {
                if !self.unreadable.contains_key(value) {
                    self.unreadable.insert(value.into(), ());
                    tracing::warn!(
                        "a session is in the store and cannot be read, so its user has to log in again: was its key taken away, or \
                         the service's address changed, while sessions of before were in use?"
                    );
                }
                Ok(None)
            }
            record => record,
        }
    }

    /// Takes the session into use, if it is not yet, and says whether that is allowed. A login that is taken up has a queued logout, which
    /// ends it unless the first request with its cookie takes it away here. A logout that was requested is not taken away.
    async fn is_in_use(&self, record: &SessionRecord) -> Result<bool, Error> {
        // A stored session without a due logout is in use. A sealed cookie does not tell that.
        if self.config.mode == SessionMode::Stored && record.logout_due.is_none() {
            return Ok(true);
        }
        if cutoff::is_ended(&SharedEntries::new(self.client.clone()), record).await? {
            return Ok(false);
        }
        Ok(self.client.claim_session_again(&record.session).await?.is_in_use())
    }

    /// Whether a request brings a session cookie that is of no use, so that the answer had better take it away.
    pub(crate) fn is_unusable(&self, cookies: Option<&str>) -> bool {
        let Some(value) = self.config.cookies.value(Name::Session, cookies) else { return false };
        if self.remembered.by_cookie(value).is_some() {
            return false;
        }
        self.unreadable.contains_key(value) || matches!(self.open(value), Opened::Unusable)
    }

    fn tell_unopened(&self) {
        let now = self.client.now().wall.0;
        let before = self.told_unopened.load(Ordering::Relaxed);
        if now.abs_diff(before) >= BETWEEN_LINES
            && self.told_unopened.compare_exchange(before, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
        {
            tracing::warn!(
                "a session cookie cannot be used, so its sender has to log in again: was a key taken away, or the service's address \
                 or the mode of sessions changed? (Anybody can send such a cookie; this is said once a minute.)"
            );
        }
    }
}
