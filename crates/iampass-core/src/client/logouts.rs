//! Ending sessions, now or as soon as the service can be reached (law 2).

use std::time::Duration;

use futures_util::future::join_all;

use super::Client;
use crate::machine::answers::read_logged_out;
use crate::machine::{Call, Logout, LogoutEvent, LogoutOutcome, Repeat, RetryPolicy, calls};
use crate::port::{LogoutJob, StoreError, StoreErrorKind};
use crate::{Error, Session, SessionToken};

/// For how long a claimed logout belongs to one node: longer than one attempt can take.
const LEASE: Duration = Duration::from_secs(60);

/// How many logouts are delivered at once.
const AT_ONCE: usize = 16;

/// How many shared entries go for each session that may: each attempt to log in leaves several.
const ENTRIES: usize = 10;

/// The longest wait between two attempts at one queued logout.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// The outcome of a logout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum LogoutReceipt {
    /// The service has ended the session.
    Confirmed,
    /// The service could not be reached; the logout is in the session store, for [`Client::deliver_logouts`].
    Queued,
}

/// The outcome of [`Client::deliver_logouts`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct Delivery {
    /// Sessions that the service has ended.
    pub confirmed: usize,
    /// Sessions that must have expired by themselves.
    pub expired: usize,
    /// Logouts that failed and are tried again later.
    pub left: usize,
    /// Logouts that are due and whose records cannot be read, such as those sealed by a key that is no more in the key ring. The service
    /// cannot be told of them; their sessions last until they expire. Each is counted about once a minute, so that an operator can be
    /// warned while there is time to bring the key back.
    pub unreadable: usize,
}

/// The outcome of one claimed logout.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Delivered {
    Confirmed,
    Expired,
    Left,
}

impl Client {
    /// Ends a session.
    ///
    /// It is queued before the service is asked, so that a crash in between loses nothing. A session that is not in the session
    /// store (an imported one) cannot be queued.
    ///
    /// # Errors
    /// When the service has not confirmed it: [`Error::Store`] if it could not be queued either, or the error of the call for a
    /// session that is not in the store. To the user it is ended in either case: drop its cookie first.
    pub async fn logout(&self, session: &Session) -> Result<LogoutReceipt, Error> {
        // A store that fails must not keep the service from being told.
        let queued = self.queue_now(session).await;
        match (self.deliver_logout(session).await, queued) {
            (Ok(()), _) => Ok(LogoutReceipt::Confirmed),
            (Err(_), Ok(true)) => Ok(LogoutReceipt::Queued),
            (Err(error), Ok(false)) => Err(error),
            (Err(_), Err(error)) => Err(Error::Store(error)),
        }
    }

    /// Queues a logout, so that it is delivered by [`Client::deliver_logouts`] of any node, and asks the service nothing: the first half
    /// of [`Client::logout`], for callers that must not wait for the service. [`Client::deliver_logout`] is the other half. `false` if the
    /// session is not in the store.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn queue_logout(&self, session: &Session) -> Result<bool, Error> {
        Ok(self.queue_now(session).await?)
    }

    /// Queues the logout of a session that is in the store, though it may not be readable (its sealing key was taken away): it is
    /// delivered by a node that can read it. `false` if there is none.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn queue_logout_of(&self, token: &SessionToken) -> Result<bool, Error> {
        Ok(self.queue_by_token(token).await?)
    }

    /// Tells the service to end a session, and takes it out of the session store when that is confirmed.
    ///
    /// # Errors
    /// [`Error`]; the service may have ended it all the same, and a queued logout is delivered later.
    pub async fn deliver_logout(&self, session: &Session) -> Result<(), Error> {
        self.try_logout(session, self.retry_policy()).await?;
        // A record that stays is delivered once more, which harms nobody.
        let _ = self.sessions().delete(session.token()).await;
        Ok(())
    }

    /// Requests a logout, which nothing takes back. `false` if the session is not in the store.
    pub(super) async fn queue_now(&self, session: &Session) -> Result<bool, StoreError> {
        self.queue_by_token(session.token()).await
    }

    async fn queue_by_token(&self, token: &SessionToken) -> Result<bool, StoreError> {
        // First, so that the session is over even if it cannot be looked at.
        self.sessions().request_logout(token).await?;
        match self.sessions().load(token).await {
            Ok(record) => Ok(record.is_some()),
            // It is there, though this node cannot read it.
            Err(error) if error.kind() == StoreErrorKind::Unreadable => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Ends a session that could not be stored, as far as one attempt goes.
    pub(super) async fn end_unstored(&self, session: &Session) {
        // If it fails, the session ends with its duration: there is nowhere left to remember it.
        let _ = self.try_logout(session, self.retry_policy()).await;
    }

    /// Delivers up to `limit` logouts that are due, one attempt each. Removes up to `limit` sessions that must have expired, and up to
    /// ten times as many shared entries ([`Client::shared_state`]) whose time is over. To be called now and then, on every node: a store
    /// that is never cleared fills up.
    ///
    /// # Errors
    /// [`Error::Store`]; claimed logouts are taken up again when their lease is over.
    pub async fn deliver_logouts(&self, limit: usize) -> Result<Delivery, Error> {
        let mut delivery = Delivery::default();
        let mut left = limit;
        while left > 0 {
            let now = self.ports().clock.now().wall;
            let batch = self.sessions().claim_logouts(now, LEASE, left.min(AT_ONCE)).await?;
            let claimed = batch.jobs.len();
            delivery.unreadable += batch.unreadable;
            // All of them at once, so that the last attempt begins as long before the lease is over as the first.
            for delivered in join_all(batch.jobs.into_iter().map(|job| self.deliver(job))).await {
                match delivered? {
                    Delivered::Confirmed => delivery.confirmed += 1,
                    Delivered::Expired => delivery.expired += 1,
                    Delivered::Left => delivery.left += 1,
                }
            }
            if claimed < left.min(AT_ONCE) {
                break;
            }
            left -= claimed;
        }
        let now = self.ports().clock.now();
        let _ = self.sessions().purge_expired(now.wall, limit).await?;
        let _ = self.sessions().purge_shared(now.unix_millis(), limit.saturating_mul(ENTRIES)).await?;
        Ok(delivery)
    }

    async fn deliver(&self, LogoutJob { record, claim }: LogoutJob) -> Result<Delivered, StoreError> {
        let delivered = if record.expires_at < self.ports().clock.now().wall {
            Delivered::Expired
        } else if self.try_logout(&record.session, RetryPolicy::never()).await.is_ok() {
            Delivered::Confirmed
        } else {
            Delivered::Left
        };
        if delivered == Delivered::Left {
            let doubled = 1_u64.checked_shl(u32::try_from(claim.number).unwrap_or(u32::MAX));
            let wait = doubled.map_or(LONGEST_WAIT, Duration::from_secs).min(LONGEST_WAIT);
            self.sessions().release_logout(&claim, self.ports().clock.now().wall.plus(wait)).await?;
        } else {
            self.sessions().delete(record.session.token()).await?;
        }
        Ok(delivered)
    }

    /// Tells the service to end a session until it has confirmed it, or the session must have expired after `lasts`.
    ///
    /// # Errors
    /// [`Error::Entropy`] when nothing can be signed.
    pub async fn logout_persistently(
        &self,
        session: &Session,
        lasts: Duration,
    ) -> Result<LogoutOutcome, Error> {
        let machine = Logout::new(session, self.ports().clock.now().mono + lasts);
        let mut drive = super::drive::Drive::new(machine, self.ports().clone());
        while let Some(event) = drive.next_event().await? {
            if let LogoutEvent::Finished(outcome) = event {
                return Ok(outcome);
            }
        }
        Ok(LogoutOutcome::Abandoned)
    }

    async fn try_logout(&self, session: &Session, retry: RetryPolicy) -> Result<(), Error> {
        let call = Call::new(calls::logout(session), read_logged_out, retry, Repeat::WhenItMayHelp);
        match self.run(call).await {
            Err(error) if crate::machine::is_gone(&error) => Ok(()),
            result => result,
        }
    }
}
