//! The store of the IAMPASS service: what it has acknowledged, in one SQLite file, or in one PostgreSQL for many nodes.
//!
//! [`Database`] offers operations in the words of the service (add users, start a session, answer a question); the files
//! beside this one implement them, once for both databases, over the port in `port`. [`iampass_server_domain::rules`] decides on what is allowed.
//!
//! ```
//! use iampass_core::{ApplicationId, Secret};
//! use iampass_server_domain::rules::Approval;
//! use iampass_server_storage::{Database, Sharing, StorageConfig, StorageLocation};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let database = Database::open(&StorageConfig::new(StorageLocation::Temporary), Sharing::Alone).await?;
//! assert!(database.add_application(&ApplicationId::new("SHOP")?, &Secret::new("secret"), "Shop", Approval::Code, None).await?);
//! assert_eq!(database.application("SHOP").await?.map(|found| found.name).as_deref(), Some("Shop"));
//! # Ok(())
//! # }
//! ```
//!
//! An operation, written once for both databases:
//! ```text
//! database.write(move |tx| Box::pin(async move { tx.execute("UPDATE …  WHERE key = ?1", &[key.into()]).await }))
//! ```
//!
//! # What it does not do
//! It knows nothing of HTTP, of the APIs and of the Console's pages. It does not decide what is allowed, and it sends no message. It is a part of
//! `iampass-server` and promises no stable interface of its own.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod alerts;
#[cfg(test)]
mod alerts_tests;
mod answer_notes;
mod answering;
mod application_changes;
mod application_export;
mod applications;
mod asked_question;
mod asked_together;
#[cfg(test)]
mod asking_tests;
mod audit;
mod audit_search;
mod bringing;
#[cfg(test)]
mod bringing_tests;
mod bulk;
#[cfg(test)]
mod changed_behind_tests;
mod config;
mod confirmations;
#[cfg(test)]
mod conflicting_changes_tests;
mod console;
mod counted_to;
#[cfg(test)]
mod counted_to_tests;
#[cfg(test)]
mod counted_trips;
mod database;
mod deliveries;
#[cfg(test)]
mod deliveries_tests;
mod denials;
mod device_rows;
mod devices;
mod error;
mod event_bounds;
mod event_endpoints;
mod event_leases;
mod event_log;
mod events;
#[cfg(test)]
mod events_tests;
#[cfg(test)]
mod failing_postgres_tests;
#[cfg(test)]
mod foreseeing;
mod foreseen;
#[cfg(test)]
mod foreseen_tests;
mod forgotten_nonces;
#[cfg(test)]
mod group_commit_tests;
mod keys;
mod leases;
mod links;
mod locked;
#[cfg(test)]
mod login_trips_tests;
#[cfg(test)]
mod lost_commit_tests;
mod master_key;
mod master_key_check;
mod message_permission;
mod nodes;
#[cfg(test)]
mod nodes_tests;
mod nonce_rows;
mod nonce_share;
mod nonces;
mod opening;
mod other_nodes;
mod phone_events;
mod phone_log;
mod phones;
mod port;
mod postgres;
mod presence;
#[cfg(test)]
mod presence_tests;
mod push_leases;
#[cfg(test)]
mod push_leases_tests;
mod push_search;
mod push_subscriptions;
mod pushes;
#[cfg(test)]
mod pushes_tests;
mod questions;
mod recovery_codes;
mod remembered;
mod remembering;
mod resealing;
mod restoring;
#[cfg(test)]
mod restoring_tests;
mod returning;
mod sealing;
mod session_view;
mod sessions;
mod settings;
mod signals;
mod sqlite;
mod starting;
mod system_clock;
mod tidying;
mod timeline_rows;
mod trials;
mod unlock_ceremonies;
mod unlocks;
mod users;
mod values;
mod waiting_phones;
mod wakeups;
mod writable;
mod wrong_codes;

#[cfg(test)]
mod signals_tests;
#[cfg(any(test, feature = "test-support"))]
pub mod test_store;
#[cfg(test)]
mod tidying_tests;
#[cfg(test)]
mod two_nodes;
#[cfg(test)]
mod two_nodes_tests;

pub use alerts::{AlertWord, KeptAlert, LeasedAlert};
pub use application_changes::ApplicationChange;
pub use applications::{Application, ApplicationExtent, ApplicationSettings};
pub use asked_question::{Answerer, Answerers, AskedQuestion, QuestionKey};
pub use audit::{AuditEntry, Noted};
pub use audit_search::{AuditPage, AuditPlace, AuditSearch};
pub use bringing::BringOutcome;
pub use confirmations::{link_secret, moving_secret};
pub use console::{
    AccessFor, AccessLinkMade, AccessUsed, Account, AccountChange, AccountChanged, AccountDetails,
    AccountMembership, AccountsPage, Actor, AdminCaller, AdminKey, AdminKeyMade, AdminKeyRefused,
    AdminSigner, ApplicationAdded, ApplicationsPage, AskedUser, ConsoleLink, HOUR, HistoryEntry, HistoryPage,
    HistoryPhone, HistoryPlace, HistorySearch, InvitationUsed, Invited, LinkKey, LinkPurpose,
    ListedApplication, ListedUser, LoginCounts, LoginHour, LoginHours, LoginTables, Member, MemberChange,
    Membership, NewAdminKey, OpenInvitation, OpenLink, OpenSession, PhoneLinkMade, Registration, Right,
    StoredScopes, UserChange, UserDetails, UsersFrom, UsersPage, login_schema, read_address, stamp,
};
pub use counted_to::CountedTo;
pub use database::{Database, Queue};
pub use deliveries::{Attempted, Contents, DeliveryEntry, DeliveryKey, DeliveryState, NewDelivery};
pub use denials::Browser;
pub use device_rows::{Device, NewDevice, PhoneSigner};
pub use devices::{RegisterOutcome, Registered};
pub use error::StorageError;
pub use event_endpoints::{EndpointChange, EndpointChanged, EndpointOff, EventEndpoint, SECRET_OVERLAP};
pub use event_leases::{EventAttempted, LeasedEvent};
pub use event_log::{EventEntry, EventSearch, SendAgain};
pub use events::{EventKey, EventState};
pub use foreseen::{Foreseen, Standing};
pub use leases::{Leased, Turns};
pub use links::{DeviceLost, LinkCode, LinkKind, NewLink};
pub use nodes::{NodeSeen, StoreDescription, StoreKind};
pub use nonce_share::NonceShare;
pub use nonces::{SpentNonce, UnusedNonce};
pub use opening::{Migrations, Sharing, StoreCondition};
pub use phones::{LinkMade, Phone, Phones, PhonesChange, PhonesChanged};
pub(crate) use port::{Statements, Tx, Work};
pub use presence::PresenceOutcome;
pub use push_leases::{LeasedPush, PushHolder};
pub use push_search::{PushEntry, PushPage, PushSearch};
pub use push_subscriptions::{NewSubscription, SubscribeOutcome};
pub use pushes::{PushAttempted, PushKey, PushState};
pub use questions::{AnswerOutcome, PhoneAnswer, Question, Waiting, ids};
pub use recovery_codes::{CodesMade, RecoverOutcome, RecoveryLinkMade};
pub use remembering::RememberedSigner;
pub use restoring::restore_postgres;
pub use returning::ReturnOutcome;
pub(crate) use sealing::Sealed;
pub use sealing::Sealer;
pub use session_view::SessionView;
pub use sessions::SessionChange;
pub use signals::Signals;
pub use starting::{NewSession, StartOutcome};
pub use tidying::Kept;
use tokio::sync::oneshot;
pub use unlock_ceremonies::{UnlockCeremony, Unlocked};
pub use unlocks::{NewUnlock, QuestionUnlock, ShownUnlock, UnlockCredential, UnlockRegistered};
pub use users::UsersAdded;
pub(crate) use values::{Row, Value};
pub use waiting_phones::{WaitingDevice, Waits};

pub use application_export::{
    Arrived, InvalidTransfer, Moved, MovedDevice, MovedUser, Writing, read as read_export,
};
pub use config::{StorageConfig, StorageLocation};
pub use keys::{AccountKey, AdminKeyRow, ApplicationKey, DeviceKey, SessionKey, UserKey};
pub use master_key::{InvalidMasterKey, KeyId, MASTER_KEY_VARIABLE, MasterKey, MasterKeySource, MasterKeys};
pub use postgres::dump as dump_postgres;
pub use postgres::{DatabaseUrl, InvalidDatabaseUrl};
pub use sqlite::{WriterFigures, beside, copy as copy_file, put_in_place};
pub use system_clock::SystemClock;

/// The answer to a change that stands in the queue.
pub(crate) type Awaited<T> = oneshot::Receiver<Result<T, StorageError>>;
