//! Users of applications.

use std::collections::HashSet;

use iampass_core::UserToken;
use iampass_core::wire::AddedUsers;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::nonces::seconds;
use super::{ApplicationKey, Database, SpentNonce, StorageError, UserKey, devices, timeline_rows};

impl Database {
    /// Adds users; those that are there already are told apart. The order is kept, and one that is named twice counts once.
    pub(crate) async fn add_users(
        &self,
        application: ApplicationKey,
        users: Vec<UserToken>,
        spent: SpentNonce,
    ) -> Result<AddedUsers, StorageError> {
        self.write_spending(spent, move |connection, now| {
            let mut insert = connection.prepare_cached(
                "INSERT INTO users (application, id, created_at) VALUES (?1, ?2, ?3)
                 ON CONFLICT (application, id) DO NOTHING",
            )?;
            let mut named = HashSet::new();
            let mut added = AddedUsers::default();
            for user in users {
                if !named.insert(user.clone()) {
                    continue;
                }
                match insert.execute(params![application, user.as_str(), seconds(now)])? {
                    0 => added.existing.push(user),
                    _ => added.created.push(user),
                }
            }
            Ok(added)
        })
        .await
    }

    /// Deletes users with their phones and links, and ends their sessions; who was there is given back.
    pub(crate) async fn delete_users(
        &self,
        application: ApplicationKey,
        users: Vec<UserToken>,
        spent: SpentNonce,
    ) -> Result<Vec<UserKey>, StorageError> {
        self.write_spending(spent, move |connection, now| {
            let mut deleted = Vec::new();
            for user in users {
                let Some(key) = find(connection, application, &user)? else { continue };
                timeline_rows::end_those_of_user(connection, key, now)?;
                connection.prepare_cached("DELETE FROM users WHERE key = ?1")?.execute([key])?;
                deleted.push(key);
            }
            Ok(deleted)
        })
        .await
    }

    /// Whether the application has this user.
    pub(crate) fn has_user(
        &self,
        application: ApplicationKey,
        user: &UserToken,
    ) -> Result<bool, StorageError> {
        self.read(|connection| Ok(find(connection, application, user)?.is_some()))
    }

    /// Whether the user has a phone; None when there is no such user.
    pub(crate) fn has_device(
        &self,
        application: ApplicationKey,
        user: &UserToken,
    ) -> Result<Option<bool>, StorageError> {
        self.read(|connection| {
            let Some(user) = find(connection, application, user)? else { return Ok(None) };
            Ok(Some(devices::of_user(connection, user)?.is_some()))
        })
    }
}

pub(super) fn find(
    connection: &Connection,
    application: ApplicationKey,
    user: &UserToken,
) -> Result<Option<UserKey>, StorageError> {
    let mut statement =
        connection.prepare_cached("SELECT key FROM users WHERE application = ?1 AND id = ?2")?;
    Ok(statement.query_row(params![application, user.as_str()], |row| row.get(0)).optional()?)
}

/// The application and the id of a user.
pub(super) fn identity(
    connection: &Connection,
    user: UserKey,
) -> Result<(ApplicationKey, UserToken), StorageError> {
    let (application, id): (_, String) = connection
        .prepare_cached("SELECT application, id FROM users WHERE key = ?1")?
        .query_row([user], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok((application, UserToken::new(id).map_err(|_| StorageError::Corrupt { what: "user id" })?))
}
