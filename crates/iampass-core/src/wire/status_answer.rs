//! The state of a session, as the service tells it.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::SessionStatus;

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
pub(super) type Unknown = BTreeMap<String, IgnoredAny>;

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
}
