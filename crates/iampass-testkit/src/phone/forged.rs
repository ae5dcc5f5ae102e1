//! Virtual phones as a thief has them, for tests that try to get in.

use iampass_phone::{KeyStore as _, PhoneError, Registration, SoftwareKeys};
use serde_json::Value;

use super::VirtualPhone;
use crate::TestkitError;

impl VirtualPhone {
    /// The same phone as somebody has it who has stolen all that the service knows of it: everything but the device key. It answers as a
    /// phone without a key does.
    ///
    /// # Errors
    /// None that a registered phone can cause.
    pub fn without_its_key(&self) -> Result<Self, TestkitError> {
        self.with_handle(None)
    }

    /// The same phone with a new device key that was never registered.
    ///
    /// # Errors
    /// [`TestkitError::Phone`] when no key can be made.
    pub async fn with_another_key(&self) -> Result<Self, TestkitError> {
        let key = SoftwareKeys::new().generate().await.map_err(PhoneError::from)?;
        self.with_handle(Some(key.handle().expose()))
    }

    fn with_handle(&self, handle: Option<&str>) -> Result<Self, TestkitError> {
        let bad_state =
            |error: serde_json::Error| TestkitError::BadState { line: error.line(), column: error.column() };
        let mut stored = serde_json::to_value(self.account().registration()).map_err(bad_state)?;
        if let Some(members) = stored.as_object_mut() {
            members.remove("device_key");
            if let Some(handle) = handle {
                members.insert("device_key".to_owned(), Value::from(handle));
            }
        }
        let registration: Registration = serde_json::from_value(stored).map_err(bad_state)?;
        Ok(self.as_registered(registration))
    }
}
