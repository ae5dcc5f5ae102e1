//! The turns of applications to have messages sent.
//!
//! A node that sends a message leases it first: if the node dies, the lease ends and another one sends the message again. The number of the
//! attempt tells a late answer of an earlier holder from the present one's. Applications take turns: one that queues a thousand messages does
//! not hold up another one's only message, and no application has more than its share in a node's hands at a time.
//!
//! Belongs here: leases and turns. Does not belong here: storing and ending messages ([`super::deliveries`]).

use std::collections::BTreeMap;
use std::time::Duration;

use iampass_core::UnixSeconds;
use iampass_server_domain::notice::{Channel, Notice};
use iampass_server_domain::rules;

use super::deliveries::{Contents, DeliveryKey, DeliveryState, UNREADABLE, end};
use super::{ApplicationKey, Database, Row, Sealed, StorageError, Tx, UserKey};

/// The applications with messages that are due, in the order of their keys: up to ?4 of them behind ?3. Each step finds the next key in the
/// index, however many messages there are.
const APPLICATIONS: &str = "WITH RECURSIVE waiting(application_key) AS (
         SELECT (SELECT min(d.application_key) FROM deliveries d
                 WHERE d.state = 'queued' AND d.channel = ?1 AND d.application_key > ?3)
         UNION ALL
         SELECT (SELECT min(d.application_key) FROM deliveries d
                 WHERE d.state = 'queued' AND d.channel = ?1 AND d.application_key > w.application_key)
         FROM waiting w WHERE w.application_key IS NOT NULL)
     SELECT application_key FROM waiting
     WHERE application_key IS NOT NULL AND EXISTS (
         SELECT 1 FROM deliveries d WHERE d.state = 'queued' AND d.channel = ?1
             AND d.application_key = waiting.application_key AND d.next_at <= ?2)
     LIMIT ?4";

const DUE: &str =
    "SELECT key, id, application_key, user_key, channel, attempts, give_up_at, link_sha256, contents
     FROM deliveries
     WHERE state = 'queued' AND channel = ?1 AND application_key = ?2 AND next_at <= ?3
         AND (leased_until IS NULL OR leased_until <= ?3)
     ORDER BY next_at LIMIT ?4 /*lock skip*/";

/// A message that this node may send now.
#[derive(Debug)]
pub struct Leased {
    /// Its row.
    pub key: DeliveryKey,
    /// Which attempt it is, counted from 1.
    pub attempt: u32,
    /// The application.
    pub application: ApplicationKey,
    /// The id of the user.
    pub user: String,
    /// When it is given up.
    pub give_up_at: UnixSeconds,
    /// The message.
    pub notice: Notice,
}

/// The application whose turn was last, and the messages that a node is sending.
#[derive(Clone, Debug, Default)]
pub struct Turns {
    /// The application that was served last.
    pub last: i64,
    /// Messages that are being sent, by application.
    pub in_hand: BTreeMap<ApplicationKey, u32>,
    /// The most that one application may have in the node's hands.
    pub most_of_one: u32,
}

impl Database {
    /// Leases up to `most` messages that are due, for `lease`, by turns. Those whose links are of no use any more are withdrawn instead. Also
    /// says which application was served last.
    pub async fn lease_deliveries(
        &self,
        channels: [Channel; 2],
        most: u32,
        lease: Duration,
        mut turns: Turns,
    ) -> Result<(Vec<Leased>, i64), StorageError> {
        self.write(move |tx| {
            Box::pin(async move {
                let now = tx.now();
                let order = order(tx, channels, now, most, turns.last).await?;
                let mut leased = Vec::new();
                let share = most / u32::try_from(order.len()).unwrap_or(most).max(1);
                // At first each has an equal share; places that are left are for those who have more.
                for share in [share.max(1), most] {
                    for &application in &order {
                        for channel in distinct(channels) {
                            let in_hand = turns.in_hand.entry(application).or_default();
                            let left = most.saturating_sub(u32::try_from(leased.len()).unwrap_or(most));
                            let limit = share.min(left).min(turns.most_of_one.saturating_sub(*in_hand));
                            if limit == 0 {
                                continue;
                            }
                            let values = [
                                channel.as_str().into(),
                                application.into(),
                                now.into(),
                                i64::from(limit).into(),
                            ];
                            for row in tx.query(DUE, &values).await? {
                                match lease_one(tx, &row, now, lease).await? {
                                    Turn::Leased(found) => {
                                        *in_hand += 1;
                                        leased.push(*found);
                                    }
                                    Turn::Ended(state) => end(tx, row.integer(0)?, state, None).await?,
                                    Turn::Unreadable => {}
                                }
                            }
                        }
                    }
                }
                Ok((leased, order.last().map_or(turns.last, |last| last.0)))
            })
        })
        .await
    }

    /// When the next message of these channels is due, leases included.
    pub async fn next_delivery(&self, channels: [Channel; 2]) -> Result<Option<UnixSeconds>, StorageError> {
        self.read(move |tx| {
            Box::pin(async move {
                let mut next: Option<UnixSeconds> = None;
                for channel in distinct(channels) {
                    // One look into the index, however many messages wait.
                    let sql = "SELECT next_at FROM deliveries WHERE state = 'queued' AND channel = ?1
                               ORDER BY next_at LIMIT 1";
                    let row = tx.query_one(sql, &[channel.as_str().into()]).await?;
                    let found = row.map(|row| row.seconds(0)).transpose()?;
                    next = next.into_iter().chain(found).min();
                }
                Ok(next)
            })
        })
        .await
    }
}

/// A node that has only one channel names it twice.
fn distinct([one, other]: [Channel; 2]) -> impl Iterator<Item = Channel> {
    std::iter::once(one).chain((one != other).then_some(other))
}

/// The applications whose turn it is, the first one first: those behind the last one served, then the others.
async fn order(
    tx: &mut Tx<'_>,
    channels: [Channel; 2],
    now: UnixSeconds,
    most: u32,
    last: i64,
) -> Result<Vec<ApplicationKey>, StorageError> {
    let mut order = Vec::new();
    for behind in [last, 0] {
        let mut found = Vec::new();
        for channel in distinct(channels) {
            let values = [channel.as_str().into(), now.into(), behind.into(), i64::from(most).into()];
            for row in tx.query(APPLICATIONS, &values).await? {
                found.push(row.key::<ApplicationKey>(0)?);
            }
        }
        found.sort_unstable();
        found.dedup();
        for application in found {
            if !order.contains(&application) && order.len() < most as usize {
                order.push(application);
            }
        }
    }
    Ok(order)
}

/// The outcome of looking at a message that is due.
enum Turn {
    Leased(Box<Leased>),
    /// There is nothing more to be sent.
    Ended(DeliveryState),
    /// It cannot be opened, here and now. It is put off, so that it does not stand in the way of others.
    Unreadable,
}

/// Takes a message over, or says what comes of it instead.
async fn lease_one(
    tx: &mut Tx<'_>,
    row: &Row,
    now: UnixSeconds,
    lease: Duration,
) -> Result<Turn, StorageError> {
    let (key, id, give_up_at) = (row.integer(0)?, row.text(1)?, row.seconds(6)?);
    let (Some(user), Some(digest), Some(sealed)) =
        (row.optional_key::<UserKey>(3)?, row.optional_bytes(7)?, row.optional_bytes(8)?)
    else {
        return Ok(Turn::Ended(DeliveryState::Withdrawn));
    };
    let sql = "SELECT l.expires_at, u.id FROM links l JOIN users u ON u.key = l.user_key
               WHERE l.user_key = ?1 AND l.code_sha256 = ?2 AND l.expires_at > ?3";
    let Some(link) = tx.query_one(sql, &[user.into(), digest.into(), now.into()]).await? else {
        return Ok(Turn::Ended(DeliveryState::Withdrawn));
    };
    if give_up_at <= now {
        return Ok(Turn::Ended(DeliveryState::GivenUp));
    }
    // An administrator may have forbidden its messages meanwhile.
    let sql = "SELECT id, name FROM applications
               WHERE key = ?1 AND disabled_at IS NULL AND (messages IS NULL OR messages <> 0)";
    let Some(application) = tx.query_one(sql, &[row.integer(2)?.into()]).await? else {
        return Ok(Turn::Ended(DeliveryState::Withdrawn));
    };
    let opened = tx.open(Sealed::Delivery, id, sealed);
    let attempts = row.integer(5)? + 1;
    // When the lease ends without a word, it is due again.
    let sql = "UPDATE deliveries SET leased_until = ?2, next_at = ?2, attempts = ?3 WHERE key = ?1";
    tx.execute(sql, &[key.into(), now.plus(lease).into(), attempts.into()]).await?;
    let contents = opened.and_then(|opened| serde_json::from_str(opened.expose()).map_err(|_| UNREADABLE));
    let contents: Contents = match contents {
        Ok(contents) => contents,
        Err(error) => {
            tracing::error!(delivery = id, %error, "a queued message cannot be opened; it is put off");
            return Ok(Turn::Unreadable);
        }
    };
    let mut notice = Notice::new(
        id.to_owned(),
        channel(row.text(4)?)?,
        contents.to,
        contents.link,
        (application.text(0)?.to_owned(), rules::name_in_texts(application.text(1)?)),
        link.seconds(0)?,
        now,
    );
    notice.message = contents.message;
    notice.display_name = contents.display_name;
    let attempt = u32::try_from(attempts).unwrap_or(u32::MAX);
    Ok(Turn::Leased(Box::new(Leased {
        key: DeliveryKey(key),
        attempt,
        application: row.key(2)?,
        user: link.text(1)?.to_owned(),
        give_up_at,
        notice,
    })))
}

fn channel(word: &str) -> Result<Channel, StorageError> {
    let known = [Channel::Sms, Channel::Mail].into_iter().find(|channel| channel.as_str() == word);
    known.ok_or(StorageError::Corrupt { what: "channel of a delivery" })
}
