//! The documentation's *Getting started* for an application that has its users in a database already, with diesel.
//!
//! The database is SQLite, in the file `getting-started.db` or the one that `DATABASE` names. Look into it when it is done:
//! the table `users` is the application's, `iampass_tokens`, `iampass_sessions` and `iampass_shared` are ours.
//!
//! ```text
//! cargo run -p iampass-server -- dev        # prints what to export
//! export IAMPASS_SERVER=… IAMPASS_APPLICATION_ID=… IAMPASS_APPLICATION_SECRET=…
//! cargo run -p getting-started-diesel
//! ```

#![forbid(unsafe_code)]
#![allow(missing_docs, reason = "what diesel's `table!` makes cannot be documented")]

use std::process::ExitCode;
use std::sync::Arc;

use diesel::{ExpressionMethods as _, SqliteConnection};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, deadpool::Pool};
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use diesel_async::{RunQueryDsl as _, SimpleAsyncConnection as _};
use getting_started::{Failure, Stores, walk};
use iampass::Server;
use iampass::diesel::{DieselDatabase, KeyRing, KeyType, Schema, SealingKey, UsersTable, sqlite_setup};

diesel::table! {
    users {
        id -> Integer,
        name -> Text,
    }
}

fn main() -> ExitCode {
    walk(set_up)
}

async fn set_up(server: Server) -> Result<Stores, Failure> {
    let file = std::env::var("DATABASE").unwrap_or_else(|_| "getting-started.db".to_owned());
    let manager = AsyncDieselConnectionManager::new_with_config(&file, sqlite_setup());
    let pool: Pool<SyncConnectionWrapper<SqliteConnection>> = Pool::builder(manager).build()?;
    the_application_as_it_was(&pool).await?;

    let database = DieselDatabase::new(pool);
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
async fn the_application_as_it_was(
    pool: &Pool<SyncConnectionWrapper<SqliteConnection>>,
) -> Result<(), Failure> {
    let mut connection = pool.get().await?;
    let users = "CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, name TEXT NOT NULL)";
    connection.batch_execute(users).await?;
    diesel::insert_or_ignore_into(users::table)
        .values((users::id.eq(1), users::name.eq("Ann")))
        .execute(&mut connection)
        .await?;
    Ok(())
}
