//! Using the links to the Console that are good once. A link that is used is gone, and looks from then on like one that never was.
//!
//! Belongs here: what a link does when it is used. Does not belong here: making and showing links ([`super::links`]).

use iampass_server_domain::rules::Ending;

use super::account_changes::lock_user_of;
use super::links::{ACCESS, INVITATION, Stored, enabled, find, lock_accounts, lock_application, locked};
use super::{Account, Actor, Registration, Right, accounts, corrupt, members, rights};
use crate::audit::{Noted, note};
use crate::{
    AccountKey, ApplicationKey, Database, LinkCode, StorageError, Tx, UserKey, device_rows, devices,
    timeline_rows,
};

/// The outcome of using an access link.
#[derive(Clone, Debug)]
pub enum AccessUsed {
    /// This account may register a phone now. The user whose phone and sessions are gone is to be woken.
    MayEnrol {
        /// The account.
        account: Account,
        /// The user whose phone and sessions are gone.
        ended: Option<UserKey>,
    },
    /// Somebody else has the name; the link is as good as before.
    NameTaken,
    /// There is no such link, or it is good no longer.
    NoSuchLink,
}

/// The outcome of using an invitation.
#[derive(Clone, Debug)]
pub enum InvitationUsed {
    /// This account belongs to this application now.
    Joined {
        /// The account.
        account: Account,
        /// The id of the application.
        application: String,
    },
    /// It did before; the invitation is as good as before.
    IsMember {
        /// The id of the application.
        application: String,
    },
    /// Somebody else has the name; the invitation is as good as before.
    NameTaken(Account),
    /// There is no such link, or it is good no longer.
    NoSuchLink,
}

/// The person who accepts an invitation.
#[derive(Clone, Debug)]
pub enum Invited {
    /// An account that there is, and that is signed in.
    Account(AccountKey, Actor),
    /// A new one of this name.
    Newcomer(String),
}

impl Database {
    /// Uses a link to get in: in one step the link is gone, and the account is there, without its old phone and sessions. Phones are those
    /// of users of `console`. The name is that of the new account, if the link names none.
    pub async fn use_access_link(
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
                        // This one, and any other: what follows replaces the phone, and none may take the new one away again.
                        rights::end_access_links(tx, key).await?;
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
    pub async fn use_invitation(
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
                        by.refuse_keys()?;
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

/// Takes the phone of an account away, its links, and all of its sessions: the user, and whether there was a phone.
async fn end_phone(
    tx: &mut Tx<'_>,
    console: ApplicationKey,
    account: AccountKey,
) -> Result<(Option<UserKey>, bool), StorageError> {
    let Some((user, _)) = lock_user_of(tx, console, account).await? else { return Ok((None, false)) };
    tx.raised().user(user);
    timeline_rows::end_those_of_user(tx, user, Ending::PhoneGone).await?;
    tx.execute("DELETE FROM links WHERE user_key = ?1", &[user.into()]).await?;
    let removed = device_rows::of_user(tx, user).await?.is_some();
    devices::remove_of_user(tx, user).await?;
    Ok((Some(user), removed))
}

/// The link of this code, locked until the transaction ends, if its maker may make it now. A change that takes that right away
/// waits, or has taken the link with it.
async fn take(tx: &mut Tx<'_>, code: &LinkCode, purpose: &str) -> Result<Option<Stored>, StorageError> {
    let Some(found) = find(tx, code).await?.filter(|link| link.purpose == purpose) else { return Ok(None) };
    if let Some(application) = found.application {
        lock_application(tx, application).await?;
    }
    lock_accounts(tx, [found.maker, found.account]).await?;
    let Some(link) = locked(tx, code).await? else { return Ok(None) };
    Ok(link.is_rightful(tx).await?.then_some(link))
}

async fn remove(tx: &mut Tx<'_>, key: i64) -> Result<(), StorageError> {
    tx.execute("DELETE FROM console_links WHERE key = ?1", &[key.into()]).await?;
    Ok(())
}
