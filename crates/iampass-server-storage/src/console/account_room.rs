//! Whether an account, and an application that it made, may still grow. Belongs here: both questions, asked in the transaction that makes the change. Does not
//! belong here: how much is allowed ([`iampass_server_domain::AccountLimits`]).
//!
//! Each question locks the row that it counts for, so that two nodes do not fill the same room.

use iampass_core::UserToken;

use crate::{AccountKey, ApplicationKey, StorageError, Tx, users};

/// How many applications an account may have, where it has as many and is no administrator. The applications count that it made, also those that it has left
/// since: whoever owns them today, it could make any number otherwise. One that it was made an owner of it has not asked for.
pub(super) async fn application_too_many(
    tx: &mut Tx<'_>,
    account: AccountKey,
    most: Option<u64>,
) -> Result<Option<u64>, StorageError> {
    let Some(most) = most else { return Ok(None) };
    let sql = "SELECT administrator FROM accounts WHERE key = ?1 /*lock*/";
    let row = tx.query_one(sql, &[account.into()]).await?;
    if row.map(|row| row.integer(0)).transpose()? == Some(1) {
        return Ok(None);
    }
    let given_away = AccountKey(account.0.saturating_neg());
    let sql = "SELECT count(*) FROM applications WHERE hidden = 0 AND (made_by = ?1 OR made_by = ?2)";
    let row = tx.query_one(sql, &[account.into(), given_away.into()]).await?;
    let made = row.map_or(Ok(0), |row| row.integer(0))?.unsigned_abs();
    Ok((made >= most).then_some(most))
}

/// How many users an application may have, where these are more than there is room for and an account made it that is no administrator.
pub(crate) async fn users_too_many(
    tx: &mut Tx<'_>,
    application: ApplicationKey,
    new: &[UserToken],
    most: Option<u64>,
) -> Result<Option<u64>, StorageError> {
    let Some(most) = most else { return Ok(None) };
    // An account that is gone was no administrator.
    let sql = "SELECT CASE WHEN a.made_by IS NULL THEN 1
                           ELSE coalesce((SELECT m.administrator FROM accounts m WHERE m.key = abs(a.made_by)), 0) END
               FROM applications a WHERE a.key = ?1 /*lock beside*/";
    let row = tx.query_one(sql, &[application.into()]).await?;
    if row.map(|row| row.integer(0)).transpose()? == Some(1) {
        return Ok(None);
    }
    // No more are counted than there may be: an application of before may have far more.
    let counted = i64::try_from(most).unwrap_or(i64::MAX);
    let sql =
        "SELECT count(*) FROM (SELECT 1 AS one FROM users WHERE application_key = ?1 LIMIT ?2) AS some_users";
    let row = tx.query_one(sql, &[application.into(), counted.into()]).await?;
    let there = row.map_or(Ok(0), |row| row.integer(0))?.unsigned_abs();
    let room = most.saturating_sub(there);
    let asked = u64::try_from(new.len()).unwrap_or(u64::MAX);
    if asked <= room {
        return Ok(None);
    }
    // Those that are there already take no room.
    let mut added = 0_u64;
    for user in new {
        added += u64::from(users::find(tx, application, user).await?.is_none());
    }
    Ok((added > room).then_some(most))
}
