//! [`Fcm`]: to Android apps by Firebase Cloud Messaging, HTTP v1.
//!
//! The message is a data message: the app wakes and asks the service. Google sees the token, the kind and the topic.

mod access_token;
mod service_account;

use std::fmt;

use async_trait::async_trait;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Request, StatusCode};
use iampass_core::Secret;
use iampass_server_domain::push::{PushError, PushErrorKind, PushKind};
use serde::Deserialize;
use serde_json::json;

use crate::address::Address;
use crate::http_client::HttpClient;
use crate::port::{Push, PushRequest};
use access_token::AccessTokens;
pub use service_account::{InvalidServiceAccount, ServiceAccount};

/// Google's server.
const SERVER: &str = "https://fcm.googleapis.com";

/// Pushes to Android apps.
pub struct Fcm {
    http: HttpClient,
    tokens: AccessTokens,
    url: String,
}

impl Fcm {
    /// Pushes as this account, by a client for known servers.
    #[must_use]
    pub fn new(http: HttpClient, account: ServiceAccount) -> Self {
        Self::at(SERVER, http, account)
    }

    /// The same at another server, which is without its final slash: for tests, and for a gateway in between.
    #[must_use]
    pub fn at(server: &str, http: HttpClient, account: ServiceAccount) -> Self {
        let url = format!("{server}/v1/projects/{}/messages:send", account.project);
        Self { tokens: AccessTokens::new(account, http.clone()), http, url }
    }

    fn request(&self, push: &PushRequest<'_>, token: &Secret) -> Option<Request<Vec<u8>>> {
        let Address::Fcm(device) = push.address else { return None };
        let priority = match push.kind {
            PushKind::QuestionWaits | PushKind::Test => "HIGH",
            PushKind::SessionChanged => "NORMAL",
        };
        let body = json!({"message": {
            "token": device.as_str(),
            "data": {"iampass": "1", "kind": push.kind.as_str()},
            "android": {
                "priority": priority,
                "ttl": format!("{}s", push.ttl.as_secs()),
                "collapse_key": push.topic.to_string(),
            },
        }});
        Request::post(&self.url)
            .header(AUTHORIZATION, format!("Bearer {}", token.expose()))
            .header(CONTENT_TYPE, "application/json")
            .body(serde_json::to_vec(&body).ok()?)
            .ok()
    }
}

#[async_trait]
impl Push for Fcm {
    async fn push(&self, push: &PushRequest<'_>) -> Result<(), PushError> {
        let token = self.tokens.get(push.now).await?;
        let request = self.request(push, &token).ok_or(PushErrorKind::NotSendable)?;
        let answer = self.http.send(request, push.now).await?;
        let Some(kind) = refusal(answer.status, &answer.body) else { return Ok(()) };
        if kind == PushErrorKind::TokenExpired {
            self.tokens.refused(&token).await;
        }
        Err(answer.error(kind))
    }
}

#[derive(Deserialize)]
struct Refusal {
    error: RefusalError,
}

#[derive(Deserialize)]
struct RefusalError {
    #[serde(default)]
    details: Vec<Detail>,
}

#[derive(Deserialize)]
struct Detail {
    #[serde(rename = "errorCode")]
    code: Option<String>,
}

/// The meaning of an answer that is no success. FCM's own code tells more than the status: 404 is a phone that has left, or a project that
/// does not exist.
fn refusal(status: StatusCode, body: &[u8]) -> Option<PushErrorKind> {
    use PushErrorKind as K;
    if status.is_success() {
        return None;
    }
    let read = serde_json::from_slice::<Refusal>(body).ok();
    let code = read.and_then(|read| read.error.details.into_iter().find_map(|detail| detail.code));
    Some(match (code.as_deref(), status.as_u16()) {
        (Some("UNREGISTERED"), _) => K::Gone,
        (Some("QUOTA_EXCEEDED" | "UNAVAILABLE"), _) => K::Busy,
        (Some("INTERNAL"), _) => K::Broken,
        (Some("SENDER_ID_MISMATCH" | "THIRD_PARTY_AUTH_ERROR"), _) => K::Unauthorized,
        (_, 300..=399) => K::Redirected,
        (_, 401) => K::TokenExpired,
        (_, 403) => K::Unauthorized,
        (_, 413) => K::TooLarge,
        (_, 408 | 429 | 503) => K::Busy,
        (_, 500..=599) => K::Broken,
        _ => K::Refused,
    })
}

impl fmt::Debug for Fcm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fcm").field("account", self.tokens.account()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_a_refusal_counts_before_its_status() {
        use PushErrorKind as K;
        let judged = |status: u16, code: &str| {
            let body = json!({"error": {"code": status, "status": "X", "details": [
                {"@type": "type.googleapis.com/google.rpc.BadRequest"},
                {"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code},
            ]}});
            refusal(StatusCode::from_u16(status).unwrap(), body.to_string().as_bytes())
        };
        for (status, code, kind) in [
            (404, "UNREGISTERED", K::Gone),
            (400, "INVALID_ARGUMENT", K::Refused),
            (403, "SENDER_ID_MISMATCH", K::Unauthorized),
            (429, "QUOTA_EXCEEDED", K::Busy),
            (503, "UNAVAILABLE", K::Busy),
            (500, "INTERNAL", K::Broken),
            (401, "THIRD_PARTY_AUTH_ERROR", K::Unauthorized),
        ] {
            assert_eq!(judged(status, code), Some(kind), "{code}");
        }
    }

    #[test]
    fn a_project_that_does_not_exist_loses_no_subscription() {
        let judged =
            |status: u16, body: &str| refusal(StatusCode::from_u16(status).unwrap(), body.as_bytes());
        for body in ["", "<html>", r#"{"error": {"code": 404, "status": "NOT_FOUND"}}"#] {
            assert_eq!(judged(404, body), Some(PushErrorKind::Refused), "{body}");
        }
        assert_eq!(judged(401, ""), Some(PushErrorKind::TokenExpired));
        assert_eq!(judged(200, ""), None);
    }
}
