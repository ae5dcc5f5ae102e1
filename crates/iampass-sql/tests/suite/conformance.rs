//! The conformance suites, with every type of user key.

use std::sync::Arc;

use async_trait::async_trait;
use iampass_core::port::{BoxError, SessionStore, SharedKey, TokenStore, UserKey};
use iampass_core::{Server, SessionToken};
use iampass_sql::{KeyRing, KeyType, Schema, SealingKey, SessionTable, TextKeys, TokenTable, UsersTable};
use iampass_testkit::store_suite::{
    HookOutcome, KeyKind, SUITE_SERVER, StoreUnderTest, session_store_suite, token_store_suite,
};
use rusqlite::ToSql;

use crate::rusqlite_database::Rusqlite;

/// A token table beside a users table with keys of one type.
struct Tables {
    database: Rusqlite,
    schema: Schema,
    key_type: KeyType,
}

impl Tables {
    /// `column` is the users table's key column; what it compares equal must not matter.
    fn new(column: &str, key_type: KeyType) -> Self {
        let schema = Schema::new(UsersTable::new("people", "key", key_type.clone()).unwrap());
        let database =
            Rusqlite::migrated(&format!("CREATE TABLE people (key {column} PRIMARY KEY)"), &schema);
        Self { database, schema, key_type }
    }

    fn run_with(&self, sql: &str, user: &UserKey) -> Result<(), BoxError> {
        let text = user.as_str();
        let key: Box<dyn ToSql> = match &self.key_type {
            KeyType::Text(_) => Box::new(text.to_owned()),
            KeyType::Uuid => Box::new(u128::from_str_radix(&text.replace('-', ""), 16)?.to_be_bytes()),
            _ => Box::new(text.parse::<i64>()?),
        };
        self.database.connection().execute(sql, [key])?;
        Ok(())
    }
}

#[async_trait]
impl StoreUnderTest<dyn TokenStore> for Tables {
    fn node(&self, _number: usize) -> Arc<dyn TokenStore> {
        Arc::new(TokenTable::new(self.database.clone(), &self.schema))
    }

    fn user_key(&self, number: u32) -> UserKey {
        match self.key_type {
            KeyType::Uuid => UserKey::new(format!("00000000-0000-4000-8000-{number:012x}")),
            _ => UserKey::from(number),
        }
    }

    fn key_kind(&self) -> KeyKind {
        match self.key_type {
            KeyType::Text(_) => KeyKind::Text { longest: 255 },
            _ => KeyKind::Other,
        }
    }

    async fn add_user(&self, user: &UserKey) -> Result<(), BoxError> {
        self.run_with("INSERT OR IGNORE INTO people (key) VALUES (?)", user)
    }

    async fn delete_user(&self, user: &UserKey) -> Result<HookOutcome, BoxError> {
        self.run_with("DELETE FROM people WHERE key = ?", user)?;
        Ok(HookOutcome::Done)
    }
}

#[tokio::test]
async fn token_table_with_numbers() {
    for key_type in [KeyType::I32, KeyType::I64, KeyType::U32, KeyType::U64] {
        let report = token_store_suite(|| async { Tables::new("INTEGER", key_type.clone()) }).await;
        report.assert_passed();
    }
}

#[tokio::test]
async fn token_table_with_uuids() {
    token_store_suite(|| async { Tables::new("BLOB", KeyType::Uuid) }).await.assert_passed();
}

#[tokio::test]
async fn token_table_with_texts() {
    let report = token_store_suite(|| async { Tables::new("TEXT", KeyType::Text(TextKeys::new(255))) }).await;
    assert!(report.skipped().is_empty());
    report.assert_passed();
}

/// The users table takes `Anna` and `anna` for one person. The token table must not give that person two tokens.
#[tokio::test]
async fn a_user_whose_key_has_other_spellings_has_one_token() {
    let tables = Tables::new("TEXT COLLATE NOCASE", KeyType::Text(TextKeys::new(255)));
    let store = tables.node(0);
    let (stored, other) = (UserKey::new("Anna"), UserKey::new("anna"));
    tables.add_user(&stored).await.unwrap();
    let token = |text: &str| iampass_core::UserToken::new(text).unwrap();
    let refused = store.assign(&other, &token("t")).await.unwrap_err();
    assert_eq!(refused.kind(), iampass_core::port::StoreErrorKind::UnknownUser);
    assert_eq!(store.user_for(&token("t")).await.unwrap(), None);
    assert_eq!(store.assign(&stored, &token("t")).await.unwrap(), token("t"));
    assert_eq!(store.token_for(&other).await.unwrap(), None);
}

/// SQLite gives a deleted user's number to the next one. Foreign keys are off here, as they are unless a connection asks for them.
#[tokio::test]
async fn a_new_user_does_not_get_a_deleted_ones_token() {
    let tables = Tables::new("INTEGER", KeyType::I64);
    tables.database.run("PRAGMA foreign_keys = OFF; INSERT INTO people (key) VALUES (1)");
    let store = tables.node(0);
    let user = UserKey::from(1);
    store.assign(&user, &iampass_core::UserToken::new("t").unwrap()).await.unwrap();
    tables.database.run("DELETE FROM people; INSERT INTO people (key) VALUES (1)");
    assert_eq!(store.token_for(&user).await.unwrap(), None);
}

struct Sessions(Rusqlite, KeyRing);

#[async_trait]
impl StoreUnderTest<dyn SessionStore> for Sessions {
    fn node(&self, _number: usize) -> Arc<dyn SessionStore> {
        let server = Server::parse(SUITE_SERVER).unwrap();
        Arc::new(SessionTable::new(self.0.clone(), &Schema::default(), self.1.clone(), server))
    }

    async fn damage_session(&self, session: &SessionToken) -> Result<HookOutcome, BoxError> {
        self.0.connection().execute(
            "UPDATE iampass_sessions SET sealed_session = CAST(substr(sealed_session, 1, 40) || x'00' AS BLOB) \
             WHERE token = ?",
            [session.as_str()],
        )?;
        Ok(HookOutcome::Done)
    }
}

#[tokio::test]
async fn session_table() {
    let (key, _) = SealingKey::generate().unwrap();
    let ring = KeyRing::new(key);
    let fresh = || async {
        let users = "CREATE TABLE users (id INTEGER PRIMARY KEY)";
        Sessions(Rusqlite::migrated(users, &Schema::default()), ring.clone())
    };
    let report = session_store_suite(fresh).await;
    assert!(report.skipped().is_empty());
    report.assert_passed();
}

#[test]
fn the_tables_are_made_twice_and_taken_away_twice() {
    let schema = Schema::default();
    let database = Rusqlite::migrated("CREATE TABLE users (id INTEGER PRIMARY KEY)", &schema);
    for _ in 0..2 {
        database.up(&schema);
    }
    for _ in 0..2 {
        for statement in schema.down(iampass_sql::Dialect::Sqlite) {
            database.run(&statement);
        }
    }
    database.run("INSERT INTO users (id) VALUES (1); DELETE FROM users");
    database.up(&schema);
}

/// Plain SQL brings a database of the first version to this one.
#[tokio::test]
async fn tables_of_the_first_version_get_what_is_missing() {
    let (schema, dialect) = (Schema::default(), iampass_sql::Dialect::Sqlite);
    let database = Rusqlite::empty("CREATE TABLE users (id INTEGER PRIMARY KEY)");
    for statement in schema.up_to(iampass_sql::Version::Tables, dialect) {
        database.run(&statement);
    }
    let ring = KeyRing::new(SealingKey::generate().unwrap().0);
    let sessions = Sessions(database.clone(), ring);
    let store = sessions.node(0);
    let key = SharedKey::new("test", b"a");
    let missing = store.load_shared(&key).await.unwrap_err();
    assert_eq!(missing.kind(), iampass_core::port::StoreErrorKind::NotMigrated);
    database.up(&schema);
    assert_eq!(store.load_shared(&key).await.unwrap(), None);
    for statement in schema.down_from(iampass_sql::Version::SharedEntries, dialect) {
        database.run(&statement);
    }
    let token = SessionToken::new("a").unwrap();
    assert!(store.load(&token).await.unwrap().is_none(), "the other tables stay");
    store.load_shared(&key).await.unwrap_err();
}

/// A session whose logout was queued or requested by the version before, which had one way only, is ended all the same.
#[tokio::test]
async fn a_logout_that_the_version_before_has_queued_is_owed() {
    let sessions = Sessions(
        Rusqlite::migrated("CREATE TABLE users (id INTEGER PRIMARY KEY)", &Schema::default()),
        KeyRing::new(SealingKey::generate().unwrap().0),
    );
    sessions.0.run(
        "INSERT INTO iampass_sessions (token, user_token, sealed_session, key_id, started_at, expires_at, logout_due) \
         VALUES ('a', 'u', x'00', 'k', 1, 2000, 1000)",
    );
    let claimed = sessions
        .node(0)
        .claim_logouts(iampass_core::UnixSeconds(1_000), std::time::Duration::from_secs(30), 10)
        .await
        .unwrap();
    assert_eq!((claimed.jobs.len(), claimed.unreadable), (0, 1), "and one that cannot be read is counted");
}
