//! The application's own tables. Belongs here: bringing them up to date, once, however many nodes start. Does not belong here: what the
//! steps do (the files in `migrations/`), or the login's tables.

use diesel::dsl::sql;
use diesel::sql_types::{BigInt, Nullable};
use diesel::{QueryResult, RunQueryDsl as _, SqliteConnection};
use diesel_async::AsyncMysqlConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::pooled_connection::deadpool::Object;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};

use crate::Failure;
use crate::database::{Pools, connection};

/// A step that was released is never changed; another is added.
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// The same steps in the words of MySQL.
const MYSQL: EmbeddedMigrations = embed_migrations!("migrations/mysql");

/// The lock under which MySQL is migrated. Such names are the whole server's, so the database is in it.
const LOCK: &str = "CONCAT('notes_migrations_', MD5(DATABASE()))";

/// Brings the tables up to date. Of several nodes that start at once, one does it and the others wait.
///
/// # Errors
/// The database's error.
pub(crate) async fn run(pools: &Pools) -> Result<(), Failure> {
    match pools {
        Pools::Sqlite(pool) => Ok(connection(pool.get()).await?.spawn_blocking(in_sqlite).await?),
        Pools::MySql(pool) => {
            let connection = connection(pool.get()).await?;
            tokio::task::spawn_blocking(move || in_mysql(connection)).await?
        }
    }
}

fn in_sqlite(database: &mut SqliteConnection) -> QueryResult<()> {
    database.immediate_transaction(|database| {
        let done = database.run_pending_migrations(SQLITE).map(drop);
        done.map_err(diesel::result::Error::QueryBuilderError)
    })
}

/// MySQL has no transaction around a table that is made, so a lock keeps the others away.
fn in_mysql(connection: Object<AsyncMysqlConnection>) -> Result<(), Failure> {
    let mut database: AsyncConnectionWrapper<_> = connection.into();
    let take = format!("GET_LOCK({LOCK}, 60)");
    let release = format!("RELEASE_LOCK({LOCK})");
    let taken: Option<i64> = diesel::select(sql::<Nullable<BigInt>>(&take)).get_result(&mut database)?;
    if taken != Some(1) {
        return Err(
            "Another node has been making the tables for a minute. Start again when it is done.".into()
        );
    }
    let done = database.run_pending_migrations(MYSQL).map(drop);
    let _: Option<i64> = diesel::select(sql::<Nullable<BigInt>>(&release)).get_result(&mut database)?;
    done
}
