//! A pooler that changes servers after each transaction is refused. Belongs here: how it is found out. Does not belong here: what the stores
//! would do behind one.

use sea_orm::DbErr;
use sea_orm::sqlx::{self, Connection as _, PgConnection, PgPool};

use crate::fault::{connection_error, statement_error, unsuitable};

/// One round finds out a pooler that nobody else uses. The others are for poolers in use.
const ROUNDS: usize = 4;

const PROCESS: &str = "SELECT pg_backend_pid()";

/// Fails if this pool's connections change servers. Behind such a pooler a statement that was prepared on one server is run on another
/// one, where its name may be that of a different statement.
///
/// Two connections are asked by turns which process of the server answers them. A pooler that hands out the one that has rested longest gives the
/// first connection another one when it asks again. One that hands out the one that was used last gives it to the second connection, which holds it
/// by a transaction while the first one asks.
pub(super) async fn refuse(pool: &PgPool) -> Result<(), DbErr> {
    let mut first = pool.acquire().await.map_err(connection_error)?;
    let second = PgConnection::connect_with(&pool.connect_options()).await;
    let mut second = second.map_err(connection_error)?;
    let is_shared = is_shared(&mut first, &mut second).await;
    // It is no news if it cannot say good-bye.
    drop(second.close().await);
    match is_shared {
        Ok(false) => Ok(()),
        Ok(true) => Err(unsuitable(iampass_sql::POOLER_REFUSED)),
        Err(error) => Err(statement_error(error)),
    }
}

async fn is_shared(first: &mut PgConnection, second: &mut PgConnection) -> Result<bool, sqlx::Error> {
    for _ in 0..ROUNDS {
        let before = process(first).await?;
        if process(first).await? != before {
            return Ok(true);
        }
        let mut held = second.begin().await?;
        if process(&mut held).await? == before || process(first).await? != before {
            return Ok(true);
        }
        held.rollback().await?;
    }
    Ok(false)
}

/// Nothing is prepared for it, since that is what such a pooler has trouble with.
async fn process(connection: &mut PgConnection) -> Result<i32, sqlx::Error> {
    use sqlx::Row as _;
    sqlx::raw_sql(PROCESS).fetch_one(connection).await?.try_get(0)
}
