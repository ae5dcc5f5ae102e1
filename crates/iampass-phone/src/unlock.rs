//! [`Unlock`]: the port by which a person unlocks the phone, with an unlock credential (WebAuthn).

use async_trait::async_trait;
use iampass_core::port::BoxError;
use iampass_core::wire::AuthenticationRequest;
use serde_json::Value;

/// Has the person unlock the phone. An app asks its system for it (`AuthenticationServices`, `CredentialManager`), which does what WebAuthn
/// says with the options of the service.
#[async_trait]
pub trait Unlock: Send + Sync {
    /// Makes an unlock credential: `options` is what `navigator.credentials.create` takes, with binary members in base64url, and the result is
    /// the `RegistrationResponseJSON`.
    ///
    /// # Errors
    /// [`UnlockError`]; nothing is registered then.
    async fn register(&self, options: &Value) -> Result<Value, UnlockError>;

    /// Proves that the person has unlocked the phone for this question: `options` is what `navigator.credentials.get` takes, and the result is
    /// the `AuthenticationResponseJSON`.
    ///
    /// # Errors
    /// [`UnlockError`]; the question is not accepted then.
    async fn unlock(&self, request: &AuthenticationRequest, options: &Value) -> Result<Value, UnlockError>;
}

/// A phone that cannot prove that it was unlocked. It says so, and claims nothing.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct NoUnlock;

impl NoUnlock {
    /// The port.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

#[async_trait]
impl Unlock for NoUnlock {
    async fn register(&self, _options: &Value) -> Result<Value, UnlockError> {
        Err(UnlockError::NotAvailable)
    }

    async fn unlock(&self, _request: &AuthenticationRequest, _options: &Value) -> Result<Value, UnlockError> {
        Err(UnlockError::NotAvailable)
    }
}

/// The reason why there is no proof.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UnlockError {
    /// This phone has no way to prove it.
    #[error("this phone cannot prove that it was unlocked")]
    NotAvailable,
    /// The person did not unlock it.
    #[error("the phone was not unlocked")]
    Declined,
    /// It failed; the source says more.
    #[error("unlocking the phone failed")]
    Failed(#[source] BoxError),
}
