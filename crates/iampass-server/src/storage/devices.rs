//! Phones. A user has one at most; registering another replaces it.

use iampass_core::wire::{Platform, RegisterDevice};
use iampass_core::{ApplicationId, DeviceId, Secret, UnixSeconds, UserToken};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::nonces::seconds;
use super::{
    Database, DeviceKey, LinkCode, SpentNonce, StorageError, UserKey, applications, links, timeline_rows,
    users,
};

/// A registered phone, as it signs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Device {
    pub(crate) key: DeviceKey,
    pub(crate) user: UserKey,
}

/// The credentials that a phone is given.
#[derive(Clone, Debug)]
pub(crate) struct NewDevice {
    pub(crate) id: DeviceId,
    pub(crate) secret: Secret,
}

/// What a phone is told about whose it is.
#[derive(Clone, Debug)]
pub(crate) struct Registered {
    pub(crate) user: UserKey,
    pub(crate) user_id: UserToken,
    pub(crate) display_name: Option<String>,
    pub(crate) application_id: ApplicationId,
    pub(crate) application_name: String,
}

impl Database {
    /// Registers a phone by a link, in place of the user's earlier one, whose sessions end. None when the link is not valid.
    pub(crate) async fn register_device(
        &self,
        code: LinkCode,
        device: NewDevice,
        registration: RegisterDevice,
    ) -> Result<Option<Registered>, StorageError> {
        self.write(move |connection, now| {
            let Some((user, display_name)) = links::redeem(connection, &code, now)? else { return Ok(None) };
            remove_of_user(connection, user, now)?;
            connection
                .prepare_cached(
                    "INSERT INTO devices (id, secret, user, platform, notification_token, created_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute(params![
                    device.id.as_str(),
                    device.secret.expose(),
                    user,
                    Platform::as_str(&registration.platform),
                    registration.notification_token,
                    seconds(now)
                ])?;
            let (application, user_id) = users::identity(connection, user)?;
            let (application_id, application_name) = applications::id_and_name(connection, application)?;
            Ok(Some(Registered { user, user_id, display_name, application_id, application_name }))
        })
        .await
    }

    /// The phone with this id, and its secret.
    pub(crate) fn device(&self, id: &str) -> Result<Option<(Secret, Device)>, StorageError> {
        self.read(|connection| {
            let found = connection
                .prepare_cached("SELECT secret, key, user FROM devices WHERE id = ?1")?
                .query_row([id], |row| {
                    let secret: String = row.get(0)?;
                    Ok((Secret::new(secret), Device { key: row.get(1)?, user: row.get(2)? }))
                })
                .optional()?;
            Ok(found)
        })
    }

    /// Takes over where notifications go; false when the phone is not registered any more.
    pub(crate) async fn configure_device(
        &self,
        device: DeviceKey,
        notification_token: String,
        spent: SpentNonce,
    ) -> Result<bool, StorageError> {
        self.write_spending(spent, move |connection, _| {
            let changed = connection
                .prepare_cached("UPDATE devices SET notification_token = ?2 WHERE key = ?1")?
                .execute(params![device, notification_token])?;
            Ok(changed == 1)
        })
        .await
    }

    /// Removes a phone and ends its sessions.
    pub(crate) async fn unregister_device(
        &self,
        device: DeviceKey,
        spent: SpentNonce,
    ) -> Result<(), StorageError> {
        self.write_spending(spent, move |connection, now| remove(connection, device, now)).await
    }
}

pub(super) fn of_user(connection: &Connection, user: UserKey) -> Result<Option<DeviceKey>, StorageError> {
    let mut statement = connection.prepare_cached("SELECT key FROM devices WHERE user = ?1")?;
    Ok(statement.query_row([user], |row| row.get(0)).optional()?)
}

pub(super) fn exists(connection: &Connection, device: DeviceKey) -> Result<bool, StorageError> {
    Ok(connection.prepare_cached("SELECT 1 FROM devices WHERE key = ?1")?.exists([device])?)
}

pub(super) fn remove_of_user(
    connection: &Connection,
    user: UserKey,
    now: UnixSeconds,
) -> Result<(), StorageError> {
    match of_user(connection, user)? {
        Some(device) => remove(connection, device, now),
        None => Ok(()),
    }
}

fn remove(connection: &Connection, device: DeviceKey, now: UnixSeconds) -> Result<(), StorageError> {
    timeline_rows::end_those_of_device(connection, device, now)?;
    connection.prepare_cached("DELETE FROM devices WHERE key = ?1")?.execute([device])?;
    Ok(())
}
