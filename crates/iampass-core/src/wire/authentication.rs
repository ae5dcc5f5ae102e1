//! The Authentication API: starting a session and asking for its state.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::word::word_enum;
use super::{Reason, SessionStatus};
use crate::{Secret, SessionToken};

word_enum! {
    /// How the user shows that it is them \[D\].
    AuthenticationMethod {
        /// They confirm.
        Acceptance = "acceptance",
        /// They unlock the phone.
        Device = "device",
        /// Their face is recognised.
        Facial = "facial",
    }
}

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
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AuthenticateUser {
    /// Whether the user has signed in from this browser before. Denials of its requests are counted apart from those of other browsers.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub known_browser: bool,
}

impl AuthenticateUser {
    /// The same for a browser from which the user has signed in before, or not.
    #[must_use]
    pub fn known_browser(mut self, known_browser: bool) -> Self {
        self.known_browser = known_browser;
        self
    }
}

impl<'de> Deserialize<'de> for AuthenticateUser {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Members {
            #[serde(default)]
            known_browser: bool,
            #[serde(flatten)]
            _unknown: Unknown,
        }

        let Members { known_browser, .. } = Members::deserialize(deserializer)?;
        Ok(Self { known_browser })
    }
}

/// The answer of `authenticate_user`: `{"authentication_status": {…}}` \[P\].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AuthenticateAnswer {
    /// What became of the request.
    pub authentication_status: AuthenticateStatus,
}

/// What became of a request to authenticate a user \[P\].
///
/// On the wire, `authenticated: true` means that the request was **accepted**, not that the user is logged in.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum AuthenticateStatus {
    /// The phone is being asked.
    Started(StartedSession),
    /// Nothing was started.
    NotStarted {
        /// Why.
        reason: Reason,
    },
}

/// A session as the service announces it \[P\]. The URLs are as they came: check them before calling (law 5).
#[derive(Clone, Debug)]
pub struct StartedSession {
    /// Usually [`SessionStatus::Pending`].
    pub status: SessionStatus,
    /// Signs, with the secret, the calls to the two URLs.
    pub token: SessionToken,
    /// Belongs to the token.
    pub secret: Secret,
    /// To be asked for the state.
    pub status_url: String,
    /// To be called at logout.
    pub logout_url: String,
    /// Where changes of the state are told as they happen, by Server-Sent Events; the live service has no such thing \[X\].
    pub status_stream_url: Option<String>,
}

/// As it is on the wire: with `authenticated` all fields but `reason` are there, without it only `reason` \[P\].
#[derive(Serialize, Deserialize)]
struct AuthenticateFields {
    authenticated: bool,
    #[serde(default)]
    session_status: Option<SessionStatus>,
    #[serde(default)]
    reason: Option<Reason>,
    #[serde(default)]
    session_token: Option<SessionToken>,
    #[serde(default, serialize_with = "Secret::serialize_exposed_option")]
    session_secret: Option<Secret>,
    #[serde(default)]
    status_url: Option<String>,
    #[serde(default)]
    logout_url: Option<String>,
    /// Nothing but a convenience: what is no text there is as good as nothing.
    #[serde(default, deserialize_with = "text_or_nothing", skip_serializing_if = "Option::is_none")]
    status_stream_url: Option<String>,
}

fn text_or_nothing<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(text) => Ok(Some(text)),
        _ => Ok(None),
    }
}

impl Serialize for AuthenticateStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.clone() {
            Self::Started(session) => AuthenticateFields {
                authenticated: true,
                session_status: Some(session.status),
                reason: None,
                session_token: Some(session.token),
                session_secret: Some(session.secret),
                status_url: Some(session.status_url),
                logout_url: Some(session.logout_url),
                status_stream_url: session.status_stream_url,
            },
            Self::NotStarted { reason } => AuthenticateFields {
                authenticated: false,
                session_status: None,
                reason: Some(reason),
                session_token: None,
                session_secret: None,
                status_url: None,
                logout_url: None,
                status_stream_url: None,
            },
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for AuthenticateStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;

        let fields = AuthenticateFields::deserialize(deserializer)?;
        if !fields.authenticated {
            return match fields.reason {
                Some(reason) => Ok(Self::NotStarted { reason }),
                None => Err(D::Error::missing_field("reason")),
            };
        }
        Ok(Self::Started(StartedSession {
            status: fields.session_status.ok_or_else(|| D::Error::missing_field("session_status"))?,
            token: fields.session_token.ok_or_else(|| D::Error::missing_field("session_token"))?,
            secret: fields
                .session_secret
                .filter(|secret| !secret.is_empty())
                .ok_or_else(|| D::Error::missing_field("session_secret"))?,
            status_url: fields.status_url.ok_or_else(|| D::Error::missing_field("status_url"))?,
            logout_url: fields.logout_url.ok_or_else(|| D::Error::missing_field("logout_url"))?,
            status_stream_url: fields.status_stream_url,
        }))
    }
}

/// The answer of a `status_url`.
///
/// It is read in the shape that the published client reads, `{"authentication_status": {…}}` \[P\], and in the documented one
/// with the two fields at the top \[D\]; it is written as both at once \[X\]. Where both are there they must agree, and a
/// session cannot be active without having been authenticated: anything else is no well-formed answer.
///
/// ```
/// use iampass_core::wire::{SessionStatus, StatusAnswer};
///
/// let answer: StatusAnswer = serde_json::from_str(
///     r#"{"authentication_status": {"authenticated": true, "session_status": "identifying"}}"#)?;
/// assert_eq!(answer.session_status, SessionStatus::Identifying);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusAnswer {
    /// Whether the session is active, as our service says it \[X\]. Others may say it of every session.
    pub authenticated: bool,
    /// The state of the session.
    pub session_status: SessionStatus,
}

/// Fields that do not matter. Having them makes a structure be read from an object only: without, an array of its values in
/// their order would do as well, and that is no well-formed answer.
type Unknown = BTreeMap<String, IgnoredAny>;

#[derive(Deserialize)]
struct StatusFields {
    authenticated: bool,
    session_status: SessionStatus,
    #[serde(flatten)]
    _unknown: Unknown,
}

impl Serialize for StatusAnswer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Both<'a> {
            authentication_status: Flat<'a>,
            #[serde(flatten)]
            flat: Flat<'a>,
        }
        #[derive(Clone, Copy, Serialize)]
        struct Flat<'a> {
            authenticated: bool,
            session_status: &'a SessionStatus,
        }

        let flat = Flat { authenticated: self.authenticated, session_status: &self.session_status };
        Both { authentication_status: flat, flat }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for StatusAnswer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;

        #[derive(Deserialize)]
        struct Either {
            authentication_status: Option<StatusFields>,
            authenticated: Option<bool>,
            session_status: Option<SessionStatus>,
            #[serde(flatten)]
            _unknown: Unknown,
        }

        let either = Either::deserialize(deserializer)?;
        let flat = match (either.authenticated, either.session_status) {
            (Some(authenticated), Some(session_status)) => Some(Self { authenticated, session_status }),
            (None, None) => None,
            _ => return Err(D::Error::custom("only one of `authenticated` and `session_status` is there")),
        };
        let wrapped = either.authentication_status.map(|fields| Self {
            authenticated: fields.authenticated,
            session_status: fields.session_status,
        });
        let answer = match (wrapped, flat) {
            (Some(wrapped), Some(flat)) if wrapped != flat => {
                return Err(D::Error::custom("the status is there twice, and the two differ"));
            }
            (Some(answer), _) | (None, Some(answer)) => answer,
            (None, None) => return Err(D::Error::missing_field("authentication_status")),
        };
        if answer.session_status.grants_access() && !answer.authenticated {
            return Err(D::Error::custom("the session is active and not authenticated at once"));
        }
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(json: &str) -> Result<StatusAnswer, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn both_shapes_are_read() {
        let active = StatusAnswer { authenticated: true, session_status: SessionStatus::Active };
        for json in [
            r#"{"authentication_status": {"authenticated": true, "session_status": "active"}}"#,
            r#"{"authenticated": true, "session_status": "active"}"#,
            r#"{"authenticated": true, "session_status": "active", "authentication_status": {"session_status": "active", "authenticated": true, "x": 1}, "y": []}"#,
        ] {
            assert_eq!(status(json).unwrap(), active, "{json}");
        }
    }

    #[test]
    fn both_shapes_are_written() {
        let json = serde_json::to_value(StatusAnswer {
            authenticated: true,
            session_status: SessionStatus::Walkaway,
        })
        .unwrap();
        let fields = serde_json::json!({"authenticated": true, "session_status": "walkaway"});
        assert_eq!(json["authentication_status"], fields);
        assert_eq!(json["session_status"], "walkaway");
        assert_eq!(json["authenticated"], true);
    }

    #[test]
    fn no_contradiction_is_read_as_active() {
        for json in [
            r#"{"authenticated": false, "session_status": "active"}"#,
            r#"{"session_status": "active"}"#,
            r#"{"authentication_status": {"session_status": "active"}}"#,
            r#"{"authenticated": true, "session_status": "active", "authentication_status": {"authenticated": true, "session_status": "closed"}}"#,
            r#"{"authenticated": true, "session_status": "closed", "authentication_status": {"authenticated": true, "session_status": "active"}}"#,
            r#"{"authenticated": true, "session_status": "closed", "session_status": "active"}"#,
            r#"{"authenticated": "true", "session_status": "active"}"#,
            r#"{"authentication_status": null}"#,
            r#"{"authenticated": true, "session_status": ["active"]}"#,
            r#"[true, "active"]"#,
            r#"[null, true, "active"]"#,
            r#"[{"authenticated": true, "session_status": "active"}, null, null]"#,
            r#"{"authentication_status": [true, "active"]}"#,
            r#"{"authentication_status": {"authenticated": true, "session_status": "closed", "session_status": "active"}}"#,
            "{}",
            "[]",
            "null",
            "\"active\"",
            "",
        ] {
            assert!(status(json).is_err(), "{json}");
        }
    }

    #[test]
    fn a_started_session_needs_all_its_fields() {
        let whole = serde_json::json!({"authentication_status": {"authenticated": true, "session_status": "pending", "reason": null,
            "session_token": "t", "session_secret": "s", "status_url": "https://h/s", "logout_url": "https://h/l"}});
        let answer: AuthenticateAnswer = serde_json::from_value(whole.clone()).unwrap();
        assert!(
            matches!(&answer.authentication_status, AuthenticateStatus::Started(session) if session.status == SessionStatus::Pending)
        );
        assert_eq!(serde_json::to_value(&answer).unwrap(), whole);
        for field in ["session_status", "session_token", "session_secret", "status_url", "logout_url"] {
            let mut without = whole.clone();
            without["authentication_status"].as_object_mut().unwrap().remove(field);
            assert!(serde_json::from_value::<AuthenticateAnswer>(without).is_err(), "{field}");
        }
    }

    /// It is this project's own \[X\]: a service may not have it, and what it is must not keep anybody from logging in.
    #[test]
    fn a_stream_is_read_where_there_is_one() {
        let mut answer = serde_json::json!({"authentication_status": {"authenticated": true, "session_status": "pending", "reason": null,
            "session_token": "t", "session_secret": "s", "status_url": "https://h/s", "logout_url": "https://h/l"}});
        for (there, read) in [
            (serde_json::json!("https://h/stream"), Some("https://h/stream")),
            (serde_json::Value::Null, None),
            (serde_json::json!(7), None),
            (serde_json::json!({"url": []}), None),
        ] {
            answer["authentication_status"]["status_stream_url"] = there.clone();
            let AuthenticateAnswer { authentication_status: AuthenticateStatus::Started(started) } =
                serde_json::from_value(answer.clone()).unwrap()
            else {
                panic!("not started")
            };
            assert_eq!(started.status_stream_url.as_deref(), read);
            let written = serde_json::to_value(AuthenticateStatus::Started(started)).unwrap();
            assert_eq!(written.get("status_stream_url").and_then(|url| url.as_str()), read);
            assert_eq!(written.as_object().unwrap().contains_key("status_stream_url"), read.is_some());
        }
    }

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
    fn not_started_needs_a_reason() {
        let json = r#"{"authentication_status": {"authenticated": false, "reason": "NO_MOBILE_DEVICE"}}"#;
        let answer: AuthenticateAnswer = serde_json::from_str(json).unwrap();
        assert!(matches!(
            answer.authentication_status,
            AuthenticateStatus::NotStarted { reason: Reason::NoMobileDevice }
        ));
        assert!(
            serde_json::from_str::<AuthenticateAnswer>(
                r#"{"authentication_status": {"authenticated": false}}"#
            )
            .is_err()
        );
    }

    #[test]
    fn debug_shows_no_secret() {
        let json = r#"{"authentication_status": {"authenticated": true, "session_status": "pending",
            "session_token": "t", "session_secret": "hunter2", "status_url": "https://h/s", "logout_url": "https://h/l"}}"#;
        let answer: AuthenticateAnswer = serde_json::from_str(json).unwrap();
        assert!(!format!("{answer:?}").contains("hunter2"));
    }
}
