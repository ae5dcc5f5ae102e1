//! The virtual authenticator of a browser (`WebDriver`, Web Authentication Level 3, 11), in place of a person with a fingerprint.
//!
//! `WebKitWebDriver` has none.

use fantoccini::Client;
use fantoccini::wd::WebDriverCompatibleCommand;
use http::Method;
use serde_json::{Value, json};
use url::{ParseError, Url};

use crate::programs::Failure;

/// A command below `webauthn/authenticator`.
#[derive(Debug)]
struct Command {
    path: String,
    body: Value,
}

impl WebDriverCompatibleCommand for Command {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/webauthn/authenticator{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _address: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

/// Adds a platform authenticator whose person is verified, and gives its id.
pub(super) async fn add(page: &Client) -> Result<String, Failure> {
    let body = json!({
        "protocol": "ctap2_1", "transport": "internal", "hasResidentKey": true, "hasUserVerification": true,
        "isUserConsenting": true, "isUserVerified": true,
    });
    let id =
        page.issue_cmd(Command { path: String::new(), body }).await.map_err(|error| error.to_string())?;
    id.as_str().map(str::to_owned).ok_or_else(|| format!("the authenticator has no id: {id}"))
}

/// From now on its person is the right one, or not.
pub(super) async fn verify(page: &Client, authenticator: &str, is_verified: bool) -> Result<(), Failure> {
    let body = json!({"isUserVerified": is_verified});
    let command = Command { path: format!("/{authenticator}/uv"), body };
    page.issue_cmd(command).await.map(drop).map_err(|error| error.to_string())
}
