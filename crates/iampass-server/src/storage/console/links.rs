//! Links to the Console that are good once: to get in without an account or a phone, and to join an application.
//!
//! Only digests of their codes are stored, so that a stolen database opens nothing. A link that is used is gone, and looks from then on like
//! one that never was. Belongs here: making, showing and using them. Does not belong here: registration links for phones
//! ([`crate::storage::links`]).

use std::collections::BTreeSet;
use std::time::Duration;

use iampass_core::UnixSeconds;

use super::account_changes::lock_user_of;
use super::{Account, Actor, Registration, Right, accounts, corrupt, members, rights};
use crate::rules::{Act, Role, may_give};
use crate::storage::audit::{Noted, note};
use crate::storage::{
    AccountKey, ApplicationKey, Database, LinkCode, Row, StorageError, Tx, UserKey, timeline_rows,
};

/// What a link is for, before it is used.
#[derive(Clone, Debug)]
pub(crate) enum ConsoleLink {
    /// Replaces the phone of this account, or makes an administrator's account: of this name, or of one that is chosen.
    Access { account: Option<Account>, name: Option<String> },
    /// Lets an account belong to an application.
    Invitation { application: String, role: Role, made_by: String },
}

/// What became of a link to get in.
#[derive(Clone, Debug)]
pub(crate) enum AccessUsed {
    /// This account may register a phone now. The user whose phone and sessions are gone is to be woken.
    MayEnrol {
        account: Account,
        ended: Option<UserKey>,
    },
    /// Somebody else has the name; the link is as good as before.
    NameTaken,
    NoSuchLink,
}

/// What became of an invitation.
#[derive(Clone, Debug)]
pub(crate) enum InvitationUsed {
    /// This account belongs to this application now.
    Joined {
        account: Account,
        application: String,
    },
    /// It did before; the invitation is as good as before.
    IsMember {
        application: String,
    },
    /// Somebody else has the name; the invitation is as good as before.
    NameTaken(Account),
    NoSuchLink,
}

/// Who accepts an invitation.
#[derive(Clone, Debug)]
pub(crate) enum Invited {
    /// An account that there is, and that is signed in.
    Account(AccountKey, Actor),
    /// A new one of this name.
    Newcomer(String),
}

/// An invitation that is still open.
#[derive(Clone, Debug)]
pub(crate) struct OpenInvitation {
    pub(crate) key: i64,
    pub(crate) role: Role,
    pub(crate) made_by: String,
    pub(crate) expires_at: UnixSeconds,
}

const ACCESS: &str = "access";
const INVITATION: &str = "invitation";

struct Stored {
    key: i64,
    purpose: String,
    account: Option<AccountKey>,
    name: Option<String>,
    application: Option<ApplicationKey>,
    role: Option<Role>,
    made_by: String,
    /// The account that made it; None for a command.
    maker: Option<AccountKey>,
}

impl Stored {
    /// Whether who made it may make it now.
    async fn is_rightful(&self, tx: &mut Tx<'_>) -> Result<bool, StorageError> {
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

/// Whom a link lets in.
#[derive(Clone, Debug)]
pub(crate) enum AccessFor {
    /// An account that is there: the link replaces its phone.
    Account(AccountKey),
    /// A new administrator, of this name or of one that is chosen.
    NewAdministrator(Option<String>),
}

impl Database {
    /// Stores a link that gets an account in again, or makes an account of an administrator. False
    /// when the account is gone or disabled.
    pub(crate) async fn make_access_link(
        &self,
        code: LinkCode,
        access: AccessFor,
        by: Actor,
        lifetime: Duration,
        noted: Noted,
    ) -> Result<bool, StorageError> {
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
                    return Ok(false);
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
                Ok(true)
            })
        })
        .await
    }

    /// Stores an invitation to an application; false when its maker may not give that role, or is no account.
    pub(crate) async fn make_invitation(
        &self,
        code: LinkCode,
        application: ApplicationKey,
        role: Role,
        by: Actor,
        lifetime: Duration,
        noted: Noted,
    ) -> Result<bool, StorageError> {
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
    pub(crate) async fn open_invitations(
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
    pub(crate) async fn take_back_invitation(
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

    /// What a link is for, which does not use it up.
    pub(crate) async fn console_link(&self, code: LinkCode) -> Result<Option<ConsoleLink>, StorageError> {
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

    /// Uses a link to get in: in one step the link is gone, and the account is there, without its old phone and sessions. Phones are those
    /// of users of `console`. The name is that of the new account, if the link names none.
    pub(crate) async fn use_access_link(
        &self,
        code: LinkCode,
        chosen: String,
        console: ApplicationKey,
    ) -> Result<AccessUsed, StorageError> {
        self.write(move |tx| {
            Box::pin(async move {
                let Some(link) = take(tx, &code, ACCESS).await? else { return Ok(AccessUsed::NoSuchLink) };
                let (account, ended) = match link.account {
                    Some(key) => {
                        let Some(account) = enabled(tx, key).await? else {
                            return Ok(AccessUsed::NoSuchLink);
                        };
                        note(tx, &noted(&link.made_by, "link.used", &account.name)).await?;
                        rights::end_all_given(tx, key).await?;
                        let (ended, had_phone) = end_phone(tx, console, key).await?;
                        if had_phone {
                            note(tx, &noted(&link.made_by, "account.phone-removed", &account.name)).await?;
                        }
                        (account, ended)
                    }
                    None => {
                        let name = link.name.as_deref().unwrap_or(&chosen);
                        match accounts::register(tx, name, true, &link.made_by).await? {
                            Registration::Done(account) => {
                                note(tx, &noted(&link.made_by, "link.used", &account.name)).await?;
                                (account, None)
                            }
                            Registration::Taken(_) => return Ok(AccessUsed::NameTaken),
                        }
                    }
                };
                remove(tx, link.key).await?;
                Ok(AccessUsed::MayEnrol { account, ended })
            })
        })
        .await
    }

    /// Accepts an invitation.
    pub(crate) async fn use_invitation(
        &self,
        code: LinkCode,
        invited: Invited,
    ) -> Result<InvitationUsed, StorageError> {
        self.write(move |tx| {
            Box::pin(async move {
                let Some(link) = take(tx, &code, INVITATION).await? else {
                    return Ok(InvitationUsed::NoSuchLink);
                };
                let (Some(application), Some(role)) = (link.application, link.role) else {
                    return Err(corrupt("invitation"));
                };
                let row =
                    tx.query_one("SELECT id FROM applications WHERE key = ?1", &[application.into()]).await?;
                let id = row.ok_or(corrupt("invitation"))?.text(0)?.to_owned();
                let account = match invited {
                    Invited::Account(key, by) => {
                        by.check(tx, Right::Account).await?;
                        let Some(account) = enabled(tx, key).await? else {
                            return Ok(InvitationUsed::NoSuchLink);
                        };
                        account
                    }
                    Invited::Newcomer(name) => match accounts::register(tx, &name, false, &name).await? {
                        Registration::Done(account) => account,
                        Registration::Taken(account) => return Ok(InvitationUsed::NameTaken(account)),
                    },
                };
                if !members::insert(tx, application, account.key, role).await? {
                    return Ok(InvitationUsed::IsMember { application: id });
                }
                let mut noted =
                    noted(&account.name, "member.joined", &format!("{} ({})", account.name, role.word()));
                noted.application = Some(id.clone());
                note(tx, &noted).await?;
                remove(tx, link.key).await?;
                Ok(InvitationUsed::Joined { account, application: id })
            })
        })
        .await
    }
}

fn noted(actor: &str, action: &'static str, subject: &str) -> Noted {
    Noted { actor: actor.to_owned(), application: None, action, subject: Some(subject.to_owned()) }
}

/// The account of this key, if it may do anything.
async fn enabled(tx: &mut Tx<'_>, key: AccountKey) -> Result<Option<Account>, StorageError> {
    Ok(accounts::by_key(tx, key).await?.filter(|account| account.disabled_at.is_none()))
}

/// By key, so that two links of two administrators wait for each other in no ring.
async fn lock_accounts(tx: &mut Tx<'_>, accounts: [Option<AccountKey>; 2]) -> Result<(), StorageError> {
    for account in accounts.into_iter().flatten().collect::<BTreeSet<_>>() {
        tx.query_one("SELECT key FROM accounts WHERE key = ?1 /*lock*/", &[account.into()]).await?;
    }
    Ok(())
}

async fn lock_application(tx: &mut Tx<'_>, application: ApplicationKey) -> Result<(), StorageError> {
    tx.query_one("SELECT key FROM applications WHERE key = ?1 /*lock*/", &[application.into()]).await?;
    Ok(())
}

/// Takes the phone of an account away, its links, and all of its sessions: the user, and whether there was a phone.
async fn end_phone(
    tx: &mut Tx<'_>,
    console: ApplicationKey,
    account: AccountKey,
) -> Result<(Option<UserKey>, bool), StorageError> {
    let Some((user, _)) = lock_user_of(tx, console, account).await? else { return Ok((None, false)) };
    timeline_rows::end_those_of_user(tx, user).await?;
    tx.execute("DELETE FROM links WHERE user_key = ?1", &[user.into()]).await?;
    let removed = tx.execute("DELETE FROM devices WHERE user_key = ?1", &[user.into()]).await?;
    Ok((Some(user), removed > 0))
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

async fn find(tx: &mut Tx<'_>, code: &LinkCode) -> Result<Option<Stored>, StorageError> {
    let row = tx.query_one(links!(""), &[(&code.digest()[..]).into()]).await?;
    Ok(row.map(|row| stored(tx, &row)).transpose()?.flatten())
}

/// The link of this code, which nobody else can use until the transaction ends, if its maker may make it now. A change that takes that right away
/// waits, or has taken the link with it.
async fn take(tx: &mut Tx<'_>, code: &LinkCode, purpose: &str) -> Result<Option<Stored>, StorageError> {
    let Some(found) = find(tx, code).await?.filter(|link| link.purpose == purpose) else { return Ok(None) };
    if let Some(application) = found.application {
        lock_application(tx, application).await?;
    }
    lock_accounts(tx, [found.maker, found.account]).await?;
    let row = tx.query_one(links!("/*lock*/"), &[(&code.digest()[..]).into()]).await?;
    let Some(link) = row.map(|row| stored(tx, &row)).transpose()?.flatten() else { return Ok(None) };
    Ok(link.is_rightful(tx).await?.then_some(link))
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

async fn remove(tx: &mut Tx<'_>, key: i64) -> Result<(), StorageError> {
    tx.execute("DELETE FROM console_links WHERE key = ?1", &[key.into()]).await?;
    Ok(())
}

/// Nobody can use what has expired.
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
