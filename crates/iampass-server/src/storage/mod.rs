//! Where the service keeps what it has acknowledged: one SQLite file, or one PostgreSQL for many nodes.
//!
//! [`Database`] offers operations in the words of the service (add users, start a session, answer a question); the files
//! beside this one implement them, once for both databases, over the port in [`port`]. [`iampass_server_domain::rules`] decides on what is allowed.
//!
//! An operation over both:
//! ```text
//! database.write(move |tx| Box::pin(async move { tx.execute("UPDATE …  WHERE key = ?1", &[key.into()]).await }))
//! ```

mod applications;
mod audit;
mod audit_search;
mod bulk;
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
mod leases;
mod links;
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
mod sqlite;
mod starting;
mod tidying;
mod timeline_rows;
mod transfer;
mod users;
mod values;
mod writable;

#[cfg(test)]
mod test_store;
#[cfg(test)]
mod tidying_tests;
#[cfg(test)]
mod two_nodes;
#[cfg(test)]
mod two_nodes_tests;

pub(crate) use applications::{Application, ApplicationChange, ApplicationExtent, ApplicationSettings};
pub(crate) use audit::{AuditEntry, Noted};
pub(crate) use audit_search::{AuditPage, AuditPlace, AuditSearch};
pub(crate) use console::{
    AccessFor, AccessUsed, Account, AccountChange, AccountChanged, AccountDetails, AccountsPage, Actor,
    ConsoleLink, InvitationUsed, Invited, LinkKey, LinkPurpose, ListedApplication, ListedUser, LoginTables,
    Member, MemberChange, Membership, OpenInvitation, OpenLink, OpenSession, Registration, Right, UserChange,
    UserDetails, UsersFrom, UsersPage, login_schema, stamp,
};
pub use database::Migrations;
pub(crate) use database::{Database, Queue, Sharing};
pub(crate) use deliveries::{Attempted, Contents, DeliveryEntry, DeliveryState, NewDelivery};
pub(crate) use denials::Browser;
pub(crate) use devices::{Device, NewDevice, Registered};
pub(crate) use error::StorageError;
pub(crate) use leases::{Leased, Turns};
pub(crate) use links::{LinkCode, NewLink};
pub(crate) use nonces::{NonceShare, SpentNonce};
pub(crate) use port::{Statements, Tx, Work};
pub(crate) use questions::{AnswerOutcome, Question, QuestionKey, ids};
pub(crate) use sealing::{Sealed, Sealer};
pub(crate) use sessions::{SessionChange, SessionView};
pub(crate) use starting::{NewSession, StartOutcome};
pub(crate) use tidying::Kept;
use tokio::sync::oneshot;
pub(crate) use values::{Row, Value};

pub use postgres::{DatabaseUrl, InvalidDatabaseUrl};
pub(crate) use postgres::{dump as dump_postgres, restore as restore_postgres};
pub(crate) use sqlite::{beside, copy as copy_file, put_in_place};
pub(crate) use transfer::{Moved, MovedDevice, MovedUser};

/// The answer to a change that stands in the queue.
pub(crate) type Awaited<T> = oneshot::Receiver<Result<T, StorageError>>;

macro_rules! row_key {
    ($(#[$doc:meta] $name:ident),+ $(,)?) => {$(
        #[$doc]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub(crate) struct $name(pub(crate) i64);

        impl From<i64> for $name {
            fn from(key: i64) -> Self {
                Self(key)
            }
        }

        impl From<$name> for Value<'_> {
            fn from(key: $name) -> Self {
                Self::Integer(key.0)
            }
        }
    )+};
}

row_key! {
    /// The row of an application.
    ApplicationKey,
    /// The row of a user.
    UserKey,
    /// The row of a phone.
    DeviceKey,
    /// The row of a session.
    SessionKey,
    /// The row of an account of the Console.
    AccountKey,
}
