//! [`WebPush`]: to browsers, straight from this service (RFC 8030, RFC 8291, RFC 8292).

mod encryption;
mod vapid;

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Request, StatusCode};
use iampass_server_domain::push::{PushError, PushErrorKind, PushKind};

use crate::address::{Address, WebSubscription};
use crate::http_client::HttpClient;
use crate::port::{Push, PushRequest};
pub use vapid::{Contact, InvalidContact, VapidKey, VapidKeyId, VapidKeys};

const TTL: HeaderName = HeaderName::from_static("ttl");
const URGENCY: HeaderName = HeaderName::from_static("urgency");
const TOPIC: HeaderName = HeaderName::from_static("topic");

/// The length of every text before it is encrypted, so that the length of a message does not tell its kind.
const PADDED_TO: usize = 128;

/// Pushes to browsers.
pub struct WebPush {
    http: HttpClient,
    keys: RwLock<Arc<VapidKeys>>,
    contact: Contact,
}

impl WebPush {
    /// `http` is one for strangers' URLs.
    #[must_use]
    pub fn new(http: HttpClient, keys: VapidKeys, contact: Contact) -> Self {
        Self { http, keys: RwLock::new(Arc::new(keys)), contact }
    }

    /// Takes other keys from now on, after a rotation.
    pub fn set_keys(&self, keys: VapidKeys) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
    }

    /// The keys.
    #[must_use]
    pub fn keys(&self) -> Arc<VapidKeys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn request(&self, push: &PushRequest<'_>, subscription: &WebSubscription) -> Option<Request<Vec<u8>>> {
        let keys = self.keys();
        let key = keys.get(subscription.vapid_key)?;
        let drawn = encryption::Drawn::new().ok()?;
        let body = encryption::encrypt(&text(push.kind), PADDED_TO, subscription, &drawn).ok()?;
        let urgency = match push.kind {
            PushKind::QuestionWaits | PushKind::Test => "high",
            PushKind::SessionChanged => "normal",
        };
        Request::post(subscription.endpoint.as_str())
            .header(AUTHORIZATION, key.authorization(&subscription.endpoint, &self.contact, push.now)?)
            .header(CONTENT_ENCODING, HeaderValue::from_static("aes128gcm"))
            .header(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"))
            .header(TTL, push.ttl.as_secs())
            .header(URGENCY, HeaderValue::from_static(urgency))
            .header(TOPIC, push.topic.to_string())
            .body(body)
            .ok()
    }
}

/// The text that the page's worker reads. It holds nothing but the kind: the page asks for the rest.
fn text(kind: PushKind) -> Vec<u8> {
    format!("{{\"iampass\":1,\"kind\":\"{}\"}}", kind.as_str()).into_bytes()
}

#[async_trait]
impl Push for WebPush {
    async fn push(&self, push: &PushRequest<'_>) -> Result<(), PushError> {
        let Address::Web(subscription) = push.address else { return Err(PushErrorKind::NotSendable.into()) };
        let request = self.request(push, subscription).ok_or(PushErrorKind::NotSendable)?;
        let answer = self.http.send(request, push.now).await?;
        match refusal(answer.status) {
            None => Ok(()),
            Some(kind) => Err(answer.error(kind)),
        }
    }
}

/// The meaning of a status that is no success (RFC 8030, section 5; RFC 8292, section 2).
fn refusal(status: StatusCode) -> Option<PushErrorKind> {
    use PushErrorKind as K;
    Some(match status.as_u16() {
        200..=299 => return None,
        300..=399 => K::Redirected,
        401 | 403 => K::Unauthorized,
        404 | 410 => K::Gone,
        408 | 425 | 429 | 503 => K::Busy,
        413 => K::TooLarge,
        500..=599 => K::Broken,
        _ => K::Refused,
    })
}

impl fmt::Debug for WebPush {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebPush").field("keys", &self.keys()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_mean_what_the_standards_say() {
        use PushErrorKind as K;
        let judged = |status: u16| refusal(StatusCode::from_u16(status).unwrap());
        for status in [200, 201, 202, 204] {
            assert_eq!(judged(status), None);
        }
        for (status, kind) in [
            (301, K::Redirected),
            (307, K::Redirected),
            (400, K::Refused),
            (401, K::Unauthorized),
            (403, K::Unauthorized),
            (404, K::Gone),
            (410, K::Gone),
            (413, K::TooLarge),
            (429, K::Busy),
            (500, K::Broken),
            (502, K::Broken),
            (503, K::Busy),
        ] {
            assert_eq!(judged(status), Some(kind), "{status}");
        }
    }

    #[test]
    fn a_text_is_its_kind_and_nothing_else() {
        for kind in PushKind::ALL {
            let read: serde_json::Value = serde_json::from_slice(&text(kind)).unwrap();
            assert_eq!(read, serde_json::json!({"iampass": 1, "kind": kind.as_str()}));
            assert!(text(kind).len() <= PADDED_TO);
        }
    }
}
