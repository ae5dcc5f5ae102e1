//! Messages with registration links: those that wait to be sent, and the log of what became of them.
//!
//! A message is stored in the transaction of its link. To whom it goes and what it says is sealed, and deleted as soon as it is sent or given
//! up; what stays is the log, with the number or address masked.
//!
//! Belongs here: storing, ending and listing them. Does not belong here: whose turn it is to be sent ([`super::leases`]).

use iampass_core::UnixSeconds;
use iampass_server_domain::notice::Channel;
use iampass_server_domain::random;
use iampass_server_domain::retry_schedule::GIVE_UP_AFTER;
use serde::{Deserialize, Serialize};

use super::{
    ApplicationKey, Database, LinkCode, NewLink, Row, Sealed, SpentNonce, StorageError, Tx, UserKey, links,
    users,
};

/// A message that is to be stored with its link.
#[derive(Clone)]
pub struct NewDelivery {
    /// Which way it goes.
    pub channel: Channel,
    /// The number or address as the log shows it.
    pub masked: String,
    /// The sealed part.
    pub contents: Contents,
}

/// The sealed part of a message.
#[derive(Clone, Serialize, Deserialize)]
pub struct Contents {
    /// The number or address.
    pub to: String,
    /// The registration link.
    pub link: String,
    /// The text of the application, if it has one.
    pub message: Option<String>,
    /// How the phone shows the user.
    pub display_name: Option<String>,
}

/// The outcome of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// It waits to be sent, for the first time or again.
    Queued,
    /// It has been taken over.
    Sent,
    /// It was refused for good.
    Refused,
    /// It was not taken in time.
    GivenUp,
    /// Its link was used, replaced or has expired before.
    Withdrawn,
}

impl DeliveryState {
    /// The word that is stored and shown.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Refused => "refused",
            Self::GivenUp => "given_up",
            Self::Withdrawn => "withdrawn",
        }
    }

    fn from_word(word: &str) -> Result<Self, StorageError> {
        [Self::Queued, Self::Sent, Self::Refused, Self::GivenUp, Self::Withdrawn]
            .into_iter()
            .find(|state| state.word() == word)
            .ok_or(StorageError::Corrupt { what: "state of a delivery" })
    }
}

/// The row of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveryKey(pub(super) i64);

/// The outcome of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempted {
    /// It has ended in this state.
    Ended(DeliveryState),
    /// It is to be tried again.
    Again {
        /// When.
        at: UnixSeconds,
    },
}

/// A line of the delivery log.
#[derive(Clone, Debug)]
pub struct DeliveryEntry {
    /// Its row.
    pub key: i64,
    /// The idempotency key, by which the gateway knows the message too.
    pub id: String,
    /// When it was queued.
    pub queued_at: UnixSeconds,
    /// None when the user has been deleted since.
    pub user: Option<UserKey>,
    /// Which way it goes.
    pub channel: String,
    /// The number or address as the log shows it.
    pub masked: String,
    /// Its state.
    pub state: DeliveryState,
    /// How many attempts were made.
    pub attempts: u32,
    /// Why the last attempt failed: a word and, where there are any, the numbers of the reply.
    pub last_error: Option<String>,
    /// When it ended, if it has.
    pub ended_at: Option<UnixSeconds>,
    /// When the next attempt is due, for one that waits.
    pub next_at: UnixSeconds,
    /// Whether an attempt is being made.
    pub is_under_way: bool,
}

impl Database {
    /// Stores a new link in place of an earlier one, and the message that brings it. Earlier messages of the user that nobody is sending are
    /// withdrawn: how many; None when there is no such user.
    pub async fn send_link(
        &self,
        link: NewLink,
        code: LinkCode,
        delivery: NewDelivery,
        spent: SpentNonce,
    ) -> Result<Option<u64>, StorageError> {
        self.write_spending(spent, move |tx| {
            Box::pin(async move {
                let Some(user) = users::lock(tx, link.application, &link.user).await? else {
                    return Ok(None);
                };
                links::store(tx, user, &link, &code, None, links::LinkKind::Replaces).await?;
                let withdrawn = withdraw(tx, user).await?;
                queue(tx, user, &link, &code, &delivery).await?;
                tx.raised().delivery();
                Ok(Some(withdrawn))
            })
        })
        .await
    }

    /// Notes what an attempt came to; false when another node has it by now.
    pub async fn delivery_attempted(
        &self,
        key: DeliveryKey,
        attempt: u32,
        attempted: Attempted,
        error: Option<String>,
    ) -> Result<bool, StorageError> {
        self.write(move |tx| {
            Box::pin(async move {
                let sql = "SELECT key FROM deliveries WHERE key = ?1 AND attempts = ?2 AND state = 'queued' /*lock*/";
                let values = [key.0.into(), i64::from(attempt).into()];
                if tx.query_one(sql, &values).await?.is_none() {
                    return Ok(false);
                }
                match attempted {
                    Attempted::Ended(state) => end(tx, key.0, state, error.as_deref()).await?,
                    Attempted::Again { at } => {
                        let sql = "UPDATE deliveries SET next_at = ?2, leased_until = NULL, last_error = ?3 WHERE key = ?1";
                        tx.execute(sql, &[key.0.into(), at.into(), error.as_deref().into()]).await?;
                    }
                }
                Ok(true)
            })
        })
        .await
    }

    /// Withdraws messages whose links are of no use any more, and gives those up whose time is over. Those that are just being sent are left to
    /// who sends them.
    pub(crate) async fn settle_deliveries(&self) -> Result<(), StorageError> {
        self.write(move |tx| {
            Box::pin(async move {
                let now = tx.now();
                tx.execute(
                    "UPDATE deliveries SET state = 'withdrawn', contents = NULL, link_sha256 = NULL, leased_until = NULL, ended_at = ?1
                     WHERE state = 'queued' AND (leased_until IS NULL OR leased_until <= ?1)
                       AND NOT EXISTS (SELECT 1 FROM links WHERE links.user_key = deliveries.user_key
                                       AND links.code_sha256 = deliveries.link_sha256 AND links.expires_at > ?1)",
                    &[now.into()],
                )
                .await?;
                tx.execute(
                    "UPDATE deliveries SET state = 'given_up', contents = NULL, link_sha256 = NULL, leased_until = NULL, ended_at = ?1
                     WHERE state = 'queued' AND (leased_until IS NULL OR leased_until <= ?1) AND give_up_at <= ?1",
                    &[now.into()],
                )
                .await?;
                Ok(())
            })
        })
        .await
    }

    /// The delivery log of an application, the latest first: `most` of the entries before the entry `before`.
    pub async fn deliveries(
        &self,
        application: ApplicationKey,
        before: Option<i64>,
        most: u32,
    ) -> Result<Vec<DeliveryEntry>, StorageError> {
        self.read_many(move |tx| {
            Box::pin(async move {
                let sql = "SELECT key, id, queued_at, user_key, channel, masked, state, attempts, last_error, ended_at, next_at, leased_until
                           FROM deliveries WHERE application_key = ?1 AND key < ?2 ORDER BY key DESC LIMIT ?3";
                let before = before.unwrap_or(i64::MAX).into();
                let rows = tx.query(sql, &[application.into(), before, i64::from(most).into()]).await?;
                let now = tx.now();
                rows.iter().map(|row| entry(row, now)).collect()
            })
        })
        .await
    }
}

/// Withdraws the messages of a user whose link has just been replaced; how many. Those that are just being sent are left to their senders.
async fn withdraw(tx: &mut Tx<'_>, user: UserKey) -> Result<u64, StorageError> {
    let now = tx.now();
    tx.execute(
        "UPDATE deliveries SET state = 'withdrawn', contents = NULL, link_sha256 = NULL, leased_until = NULL, ended_at = ?2
         WHERE user_key = ?1 AND state = 'queued' AND (leased_until IS NULL OR leased_until <= ?2)",
        &[user.into(), now.into()],
    )
    .await
}

async fn queue(
    tx: &mut Tx<'_>,
    user: UserKey,
    link: &NewLink,
    code: &LinkCode,
    delivery: &NewDelivery,
) -> Result<(), StorageError> {
    let id = random::hexadecimal::<16>()?;
    let contents = serde_json::to_string(&delivery.contents).map_err(|_| UNREADABLE)?;
    let contents = tx.seal(Sealed::Delivery, &id, &contents)?;
    let (now, digest) = (tx.now(), code.digest());
    let give_up_at = now.plus(link.lifetime.min(GIVE_UP_AFTER));
    tx.execute(
        "INSERT INTO deliveries
             (id, application_key, user_key, channel, masked, state, attempts, queued_at, give_up_at, next_at, link_sha256, contents)
         VALUES (?1, ?2, ?3, ?4, ?5, 'queued', 0, ?6, ?7, ?6, ?8, ?9)",
        &[
            (&id).into(),
            link.application.into(),
            user.into(),
            delivery.channel.as_str().into(),
            (&delivery.masked).into(),
            now.into(),
            give_up_at.into(),
            digest.as_slice().into(),
            (&contents).into(),
        ],
    )
    .await?;
    Ok(())
}

/// The end of a message: what it said and to whom is gone with it.
pub(super) async fn end(
    tx: &mut Tx<'_>,
    key: i64,
    state: DeliveryState,
    error: Option<&str>,
) -> Result<(), StorageError> {
    let now = tx.now();
    tx.execute(
        "UPDATE deliveries SET state = ?2, ended_at = ?3, last_error = coalesce(?4, last_error),
             contents = NULL, link_sha256 = NULL, leased_until = NULL
         WHERE key = ?1",
        &[key.into(), state.word().into(), now.into(), error.into()],
    )
    .await?;
    Ok(())
}

fn entry(row: &Row, now: UnixSeconds) -> Result<DeliveryEntry, StorageError> {
    Ok(DeliveryEntry {
        key: row.integer(0)?,
        id: row.text(1)?.to_owned(),
        queued_at: row.seconds(2)?,
        user: row.optional_key(3)?,
        channel: row.text(4)?.to_owned(),
        masked: row.text(5)?.to_owned(),
        state: DeliveryState::from_word(row.text(6)?)?,
        attempts: u32::try_from(row.integer(7)?).unwrap_or(u32::MAX),
        last_error: row.optional_text(8)?.map(str::to_owned),
        ended_at: row.optional_seconds(9)?,
        next_at: row.seconds(10)?,
        is_under_way: row.optional_seconds(11)?.is_some_and(|until| until > now),
    })
}

pub(super) const UNREADABLE: StorageError = StorageError::Corrupt { what: "contents of a delivery" };

/// Neither to whom nor what.
impl std::fmt::Debug for Contents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Contents").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for NewDelivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewDelivery").finish_non_exhaustive()
    }
}
