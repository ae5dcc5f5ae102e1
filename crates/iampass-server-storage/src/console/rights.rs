//! The rights of an account at this moment, and the end of the links and keys that it made by them.
//!
//! A link is good for as long as its maker may make it. It goes with the change that takes the right away, so that it does not come back with
//! the right; and its use asks here once more. Belongs here: both. Does not belong here: what a role may do ([`iampass_server_domain::rules`]).
//!
//! A key of the Admin API ends in the same way.
//!
//! Locks are taken in one order: application, account, member, key, user, link.

use iampass_server_domain::rules::Standing;

use super::{Account, accounts, admin_keys, members};
use crate::{AccountKey, ApplicationKey, StorageError, Tx, UserKey};

/// The standing of an account in an application now; None for one that is gone or disabled.
pub(crate) async fn standing(
    tx: &mut Tx<'_>,
    account: AccountKey,
    application: ApplicationKey,
) -> Result<Option<Standing>, StorageError> {
    let Some(account) = accounts::by_key(tx, account).await? else { return Ok(None) };
    let sql = "SELECT role FROM members WHERE application_key = ?1 AND account_key = ?2";
    let row = tx.query_one(sql, &[application.into(), account.key.into()]).await?;
    let role = row.map(|row| members::role(row.text(0)?)).transpose()?;
    Ok(enabled(account).map(|account| Standing { role, is_administrator: account.is_administrator }))
}

/// As [`standing`], and it stays so until the transaction ends.
pub(crate) async fn lock_standing(
    tx: &mut Tx<'_>,
    account: AccountKey,
    application: ApplicationKey,
) -> Result<Option<Standing>, StorageError> {
    tx.query_one("SELECT key FROM accounts WHERE key = ?1 /*lock*/", &[account.into()]).await?;
    let sql = "SELECT role FROM members WHERE application_key = ?1 AND account_key = ?2 /*lock*/";
    tx.query_one(sql, &[application.into(), account.into()]).await?;
    standing(tx, account, application).await
}

/// Whether the account is there and may do something.
pub(super) async fn is_enabled(tx: &mut Tx<'_>, account: AccountKey) -> Result<bool, StorageError> {
    Ok(accounts::by_key(tx, account).await?.and_then(enabled).is_some())
}

/// Whether the account is an administrator who may do something.
pub(super) async fn is_administrator(tx: &mut Tx<'_>, account: AccountKey) -> Result<bool, StorageError> {
    let account = accounts::by_key(tx, account).await?.and_then(enabled);
    Ok(account.is_some_and(|account| account.is_administrator))
}

/// The account that a user of the Console's own application stands for; None for one that is gone or disabled. A user of another application who
/// was given the same id stands for none.
pub(crate) async fn account_of(tx: &mut Tx<'_>, user: UserKey) -> Result<Option<Account>, StorageError> {
    Ok(any_account_of(tx, user).await?.and_then(enabled))
}

/// As [`account_of`], also where the account is disabled: to name it.
pub(crate) async fn any_account_of(tx: &mut Tx<'_>, user: UserKey) -> Result<Option<Account>, StorageError> {
    let sql = "SELECT t.user_id FROM console_tokens t JOIN users u ON u.id = t.token
               JOIN applications p ON p.key = u.application_key AND p.hidden = 1 WHERE u.key = ?1";
    let Some(row) = tx.query_one(sql, &[user.into()]).await? else { return Ok(None) };
    accounts::by_key(tx, row.key(0)?).await
}

/// Locks the account that a user of the Console's own application stands for, if there is one.
pub(crate) async fn lock_account_of(tx: &mut Tx<'_>, user: UserKey) -> Result<(), StorageError> {
    let sql = "SELECT key FROM accounts WHERE key IN
                   (SELECT t.user_id FROM console_tokens t JOIN users u ON u.id = t.token
                    JOIN applications p ON p.key = u.application_key AND p.hidden = 1 WHERE u.key = ?1) /*lock*/";
    tx.query_one(sql, &[user.into()]).await?;
    Ok(())
}

fn enabled(account: Account) -> Option<Account> {
    Some(account).filter(|account| account.disabled_at.is_none())
}

/// Ends the links that an account made in one application.
pub(super) async fn end_given_in(
    tx: &mut Tx<'_>,
    maker: AccountKey,
    application: ApplicationKey,
) -> Result<(), StorageError> {
    let values = [maker.into(), application.into()];
    tx.execute("DELETE FROM console_links WHERE maker_key = ?1 AND application_key = ?2", &values).await?;
    let sql = "DELETE FROM links WHERE maker_key = ?1
               AND user_key IN (SELECT key FROM users WHERE application_key = ?2)";
    tx.execute(sql, &values).await?;
    Ok(())
}

/// Ends the links by which an account gets in without a phone; how many there were. The account's row is locked.
pub(crate) async fn end_access_links(tx: &mut Tx<'_>, account: AccountKey) -> Result<u64, StorageError> {
    tx.execute("DELETE FROM console_links WHERE account_key = ?1", &[account.into()]).await
}

/// Ends all links and keys of the Admin API that an account made; how many there were.
pub(crate) async fn end_all_given(tx: &mut Tx<'_>, maker: AccountKey) -> Result<u64, StorageError> {
    let mut ended = admin_keys::end_those_of(tx, maker).await?;
    for sql in ["DELETE FROM console_links WHERE maker_key = ?1", "DELETE FROM links WHERE maker_key = ?1"] {
        ended += tx.execute(sql, &[maker.into()]).await?;
    }
    Ok(ended)
}
