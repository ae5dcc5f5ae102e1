//! Unlock credentials of phones, and the ceremonies by which they are registered and used.
//!
//! Belongs here: rows. Does not belong here: verifying what an authenticator gives, which is done before (`iampass-server`).

use std::time::Duration;

use iampass_core::UnixSeconds;
use iampass_server_domain::rules;

use super::phone_log::{PhoneEvent, note_phone};
use super::unlock_ceremonies::{UnlockCeremony, opened};
use super::{
    Database, Device, DeviceKey, Row, Sealed, SessionKey, SpentNonce, StorageError, Tx, UserKey, device_rows,
    timeline_rows, trials, users,
};

/// The unlock credential of a phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnlockCredential {
    /// As the authenticator names it.
    pub id: Vec<u8>,
    /// The part that verifies its answers, as JSON.
    pub credential: String,
    /// The highest count that its authenticator has given.
    pub counter: u32,
    /// Whether it is backed up, as its authenticator said last: it is on other devices of its owner then.
    pub backed_up: bool,
}

/// The unlock credential of a user's phone, as the Console shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShownUnlock {
    /// When it was registered.
    pub registered_at: UnixSeconds,
    /// Whether it may be backed up, and so be on other devices of its owner.
    pub backup_eligible: bool,
    /// Whether it is.
    pub backed_up: bool,
}

/// A credential that was made and verified.
#[derive(Clone, Debug)]
pub struct NewUnlock {
    /// The credential itself.
    pub credential: UnlockCredential,
    /// Whether it may be backed up at all.
    pub backup_eligible: bool,
}

/// The credential and the challenge that the unlocking for a question is verified with.
#[derive(Clone, Debug)]
pub struct QuestionUnlock {
    /// The phone's credential, if it has one.
    pub credential: Option<UnlockCredential>,
    /// The challenge of the question, if there is one that was not used.
    pub ceremony: Option<UnlockCeremony>,
    /// Whether the question still waits for an answer.
    pub is_open: bool,
}

/// The outcome of beginning or completing a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnlockRegistered {
    /// It is done.
    Done,
    /// The phone has a credential already, or this one is another phone's.
    Already,
    /// The registration that this would complete is not under way any more.
    Over,
    /// The phone was let in a short time ago, of a user who had a phone that proves unlocking.
    TooNew {
        /// How long it proves none yet.
        retry_after: Duration,
    },
    /// The phone is not registered any more.
    UnknownDevice,
}

impl Database {
    /// Begins the registration of an unlock credential, in place of one that was begun before.
    pub async fn begin_unlock(
        &self,
        device: Device,
        id: String,
        state: String,
        due_at: UnixSeconds,
        spent: SpentNonce,
    ) -> Result<UnlockRegistered, StorageError> {
        self.write_spending(spent, move |tx| {
            Box::pin(async move {
                if let Some(refused) = refused(tx, &device).await? {
                    return Ok(refused);
                }
                let seal = tx.seal(Sealed::UnlockRegistration, &id, &state)?;
                let sql = "INSERT INTO unlock_registrations (device_key, state, due_at) VALUES (?1, ?2, ?3)
                           ON CONFLICT (device_key) DO UPDATE SET state = excluded.state, due_at = excluded.due_at";
                tx.execute(sql, &[device.key.into(), (&seal).into(), due_at.into()]).await?;
                Ok(UnlockRegistered::Done)
            })
        })
        .await
    }

    /// The registration that is under way for a phone at `now`.
    pub async fn begun_unlock(
        &self,
        device: DeviceKey,
        id: String,
        now: UnixSeconds,
    ) -> Result<Option<UnlockCeremony>, StorageError> {
        self.read(move |tx| {
            Box::pin(async move {
                let sql = "SELECT state FROM unlock_registrations WHERE device_key = ?1 AND due_at > ?2";
                let Some(row) = tx.query_one(sql, &[device.into(), now.into()]).await? else {
                    return Ok(None);
                };
                opened(tx, Sealed::UnlockRegistration, &id, row.bytes(0)?).map(Some)
            })
        })
        .await
    }

    /// Takes over a credential that was verified for this ceremony.
    pub async fn register_unlock(
        &self,
        device: Device,
        ceremony: UnlockCeremony,
        new: NewUnlock,
        spent: SpentNonce,
    ) -> Result<UnlockRegistered, StorageError> {
        self.write_spending(spent, move |tx| {
            Box::pin(async move {
                if let Some(refused) = refused(tx, &device).await? {
                    return Ok(refused);
                }
                let sql = "DELETE FROM unlock_registrations WHERE device_key = ?1 AND state = ?2";
                if tx.execute(sql, &[device.key.into(), (&ceremony.seal).into()]).await? == 0 {
                    return Ok(UnlockRegistered::Over);
                }
                let NewUnlock { credential, backup_eligible } = new;
                let now = tx.now();
                let sql = "INSERT INTO unlock_credentials
                               (device_key, credential_id, credential, counter, backup_eligible, backed_up, registered_at)
                           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (credential_id) DO NOTHING";
                let values = [
                    device.key.into(),
                    credential.id.as_slice().into(),
                    (&credential.credential).into(),
                    i64::from(credential.counter).into(),
                    i64::from(backup_eligible).into(),
                    i64::from(credential.backed_up).into(),
                    now.into(),
                ];
                if tx.execute(sql, &values).await? == 0 {
                    return Ok(UnlockRegistered::Already);
                }
                note_phone(tx, device.user, PhoneEvent::UnlockRegistered).await?;
                device_rows::used(tx, device.key).await?;
                Ok(UnlockRegistered::Done)
            })
        })
        .await
    }

    /// The unlock credentials of the user's phones, each with its phone.
    pub async fn unlocks_of_user(
        &self,
        user: UserKey,
    ) -> Result<Vec<(DeviceKey, ShownUnlock)>, StorageError> {
        self.read(move |tx| {
            Box::pin(async move {
                let sql =
                    "SELECT c.registered_at, c.backup_eligible, c.backed_up, d.key FROM unlock_credentials c
                           JOIN devices d ON d.key = c.device_key WHERE d.user_key = ?1 ORDER BY d.key";
                let rows = tx.query(sql, &[user.into()]).await?;
                let shown = |row: &Row| {
                    let unlock = ShownUnlock {
                        registered_at: row.seconds(0)?,
                        backup_eligible: row.integer(1)? != 0,
                        backed_up: row.integer(2)? != 0,
                    };
                    Ok((row.key(3)?, unlock))
                };
                rows.iter().map(shown).collect()
            })
        })
        .await
    }

    /// The ids of the unlock credentials of the user's phones that lie on one device each, as their authenticators name them. Those that may be synced are
    /// on all devices of their owner: they say nothing of the device that has one.
    pub async fn unlock_ids_of_user(&self, user: UserKey) -> Result<Vec<Vec<u8>>, StorageError> {
        self.read(move |tx| {
            Box::pin(async move {
                let sql = "SELECT c.credential_id FROM unlock_credentials c
                           JOIN devices d ON d.key = c.device_key
                           WHERE d.user_key = ?1 AND c.backup_eligible = 0 ORDER BY d.key";
                let rows = tx.query(sql, &[user.into()]).await?;
                rows.iter().map(|row| Ok(row.bytes(0)?.to_vec())).collect()
            })
        })
        .await
    }

    /// The credential and the challenge that the unlocking for a question is verified with. None when there is no such question.
    /// The phone is the one that answers; None for the one that was asked.
    pub async fn question_unlock(
        &self,
        session: SessionKey,
        device: Option<DeviceKey>,
    ) -> Result<Option<QuestionUnlock>, StorageError> {
        self.read(move |tx| {
            Box::pin(async move {
                let sql = "SELECT c.credential_id, c.credential, c.counter, c.backed_up, s.request_id, s.unlock_challenge, s.state, s.due_at
                           FROM sessions s LEFT JOIN unlock_credentials c ON c.device_key = coalesce(?2, s.device_key) WHERE s.key = ?1";
                let Some(row) = tx.query_one(sql, &[session.into(), device.into()]).await? else {
                    return Ok(None);
                };
                let credential = match row.optional_bytes(0)? {
                    Some(id) => Some(UnlockCredential {
                        id: id.to_vec(),
                        credential: row.text(1)?.to_owned(),
                        counter: u32::try_from(row.integer(2)?)
                            .map_err(|_| StorageError::Corrupt { what: "counter of a credential" })?,
                        backed_up: row.integer(3)? != 0,
                    }),
                    None => None,
                };
                let ceremony = match row.optional_bytes(5)? {
                    Some(seal) => Some(opened(tx, Sealed::UnlockChallenge, row.text(4)?, seal)?),
                    None => None,
                };
                let is_open = timeline_rows::asked(&row, 6)?.state_at(tx.now()).is_in_progress();
                Ok(Some(QuestionUnlock { credential, ceremony, is_open }))
            })
        })
        .await
    }

    /// Gives a question its challenge, in place of the one before. False when it does not wait for an answer any more.
    pub async fn challenge_unlock(
        &self,
        session: SessionKey,
        state: String,
        spent: SpentNonce,
    ) -> Result<bool, StorageError> {
        self.write_spending(spent, move |tx| {
            Box::pin(async move {
                let sql = "SELECT request_id, state, due_at FROM sessions WHERE key = ?1 /*lock*/";
                let Some(row) = tx.query_one(sql, &[session.into()]).await? else { return Ok(false) };
                if !timeline_rows::asked(&row, 1)?.state_at(tx.now()).is_in_progress() {
                    return Ok(false);
                }
                let seal = tx.seal(Sealed::UnlockChallenge, row.text(0)?, &state)?;
                let sql = "UPDATE sessions SET unlock_challenge = ?2 WHERE key = ?1";
                tx.execute(sql, &[session.into(), (&seal).into()]).await?;
                Ok(true)
            })
        })
        .await
    }
}

/// Why no credential can be registered for this phone, if so.
async fn refused(tx: &mut Tx<'_>, device: &Device) -> Result<Option<UnlockRegistered>, StorageError> {
    // The lock of the user keeps two registrations of one phone apart.
    if !users::lock_key(tx, device.user).await? || !device_rows::exists(tx, device.key).await? {
        return Ok(Some(UnlockRegistered::UnknownDevice));
    }
    let sql = "SELECT device_key FROM unlock_credentials WHERE device_key = ?1";
    if tx.query_one(sql, &[device.key.into()]).await?.is_some() {
        return Ok(Some(UnlockRegistered::Already));
    }
    // A phone in other hands would let one in of the thief's own, which then proves what the phone itself does not.
    let sql = "SELECT on_trial_since FROM devices WHERE key = ?1";
    let row = tx.query_one(sql, &[device.key.into()]).await?;
    let since = row.map(|row| row.optional_seconds(0)).transpose()?.flatten();
    let since = trials::since_by_now(tx, device.key, since).await?;
    Ok(rules::pause_of_new_phone(since, tx.now()).map(|retry_after| UnlockRegistered::TooNew { retry_after }))
}
