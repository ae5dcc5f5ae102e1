//! Users of applications.

use std::collections::HashSet;

use iampass_core::events::EventKind;
use iampass_core::wire::AddedUsers;
use iampass_core::{ApplicationId, UnixSeconds, UserToken};
use iampass_server_domain::rules::{Ending, Walkaway};

use super::applications::read_walkaway;
use super::bulk::SLICE;
use super::console::account_room;
use super::{
    ApplicationKey, Database, Row, SpentNonce, StorageError, Tx, UserKey, device_rows, events, timeline_rows,
};

/// The outcome of adding users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UsersAdded {
    /// All of them are there now.
    Added(AddedUsers),
    /// The application may have so many, and there is no room for all of these.
    NoRoom {
        /// How many it may have.
        most: u64,
    },
}

impl Database {
    /// Adds users; those that are there already are told apart. The order is kept, and one that is named twice counts once.
    ///
    /// A long list is added in slices. An error leaves those slices that came before it, and so does the end of the room.
    pub async fn add_users(
        &self,
        application: ApplicationKey,
        users: Vec<UserToken>,
        spent: SpentNonce,
    ) -> Result<UsersAdded, StorageError> {
        let users = unique(users);
        let most = self.account_limits.users;
        let _turn = if users.len() > SLICE { Some(self.bulk.take(application).await?) } else { None };
        let (first, others) = users.split_at(users.len().min(SLICE));
        let first = first.to_vec();
        let first =
            self.write_spending(spent, move |tx| Box::pin(insert(tx, application, first, most))).await?;
        let UsersAdded::Added(mut added) = first else { return Ok(first) };
        for slice in others.chunks(SLICE) {
            let slice = slice.to_vec();
            let more = self.write(move |tx| Box::pin(insert(tx, application, slice, most))).await?;
            let UsersAdded::Added(more) = more else { return Ok(more) };
            added.created.extend(more.created);
            added.existing.extend(more.existing);
        }
        Ok(UsersAdded::Added(added))
    }

    /// Deletes users with their phones and links, and ends their sessions; how many there were.
    ///
    /// A long list is deleted in slices. An error leaves those slices deleted that came before it.
    pub async fn delete_users(
        &self,
        application: ApplicationKey,
        users: Vec<UserToken>,
        spent: SpentNonce,
    ) -> Result<usize, StorageError> {
        let users = unique(users);
        let _turn = if users.len() > SLICE { Some(self.bulk.take(application).await?) } else { None };
        let (first, others) = users.split_at(users.len().min(SLICE));
        let first = first.to_vec();
        let gone = self.write_spending(spent, move |tx| Box::pin(delete_all(tx, application, first)));
        let mut deleted = gone.await?;
        for slice in others.chunks(SLICE) {
            let slice = slice.to_vec();
            let gone = self.write(move |tx| Box::pin(delete_all(tx, application, slice)));
            deleted += gone.await?;
        }
        Ok(deleted)
    }

    /// Whether the application has this user.
    pub async fn has_user(
        &self,
        application: ApplicationKey,
        user: &UserToken,
    ) -> Result<bool, StorageError> {
        let user = user.clone();
        self.read(move |tx| Box::pin(async move { Ok(find(tx, application, &user).await?.is_some()) })).await
    }

    /// Whether the user has a phone; None when there is no such user.
    pub async fn has_device(
        &self,
        application: ApplicationKey,
        user: &UserToken,
    ) -> Result<Option<bool>, StorageError> {
        let user = user.clone();
        self.read(move |tx| {
            Box::pin(async move {
                let Some(user) = find(tx, application, &user).await? else { return Ok(None) };
                Ok(Some(device_rows::of_user(tx, user).await?.is_some()))
            })
        })
        .await
    }
}

/// In their order, each once.
fn unique(users: Vec<UserToken>) -> Vec<UserToken> {
    let mut named = HashSet::new();
    users.into_iter().filter(|user| named.insert(user.clone())).collect()
}

/// Deletes users; how many of them were there.
async fn delete_all(
    tx: &mut Tx<'_>,
    application: ApplicationKey,
    mut users: Vec<UserToken>,
) -> Result<usize, StorageError> {
    users.sort_by(|one, other| one.as_str().cmp(other.as_str()));
    let mut deleted = 0;
    for user in users {
        let Some(key) = lock(tx, application, &user).await? else { continue };
        delete(tx, key).await?;
        deleted += 1;
    }
    Ok(deleted)
}

/// Adds users; those that are there already are told apart. The order is kept, and one that is named twice counts once. Where an account made the
/// application that is no administrator, it has `most` users afterwards, or none of these is added.
pub(super) async fn insert(
    tx: &mut Tx<'_>,
    application: ApplicationKey,
    users: Vec<UserToken>,
    most: Option<u64>,
) -> Result<UsersAdded, StorageError> {
    let now = tx.now();
    let mut added = AddedUsers::default();
    let unique = unique(users);
    if let Some(most) = account_room::users_too_many(tx, application, &unique, most).await? {
        return Ok(UsersAdded::NoRoom { most });
    }
    // Everybody in the same order, so that two calls with the same users do not wait for each other in a ring.
    let mut in_order: Vec<&UserToken> = unique.iter().collect();
    in_order.sort_by(|one, other| one.as_str().cmp(other.as_str()));
    let mut created = HashSet::new();
    for user in in_order {
        let sql = "INSERT INTO users (application_key, id, created_at) VALUES (?1, ?2, ?3)
                   ON CONFLICT (application_key, id) DO NOTHING";
        if tx.execute(sql, &[application.into(), user.as_str().into(), now.into()]).await? == 1 {
            created.insert(user.clone());
        }
    }
    if !created.is_empty() && events::are_wanted(tx, application).await? {
        for user in unique.iter().filter(|user| created.contains(*user)) {
            events::of_application(tx, application, &EventKind::UserAdded, Some(user.as_str())).await?;
        }
    }
    for user in unique {
        match created.contains(&user) {
            true => added.created.push(user),
            false => added.existing.push(user),
        }
    }
    Ok(UsersAdded::Added(added))
}

/// Deletes a user whose row is locked.
pub(super) async fn delete(tx: &mut Tx<'_>, user: UserKey) -> Result<(), StorageError> {
    tx.raised().phones(user);
    timeline_rows::end_those_of_user(tx, user, Ending::UserDeleted).await?;
    events::of_user(tx, user, &EventKind::UserDeleted, None).await?;
    tx.execute("DELETE FROM users WHERE key = ?1", &[user.into()]).await?;
    Ok(())
}

pub(super) async fn find(
    tx: &mut Tx<'_>,
    application: ApplicationKey,
    user: &UserToken,
) -> Result<Option<UserKey>, StorageError> {
    let sql = "SELECT key FROM users WHERE application_key = ?1 AND id = ?2";
    let row = tx.query_one(sql, &[application.into(), user.as_str().into()]).await?;
    row.map(|row| row.key(0)).transpose()
}

/// Finds a user, and keeps others from changing what the user has (phone, link, questions) until the change is made. This lock comes before
/// those of sessions, always.
pub(super) async fn lock(
    tx: &mut Tx<'_>,
    application: ApplicationKey,
    user: &UserToken,
) -> Result<Option<UserKey>, StorageError> {
    let sql = "SELECT key FROM users WHERE application_key = ?1 AND id = ?2 /*lock*/";
    let row = tx.query_one(sql, &[application.into(), user.as_str().into()]).await?;
    row.map(|row| row.key(0)).transpose()
}

/// The times before which no browser is a user's known one.
#[derive(Clone, Copy, Debug)]
pub(super) struct NotKnownBefore {
    /// When a phone of the user last ended: somebody with that phone may have signed in there.
    pub(super) phone_ended_at: Option<UnixSeconds>,
    /// When the user was added. The user of before, of the same id, may have lost a phone.
    pub(super) added_at: UnixSeconds,
}

/// The statement that locks a user by application and id, and reads the times before which no browser is known.
pub(super) const LOCK_TO_START: &str =
    "SELECT key, phone_ended_at, created_at FROM users WHERE application_key = ?1 AND id = ?2 /*lock*/";

/// A row of [`LOCK_TO_START`].
pub(super) fn read_to_start(row: &Row) -> Result<(UserKey, NotKnownBefore), StorageError> {
    let before = NotKnownBefore { phone_ended_at: row.optional_seconds(1)?, added_at: row.seconds(2)? };
    Ok((row.key(0)?, before))
}

/// As [`lock`], by key; false when the user is gone.
pub(super) async fn lock_key(tx: &mut Tx<'_>, user: UserKey) -> Result<bool, StorageError> {
    Ok(tx.query_one(LOCK_KEY, &[user.into()]).await?.is_some())
}

/// The statement of [`lock_key`].
pub(super) const LOCK_KEY: &str = "SELECT key FROM users WHERE key = ?1 /*lock*/";

/// A user as a phone is told of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Named {
    pub(super) id: UserToken,
    pub(super) application_id: ApplicationId,
    pub(super) application_name: String,
    pub(super) walkaway: Walkaway,
}

/// How a user and its application are called. None when the user is gone: a read that is no transaction may find rows of a user who is
/// deleted before its next statement.
pub(super) async fn named(tx: &mut Tx<'_>, user: UserKey) -> Result<Option<Named>, StorageError> {
    let sql = "SELECT users.id, applications.id, applications.name, applications.walkaway FROM users
               JOIN applications ON applications.key = users.application_key WHERE users.key = ?1";
    let Some(row) = tx.query_one(sql, &[user.into()]).await? else { return Ok(None) };
    read_named(&row, 0).map(Some)
}

/// Reads the id of a user, and the id, the name and `walkaway` of its application, which follow each other.
pub(super) fn read_named(row: &Row, first: usize) -> Result<Named, StorageError> {
    let corrupt = |what| StorageError::Corrupt { what };
    Ok(Named {
        id: UserToken::new(row.text(first)?).map_err(|_| corrupt("user id"))?,
        application_id: ApplicationId::new(row.text(first + 1)?).map_err(|_| corrupt("application id"))?,
        application_name: row.text(first + 2)?.to_owned(),
        walkaway: read_walkaway(row, first + 3)?,
    })
}

/// The application and the id of a user whose row is locked.
pub(super) async fn identity(
    tx: &mut Tx<'_>,
    user: UserKey,
) -> Result<(ApplicationKey, UserToken), StorageError> {
    let row = tx.query_one("SELECT application_key, id FROM users WHERE key = ?1", &[user.into()]).await?;
    let row = row.ok_or(StorageError::Corrupt { what: "user" })?;
    let id = UserToken::new(row.text(1)?).map_err(|_| StorageError::Corrupt { what: "user id" })?;
    Ok((row.key(0)?, id))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use iampass_core::UnixSeconds;

    use super::super::test_store::on_both;
    use super::super::{DeviceKey, questions};
    use super::*;

    /// The lists of a phone are read without a lock, so its user may be deleted between two of their statements.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_phone_whose_user_is_deleted_meanwhile_has_empty_lists() {
        on_both(async |store| {
            let application = store.application("APP").await;
            store.add(application, &["anna", "bob"]).await;
            let (anna, bob) = (store.user(application, "anna").await, store.user(application, "bob").await);
            let blob = if store.is_postgres { "'\\x00'" } else { "x'00'" };
            let sql = format!(
                "INSERT INTO devices (id, secret, user_key, notification_token, platform, created_at)
                 VALUES ('phone', {blob}, CAST(?1 AS BIGINT), '', '', 0)"
            );
            store.run(sql, vec![anna.0]).await;
            store.sessions(application, Some(anna), 1, 4).await;
            store.run("UPDATE sessions SET device_key = (SELECT key FROM devices)".to_owned(), vec![]).await;
            let device = DeviceKey(1);
            let now = UnixSeconds(10);
            let open = async |user| store.database.open_sessions(device, user, now).await.unwrap().0.len();
            assert_eq!(open(anna).await, 4);
            assert_eq!(store.database.user_id(bob).await.unwrap().unwrap().as_str(), "bob");

            store.run("DELETE FROM users WHERE key = ?1".to_owned(), vec![bob.0]).await;
            assert_eq!(open(bob).await, 0);
            assert_eq!(store.database.user_id(bob).await.unwrap(), None);
            store
                .run(
                    "UPDATE sessions SET activated_at = NULL, state = 'waiting', on_phone = 1".to_owned(),
                    vec![],
                )
                .await;
            let waiting = store.database.read(move |tx| Box::pin(questions::waiting(tx, device, bob, now)));
            assert_eq!(waiting.await.unwrap().len(), 0);
        })
        .await;
    }

    /// A long list gives what a short one gives, and lets others in between.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_long_list_is_added_and_deleted_in_slices() {
        on_both(async |store| {
            let application = store.application("APP").await;
            let token = |number: usize| UserToken::new(format!("u{number}")).unwrap();
            let spent = || SpentNonce::none(Arc::clone(&store.database));
            store.database.add_users(application, vec![token(70)], spent()).await.unwrap();
            let twice = std::iter::once(token(3));
            let users: Vec<_> = (0..2 * SLICE + 20).rev().map(token).chain(twice).collect();
            let commits = store.database.commits();
            let added = store.database.add_users(application, users.clone(), spent()).await.unwrap();
            let UsersAdded::Added(added) = added else { panic!("there is room: {added:?}") };
            assert_eq!(store.database.commits() - commits, 3);
            let new: Vec<_> =
                users[..users.len() - 1].iter().filter(|user| **user != token(70)).cloned().collect();
            assert_eq!((added.created, added.existing), (new, vec![token(70)]));

            let commits = store.database.commits();
            let gone = store.database.delete_users(application, users, spent()).await.unwrap();
            assert_eq!((store.database.commits() - commits, gone), (3, 2 * SLICE + 20));
            assert!(!store.database.has_user(application, &token(3)).await.unwrap());
        })
        .await;
    }
}
