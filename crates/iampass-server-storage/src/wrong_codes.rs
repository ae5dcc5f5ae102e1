//! Wrong codes in a row that a user's phone has brought, over all questions. A user without one has no row.
//!
//! Belongs here: counting and forgetting them. Does not belong here: which pause follows ([`iampass_server_domain::rules::WrongCodes`]).

use std::time::Duration;

use iampass_core::UnixSeconds;
use iampass_server_domain::rules::WrongCodes;

use super::{StorageError, Tx, UserKey};

/// How long no code of this user's phone is taken; None when one is. The user's row is locked.
pub(super) async fn pause_left(
    tx: &mut Tx<'_>,
    user: UserKey,
    now: UnixSeconds,
) -> Result<Option<Duration>, StorageError> {
    let sql = "SELECT in_a_row, last_at FROM wrong_codes WHERE user_key = ?1";
    let Some(row) = tx.query_one(sql, &[user.into()]).await? else { return Ok(None) };
    let wrong = WrongCodes { in_a_row: row.integer(0)?.unsigned_abs(), last_at: row.seconds(1)? };
    Ok(wrong.pause_left(now))
}

/// One more wrong code. The user's row is locked.
pub(super) async fn count(tx: &mut Tx<'_>, user: UserKey, now: UnixSeconds) -> Result<(), StorageError> {
    let sql = "INSERT INTO wrong_codes (user_key, in_a_row, last_at) VALUES (?1, 1, ?2)
               ON CONFLICT (user_key) DO UPDATE SET in_a_row = wrong_codes.in_a_row + 1, last_at = excluded.last_at";
    tx.execute(sql, &[user.into(), now.into()]).await?;
    Ok(())
}

/// A login was granted by a right code: the next wrong one is the first again.
pub(super) async fn forget(tx: &mut Tx<'_>, user: UserKey) -> Result<(), StorageError> {
    tx.execute_later("DELETE FROM wrong_codes WHERE user_key = ?1", &[user.into()]).await
}
