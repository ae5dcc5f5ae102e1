//! A device that is slow, or that is not the one of before. Chromium alone plays one.

use serde_json::json;

use super::Browser;
use crate::programs::Failure;

impl Browser {
    /// From now on the thread of its pages is slower by this factor. Threads of workers are not.
    ///
    /// # Errors
    /// When the browser does not.
    pub async fn slow_down(&self, factor: f64) -> Result<(), Failure> {
        self.of_chromium("Emulation.setCPUThrottlingRate", json!({"rate": factor})).await
    }

    /// Forgets all that pages of this origin have kept, as another browser on the same device has nothing of it. Its authenticator stays.
    ///
    /// # Errors
    /// When the browser does not.
    pub async fn forget(&self, origin: &str) -> Result<(), Failure> {
        self.of_chromium("Storage.clearDataForOrigin", json!({"origin": origin, "storageTypes": "all"})).await
    }

    /// From now on pages run whatever code a test gives them: their policy is not looked at.
    ///
    /// # Errors
    /// When the browser does not.
    pub async fn ignore_policies(&self) -> Result<(), Failure> {
        self.of_chromium("Page.setBypassCSP", json!({"enabled": true})).await
    }
}
