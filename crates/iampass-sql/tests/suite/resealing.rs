//! A change of keys while a login without a name gets its user.

use async_trait::async_trait;
use iampass_core::port::SessionStore as _;
use iampass_core::{Server, UnixSeconds, UserToken};
use iampass_sql::database::{Row, Statement, Value};
use iampass_sql::{Database, DatabaseError, Dialect, KeyRing, Schema, SessionTable};

use crate::rusqlite_database::Rusqlite;
use crate::sealing::{SERVER, database, key, record, store, token};

/// Another node gives session `a` its user just before a new seal is written.
#[derive(Clone)]
struct BesideANode(Rusqlite, KeyRing);

#[async_trait]
impl Database for BesideANode {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    async fn execute(&self, statement: &Statement, values: Vec<Value>) -> Result<u64, DatabaseError> {
        if statement.text().contains("SET sealed_session") {
            let (before, user) = (UserToken::new("nobody-yet").unwrap(), UserToken::new("u").unwrap());
            assert!(store(&self.0, &self.1).set_user(&token("a"), &before, &user).await.unwrap());
        }
        self.0.execute(statement, values).await
    }

    async fn query(&self, statement: &Statement, values: Vec<Value>) -> Result<Vec<Row>, DatabaseError> {
        self.0.query(statement, values).await
    }
}

/// The seal is bound to the user: the one of before would open no more, and the session would be lost.
#[tokio::test]
async fn a_session_that_gets_its_user_meanwhile_is_not_lost() {
    let (database, old, new) = (database(), key(), key());
    let of_the_node = KeyRing::new(old.clone());
    store(&database, &of_the_node)
        .create(&record("a", "nobody-yet").with_logout_due(UnixSeconds(1_300)))
        .await
        .unwrap();
    let ring = KeyRing::new(new.clone()).with_old(old);
    let beside = BesideANode(database.clone(), of_the_node);
    let resealing =
        SessionTable::new(beside, &Schema::default(), ring.clone(), Server::parse(SERVER).unwrap());
    assert_eq!(resealing.reseal().await.unwrap().sessions, 1);
    let found = store(&database, &KeyRing::new(new)).load(&token("a")).await.unwrap().unwrap();
    assert_eq!(found.user.as_str(), "u");
}
