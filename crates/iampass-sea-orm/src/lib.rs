//! Token and session stores for IAMPASS over [`sea_orm`], in the database that the application has.
//!
//! | feature | for |
//! |---|---|
//! | `sqlite` | SQLite, which is compiled in |
//! | `postgres` | PostgreSQL 12 and later |
//! | `mysql` | MySQL 5.7 and later, MariaDB 10.3 and later |
//!
//! Take those that you use; none is on by itself, and none needs a library of the system. The async runtime and TLS are features of
//! `sea-orm` in your own `Cargo.toml`, for example `runtime-tokio-rustls`.
//!
//! # To a working store
//!
//! ```
//! # #[cfg(feature = "sqlite")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use iampass_core::{Server, UserToken, port::{TokenStore as _, UserKey}};
//! use iampass_sea_orm::{KeyRing, Schema, SealingKey, SeaOrmDatabase};
//! use sea_orm::ConnectionTrait as _;
//!
//! let db = sea_orm::Database::connect("sqlite::memory:").await?;
//! # db.execute_unprepared("CREATE TABLE users (id INTEGER PRIMARY KEY)").await?;
//! # db.execute_unprepared("INSERT INTO users (id) VALUES (42)").await?;
//! // The application's own table `users` with the key `id` is there already.
//! let database = SeaOrmDatabase::new(db);
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
//! * [You already have a users table](how_to::users_table)
//! * [Rotate the sealing key](how_to::rotate_the_sealing_key)
//! * [Run on several nodes](how_to::several_nodes)
//! * [TLS to the database](how_to::tls)
//! * Migrations, ours or among your own: [`migration`]
//!
//! `iampass-diesel` makes and reads the same tables, by the same names, so a team can change from one to the other.
//!
//! # What it does not do
//! It makes no pool: it takes the application's. The statements, and what is made of their results, are in `iampass-sql`, the same over every library.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod how_to;
pub mod migration;

mod database;
mod fault;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod statement;
mod values;
mod within;

pub use database::SeaOrmDatabase;
pub use iampass_sql::{
    Dialect, InvalidKey, InvalidName, KeyRing, KeyType, Resealed, Schema, SealingKey, TextKeys, TimeLimits,
    UsersTable, Version,
};
pub use migration::IampassMigration;

/// A [`TokenStore`](iampass_core::port::TokenStore) over the application's own database: see [`SeaOrmDatabase::token_store`].
pub type SeaOrmTokenStore = iampass_sql::TokenTable<SeaOrmDatabase>;

/// A [`SessionStore`](iampass_core::port::SessionStore) over the application's own database: see [`SeaOrmDatabase::session_store`].
pub type SeaOrmSessionStore = iampass_sql::SessionTable<SeaOrmDatabase>;
