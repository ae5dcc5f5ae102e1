//! [`Account`]: one user at one application, on this phone.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use iampass_core::Secret;
use iampass_core::wire::{
    AuthenticationRequest, DeviceConfiguration, DeviceConfigurationAnswer, Identification, PhoneSession,
};
use serde_json::{Map, json};

use super::ports::Ports;
use super::questions::{Questions, ask};
use crate::inbox::Poll;
use crate::{Brought, PhoneError, Registration, answers, calls};

/// One user at one application, on this phone. Each tap of the person is a method of it. Cheap to clone.
///
/// Each call is sent once. [`PhoneError::is_retryable`] says whether it makes sense to try again.
#[derive(Clone)]
pub struct Account {
    ports: Arc<Ports>,
    registration: Registration,
}

impl Account {
    pub(super) fn new(ports: Arc<Ports>, registration: Registration) -> Self {
        Self { ports, registration }
    }

    pub(super) fn ports(&self) -> &Ports {
        &self.ports
    }

    /// The record that is stored of it.
    #[must_use]
    pub fn registration(&self) -> &Registration {
        &self.registration
    }

    /// Shows the user by this name from now on.
    pub fn rename(&mut self, name: impl Into<String>) {
        self.registration.rename(name);
    }

    /// Forgets the code by which another phone confirms this one. To be called, and the record stored, when [`Account::waiting`] or
    /// [`Account::recover`] has said that it is confirmed.
    pub fn confirmed(&mut self) {
        self.registration.confirmed();
    }

    /// The questions that wait, oldest first.
    ///
    /// # Errors
    /// [`PhoneError`].
    pub async fn pending(&self) -> Result<Vec<AuthenticationRequest>, PhoneError> {
        ask(&self.ports, &self.registration, &Poll::now()).await
    }

    /// The questions, polled for without end.
    #[must_use]
    pub fn questions(&self) -> Questions<'_> {
        Questions::new(&self.ports, &self.registration)
    }

    /// The next question that is `wanted`, waited for no longer than `patience`. `None` when there was none.
    ///
    /// # Errors
    /// [`PhoneError`].
    pub async fn next_request(
        &self,
        patience: Duration,
        mut wanted: impl FnMut(&AuthenticationRequest) -> bool + Send,
    ) -> Result<Option<AuthenticationRequest>, PhoneError> {
        let deadline = self.ports.clock.now().mono + patience;
        let mut questions = self.questions();
        loop {
            let left = deadline.since(self.ports.clock.now().mono);
            let requests = questions.next_within(left).await?;
            if let Some(request) = requests.into_iter().find(|request| wanted(request)) {
                return Ok(Some(request));
            }
            if left.is_zero() {
                return Ok(None);
            }
        }
    }

    /// Brings the code of a login page. The result is the question that belongs to it, which is among [`Account::pending`] from now on.
    ///
    /// # Errors
    /// [`PhoneError`]; `Refused` with [`iampass_core::wire::Reason::WrongCode`] when no question of this user shows the code.
    pub async fn bring(&self, brought: &Brought) -> Result<AuthenticationRequest, PhoneError> {
        let call = calls::bring(&self.registration, brought, self.ports.clock.now().wall)?;
        let call = self.ports.sign(call, self.registration.device_key()).await?;
        self.ports.send(&call, answers::read_brought).await
    }

    /// Tells the service that the person sees a question: the session becomes `identifying`.
    ///
    /// # Errors
    /// [`PhoneError`]; `Refused` when the question is not open any more.
    pub async fn show(&self, request: &AuthenticationRequest) -> Result<(), PhoneError> {
        let call = calls::show(&self.registration, request)?;
        self.ports.send(&call, answers::read_done).await
    }

    /// *Accept*, with the code where [`AuthenticationRequest::needs_code`] says so: the session becomes `active`.
    ///
    /// Where the question asks for an unlocked phone, the port [`crate::Unlock`] brings the proof.
    ///
    /// # Errors
    /// [`PhoneError`]; `Unlock` or `MethodNotAvailable` when this phone cannot bring what is asked for, `Refused` with
    /// [`iampass_core::wire::Reason::CodeRequired`] or `WrongCode`. A wrong code answered with the status 200 has ended the question.
    pub async fn accept(
        &self,
        request: &AuthenticationRequest,
        brought: Option<&Brought>,
    ) -> Result<(), PhoneError> {
        let asked = &request.identify.requested_data;
        let absent = [("facial", asked.facial.is_some()), ("proximity", asked.proximity.is_some())];
        if let Some((method, _)) = absent.into_iter().find(|(_, asked)| *asked) {
            return Err(PhoneError::MethodNotAvailable { method });
        }
        let mut collected = Map::new();
        if asked.os_authentication.is_some() {
            let proof = self.prove_unlocked(request, self.ports.unlock.as_ref()).await?;
            collected.insert("os_authentication".to_owned(), proof);
        }
        if asked.acceptance.is_some() {
            collected.insert("acceptance".to_owned(), json!({"accepted": true}));
        }
        let mut identification = Identification::yes(collected);
        if let Some(brought) = brought {
            identification = calls::with_brought(&self.registration, identification, brought)?;
        }
        self.show(request).await?;
        self.answer(request, &identification).await
    }

    /// *Deny*: the session becomes `cancelled`.
    ///
    /// # Errors
    /// As [`Account::show`].
    pub async fn deny(&self, request: &AuthenticationRequest) -> Result<(), PhoneError> {
        self.show(request).await?;
        self.answer(request, &Identification::no()).await
    }

    /// *Not me*: a denial that says that somebody else has asked.
    ///
    /// # Errors
    /// As [`Account::show`].
    pub async fn report(&self, request: &AuthenticationRequest) -> Result<(), PhoneError> {
        self.show(request).await?;
        self.answer(request, &Identification::no().report(true)).await
    }

    /// Sends an answer as it stands, signed by the device key if this phone has one.
    ///
    /// # Errors
    /// [`PhoneError`].
    pub async fn answer(
        &self,
        request: &AuthenticationRequest,
        identification: &Identification,
    ) -> Result<(), PhoneError> {
        self.answer_and_go_back(request, identification).await.map(drop)
    }

    /// The same, for a question that came by a link of a sign-in page: the address that has to be opened at once in the browser that the link was
    /// opened in. The login waits for that. `None` where the answer counts as it is.
    ///
    /// # Errors
    /// [`PhoneError`].
    pub async fn answer_and_go_back(
        &self,
        request: &AuthenticationRequest,
        identification: &Identification,
    ) -> Result<Option<Secret>, PhoneError> {
        let now = self.ports.clock.now().wall;
        let call = calls::answer(&self.registration, request, identification, now)?;
        let call = self.ports.sign(call, self.registration.device_key()).await?;
        self.ports.send(&call, answers::read_taken).await
    }

    /// The sessions that this phone has opened and that have not ended, newest first.
    ///
    /// # Errors
    /// [`PhoneError`].
    pub async fn active_sessions(&self) -> Result<Vec<PhoneSession>, PhoneError> {
        let call = calls::active_sessions(&self.registration)?;
        self.ports.send(&call, answers::read_sessions).await
    }

    /// Ends a session (the remote logout).
    ///
    /// # Errors
    /// [`PhoneError`].
    pub async fn log_out(&self, session: &PhoneSession) -> Result<(), PhoneError> {
        let call = calls::log_out(&self.registration, session, self.ports.clock.now().wall)?;
        let call = self.ports.sign(call, self.registration.device_key()).await?;
        self.ports.send(&call, answers::read_done).await
    }

    /// Leaves: the session becomes `walkaway`.
    ///
    /// # Errors
    /// [`PhoneError`].
    pub async fn walk_away(&self, session: &PhoneSession) -> Result<(), PhoneError> {
        let call = calls::walk_away(&self.registration, session, self.ports.clock.now().wall)?;
        let call = self.ports.sign(call, self.registration.device_key()).await?;
        self.ports.send(&call, answers::read_done).await
    }

    /// Is back: the session becomes `active` again.
    ///
    /// # Errors
    /// [`PhoneError`].
    pub async fn come_back(&self, session: &PhoneSession) -> Result<(), PhoneError> {
        let call = calls::come_back(&self.registration, session, self.ports.clock.now().wall)?;
        let call = self.ports.sign(call, self.registration.device_key()).await?;
        self.ports.send(&call, answers::read_done).await
    }

    /// Tells the service where notifications go now.
    ///
    /// # Errors
    /// [`PhoneError`].
    pub async fn configure(
        &self,
        configuration: &DeviceConfiguration,
    ) -> Result<DeviceConfigurationAnswer, PhoneError> {
        let call = calls::configure(&self.registration, configuration, self.ports.clock.now().wall)?;
        let call = self.ports.sign(call, self.registration.device_key()).await?;
        self.ports.send(&call, answers::read_configuration).await
    }

    /// Has the service forget this phone, and removes its key. The account is of no use after this.
    ///
    /// # Errors
    /// [`PhoneError`]; the key stays then.
    pub async fn unregister(&self) -> Result<(), PhoneError> {
        let call = calls::unregister(&self.registration, self.ports.clock.now().wall)?;
        let call = self.ports.sign(call, self.registration.device_key()).await?;
        self.ports.send(&call, answers::read_done).await?;
        self.ports.remove_key(self.registration.device_key()).await;
        Ok(())
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("registration", &self.registration).finish_non_exhaustive()
    }
}
