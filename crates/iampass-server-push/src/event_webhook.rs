//! [`EventWebhook`]: events of applications, signed and posted to their endpoints.
//!
//! An endpoint is a stranger's URL, as that of a push service is: it is reached by HTTPS, at addresses of the public internet, and redirects are not followed
//! ([`crate::HttpClient::to_strangers`]). The signature is that of Standard Webhooks ([`iampass_core::events`]).

use std::fmt;
use std::sync::OnceLock;

use async_trait::async_trait;
use http::Request;
use http::header::CONTENT_TYPE;
use iampass_core::events::{EVENT_ID, EVENT_SIGNATURE, EVENT_TIMESTAMP, sign};
use iampass_server_domain::event::{EventFailure, EventSender, OutgoingEvent};
use iampass_server_domain::push::{PushError, PushErrorKind};

use crate::endpoint::{Endpoint, InvalidEndpoint, Reach};
use crate::http_client::HttpClient;

/// Posts events.
pub struct EventWebhook {
    /// Made for the first event, since most services send none. None where it cannot be made.
    http: OnceLock<Option<HttpClient>>,
    reach: Reach,
}

impl EventWebhook {
    /// To endpoints that may lead as far as `reach`.
    #[must_use]
    pub const fn new(reach: Reach) -> Self {
        Self { http: OnceLock::new(), reach }
    }

    fn http(&self) -> Result<&HttpClient, PushErrorKind> {
        let made = self.http.get_or_init(|| match HttpClient::to_strangers(self.reach) {
            Ok(client) => Some(client),
            Err(error) => {
                tracing::error!(%error, "no event can be sent");
                None
            }
        });
        made.as_ref().ok_or(PushErrorKind::NotSendable)
    }

    fn request(&self, event: &OutgoingEvent) -> Result<Request<Vec<u8>>, PushErrorKind> {
        // The reach may have been narrowed since the URL was stored.
        let url = Endpoint::new(&event.url, self.reach).map_err(|_| PushErrorKind::AddressNotAllowed)?;
        let signature = sign(&event.secrets, &event.id, event.now, event.body.as_bytes());
        Request::post(url.as_str())
            .header(CONTENT_TYPE, "application/json")
            .header(EVENT_ID, &event.id)
            .header(EVENT_TIMESTAMP, event.now.0)
            .header(EVENT_SIGNATURE, signature)
            .body(event.body.clone().into_bytes())
            .map_err(|_| PushErrorKind::NotSendable)
    }
}

#[async_trait]
impl EventSender for EventWebhook {
    fn check_url(&self, url: &str) -> Result<(), String> {
        match Endpoint::new(url, self.reach) {
            Ok(_) => Ok(()),
            Err(InvalidEndpoint::NoUrl) => {
                Err("this is not a URL as a browser writes it, without user name, password and #".to_owned())
            }
            Err(invalid) => Err(invalid.to_string()),
        }
    }

    async fn send(&self, event: &OutgoingEvent) -> Result<u16, EventFailure> {
        use PushErrorKind as K;
        let unanswered = |kind| EventFailure { kind, status: None, retry_after: None };
        let request = self.request(event).map_err(unanswered)?;
        let answer = self.http().map_err(unanswered)?.send(request, event.now).await;
        let answer = answer.map_err(|error: PushError| unanswered(error.kind()))?;
        let status = answer.status.as_u16();
        let kind = match status {
            200..=299 => return Ok(status),
            300..=399 => K::Redirected,
            401 | 403 => K::Unauthorized,
            410 => K::Gone,
            408 | 409 | 425 | 429 | 503 => K::Busy,
            413 => K::TooLarge,
            500..=599 => K::Broken,
            _ => K::Refused,
        };
        Err(EventFailure { kind, status: Some(status), retry_after: answer.retry_after })
    }
}

impl fmt::Debug for EventWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventWebhook").finish_non_exhaustive()
    }
}
