//! Applications: who may call the Management and Authentication APIs.

use iampass_core::{ApplicationId, Secret};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::nonces::seconds;
use super::{ApplicationKey, Database, StorageError};

/// A registered application.
#[derive(Clone, Debug)]
pub(crate) struct Application {
    pub(crate) key: ApplicationKey,
    pub(crate) id: ApplicationId,
    pub(crate) secret: Secret,
    pub(crate) name: String,
}

const COLUMNS: &str = "SELECT key, id, secret, name FROM applications";

impl Database {
    /// Adds an application; false when its id is taken.
    pub(crate) async fn add_application(
        &self,
        id: &ApplicationId,
        secret: &Secret,
        name: &str,
    ) -> Result<bool, StorageError> {
        let (id, secret, name) = (id.clone(), secret.clone(), name.to_owned());
        self.write(move |connection, now| {
            let added = connection.execute(
                "INSERT INTO applications (id, secret, name, created_at) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (id) DO NOTHING",
                params![id.as_str(), secret.expose(), name, seconds(now)],
            )?;
            Ok(added == 1)
        })
        .await
    }

    /// The application with this id.
    pub(crate) fn application(&self, id: &str) -> Result<Option<Application>, StorageError> {
        self.read(|connection| {
            connection
                .prepare_cached(&format!("{COLUMNS} WHERE id = ?1"))?
                .query_row([id], read_row)
                .optional()?
                .transpose()
        })
    }

    /// All applications, oldest first.
    pub(crate) fn applications(&self) -> Result<Vec<Application>, StorageError> {
        self.read(|connection| {
            let mut statement = connection.prepare(&format!("{COLUMNS} ORDER BY key"))?;
            let rows = statement.query_map([], read_row)?;
            rows.map(|row| row?).collect()
        })
    }
}

/// The name of an application, for the phone to show.
pub(super) fn id_and_name(
    connection: &Connection,
    key: ApplicationKey,
) -> Result<(ApplicationId, String), StorageError> {
    let (id, name): (String, String) = connection
        .prepare_cached("SELECT id, name FROM applications WHERE key = ?1")?
        .query_row([key], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok((ApplicationId::new(id).map_err(|_| StorageError::Corrupt { what: "application id" })?, name))
}

fn read_row(row: &Row<'_>) -> rusqlite::Result<Result<Application, StorageError>> {
    let (key, id, secret, name) =
        (row.get(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get(3)?);
    Ok(ApplicationId::new(id)
        .map(|id| Application { key, id, secret: Secret::new(secret), name })
        .map_err(|_| StorageError::Corrupt { what: "application id" }))
}
