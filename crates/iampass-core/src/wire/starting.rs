//! The requests around the start of a session: the browser that asks, and the browser that comes back. The answers are in
//! [`super::authentication`].

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::ConfirmationMethod;
use super::unknown::Unknown;
use crate::{Secret, SessionToken, UnixSeconds};

/// The body posted to `authenticate_user`: what the application knows about the browser that asks. The published client sends `{}` \[P\];
/// the members are this project's own \[X\].
///
/// It is read from an object only, whose unknown members are ignored. A member of the wrong type, or one that is there twice, is an error.
///
/// ```
/// use iampass_core::wire::AuthenticateUser;
///
/// assert_eq!(serde_json::to_string(&AuthenticateUser::default())?, "{}");
/// assert_eq!(serde_json::to_string(&AuthenticateUser::default().known_browser(true))?, r#"{"known_browser":true}"#);
/// let shows = AuthenticateUser::default().shows_code(true).browser("Firefox on Windows");
/// assert_eq!(serde_json::to_string(&shows)?, r#"{"confirm":["code"],"browser":"Firefox on Windows"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AuthenticateUser {
    /// Whether the user has signed in from this browser before. Denials of its requests are counted apart from those of other browsers.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub known_browser: bool,
    /// When the user last signed in from that browser. The service takes it for unknown where a phone of the user was removed or replaced since
    /// ([`Reason::BrowserNotKnown`](super::Reason::BrowserNotKnown)): that phone may have let somebody else in there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub known_since: Option<UnixSeconds>,
    /// Whether the browser shows what the phone then has to bring: the member `confirm` has the word `code`.
    #[serde(
        rename = "confirm",
        skip_serializing_if = "std::ops::Not::not",
        serialize_with = "words_of_confirm"
    )]
    pub shows_code: bool,
    /// The browser that asks, for the phone to show: `Firefox on Windows`. 1 to 100 characters, all of which can be seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub browser: Option<String>,
    /// The IP address of the browser, for the phone to show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Where the phone's own browser is to go when the user has accepted by the link of [`StartedSession::open_url`](super::StartedSession::open_url): a page of the application, an
    /// `https` address (or `http` on a loopback address) of 1,000 bytes at most without a fragment. The service puts the proof behind it as `return`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_to: Option<String>,
}

/// `["code"]`.
fn words_of_confirm<S: Serializer>(_: &bool, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq([ConfirmationMethod::Code])
}

impl AuthenticateUser {
    /// The same for a browser from which the user has signed in before, or not.
    #[must_use]
    pub fn known_browser(mut self, known_browser: bool) -> Self {
        self.known_browser = known_browser;
        self
    }

    /// The same for a browser from which the user last signed in at this time.
    #[must_use]
    pub fn known_since(mut self, known_since: Option<UnixSeconds>) -> Self {
        self.known_since = known_since;
        self
    }

    /// The same for a browser that shows a code, or does not.
    #[must_use]
    pub fn shows_code(mut self, shows_code: bool) -> Self {
        self.shows_code = shows_code;
        self
    }

    /// The same for a browser with this name.
    #[must_use]
    pub fn browser(mut self, browser: impl Into<String>) -> Self {
        self.browser = Some(browser.into());
        self
    }

    /// The same for a browser at this address.
    #[must_use]
    pub fn address(mut self, address: impl Into<String>) -> Self {
        self.address = Some(address.into());
        self
    }

    /// The same with a page of the application to come back to.
    #[must_use]
    pub fn return_to(mut self, return_to: impl Into<String>) -> Self {
        self.return_to = Some(return_to.into());
        self
    }
}

impl<'de> Deserialize<'de> for AuthenticateUser {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Members {
            #[serde(default)]
            known_browser: bool,
            #[serde(default, deserialize_with = "seconds")]
            known_since: Option<UnixSeconds>,
            #[serde(default)]
            confirm: Vec<ConfirmationMethod>,
            #[serde(default, deserialize_with = "text")]
            browser: Option<String>,
            #[serde(default, deserialize_with = "text")]
            address: Option<String>,
            #[serde(default, deserialize_with = "text")]
            return_to: Option<String>,
            #[serde(flatten)]
            _unknown: Unknown,
        }

        let Members { known_browser, known_since, confirm, browser, address, return_to, .. } =
            Members::deserialize(deserializer)?;
        let shows_code = confirm.contains(&ConfirmationMethod::Code);
        Ok(Self { known_browser, known_since, shows_code, browser, address, return_to })
    }
}

/// The body of `return`: what the browser of a login has brought back from the phone's page \[X\].
///
/// ```
/// use iampass_core::wire::Returned;
///
/// let body: Returned = serde_json::from_str(r#"{"session_token": "t", "proof": "p"}"#)?;
/// assert_eq!(body.proof.expose(), "p");
/// assert!(serde_json::from_str::<Returned>(r#"{"session_token": "t"}"#).is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Returned {
    /// The session of the login that this very browser has begun.
    pub session_token: SessionToken,
    /// The proof that the service has put behind the address to come back to.
    #[serde(serialize_with = "Secret::serialize_exposed")]
    pub proof: Secret,
}

/// A member that is there is a time, and not `null`.
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<UnixSeconds>, D::Error> {
    UnixSeconds::deserialize(deserializer).map(Some)
}

/// A member that is there is a text, and not `null`.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    String::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_of_the_browser_is_a_boolean_that_is_there_once() {
        let read = |json: &str| serde_json::from_str::<AuthenticateUser>(json).map(|body| body.known_browser);
        for (json, known) in [
            ("{}", false),
            (r#"{"known_browser": false}"#, false),
            (r#"{"known_browser": true}"#, true),
            (r#"{"new": [1], "known_browser": true, "other": null}"#, true),
            (r#"{"new": 1, "new": 2}"#, false),
        ] {
            assert_eq!(read(json).unwrap(), known, "{json}");
        }
        for json in [
            "",
            "null",
            "[]",
            "[true]",
            "true",
            r#"{"known_browser": null}"#,
            r#"{"known_browser": "true"}"#,
            r#"{"known_browser": 1}"#,
            r#"{"known_browser": [true]}"#,
            r#"{"known_browser": false, "known_browser": true}"#,
            r#"{"known_browser": true, "known_browser": true}"#,
        ] {
            assert!(read(json).is_err(), "{json}");
        }
    }

    #[test]
    fn a_browser_shows_a_code_when_confirm_has_the_word() {
        let read = |json: &str| serde_json::from_str::<AuthenticateUser>(json).map(|body| body.shows_code);
        for (json, shows) in [
            (r#"{"confirm": []}"#, false),
            (r#"{"confirm": ["code"]}"#, true),
            (r#"{"confirm": ["number", "code"], "browser": "B", "address": "203.0.113.5"}"#, true),
            (r#"{"confirm": ["number"]}"#, false),
            (r#"{"confirm": ["Code"]}"#, false),
        ] {
            assert_eq!(read(json).unwrap(), shows, "{json}");
        }
        for json in [
            r#"{"confirm": "code"}"#,
            r#"{"confirm": null}"#,
            r#"{"confirm": [1]}"#,
            r#"{"confirm": ["code"], "confirm": []}"#,
            r#"{"browser": null}"#,
            r#"{"browser": 7}"#,
            r#"{"address": ["203.0.113.5"]}"#,
            r#"{"address": "a", "address": "b"}"#,
        ] {
            assert!(read(json).is_err(), "{json}");
        }
    }
}
