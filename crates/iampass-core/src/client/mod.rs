//! [`Client`]: the whole protocol over the ports, for applications.
//!
//! It is the machines of [`crate::machine`] with a loop around them. It spawns nothing: what it does, it does while its futures
//! are awaited, on any runtime.
//!
//! Belongs here: async, and the system's clock and randomness (feature `system`). Does not belong here: decisions about
//! access, which are the machines'.

mod authentication;
mod builder;
mod check;
mod drive;
mod enrolment_flow;
mod login_flow;
mod logouts;
mod nameless;
#[cfg(test)]
mod overview_tests;
mod phone_links;
mod status_stream;
#[cfg(feature = "system")]
mod system;
mod watch_flow;

use std::sync::Arc;
use std::time::Duration;

pub use authentication::Authentication;
pub use builder::ClientBuilder;
pub use drive::Canceller;
pub use enrolment_flow::EnrolmentFlow;
pub use login_flow::LoginFlow;
pub use logouts::{Delivery, LogoutReceipt};
pub use nameless::Nameless;
#[cfg(feature = "system")]
pub use system::System;
pub use watch_flow::{RestingFlow, WatchFlow};

use drive::{Drive, Ports};

use crate::machine::answers::{
    read_added_users, read_authenticate, read_deleted_users, read_has_device, read_registration_link,
    read_sent_mail, read_sent_sms, read_status,
};
use crate::machine::calls::{self, UnsignedCall};
use crate::machine::{
    Call, Enrolment, EnrolmentOptions, Granted, Login, LoginOptions, Repeat, RetryPolicy, Watch, WatchOptions,
};
use crate::port::{
    ClaimOutcome, HttpResponse, SessionRecord, SessionStore, SharedState, StoreError, StoreErrorKind,
    TokenStore, UserKey,
};
use crate::wire::{AddedUsers, AuthenticateStatus, RegistrationMail, RegistrationSms, SessionStatus};
use crate::{Application, Error, Now, RegistrationLink, Session, SessionToken, UserToken};

/// Talks to the IAMPASS service for one application. Cheap to clone, to be shared by all tasks.
///
/// ```
/// use iampass_core::client::{Client, ClientBuilder};
/// # use iampass_core::port::{HttpRequest, HttpResponse, HttpTransport, TransportError, TransportErrorKind};
/// # struct MyTransport;
/// # #[async_trait::async_trait]
/// # impl HttpTransport for MyTransport {
/// #     async fn send(&self, _: HttpRequest) -> Result<HttpResponse, TransportError> {
/// #         Err(TransportError::new(TransportErrorKind::Connect))
/// #     }
/// # }
/// use iampass_core::machine::{LoginOptions, LoginOutcome};
/// use iampass_core::{Error, UserToken};
///
/// fn client(builder: ClientBuilder) -> Result<Client, Error> {
///     let builder = builder.application("1234567890ABCDEF", "the secret").transport(MyTransport).from_env();
///     // An application gives it a store over its database instead: `session_store`.
///     builder.sessions_in_memory().build()
/// }
///
/// async fn log_in(client: &Client, user: &UserToken) -> Result<bool, Error> {
///     match client.login(user, LoginOptions::default())?.outcome().await? {
///         LoginOutcome::Granted(_) => Ok(true),
///         _ => Ok(false),
///     }
/// }
/// ```
///
#[doc = include_str!("overview.md")]
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    application: Arc<Application>,
    ports: Ports,
    tokens: Option<Arc<dyn TokenStore>>,
    sessions: Arc<dyn SessionStore>,
    retry: RetryPolicy,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("application", &self.inner.application).finish_non_exhaustive()
    }
}

impl Client {
    /// Begins to build one.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    fn from_parts(
        application: Application,
        ports: Ports,
        tokens: Option<Arc<dyn TokenStore>>,
        sessions: Arc<dyn SessionStore>,
        retry: RetryPolicy,
    ) -> Self {
        let application = Arc::new(application);
        Self { inner: Arc::new(Inner { application, ports, tokens, sessions, retry }) }
    }

    /// The application it talks for, and where its service is.
    #[must_use]
    pub fn application(&self) -> &Application {
        &self.inner.application
    }

    /// The token store that it was built with.
    #[must_use]
    pub fn token_store(&self) -> Option<&Arc<dyn TokenStore>> {
        self.inner.tokens.as_ref()
    }

    /// The state that all nodes of the application share: the session store ([`SessionStore`] is a [`SharedState`]). Without a
    /// session store of its own an application has one in memory, and each of its nodes is alone.
    #[must_use]
    pub fn shared_state(&self) -> &dyn SharedState {
        self.inner.sessions.as_ref()
    }

    fn ports(&self) -> &Ports {
        &self.inner.ports
    }

    fn sessions(&self) -> &dyn SessionStore {
        self.inner.sessions.as_ref()
    }

    fn retry_policy(&self) -> RetryPolicy {
        self.inner.retry
    }

    async fn run<T>(&self, call: Call<T>) -> Result<T, Error> {
        match Drive::new(call, self.ports().clone()).next_event().await? {
            Some(result) => result,
            // A call that is not cancelled ends with its result.
            None => Err(Error::Timeout),
        }
    }

    async fn ask<T>(
        &self,
        call: UnsignedCall,
        read: fn(&HttpResponse) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.run(Call::new(call, read, self.retry_policy(), Repeat::WhenItMayHelp)).await
    }

    /// Makes a user known to the service. `true` if they were not known before.
    ///
    /// # Errors
    /// [`Error`]; it may be called again at any time.
    pub async fn add_user(&self, user: &UserToken) -> Result<bool, Error> {
        let added = self.add_users(std::slice::from_ref(user)).await?;
        Ok(added.created.contains(user))
    }

    /// Makes up to 1,000 users known to the service, and tells new ones from known ones.
    ///
    /// # Errors
    /// [`Error`]; some of the users may be known then. It may be called again at any time.
    pub async fn add_users(&self, users: &[UserToken]) -> Result<AddedUsers, Error> {
        self.ask(calls::add_users(&self.inner.application, users)?, read_added_users).await
    }

    /// Makes the service forget up to 1,000 users. Their sessions end and their phones are removed.
    ///
    /// # Errors
    /// [`Error`]; some of the users may be forgotten then. It may be called again at any time.
    pub async fn delete_users(&self, users: &[UserToken]) -> Result<(), Error> {
        self.ask(calls::delete_users(&self.inner.application, users)?, read_deleted_users).await
    }

    /// A link that registers the user's phone. A registration replaces the phone that was registered before.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn registration_link(
        &self,
        user: &UserToken,
        display_name: Option<&str>,
    ) -> Result<RegistrationLink, Error> {
        let call = calls::registration_link(&self.inner.application, user, display_name)?;
        self.ask(call, read_registration_link).await
    }

    /// Has the service send a registration link by SMS. It is not repeated if it may have been sent.
    ///
    /// # Errors
    /// [`Error`]; [`Error::Declined`] when the service does not send SMS.
    pub async fn send_registration_sms(&self, user: &UserToken, sms: &RegistrationSms) -> Result<(), Error> {
        let call = calls::send_registration_sms(&self.inner.application, user, sms)?;
        self.run(Call::new(call, read_sent_sms, self.retry_policy(), Repeat::WhenSurelyNotDone)).await
    }

    /// Has the service send a registration link by e-mail. It is not repeated if it may have been sent.
    ///
    /// A call of this project's own service \[X\]: another one does not know it.
    ///
    /// # Errors
    /// [`Error`]; [`Error::Declined`] when the service does not send e-mail.
    pub async fn send_registration_mail(
        &self,
        user: &UserToken,
        mail: &RegistrationMail,
    ) -> Result<(), Error> {
        let call = calls::send_registration_mail(&self.inner.application, user, mail)?;
        self.run(Call::new(call, read_sent_mail, self.retry_policy(), Repeat::WhenSurelyNotDone)).await
    }

    /// Whether the user has a registered phone.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn has_registered_device(&self, user: &UserToken) -> Result<bool, Error> {
        self.ask(calls::has_registered_device(&self.inner.application, user), read_has_device).await
    }

    /// Disables the user's phone, ends its sessions, and gives a link for a new one.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn lost_device(&self, user: &UserToken) -> Result<RegistrationLink, Error> {
        self.ask(calls::lost_device(&self.inner.application, user), read_registration_link).await
    }

    /// Makes a user of the application one who can log in by phone: token, user, link, phone. Needs a token store.
    ///
    /// # Errors
    /// [`Error::BadInput`] when the client was built without a token store.
    pub fn enrol(&self, user: &UserKey, options: EnrolmentOptions) -> Result<EnrolmentFlow, Error> {
        let tokens = self.inner.tokens.clone().ok_or(Error::BadInput {
            what: "the token store",
            why: "it is not set: call `token_store` when building the client",
        })?;
        let machine = Enrolment::new(Arc::clone(&self.inner.application), options);
        Ok(EnrolmentFlow::new(self.clone(), machine, tokens, user.clone()))
    }

    /// Logs a user in: asks the phone and awaits the outcome.
    ///
    /// # Errors
    /// [`Error::BadInput`] for a duration that is not at least one whole second.
    pub fn login(&self, user: &UserToken, options: LoginOptions) -> Result<LoginFlow, Error> {
        let machine = Login::new(Arc::clone(&self.inner.application), user, options)?;
        Ok(LoginFlow::new(self.clone(), machine, user.clone()))
    }

    /// Asks the service to authenticate a user, and no more: one step of what [`Client::login`] does.
    ///
    /// The session is stored with a logout that becomes due at the deadline of `options`; [`Client::claim_session`] it when it has become active.
    /// It is not repeated where the phone may have been asked already.
    ///
    /// # Errors
    /// [`Error`]; [`Error::Store`] when the session could not be stored. It is ended then.
    pub async fn authenticate(
        &self,
        user: &UserToken,
        options: &LoginOptions,
    ) -> Result<Authentication, Error> {
        let application = &self.inner.application;
        let (methods, duration) = (&options.methods, options.duration);
        let call = calls::authenticate_user(application, user, methods, duration, &options.body())?;
        let call = Call::new(call, read_authenticate, self.retry_policy(), Repeat::WhenSurelyNotDone);
        let secret = application.signer().secret;
        let mut started = match self.run(call).await? {
            AuthenticateStatus::Started(started) => started,
            AuthenticateStatus::NotStarted { reason, confirmation } => {
                let confirmation = options.showable(confirmation, secret);
                return Ok(Authentication::NotStarted { reason, confirmation });
            }
        };
        let confirmation = options.showable(started.confirmation.take(), secret);
        let open_url = options.openable(started.open_url.take(), secret);
        let lasts = options.lasts(started.duration);
        let session =
            Session::from_started(started, self.application().server()).map_err(Error::from_session)?;
        let now = self.ports().clock.now().wall;
        let due = now.plus(options.deadline);
        let record =
            SessionRecord::new(session.clone(), user.clone(), now, due.plus(lasts)).with_logout_due(due);
        if let Err(error) = self.create(&record).await {
            self.end_unstored(&session).await;
            return Err(Error::Store(error));
        }
        Ok(Authentication::Started { session, confirmation, open_url })
    }

    /// Stores a new session, after making room for it if the store is full of expired ones.
    async fn create(&self, record: &SessionRecord) -> Result<(), StoreError> {
        const ROOM: usize = 100;
        match self.sessions().create(record).await {
            Err(error) if error.kind() == StoreErrorKind::Full => {
                self.sessions().purge_expired(self.ports().clock.now().wall, ROOM).await?;
                self.sessions().create(record).await
            }
            result => result,
        }
    }

    /// Awaits the outcome of a login that [`Client::authenticate`] began, on this node or another, for the deadline of `options` at
    /// most; it looks once even if that is zero.
    ///
    /// A granted session is not taken into use by it: that is [`Client::claim_session`], whose answer tells whether another caller was
    /// faster. Nor is a session ended by it, whatever comes of the login: its queued logout does that when it is due. So any number of
    /// nodes may follow one login.
    pub fn follow(&self, record: &SessionRecord, options: LoginOptions) -> LoginFlow {
        let now = self.ports().clock.now();
        let (options, begun_at) = (options.lasting_like(record, now.wall), now.mono);
        let machine = Login::begun(Arc::clone(&self.inner.application), &record.session, options, begun_at);
        LoginFlow::following(self.clone(), machine, record)
    }

    /// Takes a session of [`Client::authenticate`] into use. It must not be used otherwise.
    ///
    /// # Errors
    /// [`Error::Store`]; whether it was claimed is not known then, so its logout is requested if that can be stored.
    pub async fn claim_session(&self, session: &Session) -> Result<ClaimOutcome, Error> {
        let outcome = self.sessions().claim_session(session.token()).await;
        if outcome.is_err() {
            let _ = self.queue_now(session).await;
        }
        Ok(outcome?)
    }

    /// The same for a session that may be in use already, by a caller that asks again if it fails: an error changes nothing, so a session
    /// in use is never ended by a store that cannot be reached for a moment.
    ///
    /// # Errors
    /// [`Error::Store`]: the session must not be used until it is known.
    pub async fn claim_session_again(&self, session: &Session) -> Result<ClaimOutcome, Error> {
        Ok(self.sessions().claim_session(session.token()).await?)
    }

    /// A stored session: of a login under way, or in use.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn load_session(&self, token: &SessionToken) -> Result<Option<SessionRecord>, Error> {
        Ok(self.sessions().load(token).await?)
    }

    /// The time, by the client's clock.
    #[must_use]
    pub fn now(&self) -> Now {
        self.ports().clock.now()
    }

    /// Asks the service for the status of a session. Only [`SessionStatus::Active`] lets anybody in.
    ///
    /// # Errors
    /// [`Error`]: the status is not known, so access is refused.
    pub async fn status(&self, session: &Session) -> Result<SessionStatus, Error> {
        self.ask(calls::status(session), read_status).await
    }

    /// Watches a session that a login has just granted.
    pub fn watch(&self, granted: &Granted, options: WatchOptions) -> WatchFlow {
        WatchFlow::new(self.clone(), Watch::granted(granted, options), granted.session.clone())
    }

    /// Watches a session again that was stored: after a restart, or on another node.
    pub fn resume_watch(&self, record: &SessionRecord, options: WatchOptions) -> WatchFlow {
        let now = self.ports().clock.now();
        let left: Duration = record.expires_at.since(now.wall);
        let machine = Watch::resumed(&record.session, now.mono + left, options);
        WatchFlow::new(self.clone(), machine, record.session.clone())
    }

    /// The user's sessions that are in use, newest first, `limit` at most.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn sessions_of(&self, user: &UserToken, limit: usize) -> Result<Vec<SessionRecord>, Error> {
        Ok(self.sessions().sessions_of(user, limit).await?)
    }
}
