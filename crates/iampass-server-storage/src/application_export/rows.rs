//! An application on its way to another service: all that makes it up but its sessions, which end with the move.
//!
//! Belongs here: reading and writing it as a whole. Does not belong here: the file that it travels in ([`super::file`]).

use iampass_core::{ApplicationId, Secret, UnixSeconds, UserToken};
use iampass_server_domain::OWN_APPLICATION;

use crate::audit::{Noted, note};
use crate::{ApplicationKey, ApplicationSettings, Database, Row, Sealed, StorageError, Tx, applications};

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
    /// The phone, if there is one.
    pub device: Option<MovedDevice>,
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
                let sql = "SELECT users.key, users.id, users.created_at,
                                  devices.id, devices.secret, devices.platform, devices.notification_token, devices.created_at
                           FROM users LEFT JOIN devices ON devices.user_key = users.key
                           WHERE users.application_key = ?1 AND users.key > ?2 ORDER BY users.key LIMIT ?3";
                let rows = tx.query(sql, &[application.into(), after.into(), i64::from(most).into()]).await?;
                rows.iter().map(|row| Ok((row.integer(0)?, read(tx, row)?))).collect()
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

fn read(tx: &Tx<'_>, row: &Row) -> Result<MovedUser, StorageError> {
    let device = match row.optional_text(3)? {
        None => None,
        Some(id) => Some(MovedDevice {
            id: id.to_owned(),
            secret: tx.open(Sealed::Device, id, row.bytes(4)?)?,
            platform: row.text(5)?.to_owned(),
            notification_token: row.text(6)?.to_owned(),
            created_at: row.seconds(7)?,
        }),
    };
    let id = UserToken::new(row.text(1)?).map_err(|_| StorageError::Corrupt { what: "user id" })?;
    Ok(MovedUser { id, created_at: row.seconds(2)?, device })
}

async fn add(tx: &mut Tx<'_>, moved: &Moved) -> Result<Option<ApplicationKey>, StorageError> {
    let sealed = tx.seal(Sealed::Application, moved.id.as_str(), moved.secret.expose())?;
    let methods = moved.settings.methods.as_deref().map(applications::words);
    let duration = moved.settings.duration_seconds.map(|seconds| i64::try_from(seconds).unwrap_or(i64::MAX));
    let sql = "INSERT INTO applications (id, secret, name, created_at, methods, duration_seconds)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id) DO NOTHING RETURNING key";
    let values = [
        moved.id.as_str().into(),
        (&sealed).into(),
        (&moved.name).into(),
        moved.created_at.into(),
        methods.as_deref().into(),
        duration.into(),
    ];
    tx.query_one(sql, &values).await?.map(|row| row.key(0)).transpose()
}

async fn add_user(
    tx: &mut Tx<'_>,
    application: ApplicationKey,
    user: &MovedUser,
) -> Result<(), StorageError> {
    let sql = "INSERT INTO users (application_key, id, created_at) VALUES (?1, ?2, ?3) RETURNING key";
    let values = [application.into(), user.id.as_str().into(), user.created_at.into()];
    let added = tx.query_one(sql, &values).await?;
    let key = added.ok_or(StorageError::Corrupt { what: "user" })?.integer(0)?;
    let Some(device) = &user.device else { return Ok(()) };
    let sealed = tx.seal(Sealed::Device, &device.id, device.secret.expose())?;
    let sql = "INSERT INTO devices (id, secret, user_key, platform, notification_token, created_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let values = [
        (&device.id).into(),
        (&sealed).into(),
        key.into(),
        (&device.platform).into(),
        (&device.notification_token).into(),
        device.created_at.into(),
    ];
    tx.execute(sql, &values).await?;
    Ok(())
}
