//! The leases of pushes: which node sends which.
//!
//! A node that sends a push leases it first, and goes on holding it until its end is stored. If the node dies, the lease ends, and another one sends
//! the push. A node that was held up longer than its lease finds the push with another one, and lets it go.
//!
//! Belongs here: leasing and renewing. Does not belong here: storing and ending pushes ([`super::pushes`]).

use std::collections::HashSet;
use std::time::Duration;

use iampass_core::{Secret, UnixSeconds};
use iampass_server_domain::push::{PushErrorKind, PushKind, PushService};
use iampass_server_domain::random;

use super::pushes::{AT_ONCE, PushKey, PushState, end};
use super::{Database, Row, Sealed, StorageError, Tx};

/// Names a node to the leases of pushes. Each start of a node has another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PushHolder(i64);

impl PushHolder {
    /// Draws one.
    ///
    /// # Errors
    /// When the system's random generator gives nothing.
    pub fn draw() -> Result<Self, StorageError> {
        Ok(Self(i64::from_be_bytes(random::bytes()?)))
    }

    #[cfg(test)]
    pub(crate) const fn of(number: i64) -> Self {
        Self(number)
    }
}

/// A push that this node may send now.
#[derive(Clone, Debug)]
pub struct LeasedPush {
    /// Its row.
    pub key: PushKey,
    /// The row of its subscription.
    pub subscription: i64,
    /// The address that the push service knows the phone by, as it was stored.
    pub address: Secret,
    /// The reason for which the phone is woken.
    pub kind: PushKind,
    /// Names what it tells of. Pushes about the same have the same name.
    pub about: String,
    /// When it is worth nothing any more.
    pub expires_at: UnixSeconds,
}

/// A question is open while it is neither answered nor over. Pushes of other kinds are of use until their time is over.
const OPEN: &str = "SELECT p.key, p.subscription_key, p.kind, p.expires_at, u.id, u.address, s.request_id
    FROM pushes p JOIN push_subscriptions u ON u.key = p.subscription_key LEFT JOIN sessions s ON s.key = p.session_key
    WHERE p.key = ?1 AND p.state = 'waiting' AND u.gone_at IS NULL
      AND (p.kind <> 'question_waits' OR (s.key IS NOT NULL AND s.activated_at IS NULL AND s.ended_at IS NULL))";

/// The pushes of one node that are still of use, as in `OPEN`. Those that another node has leased meanwhile are that node's.
const RENEW: &str = "UPDATE pushes SET leased_until = ?2 WHERE state = 'waiting' AND leased_by = ?1
      AND EXISTS (SELECT 1 FROM push_subscriptions u WHERE u.key = pushes.subscription_key AND u.gone_at IS NULL)
      AND (kind <> 'question_waits' OR EXISTS
          (SELECT 1 FROM sessions s WHERE s.key = pushes.session_key AND s.activated_at IS NULL AND s.ended_at IS NULL))
    RETURNING key";

impl Database {
    /// Leases up to `most` pushes of these services to `holder` for `lease`, the oldest first. Those that are of no use any more end instead, and so
    /// do those that cannot be read.
    pub async fn lease_pushes(
        &self,
        holder: PushHolder,
        services: Vec<PushService>,
        most: usize,
        lease: Duration,
    ) -> Result<Vec<LeasedPush>, StorageError> {
        self.write(move |tx| {
            Box::pin(async move {
                let now = tx.now();
                let mut leased = Vec::new();
                for service in services {
                    let free = i64::try_from(most.min(AT_ONCE).saturating_sub(leased.len())).unwrap_or(0);
                    let rows = tx
                        .query(
                            "UPDATE pushes SET leased_until = ?1, leased_by = ?5 WHERE key IN
                                 (SELECT key FROM pushes WHERE state = 'waiting' AND service = ?2
                                      AND (leased_until IS NULL OR leased_until <= ?3)
                                  ORDER BY key LIMIT ?4 /*lock skip*/)
                             RETURNING key",
                            &[
                                now.plus(lease).into(),
                                service.as_str().into(),
                                now.into(),
                                free.into(),
                                holder.0.into(),
                            ],
                        )
                        .await?;
                    for row in rows {
                        let key = PushKey(row.integer(0)?);
                        match open(tx, key, now).await? {
                            Ok(push) => leased.push(push),
                            Err((state, error)) => end(tx, key, state, None, error).await?,
                        }
                    }
                }
                Ok(leased)
            })
        })
        .await
    }

    /// Keeps the pushes of `held` for their holder. Those come back that are of no use any more, or that another node has leased meanwhile.
    ///
    /// Others that `holder` has leased never reached it, since the answer was lost. They are free again.
    pub async fn renew_pushes(
        &self,
        holder: PushHolder,
        held: HashSet<PushKey>,
        lease: Duration,
    ) -> Result<Vec<PushKey>, StorageError> {
        self.write(move |tx| {
            Box::pin(async move {
                let until = tx.now().plus(lease);
                let mut over = held.clone();
                for row in tx.query(RENEW, &[holder.0.into(), until.into()]).await? {
                    let key = PushKey(row.integer(0)?);
                    if !over.remove(&key) {
                        let sql = "UPDATE pushes SET leased_until = NULL WHERE key = ?1 AND leased_by = ?2";
                        tx.execute(sql, &[key.0.into(), holder.0.into()]).await?;
                    }
                }
                Ok(over.into_iter().collect())
            })
        })
        .await
    }
}

/// A push that was leased; or the state that it ends in and the reason, since it is of no use or cannot be read.
async fn open(
    tx: &mut Tx<'_>,
    key: PushKey,
    now: UnixSeconds,
) -> Result<Result<LeasedPush, (PushState, Option<&'static str>)>, StorageError> {
    let Some(row) = tx.query_one(OPEN, &[key.0.into()]).await? else {
        return Ok(Err((PushState::Withdrawn, None)));
    };
    if row.seconds(3)? <= now {
        return Ok(Err((PushState::Late, None)));
    }
    // One row that cannot be read must not keep the others from being sent.
    Ok(leased(tx, key, &row).map_err(|error| {
        tracing::error!(push = key.0, %error, "a push that waits cannot be read; it is not sent");
        (PushState::Refused, Some(PushErrorKind::NotSendable.as_str()))
    }))
}

fn leased(tx: &Tx<'_>, key: PushKey, row: &Row) -> Result<LeasedPush, StorageError> {
    let kind = PushKind::of_word(row.text(2)?).ok_or(StorageError::Corrupt { what: "kind of a push" })?;
    let about = match (kind, row.optional_text(6)?) {
        (PushKind::QuestionWaits, Some(question)) => question.to_owned(),
        // The later of two takes the place of the earlier one that the phone has not got yet.
        _ => format!("{} {}", kind.as_str(), row.text(4)?),
    };
    Ok(LeasedPush {
        key,
        subscription: row.integer(1)?,
        kind,
        expires_at: row.seconds(3)?,
        address: tx.open(Sealed::Subscription, row.text(4)?, row.bytes(5)?)?,
        about,
    })
}

/// Whether this node was the last to lease a push.
pub(super) async fn has(tx: &mut Tx<'_>, holder: PushHolder, push: PushKey) -> Result<bool, StorageError> {
    let sql = "SELECT key FROM pushes WHERE key = ?1 AND leased_by = ?2 /*lock*/";
    Ok(tx.query_one(sql, &[push.0.into(), holder.0.into()]).await?.is_some())
}
