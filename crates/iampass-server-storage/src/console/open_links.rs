//! The links of one account that can still be used: those that it made, and those that register or replace its own phone.
//!
//! Belongs here: listing them, ending one, and ending all of them with the account's sessions. Does not belong here: making and using them
//! ([`super::links`], [`crate::links`]).

use iampass_core::UnixSeconds;
use iampass_server_domain::rules::{Ending, Role};

use super::{Actor, Right, accounts, corrupt, members, rights};
use crate::audit::{Noted, note};
use crate::{AccountKey, Database, Row, StorageError, Tx, UserKey, timeline_rows, users, waiting_phones};

/// Which link it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKey {
    /// A link to the Console.
    Console(i64),
    /// The registration link of this user; a user has one at most.
    Registration(UserKey),
}

/// The effect of a link when it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkPurpose {
    /// Registers another phone for the own account.
    OwnPhone,
    /// Replaces the phone of the account of this name.
    PhoneOf(String),
    /// Makes a new administrator, of this name or of one that is chosen.
    NewAdministrator(Option<String>),
    /// Lets an account belong to an application.
    Invitation {
        /// The application.
        application: String,
        /// The role that it gives.
        role: Role,
    },
    /// Registers a phone for a user of an application.
    PhoneOfUser {
        /// The application.
        application: String,
        /// The user.
        user: String,
    },
}

/// A link that is still open.
#[derive(Clone, Debug)]
pub struct OpenLink {
    /// Its row.
    pub key: LinkKey,
    /// Its purpose.
    pub purpose: LinkPurpose,
    /// Until when it is good.
    pub expires_at: UnixSeconds,
}

/// Values: the account, the time.
const OF_THE_CONSOLE: &str = "SELECT l.key, b.name, l.account_name, p.name, l.role, l.expires_at FROM console_links l
     LEFT JOIN accounts b ON b.key = l.account_key LEFT JOIN applications p ON p.key = l.application_key
     WHERE (l.maker_key = ?1 OR l.account_key = ?1) AND l.expires_at > ?2 ORDER BY l.expires_at, l.key LIMIT 100";

/// Values: the account, the time, the user that stands for the account.
const REGISTRATIONS: &str = "SELECT l.user_key, u.id, p.name, l.expires_at FROM links l
     JOIN users u ON u.key = l.user_key JOIN applications p ON p.key = u.application_key
     WHERE (l.maker_key = ?1 OR l.user_key = ?3) AND l.expires_at > ?2 AND p.hidden < 2
     ORDER BY l.expires_at, l.user_key LIMIT 100";

impl Database {
    /// The links of an account that can still be used, the next to expire first: at most a hundred of each kind.
    pub async fn open_links(&self, account: AccountKey) -> Result<Vec<OpenLink>, StorageError> {
        self.read(move |tx| {
            Box::pin(async move {
                let (now, own) = (tx.now(), user_of(tx, account).await?);
                let rows = tx.query(OF_THE_CONSOLE, &[account.into(), now.into()]).await?;
                let mut links: Vec<_> = rows.iter().map(of_the_console).collect::<Result<_, _>>()?;
                let values = [account.into(), now.into(), own.map(|own| own.0).into()];
                for row in tx.query(REGISTRATIONS, &values).await? {
                    links.push(registration(&row, own)?);
                }
                links.sort_by_key(|link| link.expires_at);
                Ok(links)
            })
        })
        .await
    }

    /// Ends a link that the account made, or that is for its own phone; false when it is used, gone or none of these.
    pub async fn end_link(
        &self,
        account: AccountKey,
        link: LinkKey,
        by: Actor,
        noted: Noted,
    ) -> Result<bool, StorageError> {
        by.refuse_keys()?;
        self.write_by(by, Right::Account, move |tx| {
            Box::pin(async move {
                let own = user_of(tx, account).await?;
                let ended = match link {
                    LinkKey::Console(key) => {
                        let sql = "DELETE FROM console_links
                                   WHERE key = ?1 AND (maker_key = ?2 OR account_key = ?2)";
                        tx.execute(sql, &[key.into(), account.into()]).await?
                    }
                    LinkKey::Registration(user) if own == Some(user) => {
                        tx.execute("DELETE FROM links WHERE user_key = ?1", &[user.into()]).await?
                    }
                    LinkKey::Registration(user) => {
                        let sql = "DELETE FROM links WHERE user_key = ?1 AND maker_key = ?2";
                        tx.execute(sql, &[user.into(), account.into()]).await?
                    }
                };
                if ended > 0 {
                    note(tx, &noted).await?;
                }
                Ok(ended > 0)
            })
        })
        .await
    }

    /// Ends all links of an account and all of its sessions, in one step. The user whose sessions ended is to be woken.
    pub async fn log_account_out(&self, account: AccountKey) -> Result<Option<UserKey>, StorageError> {
        self.write(move |tx| {
            Box::pin(async move {
                tx.query_one("SELECT key FROM accounts WHERE key = ?1 /*lock*/", &[account.into()]).await?;
                let Some(found) = accounts::by_key(tx, account).await? else { return Ok(None) };
                let own = user_of(tx, account).await?;
                if let Some(user) = own {
                    users::lock_key(tx, user).await?;
                }
                let ended = end_all_of(tx, account, own).await?;
                if let Some(user) = own {
                    timeline_rows::log_out_those_of_user(tx, user, Ending::InConsole).await?;
                }
                if ended > 0 {
                    let (action, subject) = ("account.links-ended", Some(found.name.clone()));
                    note(tx, &Noted { actor: found.name, application: None, action, subject }).await?;
                }
                Ok(own)
            })
        })
        .await
    }
}

/// Ends the links that an account made, those for its phone, and the phone that waits; how many links there were. The rows of account and
/// user are locked.
pub(super) async fn end_all_of(
    tx: &mut Tx<'_>,
    account: AccountKey,
    own: Option<UserKey>,
) -> Result<u64, StorageError> {
    let mut ended = rights::end_all_given(tx, account).await?;
    ended += rights::end_access_links(tx, account).await?;
    if let Some(user) = own {
        ended += tx.execute("DELETE FROM links WHERE user_key = ?1", &[user.into()]).await?;
        waiting_phones::deny(tx, user).await?;
    }
    Ok(ended)
}

/// The user of the Console's own application that stands for an account. None when it never registered a phone.
pub(super) async fn user_of(tx: &mut Tx<'_>, account: AccountKey) -> Result<Option<UserKey>, StorageError> {
    let sql = "SELECT u.key FROM console_tokens t JOIN users u ON u.id = t.token
               JOIN applications p ON p.key = u.application_key WHERE t.user_id = ?1 AND p.hidden = 1";
    tx.query_one(sql, &[account.into()]).await?.map(|row| row.key(0)).transpose()
}

/// From the columns of [`OF_THE_CONSOLE`].
fn of_the_console(row: &Row) -> Result<OpenLink, StorageError> {
    let text = |column| Ok::<_, StorageError>(row.optional_text(column)?.map(str::to_owned));
    let role = row.optional_text(4)?.map(members::role).transpose()?;
    let purpose = match (text(1)?, text(3)?, role) {
        (Some(account), None, None) => LinkPurpose::PhoneOf(account),
        (None, None, None) => LinkPurpose::NewAdministrator(text(2)?),
        (None, Some(application), Some(role)) => LinkPurpose::Invitation { application, role },
        _ => return Err(corrupt("link")),
    };
    Ok(OpenLink { key: LinkKey::Console(row.integer(0)?), purpose, expires_at: row.seconds(5)? })
}

/// From the columns of [`REGISTRATIONS`].
fn registration(row: &Row, own: Option<UserKey>) -> Result<OpenLink, StorageError> {
    let user: UserKey = row.key(0)?;
    let purpose = if own == Some(user) {
        LinkPurpose::OwnPhone
    } else {
        LinkPurpose::PhoneOfUser { application: row.text(2)?.to_owned(), user: row.text(1)?.to_owned() }
    };
    Ok(OpenLink { key: LinkKey::Registration(user), purpose, expires_at: row.seconds(3)? })
}
