//! Recovery codes: each lets one phone in that waits, once. Only digests of them are stored.
//!
//! Belongs here: making and using them. Does not belong here: how a code looks ([`iampass_server_domain::recovery_code`]).

use std::time::Duration;

use iampass_core::wire::PhoneEventKind;
use iampass_core::{Secret, UnixSeconds};
use iampass_server_domain::recovery_code::{CODES, RecoveryCode};
use iampass_server_domain::rules::{self, CannotAdd, Registering};
use sha2::{Digest as _, Sha256};

use super::links::{self, LinkCode, LinkKind, NewLink};
use super::phone_events::happened;
use super::phone_log::{PhoneEvent, note_phone};
use super::phones::{self, MayChange};
use super::{
    Database, Device, DeviceKey, SpentNonce, StorageError, Tx, UserKey, WaitingDevice, device_rows, users,
    waiting_phones,
};

/// The outcome of making recovery codes.
#[derive(Debug)]
pub enum CodesMade {
    /// These are the codes. They cannot be read again.
    Made(Vec<Secret>),
    /// The phone was let in a short time ago: by a recovery code, or beside a phone that proves unlocking.
    TooNew {
        /// How long it changes nothing yet.
        retry_after: Duration,
    },
    /// The phone is not registered any more.
    UnknownDevice,
}

/// The outcome of bringing a recovery code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoverOutcome {
    /// The phone is one of the user's now.
    Recovered,
    /// It is none of the user's codes, or was used. With none left, the phone that brought it is forgotten. Nothing is counted for the user: a code
    /// cannot be guessed, and somebody who lets phones wait must not keep the user from using one.
    WrongCode {
        /// How many more this phone may bring.
        left: u64,
    },
    /// The user has as many phones as can be, or one without a key. The code was not used.
    TooManyPhones,
    /// The phone does not wait any more.
    NotWaiting,
}

/// The outcome of bringing a recovery code for a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoveryLinkMade {
    /// The link is good, and the code is used up.
    Made,
    /// It is none of the user's codes, or was used. Nothing is counted for the user, as with [`RecoverOutcome::WrongCode`].
    WrongCode,
    /// No phone can be added. The code was not used.
    CannotAdd(CannotAdd),
    /// The application has no such user.
    UnknownUser,
}

impl Database {
    /// Makes a link for one more phone in exchange for a recovery code. The new phone need not be confirmed.
    pub async fn make_recovery_link(
        &self,
        link: NewLink,
        code: LinkCode,
        recovery_code: RecoveryCode,
        spent: SpentNonce,
    ) -> Result<RecoveryLinkMade, StorageError> {
        self.write_spending(spent, move |tx| {
            Box::pin(async move { make_link(tx, &link, &code, &recovery_code).await })
        })
        .await
    }

    /// Makes new recovery codes in place of all that were made before.
    pub async fn make_recovery_codes(
        &self,
        device: Device,
        spent: SpentNonce,
    ) -> Result<CodesMade, StorageError> {
        let mut codes = Vec::with_capacity(CODES);
        for _ in 0..CODES {
            codes.push(RecoveryCode::draw()?);
        }
        self.write_spending(spent, move |tx| {
            Box::pin(async move {
                match phones::may_change(tx, &device).await? {
                    MayChange::Yes => {}
                    MayChange::TooNew { retry_after } => return Ok(CodesMade::TooNew { retry_after }),
                    MayChange::Unknown => return Ok(CodesMade::UnknownDevice),
                }
                forget(tx, device.user).await?;
                links::end_recovering(tx, device.user).await?;
                device_rows::used(tx, device.key).await?;
                let now = tx.now();
                let sql = "INSERT INTO recovery_codes (code_sha256, user_key, made_at, made_by)
                           VALUES (?1, ?2, ?3, (SELECT id FROM devices WHERE key = ?4))";
                for code in &codes {
                    let digest = digest(code);
                    let values =
                        [digest.as_slice().into(), device.user.into(), now.into(), device.key.into()];
                    tx.execute(sql, &values).await?;
                }
                let own = phones::own(tx, device.key).await?;
                happened(tx, own.whose(device.user), PhoneEventKind::CodesMade, Some(PhoneEvent::CodesMade))
                    .await?;
                Ok(CodesMade::Made(codes.iter().map(RecoveryCode::text).collect()))
            })
        })
        .await
    }

    /// A phone that waits brings a recovery code.
    pub async fn recover(
        &self,
        waiting: WaitingDevice,
        code: RecoveryCode,
        spent: SpentNonce,
    ) -> Result<RecoverOutcome, StorageError> {
        self.write_spending(spent, move |tx| Box::pin(async move { recover(tx, &waiting, &code).await }))
            .await
    }
}

async fn make_link(
    tx: &mut Tx<'_>,
    link: &NewLink,
    code: &LinkCode,
    recovery_code: &RecoveryCode,
) -> Result<RecoveryLinkMade, StorageError> {
    let Some(user) = users::lock(tx, link.application, &link.user).await? else {
        return Ok(RecoveryLinkMade::UnknownUser);
    };
    let digest = digest(recovery_code);
    if !is_good(tx, user, &digest).await? {
        return Ok(RecoveryLinkMade::WrongCode);
    }
    let present = device_rows::keys_of(tx, user).await?;
    if let Registering::Refused(why) = rules::new_phone(&present, true, true) {
        return Ok(RecoveryLinkMade::CannotAdd(why));
    }
    use_up(tx, &digest).await?;
    links::store(tx, user, link, code, None, LinkKind::Recovers).await?;
    note_phone(tx, user, PhoneEvent::CodeUsed).await?;
    Ok(RecoveryLinkMade::Made)
}

/// Whether it is a code of this user that was not used. The row of the user is locked.
async fn is_good(tx: &mut Tx<'_>, user: UserKey, digest: &[u8; 32]) -> Result<bool, StorageError> {
    let sql =
        "SELECT user_key FROM recovery_codes WHERE code_sha256 = ?1 AND user_key = ?2 AND used_at IS NULL";
    Ok(tx.query_one(sql, &[digest.as_slice().into(), user.into()]).await?.is_some())
}

async fn use_up(tx: &mut Tx<'_>, digest: &[u8; 32]) -> Result<(), StorageError> {
    let now = tx.now();
    let sql = "UPDATE recovery_codes SET used_at = ?2 WHERE code_sha256 = ?1";
    tx.execute(sql, &[digest.as_slice().into(), now.into()]).await?;
    Ok(())
}

async fn recover(
    tx: &mut Tx<'_>,
    waiting: &WaitingDevice,
    code: &RecoveryCode,
) -> Result<RecoverOutcome, StorageError> {
    let (user, phone) = (waiting.user, waiting.signer.device.as_str());
    if !users::lock_key(tx, user).await? || !waiting_phones::is_waiting(tx, user, phone).await? {
        return Ok(RecoverOutcome::NotWaiting);
    }
    let digest = digest(code);
    if !is_good(tx, user, &digest).await? {
        return Ok(RecoverOutcome::WrongCode { left: waiting_phones::count_wrong(tx, user).await? });
    }
    let now = tx.now();
    if !waiting_phones::confirm(tx, user, Some(now)).await? {
        return Ok(RecoverOutcome::TooManyPhones);
    }
    use_up(tx, &digest).await?;
    Ok(RecoverOutcome::Recovered)
}

/// How many codes of a user are left.
pub(super) async fn left(tx: &mut Tx<'_>, user: UserKey) -> Result<(u32, Option<UnixSeconds>), StorageError> {
    let sql = "SELECT count(*), max(made_at) FROM recovery_codes WHERE user_key = ?1 AND used_at IS NULL";
    let Some(row) = tx.query_one(sql, &[user.into()]).await? else { return Ok((0, None)) };
    Ok((u32::try_from(row.integer(0)?).unwrap_or_default(), row.optional_seconds(1)?))
}

/// All codes of a user end, used or not.
pub(super) async fn forget(tx: &mut Tx<'_>, user: UserKey) -> Result<(), StorageError> {
    tx.execute("DELETE FROM recovery_codes WHERE user_key = ?1", &[user.into()]).await?;
    Ok(())
}

/// The clocks of two nodes may differ by this much, in seconds.
const CLOCKS: i64 = 60;

/// The codes of a user end that the holder of this phone may know: those that the phone made, and where a code has let it in, those that were made
/// before, which stand on the same paper. Of those whose maker is not known, all end that were made since it was added.
pub(super) async fn forget_known_to(
    tx: &mut Tx<'_>,
    user: UserKey,
    device: DeviceKey,
) -> Result<(), StorageError> {
    let sql = "DELETE FROM recovery_codes WHERE user_key = ?1
               AND (made_by = (SELECT id FROM devices WHERE key = ?2)
                    OR made_at <= (SELECT recovered_at FROM devices WHERE key = ?2) + ?3
                    OR made_by IS NULL AND made_at >= (SELECT created_at FROM devices WHERE key = ?2))";
    tx.execute(sql, &[user.into(), device.into(), CLOCKS.into()]).await?;
    Ok(())
}

/// 128 random bits need neither salt nor key.
fn digest(code: &RecoveryCode) -> [u8; 32] {
    Sha256::digest(code.bits()).into()
}
