//! The state of a session, as the service tells it.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::unknown::Unknown;
use super::{Assurance, Reason, SessionStatus};
use crate::UserToken;

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
    /// The facts that the approval has proven, once there is one \[X\].
    pub assurance: Option<Assurance>,
    /// The user of a login that was started without a name, once it is approved \[X\].
    pub user_id: Option<UserToken>,
    /// Why a login let nobody in, where the state alone does not say it: [`Reason::Reported`] or [`Reason::WrongCode`] \[X\].
    pub reason: Option<Reason>,
}

impl StatusAnswer {
    /// The answer for a session in this state: only an active one is authenticated.
    #[must_use]
    pub fn of(session_status: SessionStatus, assurance: Option<Assurance>) -> Self {
        Self {
            authenticated: session_status.grants_access(),
            session_status,
            assurance,
            user_id: None,
            reason: None,
        }
    }

    /// The same with the reason why the login let nobody in.
    #[must_use]
    pub fn reason(mut self, reason: Option<Reason>) -> Self {
        self.reason = reason;
        self
    }

    /// The same for a login that was started without a name and approved by this user.
    #[must_use]
    pub fn user_id(mut self, user: UserToken) -> Self {
        self.user_id = Some(user);
        self
    }
}

#[derive(Deserialize)]
struct StatusFields {
    authenticated: bool,
    session_status: SessionStatus,
    #[serde(default)]
    assurance: Option<Assurance>,
    #[serde(default)]
    user_id: Option<UserToken>,
    #[serde(default, deserialize_with = "reason_or_nothing")]
    reason: Option<Reason>,
    #[serde(flatten)]
    _unknown: Unknown,
}

/// It explains a refusal and grants nothing: what is no text is read as absent.
fn reason_or_nothing<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Reason>, D::Error> {
    Ok(match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(word) => Some(Reason::from(word.as_str())),
        _ => None,
    })
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
            #[serde(skip_serializing_if = "Option::is_none")]
            assurance: Option<&'a Assurance>,
            #[serde(skip_serializing_if = "Option::is_none")]
            user_id: Option<&'a UserToken>,
            #[serde(skip_serializing_if = "Option::is_none")]
            reason: Option<&'a Reason>,
        }

        let Self { authenticated, session_status, assurance, user_id, reason } = self;
        let (assurance, user_id, reason) = (assurance.as_ref(), user_id.as_ref(), reason.as_ref());
        let flat = Flat { authenticated: *authenticated, session_status, assurance, user_id, reason };
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
            assurance: Option<Assurance>,
            user_id: Option<UserToken>,
            #[serde(default, deserialize_with = "reason_or_nothing")]
            reason: Option<Reason>,
            #[serde(flatten)]
            _unknown: Unknown,
        }

        let either = Either::deserialize(deserializer)?;
        let flat = match (either.authenticated, either.session_status) {
            (Some(authenticated), Some(session_status)) => {
                let (assurance, user_id, reason) = (either.assurance, either.user_id, either.reason);
                Some(Self { authenticated, session_status, assurance, user_id, reason })
            }
            (None, None) => None,
            _ => return Err(D::Error::custom("only one of `authenticated` and `session_status` is there")),
        };
        let wrapped = either.authentication_status.map(|fields| Self {
            authenticated: fields.authenticated,
            session_status: fields.session_status,
            assurance: fields.assurance,
            user_id: fields.user_id,
            reason: fields.reason,
        });
        let answer = match (wrapped, flat) {
            (Some(wrapped), Some(flat)) => {
                let assurance = wrapped.assurance.clone().or_else(|| flat.assurance.clone());
                let user_id = wrapped.user_id.clone().or_else(|| flat.user_id.clone());
                let reason = wrapped.reason.clone().or_else(|| flat.reason.clone());
                let [wrapped, flat] = [wrapped, flat].map(|one| Self {
                    assurance: one.assurance.or_else(|| assurance.clone()),
                    user_id: one.user_id.or_else(|| user_id.clone()),
                    reason: reason.clone(),
                    ..one
                });
                if wrapped != flat {
                    return Err(D::Error::custom("the status is there twice, and the two differ"));
                }
                wrapped
            }
            (Some(answer), None) | (None, Some(answer)) => answer,
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
        let active = StatusAnswer::of(SessionStatus::Active, None);
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
            assurance: None,
            user_id: None,
            reason: None,
        })
        .unwrap();
        let fields = serde_json::json!({"authenticated": true, "session_status": "walkaway"});
        assert_eq!(json["authentication_status"], fields);
        assert_eq!(json["session_status"], "walkaway");
        assert_eq!(json["authenticated"], true);
    }

    #[test]
    fn a_reason_that_is_no_text_is_none() {
        let of = |reason: &str| {
            let json =
                format!(r#"{{"authenticated": false, "session_status": "cancelled", "reason": {reason}}}"#);
            status(&json).unwrap().reason
        };
        assert_eq!(of(r#""REPORTED""#), Some(Reason::Reported));
        for none in ["null", "7", "[]", r#"{"a": 1}"#] {
            assert_eq!(of(none), None, "{none}");
        }
        let said = StatusAnswer::of(SessionStatus::Failed, None).reason(Some(Reason::WrongCode));
        let json = serde_json::to_string(&said).unwrap();
        assert_eq!(json.matches(r#""reason":"WRONG_CODE""#).count(), 2);
        assert_eq!(status(&json).unwrap(), said);
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
            r#"{"authenticated": true, "session_status": "active", "assurance": {"code": true, "code": true}}"#,
            r#"{"authenticated": true, "session_status": "active", "assurance": {"code": "yes"}}"#,
            r#"{"authenticated": true, "session_status": "active", "user_id": "a", "authentication_status": {"authenticated": true, "session_status": "active", "user_id": "b"}}"#,
            r#"{"authenticated": true, "session_status": "active", "user_id": 7}"#,
            r#"{"authenticated": true, "session_status": "active", "user_id": "a", "user_id": "b"}"#,
            r#"{"authenticated": true, "session_status": "active", "assurance": {"code": true}, "authentication_status": {"authenticated": true, "session_status": "active", "assurance": {"code": false}}}"#,
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
