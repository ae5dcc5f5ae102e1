//! The connection that migrations are run on. Belongs here: making it, beside the application's pool, and what is looked at first. Does not
//! belong here: the lock that is taken on it ([`super::lock`]).

use std::time::Duration;

use iampass_sql::TimeLimits;
use sea_orm::{DatabaseConnection, DatabaseConnectionType, DbErr};

#[cfg(any(feature = "postgres", feature = "mysql"))]
use crate::fault::{connection_error, no_answer};
#[cfg(any(feature = "postgres", feature = "mysql"))]
use crate::within::within;

/// A connection of its own, made like those of the pool. One that is given up in the middle of a migration takes no place of the pool, and one
/// that was given back to the pool would keep the lock of MySQL.
pub(super) struct Own {
    connection: DatabaseConnection,
    is_beside: bool,
}

impl Own {
    /// Makes it, and refuses surroundings in which the stores would not be right. SQLite has no connections beside the pool's: a database in
    /// memory would be another one.
    pub(super) async fn beside(database: &DatabaseConnection, limit: Duration) -> Result<Self, DbErr> {
        match &database.inner {
            #[cfg(feature = "postgres")]
            DatabaseConnectionType::SqlxPostgresPoolConnection(_) => {
                let pool = database.get_postgres_connection_pool();
                let options = pool.options().clone().min_connections(0).max_connections(1);
                let options = options.idle_timeout(None).max_lifetime(None);
                let own = options.connect_with(pool.connect_options().as_ref().clone());
                let own = own.await.map_err(connection_error)?;
                within(limit, super::pooler::refuse(&own)).await.ok_or_else(no_answer)??;
                let connection = sea_orm::SqlxPostgresConnector::from_sqlx_postgres_pool(own);
                Ok(Self { connection, is_beside: true })
            }
            #[cfg(feature = "mysql")]
            DatabaseConnectionType::SqlxMySqlPoolConnection(_) => {
                let pool = database.get_mysql_connection_pool();
                let options = pool.options().clone().min_connections(0).max_connections(1);
                let options = options.idle_timeout(None).max_lifetime(None);
                let own = options.connect_with(pool.connect_options().as_ref().clone());
                let own = own.await.map_err(connection_error)?;
                within(limit, super::galera::refuse(&own)).await.ok_or_else(no_answer)??;
                let connection = sea_orm::SqlxMySqlConnector::from_sqlx_mysql_pool(own);
                Ok(Self { connection, is_beside: true })
            }
            _ => Ok(Self { connection: database.clone(), is_beside: false }),
        }
    }

    pub(super) fn connection(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// A database without a server has no limits: its migrations cannot be cut short.
    pub(super) fn limits(&self, limits: TimeLimits) -> TimeLimits {
        match self.is_beside {
            true => limits,
            false => limits.with_statement(Duration::MAX).with_migration(Duration::MAX),
        }
    }

    /// Takes leave of the server.
    pub(super) async fn close(self) {
        if self.is_beside {
            drop(self.connection.close().await);
        }
    }
}
