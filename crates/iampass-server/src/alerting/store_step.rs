//! [`within`]: a step of the store, in its time.

use std::time::Duration;

use iampass_server_storage::StorageError;

/// How long the store may take for one step.
const LONGEST_STEP: Duration = Duration::from_secs(20);

/// Takes the step. One that takes too long is [`StorageError::Busy`].
pub(super) async fn within<T>(
    step: impl Future<Output = Result<T, StorageError>>,
) -> Result<T, StorageError> {
    match tokio::time::timeout(LONGEST_STEP, step).await {
        Ok(done) => done,
        Err(_) => Err(StorageError::Busy),
    }
}
