//! Phones that wait to be confirmed. They are none of their users' phones: they stand in a table of their own, where nothing that asks for phones
//! finds them. A user has one at most: another one takes its place.
//!
//! Belongs here: adding one, and how it becomes a phone. Does not belong here: which phone may confirm it ([`super::phones`]).

use iampass_core::wire::{DeviceKey as PublicKey, PhoneEventKind, Platform, RegisterDevice, WaitingPhone};
use iampass_core::{Secret, UnixSeconds};
use iampass_server_domain::random;
use iampass_server_domain::rules::{self, MOST_WRONG_CODES, Registering, WAITING_FOR};

use super::confirmations::{is_phone_tag, phone_tag};
use super::counted_to::counted_to;
use super::device_rows::{self, NOT_NAMED, NewDevice, PhoneSigner};
use super::phone_events::{Whose, happened, phone_id, platform};
use super::phone_log::PhoneEvent;
use super::{ApplicationKey, CountedTo, Database, Row, Sealed, StorageError, Tx, UserKey, trials};

/// A phone that waits, as it signs.
#[derive(Clone, Debug)]
pub struct WaitingDevice {
    /// The user whose phone it would be.
    pub user: UserKey,
    /// The application.
    pub application: ApplicationKey,
    /// The account or application that its nonces are counted to.
    pub counted_to: CountedTo,
    /// The signer of what it sends.
    pub signer: PhoneSigner,
    /// When it is forgotten.
    pub expires_at: UnixSeconds,
}

impl From<&WaitingDevice> for super::NonceShare {
    fn from(waiting: &WaitingDevice) -> Self {
        Self::PhonesOf(waiting.counted_to)
    }
}

/// The waiting of a phone that was just added.
#[derive(Clone, Debug)]
pub struct Waits {
    /// The digits that it shows.
    pub code: Secret,
    /// When it is forgotten.
    pub expires_at: UnixSeconds,
}

/// The outcome of a code that was typed.
pub(super) enum Compared {
    /// The phone shows it.
    Right,
    /// It shows something else. With none left, it is forgotten.
    Wrong { left: u64 },
}

impl Database {
    /// The phone of this id that waits, and its secret. None for one whose time is up.
    pub async fn waiting_device(&self, id: &str) -> Result<Option<(Secret, WaitingDevice)>, StorageError> {
        let id = id.to_owned();
        self.read(move |tx| {
            Box::pin(async move {
                let sql = concat!(
                    "SELECT w.secret, w.user_key, u.application_key, w.expires_at, w.public_key, w.id, a.id, u.id, ",
                    counted_to!("u.application_key"),
                    " FROM waiting_phones w JOIN users u ON u.key = w.user_key JOIN applications a ON a.key = u.application_key
                      WHERE w.id = ?1"
                );
                let Some(row) = tx.query_one(sql, &[(&id).into()]).await? else { return Ok(None) };
                let expires_at = row.seconds(3)?;
                if expires_at <= tx.now() {
                    return Ok(None);
                }
                let secret = tx.open(Sealed::Device, &id, row.bytes(0)?)?;
                let signer = device_rows::signer(&row, 4)?;
                let signer = signer.ok_or(StorageError::Corrupt { what: "public key of a phone" })?;
                let (user, application) = (row.key(1)?, row.key(2)?);
                let counted_to = CountedTo::of(application, row.optional_key(8)?);
                let waiting = WaitingDevice { user, application, counted_to, signer, expires_at };
                Ok(Some((secret, waiting)))
            })
        })
        .await
    }
}

/// Lets a phone wait, in place of one that waited. The row of the user is locked.
pub(super) async fn add(
    tx: &mut Tx<'_>,
    user: UserKey,
    device: &NewDevice,
    registration: &RegisterDevice,
    key: &PublicKey,
) -> Result<Waits, StorageError> {
    deny(tx, user).await?;
    let code = Secret::new(random::digits::<6>()?);
    let now = tx.now();
    let expires_at = now.plus(WAITING_FOR);
    let sealed = tx.seal(Sealed::Device, device.id.as_str(), device.secret.expose())?;
    let tag = phone_tag(&device.secret, &code);
    let platform = registration.platform.as_ref().map_or(NOT_NAMED, Platform::as_str);
    let name = registration.name.as_deref().unwrap_or_default();
    let sql = "INSERT INTO waiting_phones
                   (user_key, id, secret, platform, name, notification_token, public_key, code_tag, asked_at, expires_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    let public_key = key.sec1();
    let values = [
        user.into(),
        device.id.as_str().into(),
        (&sealed).into(),
        platform.into(),
        name.into(),
        (&registration.notification_token).into(),
        public_key.as_slice().into(),
        tag.as_slice().into(),
        now.into(),
        expires_at.into(),
    ];
    tx.execute(sql, &values).await?;
    let whose = Whose { user, phone: device.id.as_str(), platform, name };
    happened(tx, whose, PhoneEventKind::Waits, Some(PhoneEvent::Waits)).await?;
    Ok(Waits { code, expires_at })
}

/// The phone of a user that waits, as the others see it. None when its time is up.
pub(super) async fn of_user(tx: &mut Tx<'_>, user: UserKey) -> Result<Option<WaitingPhone>, StorageError> {
    let sql = "SELECT id, name, platform, asked_at, expires_at FROM waiting_phones WHERE user_key = ?1";
    let Some(row) = tx.query_one(sql, &[user.into()]).await? else { return Ok(None) };
    let waiting = WaitingPhone {
        phone_id: phone_id(&row, 0)?,
        name: row.text(1)?.to_owned(),
        platform: platform(&row, 2)?,
        asked_at: row.seconds(3)?,
        expires_at: row.seconds(4)?,
    };
    Ok(Some(waiting).filter(|waiting| waiting.expires_at > tx.now()))
}

/// Whether this phone waits for this user now. The row of the user is locked.
pub(super) async fn is_waiting(tx: &mut Tx<'_>, user: UserKey, phone: &str) -> Result<bool, StorageError> {
    Ok(of_user(tx, user).await?.is_some_and(|waiting| waiting.phone_id.as_str() == phone))
}

/// Compares what was typed with what the phone shows that waits. The third wrong code ends its waiting.
pub(super) async fn compare(tx: &mut Tx<'_>, user: UserKey, code: &Secret) -> Result<Compared, StorageError> {
    let sql = "SELECT id, secret, code_tag FROM waiting_phones WHERE user_key = ?1";
    let Some(row) = tx.query_one(sql, &[user.into()]).await? else { return Ok(Compared::Wrong { left: 0 }) };
    let secret = tx.open(Sealed::Device, row.text(0)?, row.bytes(1)?)?;
    if is_phone_tag(row.bytes(2)?, &secret, code) {
        return Ok(Compared::Right);
    }
    Ok(Compared::Wrong { left: count_wrong(tx, user).await? })
}

/// Counts a wrong code, and gives how many more may be wrong. The third one ends the waiting.
pub(super) async fn count_wrong(tx: &mut Tx<'_>, user: UserKey) -> Result<u64, StorageError> {
    let sql =
        "UPDATE waiting_phones SET wrong_codes = wrong_codes + 1 WHERE user_key = ?1 RETURNING wrong_codes";
    let row = tx.query_one(sql, &[user.into()]).await?;
    let wrong = row.map(|row| row.integer(0)).transpose()?.map_or(MOST_WRONG_CODES, i64::unsigned_abs);
    let left = MOST_WRONG_CODES.saturating_sub(wrong);
    if left == 0 {
        deny(tx, user).await?;
    }
    Ok(left)
}

/// The phone that waits becomes one of its user's. False when there is no more room, or one of the others has no key. The row of the user is locked.
pub(super) async fn confirm(
    tx: &mut Tx<'_>,
    user: UserKey,
    recovered_at: Option<UnixSeconds>,
) -> Result<bool, StorageError> {
    let present = device_rows::keys_of(tx, user).await?;
    if matches!(rules::new_phone(&present, true, true), Registering::Refused(_)) {
        return Ok(false);
    }
    let sql = "DELETE FROM waiting_phones WHERE user_key = ?1
               RETURNING id, secret, platform, name, notification_token, public_key";
    let Some(row) = tx.query_one(sql, &[user.into()]).await? else { return Ok(false) };
    insert(tx, user, &row, recovered_at).await?;
    let whose = Whose { user, phone: row.text(0)?, platform: row.text(2)?, name: row.text(3)? };
    let (kind, noted) = match recovered_at {
        Some(_) => (PhoneEventKind::Recovered, PhoneEvent::Recovered),
        None => (PhoneEventKind::Confirmed, PhoneEvent::Confirmed),
    };
    happened(tx, whose, kind, Some(noted)).await?;
    Ok(true)
}

async fn insert(
    tx: &mut Tx<'_>,
    user: UserKey,
    row: &Row,
    recovered_at: Option<UnixSeconds>,
) -> Result<(), StorageError> {
    let now = tx.now();
    let on_trial_since = trials::of_joining(tx, user).await?;
    let sql = "INSERT INTO devices (id, secret, user_key, platform, name, notification_token, public_key, created_at, recovered_at,
                                    on_trial_since)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    let values = [
        row.text(0)?.into(),
        row.bytes(1)?.into(),
        user.into(),
        row.text(2)?.into(),
        row.text(3)?.into(),
        row.text(4)?.into(),
        row.bytes(5)?.into(),
        now.into(),
        recovered_at.into(),
        on_trial_since.into(),
    ];
    tx.execute(sql, &values).await?;
    Ok(())
}

/// Forgets the phone that waits, if there is one. The row of the user is locked.
pub(super) async fn deny(tx: &mut Tx<'_>, user: UserKey) -> Result<(), StorageError> {
    let sql = "DELETE FROM waiting_phones WHERE user_key = ?1 RETURNING id, platform, name";
    let Some(row) = tx.query_one(sql, &[user.into()]).await? else { return Ok(()) };
    let whose = Whose { user, phone: row.text(0)?, platform: row.text(1)?, name: row.text(2)? };
    happened(tx, whose, PhoneEventKind::Denied, Some(PhoneEvent::Denied)).await
}
