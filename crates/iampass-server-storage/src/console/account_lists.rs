//! The accounts of the Console as administrators see them.

use iampass_core::UnixSeconds;
use iampass_server_domain::rules::Role;

use super::{Account, accounts, members};
use crate::{AccountKey, AuditEntry, Database, StorageError, audit};

/// No name of an account has a character behind this one.
const AFTER_ALL: char = '\u{7f}';

/// A page of accounts, by name.
#[derive(Clone, Debug, Default)]
pub struct AccountsPage {
    /// The accounts, by name.
    pub accounts: Vec<Account>,
    /// Whether there are more behind.
    pub has_later: bool,
}

/// An account with what it has.
#[derive(Clone, Debug)]
pub struct AccountDetails {
    /// The account.
    pub account: Account,
    /// The applications that it belongs to, by name.
    pub memberships: Vec<AccountMembership>,
    /// When the phone was registered that confirms its sign-ins.
    pub phone_since: Option<UnixSeconds>,
    /// In how many browsers it is signed in.
    pub open_sessions: u64,
    /// The log of the service as a whole, as far as the account did something or something was done to it; the latest first.
    pub log: Vec<AuditEntry>,
}

/// An application that an account belongs to.
#[derive(Clone, Debug)]
pub struct AccountMembership {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// Whether the application has no other owner who has signed in.
    pub is_last_owner: bool,
}

/// Entries of the log that are shown.
const LOG_SHOWN: i64 = 20;

impl Database {
    /// `most` accounts whose names begin with `prefix`, from behind the name `after` on.
    pub async fn accounts(
        &self,
        prefix: &str,
        after: Option<String>,
        most: u32,
    ) -> Result<AccountsPage, StorageError> {
        let (prefix, above) = (prefix.to_owned(), format!("{prefix}{AFTER_ALL}"));
        self.read_many(move |tx| {
            Box::pin(async move {
                let after = after.unwrap_or_default();
                let limit = i64::from(most) + 1;
                let values = [(&prefix).into(), (&above).into(), (&after).into(), limit.into()];
                let sql = accounts::ACCOUNTS_BY_NAME;
                let rows = tx.query(sql, &values).await?;
                let mut found = rows.iter().map(accounts::read).collect::<Result<Vec<_>, _>>()?;
                let has_later = found.len() > most as usize;
                found.truncate(most as usize);
                Ok(AccountsPage { accounts: found, has_later })
            })
        })
        .await
    }

    /// The account of this key with what it has.
    pub async fn account_details(&self, key: AccountKey) -> Result<Option<AccountDetails>, StorageError> {
        self.read(move |tx| {
            Box::pin(async move {
                let Some(account) = accounts::by_key(tx, key).await? else { return Ok(None) };
                let sql = "SELECT a.key, a.id, a.name, m.role FROM members m
                           JOIN applications a ON a.key = m.application_key AND a.hidden = 0
                           WHERE m.account_key = ?1 ORDER BY lower(a.name), a.key";
                let mut memberships = Vec::new();
                for row in tx.query(sql, &[key.into()]).await? {
                    let role = members::role(row.text(3)?)?;
                    let is_last_owner =
                        role == Role::Owner && members::is_last_owner(tx, row.key(0)?, key).await?;
                    memberships.push(AccountMembership {
                        id: row.text(1)?.to_owned(),
                        name: row.text(2)?.to_owned(),
                        role,
                        is_last_owner,
                    });
                }
                let now = tx.now();
                let sql = "SELECT (SELECT max(d.created_at) FROM devices d WHERE d.user_key = u.key), (SELECT count(*) FROM sessions s WHERE s.user_key = u.key
                               AND s.ended_at IS NULL AND s.due_at > ?2 AND s.activated_at IS NOT NULL)
                           FROM console_tokens t JOIN users u ON u.id = t.token
                           JOIN applications a ON a.key = u.application_key AND a.hidden = 1
                           WHERE t.user_id = ?1";
                let row = tx.query_one(sql, &[key.into(), now.into()]).await?;
                let (phone_since, open_sessions) = match row {
                    Some(row) => (row.optional_seconds(0)?, row.integer(1)?.unsigned_abs()),
                    None => (None, 0),
                };
                let sql = "SELECT key, at, application_id, actor, action, subject FROM audit
                           WHERE application_id IS NULL AND (subject = ?1 OR actor = ?1) ORDER BY key DESC LIMIT ?2";
                let rows = tx.query(sql, &[account.name.as_str().into(), LOG_SHOWN.into()]).await?;
                let log = rows.iter().map(audit::entry).collect::<Result<_, _>>()?;
                Ok(Some(AccountDetails { account, memberships, phone_since, open_sessions, log }))
            })
        })
        .await
    }
}
