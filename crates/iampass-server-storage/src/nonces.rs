//! Nonces that outlive the process.
//!
//! A request that changes something brings its nonce into the same transaction ([`crate::nonce_rows::insert`]), so there is no instant at which the change is
//! stored and the nonce is not; one whose change fails leaves its nonce all the same. Those of requests that only read are written behind
//! where one node has all of them in memory (SQLite), and are stored before the answer where nodes share a database (PostgreSQL). A request that is to
//! make a change and is refused before has done nothing: its nonce is stored before it hears so ([`Database::store_unused`]).

use std::cell::Cell;
use std::sync::Arc;

use iampass_core::signing::Presented;
use tokio::task::futures::TaskLocalFuture;

use super::nonce_rows::NonceRow;
use super::port::Prediction;
use super::{Database, StorageError};

/// A nonce that was accepted and must become durable: with the change that the request makes, or, if it makes none, behind.
/// Dropping it is enough for the latter, so that no path forgets it.
pub struct SpentNonce {
    database: Arc<Database>,
    row: Option<NonceRow>,
    /// The signer of the request, where that is a prediction yet.
    foreseen: Option<Arc<dyn Prediction>>,
}

impl SpentNonce {
    pub(super) fn to_be_stored(database: Arc<Database>, row: NonceRow) -> Self {
        Self { database, row: Some(row), foreseen: None }
    }

    pub(super) fn foreseen(database: Arc<Database>, row: NonceRow, foreseen: Arc<dyn Prediction>) -> Self {
        Self { database, row: Some(row), foreseen: Some(foreseen) }
    }

    /// Stored already, or without an owner.
    pub fn none(database: Arc<Database>) -> Self {
        Self { database, row: None, foreseen: None }
    }

    /// The row that a transaction writes along.
    pub(super) fn row(&self) -> Option<NonceRow> {
        self.row.clone()
    }

    /// The signer who is to be read again in the same transaction.
    pub(super) fn signer(&self) -> Option<Arc<dyn Prediction>> {
        self.foreseen.clone()
    }

    /// The transaction has taken it to the disk.
    pub(super) fn stored(mut self) {
        self.row = None;
    }
}

impl Drop for SpentNonce {
    fn drop(&mut self) {
        // A prediction spends nothing by itself. Where it has come true, the transaction of the change has taken the nonce along.
        let counts = self.foreseen.is_none();
        if let Some(row) = self.row.take().filter(|_| counts) {
            let unused = Unused { database: Arc::clone(&self.database), row: Some(row) };
            // Where nodes share a database, the call stores it before its answer. Otherwise, and elsewhere, it is written behind, since it is dropped
            // here: the answer may be long in coming.
            if self.database.has_other_nodes() {
                let _ = UNUSED.try_with(|kept| kept.0.set(Some(unused)));
            }
        }
    }
}

tokio::task_local! {
    static UNUSED: UnusedNonce;
}

/// The nonce of the call that is answered, where no change has taken it along and other nodes are to know it. Dropping it writes the nonce behind.
#[derive(Default)]
pub struct UnusedNonce(Cell<Option<Unused>>);

impl UnusedNonce {
    /// The call, with room for its nonce: `take_value` of the future gives it back when the answer is there.
    pub fn kept_from<F: Future>(call: F) -> TaskLocalFuture<Self, F> {
        UNUSED.scope(Self::default(), call)
    }
}

impl std::fmt::Debug for UnusedNonce {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UnusedNonce").finish_non_exhaustive()
    }
}

/// A nonce that is written behind, unless it is stored before.
struct Unused {
    database: Arc<Database>,
    row: Option<NonceRow>,
}

impl Drop for Unused {
    fn drop(&mut self) {
        if let Some(row) = self.row.take() {
            self.database.write_behind(&row);
        }
    }
}

impl Database {
    /// Stores the nonce of a call that was to make a change and was refused before. It is done before the answer where nodes share a database: a second
    /// copy of the call hears that it is one, at whichever node, and not why the first was refused.
    ///
    /// # Errors
    /// [`StorageError::Replayed`] when the nonce was spent before; those of the store, which leave it to be written behind.
    pub async fn store_unused(self: &Arc<Self>, unused: UnusedNonce) -> Result<(), StorageError> {
        let Some(mut unused) = unused.0.take() else { return Ok(()) };
        let Some(row) = unused.row.clone() else { return Ok(()) };
        let spent = self.spend(row).await;
        if matches!(spent, Ok(_) | Err(StorageError::Replayed)) {
            unused.row = None;
        }
        spent.map(SpentNonce::stored)
    }

    /// Spends the nonce of a request whose signature is good. Nothing may be done for the request before.
    ///
    /// # Errors
    /// [`StorageError::Replayed`] when another node has spent it already.
    pub async fn spend_nonce(
        self: &Arc<Self>,
        presented: &Presented<'_>,
    ) -> Result<SpentNonce, StorageError> {
        self.spend(NonceRow::new(presented)).await
    }

    /// The same for a request that makes a change: its nonce is stored in the transaction of the change. A request that is refused before it comes to
    /// that drops it, and it is stored before the answer ([`Database::store_unused`]).
    pub fn nonce_of_change(self: &Arc<Self>, presented: &Presented<'_>) -> SpentNonce {
        SpentNonce::to_be_stored(Arc::clone(self), NonceRow::new(presented))
    }

    /// As [`Database::spend_nonce`] for a request that only reads, where nothing has to be waited for: it is written behind. None where it has.
    pub fn spend_nonce_at_once(&self, presented: &Presented<'_>) -> Option<()> {
        let (sqlite, _) = self.at_once()?;
        sqlite.writer.write_behind(presented.id(), presented.nonce().value(), presented.timestamp());
        Some(())
    }
}

impl std::fmt::Debug for SpentNonce {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SpentNonce").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use iampass_core::UnixSeconds;
    use iampass_core::signing::{ForgottenTimes, Nonce, ReplayWindow};

    use super::*;

    async fn open() -> Arc<Database> {
        let config = crate::StorageConfig::new(crate::StorageLocation::Temporary);
        Arc::new(Database::open(&config, crate::Sharing::Alone).await.unwrap())
    }

    fn spent(database: &Arc<Database>, nonce: u64, timestamp: u64) -> SpentNonce {
        let row = NonceRow { id: "id".to_owned(), nonce, timestamp: UnixSeconds(timestamp) };
        SpentNonce::to_be_stored(Arc::clone(database), row)
    }

    fn stored(database: &Database) -> Vec<u64> {
        let mut stored = Vec::new();
        let visit = |_: &str, nonce: Nonce, _| {
            stored.push(nonce.value());
            Ok(())
        };
        database.at_once().unwrap().0.visit_nonces(UnixSeconds(0), visit).unwrap();
        stored
    }

    #[tokio::test]
    async fn the_nonce_of_a_change_that_fails_is_stored_and_the_change_is_not() {
        let database = open().await;
        let failed = database.write_spending(spent(&database, 1, 10), |tx| {
            Box::pin(async move {
                let sql =
                    "INSERT INTO applications (id, secret, name, created_at) VALUES ('a', x'00', 'n', 0)";
                tx.execute(sql, &[]).await?;
                Err::<(), _>(StorageError::Corrupt { what: "anything" })
            })
        });
        assert!(matches!(failed.await, Err(StorageError::Corrupt { .. })));
        assert!(database.application("a").await.unwrap().is_none());
        assert_eq!(stored(&database), [1]);
        let panicked = database.write_spending(spent(&database, 2, 10), |_| {
            Box::pin(async { if true { panic!("a change") } else { Ok(()) } })
        });
        assert!(matches!(panicked.await, Err(StorageError::Panicked)));
        assert_eq!(stored(&database), [1, 2]);
        let again = database.write_spending(spent(&database, 1, 10), |_| Box::pin(async { Ok(()) }));
        assert!(matches!(again.await, Err(StorageError::Replayed)));
    }

    #[tokio::test]
    async fn the_nonce_of_a_change_that_is_not_committed_is_stored_with_the_next() {
        let database = open().await;
        // A deferred foreign key fails at the commit, not at the statement.
        let failed = database.write_spending(spent(&database, 1, 10), |tx| {
            Box::pin(async move {
                tx.execute("PRAGMA defer_foreign_keys = ON", &[]).await?;
                let sql = "INSERT INTO users (application_key, id, created_at) VALUES (99, 'u', 0)";
                tx.execute(sql, &[]).await?;
                Ok(())
            })
        });
        assert!(matches!(failed.await, Err(StorageError::NotCommitted(_))));
        assert_eq!(stored(&database), [0_u64; 0]);
        database.flush().await.unwrap();
        assert_eq!(stored(&database), [1]);
    }

    #[tokio::test]
    async fn what_sessions_of_one_application_have_used_is_counted_to_it_after_a_restart() {
        let database = open().await;
        let made = database.write(|tx| {
            Box::pin(async move {
                let sql =
                    "INSERT INTO applications (key, id, secret, name, created_at) VALUES (1, 'a', x'00', 'n', 0)";
                tx.execute(sql, &[]).await?;
                for token in ["s1", "s2"] {
                    let sql = "INSERT INTO sessions (token, secret, request_id, request_secret, application_key, methods,
                                   duration_seconds, state, asked_at)
                               VALUES (?1, x'00', 'q-' || ?1, x'00', 1, '', 60, 'closed', 0)";
                    tx.execute(sql, &[token.into()]).await?;
                }
                Ok(())
            })
        });
        made.await.unwrap();
        for (place, id) in (0..).zip(["s1", "s2", "a", "q-s1", "other"]) {
            let row = NonceRow { id: id.to_owned(), nonce: 1, timestamp: UnixSeconds(1_000 + place) };
            drop(SpentNonce::to_be_stored(Arc::clone(&database), row));
        }
        database.flush().await.unwrap();
        let used = database.used_nonces(ForgottenTimes::before(UnixSeconds(900))).unwrap();
        // There is room for two of a share: the oldest of the three that the application and its sessions have used is left out.
        let (window, without_room) =
            ReplayWindow::after_restart(Duration::from_secs(300), 5, used, UnixSeconds(1_200));
        assert_eq!((window.len(), without_room), (4, 1));
    }

    /// The applications that one account made are counted together, whoever owns them by now.
    #[tokio::test]
    async fn an_account_has_one_share_for_all_its_applications() {
        let database = open().await;
        let made = database.write(|tx| {
            Box::pin(async move {
                for sql in [
                    "INSERT INTO accounts (key, name, created_at) VALUES (7, 'ann', 0), (1, 'bert', 0)",
                    "INSERT INTO applications (key, id, secret, name, created_at, made_by)
                     VALUES (1, 'a', x'00', 'n', 0, 7), (2, 'b', x'00', 'n', 0, 7), (3, 'c', x'00', 'n', 0, 1), (4, 'd', x'00', 'n', 0, NULL)",
                    // The last one is another's, who has let her in.
                    "INSERT INTO members (application_key, account_key, role, since)
                     VALUES (1, 7, 'owner', 1), (2, 7, 'owner', 2), (2, 1, 'owner', 3), (3, 7, 'owner', 9), (3, 1, 'owner', 8)",
                ] {
                    tx.execute(sql, &[]).await?;
                }
                Ok(())
            })
        });
        made.await.unwrap();
        for (place, id) in (0..).zip(["a", "b", "c", "d"]) {
            let row = NonceRow { id: id.to_owned(), nonce: 1, timestamp: UnixSeconds(1_000 + place) };
            drop(SpentNonce::to_be_stored(Arc::clone(&database), row));
        }
        database.flush().await.unwrap();
        let used = database.used_nonces(ForgottenTimes::before(UnixSeconds(900))).unwrap();
        // There is room for one of a share: of the two of the first account the older one is left out.
        let (window, without_room) =
            ReplayWindow::after_restart(Duration::from_secs(300), 4, used, UnixSeconds(1_200));
        assert_eq!((window.len(), without_room), (3, 1));
    }

    #[tokio::test]
    async fn what_there_is_no_room_for_is_out_of_the_window_before_there_is() {
        let database = open().await;
        for (nonce, timestamp) in [(1, 1_000), (2, 1_100), (3, 1_050)] {
            let change =
                database.write_spending(spent(&database, nonce, timestamp), |_| Box::pin(async { Ok(()) }));
            change.await.unwrap();
        }
        // Behind, in a batch, and the latest of all.
        drop(spent(&database, 4, 1_150));
        database.flush().await.unwrap();
        let used = database.used_nonces(ForgottenTimes::before(UnixSeconds(900))).unwrap();
        let (mut window, without_room) =
            ReplayWindow::after_restart(Duration::from_secs(300), 3, used, UnixSeconds(1_200));
        assert_eq!(without_room, 2);
        let replayed = [(1, 1_000), (2, 1_100), (3, 1_050), (4, 1_150)];
        for now in (1_200..1_500).map(UnixSeconds) {
            for (nonce, timestamp) in replayed {
                let taken = window.remember("id", Nonce::new(nonce), UnixSeconds(timestamp), now);
                assert!(taken.is_err(), "{nonce} at {now:?}");
            }
        }
    }
}
