//! Where the service keeps what it has acknowledged: one SQLite file.
//!
//! [`Database`] offers operations in the words of the service (add users, start a session, answer a question); the files
//! beside this one implement them. What is allowed is decided by [`crate::rules`], so that another database can be put behind
//! the same operations without deciding anything anew. Changes go through one writer ([`writer`]), reads go to a small pool
//! ([`reader`]).

mod applications;
mod database;
mod devices;
mod error;
mod links;
mod lock;
mod nonces;
mod privacy;
mod questions;
mod reader;
mod schema;
mod sessions;
mod starting;
mod timeline_rows;
mod users;
mod writer;

pub(crate) use applications::Application;
pub(crate) use database::{Database, Sharing};
pub(crate) use devices::{Device, NewDevice, Registered};
pub(crate) use error::StorageError;
pub(crate) use links::{LinkCode, NewLink};
pub(crate) use nonces::SpentNonce;
pub(crate) use questions::{AnswerOutcome, Question, QuestionKey, ids};
pub(crate) use sessions::{SessionChange, SessionView};
pub(crate) use starting::{NewSession, SessionCredentials, StartOutcome};
pub(crate) use writer::Awaited;

macro_rules! row_key {
    ($(#[$doc:meta] $name:ident),+ $(,)?) => {$(
        #[$doc]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub(crate) struct $name(pub(crate) i64);

        impl rusqlite::ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
                self.0.to_sql()
            }
        }

        impl rusqlite::types::FromSql for $name {
            fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
                value.as_i64().map(Self)
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
}
