//! Applications: who may call the Management and Authentication APIs.
//!
//! Belongs here: finding, adding, changing and ending them. Does not belong here: who may do that.

use iampass_core::wire::AuthenticationMethod;
use iampass_core::{ApplicationId, Secret, UnixSeconds};
use iampass_server_domain::rules::Act;
use iampass_server_domain::{random, rules};

use super::audit::{Noted, note};
use super::{
    Actor, ApplicationKey, Database, Right, Row, Sealed, StorageError, Tx, UserKey, Value, timeline_rows,
};

/// A registered application.
#[derive(Clone, Debug)]
pub struct Application {
    /// Its row.
    pub key: ApplicationKey,
    /// Its id.
    pub id: ApplicationId,
    /// The new secret.
    pub secret: Secret,
    /// The secret before the last rotation, as long as it is good.
    pub previous_secret: Option<(Secret, UnixSeconds)>,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created_at: UnixSeconds,
    /// Its settings.
    pub settings: ApplicationSettings,
    /// When it was disabled, if it is.
    pub disabled_at: Option<UnixSeconds>,
}

/// The settings of an application.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApplicationSettings {
    /// The methods that it may ask for; all, if it has not said.
    pub methods: Option<Vec<AuthenticationMethod>>,
    /// How long its sessions last when it does not say; the service's own time, if it has not said.
    pub duration_seconds: Option<u64>,
}

/// How much there is of an application.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ApplicationExtent {
    /// How many users it has.
    pub users: u64,
    /// How many of them have a phone.
    pub phones: u64,
    /// Those that have not ended, and those that are being asked for.
    pub sessions: u64,
}

/// A change to an application.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ApplicationChange {
    /// Its name becomes this one.
    Rename(String),
    /// Its settings become these.
    Configure(ApplicationSettings),
    /// A new secret; the one before stays good until this time.
    Rotate {
        /// The new secret.
        secret: Secret,
        /// Until when the one before is good.
        previous_until: UnixSeconds,
    },
    /// The previous secret is good no longer.
    EndOverlap,
    /// None of its requests is done any more, and its sessions end.
    Disable,
    /// Users may log in again.
    Enable,
    /// An administrator decides whether messages are sent for it.
    Messages {
        /// Whether messages are sent for it.
        allowed: bool,
    },
    /// It is gone, and its users, phones and sessions go after it.
    Delete,
}

impl ApplicationChange {
    /// The right that it takes.
    const fn act(&self) -> Act {
        match self {
            Self::Rename(_) | Self::Configure(_) => Act::Configure,
            Self::Rotate { .. } | Self::EndOverlap => Act::RotateSecret,
            Self::Disable | Self::Enable => Act::SwitchOff,
            Self::Messages { .. } => Act::DecideMessages,
            Self::Delete => Act::Delete,
        }
    }
}

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "SELECT key, id, secret, previous_secret, previous_until, name, created_at, methods, duration_seconds, disabled_at
             FROM applications ",
            $rest
        )
    };
}

impl Database {
    /// Adds an application; false when its id is taken.
    pub async fn add_application(
        &self,
        id: &ApplicationId,
        secret: &Secret,
        name: &str,
        noted: Option<Noted>,
    ) -> Result<bool, StorageError> {
        let (id, secret, name) = (id.clone(), secret.clone(), name.to_owned());
        self.write(move |tx| {
            Box::pin(async move {
                let added = insert(tx, &id, &secret, &name, false).await?;
                if let (true, Some(noted)) = (added, noted) {
                    note(tx, &noted).await?;
                }
                Ok(added)
            })
        })
        .await
    }

    /// The service's own application of this id, which is in no list; added when it is asked for first.
    pub async fn own_application(
        &self,
        id: ApplicationId,
        drawn: Secret,
        name: &'static str,
    ) -> Result<Application, StorageError> {
        self.write(move |tx| {
            Box::pin(async move {
                insert(tx, &id, &drawn, name, true).await?;
                // One of that id that somebody else made has a secret that somebody else knows.
                let sql = "SELECT key FROM applications WHERE id = ?1 AND hidden = 1";
                if tx.query_one(sql, &[id.as_str().into()]).await?.is_none() {
                    return Err(StorageError::Corrupt { what: "application of the service itself" });
                }
                find(tx, id.as_str()).await?.ok_or(StorageError::Corrupt { what: "application" })
            })
        })
        .await
    }

    /// The application with this id.
    pub async fn application(&self, id: &str) -> Result<Option<Application>, StorageError> {
        let id = id.to_owned();
        self.read(move |tx| Box::pin(async move { find(tx, &id).await })).await
    }

    /// All applications but the service's own, oldest first.
    pub async fn applications(&self) -> Result<Vec<Application>, StorageError> {
        self.read_many(|tx| {
            Box::pin(async move {
                let rows = tx.query(columns!("WHERE hidden = 0 ORDER BY key"), &[]).await?;
                rows.iter().map(|row| read(tx, row)).collect()
            })
        })
        .await
    }

    /// Changes an application, and writes down who did it; whose sessions it has ended. None when there is no such application.
    pub async fn change_application(
        &self,
        application: ApplicationKey,
        change: ApplicationChange,
        by: Actor,
        noted: Noted,
    ) -> Result<Option<Vec<UserKey>>, StorageError> {
        self.write_by(by, Right::In(application, change.act()), move |tx| {
            Box::pin(async move {
                let sql = "SELECT id, secret FROM applications WHERE key = ?1 AND hidden = 0 /*lock*/";
                let Some(found) = tx.query_one(sql, &[application.into()]).await? else { return Ok(None) };
                let is_deleted = matches!(change, ApplicationChange::Delete);
                let ended = match change {
                    ApplicationChange::Disable | ApplicationChange::Delete => {
                        users_with_sessions(tx, application).await?
                    }
                    _ => Vec::new(),
                };
                ended.iter().for_each(|&user| tx.raised().user(user));
                if is_deleted {
                    tx.raised().leftovers();
                }
                apply(tx, application, &found, change).await?;
                note(tx, &noted).await?;
                Ok(Some(ended))
            })
        })
        .await
    }

    /// The extent of an application: the things that its end would end.
    pub async fn application_extent(
        &self,
        application: ApplicationKey,
    ) -> Result<ApplicationExtent, StorageError> {
        self.read_many(move |tx| {
            Box::pin(async move {
                let mut extent = ApplicationExtent::default();
                for (count, sql) in [
                    (&mut extent.users, "SELECT count(*) FROM users WHERE application_key = ?1"),
                    (
                        &mut extent.phones,
                        "SELECT count(*) FROM users u JOIN devices d ON d.user_key = u.key WHERE u.application_key = ?1",
                    ),
                    (
                        &mut extent.sessions,
                        "SELECT count(*) FROM sessions WHERE application_key = ?1 AND ended_at IS NULL",
                    ),
                ] {
                    let row = tx.query_one(sql, &[application.into()]).await?;
                    *count = row.map_or(Ok(0), |row| row.integer(0))?.unsigned_abs();
                }
                Ok(extent)
            })
        })
        .await
    }
}

/// The users with a session of this application that has not ended.
pub(super) async fn users_with_sessions(
    tx: &mut Tx<'_>,
    application: ApplicationKey,
) -> Result<Vec<UserKey>, StorageError> {
    let sql = "SELECT DISTINCT user_key FROM sessions
               WHERE application_key = ?1 AND ended_at IS NULL AND user_key IS NOT NULL";
    let rows = tx.query(sql, &[application.into()]).await?;
    rows.iter().map(|row| row.key(0)).collect()
}

pub(super) async fn insert(
    tx: &mut Tx<'_>,
    id: &ApplicationId,
    secret: &Secret,
    name: &str,
    hidden: bool,
) -> Result<bool, StorageError> {
    let sealed = tx.seal(Sealed::Application, id.as_str(), secret.expose())?;
    let now = tx.now();
    let added = tx
        .execute(
            "INSERT INTO applications (id, secret, name, created_at, hidden) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (id) DO NOTHING",
            &[id.as_str().into(), (&sealed).into(), name.into(), now.into(), i64::from(hidden).into()],
        )
        .await?;
    Ok(added == 1)
}

async fn find(tx: &mut Tx<'_>, id: &str) -> Result<Option<Application>, StorageError> {
    let row = tx.query_one(columns!("WHERE id = ?1"), &[id.into()]).await?;
    row.map(|row| read(tx, &row)).transpose()
}

const END_OVERLAP: &str =
    "UPDATE applications SET previous_secret = NULL, previous_until = NULL WHERE key = ?1";

async fn apply(
    tx: &mut Tx<'_>,
    key: ApplicationKey,
    found: &Row,
    change: ApplicationChange,
) -> Result<(), StorageError> {
    use ApplicationChange as C;
    let now = tx.now();
    match change {
        C::Rename(name) => {
            tx.execute("UPDATE applications SET name = ?2 WHERE key = ?1", &[key.into(), (&name).into()])
                .await?;
        }
        C::Configure(settings) => {
            let words = settings.methods.as_deref().map(words);
            let duration =
                settings.duration_seconds.map(|seconds| i64::try_from(seconds).unwrap_or(i64::MAX));
            let sql = "UPDATE applications SET methods = ?2, duration_seconds = ?3 WHERE key = ?1";
            tx.execute(sql, &[key.into(), words.as_deref().into(), duration.into()]).await?;
        }
        C::Rotate { secret, previous_until } => {
            let sealed = tx.seal(Sealed::Application, found.text(0)?, secret.expose())?;
            tx.execute(
                "UPDATE applications SET previous_secret = secret, previous_until = ?3, secret = ?2 WHERE key = ?1",
                &[key.into(), (&sealed).into(), previous_until.into()],
            )
            .await?;
            if previous_until <= now {
                // A secret that is not valid any more is not kept.
                tx.execute(END_OVERLAP, &[key.into()]).await?;
            }
        }
        C::EndOverlap => {
            tx.execute(END_OVERLAP, &[key.into()]).await?;
        }
        C::Disable => {
            let sql = "UPDATE applications SET disabled_at = coalesce(disabled_at, ?2) WHERE key = ?1";
            tx.execute(sql, &[key.into(), now.into()]).await?;
            timeline_rows::end_those_of_application(tx, key).await?;
        }
        C::Enable => {
            tx.execute("UPDATE applications SET disabled_at = NULL WHERE key = ?1", &[key.into()]).await?;
        }
        C::Messages { allowed } => {
            let sql = "UPDATE applications SET messages = ?2 WHERE key = ?1";
            tx.execute(sql, &[key.into(), i64::from(allowed).into()]).await?;
        }
        C::Delete => {
            // There may be a million users: from now on there is nothing under its id, and what it had goes bit by bit (`tidying`).
            let unknown = random::hexadecimal::<16>()?;
            tx.execute(
                "UPDATE applications SET id = ?2, secret = ?3, previous_secret = NULL, previous_until = NULL, hidden = 2, disabled_at = ?4
                 WHERE key = ?1",
                &[key.into(), (&unknown).into(), Value::Bytes(&[]), now.into()],
            )
            .await?;
            timeline_rows::end_those_of_application(tx, key).await?;
            tx.execute("DELETE FROM members WHERE application_key = ?1", &[key.into()]).await?;
            tx.execute("DELETE FROM console_links WHERE application_key = ?1", &[key.into()]).await?;
        }
    }
    Ok(())
}

/// The name of an application, for the phone to show.
pub(super) async fn id_and_name(
    tx: &mut Tx<'_>,
    key: ApplicationKey,
) -> Result<(ApplicationId, String), StorageError> {
    let row = tx.query_one("SELECT id, name FROM applications WHERE key = ?1", &[key.into()]).await?;
    let row = row.ok_or(StorageError::Corrupt { what: "application" })?;
    Ok((application_id(&row, 0)?, row.text(1)?.to_owned()))
}

fn application_id(row: &Row, column: usize) -> Result<ApplicationId, StorageError> {
    ApplicationId::new(row.text(column)?).map_err(|_| StorageError::Corrupt { what: "application id" })
}

fn read(tx: &Tx<'_>, row: &Row) -> Result<Application, StorageError> {
    let id = application_id(row, 1)?;
    let open = |sealed| tx.open(Sealed::Application, id.as_str(), sealed);
    let previous_secret = match (row.optional_bytes(3)?, row.optional_seconds(4)?) {
        (Some(sealed), Some(until)) if until > tx.now() => Some((open(sealed)?, until)),
        _ => None,
    };
    let methods = row.optional_text(7)?.map(rules::methods).transpose();
    Ok(Application {
        key: row.key(0)?,
        secret: open(row.bytes(2)?)?,
        previous_secret,
        name: row.text(5)?.to_owned(),
        created_at: row.seconds(6)?,
        settings: ApplicationSettings {
            methods: methods.map_err(|_| StorageError::Corrupt { what: "list of methods" })?,
            duration_seconds: row.optional_integer(8)?.map(i64::unsigned_abs),
        },
        disabled_at: row.optional_seconds(9)?,
        id,
    })
}

/// Methods, as they are stored and sent.
pub(super) fn words(methods: &[AuthenticationMethod]) -> String {
    let words: Vec<&str> = methods.iter().map(AuthenticationMethod::as_str).collect();
    words.join(",")
}
