//! Taking a connection from the application's pool, within a time. Belongs here: that, and what it means when there is none. Does not
//! belong here: what is done with it.

use std::time::Duration;

use deadpool::managed::{Manager as _, Object, Pool, PoolError, TimeoutType, Timeouts};
use diesel_async::pooled_connection::PoolError as ConnectionFailure;
use iampass_sql::{DatabaseError, Fault};
use tokio::runtime::Handle;

use crate::driver::Driver;
use crate::fault;
use crate::finishing::drop_apart;

/// A pool of these connections.
pub(crate) type PoolOf<C> = Pool<<C as Driver>::Manager>;

/// Takes a connection that is free, or waits for one, but not for ever as the pool itself would.
pub(crate) async fn checkout<C: Driver>(
    pool: PoolOf<C>,
    patience: Duration,
) -> Result<Object<C::Manager>, DatabaseError> {
    if C::ANSWERS_BY_ITSELF {
        // A timer would be needed for the wait only, and setting one takes as long as a tenth of a statement.
        let at_once = Timeouts { wait: Some(Duration::ZERO), ..pool.timeouts() };
        match pool.timeout_get(&at_once).await {
            Err(PoolError::Timeout(TimeoutType::Wait)) => {}
            taken => return taken.map_err(failure::<C>),
        }
    }
    let taking = pool.clone();
    let mut taking = Box::pin(async move { taking.get().await });
    match tokio::time::timeout(patience, &mut taking).await {
        Ok(taken) => taken.map_err(failure::<C>),
        Err(elapsed) => {
            // It may be in the middle of making one.
            match Handle::try_current() {
                Ok(runtime) => drop_apart(&runtime, taking),
                Err(_) => drop(taking),
            }
            let status = pool.status();
            // With room in the pool, or a connection that is free, it was not the pool that kept us waiting, but the server.
            let is_full = status.size >= status.max_size && status.available == 0;
            if !is_full {
                forget_idle::<C>(&pool);
            }
            Err(DatabaseError::new(if is_full { Fault::PoolExhausted } else { Fault::Unreachable }, elapsed))
        }
    }
}

/// A connection like those of the pool, beside them: the pool may be of one.
pub(crate) async fn another<C: Driver>(pool: &PoolOf<C>, patience: Duration) -> Result<C, DatabaseError> {
    let made = tokio::time::timeout(patience, pool.manager().create()).await;
    let made = made.map_err(|elapsed| DatabaseError::new(Fault::Unreachable, elapsed))?;
    made.map_err(|error| failure::<C>(PoolError::Backend(error)))
}

/// Closes the connections that are free. They lead to the same server, which is silent; new ones may lead to one that serves.
pub(crate) fn forget_idle<C: Driver>(pool: &PoolOf<C>) {
    if !C::ANSWERS_BY_ITSELF {
        drop(pool.retain(|_, _| false));
    }
}

fn failure<C: Driver>(error: PoolError<ConnectionFailure>) -> DatabaseError {
    let fault = match &error {
        PoolError::Timeout(TimeoutType::Wait) => Fault::PoolExhausted,
        PoolError::Timeout(TimeoutType::Create | TimeoutType::Recycle) | PoolError::Closed => {
            Fault::Unreachable
        }
        PoolError::Backend(ConnectionFailure::ConnectionError(error)) => fault::of_connecting(error, C::sign),
        PoolError::Backend(ConnectionFailure::QueryError(_)) | PoolError::PostCreateHook(_) => {
            Fault::Unreachable
        }
        PoolError::NoRuntimeSpecified => Fault::Other,
    };
    DatabaseError::new(fault, error)
}
