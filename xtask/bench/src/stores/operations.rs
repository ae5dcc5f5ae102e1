//! The operations of the stores. Belongs here: what each needs to be there before, how it is called, and what puts all back after it. Does
//! not belong here: timing.
//!
//! Work that is not measured is done by our own stores for both sides, so both meet the same.

use std::time::Duration;

use iampass_core::port::{BoxError, ClaimOutcome, LogoutClaim, SessionRecord, UserKey};
use iampass_core::{UnixSeconds, UserToken};

use super::sealing::SealingTimes;
use super::{Stores, record, user_token};

/// How many calls are made in one turn, each for a user of its own.
pub(super) const CALLS: usize = 10;
/// How many rows an operation on several works on.
pub(super) const ROWS: usize = 5;

/// The operation that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    TokenFor,
    UserFor,
    AssignAgain,
    AssignNew,
    Rotate,
    Remove,
    Create,
    Load,
    Keep,
    KeepAgain,
    SessionsOf,
    QueueLogout,
    ClaimLogouts,
    ClaimNone,
    ReleaseLogout,
    Delete,
    PurgeExpired,
    PurgeNone,
}

use Operation as Op;

impl Operation {
    pub(super) const ALL: [Self; 18] = [
        Op::TokenFor,
        Op::UserFor,
        Op::AssignAgain,
        Op::AssignNew,
        Op::Rotate,
        Op::Remove,
        Op::Create,
        Op::Load,
        Op::Keep,
        Op::KeepAgain,
        Op::SessionsOf,
        Op::QueueLogout,
        Op::ClaimLogouts,
        Op::ClaimNone,
        Op::ReleaseLogout,
        Op::Delete,
        Op::PurgeExpired,
        Op::PurgeNone,
    ];

    pub(super) fn name(self) -> String {
        match self {
            Op::SessionsOf | Op::ClaimLogouts | Op::PurgeExpired => format!("{self:?} ({ROWS} rows)"),
            _ => format!("{self:?}"),
        }
    }

    /// The count that each call gives on either side.
    pub(super) fn expected(self) -> usize {
        match self {
            Op::SessionsOf | Op::ClaimLogouts | Op::PurgeExpired => ROWS,
            _ => 1,
        }
    }

    /// The part of its time that is sealing and opening.
    pub(super) fn sealing_us(self, times: SealingTimes) -> f64 {
        match self {
            Op::Create => times.seal_us,
            Op::Load => times.open_us,
            Op::SessionsOf | Op::ClaimLogouts => ROWS as f64 * times.open_us,
            _ => 0.0,
        }
    }
}

/// Users, tokens and sessions for the calls of one turn.
pub(super) struct Items {
    users: Vec<User>,
    /// Later in each turn, so that what was claimed in the one before is free again.
    now: u64,
}

struct User {
    key: UserKey,
    token: UserToken,
    other_token: UserToken,
    record: SessionRecord,
    claim: Option<LogoutClaim>,
}

/// When the logouts that are always owed are due.
const DUE: u64 = 1_000;
/// A claim lasts this long, and turns are further apart.
const LEASE: Duration = Duration::from_secs(60);
const BETWEEN_TURNS: u64 = 100;
/// When the sessions that are there to be purged expire.
const EARLY: u64 = 10;

impl Items {
    pub(super) fn new() -> Result<Self, BoxError> {
        let user = |number: usize| {
            Ok(User {
                key: UserKey::new(number.to_string()),
                token: user_token(number)?,
                other_token: UserToken::new(format!("{number:031x}o"))?,
                record: record(&format!("item-{number}"), number)?,
                claim: None,
            })
        };
        Ok(Self { users: (0..CALLS).map(user).collect::<Result<_, BoxError>>()?, now: DUE })
    }

    /// Creates the rows that are always there.
    pub(super) async fn lay_out(&self, stores: &Stores) -> Result<(), BoxError> {
        for (number, user) in self.users.iter().enumerate() {
            for row in 0..ROWS {
                let due = record(&format!("due-{number}-{row}"), CALLS)?;
                stores.sessions.create(&due.with_logout_due(UnixSeconds(DUE))).await?;
                stores.sessions.create(&record(&format!("open-{number}-{row}"), number)?).await?;
            }
            stores.tokens.assign(&user.key, &user.token).await?;
        }
        Ok(())
    }

    pub(super) async fn prepare(&mut self, operation: Operation, stores: &Stores) -> Result<(), BoxError> {
        self.now += BETWEEN_TURNS;
        for (number, user) in self.users.iter_mut().enumerate() {
            match operation {
                Op::AssignNew => stores.tokens.remove(&user.key).await?,
                Op::Load | Op::KeepAgain | Op::QueueLogout | Op::Delete => {
                    stores.sessions.create(&user.record).await?;
                }
                Op::Keep => {
                    let granted = user.record.clone().with_logout_due(UnixSeconds(u64::from(u32::MAX)));
                    stores.sessions.create(&granted).await?;
                }
                Op::ReleaseLogout => {
                    let jobs = stores.sessions.claim_logouts(UnixSeconds(self.now), LEASE, 1).await?.jobs;
                    user.claim = jobs.into_iter().next().map(|job| job.claim);
                }
                Op::PurgeExpired => {
                    for row in 0..ROWS {
                        let mut expired = record(&format!("expired-{number}-{row}"), number)?;
                        expired.expires_at = UnixSeconds(EARLY);
                        stores.sessions.create(&expired).await?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Calls it for one user, and gives what [`Operation::expected`] says: how many rows it found, or whether it did what it should.
    pub(super) async fn call(
        &self,
        operation: Operation,
        stores: &Stores,
        number: usize,
    ) -> Result<usize, BoxError> {
        let user = self.users.get(number).ok_or("there is no such user")?;
        let (tokens, sessions) = (&stores.tokens, &stores.sessions);
        let token = user.record.session.token();
        Ok(match operation {
            Op::TokenFor => usize::from(tokens.token_for(&user.key).await?.as_ref() == Some(&user.token)),
            Op::UserFor => usize::from(tokens.user_for(&user.token).await?.as_ref() == Some(&user.key)),
            Op::AssignAgain => usize::from(tokens.assign(&user.key, &user.other_token).await? == user.token),
            Op::AssignNew => usize::from(tokens.assign(&user.key, &user.token).await? == user.token),
            Op::Rotate => {
                tokens.rotate(&user.key, &user.other_token).await?;
                1
            }
            Op::Remove => {
                tokens.remove(&user.key).await?;
                1
            }
            Op::Create => {
                sessions.create(&user.record).await?;
                1
            }
            Op::Load => {
                let found = sessions.load(token).await?.ok_or("there is no such session")?;
                usize::from(found.session.secret().expose() == user.record.session.secret().expose())
            }
            Op::Keep => usize::from(sessions.claim_session(token).await? == ClaimOutcome::Claimed),
            Op::KeepAgain => {
                usize::from(sessions.claim_session(token).await? == ClaimOutcome::AlreadyClaimed)
            }
            Op::SessionsOf => sessions.sessions_of(&user.record.user, ROWS).await?.len(),
            Op::QueueLogout => {
                sessions.queue_logout(token, UnixSeconds(u64::from(u32::MAX))).await?;
                1
            }
            Op::ClaimLogouts => sessions.claim_logouts(UnixSeconds(self.now), LEASE, ROWS).await?.jobs.len(),
            Op::ClaimNone => 1 + sessions.claim_logouts(UnixSeconds(DUE - 1), LEASE, ROWS).await?.jobs.len(),
            Op::ReleaseLogout => {
                let claim = user.claim.as_ref().ok_or("nothing was claimed")?;
                sessions.release_logout(claim, UnixSeconds(DUE)).await?;
                1
            }
            Op::Delete => {
                sessions.delete(token).await?;
                1
            }
            Op::PurgeExpired => sessions.purge_expired(UnixSeconds(EARLY + 1), ROWS).await?,
            Op::PurgeNone => 1 + sessions.purge_expired(UnixSeconds(EARLY), ROWS).await?,
        })
    }

    pub(super) async fn clean_up(&self, operation: Operation, stores: &Stores) -> Result<(), BoxError> {
        for user in &self.users {
            match operation {
                Op::Rotate => stores.tokens.rotate(&user.key, &user.token).await?,
                Op::Remove => drop(stores.tokens.assign(&user.key, &user.token).await?),
                Op::Create | Op::Load | Op::Keep | Op::KeepAgain | Op::QueueLogout => {
                    stores.sessions.delete(user.record.session.token()).await?;
                }
                _ => {}
            }
        }
        Ok(())
    }
}
