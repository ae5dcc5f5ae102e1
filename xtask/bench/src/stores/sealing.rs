//! Sealing as the stores do it, by hand: so that the references read and write the same rows. Belongs here: a record ↔ its sealed
//! bytes, and how long that takes by itself, which is taken off both sides. Does not belong here: SQL.

use std::time::Instant;

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use iampass_core::port::{BoxError, SessionRecord, StoreError, StoreErrorKind};
use iampass_core::{Secret, Server, Session, SessionToken, UnixSeconds, UserToken};
use serde::{Deserialize, Serialize};

use super::{KEY, SERVER, record};
use crate::rounds::median;

const VERSION: u8 = 1;
const NONCE_BYTES: usize = 24;

/// A row of the session table as the references read it.
pub(super) struct Row {
    pub(super) token: String,
    pub(super) user_token: String,
    pub(super) sealed: Vec<u8>,
    pub(super) started_at: i64,
    pub(super) expires_at: i64,
    pub(super) logout_due: Option<i64>,
    pub(super) claims: i64,
}

#[derive(Serialize, Deserialize)]
struct Plain {
    secret: String,
    status_url: String,
    logout_url: String,
}

/// The cipher that the references seal with.
pub(super) struct Sealing {
    cipher: XChaCha20Poly1305,
    server: Server,
}

impl Sealing {
    pub(super) fn new() -> Result<Self, BoxError> {
        Ok(Self { cipher: XChaCha20Poly1305::new(&KEY.into()), server: Server::parse(SERVER)? })
    }

    pub(super) fn seal(&self, record: &SessionRecord) -> Result<Vec<u8>, StoreError> {
        let session = &record.session;
        let plain = serde_json::to_vec(&Plain {
            secret: session.secret().expose().to_owned(),
            status_url: session.status_url().as_str().to_owned(),
            logout_url: session.logout_url().as_str().to_owned(),
        })
        .map_err(failed)?;
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(failed)?;
        let bound_to =
            bound_to(session.token().as_str(), record.user.as_str(), record.started_at, record.expires_at);
        let payload = Payload { msg: &plain, aad: &bound_to };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| unreadable())?;
        Ok([&[VERSION], &nonce[..], &sealed].concat())
    }

    pub(super) fn open(&self, row: Row) -> Result<SessionRecord, StoreError> {
        let (started_at, expires_at) =
            (UnixSeconds(row.started_at.unsigned_abs()), UnixSeconds(row.expires_at.unsigned_abs()));
        let sealed = row.sealed.strip_prefix(&[VERSION]).ok_or_else(unreadable)?;
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or_else(unreadable)?;
        let bound_to = bound_to(&row.token, &row.user_token, started_at, expires_at);
        let payload = Payload { msg: sealed, aad: &bound_to };
        let plain = self.cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| unreadable())?;
        let plain: Plain = serde_json::from_slice(&plain).map_err(failed)?;
        let token = SessionToken::new(row.token).map_err(failed)?;
        let secret = Secret::new(plain.secret);
        let session = Session::new(token, secret, &plain.status_url, &plain.logout_url, &self.server);
        let user = UserToken::new(row.user_token).map_err(failed)?;
        let record = SessionRecord::new(session.map_err(failed)?, user, started_at, expires_at);
        Ok(match row.logout_due {
            Some(due) => record.with_logout_due(UnixSeconds(due.unsigned_abs())),
            None => record,
        })
    }
}

/// Microseconds that sealing and opening a session take.
#[derive(Clone, Copy)]
pub(super) struct SealingTimes {
    pub(super) seal_us: f64,
    pub(super) open_us: f64,
}

impl SealingTimes {
    pub(super) fn measure() -> Result<Self, BoxError> {
        let sealing = Sealing::new()?;
        let record = record("sealed", 0)?;
        let (mut seals, mut opens) = (Vec::new(), Vec::new());
        for _ in 0..2_000 {
            let start = Instant::now();
            let sealed = sealing.seal(&record)?;
            seals.push(start.elapsed().as_secs_f64() * 1e6);
            let row = Row {
                token: record.session.token().as_str().to_owned(),
                user_token: record.user.as_str().to_owned(),
                sealed,
                started_at: record.started_at.0.cast_signed(),
                expires_at: record.expires_at.0.cast_signed(),
                logout_due: None,
                claims: 0,
            };
            let start = Instant::now();
            std::hint::black_box(sealing.open(row)?);
            opens.push(start.elapsed().as_secs_f64() * 1e6);
        }
        Ok(Self { seal_us: median(&mut seals), open_us: median(&mut opens) })
    }
}

fn bound_to(token: &str, user: &str, started_at: UnixSeconds, expires_at: UnixSeconds) -> Vec<u8> {
    let mut bytes = b"iampass session".to_vec();
    for text in [token, user] {
        bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    for time in [started_at, expires_at] {
        bytes.extend_from_slice(&time.0.to_be_bytes());
    }
    bytes
}

/// Any error, as the ports want it.
pub(super) fn failed(error: impl Into<BoxError>) -> StoreError {
    StoreError::new(StoreErrorKind::Other).with_source(error)
}

fn unreadable() -> StoreError {
    StoreError::new(StoreErrorKind::Unreadable)
}
