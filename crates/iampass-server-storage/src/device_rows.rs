//! Phones as their rows say: how one signs, and which ones a user has.

use iampass_core::wire::DeviceKey as PublicKey;
use iampass_core::{ApplicationId, DeviceId, Secret, UnixSeconds, UserToken};

use super::{ApplicationKey, CountedTo, DeviceKey, Row, StorageError, Tx, UserKey};

/// A registered phone, as it signs.
#[derive(Clone, Debug)]
pub struct Device {
    /// Its row.
    pub key: DeviceKey,
    /// The user that it belongs to.
    pub user: UserKey,
    /// The application.
    pub application: ApplicationKey,
    /// The account or application that its nonces are counted to.
    pub counted_to: CountedTo,
    /// The signer of its answers. None for a phone without a key of its own.
    pub signer: Option<PhoneSigner>,
}

impl From<&Device> for super::NonceShare {
    fn from(device: &Device) -> Self {
        Self::PhonesOf(device.counted_to)
    }
}

/// A phone's own key, and the names that stand in all that it signs. A phone that has such a key is believed by it alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneSigner {
    /// The public half of the key.
    pub key: PublicKey,
    /// The id of the phone.
    pub device: DeviceId,
    /// The id of the application.
    pub application: ApplicationId,
    /// The id of the user.
    pub user: UserToken,
}

/// The credentials that a phone is given.
#[derive(Clone, Debug)]
pub struct NewDevice {
    /// Its id.
    pub id: DeviceId,
    /// Its secret.
    pub secret: Secret,
}

/// Stands for the platform of a phone that does not name it.
pub(super) const NOT_NAMED: &str = "unknown";

/// Reads the columns `public_key`, and the ids of the phone, the application and the user, which follow each other.
pub(super) fn signer(row: &Row, key: usize) -> Result<Option<PhoneSigner>, StorageError> {
    let corrupt = |what| StorageError::Corrupt { what };
    let Some(public) = public_key(row, key)? else { return Ok(None) };
    Ok(Some(PhoneSigner {
        key: public,
        device: DeviceId::new(row.text(key + 1)?).map_err(|_| corrupt("device id"))?,
        application: ApplicationId::new(row.text(key + 2)?).map_err(|_| corrupt("application id"))?,
        user: UserToken::new(row.text(key + 3)?).map_err(|_| corrupt("user id"))?,
    }))
}

/// Reads the column `public_key`.
pub(super) fn public_key(row: &Row, column: usize) -> Result<Option<PublicKey>, StorageError> {
    let Some(bytes) = row.optional_bytes(column)? else { return Ok(None) };
    PublicKey::from_sec1(bytes).map(Some).ok_or(StorageError::Corrupt { what: "public key of a phone" })
}

/// The oldest phone of a user.
pub(super) async fn of_user(tx: &mut Tx<'_>, user: UserKey) -> Result<Option<DeviceKey>, StorageError> {
    let sql = "SELECT key FROM devices WHERE user_key = ?1 ORDER BY key LIMIT 1";
    tx.query_one(sql, &[user.into()]).await?.map(|row| row.key(0)).transpose()
}

/// All phones of a user, the oldest first.
pub(super) async fn all_of_user(tx: &mut Tx<'_>, user: UserKey) -> Result<Vec<DeviceKey>, StorageError> {
    tx.query(ALL_OF_USER, &[user.into()]).await?.iter().map(|row| row.key(0)).collect()
}

/// The statement of [`all_of_user`].
pub(super) const ALL_OF_USER: &str = "SELECT key FROM devices WHERE user_key = ?1 ORDER BY key";

/// Whether each phone of a user has a key of its own.
pub(super) async fn keys_of(tx: &mut Tx<'_>, user: UserKey) -> Result<Vec<bool>, StorageError> {
    let sql = "SELECT public_key FROM devices WHERE user_key = ?1";
    let rows = tx.query(sql, &[user.into()]).await?;
    rows.iter().map(|row| Ok(row.optional_bytes(0)?.is_some())).collect()
}

pub(super) async fn exists(tx: &mut Tx<'_>, device: DeviceKey) -> Result<bool, StorageError> {
    Ok(tx.query_one("SELECT key FROM devices WHERE key = ?1", &[device.into()]).await?.is_some())
}

/// The phone has answered or changed something.
pub(super) async fn used(tx: &mut Tx<'_>, device: DeviceKey) -> Result<(), StorageError> {
    let now = tx.now();
    tx.execute_later("UPDATE devices SET last_used_at = ?2 WHERE key = ?1", &[device.into(), now.into()])
        .await
}

/// The same for a phone that says something all the time: it is noted when that was not done within the last hour.
pub(super) async fn used_of_late(tx: &mut Tx<'_>, device: DeviceKey) -> Result<(), StorageError> {
    const HOUR: u64 = 3_600;
    let now = tx.now();
    let before = UnixSeconds(now.0.saturating_sub(HOUR));
    let sql =
        "UPDATE devices SET last_used_at = ?2 WHERE key = ?1 AND (last_used_at IS NULL OR last_used_at < ?3)";
    tx.execute_later(sql, &[device.into(), now.into(), before.into()]).await
}

/// Whether a phone of the user was registered, or did something, after this second. Words about its place are noted at its sessions.
pub(super) async fn is_any_used_after(
    tx: &mut Tx<'_>,
    user: UserKey,
    second: UnixSeconds,
) -> Result<bool, StorageError> {
    for sql in [
        "SELECT key FROM devices WHERE user_key = ?1 AND (created_at > ?2 OR last_used_at > ?2) LIMIT 1",
        "SELECT key FROM sessions WHERE user_key = ?1 AND word_at > ?2 LIMIT 1",
    ] {
        if tx.query_one(sql, &[user.into(), second.into()]).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The statement with the columns of [`new_since`] alone, of a phone by its key.
pub(super) const NEW_SINCE: &str = "SELECT recovered_at, on_trial_since FROM devices WHERE key = ?1";

/// Since when a phone is new: a recovery code has let it in, or it joined a user who could prove unlocking ([`super::trials`]). None where it never was.
pub(super) fn new_since(row: &Row, column: usize) -> Result<Option<UnixSeconds>, StorageError> {
    Ok(row.optional_seconds(column)?.max(row.optional_seconds(column + 1)?))
}
