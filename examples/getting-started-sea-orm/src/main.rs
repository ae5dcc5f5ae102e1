//! The documentation's *Getting started* for an application that has its users in a database already, with sea-orm.
//!
//! The database is SQLite, in the file `getting-started.db` or the one that `DATABASE` names. Look into it when it is done:
//! the table `users` is the application's, `iampass_tokens`, `iampass_sessions` and `iampass_shared` are ours.
//!
//! ```text
//! cargo run -p iampass-server -- dev        # prints what to export
//! export IAMPASS_SERVER=… IAMPASS_APPLICATION_ID=… IAMPASS_APPLICATION_SECRET=…
//! cargo run -p getting-started-sea-orm
//! ```

#![forbid(unsafe_code)]

use std::process::ExitCode;
use std::sync::Arc;

use getting_started::{Failure, Stores, walk};
use iampass::Server;
use iampass::sea_orm::{KeyRing, KeyType, Schema, SeaOrmDatabase, SealingKey, UsersTable};
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection};

fn main() -> ExitCode {
    walk(set_up)
}

async fn set_up(server: Server) -> Result<Stores, Failure> {
    let file = std::env::var("DATABASE").unwrap_or_else(|_| "getting-started.db".to_owned());
    let connection = Database::connect(format!("sqlite://{file}?mode=rwc")).await?;
    the_application_as_it_was(&connection).await?;

    let database = SeaOrmDatabase::new(connection);
    let schema = Schema::new(UsersTable::new("users", "id", KeyType::I32)?);
    database.migrate(&schema).await?;
    // The keys of a real application are in its environment (`KeyRing::from_env`), or what is stored is lost with the process.
    let (key, _) = SealingKey::generate()?;
    Ok(Stores {
        tokens: Arc::new(database.token_store(&schema)),
        sessions: Arc::new(database.session_store(&schema, KeyRing::new(key), server)),
        place: format!("the database {file}, beside its users"),
    })
}

/// A users table with somebody in it.
async fn the_application_as_it_was(connection: &DatabaseConnection) -> Result<(), Failure> {
    for statement in [
        "CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, name TEXT NOT NULL)",
        "INSERT OR IGNORE INTO users VALUES (1, 'Ann')",
    ] {
        connection.execute_unprepared(statement).await?;
    }
    Ok(())
}
