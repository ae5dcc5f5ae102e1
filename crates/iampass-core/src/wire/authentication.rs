//! The Authentication API: starting a session. Asking for its state is in [`super::status_answer`].

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::word::word_enum;
use super::{Confirmation, MovingQr, Reason, SessionStatus};
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

/// The answer of `authenticate_user`: `{"authentication_status": {…}}` \[P\].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AuthenticateAnswer {
    /// The outcome of the request.
    pub authentication_status: AuthenticateStatus,
}

/// The outcome of a request to authenticate a user \[P\].
///
/// On the wire, `authenticated: true` means that the request was **accepted**, not that the user is logged in.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one for each login, and it is taken apart at once")]
#[non_exhaustive]
pub enum AuthenticateStatus {
    /// The phone is being asked.
    Started(StartedSession),
    /// Nothing was started.
    NotStarted {
        /// Why.
        reason: Reason,
        /// A confirmation that the browser shows all the same, so that its page tells nobody whether the user exists: no phone can bring it. Only
        /// where the browser can show a code \[X\].
        confirmation: Option<Confirmation>,
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
    /// How long the session lasts from its acceptance on, in whole seconds; the live service does not say it \[X\].
    pub duration: Option<Duration>,
    /// Where changes of the state are reported as they happen, by Server-Sent Events; the live service has no such thing \[X\].
    pub status_stream_url: Option<String>,
    /// The confirmation that the browser shows and the phone brings, where the browser can show it \[X\].
    pub confirmation: Option<Confirmation>,
    /// The QR code of a login without a name \[X\].
    pub qr: Option<MovingQr>,
    /// The link that opens IAMPASS in the browser that begins the login, where the application can take that browser back
    /// ([`AuthenticateUser::return_to`](super::AuthenticateUser::return_to)) \[X\].
    pub open_url: Option<Secret>,
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
    /// One that is no whole number is read as absent.
    #[serde(default, deserialize_with = "seconds_or_nothing", skip_serializing_if = "Option::is_none")]
    duration_seconds: Option<u64>,
    /// A convenience only: a value that is no text is read as absent.
    #[serde(default, deserialize_with = "text_or_nothing", skip_serializing_if = "Option::is_none")]
    status_stream_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    confirmation: Option<Confirmation>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    qr: Option<MovingQr>,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "Secret::serialize_exposed_option"
    )]
    open_url: Option<Secret>,
}

fn seconds_or_nothing<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(serde_json::Value::deserialize(deserializer)?.as_u64())
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
                duration_seconds: session.duration.map(|duration| duration.as_secs()),
                status_stream_url: session.status_stream_url,
                confirmation: session.confirmation,
                qr: session.qr,
                open_url: session.open_url,
            },
            Self::NotStarted { reason, confirmation } => AuthenticateFields {
                authenticated: false,
                session_status: None,
                reason: Some(reason),
                session_token: None,
                session_secret: None,
                status_url: None,
                logout_url: None,
                duration_seconds: None,
                status_stream_url: None,
                confirmation,
                qr: None,
                open_url: None,
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
                Some(reason) => Ok(Self::NotStarted { reason, confirmation: fields.confirmation }),
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
            duration: fields.duration_seconds.map(Duration::from_secs),
            status_stream_url: fields.status_stream_url,
            confirmation: fields.confirmation,
            qr: fields.qr,
            open_url: fields.open_url,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    /// It is this project's own \[X\], as the stream is.
    #[test]
    fn a_duration_is_read_where_there_is_one() {
        let mut answer = serde_json::json!({"authentication_status": {"authenticated": true, "session_status": "pending", "reason": null,
            "session_token": "t", "session_secret": "s", "status_url": "https://h/s", "logout_url": "https://h/l"}});
        for (there, read) in [
            (serde_json::json!(600), Some(600)),
            (serde_json::json!(0), Some(0)),
            (serde_json::Value::Null, None),
            (serde_json::json!(-600), None),
            (serde_json::json!(0.5), None),
            (serde_json::json!("600"), None),
        ] {
            answer["authentication_status"]["duration_seconds"] = there.clone();
            let AuthenticateAnswer { authentication_status: AuthenticateStatus::Started(started) } =
                serde_json::from_value(answer.clone()).unwrap()
            else {
                panic!("not started")
            };
            assert_eq!(started.duration.map(|duration| duration.as_secs()), read, "{there}");
            let written = serde_json::to_value(AuthenticateStatus::Started(started)).unwrap();
            assert_eq!(written.get("duration_seconds").and_then(serde_json::Value::as_u64), read, "{there}");
        }
    }

    #[test]
    fn a_confirmation_is_whole_or_no_answer() {
        let mut answer = serde_json::json!({"authentication_status": {"authenticated": false, "reason": "UNKNOWN_USER",
            "confirmation": {"code": "482913", "scan_url": "https://h/phone#scan=s", "expires_at": 60}}});
        let read = |answer: &serde_json::Value| serde_json::from_value::<AuthenticateAnswer>(answer.clone());
        let AuthenticateStatus::NotStarted { confirmation: Some(confirmation), .. } =
            read(&answer).unwrap().authentication_status
        else {
            panic!("it has a confirmation")
        };
        assert_eq!((confirmation.code.expose(), confirmation.expires_at.0), ("482913", 60));
        assert!(!format!("{:?}", read(&answer).unwrap()).contains("482913"));
        answer["authentication_status"]["confirmation"] = serde_json::json!({"code": "482913"});
        assert!(read(&answer).is_err());
    }

    #[test]
    fn not_started_needs_a_reason() {
        let json = r#"{"authentication_status": {"authenticated": false, "reason": "NO_MOBILE_DEVICE"}}"#;
        let answer: AuthenticateAnswer = serde_json::from_str(json).unwrap();
        assert!(matches!(
            answer.authentication_status,
            AuthenticateStatus::NotStarted { reason: Reason::NoMobileDevice, confirmation: None }
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
