//! The store of the IAMPASS service: what it has acknowledged, in one SQLite file, or in one PostgreSQL for many nodes.
//!
//! [`Database`] offers operations in the words of the service (add users, start a session, answer a question); the files
//! beside this one implement them, once for both databases, over the port in `port`. [`iampass_server_domain::rules`] decides on what is allowed.
//!
//! This crate is a part of `iampass-server`; it promises no stable interface of its own. It knows nothing of HTTP, of the APIs and of the
//! Console's pages.
//!
//! An operation over both:
//! ```text
//! database.write(move |tx| Box::pin(async move { tx.execute("UPDATE …  WHERE key = ?1", &[key.into()]).await }))
//! ```

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod application_export;
mod applications;
mod audit;
mod audit_search;
mod bulk;
mod config;
#[cfg(test)]
mod conflicting_changes_tests;
mod console;
mod database;
mod deliveries;
#[cfg(test)]
mod deliveries_tests;
mod denials;
mod devices;
mod error;
#[cfg(test)]
mod failing_postgres_tests;
mod forgotten_nonces;
mod keys;
mod leases;
mod links;
mod master_key;
mod message_permission;
mod nonces;
mod port;
mod postgres;
mod questions;
mod resealing;
mod restoring;
mod sealing;
mod sessions;
mod settings;
mod signals;
mod sqlite;
mod starting;
mod system_clock;
mod tidying;
mod timeline_rows;
mod users;
mod values;
mod wakeups;
mod writable;

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

pub use applications::{Application, ApplicationChange, ApplicationExtent, ApplicationSettings};
pub use audit::{AuditEntry, Noted};
pub use audit_search::{AuditPage, AuditPlace, AuditSearch};
pub use console::{
    AccessFor, AccessUsed, Account, AccountChange, AccountChanged, AccountDetails, AccountMembership,
    AccountsPage, Actor, ConsoleLink, InvitationUsed, Invited, LinkKey, LinkPurpose, ListedApplication,
    ListedUser, LoginTables, Member, MemberChange, Membership, OpenInvitation, OpenLink, OpenSession,
    Registration, Right, UserChange, UserDetails, UserPhone, UsersFrom, UsersPage, login_schema, stamp,
};
pub use database::Migrations;
pub use database::{Database, Queue, Sharing, StoreCondition};
pub use deliveries::{Attempted, Contents, DeliveryEntry, DeliveryKey, DeliveryState, NewDelivery};
pub use denials::Browser;
pub use devices::{Device, NewDevice, Registered};
pub use error::StorageError;
pub use leases::{Leased, Turns};
pub use links::{LinkCode, NewLink};
pub use nonces::{NonceShare, SpentNonce};
pub(crate) use port::{Statements, Tx, Work};
pub use questions::{AnswerOutcome, Question, QuestionKey, ids};
pub(crate) use sealing::Sealed;
pub use sealing::Sealer;
pub use sessions::{SessionChange, SessionView};
pub use signals::Signals;
pub use starting::{NewSession, StartOutcome};
pub use tidying::Kept;
use tokio::sync::oneshot;
pub(crate) use values::{Row, Value};

pub use application_export::{
    Arrived, InvalidTransfer, Moved, MovedDevice, MovedUser, Writing, read as read_export,
};
pub use config::{StorageConfig, StorageLocation};
pub use keys::{AccountKey, ApplicationKey, DeviceKey, SessionKey, UserKey};
pub use master_key::{InvalidMasterKey, KeyId, MASTER_KEY_VARIABLE, MasterKey, MasterKeySource, MasterKeys};
pub use postgres::{DatabaseUrl, InvalidDatabaseUrl};
pub use postgres::{dump as dump_postgres, restore as restore_postgres};
pub use sqlite::{WriterFigures, beside, copy as copy_file, put_in_place};
pub use system_clock::SystemClock;

/// The answer to a change that stands in the queue.
pub(crate) type Awaited<T> = oneshot::Receiver<Result<T, StorageError>>;
