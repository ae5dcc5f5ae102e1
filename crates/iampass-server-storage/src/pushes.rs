//! Pushes: those that wait to be sent, and the log of what became of them.
//!
//! A push is stored in the transaction of what it tells of. The log stays, in which there is no address and no name: rows of users and applications at most, as long as they are there.
//!
//! Belongs here: storing and ending them. Does not belong here: which node sends them ([`super::push_leases`]), where phones are
//! ([`super::push_subscriptions`]), and what is sent when.

use std::time::Duration;

use iampass_server_domain::push::{PushErrorKind, PushKind, PushService};

use super::push_leases::{PushHolder, has};
use super::{Database, DeviceKey, StorageError, Tx, UserKey};

/// The row of a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PushKey(pub i64);

/// The state of a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushState {
    /// It waits to be sent, for the first time or again.
    Waiting,
    /// A push service has taken it.
    Sent,
    /// It was refused for good.
    Refused,
    /// The phone had left.
    Gone,
    /// It was not taken in time.
    Late,
    /// It was of no use any more.
    Withdrawn,
}

impl PushState {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Waiting, Self::Sent, Self::Refused, Self::Gone, Self::Late, Self::Withdrawn];

    /// The state of this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// The word that is stored and shown.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Refused => "refused",
            Self::Gone => "gone",
            Self::Late => "late",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// The outcome of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PushAttempted {
    /// The push.
    pub push: PushKey,
    /// How often it was tried.
    pub attempts: u32,
    /// Its state now.
    pub state: PushState,
    /// Why the last attempt failed.
    pub error: Option<&'static str>,
}

/// Rows of one transaction.
pub(super) const AT_ONCE: usize = 500;

/// How long it is worth telling a phone that a session has changed.
const CHANGE_IS_NEWS_FOR: Duration = Duration::from_secs(3_600);
/// How long a push that tries a phone is good.
const TEST_IS_GOOD_FOR: Duration = Duration::from_secs(300);

impl Database {
    /// Notes what became of pushes that `holder` had. A phone that has left is not pushed to there again.
    ///
    /// A push that another node has leased meanwhile is not withdrawn, and its attempts are counted by that node.
    pub async fn pushes_attempted(
        &self,
        holder: PushHolder,
        attempted: Vec<PushAttempted>,
    ) -> Result<(), StorageError> {
        for some in attempted.chunks(AT_ONCE) {
            let some = some.to_vec();
            let noted = self.write(move |tx| {
                Box::pin(async move {
                    for PushAttempted { push, attempts, state, error } in some {
                        let is_holder_s = matches!(state, PushState::Waiting | PushState::Withdrawn);
                        if is_holder_s && !has(tx, holder, push).await? {
                            continue;
                        }
                        end(tx, push, state, Some(attempts), error).await?;
                        if state == PushState::Gone {
                            leave(tx, push).await?;
                        }
                    }
                    Ok(())
                })
            });
            noted.await?;
        }
        Ok(())
    }

    /// Ends pushes whose time is over and that no node has. The log says of those that were never tried and for which this node has none of
    /// these ways that there was no way.
    pub(crate) async fn settle_pushes(&self, ways: Vec<PushService>) -> Result<(), StorageError> {
        self.write(move |tx| {
            Box::pin(async move {
                let now = tx.now();
                for service in PushService::ALL {
                    let error = (!ways.contains(&service)).then_some(PushErrorKind::NoWay.as_str());
                    tx.execute(
                        "UPDATE pushes SET state = 'late', ended_at = ?1, leased_until = NULL,
                             last_error = CASE WHEN attempts = 0 THEN coalesce(last_error, CAST(?3 AS TEXT)) ELSE last_error END
                         WHERE state = 'waiting' AND service = ?2 AND expires_at <= ?1
                             AND (leased_until IS NULL OR leased_until <= ?1)",
                        &[now.into(), service.as_str().into(), error.into()],
                    )
                    .await?;
                }
                Ok(())
            })
        })
        .await
    }
}

/// The statement by which the phones of a user ring for a question, which has just been put, unless its application is disabled. Values: the token
/// of the session, [`RING_KIND`], the time. The pushes that it queues are to be [raised](raise).
pub(super) const RING: &str =
    "INSERT INTO pushes (subscription_key, session_key, application_key, user_key, service, kind, state, attempts, queued_at, expires_at)
     SELECT u.key, s.key, s.application_key, s.user_key, u.service, CAST(?2 AS TEXT), 'waiting', 0, CAST(?3 AS BIGINT), s.due_at
     FROM sessions s JOIN applications a ON a.key = s.application_key JOIN devices d ON d.user_key = s.user_key
          JOIN push_subscriptions u ON u.device_key = d.key
     WHERE s.token = ?1 AND s.due_at IS NOT NULL AND u.gone_at IS NULL AND a.disabled_at IS NULL";

/// The kind of such a push.
pub(super) const RING_KIND: &str = PushKind::QuestionWaits.as_str();

/// The phones of the user are told that one of its sessions has changed; the phone that has changed it, `by`, knows that already. A phone that is
/// about to be told is not told twice.
pub(super) async fn tell_of_change(
    tx: &mut Tx<'_>,
    user: UserKey,
    by: Option<DeviceKey>,
) -> Result<(), StorageError> {
    let now = tx.now();
    let by = by.unwrap_or(DeviceKey(-1));
    let queued = tx
        .execute(
            "INSERT INTO pushes (subscription_key, application_key, user_key, service, kind, state, attempts, queued_at, expires_at)
             SELECT u.key, w.application_key, w.key, u.service, CAST(?2 AS TEXT), 'waiting', 0, CAST(?3 AS BIGINT), CAST(?4 AS BIGINT)
             FROM users w JOIN devices d ON d.user_key = w.key JOIN push_subscriptions u ON u.device_key = d.key
             WHERE w.key = ?1 AND d.key <> ?5 AND u.gone_at IS NULL AND NOT EXISTS
                 (SELECT 1 FROM pushes p WHERE p.subscription_key = u.key AND p.kind = ?2 AND p.state = 'waiting' AND p.leased_until IS NULL)",
            &[
                user.into(),
                PushKind::SessionChanged.as_str().into(),
                now.into(),
                now.plus(CHANGE_IS_NEWS_FOR).into(),
                by.into(),
            ],
        )
        .await?;
    raise(tx, queued);
    Ok(())
}

/// Queues a push that tries the phones of a user; how many there are that can be pushed to.
pub(super) async fn try_phones(tx: &mut Tx<'_>, user: UserKey) -> Result<u64, StorageError> {
    let now = tx.now();
    let queued = tx
        .execute(
            "INSERT INTO pushes (subscription_key, application_key, user_key, service, kind, state, attempts, queued_at, expires_at)
             SELECT u.key, w.application_key, w.key, u.service, CAST(?2 AS TEXT), 'waiting', 0, CAST(?3 AS BIGINT), CAST(?4 AS BIGINT)
             FROM users w JOIN devices d ON d.user_key = w.key JOIN push_subscriptions u ON u.device_key = d.key
             WHERE w.key = ?1 AND u.gone_at IS NULL",
            &[
                user.into(),
                PushKind::Test.as_str().into(),
                now.into(),
                now.plus(TEST_IS_GOOD_FOR).into(),
            ],
        )
        .await?;
    raise(tx, queued);
    Ok(queued)
}

/// Pushes are queued.
pub(super) fn raise(tx: &Tx<'_>, queued: u64) {
    if queued > 0 {
        tx.raised().push();
    }
}

/// Notes the state of a push that waits. One that has ended stays as it is.
pub(super) async fn end(
    tx: &mut Tx<'_>,
    push: PushKey,
    state: PushState,
    attempts: Option<u32>,
    error: Option<&'static str>,
) -> Result<(), StorageError> {
    let now = tx.now();
    let ended_at = (state != PushState::Waiting).then_some(now);
    let attempts = attempts.map(i64::from);
    tx.execute(
        "UPDATE pushes SET state = ?2, ended_at = ?3, attempts = coalesce(?4, attempts), last_error = coalesce(?5, last_error),
             leased_until = CASE WHEN ?2 = 'waiting' THEN leased_until END
         WHERE key = ?1 AND state = 'waiting'",
        &[push.0.into(), state.word().into(), ended_at.into(), attempts.into(), error.into()],
    )
    .await?;
    Ok(())
}

/// The phone has left the place of this push.
async fn leave(tx: &mut Tx<'_>, push: PushKey) -> Result<(), StorageError> {
    let now = tx.now();
    tx.execute(
        "UPDATE push_subscriptions SET gone_at = ?2
         WHERE gone_at IS NULL AND key = (SELECT subscription_key FROM pushes WHERE key = ?1)",
        &[push.0.into(), now.into()],
    )
    .await?;
    Ok(())
}
