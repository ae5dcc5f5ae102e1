//! The call by which a phone says that it is near or away, as a request to be signed \[X\].
//!
//! Belongs here: method, URL and body. Does not belong here: how a phone finds out whether it is near, and how often it says so.

use std::time::Duration;

use http::Method;
use iampass_core::UnixSeconds;
use iampass_core::wire::{PhoneChange, PhonePresence};

use crate::call::ToSign;
use crate::calls::{by_phone, changing, json};
use crate::{PhoneError, Registration};

/// How far ahead of the phone's clock a word is signed, at most.
const MOST_AHEAD: Duration = Duration::from_secs(60);

/// The time at which a word is to be signed, after one that was signed at `last`. Words count in the order in which they are signed, and between two of one
/// second `away` counts: a phone that is near again is so in the next second.
///
/// ```
/// use iampass_core::UnixSeconds;
/// use iampass_core::wire::PhonePresence;
/// use iampass_phone::presence_calls::sign_at;
///
/// let (near, away) = (PhonePresence::Near { seconds: 90, session_id: None }, PhonePresence::Away { session_id: None });
/// let now = UnixSeconds(1_764_000_000);
/// assert_eq!(sign_at(&near, now, now), UnixSeconds(1_764_000_001));
/// assert_eq!(sign_at(&away, now, now), now);
/// ```
#[must_use]
pub fn sign_at(word: &PhonePresence, last: UnixSeconds, now: UnixSeconds) -> UnixSeconds {
    let next = match word {
        PhonePresence::Near { .. } => last.plus(Duration::from_secs(1)),
        _ => last,
    };
    // A clock that was set back is not followed into the future.
    if next <= now.plus(MOST_AHEAD) { next.max(now) } else { now }
}

/// `POST presence_url`, which [`read_presence_url`](crate::answers::read_presence_url) finds in the answer of
/// [`active_sessions`](crate::calls::active_sessions): the phone is near for a while, or away.
///
/// ```
/// use iampass_core::wire::PhonePresence;
/// # use iampass_core::{Draw, RegistrationLink, UnixSeconds};
/// # use iampass_phone::{Registration, presence_calls};
/// # let link = RegistrationLink::parse("https://login.example/r/abc")?;
/// # let urls = serde_json::json!({"active_sessions": "https://login.example/d/a", "device_configuration": "https://login.example/d/c",
/// #     "device_unregister": "https://login.example/d/u", "pending_requests": "https://login.example/d/p", "training_data": "x"});
/// # let record = serde_json::from_value(serde_json::json!({"user": {"user_id": "u"}, "device": {"device_id": "D", "device_secret": "s"},
/// #     "service": {"service_id": "APP", "service_secret": "s", "service_urls": urls}}))?;
/// # let registration = Registration::new(&link, record, None)?;
/// # let (nonce, now) = (Draw::from_bytes([7; 16]).nonce(), UnixSeconds(1_764_000_000));
///
/// let word = PhonePresence::Near { seconds: 90, session_id: None };
/// let call = presence_calls::say(&registration, "https://login.example/d/presence", &word, now)?.finish(None)?;
/// assert_eq!(call.request(nonce, now).body(), br#"{"presence":"near","seconds":90}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// It is signed at `at`, which [`sign_at`] gives, or later.
///
/// # Errors
/// [`PhoneError::RefusedUrl`].
pub fn say(
    registration: &Registration,
    presence_url: &str,
    word: &PhonePresence,
    at: UnixSeconds,
) -> Result<ToSign, PhoneError> {
    let name = "presence";
    let call =
        by_phone(registration, name, Method::POST, presence_url)?.with_body(json(name, word)?).not_before(at);
    changing(registration, call, PhoneChange::Presence(word.clone()), at)
}
