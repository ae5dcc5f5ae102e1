//! The operations for calls of the Admin API beside those that pages use as well: finding the signer, beginning a call, and reading lists that no page has.
//!
//! Belongs here: those. Does not belong here: changes, which calls and pages make by the same operations.

use iampass_core::wire::AdminScope;
use iampass_core::{ApplicationId, Secret, UnixSeconds, UserToken};
use iampass_server_domain::rules::{Approval, Scopes};

use super::admin_keys::{KeyState, StoredScopes, locked};
use super::{Account, Actor, ApplicationAdded, Right, accounts, owned_applications};
use crate::applications::{self, Added, Application};
use crate::audit::{Noted, note};
use crate::{
    AccountKey, AdminKeyRow, ApplicationKey, Database, NonceShare, Sealed, SpentNonce, StorageError, UserKey,
    users,
};

/// A use of a key is written down at most so often.
const NOTED_EVERY: u64 = 60;

/// A key that may have signed a call: nothing says yet that it is good.
#[derive(Clone, Debug)]
pub struct AdminSigner {
    key: AdminKeyRow,
    id: String,
    account: Option<AccountKey>,
}

impl AdminSigner {
    /// The row of the key, by which its calls are counted.
    #[must_use]
    pub const fn key(&self) -> AdminKeyRow {
        self.key
    }
}

impl From<&AdminSigner> for NonceShare {
    fn from(signer: &AdminSigner) -> Self {
        Self::AdminKeysOf(signer.account)
    }
}

/// A key that has signed a call and was good when the call began.
#[derive(Clone, Debug)]
pub struct AdminCaller {
    key: AdminKeyRow,
    /// Its id, by which the log names it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its scopes.
    pub scopes: Scopes,
    /// The only application that it may be used for.
    pub application: Option<ApplicationKey>,
    /// The id of that application.
    pub application_id: Option<String>,
    /// The account that made it. None for a command.
    pub account: Option<Account>,
    /// From when on it is good no longer.
    pub expires_at: UnixSeconds,
}

/// Why a call is not begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdminKeyRefused {
    /// The key has expired.
    Expired,
    /// The key was revoked, or ended with the right of its maker.
    Ended,
    /// The key has a scope that this version does not know.
    UnknownScope,
}

impl AdminCaller {
    /// The actor of a change by this scope: the store asks once more whether the key may.
    #[must_use]
    pub fn actor(&self, scope: AdminScope) -> Actor {
        Actor::Key { key: self.key, account: self.account.as_ref().map(|account| account.key), scope }
    }

    /// An action of this key, for the audit log.
    #[must_use]
    pub fn noted(&self, application: Option<&str>, action: &'static str, subject: Option<String>) -> Noted {
        Noted { actor: self.id.clone(), application: application.map(str::to_owned), action, subject }
    }
}

/// Applications, the oldest first.
#[derive(Clone, Debug)]
pub struct ApplicationsPage {
    /// The applications.
    pub applications: Vec<Application>,
    /// Whether there are more behind.
    pub has_later: bool,
}

impl Database {
    /// The key of this id, with its secret, whether or not it is good.
    pub async fn admin_signer(&self, id: &str) -> Result<Option<(Secret, AdminSigner)>, StorageError> {
        let id = id.to_owned();
        self.read(move |tx| {
            Box::pin(async move {
                let sql = "SELECT key, account_key, secret FROM admin_keys WHERE id = ?1";
                let Some(row) = tx.query_one(sql, &[(&id).into()]).await? else { return Ok(None) };
                let secret = tx.open(Sealed::AdminKey, &id, row.bytes(2)?)?;
                let (key, account) = (row.key(0)?, row.optional_key(1)?);
                Ok(Some((secret, AdminSigner { key, id, account })))
            })
        })
        .await
    }

    /// Begins a call of a key whose signature is good: its nonce is stored, and the key is looked at, in one step. Nothing may be done for the call before.
    ///
    /// # Errors
    /// [`StorageError::Replayed`] when the nonce was spent before, at whichever node.
    pub async fn begin_admin_call(
        &self,
        signer: AdminSigner,
        spent: SpentNonce,
    ) -> Result<Result<AdminCaller, AdminKeyRefused>, StorageError> {
        self.write_spending(spent, move |tx| {
            Box::pin(async move {
                if let Some(account) = signer.account {
                    let sql = "SELECT key FROM accounts WHERE key = ?1 /*lock*/";
                    tx.query_one(sql, &[account.into()]).await?;
                }
                // After a restore in between, another key may have the row.
                let Some(found) = locked(tx, signer.key).await?.filter(|found| found.id == signer.id) else {
                    return Ok(Err(AdminKeyRefused::Ended));
                };
                match found.state(tx).await? {
                    KeyState::Good => {}
                    KeyState::Expired => return Ok(Err(AdminKeyRefused::Expired)),
                    KeyState::Ended => return Ok(Err(AdminKeyRefused::Ended)),
                }
                let StoredScopes::Known(scopes) = found.scopes else {
                    return Ok(Err(AdminKeyRefused::UnknownScope));
                };
                let application_id = match found.application {
                    None => None,
                    Some(application) => {
                        let sql = "SELECT id FROM applications WHERE key = ?1 AND hidden = 0";
                        let Some(row) = tx.query_one(sql, &[application.into()]).await? else {
                            return Ok(Err(AdminKeyRefused::Ended));
                        };
                        Some(row.text(0)?.to_owned())
                    }
                };
                let account = match found.account {
                    None => None,
                    Some(account) => accounts::by_key(tx, account).await?,
                };
                let now = tx.now();
                if found.last_used_at.is_none_or(|last| last.0 + NOTED_EVERY <= now.0) {
                    let sql = "UPDATE admin_keys SET last_used_at = ?2 WHERE key = ?1";
                    tx.execute(sql, &[found.key.into(), now.into()]).await?;
                }
                Ok(Ok(AdminCaller {
                    key: found.key,
                    id: found.id,
                    name: found.name,
                    scopes,
                    application: found.application,
                    application_id,
                    account,
                    expires_at: found.expires_at,
                }))
            })
        })
        .await
    }

    /// The application of this id, if it is in the lists.
    pub async fn listed_application(&self, id: &str) -> Result<Option<Application>, StorageError> {
        let id = id.to_owned();
        self.read(move |tx| {
            Box::pin(async move {
                let Some(row) = tx.query_one(applications::LISTED_BY_ID, &[(&id).into()]).await? else {
                    return Ok(None);
                };
                applications::read(tx.sealer(), tx.now(), &row).map(Some)
            })
        })
        .await
    }

    /// `most` applications behind the row `after`, the oldest first; with `only`, that one alone.
    pub async fn applications_behind(
        &self,
        after: ApplicationKey,
        only: Option<ApplicationKey>,
        most: u32,
    ) -> Result<ApplicationsPage, StorageError> {
        self.read_many(move |tx| {
            Box::pin(async move {
                let limit = i64::from(most) + 1;
                let rows = match only {
                    None => tx.query(applications::BEHIND, &[after.into(), limit.into()]).await?,
                    Some(only) if only > after => tx.query(applications::ONE, &[only.into()]).await?,
                    Some(_) => Vec::new(),
                };
                let read = |row| applications::read(tx.sealer(), tx.now(), row);
                let mut applications = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
                let has_later = applications.len() > most as usize;
                applications.truncate(most as usize);
                Ok(ApplicationsPage { applications, has_later })
            })
        })
        .await
    }

    /// The row of a user of an application.
    pub async fn user_named(
        &self,
        application: ApplicationKey,
        user: &UserToken,
    ) -> Result<Option<UserKey>, StorageError> {
        let user = user.clone();
        self.read(move |tx| Box::pin(async move { users::find(tx, application, &user).await })).await
    }

    /// Adds an application by a key of the Admin API. The account that made the key becomes its owner; one of a command's key has none.
    pub async fn add_application_by_key(
        &self,
        id: ApplicationId,
        secret: Secret,
        name: String,
        approval: Approval,
        by: AdminCaller,
    ) -> Result<ApplicationAdded, StorageError> {
        let most = self.account_limits.applications;
        let actor = by.actor(AdminScope::ApplicationsWrite);
        let noted = by.noted(Some(id.as_str()), "application.created", Some(name.clone()));
        let owner = by.account;
        self.write_by(actor, Right::AddApplication, move |tx| {
            Box::pin(async move {
                let added = Added::Listed(approval);
                let added = match &owner {
                    Some(owner) => {
                        owned_applications::insert_owned(tx, &id, &secret, &name, added, owner, most).await?
                    }
                    None if applications::insert(tx, &id, &secret, &name, added).await? => {
                        ApplicationAdded::Done
                    }
                    None => ApplicationAdded::IdTaken,
                };
                if added == ApplicationAdded::Done {
                    note(tx, &noted).await?;
                }
                Ok(added)
            })
        })
        .await
    }
}
