//! A row of the session table ↔ a record.

use iampass_core::port::{SessionRecord, StoreError, StoreErrorKind};
use iampass_core::{Server, SessionToken, UnixSeconds, UserToken};

use crate::Dialect;
use crate::database::{Row, Value};
use crate::sealing::{KeyRing, OpenPart, SealedSession};
use crate::statements::{id_value, text_of};

/// A row whose columns are right; whether its seal opens is not known yet.
pub(crate) struct SessionRow {
    part: OpenPart,
    pub(crate) sealed: SealedSession,
    logout_due: Option<UnixSeconds>,
    pub(crate) claims: u64,
}

impl SessionRow {
    pub(crate) fn read(row: Row) -> Result<Self, StoreError> {
        Self::from_columns(row).ok_or_else(|| StoreError::new(StoreErrorKind::Unreadable))
    }

    fn from_columns(row: Row) -> Option<Self> {
        let [token, user, sealed, key_id, started_at, expires_at, logout_due, claims] =
            <[Value; 8]>::try_from(row).ok()?;
        let part = OpenPart {
            token: SessionToken::new(text_of(token)?).ok()?,
            user: UserToken::new(text_of(user)?).ok()?,
            started_at: time_of(&started_at)?,
            expires_at: time_of(&expires_at)?,
        };
        let Value::Bytes(bytes) = sealed else { return None };
        let Value::OptionalInteger(logout_due) = logout_due else { return None };
        let Value::Integer(claims) = claims else { return None };
        Some(Self {
            part,
            sealed: SealedSession { bytes, key_id: text_of(key_id)? },
            logout_due: logout_due.map(seconds),
            claims: claims.try_into().ok()?,
        })
    }

    pub(crate) fn token(&self) -> &SessionToken {
        &self.part.token
    }

    pub(crate) fn open(self, ring: &KeyRing, server: &Server) -> Result<SessionRecord, StoreError> {
        let record = self.sealed.open(self.part, ring, server)?;
        Ok(match self.logout_due {
            Some(due) => record.with_logout_due(due),
            None => record,
        })
    }
}

/// The values that `create` stores.
pub(crate) fn values(dialect: Dialect, record: &SessionRecord, sealed: &SealedSession) -> Vec<Value> {
    vec![
        id_value(dialect, record.session.token().as_str()),
        id_value(dialect, record.user.as_str()),
        Value::Bytes(sealed.bytes.clone()),
        id_value(dialect, &sealed.key_id),
        time(record.started_at),
        time(record.expires_at),
        Value::OptionalInteger(record.logout_due.map(column)),
    ]
}

/// A time as it is bound.
pub(crate) fn time(time: UnixSeconds) -> Value {
    Value::Integer(column(time))
}

/// Columns are signed. A time past their end counts as never.
fn column(time: UnixSeconds) -> i64 {
    i64::try_from(time.0).unwrap_or(i64::MAX)
}

fn seconds(column: i64) -> UnixSeconds {
    UnixSeconds(u64::try_from(column).unwrap_or(0))
}

fn time_of(value: &Value) -> Option<UnixSeconds> {
    match value {
        Value::Integer(column) => Some(seconds(*column)),
        _ => None,
    }
}
