//! [`ServiceConfig`]: everything that can be set about a service, with defaults that suit most.
//!
//! Belongs here: settings and their defaults. Does not belong here: how they are read from a command line (`cli`).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use iampass_core::port::Clock;
use iampass_core::signing::DEFAULT_WINDOW;
use iampass_server_console::{KeepSignedIn, ShownSetting};
use iampass_server_domain::{AccountLimits, LostAccountPhone, Registration, UnverifiedMethods};
use iampass_server_storage::{MasterKeySource, Migrations, StorageConfig, StorageLocation, SystemClock};
use iampass_texts::OwnTexts;

use crate::alerts::AlertConfig;
use crate::notices::{Channel, NoticeSender};
use crate::push::{Pushes, Reach};
use crate::{MetricsAccess, Proxies, PublicUrl, RateLimits, TlsFiles};

/// How a service runs.
///
/// ```
/// use iampass_server::ServiceConfig;
/// use std::time::Duration;
///
/// let mut config = ServiceConfig::temporary();
/// config.answer_timeout = Duration::from_secs(5);
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct ServiceConfig {
    /// Where the data is kept.
    pub data: StorageLocation,
    /// Where the key is that the secrets in the data are sealed with: beside a data file, unless it is named.
    pub master_key: MasterKeySource,
    /// When data of an older version is brought up to date: when it is opened.
    pub migrations: Migrations,
    /// The address that clients and phones use. Without one, URLs are issued under the address of the request itself, and no messages are
    /// sent.
    pub public_url: Option<PublicUrl>,
    /// How long a phone has to answer: 60 s.
    pub answer_timeout: Duration,
    /// How far the timestamp of a signature may lie from the clock, either way: 300 s \[X\].
    pub signature_window: Duration,
    /// How long a session lasts when the application does not say: 3600 s \[D\].
    pub default_session: Duration,
    /// The longest session that an application may ask for: 30 days \[X\].
    pub longest_session: Duration,
    /// How long a registration link works: 24 h \[X\].
    pub link_lifetime: Duration,
    /// How long an ended session is still reported as ended: 30 days \[X\].
    pub keep_ended_sessions: Duration,
    /// The treatment of logins that ask for a method that this service cannot verify: they are refused.
    pub unverified_methods: UnverifiedMethods,
    /// The Console, which is shown at `/console`; None switches it off.
    pub console: Option<ConsoleSettings>,
    /// How much an account of the Console may take up that is no administrator: as much as it likes. [`AccountLimits::OF_OPEN_REGISTRATION`] suits a Console where
    /// everybody may make an account. It counts whether or not this node shows the Console.
    pub account_limits: AccountLimits,
    /// The texts of the operator's own, in the place of those that come with the Console and the phone's page: none.
    pub texts: OwnTexts,
    /// Certificate and key, where the service does TLS itself.
    pub tls: Option<TlsFiles>,
    /// The proxies in front.
    pub proxies: Proxies,
    /// Bounds on what callers may send.
    pub limits: Limits,
    /// How often callers may do what.
    pub rates: RateLimits,
    /// The readers of the metrics: none.
    pub metrics: MetricsAccess,
    /// The settings in force, for the Console's page about the service: none unless the service is started by settings.
    pub settings: Arc<[ShownSetting]>,
    /// The phones that are pushed to.
    pub pushes: Pushes,
    /// The sender of registration links by SMS: none. [`crate::notices::WebhookSender`] does.
    pub sms: Option<Arc<dyn NoticeSender>>,
    /// The sender of registration links by e-mail: none. [`crate::notices::SmtpSender`] does.
    pub mail: Option<Arc<dyn NoticeSender>>,
    /// How operators are told of what goes wrong: not at all.
    pub alerts: Option<AlertConfig>,
    /// How far the endpoints of applications for events may lead: to the public internet, by HTTPS.
    pub event_reach: Reach,
    /// Tells the time; the system's clock unless a test brings its own.
    pub clock: Arc<dyn Clock>,
}

impl ServiceConfig {
    /// The defaults, with the data at `data`.
    #[must_use]
    pub fn new(data: StorageLocation) -> Self {
        Self {
            data,
            master_key: MasterKeySource::default(),
            migrations: Migrations::default(),
            public_url: None,
            answer_timeout: Duration::from_secs(60),
            signature_window: DEFAULT_WINDOW,
            default_session: Duration::from_secs(3_600),
            longest_session: Duration::from_secs(30 * 24 * 3_600),
            link_lifetime: Duration::from_secs(24 * 3_600),
            keep_ended_sessions: Duration::from_secs(30 * 24 * 3_600),
            unverified_methods: UnverifiedMethods::default(),
            console: Some(ConsoleSettings::default()),
            account_limits: AccountLimits::default(),
            texts: OwnTexts::default(),
            tls: None,
            proxies: Proxies::default(),
            limits: Limits::default(),
            rates: RateLimits::default(),
            metrics: MetricsAccess::default(),
            settings: Arc::default(),
            pushes: Pushes::default(),
            sms: None,
            mail: None,
            alerts: None,
            event_reach: Reach::Public,
            clock: Arc::new(SystemClock::new()),
        }
    }

    /// The sender of this channel's messages, if there is one.
    pub(crate) fn notice_sender(&self, channel: Channel) -> Option<&Arc<dyn NoticeSender>> {
        match channel {
            Channel::Sms => self.sms.as_ref(),
            Channel::Mail => self.mail.as_ref(),
            _ => None,
        }
    }

    /// The part of it that the store goes by.
    pub(crate) fn storage(&self) -> StorageConfig {
        let mut storage = StorageConfig::new(self.data.clone());
        storage.master_key = self.master_key.clone();
        storage.migrations = self.migrations;
        storage.account_limits = self.account_limits;
        storage.clock = Arc::clone(&self.clock);
        storage
    }

    /// The defaults, with data that goes when the service goes: for tests and trials.
    #[must_use]
    pub fn temporary() -> Self {
        Self::new(StorageLocation::Temporary)
    }
}

impl fmt::Debug for ServiceConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceConfig")
            .field("data", &self.data)
            .field("public_url", &self.public_url)
            .field("answer_timeout", &self.answer_timeout)
            .field("signature_window", &self.signature_window)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// How the Console is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConsoleSettings {
    /// The people who may make an account.
    pub registration: Registration,
    /// The ways in which an account gets another phone when one is lost: by itself, or by a link.
    pub lost_phone: LostAccountPhone,
    /// How long a session of the Console lasts: 8 hours, a working day. It is no longer than [`ServiceConfig::longest_session`].
    pub session: Duration,
    /// Whether a browser that is closed stays signed in: as long as its session.
    pub keep_signed_in: KeepSignedIn,
}

impl Default for ConsoleSettings {
    fn default() -> Self {
        Self::new(Registration::default())
    }
}

impl ConsoleSettings {
    /// With accounts for these.
    #[must_use]
    pub const fn new(registration: Registration) -> Self {
        Self {
            registration,
            lost_phone: LostAccountPhone::ByLink,
            session: Duration::from_secs(8 * 3_600),
            keep_signed_in: KeepSignedIn::Always,
        }
    }

    /// How long a session lasts where none may last longer than this.
    pub(crate) fn session_within(&self, longest: Duration) -> Duration {
        whole_seconds(self.session.min(longest))
    }

    /// The choice that is left to the user, where a session that is not kept lasts no longer than one that is.
    pub(crate) fn keep_within(&self, longest: Duration) -> KeepSignedIn {
        let session = self.session_within(longest);
        match self.keep_signed_in {
            KeepSignedIn::Offered(lasts) => KeepSignedIn::Offered(whole_seconds(lasts.min(session))),
            KeepSignedIn::OnByDefault(lasts) => KeepSignedIn::OnByDefault(whole_seconds(lasts.min(session))),
            keep => keep,
        }
    }
}

/// As the service counts sessions: a second at least.
fn whole_seconds(lasts: Duration) -> Duration {
    Duration::from_secs(lasts.as_secs().max(1))
}

/// Bounds on what callers may send and how long they may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of a body: 64 KiB.
    pub body_bytes: usize,
    /// Bytes of path and query: 8 KiB.
    pub url_bytes: usize,
    /// Users in one call: 1,000.
    pub users_per_call: usize,
    /// Questions that may wait for one user at a time: 5.
    pub pending_per_user: usize,
    /// Nonces that are remembered at a time: 4,000,000, at most 260 MB when full. One id alone fills a quarter of it at most.
    pub remembered_nonces: usize,
    /// Open connections: 10,000. More wait in the system's queue.
    pub connections: usize,
    /// Open connections of one address (IPv6: of one network of 64 bits): 256. Four times as many of one network of 24 bits (IPv6: 56), and sixteen times as many
    /// of one of 48 bits of IPv6, yet an eighth of all at most. More are closed at once. Neither trusted proxies nor this
    /// machine are counted.
    pub connections_per_address: usize,
    /// Status streams among all connections: 5,000, so that as many connections are left for everything else. A client that finds no room
    /// polls instead.
    pub status_streams: usize,
    /// How long the head of a request may take from its first byte: 30 s.
    pub head_timeout: Duration,
    /// How long a connection may idle between requests: 75 s, longer than load balancers keep theirs.
    pub idle_timeout: Duration,
    /// How long the body of a request may take: 10 s.
    pub body_timeout: Duration,
    /// How long an answer may lie unread, with no byte of it taken, before the connection is closed: 30 s.
    pub write_timeout: Duration,
    /// The longest that a phone may wait for a question in one request: 25 s.
    pub longest_poll: Duration,
    /// How long `/readyz` says that the service is stopping before it stops to listen: not at all. Longer than a load balancer takes to notice.
    pub drain: Duration,
    /// How long open requests may take to end at shutdown: 10 s.
    pub shutdown_grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 64 * 1024,
            url_bytes: 8 * 1024,
            users_per_call: 1_000,
            pending_per_user: 5,
            remembered_nonces: 4_000_000,
            connections: 10_000,
            connections_per_address: 256,
            status_streams: 5_000,
            head_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(75),
            body_timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(30),
            longest_poll: Duration::from_secs(25),
            drain: Duration::ZERO,
            shutdown_grace: Duration::from_secs(10),
        }
    }
}
