//! The files under `migrations/`, built in. They are what the diesel CLI would run, of the default [`Schema`](iampass_sql::Schema); a test
//! compares them with it.

use diesel_migrations::{EmbeddedMigrations, embed_migrations};

/// The migrations of the default tables in SQLite: the files in `migrations/sqlite` of this crate.
#[cfg(feature = "sqlite")]
pub const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// The migrations of the default tables in PostgreSQL: the files in `migrations/postgres` of this crate.
#[cfg(feature = "postgres")]
pub const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The migrations of the default tables in MySQL and MariaDB: the files in `migrations/mysql` of this crate.
#[cfg(feature = "mysql")]
pub const MYSQL: EmbeddedMigrations = embed_migrations!("migrations/mysql");
