//! [`verify`]: whether an event comes from the service, and was sent just now.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::{HeaderMap, HeaderName};
use subtle::{Choice, ConstantTimeEq as _};

use super::event::{Event, EventBody};
use super::secret::EventSecret;
use super::signature::{EVENT_ID, EVENT_SIGNATURE, EVENT_TIMESTAMP, SYMMETRIC, computed};
use crate::UnixSeconds;

/// How far the time of an attempt may be from now, either way.
pub const TOLERANCE: Duration = Duration::from_secs(300);
/// The longest body that is read, in bytes.
pub const LONGEST_EVENT: usize = 64 * 1_024;
/// Signatures of one event that are looked at.
const MOST_SIGNATURES: usize = 8;

/// The headers of an event.
#[derive(Clone, Copy, Debug)]
pub struct EventHeaders<'a> {
    /// The value of [`EVENT_ID`].
    pub id: &'a str,
    /// The value of [`EVENT_TIMESTAMP`].
    pub timestamp: &'a str,
    /// The value of [`EVENT_SIGNATURE`].
    pub signature: &'a str,
}

impl<'a> EventHeaders<'a> {
    /// Takes them from all headers of a request.
    ///
    /// # Errors
    /// [`RefusedEvent::MissingHeader`] when one is missing, comes twice, or is no text.
    pub fn of(headers: &'a HeaderMap) -> Result<Self, RefusedEvent> {
        let only = |name: &HeaderName, word| {
            let mut values = headers.get_all(name).iter();
            match (values.next().and_then(|value| value.to_str().ok()), values.next()) {
                (Some(value), None) => Ok(value),
                _ => Err(RefusedEvent::MissingHeader(word)),
            }
        };
        Ok(Self {
            id: only(&EVENT_ID, "webhook-id")?,
            timestamp: only(&EVENT_TIMESTAMP, "webhook-timestamp")?,
            signature: only(&EVENT_SIGNATURE, "webhook-signature")?,
        })
    }
}

/// Why something that came to an endpoint is no event. It holds nothing of what came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RefusedEvent {
    /// A header is missing, comes twice, or is no text.
    #[error("the header {0} is missing, comes twice, or is no text")]
    MissingHeader(&'static str),
    /// A header cannot be that of an event.
    #[error("the header {0} is not that of an event")]
    BadHeader(&'static str),
    /// The attempt was made too long ago, or is to be made later: it was copied, or a clock is wrong.
    #[error("the attempt was made more than five minutes from now: check both clocks")]
    NotNow,
    /// No signature is by one of the secrets: it comes from somebody else, or was changed on its way, or the secret is another one.
    #[error("no signature is by the secret of this endpoint: take the body as it came, and check the secret")]
    NotSigned,
    /// It is signed, and its body is not that of an event.
    #[error("it is signed, and its body is not that of an event")]
    Malformed,
}

/// Verifies an event. `secrets` are those of the endpoint: two while one is being replaced. `body` is what came, byte for byte, before it is parsed.
///
/// Nothing of the body is read before its signature is found to be good. All secrets are held against all signatures, each in constant time.
///
/// # Errors
/// [`RefusedEvent`]. Answer with a status of 400 to 499, and do nothing.
pub fn verify(
    secrets: &[EventSecret],
    headers: &EventHeaders<'_>,
    body: &[u8],
    now: UnixSeconds,
) -> Result<Event, RefusedEvent> {
    let EventHeaders { id, timestamp, signature } = *headers;
    if body.len() > LONGEST_EVENT {
        return Err(RefusedEvent::Malformed);
    }
    // With a full stop in it, an id could take over a part of what follows it.
    if id.is_empty() || id.contains('.') {
        return Err(RefusedEvent::BadHeader("webhook-id"));
    }
    let at: Option<UnixSeconds> = timestamp.parse().ok().map(UnixSeconds);
    // Only the one spelling of a number is that number.
    let Some(at) = at.filter(|at| at.to_string() == timestamp) else {
        return Err(RefusedEvent::BadHeader("webhook-timestamp"));
    };
    if at.0.abs_diff(now.0) > TOLERANCE.as_secs() {
        return Err(RefusedEvent::NotNow);
    }
    // Signatures of other ways of signing may stand beside those.
    let presented = signature.split(' ').filter_map(|one| one.strip_prefix(SYMMETRIC));
    let presented = presented.filter_map(|one| BASE64.decode(one).ok()).take(MOST_SIGNATURES);
    let presented: Vec<Vec<u8>> = presented.collect();
    let mut is_signed = Choice::from(0);
    for secret in secrets {
        let computed = computed(secret, id, timestamp, body);
        for presented in &presented {
            is_signed |= computed.as_slice().ct_eq(presented);
        }
    }
    if !bool::from(is_signed) {
        return Err(RefusedEvent::NotSigned);
    }
    let body: EventBody = serde_json::from_slice(body).map_err(|_| RefusedEvent::Malformed)?;
    body.read(id).ok_or(RefusedEvent::Malformed)
}

#[cfg(test)]
mod tests;
