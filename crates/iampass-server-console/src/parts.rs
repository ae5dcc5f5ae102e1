//! [`ConsoleParts`]: what the service hands in to its Console.
//!
//! Belongs here: the seam between the two. Does not belong here: what becomes of it ([`super::opening`], [`super::state`]).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::Extensions;
use iampass_core::port::{Clock, HttpTransport};
use iampass_server_domain::event::EventSender;
use iampass_server_domain::{LostAccountPhone, Registration, Unlocking, UnverifiedMethods};
use iampass_server_storage::Database;
use iampass_web::KeepSignedIn;

use super::service_report::{ServiceReports, ShownSetting};
use super::speech::ConsoleTexts;
use super::stream_room::StreamRoom;

/// The parts of the service that its Console works with. Cheap to clone.
#[derive(Clone)]
pub struct ConsoleParts {
    /// Where accounts, applications and members are kept.
    pub database: Arc<Database>,
    /// The service's clock.
    pub clock: Arc<dyn Clock>,
    /// Answers the signed calls that the Console makes as an application. The paths are those at the service itself, without a proxy's prefix.
    pub service: Arc<dyn HttpTransport>,
    /// Limits how many accounts are made from one network.
    pub registrations: Arc<dyn RegistrationLimit>,
    /// Says how the service is, for the page about it.
    pub reports: Arc<dyn ServiceReports>,
    /// The way of events to the endpoints of applications.
    pub events: Arc<dyn EventSender>,
    /// The settings in force. None where the service was not started by settings.
    pub settings: Arc<[ShownSetting]>,
    /// The facts about the service that pages state and forms keep to.
    pub facts: ServiceFacts,
    /// Room for pages that listen.
    pub streams: StreamRoom,
    /// The texts of the pages.
    pub texts: ConsoleTexts,
}

/// The facts about the service that the Console states and keeps to.
#[derive(Clone, Copy, Debug)]
pub struct ServiceFacts {
    /// The people who may make an account.
    pub registration: Registration,
    /// The ways in which an account gets another phone when one is lost.
    pub lost_phone: LostAccountPhone,
    /// How long a session of the Console lasts.
    pub session: Duration,
    /// Whether a browser that is closed stays signed in to the Console.
    pub keep_signed_in: KeepSignedIn,
    /// Whether a mail server or an SMS gateway is set up.
    pub has_messages: bool,
    /// Whether phones are pushed to.
    pub has_pushes: bool,
    /// Whether the service knows its own address.
    pub has_public_url: bool,
    /// How long a session lasts for which its application says nothing.
    pub default_session: Duration,
    /// The longest session that an application may ask for.
    pub longest_session: Duration,
    /// How long a session is kept after its end.
    pub keep_ended: Duration,
    /// How long a registration link is good.
    pub link_lifetime: Duration,
    /// Whether the service can verify that a phone was unlocked.
    pub unlocking: Unlocking,
    /// The treatment of methods that the service cannot verify.
    pub unverified_methods: UnverifiedMethods,
    /// The most users that one call or form may add.
    pub users_per_call: usize,
}

/// Limits how many accounts of the Console are made from one network.
pub trait RegistrationLimit: Send + Sync {
    /// Counts one for the sender of the request with these extensions. False when there were too many, and nothing is to be made.
    fn allows(&self, request: &Extensions) -> bool;
}

impl fmt::Debug for ConsoleParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConsoleParts").field("facts", &self.facts).finish_non_exhaustive()
    }
}
