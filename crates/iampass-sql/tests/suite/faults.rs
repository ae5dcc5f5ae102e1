//! Faults on purpose: what is run again, how often, and what comes out in the end.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use iampass_core::port::{
    ClaimOutcome, SessionRecord, SessionStore, SharedEntry, SharedKey, SharedState as _, SharedVersion,
    StoreErrorKind, TokenStore as _, UserKey,
};
use iampass_core::{Secret, Server, Session, SessionToken, UnixMillis, UnixSeconds, UserToken};
use iampass_sql::database::{Row, Statement, Value};
use iampass_sql::{
    Database, DatabaseError, Dialect, Fault, KeyRing, Schema, SealingKey, SessionTable, TokenTable,
};

use crate::rusqlite_database::Rusqlite;

#[derive(Clone, Copy)]
enum Trouble {
    /// The statement is not run.
    Before(Fault),
    /// The statement is run, and its answer is lost.
    After(Fault),
}

/// A database that has trouble with the next statements.
struct Troubled {
    database: Rusqlite,
    troubles: Mutex<VecDeque<Trouble>>,
}

impl Troubled {
    fn new(troubles: &[Trouble]) -> Self {
        let database = Rusqlite::migrated(
            "CREATE TABLE users (id INTEGER PRIMARY KEY); INSERT INTO users (id) VALUES (1)",
            &Schema::default(),
        );
        Self { database, troubles: Mutex::new(troubles.iter().copied().collect()) }
    }

    fn next(&self) -> Option<Trouble> {
        self.troubles.lock().unwrap().pop_front()
    }
}

fn error(fault: Fault) -> DatabaseError {
    DatabaseError::new(fault, "on purpose")
}

#[async_trait]
impl Database for &Troubled {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    async fn execute(&self, statement: &Statement, values: Vec<Value>) -> Result<u64, DatabaseError> {
        match self.next() {
            None => self.database.execute(statement, values).await,
            Some(Trouble::Before(fault)) => Err(error(fault)),
            Some(Trouble::After(fault)) => {
                self.database.execute(statement, values).await?;
                Err(error(fault))
            }
        }
    }

    async fn query(&self, statement: &Statement, values: Vec<Value>) -> Result<Vec<Row>, DatabaseError> {
        match self.next() {
            None => self.database.query(statement, values).await,
            Some(Trouble::Before(fault) | Trouble::After(fault)) => Err(error(fault)),
        }
    }
}

const SERVER: &str = "https://login.example";

fn sessions(database: &Troubled) -> SessionTable<&Troubled> {
    let (key, _) = SealingKey::generate().unwrap();
    SessionTable::new(database, &Schema::default(), KeyRing::new(key), Server::parse(SERVER).unwrap())
}

fn token(text: &str) -> SessionToken {
    SessionToken::new(text).unwrap()
}

fn record(name: &str) -> SessionRecord {
    let server = Server::parse(SERVER).unwrap();
    let session = Session::new(token(name), Secret::new("key"), SERVER, SERVER, &server).unwrap();
    SessionRecord::new(session, UserToken::new("u").unwrap(), UnixSeconds(1_000), UnixSeconds(2_000))
        .with_logout_due(UnixSeconds(1_060))
}

async fn claim(store: &impl SessionStore, now: u64) -> Result<usize, StoreErrorKind> {
    let claimed = store.claim_logouts(UnixSeconds(now), Duration::from_secs(30), 10).await;
    claimed.map(|claimed| claimed.jobs.len()).map_err(|error| error.kind())
}

#[tokio::test]
async fn a_statement_that_met_another_is_run_again_for_a_while() {
    let database = Troubled::new(&[Trouble::Before(Fault::Contended); 15]);
    sessions(&database).create(&record("a")).await.unwrap();

    let database = Troubled::new(&[Trouble::Before(Fault::Contended); 1_000]);
    let error = sessions(&database).create(&record("a")).await.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (StoreErrorKind::Busy, true));
    assert!(database.troubles.lock().unwrap().len() > 500, "it has an end");
}

#[tokio::test]
async fn a_lost_answer_to_create_is_no_conflict() {
    let database = Troubled::new(&[Trouble::After(Fault::Unreachable)]);
    let store = sessions(&database);
    store.create(&record("a")).await.unwrap();
    // Somebody else's session of that name is one.
    let error = store.create(&record("a")).await.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (StoreErrorKind::Conflict, false));
}

#[tokio::test]
async fn a_database_that_stays_away_is_said_to() {
    let database = Troubled::new(&[Trouble::Before(Fault::Unreachable); 2]);
    let store = sessions(&database);
    let error = store.load(&token("a")).await.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (StoreErrorKind::Unavailable, true));
    assert!(store.load(&token("a")).await.unwrap().is_none(), "and it is used again when it is back");
}

fn shared(number: i64) -> SharedEntry {
    SharedEntry::new(SharedVersion::from_number(number), b"value".to_vec(), UnixMillis(1_000))
}

fn break_after(database: &Troubled) {
    database.troubles.lock().unwrap().push_back(Trouble::After(Fault::Unreachable));
}

/// Otherwise whoever has reserved a name would be told that somebody else has.
#[tokio::test]
async fn a_lost_answer_to_a_swap_is_no_refusal() {
    let database = Troubled::new(&[]);
    let (store, key) = (sessions(&database), SharedKey::new("test", b"a"));
    break_after(&database);
    assert!(store.swap_shared(&key, None, &shared(1)).await.unwrap());
    assert!(!store.swap_shared(&key, None, &shared(2)).await.unwrap(), "somebody else's is one");
    let read = SharedVersion::from_number(1);
    break_after(&database);
    assert!(store.swap_shared(&key, Some(read), &shared(2)).await.unwrap());
    assert!(!store.swap_shared(&key, Some(read), &shared(3)).await.unwrap());
    assert_eq!(store.load_shared(&key).await.unwrap(), Some(shared(2)));
    // A pool's connection that broke long ago: nothing was done yet.
    database.troubles.lock().unwrap().push_back(Trouble::Before(Fault::Unreachable));
    let read = SharedVersion::from_number(2);
    assert!(store.swap_shared(&key, Some(read), &shared(3)).await.unwrap());
}

/// The entry that was written may have been replaced since, so neither answer would be known to be true.
#[tokio::test]
async fn a_lost_answer_that_cannot_be_found_out_is_an_error() {
    let (broken, unavailable) = (Trouble::Before(Fault::Unreachable), StoreErrorKind::Unavailable);
    let key = SharedKey::new("test", b"a");
    let database = Troubled::new(&[]);
    let store = sessions(&database);
    assert!(store.swap_shared(&key, None, &shared(9)).await.unwrap());
    let read = SharedVersion::from_number(1);
    for expected in [None, Some(read)] {
        database.troubles.lock().unwrap().push_back(broken);
        let error = store.swap_shared(&key, expected, &shared(2)).await.unwrap_err();
        assert_eq!((error.kind(), error.is_retryable()), (unavailable, true));
    }
    let read = SharedVersion::from_number(9);
    break_after(&database);
    assert_eq!(
        store.delete_shared(&key, read).await.unwrap_err().kind(),
        unavailable,
        "it is gone, by whom?"
    );
    assert!(!store.delete_shared(&key, read).await.unwrap());
    // One that stays away is said to.
    database.troubles.lock().unwrap().extend([broken, broken]);
    let error = store.swap_shared(&key, None, &shared(2)).await.unwrap_err();
    assert_eq!(error.kind(), unavailable);
}

#[tokio::test]
async fn a_swap_that_met_another_is_run_again() {
    let database = Troubled::new(&[Trouble::Before(Fault::Contended); 15]);
    let store = sessions(&database);
    assert!(store.swap_shared(&SharedKey::new("test", b"a"), None, &shared(1)).await.unwrap());
}

/// As MySQL says that the key is taken. Nothing else is taken for that.
#[tokio::test]
async fn only_a_taken_key_is_one() {
    for (fault, answer) in [
        (Fault::UniqueViolation, Ok(false)),
        (Fault::Other, Err(StoreErrorKind::Other)),
        (Fault::LockTimeout, Err(StoreErrorKind::Busy)),
        (Fault::NotMigrated, Err(StoreErrorKind::NotMigrated)),
    ] {
        let database = Troubled::new(&[Trouble::Before(fault)]);
        let done = sessions(&database).swap_shared(&SharedKey::new("test", b"a"), None, &shared(1)).await;
        assert_eq!(done.map_err(|error| error.kind()), answer, "{fault:?}");
    }
}

/// Its caller requests the logout of a session of which nobody knows whether it was kept. So a connection of the pool that broke long ago
/// must not look like that.
#[tokio::test]
async fn a_lost_answer_to_keep_is_an_error_only_if_it_may_have_been_done() {
    let database = Troubled::new(&[]);
    let store = sessions(&database);
    let stale = Trouble::Before(Fault::Unreachable);
    for name in ["a", "b", "c"] {
        store.create(&record(name)).await.unwrap();
    }
    database.troubles.lock().unwrap().push_back(stale);
    assert_eq!(store.claim_session(&token("a")).await.unwrap(), ClaimOutcome::Claimed);
    break_after(&database);
    let error = store.claim_session(&token("b")).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "it may have been another one");
    store.request_logout(&token("c")).await.unwrap();
    for token in [token("c"), token("unknown")] {
        database.troubles.lock().unwrap().push_back(stale);
        assert_eq!(store.claim_session(&token).await.unwrap(), ClaimOutcome::Rejected);
    }
    database.troubles.lock().unwrap().extend([stale, stale]);
    assert_eq!(store.claim_session(&token("a")).await.unwrap_err().kind(), StoreErrorKind::Unavailable);
}

/// Running it again could claim twice as many as were asked for.
#[tokio::test]
async fn a_claim_whose_answer_is_lost_is_not_run_again() {
    let database = Troubled::new(&[]);
    let store = sessions(&database);
    store.create(&record("a")).await.unwrap();
    database.troubles.lock().unwrap().push_back(Trouble::After(Fault::Unreachable));
    assert_eq!(claim(&store, 1_060).await, Err(StoreErrorKind::Unavailable));
    assert_eq!(claim(&store, 1_061).await, Ok(0), "it is claimed, by nobody who knows");
    assert_eq!(claim(&store, 1_090).await, Ok(1), "and taken over");
}

#[tokio::test]
async fn what_would_not_help_is_not_tried() {
    for (fault, kind) in [
        (Fault::LockTimeout, StoreErrorKind::Busy),
        (Fault::PoolExhausted, StoreErrorKind::PoolExhausted),
        // Once more would take as long again.
        (Fault::NoAnswer, StoreErrorKind::NoAnswer),
        (Fault::NotMigrated, StoreErrorKind::NotMigrated),
        (Fault::Other, StoreErrorKind::Other),
    ] {
        let database = Troubled::new(&[Trouble::Before(fault), Trouble::Before(Fault::Contended)]);
        let error = sessions(&database).queue_logout(&token("a"), UnixSeconds(0)).await.unwrap_err();
        assert_eq!(error.kind(), kind);
        assert_eq!(database.troubles.lock().unwrap().len(), 1, "{kind:?} was tried again");
    }
}

#[tokio::test]
async fn tokens_survive_lost_answers() {
    let user = UserKey::from(1);
    let candidate = |text: &str| UserToken::new(text).unwrap();
    // The first statement asks, the second assigns.
    let database = Troubled::new(&[Trouble::Before(Fault::Unreachable)]);
    let store = TokenTable::new(&database, &Schema::default());
    assert_eq!(store.assign(&user, &candidate("t")).await.unwrap(), candidate("t"));
    database.troubles.lock().unwrap().push_back(Trouble::After(Fault::Unreachable));
    store.rotate(&user, &candidate("v")).await.unwrap();
    assert_eq!(store.token_for(&user).await.unwrap(), Some(candidate("v")));
    assert_eq!(store.user_for(&candidate("t")).await.unwrap(), None);

    let unknown = store.assign(&UserKey::from(2), &candidate("w")).await.unwrap_err();
    assert_eq!((unknown.kind(), unknown.is_retryable()), (StoreErrorKind::UnknownUser, false));
    let unknown = store.rotate(&UserKey::from(2), &candidate("w")).await.unwrap_err();
    assert_eq!(unknown.kind(), StoreErrorKind::UnknownUser);
}
