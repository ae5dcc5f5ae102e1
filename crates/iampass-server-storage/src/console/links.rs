//! Links to the Console that are good once: to get in without an account or a phone, and to join an application.
//!
//! Only digests of their codes are stored, so that a stolen database opens nothing. Belongs here: making and showing them. Does not belong here:
//! using them ([`super::link_use`]), and registration links for phones ([`crate::links`]).

use std::collections::BTreeSet;
use std::time::Duration;

use iampass_core::UnixSeconds;
use iampass_server_domain::rules::{Act, Role, may_give};

use super::{Account, Actor, Right, accounts, corrupt, members, rights};
use crate::audit::{Noted, note};
use crate::{AccountKey, ApplicationKey, Database, LinkCode, Row, StorageError, Tx};

/// The purpose of a link, before it is used.
#[derive(Clone, Debug)]
pub enum ConsoleLink {
    /// Replaces the phone of this account, or makes an administrator's account: of this name, or of one that is chosen.
    Access {
        /// The account.
        account: Option<Account>,
        /// Its name.
        name: Option<String>,
    },
    /// Lets an account belong to an application.
    Invitation {
        /// The application.
        application: String,
        /// The role that it gives.
        role: Role,
        /// The account that made it.
        made_by: String,
    },
}

/// An invitation that is still open.
#[derive(Clone, Debug)]
pub struct OpenInvitation {
    /// Its row.
    pub key: i64,
    /// The role that it gives.
    pub role: Role,
    /// The account that made it.
    pub made_by: String,
    /// Until when it is good.
    pub expires_at: UnixSeconds,
}

pub(super) const ACCESS: &str = "access";
pub(super) const INVITATION: &str = "invitation";

/// A link as it is stored.
pub(super) struct Stored {
    pub(super) key: i64,
    pub(super) purpose: String,
    pub(super) account: Option<AccountKey>,
    pub(super) name: Option<String>,
    pub(super) application: Option<ApplicationKey>,
    pub(super) role: Option<Role>,
    pub(super) made_by: String,
    /// The account that made it; None for a command.
    pub(super) maker: Option<AccountKey>,
}

impl Stored {
    /// Whether who made it may make it now.
    pub(super) async fn is_rightful(&self, tx: &mut Tx<'_>) -> Result<bool, StorageError> {
        match (self.application, self.role, self.maker) {
            (Some(application), Some(role), Some(maker)) => {
                let standing = rights::standing(tx, maker, application).await?;
                Ok(standing.is_some_and(|standing| may_give(standing, role)))
            }
            // Nothing invites but accounts.
            (Some(_), ..) | (_, Some(_), _) => Ok(false),
            (None, None, Some(maker)) => rights::is_administrator(tx, maker).await,
            (None, None, None) => Ok(true),
        }
    }
}

/// The outcome of making a link that lets somebody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessLinkMade {
    /// It is good.
    Made,
    /// The account is gone or disabled.
    NoAccount,
}

/// Whom a link lets in.
#[derive(Clone, Debug)]
pub enum AccessFor {
    /// An account that is there: the link replaces its phone.
    Account(AccountKey),
    /// A new administrator, of this name or of one that is chosen.
    NewAdministrator(Option<String>),
}

impl Database {
    /// Stores a link that gets an account in again, or makes an account of an administrator. An account has one such link at a time: the one
    /// before is good no longer.
    pub async fn make_access_link(
        &self,
        code: LinkCode,
        access: AccessFor,
        by: Actor,
        lifetime: Duration,
        noted: Noted,
    ) -> Result<AccessLinkMade, StorageError> {
        by.refuse_keys()?;
        let maker = by.account();
        let (account, name) = match access {
            AccessFor::Account(account) => (Some(account), None),
            AccessFor::NewAdministrator(name) => (None, name),
        };
        self.write(move |tx| {
            Box::pin(async move {
                lock_accounts(tx, [maker, account]).await?;
                by.check(tx, Right::Administrator).await?;
                if let Some(account) = account
                    && enabled(tx, account).await?.is_none()
                {
                    return Ok(AccessLinkMade::NoAccount);
                }
                if let Some(account) = account {
                    // The one before may have gone astray.
                    rights::end_access_links(tx, account).await?;
                }
                purge(tx).await?;
                let now = tx.now();
                tx.execute(
                    "INSERT INTO console_links (code_sha256, purpose, account_key, account_name, made_by, expires_at, maker_key)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                    &[
                        (&code.digest()[..]).into(),
                        ACCESS.into(),
                        account.map(|account| account.0).into(),
                        name.as_deref().into(),
                        noted.actor.as_str().into(),
                        now.plus(lifetime).into(),
                        maker.map(|maker| maker.0).into(),
                    ],
                )
                .await?;
                note(tx, &noted).await?;
                Ok(AccessLinkMade::Made)
            })
        })
        .await
    }

    /// Stores an invitation to an application; false when its maker may not give that role, or is no account.
    pub async fn make_invitation(
        &self,
        code: LinkCode,
        application: ApplicationKey,
        role: Role,
        by: Actor,
        lifetime: Duration,
        noted: Noted,
    ) -> Result<bool, StorageError> {
        by.refuse_keys()?;
        let Some(maker) = by.account() else { return Ok(false) };
        self.write_by(by, Right::In(application, Act::ManageMembers), move |tx| {
            Box::pin(async move {
                let standing = rights::standing(tx, maker, application).await?;
                if !standing.is_some_and(|standing| may_give(standing, role)) {
                    return Ok(false);
                }
                purge(tx).await?;
                let now = tx.now();
                tx.execute(
                    "INSERT INTO console_links (code_sha256, purpose, application_key, role, made_by, expires_at, maker_key)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                    &[
                        (&code.digest()[..]).into(),
                        INVITATION.into(),
                        application.into(),
                        role.word().into(),
                        noted.actor.as_str().into(),
                        now.plus(lifetime).into(),
                        maker.into(),
                    ],
                )
                .await?;
                note(tx, &noted).await?;
                Ok(true)
            })
        })
        .await
    }

    /// The invitations of an application that can still be accepted, the next to expire first.
    pub async fn open_invitations(
        &self,
        application: ApplicationKey,
    ) -> Result<Vec<OpenInvitation>, StorageError> {
        self.read(move |tx| {
            Box::pin(async move {
                let now = tx.now();
                let sql = "SELECT key, role, made_by, expires_at FROM console_links
                           WHERE application_key = ?1 AND expires_at > ?2 ORDER BY expires_at, key LIMIT 100";
                let rows = tx.query(sql, &[application.into(), now.into()]).await?;
                rows.iter().map(open_invitation).collect()
            })
        })
        .await
    }

    /// Takes an invitation back; false when it is used or gone.
    pub async fn take_back_invitation(
        &self,
        application: ApplicationKey,
        key: i64,
        by: Actor,
        noted: Noted,
    ) -> Result<bool, StorageError> {
        self.write_by(by, Right::In(application, Act::ManageMembers), move |tx| {
            Box::pin(async move {
                let sql = "DELETE FROM console_links WHERE key = ?1 AND application_key = ?2";
                if tx.execute(sql, &[key.into(), application.into()]).await? == 0 {
                    return Ok(false);
                }
                note(tx, &noted).await?;
                Ok(true)
            })
        })
        .await
    }

    /// Reads the purpose of a link, which does not use it up.
    pub async fn console_link(&self, code: LinkCode) -> Result<Option<ConsoleLink>, StorageError> {
        self.read(move |tx| {
            Box::pin(async move {
                let Some(link) = find(tx, &code).await? else { return Ok(None) };
                if !link.is_rightful(tx).await? {
                    return Ok(None);
                }
                if let Some(role) = link.role {
                    let application = link.application.ok_or(corrupt("invitation"))?;
                    let row = tx
                        .query_one("SELECT name FROM applications WHERE key = ?1", &[application.into()])
                        .await?;
                    let application = row.ok_or(corrupt("invitation"))?.text(0)?.to_owned();
                    return Ok(Some(ConsoleLink::Invitation { application, role, made_by: link.made_by }));
                }
                let account = match link.account {
                    Some(key) => match enabled(tx, key).await? {
                        Some(account) => Some(account),
                        None => return Ok(None),
                    },
                    None => None,
                };
                Ok(Some(ConsoleLink::Access { account, name: link.name }))
            })
        })
        .await
    }
}

/// The account of this key, if it may do anything.
pub(super) async fn enabled(tx: &mut Tx<'_>, key: AccountKey) -> Result<Option<Account>, StorageError> {
    Ok(accounts::by_key(tx, key).await?.filter(|account| account.disabled_at.is_none()))
}

/// By key, so that two links of two administrators wait for each other in no ring.
pub(super) async fn lock_accounts(
    tx: &mut Tx<'_>,
    accounts: [Option<AccountKey>; 2],
) -> Result<(), StorageError> {
    for account in accounts.into_iter().flatten().collect::<BTreeSet<_>>() {
        tx.query_one("SELECT key FROM accounts WHERE key = ?1 /*lock*/", &[account.into()]).await?;
    }
    Ok(())
}

pub(super) async fn lock_application(
    tx: &mut Tx<'_>,
    application: ApplicationKey,
) -> Result<(), StorageError> {
    tx.query_one("SELECT key FROM applications WHERE key = ?1 /*lock beside*/", &[application.into()])
        .await?;
    Ok(())
}

macro_rules! links {
    ($rest:literal) => {
        concat!(
            "SELECT key, purpose, account_key, account_name, application_key, role, made_by, expires_at, maker_key FROM console_links
             WHERE code_sha256 = ?1 ",
            $rest
        )
    };
}

pub(super) async fn find(tx: &mut Tx<'_>, code: &LinkCode) -> Result<Option<Stored>, StorageError> {
    let row = tx.query_one(links!(""), &[(&code.digest()[..]).into()]).await?;
    Ok(row.map(|row| stored(tx, &row)).transpose()?.flatten())
}

/// The same, locked until the transaction ends.
pub(super) async fn locked(tx: &mut Tx<'_>, code: &LinkCode) -> Result<Option<Stored>, StorageError> {
    let row = tx.query_one(links!("/*lock*/"), &[(&code.digest()[..]).into()]).await?;
    Ok(row.map(|row| stored(tx, &row)).transpose()?.flatten())
}

/// None when it has expired.
fn stored(tx: &Tx<'_>, row: &Row) -> Result<Option<Stored>, StorageError> {
    if row.seconds(7)? <= tx.now() {
        return Ok(None);
    }
    Ok(Some(Stored {
        key: row.integer(0)?,
        purpose: row.text(1)?.to_owned(),
        account: row.optional_key(2)?,
        name: row.optional_text(3)?.map(str::to_owned),
        application: row.optional_key(4)?,
        role: row.optional_text(5)?.map(members::role).transpose()?,
        made_by: row.text(6)?.to_owned(),
        maker: row.optional_key(8)?,
    }))
}

/// Removes expired links, which cannot be used.
async fn purge(tx: &mut Tx<'_>) -> Result<(), StorageError> {
    let now = tx.now();
    tx.execute("DELETE FROM console_links WHERE expires_at <= ?1", &[now.into()]).await?;
    Ok(())
}

fn open_invitation(row: &Row) -> Result<OpenInvitation, StorageError> {
    Ok(OpenInvitation {
        key: row.integer(0)?,
        role: members::role(row.text(1)?)?,
        made_by: row.text(2)?.to_owned(),
        expires_at: row.seconds(3)?,
    })
}
