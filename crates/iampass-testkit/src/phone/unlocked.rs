//! Virtual phones that are unlocked for a question.

use iampass_core::wire::AuthenticationRequest;
use iampass_phone::Unlock;

use super::{VirtualPhone, answer};
use crate::TestkitError;

impl VirtualPhone {
    /// *Accept* after unlocking the phone by this authenticator, which registers a credential the first time. `digits` are those that the
    /// browser shows, where the question needs them.
    ///
    /// # Errors
    /// As [`VirtualPhone::accept_with_code`]; `Phone` with [`iampass_phone::PhoneError::Unlock`] when the service verifies no unlocking.
    pub async fn accept_unlocked(
        &self,
        request: &AuthenticationRequest,
        unlock: &dyn Unlock,
        digits: Option<&str>,
    ) -> Result<(), TestkitError> {
        let mut yes = answer::yes(&request.identify.requested_data);
        let proof = self.account().prove_unlocked(request, unlock).await?;
        yes.collected.insert("os_authentication".to_owned(), proof);
        if let Some(digits) = digits {
            yes = yes.code(digits);
        }
        self.answer(request, &yes).await
    }
}
