//! The parts that IAMPASS stores over SQL databases share: tables, statements, sealing.
//!
//! There is no database library in here. An application takes an adapter, `iampass-diesel` or `iampass-sea-orm`, which brings the
//! pool that the application has to the port [`Database`]; [`TokenTable`] and [`SessionTable`] then do the same over each of them,
//! with the same tables, so that a table made by one is read by the other. An adapter over one more library is a [`Database`] of two
//! methods.
//!
//! ```
//! use iampass_sql::{Dialect, Schema};
//!
//! // The tables' SQL, for migrations that are run by other means.
//! for statement in Schema::default().up(Dialect::Sqlite) {
//!     println!("{statement};");
//! }
//! ```
//!
//! * [`Schema`]: what the tables are called and whose users they refer to; [`Schema::up`] and [`Schema::down`] are their SQL.
//! * [`KeyRing`]: the keys that seal what is secret in a session.
//! * [`Fault`]: what goes wrong, told apart by the servers' own codes.
//!
//! # What it does not do
//! It opens no connection, keeps no pool and knows no database library. It runs no migration by itself: adapters do, or the program
//! `iampass-schema` prints the SQL.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod database;
pub mod fault;

mod dialect;
mod retry;
mod schema;
mod sealing;
mod session_row;
mod session_table;
mod shared_table;
mod statements;
mod surroundings;
mod time_limits;
mod token_table;

pub use database::Database;
pub use dialect::Dialect;
pub use fault::{DatabaseError, Fault, NO_ANSWER};
pub use schema::{InvalidName, KeyType, Schema, TextKeys, UsersTable, Version};
pub use sealing::{InvalidKey, KeyRing, SealingKey};
pub use session_table::{Resealed, SessionTable};
pub use surroundings::{GALERA_REFUSED, GALERA_WAIT_MISSING, POOLER_REFUSED};
pub use time_limits::{MIGRATION_LOCK_SECONDS, TimeLimits};
pub use token_table::TokenTable;
