//! The place at which a browser believes to be. Chromium alone takes one from a test.

use serde_json::json;

use super::Browser;
use crate::programs::Failure;

impl Browser {
    /// Pages of this origin may ask for the place without asking the person.
    ///
    /// # Errors
    /// When the browser does not.
    pub async fn allow_position(&self, origin: &str) -> Result<(), Failure> {
        let permissions = json!({"origin": origin, "permissions": ["geolocation"]});
        self.of_chromium("Browser.grantPermissions", permissions).await
    }

    /// The place from now on, in degrees; known to 10 m.
    ///
    /// # Errors
    /// When the browser does not.
    pub async fn move_to(&self, latitude: f64, longitude: f64) -> Result<(), Failure> {
        let place = json!({"latitude": latitude, "longitude": longitude, "accuracy": 10});
        self.of_chromium("Emulation.setGeolocationOverride", place).await
    }
}
