//! [`PushWebhook`]: pushes by the operator's own gateway.
//!
//! The gateway is called with `POST` and a JSON body:
//! ```json
//! {"id": "17", "channel": "push", "token": "…", "kind": "question_waits", "topic": "…", "expires_at": 1800000060}
//! ```
//! It is signed as the webhook for messages is, and its answers mean the same ([`iampass_server_notify`]); 404 and 410 say besides that the phone
//! has left, and drop its subscription.

use std::fmt;

use async_trait::async_trait;
use http::Request;
use http::header::CONTENT_TYPE;
use iampass_core::Secret;
use iampass_server_domain::push::{PushError, PushErrorKind};
use iampass_server_notify::{IDEMPOTENCY_KEY, WEBHOOK_SIGNATURE, WEBHOOK_TIMESTAMP, sign_webhook};
use serde::Serialize;
use url::Url;

use crate::address::Address;
use crate::http_client::HttpClient;
use crate::port::{Push, PushRequest};

/// Hands pushes to a gateway.
pub struct PushWebhook {
    http: HttpClient,
    url: Url,
    secret: Secret,
}

/// The body. Its bytes are the same for each attempt.
#[derive(Serialize)]
struct Body<'a> {
    id: String,
    channel: &'static str,
    token: &'a str,
    kind: &'static str,
    topic: String,
    expires_at: u64,
}

impl PushWebhook {
    /// By a client for known servers. `url` and `secret` have been checked as those of the other webhook are.
    #[must_use]
    pub const fn new(http: HttpClient, url: Url, secret: Secret) -> Self {
        Self { http, url, secret }
    }

    fn request(&self, push: &PushRequest<'_>) -> Option<Request<Vec<u8>>> {
        let Address::Webhook(device) = push.address else { return None };
        let body = serde_json::to_vec(&Body {
            id: push.id.to_string(),
            channel: "push",
            token: device.as_str(),
            kind: push.kind.as_str(),
            topic: push.topic.to_string(),
            expires_at: push.expires_at().0,
        })
        .ok()?;
        let (timestamp, signature) = sign_webhook(&self.secret, push.now, &body);
        Request::post(self.url.as_str())
            .header(CONTENT_TYPE, "application/json")
            .header(IDEMPOTENCY_KEY, push.id.to_string())
            .header(WEBHOOK_TIMESTAMP, timestamp)
            .header(WEBHOOK_SIGNATURE, signature)
            .body(body)
            .ok()
    }
}

#[async_trait]
impl Push for PushWebhook {
    async fn push(&self, push: &PushRequest<'_>) -> Result<(), PushError> {
        use PushErrorKind as K;
        let request = self.request(push).ok_or(K::NotSendable)?;
        let answer = self.http.send(request, push.now).await?;
        let kind = match answer.status.as_u16() {
            200..=299 => return Ok(()),
            300..=399 => K::Redirected,
            401 | 403 => K::Unauthorized,
            404 | 410 => K::Gone,
            408 | 409 | 425 | 429 | 503 => K::Busy,
            413 => K::TooLarge,
            500..=599 => K::Broken,
            _ => K::Refused,
        };
        Err(answer.error(kind))
    }
}

impl fmt::Debug for PushWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushWebhook").finish_non_exhaustive()
    }
}
