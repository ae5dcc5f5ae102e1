//! The keys of the Admin API: making, listing and revoking them, and whether one is good now.
//!
//! A key is good until it expires or is revoked, and for as long as the account that made it administers the service. It ends for good with whatever ends
//! the links that this account made. A key that a command has made stands for the operator, and has no account. Belongs here: both. Does not belong here:
//! what a scope may do ([`iampass_server_domain::rules`]), and calls that are signed by a key ([`super::admin_calls`]).

use std::time::Duration;

use iampass_core::wire::AdminScope;
use iampass_core::{Secret, UnixSeconds};
use iampass_server_domain::rules::{LONGEST_KEY_DAYS, Scopes};

use super::{Actor, Right, corrupt, rights};
use crate::audit::{Noted, note};
use crate::{AccountKey, AdminKeyRow, ApplicationKey, Database, Row, Sealed, StorageError, Tx};

/// Keys that are good at the same time.
const MOST: i64 = 500;

/// A key that is to be made.
#[derive(Clone, Debug)]
pub struct NewAdminKey {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: Secret,
    /// Its name.
    pub name: String,
    /// Its scopes.
    pub scopes: Scopes,
    /// The id of the only application that it may be used for. None for all that its maker may.
    pub application: Option<String>,
    /// How long it is good.
    pub lifetime: Duration,
}

/// The outcome of making a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AdminKeyMade {
    /// It is good.
    Made,
    /// There is no such application.
    NoSuchApplication,
    /// It has a scope that is about more than its application, or would be good for too long.
    NotAllowed,
    /// There are as many as can be.
    TooMany,
}

/// The scopes of a key, as its row names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoredScopes {
    /// This version knows each of them.
    Known(Scopes),
    /// The words, with commas in between: one of them is none that this version knows. The key may do nothing here.
    Unknown(String),
}

impl StoredScopes {
    fn read(words: &str) -> Self {
        Scopes::read(words).map_or_else(|_| Self::Unknown(words.to_owned()), Self::Known)
    }

    /// The words, with commas in between.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Known(scopes) => scopes.words(),
            Self::Unknown(words) => words.clone(),
        }
    }

    /// The scopes, if this version knows each of them.
    #[must_use]
    pub const fn known(&self) -> Option<&Scopes> {
        match self {
            Self::Known(scopes) => Some(scopes),
            Self::Unknown(_) => None,
        }
    }
}

/// A key, as it is listed.
#[derive(Clone, Debug)]
pub struct AdminKey {
    /// Its row.
    pub key: AdminKeyRow,
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its scopes.
    pub scopes: StoredScopes,
    /// The id of the only application that it may be used for.
    pub application: Option<String>,
    /// The account or command that made it.
    pub made_by: String,
    /// When it was made.
    pub created_at: UnixSeconds,
    /// From when on it is good no longer.
    pub expires_at: UnixSeconds,
    /// When it was last used, to within a minute.
    pub last_used_at: Option<UnixSeconds>,
    /// When it was revoked, or ended with the right of its maker.
    pub revoked_at: Option<UnixSeconds>,
}

/// A key as its row says it is.
pub(super) struct StoredKey {
    pub(super) key: AdminKeyRow,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) scopes: StoredScopes,
    pub(super) application: Option<ApplicationKey>,
    pub(super) account: Option<AccountKey>,
    pub(super) expires_at: UnixSeconds,
    pub(super) last_used_at: Option<UnixSeconds>,
    pub(super) revoked_at: Option<UnixSeconds>,
}

/// Whether a key may be used now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyState {
    Good,
    Expired,
    /// It was revoked, or its maker may no longer have it.
    Ended,
}

impl StoredKey {
    /// The state of the key by its row, and by the account that made it.
    pub(super) async fn state(&self, tx: &mut Tx<'_>) -> Result<KeyState, StorageError> {
        if self.revoked_at.is_some() {
            return Ok(KeyState::Ended);
        }
        if self.expires_at <= tx.now() {
            return Ok(KeyState::Expired);
        }
        Ok(match self.account {
            Some(account) if !rights::is_administrator(tx, account).await? => KeyState::Ended,
            _ => KeyState::Good,
        })
    }

    /// Whether it may be used by this scope for what takes this right.
    pub(super) fn covers(&self, scope: AdminScope, right: Right) -> bool {
        let is_in_bounds = match (self.application, right) {
            (None, _) => true,
            (Some(only), Right::In(application, _)) => only == application,
            (Some(_), Right::Account | Right::AddApplication | Right::Administrator) => false,
        };
        self.scopes.known().is_some_and(|scopes| scopes.has(scope)) && is_in_bounds
    }
}

macro_rules! stored_keys {
    ($rest:literal) => {
        concat!(
            "SELECT key, id, name, scopes, application_key, account_key, expires_at, last_used_at, revoked_at FROM admin_keys ",
            $rest
        )
    };
}

macro_rules! listed_keys {
    ($rest:literal) => {
        concat!(
            "SELECT k.key, k.id, k.name, k.scopes, a.id, k.made_by, k.created_at, k.expires_at, k.last_used_at, k.revoked_at
             FROM admin_keys k LEFT JOIN applications a ON a.key = k.application_key ",
            $rest
        )
    };
}

/// The key of this row, locked until the transaction ends. Its account is locked before.
pub(super) async fn locked(tx: &mut Tx<'_>, key: AdminKeyRow) -> Result<Option<StoredKey>, StorageError> {
    let row = tx.query_one(stored_keys!("WHERE key = ?1 /*lock*/"), &[key.into()]).await?;
    row.map(|row| stored(&row)).transpose()
}

/// Whether the key is there and may be used now.
pub(crate) async fn is_good(tx: &mut Tx<'_>, key: AdminKeyRow) -> Result<bool, StorageError> {
    let Some(row) = tx.query_one(stored_keys!("WHERE key = ?1"), &[key.into()]).await? else {
        return Ok(false);
    };
    Ok(stored(&row)?.state(tx).await? == KeyState::Good)
}

/// Ends the keys that an account made, those too that have expired; how many had not been revoked. The row of the account is locked.
pub(super) async fn end_those_of(tx: &mut Tx<'_>, account: AccountKey) -> Result<u64, StorageError> {
    let now = tx.now();
    let sql = "UPDATE admin_keys SET revoked_at = ?2 WHERE account_key = ?1 AND revoked_at IS NULL";
    tx.execute(sql, &[account.into(), now.into()]).await
}

impl Database {
    /// Stores a key of the Admin API. No key makes another one.
    pub async fn make_admin_key(
        &self,
        new: NewAdminKey,
        by: Actor,
        noted: Noted,
    ) -> Result<AdminKeyMade, StorageError> {
        by.refuse_keys()?;
        let maker = by.account();
        self.write_by(by, Right::Administrator, move |tx| {
            Box::pin(async move {
                let longest = Duration::from_secs(LONGEST_KEY_DAYS * 86_400);
                if new.lifetime.is_zero() || new.lifetime > longest {
                    return Ok(AdminKeyMade::NotAllowed);
                }
                let now = tx.now();
                let sql = "SELECT count(*) FROM admin_keys WHERE revoked_at IS NULL AND expires_at > ?1";
                let good = tx.query_one(sql, &[now.into()]).await?.ok_or(corrupt("count"))?.integer(0)?;
                if good >= MOST {
                    return Ok(AdminKeyMade::TooMany);
                }
                let application: Option<ApplicationKey> = match &new.application {
                    None => None,
                    Some(_) if new.scopes.of_one_application().is_err() => {
                        return Ok(AdminKeyMade::NotAllowed);
                    }
                    Some(id) => {
                        let sql = "SELECT key FROM applications WHERE id = ?1 AND hidden = 0";
                        let Some(row) = tx.query_one(sql, &[id.into()]).await? else {
                            return Ok(AdminKeyMade::NoSuchApplication);
                        };
                        Some(row.key(0)?)
                    }
                };
                let sealed = tx.seal(Sealed::AdminKey, &new.id, new.secret.expose())?;
                tx.execute(
                    "INSERT INTO admin_keys (id, secret, name, scopes, application_key, account_key, made_by, created_at, expires_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                    &[
                        (&new.id).into(),
                        (&sealed).into(),
                        (&new.name).into(),
                        (&new.scopes.words()).into(),
                        application.map(|key| key.0).into(),
                        maker.map(|key| key.0).into(),
                        noted.actor.as_str().into(),
                        now.into(),
                        now.plus(new.lifetime).into(),
                    ],
                )
                .await?;
                note(tx, &noted).await?;
                Ok(AdminKeyMade::Made)
            })
        })
        .await
    }

    /// The keys of the Admin API: those that are good by their own rows, and then those that ended a while ago, the newest of each first.
    pub async fn admin_keys(&self) -> Result<Vec<AdminKey>, StorageError> {
        self.read_many(|tx| {
            Box::pin(async move {
                let sql = listed_keys!(
                    "ORDER BY CASE WHEN k.revoked_at IS NULL AND k.expires_at > ?1 THEN 0 ELSE 1 END, k.key DESC LIMIT 2000"
                );
                let now = tx.now();
                tx.query(sql, &[now.into()]).await?.iter().map(listed).collect()
            })
        })
        .await
    }

    /// The key of this id, good or not.
    pub async fn admin_key(&self, id: &str) -> Result<Option<AdminKey>, StorageError> {
        let id = id.to_owned();
        self.read(move |tx| {
            Box::pin(async move {
                let row = tx.query_one(listed_keys!("WHERE k.id = ?1"), &[(&id).into()]).await?;
                row.map(|row| listed(&row)).transpose()
            })
        })
        .await
    }

    /// Revokes a key, and ends the registration links that were made by it; false when there is none with this id that was not revoked.
    pub async fn revoke_admin_key(&self, id: String, by: Actor, noted: Noted) -> Result<bool, StorageError> {
        by.refuse_keys()?;
        self.write_by(by, Right::Administrator, move |tx| {
            Box::pin(async move {
                let now = tx.now();
                let sql = "UPDATE admin_keys SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL";
                if tx.execute(sql, &[(&id).into(), now.into()]).await? == 0 {
                    return Ok(false);
                }
                let sql = "DELETE FROM links WHERE admin_key = (SELECT key FROM admin_keys WHERE id = ?1)";
                tx.execute(sql, &[(&id).into()]).await?;
                note(tx, &noted).await?;
                Ok(true)
            })
        })
        .await
    }
}

fn stored(row: &Row) -> Result<StoredKey, StorageError> {
    Ok(StoredKey {
        key: row.key(0)?,
        id: row.text(1)?.to_owned(),
        name: row.text(2)?.to_owned(),
        scopes: StoredScopes::read(row.text(3)?),
        application: row.optional_key(4)?,
        account: row.optional_key(5)?,
        expires_at: row.seconds(6)?,
        last_used_at: row.optional_seconds(7)?,
        revoked_at: row.optional_seconds(8)?,
    })
}

fn listed(row: &Row) -> Result<AdminKey, StorageError> {
    Ok(AdminKey {
        key: row.key(0)?,
        id: row.text(1)?.to_owned(),
        name: row.text(2)?.to_owned(),
        scopes: StoredScopes::read(row.text(3)?),
        application: row.optional_text(4)?.map(str::to_owned),
        made_by: row.text(5)?.to_owned(),
        created_at: row.seconds(6)?,
        expires_at: row.seconds(7)?,
        last_used_at: row.optional_seconds(8)?,
        revoked_at: row.optional_seconds(9)?,
    })
}
