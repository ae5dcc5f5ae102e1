//! Unlocking the phone for a question: the calls around the port [`Unlock`].

use iampass_core::wire::{AuthenticationRequest, Reason};
use serde_json::Value;

use super::account::Account;
use crate::{PhoneError, Unlock, answers, unlock_calls};

impl Account {
    /// Has the person unlock the phone for a question, and gives the proof, which goes into the answer as `os_authentication`. A phone that
    /// has no unlock credential yet registers one first.
    ///
    /// [`Account::accept`] does this by the port of its client.
    ///
    /// # Errors
    /// [`PhoneError`]; `Unlock` when the service verifies no unlocking, or the person does not unlock the phone.
    pub async fn prove_unlocked(
        &self,
        request: &AuthenticationRequest,
        unlock: &dyn Unlock,
    ) -> Result<Value, PhoneError> {
        let challenge = unlock_calls::challenge(self.registration(), request)?;
        let challenge = match self.ports().send(&challenge, unlock_calls::read_challenge).await {
            Err(PhoneError::Refused { reason: Some(Reason::UnlockNotRegistered), .. }) => {
                self.register_unlock(request, unlock).await?;
                self.ports().send(&challenge, unlock_calls::read_challenge).await?
            }
            answered => answered?,
        };
        Ok(unlock.unlock(request, &challenge.options).await?)
    }

    /// Registers the unlock credential of this phone, for a question that asks for it. A phone without a device key cannot.
    ///
    /// # Errors
    /// [`PhoneError`]; `Key` for a phone without a device key, `Refused` with
    /// [`UnlockAlreadyRegistered`](iampass_core::wire::Reason::UnlockAlreadyRegistered) for one that has a credential.
    pub async fn register_unlock(
        &self,
        request: &AuthenticationRequest,
        unlock: &dyn Unlock,
    ) -> Result<(), PhoneError> {
        let (ports, registration) = (self.ports(), self.registration());
        let begin = unlock_calls::begin(registration, request, ports.clock.now().wall)?;
        let begin = ports.sign(begin, registration.device_key()).await?;
        let begun = ports.send(&begin, unlock_calls::read_registration).await?;
        let credential = unlock.register(&begun.options).await?;
        let finish = unlock_calls::finish(registration, &begun, credential, ports.clock.now().wall)?;
        let finish = ports.sign(finish, registration.device_key()).await?;
        ports.send(&finish, answers::read_done).await
    }
}
