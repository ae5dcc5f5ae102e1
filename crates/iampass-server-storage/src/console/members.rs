//! The members of applications, and their roles.
//!
//! The last owner stays: what could take one away holds the row of the application first, so that two owners cannot leave at once.

use iampass_core::UnixSeconds;
use iampass_server_domain::rules::{Act, Role, Standing};

use super::{Account, Actor, Right, accounts, corrupt, rights};
use crate::audit::{Noted, note};
use crate::{AccountKey, ApplicationKey, Database, Row, StorageError, Tx, counted_to};

/// An application as somebody sees it in a list.
#[derive(Clone, Debug)]
pub struct ListedApplication {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created_at: UnixSeconds,
    /// When it was disabled, if it is.
    pub disabled_at: Option<UnixSeconds>,
    /// None for administrators who do not belong to it.
    pub role: Option<Role>,
}

/// An application that somebody is in.
#[derive(Clone, Debug)]
pub struct Membership {
    /// Its row.
    pub key: ApplicationKey,
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When it was disabled, if it is.
    pub disabled_at: Option<UnixSeconds>,
    /// The standing of the account.
    pub standing: Standing,
}

/// Somebody who belongs to an application.
#[derive(Clone)]
pub struct Member {
    /// The account.
    pub account: AccountKey,
    /// Its name.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// Since when.
    pub since: UnixSeconds,
    /// Whether the account has signed in before.
    pub has_arrived: bool,
}

impl std::fmt::Debug for Member {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Member")
            .field("account", &self.account)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// The outcome of a change to the members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberChange {
    /// It was done.
    Done,
    /// There is no such account.
    NoSuchAccount,
    /// The account belongs to the application already.
    IsMember,
    /// The account does not belong to the application.
    IsNoMember,
    /// The application would have no owner left.
    LastOwner,
}

impl Database {
    /// The applications that an account belongs to; for administrators all there are. By name.
    pub async fn applications_of(&self, account: &Account) -> Result<Vec<ListedApplication>, StorageError> {
        let (key, all) = (account.key, i64::from(account.is_administrator));
        self.read_many(move |tx| {
            Box::pin(async move {
                let sql = "SELECT a.id, a.name, a.created_at, a.disabled_at, m.role FROM applications a
                           LEFT JOIN members m ON m.application_key = a.key AND m.account_key = ?1
                           WHERE a.hidden = 0 AND (m.role IS NOT NULL OR CAST(?2 AS BIGINT) = 1) ORDER BY lower(a.name), a.key";
                let rows = tx.query(sql, &[key.into(), all.into()]).await?;
                rows.iter().map(listed).collect()
            })
        })
        .await
    }

    /// The application of this id, if the account has any business with it.
    pub async fn membership(
        &self,
        account: &Account,
        application: &str,
    ) -> Result<Option<Membership>, StorageError> {
        let (key, is_administrator, id) = (account.key, account.is_administrator, application.to_owned());
        self.read(move |tx| {
            Box::pin(async move {
                let sql = "SELECT a.key, a.id, a.name, a.disabled_at, m.role FROM applications a
                           LEFT JOIN members m ON m.application_key = a.key AND m.account_key = ?1
                           WHERE a.id = ?2 AND a.hidden = 0";
                let Some(row) = tx.query_one(sql, &[key.into(), (&id).into()]).await? else {
                    return Ok(None);
                };
                let role = row.optional_text(4)?.map(role).transpose()?;
                if role.is_none() && !is_administrator {
                    return Ok(None);
                }
                Ok(Some(Membership {
                    key: row.key(0)?,
                    id: row.text(1)?.to_owned(),
                    name: row.text(2)?.to_owned(),
                    disabled_at: row.optional_seconds(3)?,
                    standing: Standing { role, is_administrator },
                }))
            })
        })
        .await
    }

    /// Those who belong to an application: owners first, then by name.
    pub async fn members(&self, application: ApplicationKey) -> Result<Vec<Member>, StorageError> {
        self.read_many(move |tx| {
            Box::pin(async move {
                let sql = "SELECT m.account_key, a.name, m.role, m.since, a.arrived_at FROM members m
                           JOIN accounts a ON a.key = m.account_key WHERE m.application_key = ?1";
                let rows = tx.query(sql, &[application.into()]).await?;
                let mut members = rows.iter().map(member).collect::<Result<Vec<_>, _>>()?;
                members.sort_by(|one, other| (other.role, &one.name).cmp(&(one.role, &other.name)));
                Ok(members)
            })
        })
        .await
    }

    /// Lets the account of this name belong to an application.
    pub async fn add_member(
        &self,
        application: ApplicationKey,
        name: String,
        role: Role,
        by: Actor,
        noted: Noted,
    ) -> Result<MemberChange, StorageError> {
        self.write_by(by, Right::In(application, Act::ManageMembers), move |tx| {
            Box::pin(async move {
                let account = accounts::named(tx, &name).await?;
                let Some(account) = account.filter(|account| account.disabled_at.is_none()) else {
                    return Ok(MemberChange::NoSuchAccount);
                };
                if !insert(tx, application, account.key, role).await? {
                    return Ok(MemberChange::IsMember);
                }
                note(tx, &noted).await?;
                Ok(MemberChange::Done)
            })
        })
        .await
    }

    /// Gives a member another role. With a lesser one end the links that the member made.
    pub async fn change_role(
        &self,
        application: ApplicationKey,
        account: AccountKey,
        role: Role,
        by: Actor,
        noted: Noted,
    ) -> Result<MemberChange, StorageError> {
        self.write_by(by, Right::In(application, Act::ManageMembers), move |tx| {
            Box::pin(async move {
                if let Some(refused) = without_owner(tx, application, account, Some(role)).await? {
                    return Ok(refused);
                }
                let sql = "SELECT role FROM members WHERE application_key = ?1 AND account_key = ?2 /*lock*/";
                let before = tx.query_one(sql, &[application.into(), account.into()]).await?;
                let before = self::role(before.ok_or(corrupt("member"))?.text(0)?)?;
                let sql = "UPDATE members SET role = ?3 WHERE application_key = ?1 AND account_key = ?2";
                tx.execute(sql, &[application.into(), account.into(), role.word().into()]).await?;
                if role < before {
                    rights::end_given_in(tx, account, application).await?;
                }
                note(tx, &noted).await?;
                Ok(MemberChange::Done)
            })
        })
        .await
    }

    /// Ends a membership, and the links that the member made. An account that ends its own membership leaves.
    pub async fn remove_member(
        &self,
        application: ApplicationKey,
        account: AccountKey,
        by: Actor,
        noted: Noted,
    ) -> Result<MemberChange, StorageError> {
        let act = if by.account() == Some(account) { Act::Leave } else { Act::ManageMembers };
        self.write_by(by, Right::In(application, act), move |tx| {
            Box::pin(async move {
                if let Some(refused) = without_owner(tx, application, account, None).await? {
                    return Ok(refused);
                }
                let sql = "DELETE FROM members WHERE application_key = ?1 AND account_key = ?2";
                tx.execute(sql, &[application.into(), account.into()]).await?;
                counted_to::give_away(tx, application, account).await?;
                rights::end_given_in(tx, account, application).await?;
                note(tx, &noted).await?;
                Ok(MemberChange::Done)
            })
        })
        .await
    }
}

/// Why a member cannot become `role` (None: no member at all). Holds the application until the change is made.
async fn without_owner(
    tx: &mut Tx<'_>,
    application: ApplicationKey,
    account: AccountKey,
    role: Option<Role>,
) -> Result<Option<MemberChange>, StorageError> {
    tx.query_one("SELECT key FROM applications WHERE key = ?1 /*lock beside*/", &[application.into()])
        .await?;
    let owners = Owners::of(tx, application, account).await?;
    Ok(match owners {
        Owners { is_member: false, .. } => Some(MemberChange::IsNoMember),
        Owners { is_owner: true, others: 0, .. } if role != Some(Role::Owner) => {
            Some(MemberChange::LastOwner)
        }
        _ => None,
    })
}

/// Whether an application has no other owner than this account who has signed in.
pub(super) async fn is_last_owner(
    tx: &mut Tx<'_>,
    application: ApplicationKey,
    account: AccountKey,
) -> Result<bool, StorageError> {
    let owners = Owners::of(tx, application, account).await?;
    Ok(owners.is_owner && owners.others == 0)
}

/// An account among the owners of an application.
struct Owners {
    is_member: bool,
    is_owner: bool,
    /// Other owners to rely on.
    others: u32,
}

impl Owners {
    async fn of(
        tx: &mut Tx<'_>,
        application: ApplicationKey,
        account: AccountKey,
    ) -> Result<Self, StorageError> {
        // An account that never signed in does not count as an owner: it may never be used, and its name may be given to another person.
        let sql = "SELECT m.account_key, m.role, CASE WHEN a.arrived_at IS NULL OR a.disabled_at IS NOT NULL THEN 0 ELSE 1 END
               FROM members m JOIN accounts a ON a.key = m.account_key WHERE m.application_key = ?1";
        let rows = tx.query(sql, &[application.into()]).await?;
        let mut owners = Self { is_member: false, is_owner: false, others: 0 };
        for row in rows {
            let is_this_one = row.key::<AccountKey>(0)? == account;
            let owns = role(row.text(1)?)? == Role::Owner;
            owners.is_member |= is_this_one;
            owners.is_owner |= is_this_one && owns;
            owners.others += u32::from(owns && !is_this_one && row.integer(2)? == 1);
        }
        Ok(owners)
    }
}

/// False when the account belongs to the application already.
pub(super) async fn insert(
    tx: &mut Tx<'_>,
    application: ApplicationKey,
    account: AccountKey,
    role: Role,
) -> Result<bool, StorageError> {
    let now = tx.now();
    let sql = "INSERT INTO members (application_key, account_key, role, since) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT (application_key, account_key) DO NOTHING";
    let values = [application.into(), account.into(), role.word().into(), now.into()];
    Ok(tx.execute(sql, &values).await? == 1)
}

/// A role that cannot be read gives no rights.
pub(super) fn role(word: &str) -> Result<Role, StorageError> {
    Role::named(word).ok_or(corrupt("role"))
}

fn listed(row: &Row) -> Result<ListedApplication, StorageError> {
    Ok(ListedApplication {
        id: row.text(0)?.to_owned(),
        name: row.text(1)?.to_owned(),
        created_at: row.seconds(2)?,
        disabled_at: row.optional_seconds(3)?,
        role: row.optional_text(4)?.map(role).transpose()?,
    })
}

fn member(row: &Row) -> Result<Member, StorageError> {
    Ok(Member {
        account: row.key(0)?,
        name: row.text(1)?.to_owned(),
        role: role(row.text(2)?)?,
        since: row.seconds(3)?,
        has_arrived: row.optional_seconds(4)?.is_some(),
    })
}

#[cfg(test)]
mod tests;
