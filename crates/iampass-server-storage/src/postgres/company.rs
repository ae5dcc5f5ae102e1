//! The changes of a shared transaction, one after the other, each in a savepoint.
//!
//! Belongs here: making them, and what becomes of each. Does not belong here: which changes share a transaction, and its commit
//! ([`super::writing`]).

use std::time::Duration;

use tokio::time::Instant;

use super::changes::Change;
use super::pool::Taken;
use super::spending;
use super::statements::PostgresStatements;
use crate::StorageError;

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
    let mut are_new = spending::insert_all(statements, &nonces).await?.into_iter();
    let began = Instant::now();
    for one in company {
        if one.change.nonce().is_some() && are_new.next() != Some(true) {
            one.made = Some(Err(StorageError::Replayed));
            continue;
        }
        if began.elapsed() > ALL {
            continue;
        }
        statements.begin_change();
        let making = tokio::time::timeout(IN_COMPANY, async {
            one.change.make(statements).await?;
            statements.keep_change().await
        });
        let Ok(made) = making.await else {
            statements.undo_change();
            continue;
        };
        one.made = match made {
            Err(error) if connection.client().is_closed() => return Err(error),
            Err(error) => {
                statements.undo_change();
                connection.notice(&error);
                let is_to_be_made_again = error.is_conflict() || error.has_waited_too_long();
                if is_to_be_made_again { None } else { Some(Err(error)) }
            }
            Ok(()) => Some(Ok(())),
        };
    }
    Ok(())
}
