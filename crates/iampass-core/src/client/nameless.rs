//! Logins without a name: the phone that brings the code says whose it is. Belongs here: starting and following them. Does not belong here: the
//! way to the outcome ([`super::login_flow`]).

use std::sync::Arc;

use super::{Client, LoginFlow};
use crate::machine::answers::{is_drawable, read_authenticate, read_returned};
use crate::machine::{Call, Login, LoginOptions, Repeat, calls};
use crate::port::SessionRecord;
use crate::wire::{AuthenticateStatus, MovingQr, Reason};
use crate::{Error, Secret, Session, SessionToken, UserToken};
use base16ct::lower;

/// The service's answer to the start of a login without a name.
#[derive(Clone, Debug)]
#[must_use]
#[non_exhaustive]
pub enum Nameless {
    /// It waits for a phone. The session grants nothing yet.
    Started {
        /// The session.
        session: Session,
        /// The QR code, which changes each second from now on. To be shown where the login was begun, and nowhere else.
        qr: MovingQr,
        /// The link that opens IAMPASS in the same browser, where the application takes that browser back
        /// ([`LoginOptions::return_to`]).
        open_url: Option<Secret>,
    },
    /// It waits for none.
    NotStarted {
        /// Why.
        reason: Reason,
    },
}

impl Client {
    /// Logs in the user whose phone brings the code: [`StartedLogin::qr`](crate::machine::StartedLogin::qr) is to be shown, new each second.
    /// Needs a token store. A user whom it does not know is not let in, and the session ends.
    ///
    /// # Errors
    /// [`Error::BadInput`] when the client was built without a token store, or for a duration that is not at least one whole second;
    /// [`Error::Entropy`].
    pub fn login_nameless(&self, options: LoginOptions) -> Result<LoginFlow, Error> {
        self.check_tokens()?;
        let machine = Login::nameless(Arc::clone(&self.inner.application), options)?;
        Ok(LoginFlow::new(self.clone(), machine, self.nobody()?))
    }

    /// Starts a login without a name at the service, and no more: one step of what [`Client::login_nameless`] does.
    ///
    /// The session is stored with a logout that becomes due at the deadline of `options`, under a user token that nobody has.
    /// [`Client::follow_nameless`] gives it its user. It is not repeated where the service may have started one already.
    ///
    /// # Errors
    /// [`Error`]; [`Error::Store`] when the session could not be stored. It is ended then.
    pub async fn start_nameless(&self, options: &LoginOptions) -> Result<Nameless, Error> {
        self.check_tokens()?;
        let application = &self.inner.application;
        let body = options.nameless_body();
        let call = calls::start_login(application, &options.methods, options.duration, &body)?;
        let call = Call::new(call, read_authenticate, self.retry_policy(), Repeat::WhenSurelyNotDone);
        let mut started = match self.run(call).await? {
            AuthenticateStatus::Started(started) => started,
            AuthenticateStatus::NotStarted { reason, .. } => return Ok(Nameless::NotStarted { reason }),
        };
        let lasts = options.lasts(started.duration);
        let open_url = options.openable(started.open_url.take(), application.signer().secret);
        let qr = started.qr.take().filter(|qr| is_drawable(qr, application.signer().secret));
        let session = Session::from_started(started, application.server()).map_err(Error::from_session)?;
        let Some(qr) = qr else {
            self.end_unstored(&session).await;
            let what = "has no QR code that can be shown";
            return Err(Error::Malformed { call: "start", what, line: 0, column: 0 });
        };
        let now = self.ports().clock.now().wall;
        let due = now.plus(options.deadline);
        let stored = match self.nobody() {
            Ok(nobody) => {
                let record = SessionRecord::new(session.clone(), nobody, now, due.plus(lasts));
                self.create(&record.with_logout_due(due)).await.map_err(Error::Store)
            }
            Err(error) => Err(error),
        };
        if let Err(error) = stored {
            self.end_unstored(&session).await;
            return Err(error);
        }
        Ok(Nameless::Started { session, qr, open_url })
    }

    /// Awaits the outcome of a login that [`Client::start_nameless`] began, as [`Client::follow`] does. Granted, the session is the user's in the
    /// session store: [`Granted::user`](crate::machine::Granted::user). A client without a token store knows no user, so it lets nobody in.
    pub fn follow_nameless(&self, record: &SessionRecord, options: LoginOptions) -> LoginFlow {
        let now = self.ports().clock.now();
        let (options, begun_at) = (options.lasting_like(record, now.wall), now.mono);
        let application = Arc::clone(&self.inner.application);
        let machine = Login::begun_nameless(application, &record.session, options, begun_at);
        LoginFlow::following(self.clone(), machine, record)
    }

    /// Tells the service that the browser which began the login of this session has come back from the phone's page with this proof: the answer that
    /// the user gave there counts from now on. Only a proof that came with that browser's own cookie may be handed over. It counts once; a
    /// wrong one ends the login.
    ///
    /// # Errors
    /// [`Error`]; [`Error::Status`] when the proof is not the one, or the login waits for none.
    pub async fn returned(&self, session: &SessionToken, proof: &Secret) -> Result<(), Error> {
        let call = calls::returned(&self.inner.application, session, proof)?;
        self.run(Call::new(call, read_returned, self.retry_policy(), Repeat::WhenSurelyNotDone)).await
    }

    /// Without a token store nobody could be let in.
    fn check_tokens(&self) -> Result<(), Error> {
        let why = "it is not set: call `token_store` when building the client";
        self.token_store().map(drop).ok_or(Error::BadInput { what: "the token store", why })
    }

    /// A user token that nobody has: 128 random bits.
    fn nobody(&self) -> Result<UserToken, Error> {
        let draw = self.ports().entropy.draw()?;
        let digits = lower::encode_string(draw.bytes());
        Ok(UserToken::new(format!("nobody-{digits}"))?)
    }
}
