//! PostgreSQL and MariaDB for tests: a server, and an empty database on it.
//!
//! Belongs here: finding and starting database servers, and databases that come and go with a test. Does not belong here: any
//! database library, and what is in the databases. Everything is done by the servers' own programs, so that what is tested
//! shares no code with what tests it.
//!
//! Most tests want an empty database, and do not care where:
//!
//! ```
//! let Some(server) = iampass_test_databases::postgres() else {
//!     return Ok(()); // It has been said how to get one. With `CI=true` this would have failed.
//! };
//! let database = server.database();
//! database.sql("CREATE TABLE users (name text)")?;
//! println!("{}", database.url()); // postgres://postgres@127.0.0.1:5432/iampass_test_…
//! // It is gone when `database` is dropped.
//! # Ok::<(), iampass_test_databases::Failure>(())
//! ```
//!
//! Tests that take the server away from under a program start their own: [`PrivatePostgres`], [`PrivateMariadb`]. A [`Forwarder`] lets
//! a server fall silent.
//!
//! A step that a test cannot go on without fails the test, by a panic that says what the server wrote. A step that it may want to see fail
//! gives a `Result`.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod account;
mod certificate;
mod client;
mod failure;
mod forwarder;
mod mariadb;
mod port;
mod postgres;
mod process;
mod programs;
mod server;
mod shared;
mod watcher;

pub use failure::Failure;
pub use forwarder::Forwarder;
pub use mariadb::PrivateMariadb;
pub use port::unused as unused_port;
pub use postgres::{PrivatePostgres, Tls};
pub use server::{Database, Server};
pub use shared::{mariadb, postgres};
