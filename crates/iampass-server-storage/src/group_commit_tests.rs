//! Changes that share a transaction on PostgreSQL.

use std::sync::Arc;
use std::time::{Duration, Instant};

use iampass_core::UnixSeconds;
use tokio::task::JoinHandle;

use super::nonce_rows::NonceRow;
use super::test_store::open_postgres;
use super::two_nodes::two_nodes;
use super::*;

/// A store whose changes begin when they are let go, all of them together.
struct Held {
    database: Arc<Database>,
    server: iampass_test_databases::Database,
}

type Made<T> = JoinHandle<Result<T, StorageError>>;

impl Held {
    async fn new() -> Option<Self> {
        let (server, database) = open_postgres().await?;
        server.sql("CREATE TABLE list (id text PRIMARY KEY)").unwrap();
        Some(Self { database: Arc::new(database), server })
    }

    /// Hands in changes while a commit is under way, each of these statements one after the other, with a nonce of this number.
    async fn together(&self, changes: &[(&'static [&'static str], u64)]) -> Vec<Made<()>> {
        let commit = self.database.hold_commits();
        let mut made = Vec::new();
        for &(statements, nonce) in changes {
            made.push(self.hand_in(statements, nonce));
            // It is handed in before the next one, unless it is refused before.
            let began = Instant::now();
            while self.database.waiting_changes() < made.len() && !made.iter().any(Made::is_finished) {
                assert!(began.elapsed() < Duration::from_secs(60), "{statements:?} are not handed in");
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
        drop(commit);
        made
    }

    fn hand_in(&self, statements: &'static [&'static str], nonce: u64) -> Made<()> {
        let (database, spent) = (Arc::clone(&self.database), self.spent(nonce));
        tokio::spawn(async move {
            database
                .write_spending(spent, move |tx| {
                    Box::pin(async move {
                        for statement in statements {
                            assert_ne!(*statement, "panic", "in the middle of a change");
                            if *statement == NEWS {
                                tx.raised().user(UserKey(1));
                                continue;
                            }
                            match statement.strip_prefix(LATER) {
                                Some(later) => tx.execute_later(later, &[]).await?,
                                None => drop(tx.execute(statement, &[]).await?),
                            }
                        }
                        Ok(())
                    })
                })
                .await
        })
    }

    fn spent(&self, nonce: u64) -> SpentNonce {
        let row = NonceRow { id: "id".to_owned(), nonce, timestamp: UnixSeconds(1_000) };
        SpentNonce::to_be_stored(Arc::clone(&self.database), row)
    }

    fn list(&self) -> String {
        self.server.sql("SELECT coalesce(string_agg(id, ' ' ORDER BY id), '') FROM list").unwrap()
    }

    fn nonces(&self) -> String {
        self.server.sql("SELECT string_agg(nonce::text, ' ' ORDER BY nonce) FROM nonces").unwrap()
    }

    /// Rows of `late` fail at the commit, with the code that they hold.
    fn fail_late(&self) {
        self.server
            .sql(
                "CREATE TABLE late (code text);
                 CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS
                     $$ BEGIN RAISE EXCEPTION 'late' USING ERRCODE = NEW.code; END $$;
                 CREATE CONSTRAINT TRIGGER late AFTER INSERT ON late DEFERRABLE INITIALLY DEFERRED
                     FOR EACH ROW EXECUTE FUNCTION late()",
            )
            .unwrap();
    }
}

/// A statement that begins with this is put off.
const LATER: &str = "later ";
/// Other nodes are told of a change that does this.
const NEWS: &str = "news";
const A: &[&str] = &["INSERT INTO list VALUES ('a')"];
const B: &[&str] = &["INSERT INTO list VALUES ('b')"];
const C: &[&str] = &["INSERT INTO list VALUES ('c')"];

async fn results(made: Vec<Made<()>>) -> Vec<Result<(), StorageError>> {
    let mut results = Vec::new();
    for one in made {
        results.push(one.await.unwrap());
    }
    results
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_that_meet_a_commit_share_the_next_one() {
    let Some(held) = Held::new().await else { return };
    let commits = held.database.commits();
    let made = held.together(&[(A, 1), (B, 2), (C, 3)]).await;
    assert!(results(made).await.iter().all(Result::is_ok));
    assert_eq!(held.database.commits() - commits, 1);
    assert_eq!((held.list(), held.nonces()), ("a b c".to_owned(), "1 2 3".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_fails_leaves_the_others_and_its_nonce() {
    let Some(held) = Held::new().await else { return };
    const TWICE: &[&str] = &["INSERT INTO list VALUES ('x')", "INSERT INTO list VALUES ('x')"];
    const PANICS: &[&str] = &["INSERT INTO list VALUES ('y')", "panic"];
    const NO_SQL: &[&str] = &["there is no such statement"];
    let commits = held.database.commits();
    let made = held.together(&[(A, 1), (TWICE, 2), (B, 3), (PANICS, 4), (NO_SQL, 5), (C, 6)]).await;
    let results = results(made).await;
    assert!([0, 2, 5].into_iter().all(|place: usize| results[place].is_ok()), "{results:?}");
    assert!(matches!(results[1], Err(StorageError::Postgres(_))), "{results:?}");
    assert!(matches!(results[3], Err(StorageError::Panicked)), "{results:?}");
    assert!(matches!(results[4], Err(StorageError::Postgres(_))), "{results:?}");
    assert_eq!(held.database.commits() - commits, 1);
    assert_eq!((held.list(), held.nonces()), ("a b c".to_owned(), "1 2 3 4 5 6".to_owned()));
    for nonce in 1..=6 {
        let replayed = held.hand_in(&[], nonce).await.unwrap();
        assert!(matches!(replayed, Err(StorageError::Replayed)), "{nonce}: {replayed:?}");
    }
}

/// Statements that were put off go along with the next change of the transaction, or with its commit: by then the change was kept.
#[tokio::test(flavor = "multi_thread")]
async fn one_that_fails_after_it_was_kept_leaves_the_others_and_its_nonce() {
    const THERE: &[&str] = &["later INSERT INTO list VALUES ('there')"];
    const A_LATER: &[&str] = &["later INSERT INTO list VALUES ('a')"];
    const SLOW: &[&str] = &["SELECT pg_sleep(0.4)", "INSERT INTO list VALUES ('b')"];
    // In the middle, at the end, and before one that takes too long: then the answer to what was put off is not waited for.
    for changes in [[THERE, A_LATER, B], [A_LATER, B, THERE], [A_LATER, THERE, SLOW]] {
        let Some(held) = Held::new().await else { return };
        held.server.sql("INSERT INTO list VALUES ('there')").unwrap();
        let made = held.together(&[(changes[0], 1), (changes[1], 2), (changes[2], 3)]).await;
        for (result, change) in results(made).await.iter().zip(changes) {
            match change == THERE {
                true => assert!(matches!(result, Err(StorageError::Postgres(_))), "{result:?}"),
                false => assert!(result.is_ok(), "{change:?}: {result:?}"),
            }
        }
        assert_eq!((held.list(), held.nonces()), ("a b there".to_owned(), "1 2 3".to_owned()));
        for nonce in 1..=3 {
            let replayed = held.hand_in(&[], nonce).await.unwrap();
            assert!(matches!(replayed, Err(StorageError::Replayed)), "{nonce}: {replayed:?}");
        }
    }
}

/// The notification is prepared behind a change that has failed, on a connection that has never sent one.
#[tokio::test(flavor = "multi_thread")]
async fn one_that_fails_last_leaves_the_news_of_the_others_and_a_connection_that_works() {
    let Some(held) = Held::new().await else { return };
    const TELLS: &[&str] = &[NEWS, "INSERT INTO list VALUES ('a')"];
    const TWICE: &[&str] = &["INSERT INTO list VALUES ('x')", "INSERT INTO list VALUES ('x')"];
    let commits = held.database.commits();
    let results = results(held.together(&[(TELLS, 1), (TWICE, 2)]).await).await;
    assert!(results[0].is_ok() && matches!(results[1], Err(StorageError::Postgres(_))), "{results:?}");
    assert_eq!((held.database.commits() - commits, held.nonces()), (1, "1 2".to_owned()));
    for _ in 0..40 {
        held.database.application("APP").await.unwrap();
    }
    let open = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    assert_eq!(held.server.sql(open).unwrap(), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_nonce_is_good_once_among_those_that_share() {
    let Some(held) = Held::new().await else { return };
    held.hand_in(&[], 7).await.unwrap().unwrap();
    let made = held.together(&[(A, 1), (B, 1), (C, 7)]).await;
    let results = results(made).await;
    assert!(results[0].is_ok(), "{results:?}");
    assert!(
        matches!(results[1..], [Err(StorageError::Replayed), Err(StorageError::Replayed)]),
        "{results:?}"
    );
    assert_eq!(held.list(), "a");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_alone_changes_nothing_even_where_all_is_sent_with_the_commit() {
    let Some(held) = Held::new().await else { return };
    held.hand_in(A, 1).await.unwrap().unwrap();
    let put_off = held.database.write_spending(held.spent(1), |tx| {
        Box::pin(async move { tx.execute_later("INSERT INTO list VALUES ('b')", &[]).await })
    });
    assert!(matches!(put_off.await, Err(StorageError::Replayed)));
    let failing = held.database.write_spending(held.spent(2), |tx| {
        Box::pin(async move { tx.execute_later("INSERT INTO list VALUES ('a')", &[]).await })
    });
    assert!(failing.await.is_err());
    assert_eq!((held.list(), held.nonces()), ("a".to_owned(), "1 2".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_waits_for_a_lock_or_takes_long_holds_up_no_other() {
    let Some(held) = Held::new().await else { return };
    const LOCKED: &[&str] = &["UPDATE list SET id = 'locked' WHERE id = 'row'"];
    const SLOW: &[&str] = &["INSERT INTO list SELECT 'slow' FROM pg_sleep(1)"];
    held.server.sql("INSERT INTO list VALUES ('row')").unwrap();
    let locking = tokio::task::spawn_blocking({
        let url = held.server.url().to_owned();
        move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let (client, connection) =
                    tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
                tokio::spawn(connection);
                client.batch_execute("BEGIN; SELECT * FROM list FOR UPDATE; SELECT pg_sleep(3); COMMIT").await
            })
        }
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    let began = Instant::now();
    let made = held.together(&[(LOCKED, 1), (A, 2), (SLOW, 3)]).await;
    let [locked, quick, slow] = <[_; 3]>::try_from(made).ok().unwrap();
    quick.await.unwrap().unwrap();
    assert!(!locked.is_finished() && !slow.is_finished(), "after {:?}", began.elapsed());
    locked.await.unwrap().unwrap();
    slow.await.unwrap().unwrap();
    locking.await.unwrap().unwrap();
    assert_eq!((held.list(), held.nonces()), ("a locked slow".to_owned(), "1 2 3".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn when_all_are_undone_each_is_made_again_alone() {
    let Some(held) = Held::new().await else { return };
    held.fail_late();
    const LATE: &[&str] = &["INSERT INTO late VALUES ('23514')"];
    // The next statement meets the closed connection. A commit that met it might have been made.
    const ENDS: &[&str] = &["SELECT pg_terminate_backend(pg_backend_pid())", "SELECT 1"];
    for (bad, id) in [(LATE, 10), (ENDS, 20)] {
        let commits = held.database.commits();
        let made = held.together(&[(A, id + 1), (bad, id + 2), (B, id + 3)]).await;
        let results = results(made).await;
        assert!(results[0].is_ok() && results[1].is_err() && results[2].is_ok(), "{results:?}");
        assert_eq!(held.database.commits() - commits, 2);
        assert_eq!(held.list(), "a b");
        held.server.sql("DELETE FROM list").unwrap();
    }
    assert_eq!(held.nonces(), "11 12 13 21 22 23", "whatever has failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_without_an_answer_is_told_to_all_of_it() {
    let Some(held) = Held::new().await else { return };
    held.fail_late();
    const LOST: &[&str] = &["INSERT INTO late VALUES ('57P01')"];
    let made = held.together(&[(A, 1), (LOST, 2), (B, 3)]).await;
    let results = results(made).await;
    assert!(
        results.iter().all(|result| matches!(result, Err(StorageError::MaybeCommitted(_)))),
        "{results:?}"
    );
    assert_eq!(held.list(), "", "nothing is made again that may have happened");
    assert_eq!(held.nonces(), "1 2 3");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_whose_caller_goes_away_is_made_before_what_is_queued_later() {
    let Some(held) = Held::new().await else { return };
    const LATER: &[&str] = &["SELECT pg_sleep(1)", "INSERT INTO list VALUES ('a')"];
    let leaving = held.hand_in(LATER, 1);
    tokio::time::sleep(Duration::from_millis(300)).await;
    leaving.abort();
    assert!(leaving.await.is_err(), "it is gone before its change is made");
    let queue = || {
        held.database.queue(|tx| {
            Box::pin(async move {
                let sql = "SELECT string_agg(id, ' ' ORDER BY id) FROM list";
                let row = tx.query_one(sql, &[]).await?.unwrap();
                Ok(row.optional_text(0)?.map(str::to_owned))
            })
        })
    };
    let (first, second) = (queue().unwrap(), queue().unwrap());
    held.hand_in(B, 2).await.unwrap().unwrap();
    assert_eq!(second.done().await.unwrap().as_deref(), Some("a b"));
    assert_eq!(first.done().await.unwrap().as_deref(), Some("a b"));
    held.database.flush().await.unwrap();
    assert_eq!((held.list(), held.nonces()), ("a b".to_owned(), "1 2".to_owned()));
}

/// Changes add up the locks of their transaction in any order. Without an end to their waits, two nodes would wait for each other here.
#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_whose_changes_meet_in_opposite_orders_do_not_lock_each_other_out() {
    let Some((one, other, server)) = two_nodes().await else { return };
    server
        .sql("CREATE TABLE pair (id int PRIMARY KEY, n int); INSERT INTO pair VALUES (1, 0), (2, 0)")
        .unwrap();
    const CHANGES: [&str; 2] = [
        "UPDATE pair SET n = n + 1 FROM pg_sleep(0.1) WHERE id = 1",
        "UPDATE pair SET n = n + 1 FROM pg_sleep(0.1) WHERE id = 2",
    ];
    for _ in 0..3 {
        let commits = [one.database.hold_commits(), other.database.hold_commits()];
        let mut made = Vec::new();
        for (node, order) in [(&one, [0, 1]), (&other, [1, 0])] {
            for place in order {
                let (database, sql) = (Arc::clone(&node.database), CHANGES[place]);
                made.push(tokio::spawn(async move {
                    database
                        .write(move |tx| Box::pin(async move { tx.execute(sql, &[]).await.map(drop) }))
                        .await
                }));
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        drop(commits);
        assert!(results(made).await.iter().all(Result::is_ok));
    }
    assert_eq!(server.sql("SELECT string_agg(n::text, ' ') FROM pair").unwrap(), "6 6");
    // The server counts them when it has time to.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let sql = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(server.sql(sql).unwrap(), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_go_on_while_changes_take_all_that_they_may() {
    let Some(held) = Held::new().await else { return };
    const SLOW: &[&str] = &["SELECT pg_sleep(4)"];
    let changes: Vec<_> = (0..20).map(|nonce| held.hand_in(SLOW, nonce)).collect();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let began = Instant::now();
    held.database.application("APP").await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    drop(changes);
}
