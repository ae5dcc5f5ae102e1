//! [`ServerError`]: why a service cannot be opened or run.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use iampass_server_console::ConsoleError;
use iampass_server_domain::credentials::NotDrawn;
use iampass_server_storage::StorageError;

use crate::{InvalidMasterKey, InvalidTransfer, SettingsError, TlsError};

/// Why a service cannot be opened, changed or run. The errors that callers of the APIs get are in their answers, not here.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// The data file is missing, damaged, full, or not ours to write.
    #[error(transparent)]
    Data(DataError),
    /// Another process serves this data file.
    #[error(transparent)]
    DataInUse(DataError),
    /// The data was written by a version that this one does not go with; it was left as it was.
    #[error(transparent)]
    NewerSchema(DataError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}{}", hint(source))]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// The system's error.
        source: io::Error,
    },
    /// The service could not go on.
    #[error("the service cannot go on: {0}")]
    Io(#[from] io::Error),
    /// An application with this id is there already.
    #[error(
        "an application with the id {id} is there already, with another secret: choose another id or leave the secret out"
    )]
    ApplicationExists {
        /// The id.
        id: String,
    },
    /// There is no master key, or it is not one.
    #[error(transparent)]
    MasterKey(#[from] InvalidMasterKey),
    /// Certificate and key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The settings cannot be used.
    #[error(transparent)]
    Configuration(#[from] SettingsError),
    /// A file that an application travels in cannot be taken in.
    #[error(transparent)]
    Transfer(#[from] InvalidTransfer),
    /// A file cannot be read or written.
    #[error("{} cannot be used: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The change would leave something without anybody who can change it.
    #[error("{0}")]
    Refused(String),
    /// The service on this machine is not ready, or it cannot be asked.
    #[error("{0}")]
    NotReady(String),
    /// A proxy in front of the service does not pass on requests as clients send them, or a push service does not accept the credentials; what
    /// has to be changed was printed.
    #[error("lines that say what has to be changed: {0}")]
    ToBeChanged(usize),
    /// A running service cannot be asked, or refuses what a command asks it for.
    #[error("{0}")]
    Service(String),
    /// Settings that do not go together.
    #[error("{0}")]
    Settings(&'static str),
}

/// The error in the data file, in words. The cause can be asked for by [`std::error::Error::source`].
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct DataError(StorageError);

impl ServerError {
    /// Whether trying again later may help without changing anything.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Listen { .. } | Self::DataInUse(_) => true,
            Self::Data(DataError(error)) => {
                matches!(error, StorageError::Busy | StorageError::NotDrawn(_) | StorageError::Unreachable(_))
            }
            _ => false,
        }
    }
}

impl From<StorageError> for ServerError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::InUse { .. } => Self::DataInUse(DataError(error)),
            StorageError::NewerSchema { .. } | StorageError::OlderSchema { .. } => {
                Self::NewerSchema(DataError(error))
            }
            other => Self::Data(DataError(other)),
        }
    }
}

impl From<NotDrawn> for ServerError {
    fn from(error: NotDrawn) -> Self {
        StorageError::from(error).into()
    }
}

impl From<ConsoleError> for ServerError {
    fn from(error: ConsoleError) -> Self {
        match error {
            ConsoleError::Settings(text) => Self::Settings(text),
            ConsoleError::Refused(text) => Self::Refused(text),
            ConsoleError::Data(error) => error.into(),
            other => Self::Refused(other.to_string()),
        }
    }
}

fn hint(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::AddrInUse => ". Stop what listens there, or choose another port (0 takes a free one)",
        io::ErrorKind::PermissionDenied => ". Ports below 1024 need a privilege; choose a higher one",
        _ => "",
    }
}
