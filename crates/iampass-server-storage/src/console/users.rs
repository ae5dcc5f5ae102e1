//! The users of an application as its members see and change them.
//!
//! Lists are read by the index of their order, from where the last page ended, so that the hundredth page of a million users costs what the
//! first does. A user is named by the row's key together with the application: another application's user is not there.

use iampass_core::{UnixSeconds, UserToken};
use iampass_server_domain::rules::{Act, Ending};

use super::sessions::{OF_USER, OpenSession, open_session};
use super::{Actor, Right, corrupt};
use crate::audit::{Noted, note};
use crate::{
    AccountKey, ApplicationKey, Database, DeviceKey, LinkCode, LinkKind, NewLink, Phones, Row, StorageError,
    Tx, UserKey, UsersAdded, devices, links, phones, timeline_rows, users,
};

/// No id of a user is longer than 255 bytes: every one of them comes before this.
const AFTER_ALL: char = char::MAX;

/// Where a page of users begins or ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UsersFrom {
    /// At the first one.
    Start,
    /// Behind this id.
    After(String),
    /// Right before this id.
    Before(String),
}

/// A user in a list.
#[derive(Clone, Debug)]
pub struct ListedUser {
    /// Its row.
    pub key: UserKey,
    /// Its id.
    pub id: String,
    /// When the user was added.
    pub added_at: UnixSeconds,
    /// When the phone was registered, if there is one.
    pub phone_since: Option<UnixSeconds>,
    /// How many sessions are open.
    pub open_sessions: u64,
}

/// A page of users, by id.
#[derive(Clone, Debug, Default)]
pub struct UsersPage {
    /// The users of the page.
    pub users: Vec<ListedUser>,
    /// Whether there are more before.
    pub has_earlier: bool,
    /// Whether there are more behind.
    pub has_later: bool,
}

/// A user with all that is his.
#[derive(Clone, Debug)]
pub struct UserDetails {
    /// Its row.
    pub key: UserKey,
    /// Its id.
    pub id: UserToken,
    /// When the user was added.
    pub added_at: UnixSeconds,
    /// The phones, and what belongs to them.
    pub phones: Phones,
    /// The expiry of an unused registration link.
    pub link_until: Option<UnixSeconds>,
    /// Open ones, and those that are being asked for; the newest first.
    pub sessions: Vec<OpenSession>,
}

/// A change to a user.
#[derive(Clone)]
pub enum UserChange {
    /// He is gone with his phone and sessions.
    Delete,
    /// The phone and its sessions end.
    RemovePhone,
    /// The phone and its sessions end, and the code lets another one be registered.
    PhoneLost(NewLink, LinkCode),
    /// The code lets a phone be registered, which replaces or joins the present ones. They stay until then.
    MakeLink(NewLink, LinkCode, LinkKind),
    /// One phone and its sessions end.
    RemoveOnePhone(DeviceKey),
    /// All sessions end, and what is being asked is withdrawn.
    LogOut,
}

impl UserChange {
    /// The right that it takes.
    const fn act(&self) -> Act {
        match self {
            Self::Delete => Act::ManageUsers,
            Self::RemovePhone | Self::RemoveOnePhone(_) | Self::PhoneLost(..) | Self::MakeLink(..) => {
                Act::ManageDevices
            }
            Self::LogOut => Act::EndSessions,
        }
    }
}

macro_rules! users_columns {
    () => {
        "SELECT u.key, u.id, u.created_at, (SELECT max(d.created_at) FROM devices d WHERE d.user_key = u.key),
                (SELECT count(*) FROM sessions s WHERE s.user_key = u.key AND s.ended_at IS NULL AND s.due_at > ?5
                 AND s.activated_at IS NOT NULL)
         FROM users u
         WHERE u.application_key = ?1 AND u.id >= ?2 AND u.id < ?3 "
    };
}

pub(super) const FORWARD: &str = concat!(users_columns!(), "ORDER BY u.id LIMIT ?4");
pub(super) const BACKWARD: &str = concat!(users_columns!(), "ORDER BY u.id DESC LIMIT ?4");

impl Database {
    /// `most` users whose ids begin with `prefix`, in the order of their ids.
    pub async fn users_of(
        &self,
        application: ApplicationKey,
        prefix: &str,
        from: UsersFrom,
        most: u32,
    ) -> Result<UsersPage, StorageError> {
        let (mut lowest, mut above) = (prefix.to_owned(), first_without(prefix));
        let is_backward = matches!(from, UsersFrom::Before(_));
        let is_continued = from != UsersFrom::Start;
        match from {
            UsersFrom::Start => {}
            // No id holds a control character, so nothing lies between the two.
            UsersFrom::After(id) => lowest = lowest.max(format!("{id}\u{1}")),
            UsersFrom::Before(id) => above = above.min(id),
        }
        self.read_many(move |tx| {
            Box::pin(async move {
                let sql = if is_backward { BACKWARD } else { FORWARD };
                let (now, limit) = (tx.now(), i64::from(most) + 1);
                let values =
                    [application.into(), (&lowest).into(), (&above).into(), limit.into(), now.into()];
                let rows = tx.query(sql, &values).await?;
                let mut users = rows.iter().map(listed).collect::<Result<Vec<_>, _>>()?;
                let has_more = users.len() > most as usize;
                users.truncate(most as usize);
                let (has_earlier, has_later) = match is_backward {
                    true => (has_more, true),
                    false => (is_continued, has_more),
                };
                if is_backward {
                    users.reverse();
                }
                Ok(UsersPage { users, has_earlier, has_later })
            })
        })
        .await
    }

    /// A user of the application; None when there is none with this key, or it is another application's.
    pub async fn user_details(
        &self,
        application: ApplicationKey,
        user: UserKey,
        most_sessions: u32,
    ) -> Result<Option<UserDetails>, StorageError> {
        self.read(move |tx| {
            Box::pin(async move {
                let now = tx.now();
                let sql = "SELECT u.id, u.created_at, l.expires_at FROM users u
                           LEFT JOIN links l ON l.user_key = u.key AND l.expires_at > ?3
                           WHERE u.key = ?1 AND u.application_key = ?2";
                let Some(row) = tx.query_one(sql, &[user.into(), application.into(), now.into()]).await?
                else {
                    return Ok(None);
                };
                let most = i64::from(most_sessions).into();
                let rows = tx.query(OF_USER, &[user.into(), now.into(), most]).await?;
                Ok(Some(UserDetails {
                    key: user,
                    id: UserToken::new(row.text(0)?).map_err(|_| corrupt("user id"))?,
                    added_at: row.seconds(1)?,
                    phones: phones::of_user(tx, user).await?,
                    link_until: row.optional_seconds(2)?,
                    sessions: rows.iter().map(|row| open_session(row, now)).collect::<Result<_, _>>()?,
                }))
            })
        })
        .await
    }

    /// Adds users; those that are there already are told apart.
    pub async fn add_users_noted(
        &self,
        application: ApplicationKey,
        users: Vec<UserToken>,
        by: Actor,
        noted: Noted,
    ) -> Result<UsersAdded, StorageError> {
        let most = self.account_limits.users;
        self.write_by(by, Right::In(application, Act::ManageUsers), move |tx| {
            Box::pin(async move {
                let outcome = users::insert(tx, application, users, most).await?;
                let UsersAdded::Added(added) = &outcome else { return Ok(outcome) };
                if !added.created.is_empty() {
                    let subject = match added.created.as_slice() {
                        [one] => one.to_string(),
                        many => format!("{} users", many.len()),
                    };
                    note(tx, &Noted { subject: Some(subject), ..noted }).await?;
                }
                Ok(outcome)
            })
        })
        .await
    }

    /// Changes a user and writes down who did it; false when the application has no such user.
    pub async fn change_user(
        &self,
        application: ApplicationKey,
        user: UserKey,
        change: UserChange,
        by: Actor,
        noted: Noted,
    ) -> Result<bool, StorageError> {
        let (maker, admin_key) = (by.account(), by.admin_key());
        self.write_by(by, Right::In(application, change.act()), move |tx| {
            Box::pin(async move {
                let sql = "SELECT id FROM users WHERE key = ?1 AND application_key = ?2 /*lock*/";
                let Some(row) = tx.query_one(sql, &[user.into(), application.into()]).await? else {
                    return Ok(false);
                };
                let subject = Some(row.text(0)?.to_owned());
                apply(tx, user, &change, maker).await?;
                if let (Some(key), UserChange::PhoneLost(..) | UserChange::MakeLink(..)) =
                    (admin_key, &change)
                {
                    links::is_of_admin_key(tx, user, key).await?;
                }
                note(tx, &Noted { subject, ..noted }).await?;
                Ok(true)
            })
        })
        .await
    }
}

/// Does it to a user whose row is locked.
async fn apply(
    tx: &mut Tx<'_>,
    user: UserKey,
    change: &UserChange,
    maker: Option<AccountKey>,
) -> Result<(), StorageError> {
    match change {
        UserChange::Delete => users::delete(tx, user).await,
        UserChange::RemovePhone => devices::remove_of_user(tx, user).await,
        UserChange::PhoneLost(link, code) => {
            devices::remove_of_user(tx, user).await?;
            links::store(tx, user, link, code, maker, LinkKind::Replaces).await
        }
        UserChange::MakeLink(link, code, kind) => links::store(tx, user, link, code, maker, *kind).await,
        UserChange::RemoveOnePhone(phone) => devices::remove_one(tx, user, *phone).await,
        UserChange::LogOut => timeline_rows::log_out_those_of_user(tx, user, Ending::InConsole).await,
    }
}

/// The first text that comes after all that begin with `prefix`.
fn first_without(prefix: &str) -> String {
    let mut kept = prefix.to_owned();
    while let Some(last) = kept.pop() {
        // Characters have the order of their bytes in UTF-8.
        if let Some(next) = (last..=AFTER_ALL).nth(1) {
            kept.push(next);
            return kept;
        }
    }
    AFTER_ALL.to_string().repeat(64)
}

fn listed(row: &Row) -> Result<ListedUser, StorageError> {
    Ok(ListedUser {
        key: row.key(0)?,
        id: row.text(1)?.to_owned(),
        added_at: row.seconds(2)?,
        phone_since: row.optional_seconds(3)?,
        open_sessions: row.integer(4)?.unsigned_abs(),
    })
}

impl std::fmt::Debug for UserChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserChange").finish_non_exhaustive()
    }
}
