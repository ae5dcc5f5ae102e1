//! The end of a session: on this node at once, at the service as soon as it can be told, and nobody waits for the service. Belongs here:
//! from a cookie or a record to a logout. Does not belong here: ends that the service tells of ([`super::watcher`]).

use std::sync::Arc;
use std::time::Duration;

use iampass_core::port::SessionRecord;
use iampass_core::{Error, Session, SessionToken};

use super::looks::is_unreadable;
use super::session_cookie::Opened;
use super::{Guard, LiveSession};
use crate::cookies::Name;
use crate::shared_entry::SharedEntries;
use crate::signed_in_from::SignedInFrom;

/// How long a store may take to say which session is to be ended, and to queue its logout.
const STORE_WAIT: Duration = Duration::from_secs(3);

/// The session that a browser asks to log out of.
pub(crate) enum Ending {
    /// A session that this node knows.
    Live(Arc<LiveSession>),
    /// A session that its cookie or the store knows.
    Known(Session),
    /// A session in the store that cannot be read here.
    Unreadable(SessionToken),
    /// None.
    Nothing,
}

impl Guard {
    /// The session that this cookie's browser wants to end: also one that nobody may use any more.
    ///
    /// # Errors
    /// When the store, which alone knows the session, cannot be asked.
    pub(crate) async fn to_end(&self, cookies: Option<&str>) -> Result<Ending, Error> {
        let Some(value) = self.config.cookies.value(Name::Session, cookies) else {
            return Ok(Ending::Nothing);
        };
        if let Some(live) = self.remembered.by_cookie(value) {
            return Ok(Ending::Live(live));
        }
        match self.open(value) {
            Opened::Sealed(record) => Ok(Ending::Known(record.session)),
            Opened::Stored(token) => match self.remembered.by_token(&token) {
                Some(live) => Ok(Ending::Live(live)),
                None => self.stored_to_end(token).await,
            },
            Opened::Unusable => Ok(Ending::Nothing),
        }
    }

    async fn stored_to_end(&self, token: SessionToken) -> Result<Ending, Error> {
        let stored = tokio::time::timeout(STORE_WAIT, self.client.load_session(&token)).await;
        match stored.unwrap_or(Err(Error::Timeout)) {
            Ok(Some(record)) => Ok(Ending::Known(record.session)),
            Ok(None) => Ok(Ending::Nothing),
            Err(error) if is_unreadable(&error) => Ok(Ending::Unreadable(token)),
            Err(error) => Err(error),
        }
    }

    /// Ends what a browser wants to end.
    pub(crate) async fn end(&self, ending: Ending) {
        match ending {
            Ending::Live(live) => self.log_out(&live).await,
            Ending::Known(session) => self.log_out_session(&session).await,
            Ending::Unreadable(token) => self.queue_unreadable(&token).await,
            Ending::Nothing => {}
        }
    }

    /// Ends a session: on this node at once, at the service as soon as it can be told. It waits for the store, and never for the service.
    pub(crate) async fn log_out(&self, live: &Arc<LiveSession>) {
        live.end();
        self.log_out_session(&live.session()).await;
    }

    /// Ends a session on this node at once. Its logout has still to be queued: [`Guard::log_out_record`].
    pub(crate) fn end_here(&self, record: &SessionRecord) {
        self.end_token(record.session.token());
    }

    fn end_token(&self, token: &SessionToken) {
        // In this order: a request that finds the session in its store meanwhile remembers it first, and looks here after that.
        self.ended.insert(token.clone(), ());
        if let Some(live) = self.remembered.forget(token) {
            live.end();
        }
    }

    /// Ends a session of which only the record is at hand.
    pub(crate) async fn log_out_record(&self, record: &SessionRecord) {
        self.log_out_session(&record.session).await;
    }

    async fn log_out_session(&self, session: &Session) {
        self.end_token(session.token());
        self.queue_and_deliver(session).await;
    }

    /// The logout is in the store before the user gets the answer, so that a crash loses nothing. It is sent to the service meanwhile.
    async fn queue_and_deliver(&self, session: &Session) {
        let queued = tokio::time::timeout(STORE_WAIT, self.client.queue_logout(session)).await;
        let is_queued = match queued.unwrap_or(Err(Error::Timeout)) {
            Ok(is_queued) => is_queued,
            Err(error) => {
                tracing::warn!(%error, "a logout could not be stored; it is sent to the service until confirmed");
                false
            }
        };
        self.forget_beginning(session.token());
        let (client, session) = (self.client.clone(), session.clone());
        self.runtime.spawn(async move {
            match client.deliver_logout(&session).await {
                Ok(()) => {}
                Err(error) if is_queued => {
                    tracing::warn!(%error, "a logout could not be sent to the service; it is sent again later");
                }
                Err(error) => {
                    tracing::warn!(%error, "a logout was neither delivered nor stored, and is repeated");
                    let _ = client.logout_persistently(&session, super::REPEATED_FOR).await;
                }
            }
        });
    }

    /// It is delivered by a node that can read it: one that was not restarted yet, or this one when the key is back.
    async fn queue_unreadable(&self, token: &SessionToken) {
        if let Err(error) = self.client.queue_logout_of(token).await {
            tracing::warn!(%error, "the logout of a session that cannot be read could not be queued");
        }
        self.forget_beginning(token);
    }

    /// Forgets from where a session was begun, while the caller goes on. Where that fails, it expires with the session.
    fn forget_beginning(&self, token: &SessionToken) {
        let (entries, token) = (SharedEntries::new(self.client.clone()), token.clone());
        self.runtime.spawn(async move {
            if let Err(error) = SignedInFrom::forget(&entries, &token).await {
                tracing::warn!(%error, "from where a session was begun is forgotten when it expires");
            }
        });
    }

    /// Tells the service to end a session, again and again until it has, while the caller goes on. For one that nobody uses and that
    /// could not be stored as such.
    pub(crate) fn end_at_service(&self, session: Session) {
        let client = self.client.clone();
        self.runtime.spawn(async move {
            if let Err(error) = client.logout(&session).await {
                tracing::warn!(%error, "a session is ended as soon as the service can be reached");
                let _ = client.logout_persistently(&session, super::REPEATED_FOR).await;
            }
        });
    }
}
