//! Phones. A user has one at most; registering another replaces it.

use iampass_core::wire::{Platform, RegisterDevice};
use iampass_core::{ApplicationId, DeviceId, Secret, UserToken};

use super::audit::{PhoneEvent, note_phone};
use super::console::rights;
use super::{
    ApplicationKey, Database, DeviceKey, LinkCode, Sealed, SpentNonce, StorageError, Tx, UserKey,
    applications, links, timeline_rows, users,
};

/// A registered phone, as it signs.
#[derive(Clone, Copy, Debug)]
pub struct Device {
    /// Its row.
    pub key: DeviceKey,
    /// The user that it belongs to.
    pub user: UserKey,
    /// The application.
    pub application: ApplicationKey,
}

/// The credentials that a phone is given.
#[derive(Clone, Debug)]
pub struct NewDevice {
    /// Its id.
    pub id: DeviceId,
    /// Its secret.
    pub secret: Secret,
}

/// The description of its user that a phone receives.
#[derive(Clone, Debug)]
pub struct Registered {
    /// The row of the user.
    pub user: UserKey,
    /// The id of the user.
    pub user_id: UserToken,
    /// How the phone shows the user.
    pub display_name: Option<String>,
    /// The id of the application.
    pub application_id: ApplicationId,
    /// The name of the application.
    pub application_name: String,
}

/// Stands for the platform of a phone that does not name it.
const NOT_NAMED: &str = "unknown";

impl Database {
    /// Registers a phone by a link, in place of the user's earlier one, whose sessions end. None when the link is not valid.
    pub async fn register_device(
        &self,
        code: LinkCode,
        device: NewDevice,
        registration: RegisterDevice,
    ) -> Result<Option<Registered>, StorageError> {
        self.write(move |tx| {
            Box::pin(async move {
                let Some(redeemed) = links::redeem(tx, &code).await? else { return Ok(None) };
                let links::Redeemed { user, display_name } = redeemed;
                let event = match of_user(tx, user).await? {
                    Some(_) => PhoneEvent::Replaced,
                    None => PhoneEvent::Registered,
                };
                note_phone(tx, user, event).await?;
                if let Some(account) = rights::account_of(tx, user).await? {
                    // The sessions end with the phone of before, and what they made with them.
                    rights::end_all_given(tx, account.key).await?;
                }
                remove_of_user(tx, user).await?;
                let sealed = tx.seal(Sealed::Device, device.id.as_str(), device.secret.expose())?;
                let now = tx.now();
                tx.execute(
                    "INSERT INTO devices (id, secret, user_key, platform, notification_token, created_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    &[
                        device.id.as_str().into(),
                        (&sealed).into(),
                        user.into(),
                        registration.platform.as_ref().map_or(NOT_NAMED, Platform::as_str).into(),
                        (&registration.notification_token).into(),
                        now.into(),
                    ],
                )
                .await?;
                Ok(Some(registered(tx, user, display_name).await?))
            })
        })
        .await
    }

    /// The phone with this id, and its secret.
    pub async fn device(&self, id: &str) -> Result<Option<(Secret, Device)>, StorageError> {
        let id = id.to_owned();
        self.read(move |tx| {
            Box::pin(async move {
                let sql = "SELECT devices.secret, devices.key, devices.user_key, users.application_key
                           FROM devices JOIN users ON users.key = devices.user_key WHERE devices.id = ?1";
                let Some(row) = tx.query_one(sql, &[(&id).into()]).await? else { return Ok(None) };
                let secret = tx.open(Sealed::Device, &id, row.bytes(0)?)?;
                Ok(Some((secret, Device { key: row.key(1)?, user: row.key(2)?, application: row.key(3)? })))
            })
        })
        .await
    }

    /// Takes over where notifications go, and gives what the phone was told when it registered, but for the user's name. None when the phone is not
    /// registered any more.
    pub async fn configure_device(
        &self,
        device: DeviceKey,
        notification_token: String,
        spent: SpentNonce,
    ) -> Result<Option<(NewDevice, Registered)>, StorageError> {
        self.write_spending(spent, move |tx| {
            Box::pin(async move {
                let sql = "UPDATE devices SET notification_token = ?2 WHERE key = ?1 RETURNING id, secret, user_key";
                let values = [device.into(), (&notification_token).into()];
                let Some(row) = tx.query_one(sql, &values).await? else { return Ok(None) };
                let (id, user) = (row.text(0)?, row.key(2)?);
                let secret = tx.open(Sealed::Device, id, row.bytes(1)?)?;
                let id = DeviceId::new(id).map_err(|_| StorageError::Corrupt { what: "device id" })?;
                Ok(Some((NewDevice { id, secret }, registered(tx, user, None).await?)))
            })
        })
        .await
    }

    /// Removes a phone and ends its sessions.
    pub async fn unregister_device(&self, device: Device, spent: SpentNonce) -> Result<(), StorageError> {
        self.write_spending(spent, move |tx| {
            Box::pin(async move {
                users::lock_key(tx, device.user).await?;
                tx.raised().user(device.user);
                if exists(tx, device.key).await? {
                    note_phone(tx, device.user, PhoneEvent::Removed).await?;
                }
                remove(tx, device.key).await
            })
        })
        .await
    }
}

async fn registered(
    tx: &mut Tx<'_>,
    user: UserKey,
    display_name: Option<String>,
) -> Result<Registered, StorageError> {
    let (application, user_id) = users::identity(tx, user).await?;
    let (application_id, application_name) = applications::id_and_name(tx, application).await?;
    Ok(Registered { user, user_id, display_name, application_id, application_name })
}

pub(super) async fn of_user(tx: &mut Tx<'_>, user: UserKey) -> Result<Option<DeviceKey>, StorageError> {
    let row = tx.query_one("SELECT key FROM devices WHERE user_key = ?1", &[user.into()]).await?;
    row.map(|row| row.key(0)).transpose()
}

pub(super) async fn exists(tx: &mut Tx<'_>, device: DeviceKey) -> Result<bool, StorageError> {
    Ok(tx.query_one("SELECT key FROM devices WHERE key = ?1", &[device.into()]).await?.is_some())
}

/// Removes the phone of a user whose row is locked.
pub(super) async fn remove_of_user(tx: &mut Tx<'_>, user: UserKey) -> Result<(), StorageError> {
    // The phone may be waiting for a question.
    tx.raised().user(user);
    match of_user(tx, user).await? {
        Some(device) => remove(tx, device).await,
        None => Ok(()),
    }
}

async fn remove(tx: &mut Tx<'_>, device: DeviceKey) -> Result<(), StorageError> {
    timeline_rows::end_those_of_device(tx, device).await?;
    tx.execute("DELETE FROM devices WHERE key = ?1", &[device.into()]).await?;
    Ok(())
}
