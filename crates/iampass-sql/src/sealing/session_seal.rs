//! The sealed part of a session, and the fields that it is bound to.

use iampass_core::port::{BoxError, SessionRecord, StoreError, StoreErrorKind};
use iampass_core::{Secret, Server, ServiceUrl, Session, SessionToken, UnixSeconds, UserToken};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::KeyRing;

/// The first byte of a seal. Another way of sealing gets another number.
const VERSION: u8 = 1;

/// The sealed part of a session, with the name of the key that sealed it.
pub(crate) struct SealedSession {
    pub(crate) bytes: Vec<u8>,
    pub(crate) key_id: String,
}

/// The part of a row that everybody who has the database can read, and that changes only together with the seal (`set_user`). A seal opens only with the very same, so
/// that it cannot be moved to another session or another user.
pub(crate) struct OpenPart {
    pub(crate) token: SessionToken,
    pub(crate) user: UserToken,
    pub(crate) started_at: UnixSeconds,
    pub(crate) expires_at: UnixSeconds,
}

#[derive(Serialize)]
struct Plain<'a> {
    #[serde(serialize_with = "Secret::serialize_exposed")]
    secret: &'a Secret,
    status_url: &'a str,
    logout_url: &'a str,
    /// Absent where the service has none, so that a seal is what it was before there were any.
    #[serde(skip_serializing_if = "Option::is_none")]
    status_stream_url: Option<&'a str>,
}

#[derive(Deserialize)]
struct Opened {
    secret: Secret,
    status_url: String,
    logout_url: String,
    #[serde(default)]
    status_stream_url: Option<String>,
}

impl SealedSession {
    /// Seals a session with the first key of the ring.
    pub(crate) fn seal(record: &SessionRecord, ring: &KeyRing) -> Result<Self, StoreError> {
        let session = &record.session;
        let plain = Plain {
            secret: session.secret(),
            status_url: session.status_url().as_str(),
            logout_url: session.logout_url().as_str(),
            status_stream_url: session.status_stream_url().map(ServiceUrl::as_str),
        };
        let failed = |source: BoxError| StoreError::new(StoreErrorKind::Other).with_source(source);
        let plain = Zeroizing::new(serde_json::to_vec(&plain).map_err(|error| failed(error.into()))?);
        let bound_to = bound_to(session.token(), &record.user, record.started_at, record.expires_at);
        let key = ring.sealing_key();
        let sealed =
            key.seal(&plain, &bound_to).ok_or_else(|| failed("the session could not be sealed".into()))?;
        Ok(Self { bytes: [&[VERSION], &sealed[..]].concat(), key_id: key.id().to_owned() })
    }

    /// Opens a seal. Nothing of it is in the error.
    pub(crate) fn open(
        &self,
        part: OpenPart,
        ring: &KeyRing,
        server: &Server,
    ) -> Result<SessionRecord, StoreError> {
        let unreadable = |why: &'static str| StoreError::new(StoreErrorKind::Unreadable).with_source(why);
        let sealed = match self.bytes.split_first() {
            Some((&VERSION, sealed)) => sealed,
            _ => return Err(unreadable("the session was sealed by another version")),
        };
        let key = ring
            .key(&self.key_id)
            .ok_or_else(|| unreadable("the key that sealed the session is not in the ring"))?;
        let bound_to = bound_to(&part.token, &part.user, part.started_at, part.expires_at);
        let plain = key.open(sealed, &bound_to).ok_or_else(|| unreadable("the session's seal is damaged"))?;
        let plain: Opened =
            serde_json::from_slice(&plain).map_err(|_| unreadable("the session is not one"))?;
        let session = Session::new(part.token, plain.secret, &plain.status_url, &plain.logout_url, server)
            .map_err(|_| unreadable("the session is another service's"))?
            .with_status_stream(plain.status_stream_url.as_deref(), server);
        Ok(SessionRecord::new(session, part.user, part.started_at, part.expires_at))
    }
}

/// Each text with its length before it, so that no two rows give the same bytes.
fn bound_to(
    token: &SessionToken,
    user: &UserToken,
    started_at: UnixSeconds,
    expires_at: UnixSeconds,
) -> Vec<u8> {
    let mut bytes = b"iampass session".to_vec();
    for text in [token.as_str(), user.as_str()] {
        bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    for time in [started_at, expires_at] {
        // No column holds a later one.
        bytes.extend_from_slice(&time.0.min(i64::MAX.unsigned_abs()).to_be_bytes());
    }
    bytes
}
