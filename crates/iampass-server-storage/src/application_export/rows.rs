//! An application on its way to another service: all that makes it up but its sessions, which end with the move.
//!
//! Belongs here: reading and writing it as a whole. Does not belong here: the file that it travels in ([`super::file`]).

use iampass_core::wire::DeviceKey as DevicePublicKey;
use iampass_core::{ApplicationId, Secret, UnixSeconds, UserToken};
use iampass_server_domain::OWN_APPLICATION;

use crate::audit::{Noted, note};
use crate::{
    ApplicationKey, ApplicationSettings, Database, Row, Sealed, StorageError, Tx, applications, device_rows,
};

/// An application without its users.
#[derive(Clone, Debug)]
pub struct Moved {
    /// Its id.
    pub id: ApplicationId,
    /// Its name.
    pub name: String,
    /// Its secret.
    pub secret: Secret,
    /// When it was made.
    pub created_at: UnixSeconds,
    /// Its settings.
    pub settings: ApplicationSettings,
}

/// A user.
#[derive(Clone, Debug)]
pub struct MovedUser {
    /// Its id.
    pub id: UserToken,
    /// When it was made.
    pub created_at: UnixSeconds,
    /// When a phone of the user last ended, if one has: no browser of before is a known one.
    pub phone_ended_at: Option<UnixSeconds>,
    /// When a phone that proved unlocking, or that was on trial, was last removed by a phone, if one was.
    pub unlocking_ended_at: Option<UnixSeconds>,
    /// The phones, the oldest first.
    pub devices: Vec<MovedDevice>,
}

/// A user's phone.
#[derive(Clone, Debug)]
pub struct MovedDevice {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: Secret,
    /// The platform of the phone.
    pub platform: String,
    /// The address of its notifications.
    pub notification_token: String,
    /// When it was made.
    pub created_at: UnixSeconds,
    /// The public half of its own key, if it has one.
    pub public_key: Option<DevicePublicKey>,
    /// The name that its user gave it; empty without one.
    pub name: String,
    /// When a recovery code has added it, if so.
    pub recovered_at: Option<UnixSeconds>,
    /// When it was let in beside a phone that proves unlocking, if so.
    pub on_trial_since: Option<UnixSeconds>,
}

impl Database {
    /// Users with their phones, in the order of their keys, `most` of those after `after`; with the key of the last.
    pub async fn users_to_move(
        &self,
        application: ApplicationKey,
        after: i64,
        most: u32,
    ) -> Result<Vec<(i64, MovedUser)>, StorageError> {
        self.read_many(move |tx| {
            Box::pin(async move {
                let sql = "SELECT key, id, created_at, phone_ended_at, unlocking_ended_at FROM users WHERE application_key = ?1 AND key > ?2
                           ORDER BY key LIMIT ?3";
                let rows = tx.query(sql, &[application.into(), after.into(), i64::from(most).into()]).await?;
                let mut users = Vec::with_capacity(rows.len());
                for row in &rows {
                    let id =
                        UserToken::new(row.text(1)?).map_err(|_| StorageError::Corrupt { what: "user id" })?;
                    let (created_at, phone_ended_at) = (row.seconds(2)?, row.optional_seconds(3)?);
                    let unlocking_ended_at = row.optional_seconds(4)?;
                    let user =
                        MovedUser { id, created_at, phone_ended_at, unlocking_ended_at, devices: Vec::new() };
                    users.push((row.integer(0)?, user));
                }
                let Some(&(last, _)) = users.last() else { return Ok(users) };
                let sql = "SELECT d.user_key, d.id, d.secret, d.platform, d.notification_token, d.created_at, d.public_key, d.name,
                                  d.recovered_at, d.on_trial_since
                           FROM users u JOIN devices d ON d.user_key = u.key
                           WHERE u.application_key = ?1 AND u.key > ?2 AND u.key <= ?3 ORDER BY d.key";
                for row in tx.query(sql, &[application.into(), after.into(), last.into()]).await? {
                    let owner = row.integer(0)?;
                    if let Ok(place) = users.binary_search_by_key(&owner, |(key, _)| *key)
                        && let Some((_, user)) = users.get_mut(place)
                    {
                        user.devices.push(read(tx, &row)?);
                    }
                }
                Ok(users)
            })
        })
        .await
    }

    /// Adds an application with its users, as a whole or not at all; false when its id is taken.
    pub async fn take_in(
        &self,
        moved: Moved,
        users: Vec<MovedUser>,
        noted: Noted,
    ) -> Result<bool, StorageError> {
        if moved.id.as_str() == OWN_APPLICATION {
            return Ok(false);
        }
        self.write(move |tx| {
            Box::pin(async move {
                let Some(application) = add(tx, &moved).await? else { return Ok(false) };
                for user in &users {
                    add_user(tx, application, user).await?;
                }
                note(tx, &noted).await?;
                Ok(true)
            })
        })
        .await
    }
}

fn read(tx: &Tx<'_>, row: &Row) -> Result<MovedDevice, StorageError> {
    let id = row.text(1)?;
    Ok(MovedDevice {
        id: id.to_owned(),
        secret: tx.open(Sealed::Device, id, row.bytes(2)?)?,
        platform: row.text(3)?.to_owned(),
        notification_token: row.text(4)?.to_owned(),
        created_at: row.seconds(5)?,
        public_key: device_rows::public_key(row, 6)?,
        name: row.text(7)?.to_owned(),
        recovered_at: row.optional_seconds(8)?,
        on_trial_since: row.optional_seconds(9)?,
    })
}

async fn add(tx: &mut Tx<'_>, moved: &Moved) -> Result<Option<ApplicationKey>, StorageError> {
    let sealed = tx.seal(Sealed::Application, moved.id.as_str(), moved.secret.expose())?;
    let methods = moved.settings.methods.as_deref().map(applications::words);
    let duration = moved.settings.duration_seconds.map(|seconds| i64::try_from(seconds).unwrap_or(i64::MAX));
    let sql = "INSERT INTO applications (id, secret, name, created_at, methods, duration_seconds, approval, walkaway, phones)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (id) DO NOTHING RETURNING key";
    let values = [
        moved.id.as_str().into(),
        (&sealed).into(),
        (&moved.name).into(),
        moved.created_at.into(),
        methods.as_deref().into(),
        duration.into(),
        moved.settings.approval.word().into(),
        applications::walkaway_column(moved.settings.walkaway).into(),
        moved.settings.phones.word().into(),
    ];
    tx.query_one(sql, &values).await?.map(|row| row.key(0)).transpose()
}

async fn add_user(
    tx: &mut Tx<'_>,
    application: ApplicationKey,
    user: &MovedUser,
) -> Result<(), StorageError> {
    // A file without secrets brings no phones: those that the user had have ended.
    let phone_ended_at = if user.devices.is_empty() { Some(tx.now()) } else { user.phone_ended_at };
    let sql = "INSERT INTO users (application_key, id, created_at, phone_ended_at, unlocking_ended_at)
               VALUES (?1, ?2, ?3, ?4, ?5) RETURNING key";
    let values = [
        application.into(),
        user.id.as_str().into(),
        user.created_at.into(),
        phone_ended_at.into(),
        user.unlocking_ended_at.into(),
    ];
    let added = tx.query_one(sql, &values).await?;
    let key = added.ok_or(StorageError::Corrupt { what: "user" })?.integer(0)?;
    for device in &user.devices {
        add_device(tx, key, device).await?;
    }
    Ok(())
}

async fn add_device(tx: &mut Tx<'_>, user: i64, device: &MovedDevice) -> Result<(), StorageError> {
    let sealed = tx.seal(Sealed::Device, &device.id, device.secret.expose())?;
    let public_key = device.public_key.as_ref().map(DevicePublicKey::sec1);
    let sql =
        "INSERT INTO devices (id, secret, user_key, platform, notification_token, created_at, public_key, name, recovered_at,
                                    on_trial_since)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    let values = [
        (&device.id).into(),
        (&sealed).into(),
        user.into(),
        (&device.platform).into(),
        (&device.notification_token).into(),
        device.created_at.into(),
        public_key.as_ref().map(<[u8; 65]>::as_slice).into(),
        (&device.name).into(),
        device.recovered_at.into(),
        device.on_trial_since.into(),
    ];
    tx.execute(sql, &values).await?;
    Ok(())
}
