//! Whether SQLite answers from an index, with 100,000 sessions.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use iampass_core::port::{SessionStore as _, SharedEntry, SharedKey, SharedState as _, SharedVersion};
use iampass_core::{Server, UnixMillis, UnixSeconds, UserToken};
use iampass_sql::database::{Row, Statement, Value};
use iampass_sql::{Database, DatabaseError, Dialect, KeyRing, Schema, SealingKey, SessionTable};
use rusqlite::params_from_iter;

use crate::rusqlite_database::{Bound, Rusqlite};

/// Asks for the plan of each statement before it is run.
#[derive(Clone)]
struct Explaining(Rusqlite, Arc<Mutex<Vec<String>>>);

impl Explaining {
    fn explain(&self, statement: &Statement, values: &[Value]) {
        let connection = self.0.connection();
        let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", statement.text())).unwrap();
        let lines = plan
            .query_map(params_from_iter(values.iter().map(Bound)), |row| row.get::<_, String>(3))
            .unwrap();
        self.1.lock().unwrap().extend(lines.map(Result::unwrap));
    }
}

#[async_trait]
impl Database for Explaining {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    async fn execute(&self, statement: &Statement, values: Vec<Value>) -> Result<u64, DatabaseError> {
        self.explain(statement, &values);
        self.0.execute(statement, values).await
    }

    async fn query(&self, statement: &Statement, values: Vec<Value>) -> Result<Vec<Row>, DatabaseError> {
        self.explain(statement, &values);
        self.0.query(statement, values).await
    }
}

#[tokio::test]
async fn claim_purge_and_list_use_an_index() {
    let (key, _) = SealingKey::generate().unwrap();
    let database = Rusqlite::migrated("CREATE TABLE users (id INTEGER PRIMARY KEY)", &Schema::default());
    database.run(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99999) \
         INSERT INTO iampass_sessions \
         (token, user_token, sealed_session, key_id, started_at, expires_at, logout_due) \
         SELECT 's' || i, 'u' || (i % 10000), x'00', '{}', i, i + 3600, CASE WHEN i % 100 = 0 THEN i END FROM n; \
         WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99999) \
         INSERT INTO iampass_shared (key, version, value, expires_at) SELECT 'k' || i, i, x'00', i FROM n; \
         ANALYZE;",
        key.id()
    ));
    let plans = Arc::new(Mutex::new(Vec::new()));
    let server = Server::parse("https://login.example").unwrap();
    let explaining = Explaining(database, plans.clone());
    let store = SessionTable::new(explaining, &Schema::default(), KeyRing::new(key), server);

    let _ = store.claim_logouts(UnixSeconds(500), Duration::from_secs(60), 10).await.unwrap();
    assert_eq!(store.purge_expired(UnixSeconds(3_700), 50).await.unwrap(), 50);
    store.sessions_of(&UserToken::new("u7").unwrap(), 5).await.unwrap();

    let (key, read) = (SharedKey::new("test", b"a"), SharedVersion::from_number(1));
    let entry = SharedEntry::new(read, Vec::new(), UnixMillis(200_000));
    store.swap_shared(&key, None, &entry).await.unwrap();
    store.load_shared(&key).await.unwrap();
    store.swap_shared(&key, Some(read), &entry).await.unwrap();
    store.delete_shared(&key, read).await.unwrap();
    assert_eq!(store.purge_shared(UnixMillis(100), 50).await.unwrap(), 50);

    let plans = plans.lock().unwrap();
    for index in [
        "iampass_sessions_due",
        "iampass_sessions_expiry",
        "iampass_sessions_user",
        "iampass_sessions_leased",
        "iampass_shared_expiry",
    ] {
        assert!(plans.iter().any(|line| line.contains(index)), "{index} is not used: {plans:#?}");
    }
    assert!(!plans.iter().any(|line| line.starts_with("SCAN")), "something is read whole: {plans:#?}");
}
