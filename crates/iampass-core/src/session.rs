//! [`Session`]: the credentials of one login.

use crate::wire::{SessionJson, SessionStatus, StartedSession};
use crate::{InvalidId, RefusedUrl, Secret, Server, ServiceUrl, SessionToken};

/// A session that the service has started: what is needed to ask for its state and to end it.
///
/// Having one grants nothing; only a fresh `active` from the service does (see [`crate::machine::Watch`]). Its URLs have been checked
/// against the configured server.
#[derive(Clone, Debug)]
pub struct Session {
    token: SessionToken,
    secret: Secret,
    status_url: ServiceUrl,
    logout_url: ServiceUrl,
    status_stream_url: Option<ServiceUrl>,
}

/// Why stored or received data is no session.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSession {
    /// A field is missing; a session that was never started has none of them.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// The token is not one.
    #[error("session_token: {0}")]
    Token(#[from] InvalidId),
    /// A URL must not be called.
    #[error("{field}: {refused}")]
    Url {
        /// Which one.
        field: &'static str,
        /// Why.
        refused: RefusedUrl,
    },
}

impl Session {
    /// Puts a session together from its stored parts.
    ///
    /// # Errors
    /// [`InvalidSession`] when the secret is empty or a URL does not belong to `server`.
    pub fn new(
        token: SessionToken,
        secret: Secret,
        status_url: &str,
        logout_url: &str,
        server: &Server,
    ) -> Result<Self, InvalidSession> {
        if secret.is_empty() {
            return Err(InvalidSession::Missing("session_secret"));
        }
        let check = |field, url| server.check(url).map_err(|refused| InvalidSession::Url { field, refused });
        let status_url = check("status_url", status_url)?;
        let logout_url = check("logout_url", logout_url)?;
        Ok(Self { token, secret, status_url, logout_url, status_stream_url: None })
    }

    /// The same with the place where the service tells of changes as they happen \[X\]. A URL that must not be called is left out: the
    /// session is as good without.
    #[must_use]
    pub fn with_status_stream(mut self, url: Option<&str>, server: &Server) -> Self {
        self.status_stream_url = url.and_then(|url| server.check(url).ok());
        self
    }

    /// The session that `authenticate_user` announced.
    ///
    /// # Errors
    /// As [`Session::new`].
    pub fn from_started(started: StartedSession, server: &Server) -> Result<Self, InvalidSession> {
        let stream = started.status_stream_url;
        Self::new(started.token, started.secret, &started.status_url, &started.logout_url, server)
            .map(|session| session.with_status_stream(stream.as_deref(), server))
    }

    /// Imports a session that the published Python client stored \[P\]. The state it was in is in
    /// [`SessionJson::session_status`], and is only what was: ask the service.
    ///
    /// # Errors
    /// [`InvalidSession`], also for a session that was never started, which has no fields.
    pub fn from_json(json: SessionJson, server: &Server) -> Result<Self, InvalidSession> {
        let token = json.session_token.ok_or(InvalidSession::Missing("session_token"))?;
        let secret = json.session_secret.ok_or(InvalidSession::Missing("session_secret"))?;
        let status_url = json.status_url.ok_or(InvalidSession::Missing("status_url"))?;
        let logout_url = json.logout_url.ok_or(InvalidSession::Missing("logout_url"))?;
        Self::new(SessionToken::new(token)?, secret, &status_url, &logout_url, server)
            .map(|session| session.with_status_stream(json.status_stream_url.as_deref(), server))
    }

    /// Exports the session in the form that the published Python client reads \[P\]. It knows only the documented words; for a
    /// state of any other word it is exported as `failed`, which grants no access.
    #[must_use]
    pub fn to_json(&self, status: &SessionStatus) -> SessionJson {
        let session_status = match status {
            SessionStatus::Unknown(_) => SessionStatus::Failed,
            known => known.clone(),
        };
        SessionJson {
            session_token: Some(self.token.to_string()),
            session_secret: Some(self.secret.clone()),
            logout_url: Some(self.logout_url.to_string()),
            status_url: Some(self.status_url.to_string()),
            failure_reason: None,
            session_status,
            status_stream_url: None,
        }
    }

    /// The same form with all that the session has, for this library alone: the published Python client refuses a key that it does not
    /// know.
    #[must_use]
    pub fn to_own_json(&self, status: &SessionStatus) -> SessionJson {
        let status_stream_url = self.status_stream_url.as_ref().map(ToString::to_string);
        SessionJson { status_stream_url, ..self.to_json(status) }
    }

    /// The session of these parts, which were another's before and have been checked then.
    pub(crate) fn of_checked(
        token: SessionToken,
        secret: Secret,
        status_url: ServiceUrl,
        logout_url: ServiceUrl,
        status_stream_url: Option<ServiceUrl>,
    ) -> Self {
        Self { token, secret, status_url, logout_url, status_stream_url }
    }

    /// Its token and its secret.
    pub(crate) fn into_credentials(self) -> (SessionToken, Secret) {
        (self.token, self.secret)
    }

    /// The session's name.
    #[must_use]
    pub fn token(&self) -> &SessionToken {
        &self.token
    }

    /// The secret that belongs to the token. For stores, which seal it.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Where its state is asked for.
    #[must_use]
    pub fn status_url(&self) -> &ServiceUrl {
        &self.status_url
    }

    /// Where changes of its state are reported as they happen, if the service does that.
    #[must_use]
    pub fn status_stream_url(&self) -> Option<&ServiceUrl> {
        self.status_stream_url.as_ref()
    }

    /// Where it is ended.
    #[must_use]
    pub fn logout_url(&self) -> &ServiceUrl {
        &self.logout_url
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `json.dumps(Session.Schema()().dump(session))` writes it.
    const RECORDED: &str = r#"{"session_token": "t0", "session_secret": "s0", "logout_url": "https://iam-api.com/l",
        "status_url": "https://main.iam-api.com/s", "failure_reason": null, "session_status": "active"}"#;

    fn server() -> Server {
        Server::parse("https://iam-api.com").unwrap()
    }

    #[test]
    fn the_python_clients_form_survives_the_round_trip() {
        let json: SessionJson = serde_json::from_str(RECORDED).unwrap();
        let status = json.session_status.clone();
        let session = Session::from_json(json, &server()).unwrap();
        let exported = serde_json::to_value(session.to_json(&status)).unwrap();
        assert_eq!(exported, serde_json::from_str::<serde_json::Value>(RECORDED).unwrap());
    }

    #[test]
    fn a_stream_survives_the_round_trip_and_is_not_exported_to_where_it_would_do_harm() {
        let plain = Session::from_json(serde_json::from_str(RECORDED).unwrap(), &server()).unwrap();
        let url = "https://main.iam-api.com/stream";
        let session = plain.clone().with_status_stream(Some(url), &server());
        let own = serde_json::to_string(&session.to_own_json(&SessionStatus::Active)).unwrap();
        let again = Session::from_json(serde_json::from_str(&own).unwrap(), &server()).unwrap();
        assert_eq!(again.status_stream_url().map(ServiceUrl::as_str), Some(url));
        let exported = serde_json::to_value(session.to_json(&SessionStatus::Active)).unwrap();
        assert_eq!(exported, serde_json::from_str::<serde_json::Value>(RECORDED).unwrap());
        assert!(
            !serde_json::to_string(&plain.to_own_json(&SessionStatus::Active)).unwrap().contains("stream")
        );
    }

    #[test]
    fn a_stream_elsewhere_is_left_out_and_the_session_is_none_the_worse() {
        let mut json: SessionJson = serde_json::from_str(RECORDED).unwrap();
        for url in [
            "https://evil.example/stream",
            "http://iam-api.com/stream",
            "",
            "stream",
            "https://u@iam-api.com/s",
        ] {
            json.status_stream_url = Some(url.to_owned());
            let session = Session::from_json(json.clone(), &server()).unwrap();
            assert_eq!(session.status_stream_url(), None, "{url}");
            let started = StartedSession {
                status: SessionStatus::Pending,
                token: session.token().clone(),
                secret: session.secret().clone(),
                status_url: session.status_url().to_string(),
                logout_url: session.logout_url().to_string(),
                duration: None,
                status_stream_url: Some(url.to_owned()),
                confirmation: None,
                qr: None,
                open_url: None,
            };
            assert_eq!(Session::from_started(started, &server()).unwrap().status_stream_url(), None, "{url}");
        }
    }

    #[test]
    fn what_is_imported_is_checked_like_what_is_received() {
        let json: SessionJson = serde_json::from_str(RECORDED).unwrap();
        let elsewhere = Server::parse("https://other.example").unwrap();
        assert!(matches!(
            Session::from_json(json, &elsewhere),
            Err(InvalidSession::Url { field: "status_url", refused: RefusedUrl::OtherOrigin })
        ));
        let never_started: SessionJson =
            serde_json::from_str(r#"{"failure_reason": "NO_MOBILE_DEVICE", "session_status": "failed"}"#)
                .unwrap();
        assert!(matches!(
            Session::from_json(never_started, &server()),
            Err(InvalidSession::Missing("session_token"))
        ));
    }

    #[test]
    fn a_word_that_the_python_client_does_not_know_lets_nobody_in() {
        let session = Session::from_json(serde_json::from_str(RECORDED).unwrap(), &server()).unwrap();
        assert_eq!(
            session.to_json(&SessionStatus::Unknown("super".into())).session_status,
            SessionStatus::Failed
        );
        assert!(!format!("{session:?}").contains("s0"));
    }
}
