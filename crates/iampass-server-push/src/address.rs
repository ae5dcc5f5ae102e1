//! [`Address`]: where a phone is pushed to.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use iampass_server_domain::push::PushService;

use crate::endpoint::{Endpoint, InvalidEndpoint, Reach};
use crate::public_key::is_public_key;
use crate::web::VapidKeyId;

/// The longest token of an app, in bytes.
pub const LONGEST_TOKEN: usize = 1_024;

/// Where a phone is pushed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A browser's subscription.
    Web(WebSubscription),
    /// An Android app's registration token.
    Fcm(DeviceToken),
    /// An iOS app's device token.
    Apns(DeviceToken),
    /// The name by which the operator's gateway knows the phone.
    Webhook(DeviceToken),
}

impl Address {
    /// The way there.
    #[must_use]
    pub const fn service(&self) -> PushService {
        match self {
            Self::Web(_) => PushService::Web,
            Self::Fcm(_) => PushService::Fcm,
            Self::Apns(_) => PushService::Apns,
            Self::Webhook(_) => PushService::Webhook,
        }
    }

    /// The server that takes it: pushes to one server share its slots in the queue.
    #[must_use]
    pub fn server(&self) -> &str {
        match self {
            Self::Web(subscription) => subscription.endpoint.origin(),
            other => other.service().as_str(),
        }
    }
}

/// The contents of a browser's `PushSubscription`, and the key of this service that it was made for.
#[derive(Clone, PartialEq, Eq)]
pub struct WebSubscription {
    /// Where messages go.
    pub endpoint: Endpoint,
    /// The browser's public key: an uncompressed point on P-256.
    pub p256dh: [u8; 65],
    /// The secret that authenticates messages to the browser.
    pub auth: [u8; 16],
    /// The `applicationServerKey` that it was made for. Messages have to be signed with it.
    pub vapid_key: VapidKeyId,
}

/// Why something is no subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSubscription {
    /// The URL.
    #[error(transparent)]
    Endpoint(#[from] InvalidEndpoint),
    /// The browser's public key.
    #[error("p256dh is not a public key on P-256: pass on what PushSubscription.toJSON() gives")]
    PublicKey,
    /// The browser's secret.
    #[error("auth is not 16 bytes in base64url: pass on what PushSubscription.toJSON() gives")]
    Secret,
}

impl WebSubscription {
    /// From what `PushSubscription.toJSON()` gives.
    ///
    /// # Errors
    /// [`InvalidSubscription`] when one of its parts is none. Whether `p256dh` lies on the curve is looked at here, so that a subscription
    /// that could never be written to is not stored.
    pub fn new(
        endpoint: &str,
        p256dh: &str,
        auth: &str,
        vapid_key: VapidKeyId,
        reach: Reach,
    ) -> Result<Self, InvalidSubscription> {
        use InvalidSubscription as I;
        let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok();
        let endpoint = Endpoint::new(endpoint, reach)?;
        let p256dh: [u8; 65] = decoded(p256dh).and_then(|key| key.try_into().ok()).ok_or(I::PublicKey)?;
        if !is_public_key(&p256dh) {
            return Err(I::PublicKey);
        }
        let auth = decoded(auth).and_then(|auth| auth.try_into().ok()).ok_or(I::Secret)?;
        Ok(Self { endpoint, p256dh, auth, vapid_key })
    }
}

impl fmt::Debug for WebSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSubscription").field("vapid_key", &self.vapid_key).finish_non_exhaustive()
    }
}

/// By which a push service knows an app on a phone. It is not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceToken(Box<str>);

/// Something is no device token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the token has 1 to 1024 characters of A-Z, a-z, 0-9 and - _ : . = / +")]
pub struct InvalidToken;

impl DeviceToken {
    /// Checks a token that came from a phone. Its characters can change no URL and no header of the request that it ends up in.
    ///
    /// # Errors
    /// [`InvalidToken`] when it is empty, too long, or holds another character.
    pub fn new(text: &str) -> Result<Self, InvalidToken> {
        let is_good = !text.is_empty()
            && text.len() <= LONGEST_TOKEN
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_:.=/+".contains(&byte));
        if is_good { Ok(Self(text.into())) } else { Err(InvalidToken) }
    }

    /// All of it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for DeviceToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceToken(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str =
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

    fn subscription(p256dh: &str, auth: &str) -> Result<WebSubscription, InvalidSubscription> {
        WebSubscription::new(
            "https://push.example/secret",
            p256dh,
            auth,
            VapidKeyId::from_bytes([0; 8]),
            Reach::Public,
        )
    }

    #[test]
    fn a_browser_s_subscription_is_read_with_and_without_padding() {
        assert!(subscription(KEY, AUTH).is_ok());
        assert!(subscription(&format!("{KEY}="), &format!("{AUTH}==")).is_ok());
    }

    #[test]
    fn keys_that_are_none_are_refused() {
        let off_the_curve = format!("{}5", &KEY[..KEY.len() - 1]).replace("CVx", "CVy");
        for key in ["", "BA", &off_the_curve, &"A".repeat(87), "ä"] {
            assert_eq!(subscription(key, AUTH), Err(InvalidSubscription::PublicKey), "{key}");
        }
        for auth in ["", "AAAA", &format!("{AUTH}AA"), "+/+/+/+/+/+/+/+/+/+/+w"] {
            assert_eq!(subscription(KEY, auth), Err(InvalidSubscription::Secret), "{auth}");
        }
    }

    #[test]
    fn a_token_cannot_change_the_request() {
        for token in ["", "a b", "a?b", "a#b", "a%2fb", "a\r\nb", "a\"b", "ä", &"a".repeat(1_025)] {
            assert_eq!(DeviceToken::new(token), Err(InvalidToken), "{token}");
        }
        assert!(DeviceToken::new("f1:APA91b-_x").is_ok());
    }

    #[test]
    fn nothing_of_a_phone_is_printed() {
        let web = Address::Web(subscription(KEY, AUTH).unwrap());
        let fcm = Address::Fcm(DeviceToken::new("tok3n").unwrap());
        let printed = format!("{web:?} {fcm:?}");
        for secret in ["secret", "push.example", "tok3n", AUTH] {
            assert!(!printed.contains(secret), "{printed}");
        }
    }
}
