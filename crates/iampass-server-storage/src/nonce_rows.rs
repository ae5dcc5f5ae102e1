//! [`NonceRow`]: a nonce as it is stored.

use std::cmp::Ordering;

use iampass_core::UnixSeconds;
use iampass_core::signing::Presented;

use super::{StorageError, Tx, Value};

#[derive(Clone)]
pub(crate) struct NonceRow {
    pub(super) id: String,
    pub(super) nonce: u64,
    pub(super) timestamp: UnixSeconds,
}

impl NonceRow {
    pub(super) fn new(presented: &Presented<'_>) -> Self {
        Self {
            id: presented.id().to_owned(),
            nonce: presented.nonce().value(),
            timestamp: presented.timestamp(),
        }
    }

    /// The order in which every statement of every node stores several: two that store the same ones never wait for each other in a circle.
    pub(super) fn in_order(&self, other: &Self) -> Ordering {
        (&self.id, self.nonce).cmp(&(&other.id, other.nonce))
    }
}

pub(super) const INSERT: &str =
    "INSERT INTO nonces (id, nonce, timestamp) VALUES (?1, ?2, ?3) ON CONFLICT (id, nonce) DO NOTHING";

/// Takes a nonce back that the same transaction has stored. Values: the first two of [`values`].
pub(super) const TAKE_BACK: &str = "DELETE FROM nonces WHERE id = ?1 AND nonce = ?2";

/// The values of [`INSERT`].
pub(super) fn values(row: &NonceRow) -> [Value<'_>; 3] {
    [row.id.as_str().into(), row.nonce.cast_signed().into(), row.timestamp.into()]
}

/// Stores a nonce within the transaction of its change.
///
/// # Errors
/// [`StorageError::Replayed`] when it is there already; the change must not happen then.
pub(super) async fn insert(tx: &mut Tx<'_>, row: &NonceRow) -> Result<(), StorageError> {
    match tx.execute(INSERT, &values(row)).await? {
        0 => Err(StorageError::Replayed),
        _ => Ok(()),
    }
}
