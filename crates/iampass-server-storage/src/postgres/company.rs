//! The changes of a shared transaction, one after the other, each in a savepoint. Their nonces come first, and with them the signers that are foreseen: the
//! change of one who is not as foreseen is not made, and its nonce is taken back.
//!
//! Statements of a change that were put off go along with the next change: where one of them fails, nothing of the transaction is committed, and each change
//! is made again alone.
//!
//! Belongs here: making them, and what becomes of each. Does not belong here: which changes share a transaction, and its commit
//! ([`super::writing`]).

use std::time::Duration;

use tokio::time::Instant;

use super::changes::Change;
use super::pool::Taken;
use super::spending;
use super::statements::PostgresStatements;
use crate::nonce_rows::{self, NonceRow};
use crate::{Statements as _, StorageError};

/// After so long no more of them are made: the others are made alone.
const ALL: Duration = Duration::from_secs(1);
/// The most that a change may take beside others.
const IN_COMPANY: Duration = Duration::from_millis(250);

/// A change among others.
pub(super) struct Member {
    pub(super) change: Box<dyn Change>,
    /// Its own outcome. None while nothing has, or where it is to be made again alone.
    pub(super) made: Option<Result<(), StorageError>>,
    /// Whether the transaction of the others is committed.
    pub(super) is_settled: bool,
}

impl Member {
    pub(super) fn new(change: Box<dyn Change>) -> Self {
        Self { change, made: None, is_settled: false }
    }

    pub(super) fn is_made(&self) -> bool {
        matches!(self.made, Some(Ok(())))
    }
}

/// Makes them one after the other.
///
/// # Errors
/// That of the transaction, which is to be undone as a whole.
pub(super) async fn make_all(
    connection: &Taken,
    statements: &mut PostgresStatements<'_>,
    company: &mut [Member],
) -> Result<(), StorageError> {
    let nonces: Vec<_> = company.iter().filter_map(|one| one.change.nonce().cloned()).collect();
    statements.foresee(company.iter().filter_map(|one| one.change.foreseen()).collect());
    let mut are_new = spending::insert_all(statements, &nonces).await?.into_iter();
    let began = Instant::now();
    for one in company {
        let nonce = one.change.nonce();
        let is_new = nonce.is_some() && are_new.next() == Some(true);
        if let (Some(_), Some(foreseen)) = (nonce, one.change.foreseen())
            && !foreseen.holds()
        {
            if is_new {
                give_back(statements, taken_along(one)).await?;
            }
            one.made = Some(Err(StorageError::NotAsForeseen));
            continue;
        }
        if nonce.is_some() && !is_new {
            one.made = Some(Err(StorageError::Replayed));
            continue;
        }
        if began.elapsed() > ALL {
            give_back(statements, taken_along(one)).await?;
            continue;
        }
        statements.begin_change();
        let making = tokio::time::timeout(IN_COMPANY, async {
            one.change.make(statements).await?;
            statements.keep_change().await
        });
        let made = making.await;
        if statements.is_broken() {
            return Err(match made {
                Ok(Err(error @ StorageError::MaybeCommitted(_))) => error,
                _ => StorageError::NotCommitted("a change that shares its transaction has failed".to_owned()),
            });
        }
        let Ok(made) = made else {
            statements.undo_change();
            give_back(statements, taken_along(one)).await?;
            continue;
        };
        one.made = match made {
            Err(error) if connection.client().is_closed() => return Err(error),
            Err(error) => {
                statements.undo_change();
                connection.notice(&error);
                if error.is_conflict() || error.has_waited_too_long() {
                    give_back(statements, taken_along(one)).await?;
                    None
                } else {
                    Some(Err(error))
                }
            }
            Ok(()) => Some(Ok(())),
        };
    }
    Ok(())
}

/// The nonce of a change whose signer is foreseen.
fn taken_along(one: &Member) -> Option<NonceRow> {
    one.change.nonce().filter(|_| one.change.foreseen().is_some()).cloned()
}

/// Takes the nonce of a change back that is not made here. One that is to be made again in another transaction takes it along there, where its signer is read
/// again.
async fn give_back(
    statements: &mut PostgresStatements<'_>,
    taken: Option<NonceRow>,
) -> Result<(), StorageError> {
    if let Some(nonce) = taken {
        statements.execute(nonce_rows::TAKE_BACK, &nonce_rows::values(&nonce)[..2]).await?;
    }
    Ok(())
}
