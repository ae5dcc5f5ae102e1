//! [`ConsoleError`]: why a command on the Console's accounts cannot be carried out.

use iampass_server_domain::credentials::NotDrawn;
use iampass_server_storage::StorageError;

/// Why a command on the Console's accounts cannot be carried out. The errors that browsers see are pages.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConsoleError {
    /// There is no such account, or the arguments do not go together.
    #[error("{0}")]
    Settings(&'static str),
    /// The change would leave something without anybody who can change it.
    #[error("{0}")]
    Refused(String),
    /// The data cannot be read or written.
    #[error(transparent)]
    Data(#[from] StorageError),
}

impl ConsoleError {
    /// Whether trying again later may help without changing anything.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Settings(_) | Self::Refused(_) => false,
            Self::Data(error) => {
                matches!(error, StorageError::Busy | StorageError::NotDrawn(_) | StorageError::Unreachable(_))
            }
        }
    }
}

impl From<NotDrawn> for ConsoleError {
    fn from(error: NotDrawn) -> Self {
        Self::Data(error.into())
    }
}
