//! A login, driven to its outcome.

use futures_core::Stream;

use super::Client;
use super::drive::{Canceller, Drive};
use super::status_stream::{Purpose, StatusStream};
use crate::machine::{Denial, Granted, Input, Login, LoginEvent, LoginOutcome, Machine as _, StartedLogin};
use crate::port::{SessionRecord, StoreError, StoreErrorKind};
use crate::{Error, Session, UserToken};

/// Whether what has happened is stored; `Err` says why the session must not be used all the same.
type Stored = Result<Result<(), Denial>, StoreError>;

/// A login under way: see [`Client::login`] and [`Client::login_nameless`].
///
/// Its session is in the session store from the moment the service has announced it, with a logout that becomes due when the login
/// must be decided, and is kept only when it is granted. So if this value is dropped or forgotten, or the process killed, the
/// session is ended (law 2) by [`Client::deliver_logouts`].
///
/// Dropped while the service is still being asked to begin, the session is unknown here. `iampass-server` ends a
/// session whose caller has gone before its answer arrived; another service may let it end by its time. And once it is granted, it is the
/// application's to log out. So cancel a login ([`LoginFlow::canceller`]) and drive it to its end rather than drop it.
#[derive(Debug)]
#[must_use = "a login does nothing until it is awaited"]
pub struct LoginFlow {
    client: Client,
    drive: Drive<Login>,
    /// The user; of a login without a name one whom nobody is.
    user: UserToken,
    /// An event whose storing is not done yet. It is taken up again if the caller stopped waiting in the middle.
    handling: Option<LoginEvent>,
    stored: Option<Session>,
    /// Whether storing has begun: taken up again after an interruption, the session may be there already.
    is_storing: bool,
    /// Set when the session could not be stored: the login ends with it.
    store_error: Option<StoreError>,
    logout_owed: bool,
    /// Whether a granted session is taken into use here, or by the follower of the login.
    keeps: bool,
    finished: bool,
}

impl LoginFlow {
    pub(super) fn new(client: Client, machine: Login, user: UserToken) -> Self {
        let drive = Drive::new(machine, client.ports().clone());
        Self {
            client,
            drive,
            user,
            handling: None,
            stored: None,
            is_storing: false,
            store_error: None,
            logout_owed: false,
            keeps: true,
            finished: false,
        }
    }

    /// A login whose session was begun and stored before, and is kept by the caller.
    pub(super) fn following(client: Client, machine: Login, record: &SessionRecord) -> Self {
        let stored = Some(record.session.clone());
        let mut flow = Self { stored, keeps: false, ..Self::new(client, machine, record.user.clone()) };
        flow.drive.follow(StatusStream::of(&record.session, Purpose::Login));
        flow
    }

    /// The next event; `None` after [`LoginEvent::Finished`]. It may be dropped and called again.
    ///
    /// Driving must go on until the end for the login to go on.
    pub async fn next(&mut self) -> Option<LoginEvent> {
        if self.finished {
            return None;
        }
        let event = self.next_stored().await?;
        self.finished = matches!(event, LoginEvent::Finished(_));
        if self.finished {
            // However long this value is kept, it listens to nothing any more.
            self.drive.let_go();
        }
        Some(event)
    }

    async fn next_stored(&mut self) -> Option<LoginEvent> {
        loop {
            if self.handling.is_none() {
                match self.drive.next_event().await {
                    Ok(event) => self.handling = Some(event?),
                    // Without randomness nothing can be signed. The queued logout ends a session that is stored.
                    Err(error) => {
                        self.drive.machine.handle(self.client.ports().clock.now(), Input::Cancel);
                        return Some(LoginEvent::Finished(Err(error)));
                    }
                }
            }
            let stored = self.store().await;
            let Some(event) = self.handling.take() else { continue };
            match (event, stored) {
                (LoginEvent::Started(started), Err(error)) => {
                    // A session that cannot be stored cannot be kept from becoming an orphan: end it.
                    self.store_error = Some(error);
                    self.drive.machine.handle(self.client.ports().clock.now(), Input::Cancel);
                    return Some(LoginEvent::Started(started));
                }
                (LoginEvent::Started(started), Ok(_)) => {
                    self.drive.follow(StatusStream::of(&started.session, Purpose::Login));
                    return Some(LoginEvent::Started(started));
                }
                (LoginEvent::Finished(_), _) if self.store_error.is_some() => {
                    let error = self.store_error.take().map(Error::Store);
                    return error.map(|error| LoginEvent::Finished(Err(error)));
                }
                (LoginEvent::Finished(Ok(LoginOutcome::Granted(_))), Err(error)) => {
                    return Some(LoginEvent::Finished(Err(Error::Store(error))));
                }
                (LoginEvent::Finished(Ok(LoginOutcome::Granted(_))), Ok(Err(why))) => {
                    return Some(LoginEvent::Finished(Ok(LoginOutcome::Denied(why))));
                }
                (event, _) => return Some(event),
            }
        }
    }

    /// Keeps the store in step with the event that is being handled.
    async fn store(&mut self) -> Stored {
        let client = self.client.clone();
        let sessions = client.sessions();
        let now = client.ports().clock.now().wall;
        match &self.handling {
            Some(LoginEvent::Started(StartedLogin { session, ends_by, decided_by, .. })) => {
                let record = SessionRecord::new(session.clone(), self.user.clone(), now, *ends_by)
                    .with_logout_due(*decided_by);
                let is_resumed = std::mem::replace(&mut self.is_storing, true);
                match client.create(&record).await {
                    Err(error) if error.kind() == StoreErrorKind::Conflict && is_resumed => {}
                    result => result?,
                }
                self.stored = Some(record.session);
            }
            Some(LoginEvent::LogoutOwed(session)) => {
                self.logout_owed = true;
                sessions.request_logout(session.token()).await?;
            }
            Some(LoginEvent::Finished(Ok(LoginOutcome::Granted(granted)))) => {
                if let Err(why) = give_to_user(&client, &self.user, granted).await? {
                    return Ok(Err(why));
                }
                if self.keeps {
                    let token = granted.session.token();
                    // No other login claims this login's session, so one that is in use was claimed by this login.
                    let kept = sessions.claim_session(token).await;
                    if kept.is_err() {
                        // It may have been kept without our hearing of it, and nobody will use it: it has to end.
                        let _ = sessions.request_logout(token).await;
                    }
                    // Otherwise its logout has been requested or claimed already, so it is about to end.
                    return Ok(kept?.is_in_use().then_some(()).ok_or(Denial::Closed));
                }
            }
            // Somebody else may have kept it meanwhile. If nobody has, its queued logout ends it.
            Some(LoginEvent::Finished(_)) if !self.keeps => {}
            Some(LoginEvent::Finished(_)) => {
                if let Some(session) = &self.stored
                    && !self.logout_owed
                {
                    sessions.delete(session.token()).await?;
                }
            }
            Some(LoginEvent::Decoy(_) | LoginEvent::Progress(_) | LoginEvent::Trouble(_)) | None => {}
        }
        Ok(Ok(()))
    }

    /// Drives the login to its end.
    ///
    /// # Errors
    /// When it is not known whether the user accepted, or the session could not be stored: not logged in.
    pub async fn outcome(mut self) -> Result<LoginOutcome, Error> {
        while let Some(event) = self.next().await {
            if let LoginEvent::Finished(end) = event {
                return end;
            }
        }
        Ok(LoginOutcome::Denied(Denial::Cancelled))
    }

    /// The events as a stream, which ends after [`LoginEvent::Finished`].
    pub fn into_stream(self) -> impl Stream<Item = LoginEvent> + Send {
        futures_util::stream::unfold(self, |mut flow| async move {
            let event = flow.next().await?;
            Some((event, flow))
        })
    }

    /// Cancels the login, for another task. It must still be driven to its end, which logs the session out.
    #[must_use]
    pub fn canceller(&self) -> Canceller {
        self.drive.canceller()
    }
}

/// Makes the session of a login without a name the user's whom the service names, if the application knows that user. Any node that follows the
/// login does it, and the first one counts.
async fn give_to_user(client: &Client, before: &UserToken, granted: &Granted) -> Stored {
    let Some(user) = &granted.user else { return Ok(Ok(())) };
    let (sessions, token) = (client.sessions(), granted.session.token());
    let known = match client.token_store() {
        Some(tokens) => tokens.user_for(user).await?,
        None => None,
    };
    if known.is_none() {
        sessions.request_logout(token).await?;
        return Ok(Err(Denial::UnknownUser));
    }
    let is_given = sessions.set_user(token, before, user).await?;
    Ok(is_given.then_some(()).ok_or(Denial::Closed))
}
