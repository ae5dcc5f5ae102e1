//! How a login stands for the browser that began it. Belongs here: what follows from the attempt, which all nodes know. Does not belong here:
//! what pages show of it ([`crate::wait`]).
//!
//! An attempt for a name that nobody has is looked up and ended the same way, and at the same instant.

use std::sync::Arc;
use std::time::Duration;

use iampass_core::machine::Granted;
use iampass_core::port::{SessionRecord, StoreError};
use iampass_core::{Error, SessionToken};

use crate::attempts::{Attempt, AttemptEnd, AttemptId, Phase, Whose};
use crate::login_web::LoginWeb;
use crate::page_times::LOOK_SOON;
use crate::pending::{PendingCookie, Progress};

/// How long a page waits for the question to be put before it is shown without.
const PREPARING: Duration = Duration::from_millis(1_000);

/// How a login stands for the browser that began it.
#[derive(Debug, Clone)]
pub(crate) enum Standing {
    /// No phone is asked yet.
    Preparing,
    /// The phone is asked, or the browser is to think so.
    Waiting,
    /// The user has answered, and this node has not heard it from the service yet. There is nothing to accept any more.
    Confirming,
    /// The user accepted, and the session is this browser's to have.
    Accepted(Arc<Accepted>),
    /// The session is in use.
    InUse,
    /// It lets no user in.
    Ended(AttemptEnd),
}

#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) record: SessionRecord,
    pub(crate) granted: Arc<Granted>,
    /// Whether this browser was given the session before; its answer may have been lost.
    pub(crate) is_again: bool,
}

impl Accepted {
    /// The record of a login without a name was read when its user was not known yet.
    fn new(record: &SessionRecord, granted: Arc<Granted>, is_again: bool) -> Self {
        let mut record = record.clone();
        if let Some(user) = &granted.user {
            record.user = user.clone();
        }
        Self { record, granted, is_again }
    }
}

impl Standing {
    /// Whether the page that waits has something new to show. `was_preparing`: the page shows that no phone is asked yet.
    pub(crate) const fn is_news(&self, was_preparing: bool) -> bool {
        match self {
            Self::Preparing => false,
            Self::Waiting => was_preparing,
            // The page that it leads to is that of preparing.
            Self::Confirming => !was_preparing,
            Self::Accepted(_) | Self::InUse | Self::Ended(_) => true,
        }
    }
}

impl<U: Clone + Send + Sync + 'static> LoginWeb<U> {
    /// How a login stands, after waiting a moment for its question to be put.
    pub(crate) async fn prepared(
        &self,
        pending: &PendingCookie,
    ) -> Result<(Option<Attempt>, Standing), Error> {
        let until = tokio::time::Instant::now() + PREPARING;
        loop {
            let found = self.standing(pending).await?;
            if !matches!(found.1, Standing::Preparing | Standing::Confirming)
                || tokio::time::Instant::now() >= until
            {
                return Ok(found);
            }
            tokio::time::sleep(LOOK_SOON).await;
        }
    }

    /// How a login stands at this moment, for all nodes.
    pub(crate) async fn standing(
        &self,
        pending: &PendingCookie,
    ) -> Result<(Option<Attempt>, Standing), Error> {
        let attempt = self.attempts().load(&pending.attempt).await?;
        let standing = match attempt.as_ref().map(|attempt| &attempt.phase) {
            // It was forgotten, long after its end.
            None => Standing::Ended(AttemptEnd::NoAnswer),
            Some(Phase::Ended { end }) => Standing::Ended(*end),
            Some(Phase::Starting) => self.unless_over(pending, Standing::Preparing).await?,
            Some(Phase::NotAsked) => {
                self.look_up_nobody(pending).await;
                self.unless_over(pending, Standing::Waiting).await?
            }
            // Its time is over: whatever is answered now lets nobody in.
            Some(Phase::Asked { .. }) if self.client().now().unix_millis() >= pending.until => {
                self.look_up_nobody(pending).await;
                self.unless_over(pending, Standing::Waiting).await?
            }
            Some(Phase::Asked { session }) => match self.heard(pending, session).await? {
                Some(standing) => standing,
                None => self.unless_over(pending, Standing::Waiting).await?,
            },
            // The answer is there, and this node has not heard it yet.
            Some(Phase::Answered { session }) => {
                self.heard(pending, session).await?.unwrap_or(Standing::Confirming)
            }
            Some(Phase::TakenUp { session }) => self.taken_up(session, pending.whose()).await?,
        };
        Ok((attempt, standing))
    }

    /// The standing until the attempt's time is over.
    async fn unless_over(&self, pending: &PendingCookie, standing: Standing) -> Result<Standing, Error> {
        if self.client().now().unix_millis() < pending.until {
            return Ok(standing);
        }
        self.end(&pending.attempt, AttemptEnd::NoAnswer).await?;
        Ok(Standing::Ended(AttemptEnd::NoAnswer))
    }

    /// Ends an attempt, and takes its question off the phone in a task, so that the answer takes as long where there is none.
    pub(crate) async fn end(&self, attempt: &AttemptId, end: AttemptEnd) -> Result<(), StoreError> {
        let session = self.attempts().end(attempt, end).await?;
        let web = self.clone();
        self.runtime().spawn(async move {
            if let Some(session) = session {
                web.withdraw(&session).await;
            }
        });
        Ok(())
    }

    /// Asks the store for a session that there is not, so that the answer takes as long as where a phone is asked. Whether the store answers
    /// makes no difference there either.
    async fn look_up_nobody(&self, pending: &PendingCookie) {
        if let Ok(nobody) = SessionToken::new(pending.attempt.as_str()) {
            let _ = self.client().load_session(&nobody).await;
        }
    }

    /// The phone's answer as far as this node knows it; `None` while there is none.
    async fn heard(
        &self,
        pending: &PendingCookie,
        session: &SessionToken,
    ) -> Result<Option<Standing>, Error> {
        // Each look takes one question to the store, also where no phone is asked ([`Self::look_up_nobody`]).
        let stored = self.client().load_session(session).await;
        let following = match self.pending().followed(session) {
            Some(following) => Some(following),
            None => {
                let options = &self.config().login;
                self.pending().follow_record(self.client(), options, stored?, pending.whose())
            }
        };
        let Some(following) = following else { return Ok(Some(Standing::Ended(AttemptEnd::NoAnswer))) };
        let progress = following.progress.borrow().clone();
        match progress {
            Progress::Granted(granted) => {
                Ok(Some(Standing::Accepted(Arc::new(Accepted::new(&following.record, granted, false)))))
            }
            // It ends at the instant that the page was given, like any other.
            Progress::Waiting | Progress::Ended(AttemptEnd::NoAnswer) => Ok(None),
            Progress::Ended(end) => {
                self.end(&pending.attempt, end).await?;
                Ok(Some(Standing::Ended(end)))
            }
        }
    }

    /// This browser was given the session. Until it has come back with it, it may have it again.
    async fn taken_up(&self, session: &SessionToken, whose: Whose) -> Result<Standing, Error> {
        let options = &self.config().login;
        let Some(following) = self.pending().follow(self.client(), options, session, whose).await? else {
            return Ok(Standing::InUse);
        };
        let record = self.client().load_session(session).await?;
        // A session whose logout was requested has been used.
        let is_unused = !self.guard().was_ended_here(session)
            && record.is_some_and(|record| record.logout_due.is_some() && !record.is_logout_requested());
        let progress = following.progress.borrow().clone();
        match progress {
            Progress::Granted(granted) if is_unused => {
                Ok(Standing::Accepted(Arc::new(Accepted::new(&following.record, granted, true))))
            }
            Progress::Waiting if is_unused => Ok(Standing::Confirming),
            _ => Ok(Standing::InUse),
        }
    }
}
