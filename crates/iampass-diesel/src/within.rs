//! Waiting for a server no longer than it may take. Belongs here: giving up an answer, and the connections that lead to such a server. Does
//! not belong here: how long that is ([`iampass_sql::TimeLimits`]), and waiting for a connection ([`crate::checkout`]).

use std::time::Duration;

use deadpool::managed::Object;
use diesel::QueryResult;
use iampass_sql::{DatabaseError, Fault};

use crate::checkout::{PoolOf, forget_idle};
use crate::driver::{Driver, explain};

/// The answer of the server, unless it takes too long. The connection that was asked is to be given up then: it is in the middle of something.
///
/// A database that answers by itself is let finish. There is no server that could be silent, and its statements cannot be cut short.
pub(crate) async fn within<C: Driver, T>(
    limit: Duration,
    asked: impl Future<Output = T>,
) -> Result<T, DatabaseError> {
    if C::ANSWERS_BY_ITSELF {
        return Ok(asked.await);
    }
    tokio::time::timeout(limit, asked).await.map_err(|_| DatabaseError::no_answer())
}

/// The outcome of one statement. A connection that broke, or had no answer, does not go back to the pool, which may not look whether it is
/// well.
pub(crate) async fn settled<C: Driver, T>(
    pool: &PoolOf<C>,
    mut connection: Object<C::Manager>,
    limit: Duration,
    answer: Result<QueryResult<T>, DatabaseError>,
) -> Result<T, DatabaseError> {
    let error = match answer {
        Ok(Ok(answer)) => return Ok(answer),
        Ok(Err(error)) => match within::<C, _>(limit, explain(&mut *connection, error)).await {
            Ok(error) | Err(error) => error,
        },
        Err(error) => error,
    };
    match error.fault() {
        Fault::NoAnswer => abandon::<C>(pool, connection),
        Fault::Unreachable | Fault::StatementLost => drop(Object::take(connection)),
        _ => {}
    }
    Err(error)
}

/// Gives up a connection that is in the middle of something.
pub(crate) fn abandon<C: Driver>(pool: &PoolOf<C>, connection: Object<C::Manager>) {
    drop(Object::take(connection));
    forget_idle::<C>(pool);
}
