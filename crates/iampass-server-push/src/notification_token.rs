//! The notification token of a phone: where it wants to be pushed to, in one text.
//!
//! | text | means |
//! |---|---|
//! | `*…` | The phone asks by itself and is pushed to nowhere. |
//! | `webpush:` and a JSON object | A browser's subscription: what `PushSubscription.toJSON()` gives, and `applicationServerKey` besides. |
//! | `fcm:`, `apns:`, `webhook:` and a token | An app, or a phone behind the operator's gateway. |
//! | anything else | A token for somebody else's app. This service pushes nothing to it. |

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use iampass_core::Secret;
use iampass_server_domain::push::PushService;
use serde::{Deserialize, Serialize};

use crate::address::{Address, DeviceToken, InvalidSubscription, InvalidToken, WebSubscription};
use crate::endpoint::Reach;
use crate::web::{VapidKeyId, VapidKeys};

/// Where a phone wants to be pushed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotificationToken {
    /// Nowhere: it asks by itself.
    Polled,
    /// There.
    Push(Address),
    /// In a browser that subscribed for a key which is not this service's newest. It has to subscribe anew.
    OtherKey,
    /// To an app that is not this service's.
    Foreign,
}

/// Why a token means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidNotificationToken {
    /// The text after `webpush:`.
    #[error("webpush: is followed by the JSON of PushSubscription.toJSON(), and applicationServerKey in it")]
    NoSubscription,
    /// A part of the subscription.
    #[error(transparent)]
    Subscription(#[from] InvalidSubscription),
    /// An app's token.
    #[error(transparent)]
    Token(#[from] InvalidToken),
}

#[derive(Deserialize)]
struct Subscription {
    endpoint: String,
    keys: Keys,
    #[serde(rename = "applicationServerKey")]
    application_server_key: String,
}

#[derive(Deserialize)]
struct Keys {
    p256dh: String,
    auth: String,
}

impl NotificationToken {
    /// Reads a token that came from a phone.
    ///
    /// # Errors
    /// [`InvalidNotificationToken`] for a token with one of the prefixes that does not go on as it should.
    pub fn read(text: &str, keys: &VapidKeys, reach: Reach) -> Result<Self, InvalidNotificationToken> {
        if text.starts_with('*') {
            return Ok(Self::Polled);
        }
        let Some((service, rest)) = PushService::of_token(text) else { return Ok(Self::Foreign) };
        let token = || DeviceToken::new(rest);
        Ok(Self::Push(match service {
            PushService::Web => {
                let read: Subscription =
                    serde_json::from_str(rest).map_err(|_| InvalidNotificationToken::NoSubscription)?;
                let newest = keys.newest();
                let subscription = WebSubscription::new(
                    &read.endpoint,
                    &read.keys.p256dh,
                    &read.keys.auth,
                    newest.id(),
                    reach,
                )?;
                if read.application_server_key.trim_end_matches('=') != newest.public_key() {
                    return Ok(Self::OtherKey);
                }
                Address::Web(subscription)
            }
            PushService::Fcm => Address::Fcm(token()?),
            PushService::Apns => Address::Apns(token()?),
            PushService::Webhook => Address::Webhook(token()?),
        }))
    }
}

/// An address as it is stored.
#[derive(Serialize, Deserialize)]
enum Stored {
    Web { endpoint: String, p256dh: String, auth: String, key: String },
    Fcm(String),
    Apns(String),
    Webhook(String),
}

/// The stored text is no address that may be pushed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what is stored of a phone is no address that may be pushed to")]
pub struct InvalidStoredAddress;

impl Address {
    /// The text to store, sealed. None when it cannot be written down.
    #[must_use]
    pub fn to_stored(&self) -> Option<Secret> {
        let token = |token: &DeviceToken| token.as_str().to_owned();
        let stored = match self {
            Self::Web(web) => Stored::Web {
                endpoint: web.endpoint.as_str().to_owned(),
                p256dh: URL_SAFE_NO_PAD.encode(web.p256dh),
                auth: URL_SAFE_NO_PAD.encode(web.auth),
                key: web.vapid_key.to_string(),
            },
            Self::Fcm(device) => Stored::Fcm(token(device)),
            Self::Apns(device) => Stored::Apns(token(device)),
            Self::Webhook(device) => Stored::Webhook(token(device)),
        };
        serde_json::to_string(&stored).ok().map(Secret::new)
    }

    /// The address from its stored text. It is checked again: what may be reached may have been narrowed since.
    ///
    /// # Errors
    /// [`InvalidStoredAddress`].
    pub fn from_stored(text: &Secret, reach: Reach) -> Result<Self, InvalidStoredAddress> {
        let stored: Stored = serde_json::from_str(text.expose()).map_err(|_| InvalidStoredAddress)?;
        let token = |token: String| DeviceToken::new(&token).map_err(|_| InvalidStoredAddress);
        Ok(match stored {
            Stored::Web { endpoint, p256dh, auth, key } => {
                let key = VapidKeyId::of_text(&key).ok_or(InvalidStoredAddress)?;
                let web = WebSubscription::new(&endpoint, &p256dh, &auth, key, reach);
                Self::Web(web.map_err(|_| InvalidStoredAddress)?)
            }
            Stored::Fcm(device) => Self::Fcm(token(device)?),
            Stored::Apns(device) => Self::Apns(token(device)?),
            Stored::Webhook(device) => Self::Webhook(token(device)?),
        })
    }

    /// The key of this service that it was made for; browsers have one.
    #[must_use]
    pub fn vapid_key(&self) -> Option<VapidKeyId> {
        match self {
            Self::Web(web) => Some(web.vapid_key),
            Self::Fcm(_) | Self::Apns(_) | Self::Webhook(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::VapidKey;
    use serde_json::json;

    const POINT: &str =
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";

    fn keys() -> VapidKeys {
        VapidKeys::new(VapidKey::generate().unwrap())
    }

    fn web(endpoint: &str, key: &str) -> String {
        let subscription = json!({
            "endpoint": endpoint, "expirationTime": null, "keys": {"p256dh": POINT, "auth": "BTBZMqHH6r4Tts7J_aSIgg"},
            "applicationServerKey": key,
        });
        format!("webpush:{subscription}")
    }

    #[test]
    fn a_subscription_is_read_and_stored() {
        let keys = keys();
        let text = web("https://push.example/a", &keys.newest().public_key());
        let NotificationToken::Push(address) = NotificationToken::read(&text, &keys, Reach::Public).unwrap()
        else {
            panic!("{text}")
        };
        assert_eq!(address.vapid_key(), Some(keys.newest().id()));
        let stored = address.to_stored().unwrap();
        assert_eq!(Address::from_stored(&stored, Reach::Public), Ok(address));
    }

    #[test]
    fn a_subscription_for_an_older_key_has_to_be_made_anew() {
        let old = keys();
        let text = web("https://push.example/a", &old.newest().public_key());
        let keys = old.rotated(VapidKey::generate().unwrap());
        assert_eq!(NotificationToken::read(&text, &keys, Reach::Public), Ok(NotificationToken::OtherKey));
    }

    #[test]
    fn apps_have_prefixes_and_other_tokens_mean_nothing() {
        let read = |text: &str| NotificationToken::read(text, &keys(), Reach::Public);
        for (text, service) in [
            ("fcm:a:b", PushService::Fcm),
            ("apns:00fc", PushService::Apns),
            ("webhook:1", PushService::Webhook),
        ] {
            let Ok(NotificationToken::Push(address)) = read(text) else { panic!("{text}") };
            assert_eq!(address.service(), service);
            let stored = address.to_stored().unwrap();
            assert_eq!(Address::from_stored(&stored, Reach::Public), Ok(address));
        }
        assert_eq!(read("*browser"), Ok(NotificationToken::Polled));
        for foreign in ["f1:APA91b", "00fc13", "https://push.example/a"] {
            assert_eq!(read(foreign), Ok(NotificationToken::Foreign), "{foreign}");
        }
    }

    #[test]
    fn what_leads_inside_is_refused_and_not_taken_back_from_the_store() {
        use InvalidNotificationToken as I;
        let keys = keys();
        let inside = web("https://169.254.169.254/latest", &keys.newest().public_key());
        let read = |text: &str, reach| NotificationToken::read(text, &keys, reach);
        assert!(matches!(read(&inside, Reach::Public), Err(I::Subscription(_))));
        let Ok(NotificationToken::Push(address)) = read(&inside, Reach::Everywhere) else { panic!() };
        let stored = address.to_stored().unwrap();
        assert_eq!(Address::from_stored(&stored, Reach::Public), Err(InvalidStoredAddress));
        assert_eq!(read("webpush:{}", Reach::Public), Err(I::NoSubscription));
        assert!(matches!(read("fcm:", Reach::Public), Err(I::Token(_))));
    }
}
