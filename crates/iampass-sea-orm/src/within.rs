//! Waiting for a server no longer than it may take. Belongs here: giving up an answer. Does not belong here: how long that is
//! ([`iampass_sql::TimeLimits`]), and what becomes of the connection.

use std::time::Duration;

use tokio::runtime::Handle;

/// The answer, unless it takes too long. Outside of tokio, on another runtime of sqlx, there is no timer, and so no limit.
pub(crate) async fn within<T>(limit: Duration, asked: impl Future<Output = T>) -> Option<T> {
    if Handle::try_current().is_err() {
        return Some(asked.await);
    }
    tokio::time::timeout(limit, asked).await.ok()
}
