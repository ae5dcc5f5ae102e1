//! [`VirtualPhone`]: the phone of one user.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use iampass_core::port::{Clock, HttpTransport};
use iampass_core::wire::{
    AuthenticationRequest, DeviceConfiguration, DeviceConfigurationAnswer, DeviceRecord, Identification,
    PhoneSession, Platform, RegisterDevice, SessionStatus,
};
use iampass_core::{AuthRequestId, RegistrationLink, UserToken};
use iampass_phone::{Account, Digits, PhoneClient, PhoneError, Registration, Scan, calls};

use super::{answer, client};
use crate::TestkitError;

/// A token that begins with `*` makes the service push nothing \[D\].
const SIMULATED: &str = "*iampass-testkit";

/// A phone that stands for one user, driven from code. Each tap of a person is a method of it.
///
/// It registers with a device key of its own and signs its answers with it, where the service knows such keys. A phone of before, which shares
/// a secret with the service instead, is registered by [`VirtualPhone::register_shared`].
///
/// See the front page of this crate for an example. Requests are answered by whoever holds it: nothing happens by itself.
#[derive(Debug)]
pub struct VirtualPhone {
    client: PhoneClient,
    account: Account,
    ignored: Mutex<BTreeSet<AuthRequestId>>,
}

impl VirtualPhone {
    /// Opens a registration link: from now on this is the user's phone, and an older one is not.
    ///
    /// # Errors
    /// [`TestkitError`]; `Refused` when the link was used, replaced or is over.
    pub async fn register(link: &RegistrationLink) -> Result<Self, TestkitError> {
        Self::register_on(&client::of_this_machine()?, link).await
    }

    /// The same as a phone of before, without a device key.
    ///
    /// # Errors
    /// As [`VirtualPhone::register`].
    pub async fn register_shared(link: &RegistrationLink) -> Result<Self, TestkitError> {
        Self::register_shared_on(&client::of_this_machine()?, link).await
    }

    /// [`VirtualPhone::register`] over a transport and by a clock of one's own.
    ///
    /// # Errors
    /// As [`VirtualPhone::register`].
    pub async fn register_over(
        transport: Arc<dyn HttpTransport>,
        clock: Arc<dyn Clock>,
        link: &RegistrationLink,
    ) -> Result<Self, TestkitError> {
        Self::register_on(&client::over(transport, clock), link).await
    }

    /// [`VirtualPhone::register_shared`] over a transport and by a clock of one's own.
    ///
    /// # Errors
    /// As [`VirtualPhone::register`].
    pub async fn register_shared_over(
        transport: Arc<dyn HttpTransport>,
        clock: Arc<dyn Clock>,
        link: &RegistrationLink,
    ) -> Result<Self, TestkitError> {
        Self::register_shared_on(&client::over(transport, clock), link).await
    }

    pub(crate) async fn register_on(
        client: &PhoneClient,
        link: &RegistrationLink,
    ) -> Result<Self, TestkitError> {
        let account = client.register_as(link, simulated()).await?;
        Ok(Self::of(client.clone(), account))
    }

    pub(crate) async fn register_shared_on(
        client: &PhoneClient,
        link: &RegistrationLink,
    ) -> Result<Self, TestkitError> {
        let account = client.register_shared(link, simulated()).await?;
        Ok(Self::of(client.clone(), account))
    }

    pub(super) fn of(client: PhoneClient, account: Account) -> Self {
        Self { client, account, ignored: Mutex::default() }
    }

    /// The phone that has this registration in place of its own.
    pub(super) fn as_registered(&self, registration: Registration) -> Self {
        Self::of(self.client.clone(), self.client.open(registration))
    }

    /// The account that it stands on, for calls that have no method here.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// The user of the phone.
    #[must_use]
    pub fn user(&self) -> &UserToken {
        &self.record().user.user_id
    }

    /// How it shows the user: the name that came with the link.
    #[must_use]
    pub fn display_name(&self) -> Option<&str> {
        self.record().user.display_name.as_deref()
    }

    /// Whether its answers are signed by a device key. A service that knows no such keys has ignored the one that it registered with.
    #[must_use]
    pub fn has_device_key(&self) -> bool {
        self.account.registration().device_key().is_some()
    }

    pub(super) fn account_mut(&mut self) -> &mut Account {
        &mut self.account
    }

    /// All that the service gave it, secrets included.
    #[must_use]
    pub fn record(&self) -> &DeviceRecord {
        self.account.registration().record()
    }

    /// The questions that wait for it, oldest first, ignored ones too.
    ///
    /// # Errors
    /// [`TestkitError`].
    pub async fn pending(&self) -> Result<Vec<AuthenticationRequest>, TestkitError> {
        Ok(self.account.pending().await?)
    }

    /// The next question that it has not ignored, waited for at most so long; `None` when there was none.
    ///
    /// # Errors
    /// [`TestkitError`].
    pub async fn next_request(
        &self,
        timeout: Duration,
    ) -> Result<Option<AuthenticationRequest>, TestkitError> {
        let wanted = |request: &AuthenticationRequest| !self.ignored().contains(&request.auth_request_id);
        Ok(self.account.next_request(timeout, wanted).await?)
    }

    /// Types the digits that a login page shows. The result is the question that belongs to them, which waits for this phone from now on.
    ///
    /// # Errors
    /// [`TestkitError`]; `Refused` with `WRONG_CODE` when no question of this user shows them.
    pub async fn bring_code(&self, digits: &str) -> Result<AuthenticationRequest, TestkitError> {
        Ok(self.account.bring(&digits_of(digits)?.into()).await?)
    }

    /// Scans the QR code that a login page shows: the text of it, a `scan_url`.
    ///
    /// # Errors
    /// As [`VirtualPhone::bring_code`].
    pub async fn bring_scan(&self, text: &str) -> Result<AuthenticationRequest, TestkitError> {
        Ok(self.account.bring(&self.scan_of(text)?.into()).await?)
    }

    /// Types the digits that a login page shows, and accepts: the browser with that page is let in. See [`code_on_page`](crate::code_on_page).
    ///
    /// # Errors
    /// [`TestkitError`]; `Refused` when no open question of this user shows them.
    pub async fn accept_code(&self, digits: &str) -> Result<AuthenticationRequest, TestkitError> {
        let request = self.bring_code(digits).await?;
        self.accept_with_code(&request, digits).await?;
        Ok(request)
    }

    /// Shows a question to its user, who does nothing yet: the session becomes `identifying`.
    ///
    /// # Errors
    /// [`TestkitError`]; `Refused` when the question is not open any more.
    pub async fn show(&self, request: &AuthenticationRequest) -> Result<(), TestkitError> {
        Ok(self.account.show(request).await?)
    }

    /// *Accept*, with everything that was asked for but a code: the session becomes `active`.
    ///
    /// # Errors
    /// As [`VirtualPhone::show`]; `Refused` with `CODE_REQUIRED` when the question needs what its browser shows.
    pub async fn accept(&self, request: &AuthenticationRequest) -> Result<(), TestkitError> {
        self.answer(request, &answer::yes(&request.identify.requested_data)).await
    }

    /// *Accept*, with the digits that the browser shows.
    ///
    /// # Errors
    /// As [`VirtualPhone::show`]; `Refused` with `WRONG_CODE`, whose status is 200 when it has ended the question.
    pub async fn accept_with_code(
        &self,
        request: &AuthenticationRequest,
        digits: &str,
    ) -> Result<(), TestkitError> {
        let yes = answer::yes(&request.identify.requested_data);
        self.answer(request, &self.with_brought(yes, digits_of(digits)?.into())?).await
    }

    /// *Accept*, with the text of the QR code that the browser shows.
    ///
    /// # Errors
    /// As [`VirtualPhone::accept_with_code`].
    pub async fn accept_with_scan(
        &self,
        request: &AuthenticationRequest,
        text: &str,
    ) -> Result<(), TestkitError> {
        let yes = answer::yes(&request.identify.requested_data);
        self.answer(request, &self.with_brought(yes, self.scan_of(text)?.into())?).await
    }

    /// *Deny*: the session becomes `cancelled`.
    ///
    /// # Errors
    /// As [`VirtualPhone::show`].
    pub async fn deny(&self, request: &AuthenticationRequest) -> Result<(), TestkitError> {
        self.answer(request, &Identification::no()).await
    }

    /// *Not me*: a denial that says that somebody else has asked.
    ///
    /// # Errors
    /// As [`VirtualPhone::show`].
    pub async fn report(&self, request: &AuthenticationRequest) -> Result<(), TestkitError> {
        self.answer(request, &Identification::no().report(true)).await
    }

    /// Shows a question and answers it as it is told to.
    ///
    /// # Errors
    /// As [`VirtualPhone::show`].
    pub async fn answer(
        &self,
        request: &AuthenticationRequest,
        identification: &Identification,
    ) -> Result<(), TestkitError> {
        self.show(request).await?;
        Ok(self.account.answer(request, identification).await?)
    }

    fn scan_of(&self, text: &str) -> Result<Scan, TestkitError> {
        Ok(Scan::parse(text, [self.account.registration().server()]).map_err(PhoneError::from)?)
    }

    fn with_brought(
        &self,
        identification: Identification,
        brought: iampass_phone::Brought,
    ) -> Result<Identification, TestkitError> {
        Ok(calls::with_brought(self.account.registration(), identification, &brought)?)
    }

    /// Looks away from a question: [`VirtualPhone::next_request`] does not bring it again, and the service waits in vain.
    pub fn ignore(&self, request: &AuthenticationRequest) {
        self.ignored().insert(request.auth_request_id.clone());
    }

    /// Waits for a question and accepts it.
    ///
    /// # Errors
    /// [`TestkitError::NothingAsked`] when none came in time, and those of the calls.
    pub async fn accept_next(&self, timeout: Duration) -> Result<AuthenticationRequest, TestkitError> {
        let request = self.next_request(timeout).await?.ok_or(TestkitError::NothingAsked)?;
        self.accept(&request).await?;
        Ok(request)
    }

    /// Waits for a question and denies it.
    ///
    /// # Errors
    /// As [`VirtualPhone::accept_next`].
    pub async fn deny_next(&self, timeout: Duration) -> Result<AuthenticationRequest, TestkitError> {
        let request = self.next_request(timeout).await?.ok_or(TestkitError::NothingAsked)?;
        self.deny(&request).await?;
        Ok(request)
    }

    /// The sessions that it has opened and that have not ended, newest first.
    ///
    /// # Errors
    /// [`TestkitError`].
    pub async fn active_sessions(&self) -> Result<Vec<PhoneSession>, TestkitError> {
        Ok(self.account.active_sessions().await?)
    }

    /// Waits until it has no session any more, and says whether that came about within `timeout`. An application answers a logout before
    /// the service has received it.
    ///
    /// # Errors
    /// [`TestkitError`].
    pub async fn is_logged_out_within(&self, timeout: Duration) -> Result<bool, TestkitError> {
        const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
        let began = std::time::Instant::now();
        while !self.active_sessions().await?.is_empty() {
            if began.elapsed() >= timeout {
                return Ok(false);
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        Ok(true)
    }

    /// Leaves: its active sessions become `walkaway`. How many did.
    ///
    /// # Errors
    /// [`TestkitError`].
    pub async fn walk_away(&self) -> Result<usize, TestkitError> {
        let sessions = self.sessions_in(&SessionStatus::Active).await?;
        for session in &sessions {
            self.account.walk_away(session).await?;
        }
        Ok(sessions.len())
    }

    /// Is back: the sessions that it left are `active` again. How many are.
    ///
    /// # Errors
    /// [`TestkitError`].
    pub async fn come_back(&self) -> Result<usize, TestkitError> {
        let sessions = self.sessions_in(&SessionStatus::Walkaway).await?;
        for session in &sessions {
            self.account.come_back(session).await?;
        }
        Ok(sessions.len())
    }

    /// Ends all its sessions (the remote logout). How many there were.
    ///
    /// # Errors
    /// [`TestkitError`].
    pub async fn log_out(&self) -> Result<usize, TestkitError> {
        let sessions = self.active_sessions().await?;
        for session in &sessions {
            self.log_out_of(session).await?;
        }
        Ok(sessions.len())
    }

    /// Ends one of its sessions.
    ///
    /// # Errors
    /// [`TestkitError`].
    pub async fn log_out_of(&self, session: &PhoneSession) -> Result<(), TestkitError> {
        Ok(self.account.log_out(session).await?)
    }

    /// Tells the service where notifications go now.
    ///
    /// # Errors
    /// [`TestkitError`].
    pub async fn configure(
        &self,
        notification_token: &str,
    ) -> Result<DeviceConfigurationAnswer, TestkitError> {
        let notification_token = notification_token.to_owned();
        Ok(self.account.configure(&DeviceConfiguration { notification_token }).await?)
    }

    /// Falls into the river: it forgets everything and tells nobody. The service goes on asking it.
    pub fn lose(self) {
        drop(self);
    }

    /// Tells the service to forget it, and forgets everything itself.
    ///
    /// # Errors
    /// [`TestkitError`].
    pub async fn unregister(&self) -> Result<(), TestkitError> {
        Ok(self.account.unregister().await?)
    }

    async fn sessions_in(&self, status: &SessionStatus) -> Result<Vec<PhoneSession>, TestkitError> {
        let mut sessions = self.active_sessions().await?;
        sessions.retain(|session| session.session_status == *status);
        Ok(sessions)
    }

    /// A set of names stays whole whatever happens while it is locked.
    fn ignored(&self) -> MutexGuard<'_, BTreeSet<AuthRequestId>> {
        self.ignored.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn digits_of(text: &str) -> Result<Digits, TestkitError> {
    Ok(Digits::parse(text).map_err(PhoneError::from)?)
}

fn simulated() -> RegisterDevice {
    RegisterDevice::new(SIMULATED).platform(Platform::Web)
}
