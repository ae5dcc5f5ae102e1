//! Token and session stores for IAMPASS over [`diesel`], in the database that the application has, through the pool that it has.
//!
//! | feature | for | connections |
//! |---|---|---|
//! | `sqlite` | SQLite, which is built along | `SyncConnectionWrapper<SqliteConnection>` |
//! | `postgres` | PostgreSQL 12 and later | `AsyncPgConnection` |
//! | `mysql` | MySQL 5.7 and later, MariaDB 10.3 and later | `AsyncMysqlConnection` |
//!
//! Take those that you use; none is on by itself, and none needs a library of the system. The pool is [diesel-async's](diesel_async) of
//! deadpool; migrations are diesel's own.
//!
//! # To a working store
//!
//! ```
//! # #[cfg(feature = "sqlite")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use diesel_async::pooled_connection::{AsyncDieselConnectionManager, deadpool::Pool};
//! use iampass_core::{Server, UserToken, port::{TokenStore as _, UserKey}};
//! use iampass_diesel::{DieselDatabase, KeyRing, Schema, SealingKey, sqlite_setup};
//!
//! # let folder = tempfile::tempdir()?;
//! # let file = folder.path().join("app.db").display().to_string();
//! let manager = AsyncDieselConnectionManager::new_with_config(&file, sqlite_setup());
//! let pool = Pool::builder(manager).build()?;
//! # {
//! # use diesel_async::SimpleAsyncConnection as _;
//! # let users = "CREATE TABLE users (id INTEGER PRIMARY KEY); INSERT INTO users VALUES (42)";
//! # pool.get().await?.batch_execute(users).await?;
//! # }
//! // The application's own table `users` with the key `id` is there already.
//! let database = DieselDatabase::new(pool);
//! let schema = Schema::default();
//! database.migrate(&schema).await?;
//!
//! let tokens = database.token_store(&schema);
//! let token = tokens.assign(&UserKey::from(42), &UserToken::new("candidate")?).await?;
//! assert_eq!(tokens.token_for(&UserKey::from(42)).await?, Some(token));
//!
//! // In earnest `KeyRing::from_env()`: the same keys on every node and after a restart.
//! let ring = KeyRing::new(SealingKey::generate()?.0);
//! let sessions = database.session_store(&schema, ring, Server::parse("https://login.example")?);
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "sqlite"))]
//! # fn main() {}
//! ```
//!
//! Both go into the client, as `Arc`s: `ClientBuilder::token_store` and `ClientBuilder::session_store` of `iampass-core`.
//!
//! # How to
//!
//! * [You already have a users table](how_to::users_table), and how its migrations and ours go together
//! * [Rotate the sealing key](how_to::rotate_the_sealing_key)
//! * [Run on several nodes](how_to::several_nodes), and what the errors mean
//! * [TLS to the database](how_to::tls)
//!
//! `iampass-sea-orm` makes and reads the same tables, by the same names, so a team can change from one to the other.
//!
//! # What it does not do
//! It makes no pool: it takes the application's. The statements, and what is made of their results, are in `iampass-sql`, the same over every library.

#![forbid(unsafe_code)]
#![deny(missing_docs)]
// With no database there is nothing to do. Workspaces build it like that on the way to something else.
#![cfg_attr(
    not(any(feature = "sqlite", feature = "postgres", feature = "mysql")),
    allow(dead_code, unused_imports)
)]

pub mod how_to;
pub mod migration;

mod checkout;
mod database;
mod driver;
mod fault;
mod finishing;
mod query;
mod within;

pub use database::{DieselDatabase, DieselSessionStore, DieselTokenStore};
pub use driver::DieselConnection;
#[cfg(feature = "sqlite")]
pub use driver::sqlite_setup;
pub use iampass_sql::{
    Dialect, InvalidKey, InvalidName, KeyRing, KeyType, Resealed, Schema, SealingKey, TextKeys, TimeLimits,
    UsersTable, Version,
};
pub use migration::{Migrated, Migrations};
