//! [`Apns`]: to iOS apps by Apple's push service, with a token and over HTTP/2.
//!
//! Apple sees the device token, the kind and the topic. The text of the notification is the app's own, named by a key.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use http::header::AUTHORIZATION;
use http::{Request, StatusCode};
use iampass_core::{Secret, UnixSeconds};
use iampass_server_domain::push::{PushError, PushErrorKind, PushKind};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::address::Address;
use crate::http_client::HttpClient;
use crate::jwt::{InvalidKey, SigningKey};
use crate::port::{Push, PushId, PushRequest};

/// A token is used so long, in seconds: Apple refuses one after an hour, and a new one more often than every twenty minutes.
const TOKEN_USED_FOR: u64 = 50 * 60;
/// After a refusal, a token that is younger is kept: Apple would refuse the next one as too many.
const YOUNGEST_RENEWED: u64 = 20 * 60;

/// Which of Apple's servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApnsServer {
    /// For apps from the store.
    Production,
    /// For apps in development.
    Sandbox,
    /// Another, without its final slash: for tests.
    At(String),
}

impl ApnsServer {
    fn url(&self) -> &str {
        match self {
            Self::Production => "https://api.push.apple.com",
            Self::Sandbox => "https://api.sandbox.push.apple.com",
            Self::At(url) => url,
        }
    }
}

/// By what Apple knows this service, and the app that it pushes to. The key is not printed.
pub struct ApnsAccount {
    key: SigningKey,
    key_id: Box<str>,
    team_id: Box<str>,
    bundle_id: Box<str>,
}

/// Why an account cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidApnsAccount {
    /// The private key is none.
    #[error(
        "the key is not the .p8 file that Apple gives out: download it under Certificates, Identifiers & Profiles, Keys"
    )]
    Key,
    /// The name of the key or the team is none.
    #[error("the id of the key and that of the team have 10 letters and digits each")]
    Id,
    /// The name of the app is none.
    #[error("the bundle id is not that of an app: write it as com.example.app")]
    Bundle,
}

impl From<InvalidKey> for InvalidApnsAccount {
    fn from(_: InvalidKey) -> Self {
        Self::Key
    }
}

impl ApnsAccount {
    /// `key`: the text of the `.p8` file. `key_id`, `team_id`: ten characters each. `bundle_id`: of the app.
    ///
    /// # Errors
    /// [`InvalidApnsAccount`] when one of them is none.
    pub fn new(
        key: &Secret,
        key_id: &str,
        team_id: &str,
        bundle_id: &str,
    ) -> Result<Self, InvalidApnsAccount> {
        let is_id = |id: &str| id.len() == 10 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_id(key_id) || !is_id(team_id) {
            return Err(InvalidApnsAccount::Id);
        }
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
        if bundle_id.is_empty() || !bundle_id.bytes().all(is_part) {
            return Err(InvalidApnsAccount::Bundle);
        }
        let key = SigningKey::p256_pem(key.expose())?;
        Ok(Self { key, key_id: key_id.into(), team_id: team_id.into(), bundle_id: bundle_id.into() })
    }
}

/// Pushes to iOS apps.
pub struct Apns {
    http: HttpClient,
    account: ApnsAccount,
    server: ApnsServer,
    token: Mutex<Option<ProviderToken>>,
}

#[derive(Clone)]
struct ProviderToken {
    value: Secret,
    made_at: UnixSeconds,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    iat: u64,
}

impl Apns {
    /// Pushes by a client for known servers.
    #[must_use]
    pub const fn new(http: HttpClient, account: ApnsAccount, server: ApnsServer) -> Self {
        Self { http, account, server, token: Mutex::new(None) }
    }

    fn token(&self, now: UnixSeconds) -> Option<Secret> {
        let mut token = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back makes a token of the future, which Apple refuses.
        let is_good =
            |made_at: UnixSeconds| made_at <= now && now.0 < made_at.0.saturating_add(TOKEN_USED_FOR);
        if let Some(token) = token.as_ref().filter(|token| is_good(token.made_at)) {
            return Some(token.value.clone());
        }
        let claims = Claims { iss: &self.account.team_id, iat: now.0 };
        let value = Secret::new(self.account.key.token(Some(&self.account.key_id), &claims)?);
        *token = Some(ProviderToken { value: value.clone(), made_at: now });
        Some(value)
    }

    /// Forgets a token that Apple calls expired.
    fn refused(&self, refused: &Secret, now: UnixSeconds) {
        let mut token = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        let is_old = |made_at: UnixSeconds| made_at.0.saturating_add(YOUNGEST_RENEWED) <= now.0;
        if token
            .as_ref()
            .is_some_and(|token| token.value.expose() == refused.expose() && is_old(token.made_at))
        {
            *token = None;
        }
    }

    fn request(&self, push: &PushRequest<'_>, token: &Secret) -> Option<Request<Vec<u8>>> {
        let Address::Apns(device) = push.address else { return None };
        // A silent notification must have the lower priority.
        let (kind, priority, aps) = match push.kind {
            PushKind::QuestionWaits => {
                let alert =
                    json!({"title-loc-key": "IAMPASS_QUESTION_TITLE", "loc-key": "IAMPASS_QUESTION_WAITS"});
                ("alert", "10", json!({"alert": alert, "sound": "default", "mutable-content": 1}))
            }
            PushKind::Test => {
                let alert = json!({"title-loc-key": "IAMPASS_TEST_TITLE", "loc-key": "IAMPASS_TEST"});
                ("alert", "10", json!({"alert": alert, "sound": "default", "mutable-content": 1}))
            }
            PushKind::SessionChanged => ("background", "5", json!({"content-available": 1})),
        };
        let body = json!({"aps": aps, "iampass": 1, "kind": push.kind.as_str()});
        // Device tokens have letters and digits only; another character would change the path.
        let device = device.as_str();
        let is_path = device.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_path.then_some(())?;
        Request::post(format!("{}/3/device/{device}", self.server.url()))
            .header(AUTHORIZATION, format!("bearer {}", token.expose()))
            .header("apns-id", apns_id(push.id, push.topic.to_string().as_bytes()))
            .header("apns-topic", &*self.account.bundle_id)
            .header("apns-push-type", kind)
            .header("apns-priority", priority)
            .header("apns-expiration", push.expires_at().0)
            .header("apns-collapse-id", push.topic.to_string())
            .body(serde_json::to_vec(&body).ok()?)
            .ok()
    }
}

/// The same UUID for each attempt of a push.
fn apns_id(id: PushId, topic: &[u8]) -> String {
    let digest =
        aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &[&id.0.to_be_bytes(), topic].concat());
    let bytes: [u8; 16] = digest.as_ref().first_chunk().copied().unwrap_or_default();
    // Version 8 and the variant of RFC 9562.
    let value = u128::from_be_bytes(bytes) & !(0xf << 76) & !(0x3 << 62) | 8 << 76 | 2 << 62;
    let digits = format!("{value:032x}");
    let part = |from, to| digits.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

#[async_trait]
impl Push for Apns {
    async fn push(&self, push: &PushRequest<'_>) -> Result<(), PushError> {
        let token = self.token(push.now).ok_or(PushErrorKind::NotSendable)?;
        let request = self.request(push, &token).ok_or(PushErrorKind::NotSendable)?;
        let answer = self.http.send(request, push.now).await?;
        let Some(kind) = refusal(answer.status, &answer.body) else { return Ok(()) };
        if kind == PushErrorKind::TokenExpired {
            self.refused(&token, push.now);
        }
        Err(answer.error(kind))
    }
}

#[derive(Deserialize)]
struct Refusal {
    reason: String,
}

/// The meaning of an answer that is no success. `BadDeviceToken` comes for a whole fleet where the settings name the other of Apple's servers,
/// so it drops no subscription.
fn refusal(status: StatusCode, body: &[u8]) -> Option<PushErrorKind> {
    use PushErrorKind as K;
    if status.is_success() {
        return None;
    }
    let reason = serde_json::from_slice::<Refusal>(body).map(|refusal| refusal.reason).unwrap_or_default();
    Some(match (status.as_u16(), reason.as_str()) {
        (410, _) => K::Gone,
        (403, "ExpiredProviderToken") => K::TokenExpired,
        (401 | 403, _) => K::Unauthorized,
        (300..=399, _) => K::Redirected,
        (413, _) => K::TooLarge,
        (408 | 429 | 503, _) => K::Busy,
        (500..=599, _) => K::Broken,
        _ => K::Refused,
    })
}

impl fmt::Debug for Apns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Apns")
            .field("account", &self.account)
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ApnsAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApnsAccount")
            .field("key_id", &self.key_id)
            .field("team_id", &self.team_id)
            .field("bundle_id", &self.bundle_id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_mean_what_apple_says() {
        use PushErrorKind as K;
        let judged = |status: u16, reason: &str| {
            let body = json!({"reason": reason}).to_string();
            refusal(StatusCode::from_u16(status).unwrap(), body.as_bytes())
        };
        assert_eq!(judged(200, ""), None);
        for (status, reason, kind) in [
            (400, "BadDeviceToken", K::Refused),
            (400, "DeviceTokenNotForTopic", K::Refused),
            (403, "ExpiredProviderToken", K::TokenExpired),
            (403, "InvalidProviderToken", K::Unauthorized),
            (404, "BadPath", K::Refused),
            (410, "Unregistered", K::Gone),
            (410, "ExpiredToken", K::Gone),
            (413, "PayloadTooLarge", K::TooLarge),
            (429, "TooManyRequests", K::Busy),
            (429, "TooManyProviderTokenUpdates", K::Busy),
            (500, "InternalServerError", K::Broken),
            (503, "ServiceUnavailable", K::Busy),
        ] {
            assert_eq!(judged(status, reason), Some(kind), "{reason}");
        }
    }

    #[test]
    fn an_attempt_has_the_id_of_the_one_before() {
        let id = apns_id(PushId(7), b"topic");
        assert_eq!(id, apns_id(PushId(7), b"topic"));
        assert_ne!(id, apns_id(PushId(8), b"topic"));
        let lengths: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert!(id.split('-').nth(2).unwrap().starts_with('8'));
        assert!(id.split('-').nth(3).unwrap().starts_with(['8', '9', 'a', 'b']));
    }
}
