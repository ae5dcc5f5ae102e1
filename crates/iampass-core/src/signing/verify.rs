//! Checking a signature: the service's side.
//!
//! Order matters. The signature is checked before the time and the time before the nonce, so that only who holds the
//! secret learns about clocks, and only they can fill the replay window.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::header::HeaderMap;
use subtle::{Choice, ConstantTimeEq as _};

use super::nonce::{Nonce, canonical_decimal};
use super::sign::{AUTHENTICATION, SIGNATURE_BYTES, TIMESTAMP, one_time_mac};
use super::url_form::is_unambiguous;
use crate::{Secret, UnixSeconds};
use hmac::Mac as _;

/// How far a timestamp may lie from the verifier's clock, either way, unless set otherwise: 300 s \[X\].
pub const DEFAULT_WINDOW: Duration = Duration::from_secs(300);

/// The timestamp's header as the documentation spells it \[D\].
const TIMESTAMP_AS_DOCUMENTED: &str = "x-iampass-authentiaction-timestamp";

/// Why a request was refused, for the log and for the answer; none of it is secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The request is not signed at all.
    #[error("the request is not signed: the header {header} is missing")]
    Missing {
        /// The header that was looked for.
        header: &'static str,
    },
    /// The headers cannot be read, or the URL is one that the signature does not pin down.
    #[error("the signature cannot be read: {what}")]
    Malformed {
        /// The defect.
        what: &'static str,
    },
    /// No signer has this id. To be answered after [`Presented::verify_unknown_id`], which takes as long as a real check.
    #[error("the id that signed the request is not known")]
    UnknownId,
    /// The secret is another one, or the URL is.
    #[error("the signature does not match: another secret, or another URL, was signed")]
    BadSignature,
    /// Signed too long ago.
    #[error("the timestamp is {} s old, and {} s are allowed: check the caller's clock", .by.as_secs(), .window.as_secs())]
    TooOld {
        /// Its age.
        by: Duration,
        /// The age that is allowed.
        window: Duration,
    },
    /// Signed in the future.
    #[error("the timestamp is {} s ahead, and {} s are allowed: check the caller's clock", .by.as_secs(), .window.as_secs())]
    TooNew {
        /// How far ahead it is.
        by: Duration,
        /// How far ahead is allowed.
        window: Duration,
    },
    /// The nonce has been used before.
    #[error("the nonce was used before: sign every request anew")]
    Replayed,
    /// The clock of the verifier was set back to a time of which nonces have been forgotten, so that a replay could not be told.
    #[error(
        "the clock of the service was set back, and a request signed at this time could be a replay: try again later"
    )]
    ClockSetBack,
    /// There is no room to remember the nonce, so it cannot be accepted.
    #[error("too many requests within the time window: try again later")]
    WindowFull,
}

impl Refusal {
    /// The reason code that goes into the answer's `reason` \[X\].
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "SIGNATURE_MISSING",
            Self::Malformed { .. } => "SIGNATURE_MALFORMED",
            Self::UnknownId => "UNKNOWN_ID",
            Self::BadSignature => "BAD_SIGNATURE",
            Self::TooOld { .. } => "TIMESTAMP_TOO_OLD",
            Self::TooNew { .. } => "TIMESTAMP_TOO_NEW",
            Self::Replayed => "NONCE_REPLAYED",
            Self::WindowFull => "TOO_MANY_REQUESTS",
            Self::ClockSetBack => "UNAVAILABLE",
        }
    }

    /// The HTTP status of the answer: 401 for a missing or bad signature, 403 for a time outside the window or a nonce
    /// used before \[X\], 429 where there is no room to remember one, 503 where the clock of the service was set back.
    #[must_use]
    pub const fn http_status(&self) -> u16 {
        match self {
            Self::Missing { .. } | Self::Malformed { .. } | Self::UnknownId | Self::BadSignature => 401,
            Self::TooOld { .. } | Self::TooNew { .. } | Self::Replayed => 403,
            Self::WindowFull => 429,
            Self::ClockSetBack => 503,
        }
    }
}

/// The signature in the headers of a request, not yet checked.
///
/// Reading and checking are two steps, because the secret has to be looked up by the id in between.
///
/// ```
/// use iampass_core::signing::{DEFAULT_WINDOW, Nonce, Presented, Refusal, Signer};
/// use iampass_core::{Secret, UnixSeconds};
///
/// let secret = Secret::new("0123456789ABCDEFGHIJKLMN");
/// let mut headers = http::HeaderMap::new();
/// Signer { id: "ABCD", secret: &secret }
///     .sign("https://login.example/a?b=c", Nonce::new(42), UnixSeconds(1_700_000_000))
///     .insert_into(&mut headers);
///
/// let presented = Presented::from_headers(&headers)?;
/// assert_eq!(presented.id(), "ABCD");
/// presented.verify(&secret, &["login.example/a?b=c"], UnixSeconds(1_700_000_007), DEFAULT_WINDOW)?;
/// # Ok::<(), Refusal>(())
/// ```
#[derive(Clone)]
#[must_use = "nothing has been checked yet"]
pub struct Presented<'a> {
    id: &'a str,
    nonce: Nonce,
    /// As it is signed, with leading zeros.
    nonce_text: &'a str,
    signature: [u8; SIGNATURE_BYTES],
    timestamp: UnixSeconds,
}

impl<'a> Presented<'a> {
    /// Reads the headers, in every spelling that is in use. The id is taken up to the second `:` from the right, so it
    /// may hold some itself \[P\]. The version is never needed \[X\].
    ///
    /// # Errors
    /// [`Refusal::Missing`] or [`Refusal::Malformed`]. A header that is there twice is malformed: two readers might
    /// pick different ones.
    pub fn from_headers(headers: &'a HeaderMap) -> Result<Self, Refusal> {
        let authentication = only_value(headers, AUTHENTICATION.as_str())?
            .ok_or(Refusal::Missing { header: "Authentication" })?;
        let timestamp =
            match (only_value(headers, TIMESTAMP.as_str())?, only_value(headers, TIMESTAMP_AS_DOCUMENTED)?) {
                (Some(one), Some(other)) if one != other => {
                    return Err(malformed("the timestamp is there in two spellings that differ"));
                }
                (Some(timestamp), _) | (None, Some(timestamp)) => timestamp,
                (None, None) => {
                    return Err(Refusal::Missing { header: "X-IAMPASS-Authentication-Timestamp" });
                }
            };

        let (scheme, credentials) = authentication
            .split_once(' ')
            .ok_or(malformed("Authentication is not `hmac <id>:<nonce>:<signature>`"))?;
        if !scheme.eq_ignore_ascii_case("hmac") {
            return Err(malformed("Authentication does not begin with `hmac `"));
        }
        let mut from_the_right = credentials.rsplitn(3, ':');
        let (Some(signature), Some(nonce), Some(id)) =
            (from_the_right.next(), from_the_right.next(), from_the_right.next())
        else {
            return Err(malformed("Authentication is not `hmac <id>:<nonce>:<signature>`"));
        };
        if id.is_empty() {
            return Err(malformed("the id is empty"));
        }
        Ok(Self {
            id,
            nonce: Nonce::parse(nonce)
                .ok_or(malformed("the nonce is not a plain decimal number below 2^64"))?,
            nonce_text: nonce,
            signature: read_signature(signature)?,
            timestamp: canonical_decimal(timestamp)
                .map(UnixSeconds)
                .ok_or(malformed("the timestamp is not a plain decimal number of seconds"))?,
        })
    }

    /// The id of the claimed signer.
    #[must_use]
    pub fn id(&self) -> &'a str {
        self.id
    }

    /// The nonce, for the [`super::ReplayWindow`].
    #[must_use]
    pub fn nonce(&self) -> Nonce {
        self.nonce
    }

    /// When it claims to have been signed.
    #[must_use]
    pub fn timestamp(&self) -> UnixSeconds {
        self.timestamp
    }

    /// Checks signature and time; the nonce is the caller's next step.
    ///
    /// `urls` are the ways in which the caller may rightly have written the request's URL, each without its scheme
    /// (`host[:port]/path?query`): behind a proxy the service is known by a name of its own and by a public one. Take
    /// them from the request itself, never from the signature. Both the form without a scheme \[P\] and the one with `https://` or
    /// `http://` \[D\] are accepted.
    ///
    /// # Errors
    /// [`Refusal::Malformed`], [`Refusal::BadSignature`], [`Refusal::TooOld`] or [`Refusal::TooNew`].
    pub fn verify(
        &self,
        secret: &Secret,
        urls: &[&str],
        now: UnixSeconds,
        window: Duration,
    ) -> Result<(), Refusal> {
        if !urls.iter().all(|url| is_unambiguous(url)) {
            return Err(malformed(
                "the URL holds `://` in its path or query, where a signature does not protect it",
            ));
        }
        // A secret that is not there must not be guessable as the empty one.
        if secret.is_empty() || !self.is_signed_by(secret, urls) {
            return Err(Refusal::BadSignature);
        }
        let (age, lead) = (now.since(self.timestamp), self.timestamp.since(now));
        if age > window {
            return Err(Refusal::TooOld { by: age, window });
        }
        if lead > window {
            return Err(Refusal::TooNew { by: lead, window });
        }
        Ok(())
    }

    /// Spends the time of a real check and says [`Refusal::UnknownId`], so that ids cannot be told apart by the clock.
    #[must_use]
    pub fn verify_unknown_id(&self, urls: &[&str]) -> Refusal {
        let _ = std::hint::black_box(self.is_signed_by(&Secret::new("no such id"), urls));
        Refusal::UnknownId
    }

    fn is_signed_by(&self, secret: &Secret, urls: &[&str]) -> bool {
        const SCHEMES: [&str; 3] = ["", "https://", "http://"];
        let mut timestamp = itoa::Buffer::new();
        let (nonce, timestamp) = (self.nonce_text, timestamp.format(self.timestamp.0));
        let keyed = one_time_mac(secret, nonce.as_bytes());
        // The form that nearly all callers sign comes first; which form matched is no secret.
        SCHEMES.iter().any(|scheme| {
            urls.iter().any(|url| {
                let tag = keyed
                    .clone()
                    .chain_update(nonce.as_bytes())
                    .chain_update(scheme)
                    .chain_update(url)
                    .chain_update(timestamp.as_bytes())
                    .finalize()
                    .into_bytes();
                let same: Choice =
                    tag.first_chunk::<SIGNATURE_BYTES>().map_or(0.into(), |tag| tag.ct_eq(&self.signature));
                same.into()
            })
        })
    }
}

/// Until its nonce is remembered, a signature is good for every holder: it is not printed.
impl fmt::Debug for Presented<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presented")
            .field("id", &self.id)
            .field("timestamp", &self.timestamp)
            .finish_non_exhaustive()
    }
}

const fn malformed(what: &'static str) -> Refusal {
    Refusal::Malformed { what }
}

fn only_value<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Refusal> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(malformed("a header of the signature is there more than once"));
    }
    value.to_str().map(Some).map_err(|_| malformed("a header of the signature is not plain ASCII"))
}

/// Standard alphabet, padded, 16 bytes, and no other spelling of them.
fn read_signature(base64: &str) -> Result<[u8; SIGNATURE_BYTES], Refusal> {
    let unreadable = malformed("the signature is not 16 bytes in padded base64");
    BASE64.decode(base64).map_err(|_| unreadable)?.try_into().map_err(|_| unreadable)
}

#[cfg(test)]
mod tests;
