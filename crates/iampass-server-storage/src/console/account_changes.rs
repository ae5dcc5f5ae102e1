//! Disabling, enabling, demoting, logging out and deleting accounts of the Console.
//!
//! The last administrator stays one, and an application keeps an owner: those who could take them away hold the same rows first, so that two
//! administrators cannot demote each other. Belongs here: what ends by such a change. Does not belong here: who may make it (`console::access`).

use iampass_core::UserToken;
use iampass_server_domain::rules::Ending;

use super::{Account, Actor, Right, accounts, actor, corrupt, members, open_links, rights};
use crate::audit::{Noted, note};
use crate::{
    AccountKey, ApplicationKey, Database, LinkCode, NewLink, StorageError, Tx, UserKey, counted_to, devices,
    links, timeline_rows, users,
};

/// A change of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountChange {
    /// It can do nothing, and its sessions end.
    Disable,
    /// It can sign in again. Sessions and links that ended when it was disabled stay ended.
    Enable,
    /// It is an administrator no longer.
    Demote,
    /// Its sessions end, with the links that were made in them, the links for its own phone, and the phone that waits.
    LogOut,
    /// It is gone with all it has.
    Delete,
}

/// The result of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountChanged {
    /// The user whose sessions ended is to be woken.
    Done {
        /// The user whose sessions have ended.
        ended: Option<UserKey>,
    },
    /// It is so already.
    NothingToDo,
    /// There is no such account.
    NoSuchAccount,
    /// Accounts could not be changed by anybody any more.
    LastAdministrator,
    /// These applications, by name, would be without an owner who has signed in.
    LastOwnerOf(Vec<String>),
}

impl AccountChange {
    /// The word for it in the audit log.
    const fn action(self) -> &'static str {
        match self {
            Self::Disable => "account.disabled",
            Self::Enable => "account.enabled",
            Self::Demote => "account.demoted",
            Self::LogOut => "account.logged-out",
            Self::Delete => "account.deleted",
        }
    }

    fn is_done(self, account: &Account) -> bool {
        match self {
            Self::Disable => account.disabled_at.is_some(),
            Self::Enable => account.disabled_at.is_none(),
            Self::Demote => !account.is_administrator,
            Self::LogOut | Self::Delete => false,
        }
    }
}

/// The outcome of asking for a link that registers another phone for an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneLinkMade {
    /// It is stored.
    Made,
    /// The account is gone or disabled, or has never registered a phone.
    NoPhone,
    /// A recovery code has let a phone in less than a day ago. Until then no link replaces the others.
    TooNew,
}

impl Database {
    /// Changes an account, whose phone and sessions are those of a user of `console`. `actor` is the name of the
    /// account or the command line, for the log. No key of the Admin API demotes or deletes an account, or enables an administrator.
    ///
    /// # Errors
    /// [`StorageError::Forbidden`] for one that does, and for an actor without the right.
    pub async fn change_account(
        &self,
        account: AccountKey,
        change: AccountChange,
        console: ApplicationKey,
        by: Actor,
        actor: String,
    ) -> Result<AccountChanged, StorageError> {
        if matches!(change, AccountChange::Demote | AccountChange::Delete) {
            by.refuse_keys()?;
        }
        self.write(move |tx| {
            Box::pin(async move {
                let without = match change {
                    AccountChange::Delete => owned_alone(tx, account).await?,
                    _ => Vec::new(),
                };
                lock_administrators_and(tx, account).await?;
                // Only one of those that are held now has the right.
                by.check(tx, Right::Administrator).await?;
                if !without.is_empty() {
                    return Ok(AccountChanged::LastOwnerOf(without));
                }
                let Some(found) = accounts::by_key(tx, account).await? else {
                    return Ok(AccountChanged::NoSuchAccount);
                };
                if change == AccountChange::Enable && found.is_administrator {
                    by.refuse_keys()?;
                }
                if change.is_done(&found) {
                    return Ok(AccountChanged::NothingToDo);
                }
                let stays = matches!(change, AccountChange::Enable | AccountChange::LogOut);
                if !stays && is_last_administrator(tx, &found).await? {
                    return Ok(AccountChanged::LastAdministrator);
                }
                let ended = apply(tx, account, change, console).await?;
                let (action, subject) = (change.action(), Some(found.name));
                note(tx, &Noted { actor, application: None, action, subject }).await?;
                Ok(AccountChanged::Done { ended })
            })
        })
        .await
    }

    /// Stores a link that registers another phone for an account that has one: the phone stays until the link is used.
    pub async fn make_phone_link(
        &self,
        account: AccountKey,
        console: ApplicationKey,
        code: LinkCode,
        lifetime: std::time::Duration,
        by: Actor,
    ) -> Result<PhoneLinkMade, StorageError> {
        by.refuse_keys()?;
        self.write_by(by, Right::Account, move |tx| {
            Box::pin(async move {
                tx.query_one("SELECT key FROM accounts WHERE key = ?1 /*lock*/", &[account.into()]).await?;
                let found = accounts::by_key(tx, account).await?;
                let Some(found) = found.filter(|account| account.disabled_at.is_none()) else {
                    return Ok(PhoneLinkMade::NoPhone);
                };
                let Some((user, token)) = lock_user_of(tx, console, account).await? else {
                    return Ok(PhoneLinkMade::NoPhone);
                };
                // Such a link replaces all phones. The phone that a code has let in must not do by a page what it cannot do by a call.
                if actor::has_new_phone(tx, account).await? {
                    return Ok(PhoneLinkMade::TooNew);
                }
                let name = Some(found.name.clone());
                let link =
                    NewLink { application: console, user: token, display_name: name.clone(), lifetime };
                links::store(tx, user, &link, &code, Some(account), links::LinkKind::Replaces).await?;
                let action = "account.phone-link-made";
                note(tx, &Noted { actor: found.name, application: None, action, subject: name }).await?;
                Ok(PhoneLinkMade::Made)
            })
        })
        .await
    }
}

/// The applications that would have no owner to rely on without this account, by name. Holds those that it owns.
async fn owned_alone(tx: &mut Tx<'_>, account: AccountKey) -> Result<Vec<String>, StorageError> {
    let sql = "SELECT key, name FROM applications WHERE hidden = 0 AND key IN
                   (SELECT application_key FROM members WHERE account_key = ?1 AND role = 'owner')
               ORDER BY key /*lock*/";
    let mut alone = Vec::new();
    for row in tx.query(sql, &[account.into()]).await? {
        if members::is_last_owner(tx, row.key(0)?, account).await? {
            alone.push(row.text(1)?.to_owned());
        }
    }
    Ok(alone)
}

async fn lock_administrators_and(tx: &mut Tx<'_>, account: AccountKey) -> Result<(), StorageError> {
    let sql = "SELECT key FROM accounts WHERE administrator = 1 OR key = ?1 ORDER BY key /*lock*/";
    tx.query(sql, &[account.into()]).await?;
    Ok(())
}

/// Whether the account is the last usable administrator. An account that never signed in does not count: it may never be used.
async fn is_last_administrator(tx: &mut Tx<'_>, account: &Account) -> Result<bool, StorageError> {
    let counts = account.is_administrator && account.disabled_at.is_none() && account.arrived_at.is_some();
    let sql = "SELECT count(*) FROM accounts WHERE administrator = 1 AND disabled_at IS NULL
               AND arrived_at IS NOT NULL AND key <> ?1";
    let others = tx.query_one(sql, &[account.key.into()]).await?.ok_or(corrupt("account"))?.integer(0)?;
    Ok(counts && others == 0)
}

async fn apply(
    tx: &mut Tx<'_>,
    account: AccountKey,
    change: AccountChange,
    console: ApplicationKey,
) -> Result<Option<UserKey>, StorageError> {
    match change {
        AccountChange::Disable => {
            let now = tx.now();
            tx.execute("UPDATE accounts SET disabled_at = ?2 WHERE key = ?1", &[account.into(), now.into()])
                .await?;
            end_all(tx, account, console, Ending::Disabled).await
        }
        AccountChange::Enable => {
            tx.execute("UPDATE accounts SET disabled_at = NULL WHERE key = ?1", &[account.into()]).await?;
            Ok(None)
        }
        AccountChange::Demote => {
            tx.execute("UPDATE accounts SET administrator = 0 WHERE key = ?1", &[account.into()]).await?;
            rights::end_all_given(tx, account).await?;
            Ok(None)
        }
        AccountChange::LogOut => end_all(tx, account, console, Ending::InConsole).await,
        AccountChange::Delete => {
            rights::end_all_given(tx, account).await?;
            let user = lock_user_of(tx, console, account).await?;
            if let Some((user, token)) = &user {
                users::delete(tx, *user).await?;
                let sql = "DELETE FROM console_sessions WHERE user_token = ?1";
                tx.execute(sql, &[token.as_str().into()]).await?;
            }
            counted_to::give_all_away(tx, account).await?;
            // Memberships, links to get in and the token go with the row.
            tx.execute("DELETE FROM accounts WHERE key = ?1", &[account.into()]).await?;
            Ok(user.map(|(user, _)| user))
        }
    }
}

/// Ends all that lets somebody be this account without its phone: sessions, links that it made and that are for it, the phone that waits, and
/// what browsers were known. One of them may be somebody else's.
async fn end_all(
    tx: &mut Tx<'_>,
    account: AccountKey,
    console: ApplicationKey,
    how: Ending,
) -> Result<Option<UserKey>, StorageError> {
    let user = lock_user_of(tx, console, account).await?.map(|(user, _)| user);
    open_links::end_all_of(tx, account, user).await?;
    if let Some(user) = user {
        timeline_rows::log_out_those_of_user(tx, user, how).await?;
        devices::end_known_browsers(tx, user).await?;
    }
    Ok(user)
}

/// The user of the Console's own application that stands for an account; its row is locked. None when it never registered a phone.
pub(super) async fn lock_user_of(
    tx: &mut Tx<'_>,
    console: ApplicationKey,
    account: AccountKey,
) -> Result<Option<(UserKey, UserToken)>, StorageError> {
    let row = tx.query_one("SELECT token FROM console_tokens WHERE user_id = ?1", &[account.into()]).await?;
    let Some(row) = row else { return Ok(None) };
    let token = UserToken::new(row.text(0)?).map_err(|_| corrupt("token"))?;
    Ok(users::lock(tx, console, &token).await?.map(|user| (user, token)))
}
