//! Applications: who may call the Management and Authentication APIs.
//!
//! Belongs here: finding and adding them. Does not belong here: changing and ending them ([`super::application_changes`]).

use iampass_core::wire::AuthenticationMethod;
use iampass_core::{ApplicationId, Secret, UnixSeconds};
use iampass_server_domain::rules::{self, AllowedPhones, Approval, Walkaway};

use super::audit::{Noted, note};
use super::counted_to::counted_to;
use super::{ApplicationKey, CountedTo, Database, Row, Sealed, Sealer, StorageError, Tx, UserKey};

/// A registered application.
#[derive(Clone, Debug)]
pub struct Application {
    /// Its row.
    pub key: ApplicationKey,
    /// The account or application that its nonces are counted to.
    pub counted_to: CountedTo,
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
    /// The approval that it takes at least.
    pub approval: Approval,
    /// Whether phones say of its sessions that they are near or away.
    pub walkaway: Walkaway,
    /// The phones that may answer for it.
    pub phones: AllowedPhones,
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

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "SELECT key, id, secret, previous_secret, previous_until, name, created_at, methods, duration_seconds, disabled_at, approval, walkaway, ",
            counted_to!("applications.key"),
            ", phones FROM applications ",
            $rest
        )
    };
}

/// The statement that finds an application by its id.
pub(super) const BY_ID: &str = columns!("WHERE id = ?1");
/// The same for one that is in the lists.
pub(super) const LISTED_BY_ID: &str = columns!("WHERE id = ?1 AND hidden = 0");
/// Those behind the row ?1, the oldest first, ?2 of them.
pub(super) const BEHIND: &str = columns!("WHERE key > ?1 AND hidden = 0 ORDER BY key LIMIT ?2");
/// The one in the row ?1, if it is in the lists.
pub(super) const ONE: &str = columns!("WHERE key = ?1 AND hidden = 0");

impl Database {
    /// Adds an application; false when its id is taken.
    pub async fn add_application(
        &self,
        id: &ApplicationId,
        secret: &Secret,
        name: &str,
        approval: Approval,
        noted: Option<Noted>,
    ) -> Result<bool, StorageError> {
        let (id, secret, name) = (id.clone(), secret.clone(), name.to_owned());
        self.write(move |tx| {
            Box::pin(async move {
                let added = insert(tx, &id, &secret, &name, Added::Listed(approval)).await?;
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
                insert(tx, &id, &drawn, name, Added::Own).await?;
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
        let found = self.read(move |tx| {
            Box::pin(async move {
                let Some(row) = tx.query_one(BY_ID, &[(&id).into()]).await? else { return Ok(None) };
                Ok(Some((read(tx.sealer(), tx.now(), &row)?, row)))
            })
        });
        Ok(found.await?.map(|(application, row)| {
            self.remembering(|remembered| {
                remembered.keep_application(
                    application.id.as_str(),
                    application.key,
                    application.counted_to,
                    row,
                )
            });
            application
        }))
    }

    /// All applications but the service's own, oldest first.
    pub async fn applications(&self) -> Result<Vec<Application>, StorageError> {
        self.read_many(|tx| {
            Box::pin(async move {
                let rows = tx.query(columns!("WHERE hidden = 0 ORDER BY key"), &[]).await?;
                rows.iter().map(|row| read(tx.sealer(), tx.now(), row)).collect()
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

/// The kind of an application that is added.
#[derive(Clone, Copy, Debug)]
pub(super) enum Added {
    /// One in the lists, with the approval that it takes at least.
    Listed(Approval),
    /// The service's own, which is in no list.
    Own,
}

pub(super) async fn insert(
    tx: &mut Tx<'_>,
    id: &ApplicationId,
    secret: &Secret,
    name: &str,
    added: Added,
) -> Result<bool, StorageError> {
    let sealed = tx.seal(Sealed::Application, id.as_str(), secret.expose())?;
    let now = tx.now();
    let (hidden, approval) = match added {
        Added::Listed(approval) => (0_i64, approval),
        // Its login pages show a code, which is then needed whatever stands here.
        Added::Own => (1, Approval::Tap),
    };
    let sql = "INSERT INTO applications (id, secret, name, created_at, hidden, approval) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
               ON CONFLICT (id) DO NOTHING";
    let values = [
        id.as_str().into(),
        (&sealed).into(),
        name.into(),
        now.into(),
        hidden.into(),
        approval.word().into(),
    ];
    Ok(tx.execute(sql, &values).await? == 1)
}

async fn find(tx: &mut Tx<'_>, id: &str) -> Result<Option<Application>, StorageError> {
    let row = tx.query_one(BY_ID, &[id.into()]).await?;
    row.map(|row| read(tx.sealer(), tx.now(), &row)).transpose()
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

/// Reads the columns of [`BY_ID`], as they count at `now`.
pub(super) fn read(sealer: &Sealer, now: UnixSeconds, row: &Row) -> Result<Application, StorageError> {
    let id = application_id(row, 1)?;
    let open = |sealed| sealer.open(Sealed::Application, id.as_str(), sealed);
    let previous_secret = match (row.optional_bytes(3)?, row.optional_seconds(4)?) {
        (Some(sealed), Some(until)) if until > now => Some((open(sealed)?, until)),
        _ => None,
    };
    let methods = row.optional_text(7)?.map(rules::methods).transpose();
    Ok(Application {
        key: row.key(0)?,
        counted_to: CountedTo::of(row.key(0)?, row.optional_key(12)?),
        secret: open(row.bytes(2)?)?,
        previous_secret,
        name: row.text(5)?.to_owned(),
        created_at: row.seconds(6)?,
        settings: ApplicationSettings {
            methods: methods.map_err(|_| StorageError::Corrupt { what: "list of methods" })?,
            duration_seconds: row.optional_integer(8)?.map(i64::unsigned_abs),
            approval: Approval::from_word(row.text(10)?)
                .ok_or(StorageError::Corrupt { what: "approval of an application" })?,
            walkaway: read_walkaway(row, 11)?,
            phones: read_phones(row, 13)?,
        },
        disabled_at: row.optional_seconds(9)?,
        id,
    })
}

/// Reads the column `phones`. A word that is not known lets no phone answer.
pub(super) fn read_phones(row: &Row, column: usize) -> Result<AllowedPhones, StorageError> {
    AllowedPhones::from_word(row.text(column)?)
        .ok_or(StorageError::Corrupt { what: "phones that may answer for an application" })
}

/// The phones that may answer for the application of a user.
pub(super) async fn phones_for(tx: &mut Tx<'_>, user: UserKey) -> Result<AllowedPhones, StorageError> {
    let sql =
        "SELECT a.phones FROM users u JOIN applications a ON a.key = u.application_key WHERE u.key = ?1";
    let row = tx.query_one(sql, &[user.into()]).await?;
    read_phones(&row.ok_or(StorageError::Corrupt { what: "application of a user" })?, 0)
}

/// Reads the column `walkaway`.
pub(super) fn read_walkaway(row: &Row, column: usize) -> Result<Walkaway, StorageError> {
    Ok(if row.integer(column)? == 0 { Walkaway::Off } else { Walkaway::On })
}

/// The number in the column `walkaway`.
pub(super) fn walkaway_column(walkaway: Walkaway) -> i64 {
    i64::from(walkaway == Walkaway::On)
}

/// Methods, as they are stored and sent.
pub(super) fn words(methods: &[AuthenticationMethod]) -> String {
    let words: Vec<&str> = methods.iter().map(AuthenticationMethod::as_str).collect();
    words.join(",")
}
