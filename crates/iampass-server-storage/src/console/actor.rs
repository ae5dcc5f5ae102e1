//! The actor of a change in the Console, and the check that the actor still has the right when the change is made.
//!
//! A page asks before it does anything (`console::access`). A membership, an administrator's rights, an account or a session may end between
//! that and the change. So each change asks once more in its own transaction, and holds the rows that the answer rests on. Belongs here:
//! that question. Does not belong here: what a role may do ([`iampass_server_domain::rules`]).
//!
//! Locks are taken in the order of [`super::rights`]; the user and the session of the Console come right after the member.

use iampass_core::SessionToken;
use iampass_server_domain::rules::{Act, State, may};

use super::rights;
use crate::{
    AccountKey, ApplicationKey, Database, SessionKey, StorageError, Tx, UserKey, Work, timeline_rows,
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
}

/// The right that a change takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// An account that may sign in.
    Account,
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
        }
    }

    /// Makes sure that the change may be made, and that this stays so until the transaction ends.
    ///
    /// # Errors
    /// [`StorageError::Forbidden`] when it may not.
    async fn lock_right(&self, tx: &mut Tx<'_>, right: Right) -> Result<(), StorageError> {
        let Some(account) = self.account() else { return Ok(()) };
        match right {
            Right::In(application, _) => {
                let sql = "SELECT key FROM applications WHERE key = ?1 AND hidden = 0 /*lock*/";
                if tx.query_one(sql, &[application.into()]).await?.is_none() {
                    return Err(StorageError::Forbidden);
                }
                rights::lock_standing(tx, account, application).await?;
            }
            Right::Account | Right::Administrator => {
                tx.query_one("SELECT key FROM accounts WHERE key = ?1 /*lock*/", &[account.into()]).await?;
            }
        }
        self.check(tx, right).await
    }

    /// The same where the rows of the application and the account are held already.
    ///
    /// # Errors
    /// [`StorageError::Forbidden`] when the change may not be made.
    pub(super) async fn check(&self, tx: &mut Tx<'_>, right: Right) -> Result<(), StorageError> {
        let Self::SignedIn { account, session } = self else { return Ok(()) };
        let may_do = match right {
            Right::Account => rights::is_enabled(tx, *account).await?,
            Right::Administrator => rights::is_administrator(tx, *account).await?,
            Right::In(application, act) => {
                let standing = rights::standing(tx, *account, application).await?;
                standing.is_some_and(|standing| may(standing, act))
            }
        };
        if may_do && is_signed_in(tx, *account, session).await? {
            Ok(())
        } else {
            Err(StorageError::Forbidden)
        }
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
