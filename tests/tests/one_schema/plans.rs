//! Whether the servers answer from an index, with 100,000 sessions. (For SQLite that is tested in `iampass-sql`.)

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use iampass_core::port::{SessionStore as _, SharedEntry, SharedKey, SharedState as _, SharedVersion};
use iampass_core::{Server, UnixMillis, UnixSeconds, UserToken};
use iampass_sea_orm::SeaOrmDatabase;
use iampass_sql::database::{Row, Statement, Value};
use iampass_sql::{Database, DatabaseError, Dialect, KeyRing, Schema, SealingKey, SessionTable};

use crate::databases::Place;

/// Writes down what is asked, with its values.
#[derive(Clone)]
struct Recording(SeaOrmDatabase, Arc<Mutex<Vec<String>>>);

impl Recording {
    fn record(&self, statement: &Statement, values: &[Value]) {
        let mut sql = String::new();
        let mut values = values.iter();
        for piece in statement.pieces() {
            sql.push_str(piece);
            match values.next() {
                Some(Value::Text(text)) => sql.push_str(&format!("'{text}'")),
                Some(Value::Bytes(bytes)) => {
                    sql.push_str(&format!("'{}'", String::from_utf8(bytes.clone()).unwrap()))
                }
                Some(Value::Integer(number)) => sql.push_str(&number.to_string()),
                Some(other) => panic!("{other:?}"),
                None => {}
            }
        }
        self.1.lock().unwrap().push(sql);
    }
}

#[async_trait]
impl Database for Recording {
    fn dialect(&self) -> Dialect {
        self.0.dialect()
    }

    async fn execute(&self, statement: &Statement, values: Vec<Value>) -> Result<u64, DatabaseError> {
        self.record(statement, &values);
        self.0.execute(statement, values).await
    }

    async fn query(&self, statement: &Statement, values: Vec<Value>) -> Result<Vec<Row>, DatabaseError> {
        self.record(statement, &values);
        self.0.query(statement, values).await
    }
}

async fn plans(place: &Place) -> Vec<(String, String)> {
    place.run("CREATE TABLE users (id BIGINT NOT NULL PRIMARY KEY)");
    let schema = Schema::default();
    place.run(&schema.up_script(place.dialect()));
    type Joined = fn(&str, &str) -> String;
    let (numbers, bytes, text, analyze): (_, _, Joined, _) = match place.dialect() {
        Dialect::Postgres => (
            "generate_series(0, 99999) AS n(i)",
            r"'\x00'",
            |prefix: &str, number: &str| format!("'{prefix}' || ({number})"),
            "ANALYZE iampass_sessions",
        ),
        _ => (
            "(SELECT seq AS i FROM seq_0_to_99999) AS n",
            "X'00'",
            |prefix: &str, number: &str| format!("CONCAT('{prefix}', {number})"),
            "ANALYZE TABLE iampass_sessions",
        ),
    };
    let key = if place.dialect() == Dialect::Postgres { "\"key\"" } else { "`key`" };
    place.run(&format!(
        "INSERT INTO iampass_shared ({key}, version, value, expires_at) SELECT {}, i, {bytes}, i FROM {numbers}; \
         {}",
        text("k", "i"),
        analyze.replace("iampass_sessions", "iampass_shared"),
    ));
    // Logouts that another key has sealed are claimed by nodes that have that key.
    let (sealing, _) = SealingKey::generate().unwrap();
    place.run(&format!(
        "INSERT INTO iampass_sessions \
         (token, user_token, sealed_session, key_id, started_at, expires_at, logout_due) \
         SELECT {}, {}, {bytes}, '{}', i, i + 3600, CASE WHEN i % 100 = 0 THEN i END FROM {numbers}; {analyze}",
        text("s", "i"),
        text("u", "i % 10000"),
        sealing.id(),
    ));
    let asked = Arc::new(Mutex::new(Vec::new()));
    let sea_orm = SeaOrmDatabase::new(sea_orm::Database::connect(place.url()).await.unwrap());
    let server = Server::parse("https://login.example").unwrap();
    let store = SessionTable::new(Recording(sea_orm, asked.clone()), &schema, KeyRing::new(sealing), server);

    let _ = store.claim_logouts(UnixSeconds(500), Duration::from_secs(60), 3).await.unwrap();
    assert_eq!(store.purge_expired(UnixSeconds(3_700), 50).await.unwrap(), 50);
    store.sessions_of(&UserToken::new("u7").unwrap(), 5).await.unwrap();
    let (key, read) = (SharedKey::new("test", b"a"), SharedVersion::from_number(1));
    let entry = SharedEntry::new(read, b"value".to_vec(), UnixMillis(200_000));
    store.swap_shared(&key, None, &entry).await.unwrap();
    store.load_shared(&key).await.unwrap();
    store.swap_shared(&key, Some(read), &entry).await.unwrap();
    store.delete_shared(&key, read).await.unwrap();
    assert_eq!(store.purge_shared(UnixMillis(100), 50).await.unwrap(), 50);
    let asked = asked.lock().unwrap().clone();
    asked.into_iter().map(|sql| (place.run(&format!("EXPLAIN {sql}")), sql)).collect()
}

fn assert_indexed(plans: &[(String, String)], read_whole: impl Fn(&str) -> bool) {
    for index in [
        "iampass_sessions_due",
        "iampass_sessions_expiry",
        "iampass_sessions_user",
        "iampass_sessions_leased",
        "iampass_shared_expiry",
    ] {
        assert!(plans.iter().any(|(plan, _)| plan.contains(index)), "{index} is not used: {plans:#?}");
    }
    // MariaDB says of a plain INSERT that it reads all, though it reads nothing.
    for (plan, sql) in plans.iter().filter(|(_, sql)| !sql.starts_with("INSERT")) {
        assert!(!plan.lines().any(&read_whole), "{sql} reads the whole table:\n{plan}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_claims_purges_and_lists_by_an_index() {
    if let Some(place) = Place::postgres() {
        assert_indexed(&plans(&place).await, |line| line.contains("Seq Scan on iampass_s"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mariadb_claims_purges_and_lists_by_an_index() {
    if let Some(place) = Place::mariadb() {
        // The fourth column is how the table is read: ALL is all of it.
        assert_indexed(&plans(&place).await, |line| line.split('\t').nth(3) == Some("ALL"));
    }
}
