//! [`Event`], and [`EventBody`], the JSON that it travels as.

use serde::{Deserialize, Serialize};

use super::kind::{EventHow, EventKind};
use super::time;
use crate::{ApplicationId, InvalidId, SessionToken, UnixSeconds, UserToken};

/// Something that happened to an application's users, phones or logins.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// Names the event: the same at each attempt.
    pub id: String,
    /// The thing that it tells of.
    pub kind: EventKind,
    /// When it happened.
    pub at: UnixSeconds,
    /// The application.
    pub application: ApplicationId,
    /// The user. None where the event is about no user, or nobody knows yet who signs in.
    pub user: Option<UserToken>,
    /// The session or login.
    pub session: Option<SessionToken>,
    /// How it came about, for the kinds that say so.
    pub how: Option<EventHow>,
}

/// The JSON of an event, as both sides read and write it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EventBody {
    #[serde(rename = "type")]
    kind: EventKind,
    timestamp: String,
    data: Data,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Data {
    application: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    how: Option<EventHow>,
}

impl EventBody {
    /// The body of an event of this kind.
    ///
    /// ```
    /// use iampass_core::events::{EventBody, EventKind};
    /// use iampass_core::UnixSeconds;
    ///
    /// let body = EventBody::new(EventKind::UserAdded, UnixSeconds(1_800_000_000), "APP").about(Some("u1"), None, None);
    /// let json = r#"{"type":"user.added","timestamp":"2027-01-15T08:00:00Z","data":{"application":"APP","user":"u1"}}"#;
    /// assert_eq!(body.to_json(), json);
    /// ```
    #[must_use]
    pub fn new(kind: EventKind, at: UnixSeconds, application: impl Into<String>) -> Self {
        let data = Data { application: application.into(), user: None, session: None, how: None };
        Self { kind, timestamp: time::written(at), data }
    }

    /// The same about this user and session, and how it came about.
    #[must_use]
    pub fn about(mut self, user: Option<&str>, session: Option<&str>, how: Option<EventHow>) -> Self {
        self.data.user = user.map(str::to_owned);
        self.data.session = session.map(str::to_owned);
        self.data.how = how;
        self
    }

    /// The bytes that are sent. The same event always gives the same ones.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Texts and an object with fixed names can always be written.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The event of this body. None where a part of it cannot be.
    pub(super) fn read(self, id: &str) -> Option<Event> {
        let Data { application, user, session, how } = self.data;
        let user = user.map(UserToken::new).transpose();
        let session = session.map(SessionToken::new).transpose();
        let of = |application: Result<ApplicationId, InvalidId>| {
            Some(Event {
                id: id.to_owned(),
                kind: self.kind,
                at: time::read(&self.timestamp)?,
                application: application.ok()?,
                user: user.ok()?,
                session: session.ok()?,
                how,
            })
        };
        of(ApplicationId::new(application))
    }
}
