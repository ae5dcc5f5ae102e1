//! The accounts of the Console.
//!
//! Belongs here: finding, adding and removing them. Their names come in one spelling (`console::fields`). Does not belong here: their phones
//! and sessions, which are those of any user of any application.

use iampass_core::UnixSeconds;

use super::corrupt;
use crate::audit::{Noted, note};
use crate::{AccountKey, Database, Row, StorageError, Tx};

/// Somebody who may sign in to the Console.
#[derive(Clone)]
pub struct Account {
    /// Its row.
    pub key: AccountKey,
    /// Its name.
    pub name: String,
    /// Whether it administers the service.
    pub is_administrator: bool,
    /// When it was made.
    pub created_at: UnixSeconds,
    /// When it signed in first. Until then its name is held for a while only.
    pub arrived_at: Option<UnixSeconds>,
    /// When it was disabled, if it is.
    pub disabled_at: Option<UnixSeconds>,
}

/// The name stays out of logs.
impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("key", &self.key).finish_non_exhaustive()
    }
}

/// The outcome of a registration.
#[derive(Clone, Debug)]
pub enum Registration {
    /// It was done.
    Done(Account),
    /// Somebody has this name; whether it is held by somebody who never came can be seen from the account.
    Taken(Account),
}

macro_rules! accounts {
    ($rest:literal) => {
        concat!("SELECT key, name, administrator, created_at, arrived_at, disabled_at FROM accounts ", $rest)
    };
}

/// Accounts from ?1 on, before ?2 and behind ?3, in the order of their names.
pub(super) const ACCOUNTS_BY_NAME: &str =
    accounts!("WHERE name >= ?1 AND name < ?2 AND name > ?3 ORDER BY name LIMIT ?4");

impl Database {
    /// The account of this name.
    pub async fn account_named(&self, name: &str) -> Result<Option<Account>, StorageError> {
        let name = name.to_owned();
        self.read(move |tx| Box::pin(async move { named(tx, &name).await })).await
    }

    /// The account of this key.
    pub async fn account(&self, key: AccountKey) -> Result<Option<Account>, StorageError> {
        self.read(move |tx| Box::pin(async move { by_key(tx, key).await })).await
    }

    /// Those who see all applications, the first one first.
    pub async fn administrators(&self) -> Result<Vec<Account>, StorageError> {
        self.read(|tx| {
            Box::pin(async move {
                let rows = tx.query(accounts!("WHERE administrator = 1 ORDER BY key"), &[]).await?;
                rows.iter().map(read).collect()
            })
        })
        .await
    }

    /// Adds an account, unless its name is taken.
    pub async fn register_account(&self, name: String) -> Result<Registration, StorageError> {
        self.write(move |tx| Box::pin(async move { register(tx, &name, false, &name).await })).await
    }

    /// Notes that an account has signed in: its name is its own from now on.
    pub async fn account_arrived(&self, key: AccountKey) -> Result<(), StorageError> {
        self.write(move |tx| {
            Box::pin(async move {
                let now = tx.now();
                let sql = "UPDATE accounts SET arrived_at = ?2 WHERE key = ?1 AND arrived_at IS NULL";
                tx.execute(sql, &[key.into(), now.into()]).await?;
                Ok(())
            })
        })
        .await
    }

    /// Removes an account that never signed in, so that its name is free; false if it has by now.
    pub async fn give_up_account(&self, key: AccountKey) -> Result<bool, StorageError> {
        self.write(move |tx| {
            Box::pin(async move {
                let sql = "DELETE FROM accounts WHERE key = ?1 AND arrived_at IS NULL AND administrator = 0";
                Ok(tx.execute(sql, &[key.into()]).await? == 1)
            })
        })
        .await
    }
}

pub(super) async fn named(tx: &mut Tx<'_>, name: &str) -> Result<Option<Account>, StorageError> {
    let row = tx.query_one(accounts!("WHERE name = ?1"), &[name.into()]).await?;
    row.map(|row| read(&row)).transpose()
}

pub(super) async fn by_key(tx: &mut Tx<'_>, key: AccountKey) -> Result<Option<Account>, StorageError> {
    let row = tx.query_one(accounts!("WHERE key = ?1"), &[key.into()]).await?;
    row.map(|row| read(&row)).transpose()
}

/// Adds an account and writes down who did; the one that has the name, if somebody has.
pub(super) async fn register(
    tx: &mut Tx<'_>,
    name: &str,
    is_administrator: bool,
    actor: &str,
) -> Result<Registration, StorageError> {
    let now = tx.now();
    let added = tx
        .execute(
            "INSERT INTO accounts (name, administrator, created_at) VALUES (?1, ?2, ?3) ON CONFLICT (name) DO NOTHING",
            &[name.into(), i64::from(is_administrator).into(), now.into()],
        )
        .await?;
    let account = named(tx, name).await?.ok_or(corrupt("account"))?;
    if added != 1 {
        return Ok(Registration::Taken(account));
    }
    let action = if is_administrator { "account.administrator-created" } else { "account.created" };
    let subject = Some(name.to_owned());
    note(tx, &Noted { actor: actor.to_owned(), application: None, action, subject }).await?;
    Ok(Registration::Done(account))
}

pub(super) fn read(row: &Row) -> Result<Account, StorageError> {
    Ok(Account {
        key: row.key(0)?,
        name: row.text(1)?.to_owned(),
        is_administrator: row.integer(2)? == 1,
        created_at: row.seconds(3)?,
        arrived_at: row.optional_seconds(4)?,
        disabled_at: row.optional_seconds(5)?,
    })
}
