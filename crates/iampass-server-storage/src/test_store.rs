//! A store and short ways to fill it, for tests of operations.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::any::Any;
use std::sync::Arc;

use iampass_core::{ApplicationId, Secret, SessionToken, UserToken};
use iampass_server_domain::rules::{Approval, Role};

#[cfg(test)]
use super::Sharing;
use super::{
    AccountKey, Actor, ApplicationKey, Database, MasterKey, MasterKeySource, MasterKeys, MemberChange, Noted,
    Registration, StorageConfig, StorageLocation, UserKey, UsersFrom, Value,
};

/// A store, and short ways to fill it.
pub struct Store {
    /// The store.
    pub database: Arc<Database>,
    /// Whether it is on PostgreSQL.
    pub is_postgres: bool,
    _server: Option<Box<dyn Any + Send + Sync>>,
}

/// Does the test on each database that there is.
#[cfg(test)]
pub(crate) async fn on_both(test: impl AsyncFn(&Store)) {
    let database =
        Database::open(&StorageConfig::new(StorageLocation::Temporary), Sharing::Alone).await.unwrap();
    test(&Store::over_file(database)).await;
    let Some((server, database)) = open_postgres().await else { return };
    test(&Store::over_postgres(database, server)).await;
}

/// Returns when this is so.
#[cfg(test)]
pub(crate) async fn until(is_so: impl Fn() -> bool) {
    let began = std::time::Instant::now();
    while !is_so() {
        assert!(began.elapsed() < std::time::Duration::from_secs(60), "it does not come to that");
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
}

/// A database of its own on PostgreSQL, and a node on it. None where there is no PostgreSQL, which has been said.
#[cfg(test)]
pub(crate) async fn open_postgres() -> Option<(iampass_test_databases::Database, Database)> {
    let server = iampass_test_databases::postgres()?.database();
    let database = Database::open(&over_server(server.url()), Sharing::Alone).await.unwrap();
    Some((server, database))
}

/// How a database on PostgreSQL is opened.
pub fn over_server(url: &str) -> StorageConfig {
    let mut config = StorageConfig::new(StorageLocation::Postgres(url.parse().unwrap()));
    config.master_key = MasterKeySource::Keys(MasterKeys::new(MasterKey::from_bytes([3; 32])));
    config
}

impl Store {
    /// A store in a file.
    pub fn over_file(database: Database) -> Self {
        Self { database: Arc::new(database), is_postgres: false, _server: None }
    }

    /// A store on PostgreSQL, whose server is kept for as long as the store.
    pub fn over_postgres(database: Database, server: impl Any + Send + Sync) -> Self {
        Self { database: Arc::new(database), is_postgres: true, _server: Some(Box::new(server)) }
    }

    /// An application of this id.
    pub async fn application(&self, id: &str) -> ApplicationKey {
        let named = ApplicationId::new(id).unwrap();
        assert!(
            self.database
                .add_application(&named, &Secret::new("s"), "Shop", Approval::Tap, None)
                .await
                .unwrap()
        );
        self.database.application(id).await.unwrap().unwrap().key
    }

    /// An account that owns the application.
    pub async fn owner(&self, application: ApplicationKey) -> AccountKey {
        let name = format!("owner-{}", application.0);
        let (Registration::Done(account) | Registration::Taken(account)) =
            self.database.register_account(name.clone()).await.unwrap();
        self.database.account_arrived(account.key).await.unwrap();
        let noted = Noted { application: None, ..noted("member.added") };
        self.database.add_member(application, name, Role::Owner, Actor::Command, noted).await.unwrap();
        account.key
    }

    /// An account that has signed in before.
    pub async fn account(&self, name: &str, is_administrator: bool) -> AccountKey {
        let Registration::Done(account) = self.database.register_account(name.to_owned()).await.unwrap()
        else {
            panic!("{name} is there")
        };
        self.database.account_arrived(account.key).await.unwrap();
        let sql =
            format!("UPDATE accounts SET administrator = {} WHERE key = ?1", i64::from(is_administrator));
        self.run(sql, vec![account.key.0]).await;
        account.key
    }

    /// Lets an account belong to an application.
    pub async fn member(&self, application: ApplicationKey, name: &str, role: Role) {
        let added = self.database.add_member(
            application,
            name.to_owned(),
            role,
            Actor::Command,
            noted("member.added"),
        );
        assert_eq!(added.await.unwrap(), MemberChange::Done);
    }

    /// An account that is signed in to the Console now, if there is such an account.
    pub async fn signed_in(&self, account: AccountKey) -> Actor {
        let console = self.console().await;
        let (user, token) = (format!("user-of-{}", account.0), format!("session-of-{}", account.0));
        let secret = if self.is_postgres { "'\\x00'" } else { "x'00'" };
        let ids = vec![UserToken::new(user.clone()).unwrap()];
        self.database.add_users_noted(console, ids, Actor::Command, noted("users.added")).await.unwrap();
        let sql = format!(
            "INSERT INTO console_tokens (user_id, token) SELECT key, '{user}' FROM accounts WHERE key = ?1
             ON CONFLICT DO NOTHING"
        );
        self.run(sql, vec![account.0]).await;
        let sql = format!(
            "INSERT INTO sessions (token, secret, request_id, request_secret, application_key, user_key, methods, duration_seconds,
                                   state, asked_at, due_at, activated_at)
             SELECT '{token}', {secret}, '{token}', {secret}, application_key, key, '', 3600, 'active', 1, 9000000000, 1
             FROM users WHERE id = '{user}' AND application_key = ?1 ON CONFLICT DO NOTHING"
        );
        self.run(sql, vec![console.0]).await;
        Actor::SignedIn { account, session: SessionToken::new(token).unwrap() }
    }

    /// The application of the Console's own login.
    pub async fn console(&self) -> ApplicationKey {
        let id = ApplicationId::new("console").unwrap();
        self.database.own_application(id, Secret::new("s"), "Console").await.unwrap().key
    }

    /// Adds users.
    pub async fn add(&self, application: ApplicationKey, ids: &[&str]) {
        let users = ids.iter().map(|id| UserToken::new(*id).unwrap()).collect();
        self.database
            .add_users_noted(application, users, Actor::Command, noted("users.added"))
            .await
            .unwrap();
    }

    /// Two users from a place on, and whether there are more before and behind.
    pub async fn page(
        &self,
        application: ApplicationKey,
        prefix: &str,
        from: UsersFrom,
    ) -> (Vec<String>, bool, bool) {
        let page = self.database.users_of(application, prefix, from, 2).await.unwrap();
        (page.users.into_iter().map(|user| user.id).collect(), page.has_earlier, page.has_later)
    }

    /// The row of a user.
    pub async fn user(&self, application: ApplicationKey, id: &str) -> UserKey {
        self.database.users_of(application, id, UsersFrom::Start, 1).await.unwrap().users[0].key
    }

    /// Runs a statement.
    pub async fn run(&self, sql: String, values: Vec<i64>) {
        let sql: &'static str = sql.leak();
        self.database
            .write(move |tx| {
                Box::pin(async move {
                    let values: Vec<Value<'_>> = values.iter().map(|&value| value.into()).collect();
                    tx.execute(sql, &values).await.map(drop)
                })
            })
            .await
            .unwrap();
    }

    /// How many rows a table has; it may be followed by a condition.
    pub async fn count(&self, table: &str) -> i64 {
        let sql: &'static str = format!("SELECT count(*) FROM {table}").leak();
        let counted = self.database.read(move |tx| {
            Box::pin(async move { tx.query_one(sql, &[]).await?.map_or(Ok(0), |row| row.integer(0)) })
        });
        counted.await.unwrap()
    }

    /// Sessions `from` to `to` of one user, or each of another one, a second apart.
    pub async fn sessions(&self, application: ApplicationKey, user: Option<UserKey>, from: i64, to: i64) {
        let (secret, user) = (
            if self.is_postgres { "'\\x00'" } else { "x'00'" },
            user.map_or("(SELECT min(key) FROM users) + i".to_owned(), |user| user.0.to_string()),
        );
        let sql = format!(
            "WITH RECURSIVE n(i) AS (SELECT CAST(?2 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < ?3)
             INSERT INTO sessions (token, secret, request_id, request_secret, application_key, user_key, methods, duration_seconds,
                                   state, asked_at, due_at, activated_at)
             SELECT 't' || i, {secret}, 'r' || i, {secret}, CAST(?1 AS BIGINT), {user}, '', 3600, 'active', i, 9000000000, i FROM n"
        );
        self.run(sql, vec![application.0, from, to]).await;
    }

    /// How a statement is executed.
    #[cfg(test)]
    pub(crate) async fn plan(&self, sql: &str, values: Vec<Value<'static>>) -> String {
        let (explain, column) = if self.is_postgres { ("EXPLAIN", 0) } else { ("EXPLAIN QUERY PLAN", 3) };
        let sql: &'static str = format!("{explain} {sql}").leak();
        let lines = self.database.read(move |tx| {
            Box::pin(async move {
                let rows = tx.query(sql, &values).await?;
                rows.iter().map(|row| Ok(format!("{}\n", row.text(column)?))).collect::<Result<String, _>>()
            })
        });
        lines.await.unwrap()
    }
}

/// An entry of the audit log.
pub fn noted(action: &'static str) -> Noted {
    Noted { actor: "ann".to_owned(), application: Some("APP".to_owned()), action, subject: None }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}
