//! MariaDB Galera whose nodes do not wait for each other is refused. Belongs here: how it is found out.

use sea_orm::DbErr;
use sea_orm::sqlx::{self, MySqlPool};

use crate::fault::{connection_error, statement_error, unsuitable};

/// Fails if this pool's connections lead to a Galera cluster and may find a row missing that another node has acknowledged.
pub(super) async fn refuse(pool: &MySqlPool) -> Result<(), DbErr> {
    let mut connection = pool.acquire().await.map_err(connection_error)?;
    let missing = sqlx::query_scalar::<_, i64>(iampass_sql::GALERA_WAIT_MISSING);
    match missing.fetch_one(&mut *connection).await {
        Ok(0) => Ok(()),
        Ok(_) => Err(unsuitable(iampass_sql::GALERA_REFUSED)),
        // A server that was built without Galera does not know the variables.
        Err(sqlx::Error::Database(error)) if error.message().contains("wsrep_") => Ok(()),
        Err(error) => Err(statement_error(error)),
    }
}
