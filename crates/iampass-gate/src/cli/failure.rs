//! Why a command ends badly.

use iampass_gate::settings::SettingError;

/// The reason for which a command ends badly.
#[derive(Debug)]
pub(super) enum Failure {
    /// These settings are wrong.
    Settings(Vec<SettingError>),
    /// A sentence.
    Other(String),
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Other(error.to_string())
    }
}
