//! [`VirtualPhone`]: the phone of one user.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::Method;
use iampass_core::port::{Clock, HttpTransport};
use iampass_core::wire::{
    ActiveSessions, AuthenticationRequest, DeviceConfiguration, DeviceConfigurationAnswer, DeviceRecord,
    DoneAnswer, PendingRequests, PhoneSession, Platform, RegisterDevice, SessionStatus,
};
use iampass_core::{AuthRequestId, RegistrationLink, Secret, UserToken};
use tokio::time::Instant;

use super::answer;
use super::line::{Line, PhoneCall, json};
use crate::TestkitError;

/// A token that begins with `*` makes the service push nothing \[D\].
const SIMULATED: &str = "*iampass-testkit";

/// The longest that one request waits at the service; well below what transports allow.
const LONGEST_POLL: Duration = Duration::from_secs(8);

/// Between two questions to a service that answers at once instead of waiting.
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);

/// A phone that stands for one user, driven from code. Each tap of a person is a method of it.
///
/// See the front page of this crate for an example. Requests are answered by whoever holds it: nothing happens by itself.
#[derive(Debug)]
pub struct VirtualPhone {
    record: DeviceRecord,
    line: Line,
    ignored: Mutex<BTreeSet<AuthRequestId>>,
}

impl VirtualPhone {
    /// Opens a registration link: from now on this is the user's phone, and an older one is not.
    ///
    /// # Errors
    /// [`TestkitError`]; `Refused` when the link was used, replaced or is over.
    pub async fn register(link: &RegistrationLink) -> Result<Self, TestkitError> {
        Self::register_on(Line::of_this_machine()?, link).await
    }

    /// The same over a transport and by a clock of one's own.
    ///
    /// # Errors
    /// As [`VirtualPhone::register`].
    pub async fn register_over(
        transport: Arc<dyn HttpTransport>,
        clock: Arc<dyn Clock>,
        link: &RegistrationLink,
    ) -> Result<Self, TestkitError> {
        Self::register_on(Line::new(transport, clock), link).await
    }

    pub(crate) async fn register_on(line: Line, link: &RegistrationLink) -> Result<Self, TestkitError> {
        let body = RegisterDevice { notification_token: SIMULATED.to_owned(), platform: Some(Platform::Web) };
        let record = line
            .call(PhoneCall {
                name: "registration",
                method: Method::POST,
                url: link.as_str(),
                signer: None,
                body: json(&body),
            })
            .await?;
        Ok(Self::from_record(record, line))
    }

    pub(super) fn from_record(record: DeviceRecord, line: Line) -> Self {
        Self { record, line, ignored: Mutex::default() }
    }

    /// The user of the phone.
    #[must_use]
    pub fn user(&self) -> &UserToken {
        &self.record.user.user_id
    }

    /// How it shows the user: the name that came with the link.
    #[must_use]
    pub fn display_name(&self) -> Option<&str> {
        self.record.user.display_name.as_deref()
    }

    pub(super) fn rename(&mut self, name: &str) {
        self.record.user.display_name = Some(name.to_owned());
    }

    /// All that the service gave it, secrets included.
    #[must_use]
    pub fn record(&self) -> &DeviceRecord {
        &self.record
    }

    /// The questions that wait for it, oldest first, ignored ones too.
    ///
    /// # Errors
    /// [`TestkitError`].
    pub async fn pending(&self) -> Result<Vec<AuthenticationRequest>, TestkitError> {
        self.ask_pending(&self.record.service.service_urls.pending_requests).await
    }

    /// The next question that it has not ignored, waited for at most so long; `None` when there was none.
    ///
    /// # Errors
    /// [`TestkitError`].
    pub async fn next_request(
        &self,
        timeout: Duration,
    ) -> Result<Option<AuthenticationRequest>, TestkitError> {
        let deadline = Instant::now() + timeout;
        let mut known = String::new();
        let mut wait = Duration::ZERO;
        loop {
            let asked = Instant::now();
            let url = &self.record.service.service_urls.pending_requests;
            // The service allows these two parameters on the address that it gave out.
            let joined = if url.contains('?') { '&' } else { '?' };
            let waiting = format!("{url}{joined}wait={}&known={known}", wait.as_secs());
            let pending = self.ask_pending(if wait.is_zero() { url } else { &waiting }).await?;
            known = pending.iter().map(|asked| asked.auth_request_id.as_str()).collect::<Vec<_>>().join(",");
            let new = pending.into_iter().find(|request| !self.ignored().contains(&request.auth_request_id));
            let left = deadline.saturating_duration_since(Instant::now());
            if new.is_some() || left.is_zero() {
                return Ok(new);
            }
            // Whole seconds can be waited for there; what is left of a second is waited for here.
            if asked.elapsed() < SHORTEST_PAUSE || left < Duration::from_secs(1) {
                tokio::time::sleep(SHORTEST_PAUSE.min(left)).await;
            }
            wait = left.min(LONGEST_POLL);
            if wait < Duration::from_secs(1) {
                wait = Duration::ZERO;
            }
        }
    }

    async fn ask_pending(&self, url: &str) -> Result<Vec<AuthenticationRequest>, TestkitError> {
        let answer: PendingRequests = self.signed("pending requests", Method::GET, url, None).await?;
        Ok(answer.requests)
    }

    /// Shows a question to its user, who does nothing yet: the session becomes `identifying`.
    ///
    /// # Errors
    /// [`TestkitError`]; `Refused` when the question is not open any more.
    pub async fn show(&self, request: &AuthenticationRequest) -> Result<(), TestkitError> {
        self.answer_call("showing a question", request, &request.identify.identification_start_url, None)
            .await
    }

    /// *Accept*, with everything that was asked for: the session becomes `active`.
    ///
    /// # Errors
    /// As [`VirtualPhone::show`].
    pub async fn accept(&self, request: &AuthenticationRequest) -> Result<(), TestkitError> {
        self.show(request).await?;
        let body = json(&answer::yes(&request.identify.requested_data));
        self.answer_call("accepting", request, &request.identify.identification_url, body).await
    }

    /// *Deny*: the session becomes `cancelled`.
    ///
    /// # Errors
    /// As [`VirtualPhone::show`].
    pub async fn deny(&self, request: &AuthenticationRequest) -> Result<(), TestkitError> {
        self.show(request).await?;
        let body = json(&answer::no());
        self.answer_call("denying", request, &request.identify.identification_url, body).await
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
        let url = &self.record.service.service_urls.active_sessions;
        let answer: ActiveSessions = self.signed("active sessions", Method::GET, url, None).await?;
        Ok(answer.sessions)
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
        self.each_session("walking away", |session| {
            (session.session_status == SessionStatus::Active).then_some(&session.walkaway_url)
        })
        .await
    }

    /// Is back: the sessions that it left are `active` again. How many are.
    ///
    /// # Errors
    /// [`TestkitError`].
    pub async fn come_back(&self) -> Result<usize, TestkitError> {
        self.each_session("coming back", |session| {
            (session.session_status == SessionStatus::Walkaway).then_some(&session.return_url)
        })
        .await
    }

    /// Ends all its sessions (the remote logout). How many there were.
    ///
    /// # Errors
    /// [`TestkitError`].
    pub async fn log_out(&self) -> Result<usize, TestkitError> {
        self.each_session("logging out", |session| Some(&session.logout_url)).await
    }

    /// Ends one of its sessions.
    ///
    /// # Errors
    /// [`TestkitError`].
    pub async fn log_out_of(&self, session: &PhoneSession) -> Result<(), TestkitError> {
        self.done("logging out", &session.logout_url).await
    }

    /// Tells the service where notifications go now.
    ///
    /// # Errors
    /// [`TestkitError`].
    pub async fn configure(
        &self,
        notification_token: &str,
    ) -> Result<DeviceConfigurationAnswer, TestkitError> {
        let url = &self.record.service.service_urls.device_configuration;
        let body = json(&DeviceConfiguration { notification_token: notification_token.to_owned() });
        self.signed("configuration", Method::POST, url, body).await
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
        self.done("removal", &self.record.service.service_urls.device_unregister).await
    }

    async fn each_session(
        &self,
        name: &'static str,
        url: impl Fn(&PhoneSession) -> Option<&String>,
    ) -> Result<usize, TestkitError> {
        let sessions = self.active_sessions().await?;
        let urls: Vec<_> = sessions.iter().filter_map(url).collect();
        for url in &urls {
            self.done(name, url).await?;
        }
        Ok(urls.len())
    }

    async fn done(&self, name: &'static str, url: &str) -> Result<(), TestkitError> {
        confirmed(name, self.signed(name, Method::POST, url, None).await?)
    }

    async fn signed<T: serde::de::DeserializeOwned>(
        &self,
        name: &'static str,
        method: Method,
        url: &str,
        body: Option<Vec<u8>>,
    ) -> Result<T, TestkitError> {
        let device = &self.record.device;
        let signer: (&str, &Secret) = (device.device_id.as_str(), &device.device_secret);
        self.line.call(PhoneCall { name, method, url, signer: Some(signer), body }).await
    }

    /// The two calls that answer a question are signed with the question's own pair.
    async fn answer_call(
        &self,
        name: &'static str,
        request: &AuthenticationRequest,
        url: &str,
        body: Option<Vec<u8>>,
    ) -> Result<(), TestkitError> {
        let signer = (request.auth_request_id.as_str(), &request.identify.identification_data_secret);
        let call = PhoneCall { name, method: Method::POST, url, signer: Some(signer), body };
        confirmed(name, self.line.call(call).await?)
    }

    /// A set of names stays whole whatever happens while it is locked.
    fn ignored(&self) -> MutexGuard<'_, BTreeSet<AuthRequestId>> {
        self.ignored.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn confirmed(call: &'static str, answer: DoneAnswer) -> Result<(), TestkitError> {
    if answer.status {
        return Ok(());
    }
    Err(TestkitError::Refused { call, status: 200, reason: answer.reason, message: answer.message })
}
