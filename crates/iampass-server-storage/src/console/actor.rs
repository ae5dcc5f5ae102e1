//! The actor of a change in the Console, and the check that the actor still has the right when the change is made.
//!
//! A page asks before it does anything (`console::access`). A membership, an administrator's rights, an account or a session may end between
//! that and the change. So each change asks once more in its own transaction, and holds the rows that the answer rests on. Belongs here:
//! that question. Does not belong here: what a role may do ([`iampass_server_domain::rules`]).
//!
//! Locks are taken in the order of [`super::rights`]; the user and the session of the Console come right after the member.

use iampass_core::SessionToken;
use iampass_core::wire::AdminScope;
use iampass_server_domain::rules::{self, Act, State, may, scope_may};

use super::admin_keys::{self, KeyState};
use super::rights;
use crate::{
    AccountKey, AdminKeyRow, ApplicationKey, Database, SessionKey, StorageError, Tx, UserKey, Work,
    device_rows, timeline_rows,
};

/// The actor of a change.
#[derive(Clone, Debug)]
pub enum Actor {
    /// A command of the operator, who has the database.
    Command,
    /// An account that is signed in to the Console by this session.
    SignedIn {
        /// The account.
        account: AccountKey,
        /// Its session.
        session: SessionToken,
    },
    /// A key of the Admin API, which uses this scope. It may do no more than the account that made it.
    Key {
        /// The key.
        key: AdminKeyRow,
        /// The account that made it. None for one that a command has made.
        account: Option<AccountKey>,
        /// The scope of the call.
        scope: AdminScope,
    },
}

/// The right that a change takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// An account that may sign in, for what concerns itself alone: its links, its phone, its memberships. No key has it.
    Account,
    /// An account that may sign in, for adding an application of its own.
    AddApplication,
    /// An administrator of the service.
    Administrator,
    /// A standing in this application by which this may be done.
    In(ApplicationKey, Act),
}

impl Actor {
    /// The account that makes the change, if it is one.
    pub const fn account(&self) -> Option<AccountKey> {
        match self {
            Self::Command => None,
            Self::SignedIn { account, .. } => Some(*account),
            Self::Key { account, .. } => *account,
        }
    }

    /// The key of the Admin API that makes the change, if it is one.
    pub(super) const fn admin_key(&self) -> Option<AdminKeyRow> {
        match self {
            Self::Key { key, .. } => Some(*key),
            Self::Command | Self::SignedIn { .. } => None,
        }
    }

    /// Refuses what no key of the Admin API does, whatever its scopes: ways in, and other keys.
    ///
    /// # Errors
    /// [`StorageError::Forbidden`] for a key.
    pub(super) fn refuse_keys(&self) -> Result<(), StorageError> {
        match self {
            Self::Key { .. } => Err(StorageError::Forbidden),
            Self::Command | Self::SignedIn { .. } => Ok(()),
        }
    }

    /// Makes sure that the change may be made, and that this stays so until the transaction ends.
    ///
    /// # Errors
    /// [`StorageError::Forbidden`] when it may not, [`StorageError::PhoneTooNew`] when it may not yet, and [`StorageError::KeyEnded`] for a key that is good
    /// no longer.
    async fn lock_right(&self, tx: &mut Tx<'_>, right: Right) -> Result<(), StorageError> {
        if matches!(self, Self::Command) {
            return Ok(());
        }
        match right {
            Right::In(application, _) => {
                let sql = "SELECT key FROM applications WHERE key = ?1 AND hidden = 0 /*lock beside*/";
                if tx.query_one(sql, &[application.into()]).await?.is_none() {
                    return Err(StorageError::Forbidden);
                }
                if let Some(account) = self.account() {
                    rights::lock_standing(tx, account, application).await?;
                }
            }
            Right::Account | Right::AddApplication | Right::Administrator => {
                if let Some(account) = self.account() {
                    let sql = "SELECT key FROM accounts WHERE key = ?1 /*lock*/";
                    tx.query_one(sql, &[account.into()]).await?;
                }
            }
        }
        self.check(tx, right).await
    }

    /// The same where the rows of the application and the account are held already.
    ///
    /// # Errors
    /// [`StorageError::Forbidden`] when the change may not be made, and [`StorageError::PhoneTooNew`] when it may not be made yet.
    pub(super) async fn check(&self, tx: &mut Tx<'_>, right: Right) -> Result<(), StorageError> {
        let (account, session) = match self {
            Self::Command => return Ok(()),
            Self::Key { key, account, scope } => return check_key(tx, *key, *account, *scope, right).await,
            Self::SignedIn { account, session } => (account, session),
        };
        if !may_do(tx, *account, right).await? || !is_signed_in(tx, *account, session).await? {
            return Err(StorageError::Forbidden);
        }
        if !is_open_to_new_phones(right) && has_new_phone(tx, *account).await? {
            return Err(StorageError::PhoneTooNew);
        }
        Ok(())
    }
}

/// Whether the account has this right now.
async fn may_do(tx: &mut Tx<'_>, account: AccountKey, right: Right) -> Result<bool, StorageError> {
    Ok(match right {
        Right::Account | Right::AddApplication => rights::is_enabled(tx, account).await?,
        Right::Administrator => rights::is_administrator(tx, account).await?,
        Right::In(application, act) => {
            let standing = rights::standing(tx, account, application).await?;
            standing.is_some_and(|standing| may(standing, act))
        }
    })
}

/// Whether a key may make the change: it is good now, its scope and its application cover the change, and the account that made it may make it as well.
async fn check_key(
    tx: &mut Tx<'_>,
    key: AdminKeyRow,
    account: Option<AccountKey>,
    scope: AdminScope,
    right: Right,
) -> Result<(), StorageError> {
    let Some(found) = admin_keys::locked(tx, key).await? else { return Err(StorageError::KeyEnded) };
    if found.account != account || found.state(tx).await? != KeyState::Good {
        return Err(StorageError::KeyEnded);
    }
    if !found.covers(scope, right) || !uses(scope, right) {
        return Err(StorageError::Forbidden);
    }
    match account {
        Some(account) if !may_do(tx, account, right).await? => Err(StorageError::Forbidden),
        _ => Ok(()),
    }
}

/// Whether changes by this scope take this right. No scope takes that of an account to what concerns itself alone.
fn uses(scope: AdminScope, right: Right) -> bool {
    match right {
        Right::Account => false,
        Right::AddApplication => scope == AdminScope::ApplicationsWrite,
        Right::Administrator => scope == AdminScope::AccountsWrite,
        Right::In(_, act) => scope_may(scope, act),
    }
}

/// An account does what concerns itself alone with a new phone too; links for its own phone are looked at where they are made.
fn is_open_to_new_phones(right: Right) -> bool {
    match right {
        Right::Account | Right::AddApplication => true,
        Right::Administrator => false,
        Right::In(_, act) => rules::is_open_to_new_phones(act),
    }
}

/// Whether a phone of the account was let in less than a day ago, by a recovery code or beside a phone that proves unlocking.
pub(super) async fn has_new_phone(tx: &mut Tx<'_>, account: AccountKey) -> Result<bool, StorageError> {
    let sql = "SELECT d.recovered_at, d.on_trial_since FROM console_tokens t JOIN users u ON u.id = t.token
               JOIN applications p ON p.key = u.application_key JOIN devices d ON d.user_key = u.key
               WHERE t.user_id = ?1 AND p.hidden = 1";
    let now = tx.now();
    for row in tx.query(sql, &[account.into()]).await? {
        if rules::pause_of_new_phone(device_rows::new_since(&row, 0)?, now).is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Refuses what would outlast the phone of a thief of a recovery code, or undo what its owner has done against one: an account makes no application, and
/// switches none on, with a new phone.
pub(crate) async fn refuse_new_phone(
    tx: &mut Tx<'_>,
    account: Option<AccountKey>,
) -> Result<(), StorageError> {
    match account {
        Some(account) if has_new_phone(tx, account).await? => Err(StorageError::PhoneTooNew),
        _ => Ok(()),
    }
}

/// Whether the account's own session in the Console is open and its user present; it stays so until the transaction ends.
async fn is_signed_in(
    tx: &mut Tx<'_>,
    account: AccountKey,
    session: &SessionToken,
) -> Result<bool, StorageError> {
    let sql = "SELECT s.key, s.user_key FROM sessions s JOIN applications a ON a.key = s.application_key
               WHERE s.token = ?1 AND a.hidden = 1 AND s.user_key IS NOT NULL";
    let Some(row) = tx.query_one(sql, &[session.as_str().into()]).await? else { return Ok(false) };
    let (session, user): (SessionKey, UserKey) = (row.key(0)?, row.key(1)?);
    tx.query_one("SELECT key FROM users WHERE key = ?1 /*lock*/", &[user.into()]).await?;
    if rights::account_of(tx, user).await?.is_none_or(|own| own.key != account) {
        return Ok(false);
    }
    let sql = "SELECT state, due_at, near_until FROM sessions WHERE key = ?1 /*lock*/";
    let Some(row) = tx.query_one(sql, &[session.into()]).await? else { return Ok(false) };
    let now = tx.now();
    Ok(timeline_rows::timeline(&row, 0)?.state_at(now) == State::Active)
}

impl Database {
    /// Makes a change if the actor still has the right to; and nothing of it otherwise.
    ///
    /// # Errors
    /// [`StorageError::Forbidden`], or what else keeps it from being made.
    pub(crate) async fn write_by<T, F>(&self, actor: Actor, right: Right, work: F) -> Result<T, StorageError>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx<'t>) -> Work<'t, T> + Clone + Send + 'static,
    {
        self.write(move |tx| {
            Box::pin(async move {
                actor.lock_right(tx, right).await?;
                work(tx).await
            })
        })
        .await
    }
}
