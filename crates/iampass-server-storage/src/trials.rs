//! Trials: a phone that joins a user who could prove unlocking proves none itself for a day, and changes nothing about the others.
//!
//! Somebody who holds a phone and cannot unlock it must not make another one that says `unlocked`, by whatever order of adding and removing. So the user's
//! row remembers when a phone that proves unlocking, or that was on trial itself, was removed by a phone. A phone that joins within a day of that is on trial
//! as it would have been beside the other. A link of the application that replaces all phones starts anew: the new one is on no trial.

use iampass_core::UnixSeconds;
use iampass_server_domain::rules;

use super::{DeviceKey, StorageError, Tx, UserKey};

/// Since when a phone is on trial that joins this user now: not at all where none of the user's phones proves unlocking, and none did a short time ago. The
/// row of the user is locked.
pub(super) async fn of_joining(tx: &mut Tx<'_>, user: UserKey) -> Result<Option<UnixSeconds>, StorageError> {
    let now = tx.now();
    let is_on_trial = proves_unlocking(tx, user).await? || has_ended_of_late(tx, user, now).await?;
    Ok(is_on_trial.then_some(now))
}

/// Since when a phone is new that asks for something now, by the columns that [`super::device_rows::NEW_SINCE`] reads. A time that a clock has written which was ahead
/// becomes this one, so that the trial lasts a day from the first time that it stood in the way. The row of the user is locked.
pub(super) async fn since_by_now(
    tx: &mut Tx<'_>,
    device: DeviceKey,
    since: Option<UnixSeconds>,
) -> Result<Option<UnixSeconds>, StorageError> {
    let now = tx.now();
    if !since.is_some_and(|since| rules::is_of_a_clock_ahead(since, now)) {
        return Ok(since);
    }
    let sql = "UPDATE devices SET recovered_at = CASE WHEN recovered_at > ?2 THEN ?2 ELSE recovered_at END,
                                  on_trial_since = CASE WHEN on_trial_since > ?2 THEN ?2 ELSE on_trial_since END WHERE key = ?1";
    tx.execute(sql, &[device.into(), now.into()]).await?;
    Ok(Some(now))
}

/// To be called before a phone is removed by itself or by another one. The row of the user is locked.
pub(super) async fn before_removal(
    tx: &mut Tx<'_>,
    user: UserKey,
    device: DeviceKey,
) -> Result<(), StorageError> {
    let now = tx.now();
    let sql = "SELECT d.on_trial_since, c.device_key FROM devices d LEFT JOIN unlock_credentials c ON c.device_key = d.key
               WHERE d.key = ?1";
    let Some(row) = tx.query_one(sql, &[device.into()]).await? else { return Ok(()) };
    let is_on_trial = rules::pause_of_new_phone(row.optional_seconds(0)?, now).is_some();
    if !is_on_trial && row.optional_integer(1)?.is_none() {
        return Ok(());
    }
    // The clocks of nodes differ: a later time stays.
    let sql = "UPDATE users SET unlocking_ended_at = CASE WHEN unlocking_ended_at > ?2 THEN unlocking_ended_at ELSE ?2 END WHERE key = ?1";
    tx.execute(sql, &[user.into(), now.into()]).await?;
    Ok(())
}

/// The application has replaced the phones of a user on its own word.
pub(super) async fn begin_anew(tx: &mut Tx<'_>, user: UserKey) -> Result<(), StorageError> {
    tx.execute("UPDATE users SET unlocking_ended_at = NULL WHERE key = ?1", &[user.into()]).await?;
    Ok(())
}

/// Whether a phone of the user proves unlocking.
async fn proves_unlocking(tx: &mut Tx<'_>, user: UserKey) -> Result<bool, StorageError> {
    let sql = "SELECT 1 FROM unlock_credentials c JOIN devices d ON d.key = c.device_key WHERE d.user_key = ?1 LIMIT 1";
    Ok(tx.query_one(sql, &[user.into()]).await?.is_some())
}

async fn has_ended_of_late(tx: &mut Tx<'_>, user: UserKey, now: UnixSeconds) -> Result<bool, StorageError> {
    let sql = "SELECT unlocking_ended_at FROM users WHERE key = ?1";
    let row = tx.query_one(sql, &[user.into()]).await?;
    let mut ended_at = row.map(|row| row.optional_seconds(0)).transpose()?.flatten();
    if ended_at.is_some_and(|ended_at| rules::is_of_a_clock_ahead(ended_at, now)) {
        // As in `since_by_now`.
        tx.execute("UPDATE users SET unlocking_ended_at = ?2 WHERE key = ?1", &[user.into(), now.into()])
            .await?;
        ended_at = Some(now);
    }
    Ok(rules::pause_of_new_phone(ended_at, now).is_some())
}
