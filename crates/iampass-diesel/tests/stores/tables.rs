//! Tables of a test: a users table with keys of some type, and ours beside it. Belongs here: making them, and rows by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use iampass_core::port::{BoxError, SessionStore, SharedState, TokenStore, UserKey};
use iampass_core::{Server, SessionToken};
use iampass_diesel::{Dialect, DieselConnection, KeyRing, KeyType, Schema, SealingKey, TextKeys, UsersTable};
use iampass_testkit::store_suite::{HookOutcome, KeyKind, SUITE_SERVER, StoreUnderTest};

use crate::nodes::Nodes;

/// The types of keys that are tested.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Keys {
    I32,
    I64,
    Uuid,
    Text,
}

impl Keys {
    fn key_type(self) -> KeyType {
        match self {
            Self::I32 => KeyType::I32,
            Self::I64 => KeyType::I64,
            Self::Uuid => KeyType::Uuid,
            Self::Text => KeyType::Text(TextKeys::new(255).with_collation("utf8mb4_nopad_bin").unwrap()),
        }
    }

    fn column(self, dialect: Dialect) -> &'static str {
        match (self, dialect) {
            (Self::I32, _) => "INT",
            (Self::I64, _) => "BIGINT",
            (Self::Uuid, Dialect::Postgres) => "UUID",
            (Self::Uuid, Dialect::MySql) => "BINARY(16)",
            (Self::Uuid, _) => "BLOB",
            (Self::Text, Dialect::MySql) => "VARCHAR(255) COLLATE utf8mb4_nopad_bin",
            (Self::Text, _) => "TEXT",
        }
    }

    fn literal(self, dialect: Dialect, key: &str) -> String {
        match (self, dialect) {
            (Self::I32 | Self::I64, _) => key.to_owned(),
            (Self::Uuid, Dialect::Postgres) => format!("'{key}'"),
            (Self::Uuid, _) => format!("X'{}'", key.replace('-', "")),
            (Self::Text, _) => text_literal(dialect, key),
        }
    }
}

/// In hexadecimal digits, so that no character needs an escape.
pub(crate) fn text_literal(dialect: Dialect, text: &str) -> String {
    let digits: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    match dialect {
        Dialect::Postgres => format!("convert_from(decode('{digits}', 'hex'), 'UTF8')"),
        Dialect::MySql => format!("CONVERT(X'{digits}' USING utf8mb4)"),
        _ => format!("CAST(X'{digits}' AS TEXT)"),
    }
}

/// An empty users table and ours beside it, under names that no other has.
pub(crate) struct Tables<C: DieselConnection> {
    pub(crate) nodes: Nodes<C>,
    pub(crate) keys: Keys,
    pub(crate) users: String,
    pub(crate) sessions: String,
    pub(crate) schema: Schema,
    ring: KeyRing,
}

impl<C: DieselConnection> Tables<C> {
    /// Makes the users table only.
    pub(crate) async fn users_only(nodes: &Nodes<C>, keys: Keys) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let [users, tokens, sessions] =
            ["users", "tokens", "sessions"].map(|name| format!("{name}_{number}"));
        let key_type = keys.key_type();
        let schema = Schema::new(UsersTable::new(&users, "id", key_type).unwrap());
        let schema = schema.with_names(&tokens, &sessions).unwrap();
        let column = keys.column(nodes.dialect);
        nodes.sql(&format!("CREATE TABLE {users} (id {column} PRIMARY KEY)")).await;
        let ring = KeyRing::new(SealingKey::generate().unwrap().0);
        Self { nodes: nodes.clone(), keys, users, sessions, schema, ring }
    }

    pub(crate) async fn new(nodes: &Nodes<C>, keys: Keys) -> Self {
        let tables = Self::users_only(nodes, keys).await;
        nodes.databases[0].migrate(&tables.schema).await.unwrap();
        tables
    }

    pub(crate) fn tokens(&self, node: usize) -> Arc<dyn TokenStore> {
        Arc::new(self.nodes.databases[node].token_store(&self.schema))
    }

    pub(crate) fn sessions(&self, node: usize) -> Arc<dyn SessionStore> {
        let server = Server::parse(SUITE_SERVER).unwrap();
        Arc::new(self.nodes.databases[node].session_store(&self.schema, self.ring.clone(), server))
    }

    pub(crate) async fn add_user(&self, user: &str) -> Result<(), BoxError> {
        let key = self.keys.literal(self.nodes.dialect, user);
        (self.nodes.sql)(format!("INSERT INTO {} VALUES ({key})", self.users)).await
    }
}

#[async_trait]
impl<C: DieselConnection> StoreUnderTest<dyn TokenStore> for Tables<C> {
    fn node(&self, number: usize) -> Arc<dyn TokenStore> {
        self.tokens(number)
    }

    fn user_key(&self, number: u32) -> UserKey {
        match self.keys {
            Keys::Uuid => UserKey::new(format!("00112233-4455-6677-8899-aabb{number:08x}")),
            _ => UserKey::from(number),
        }
    }

    fn key_kind(&self) -> KeyKind {
        match self.keys {
            Keys::Text => KeyKind::Text { longest: 255 },
            _ => KeyKind::Other,
        }
    }

    async fn add_user(&self, user: &UserKey) -> Result<(), BoxError> {
        Tables::add_user(self, user.as_str()).await
    }

    async fn delete_user(&self, user: &UserKey) -> Result<HookOutcome, BoxError> {
        let key = self.keys.literal(self.nodes.dialect, user.as_str());
        (self.nodes.sql)(format!("DELETE FROM {} WHERE id = {key}", self.users)).await?;
        Ok(HookOutcome::Done)
    }
}

#[async_trait]
impl<C: DieselConnection> StoreUnderTest<dyn SharedState> for Tables<C> {
    fn node(&self, number: usize) -> Arc<dyn SharedState> {
        self.sessions(number)
    }
}

#[async_trait]
impl<C: DieselConnection> StoreUnderTest<dyn SessionStore> for Tables<C> {
    fn node(&self, number: usize) -> Arc<dyn SessionStore> {
        self.sessions(number)
    }

    async fn damage_session(&self, session: &SessionToken) -> Result<HookOutcome, BoxError> {
        let token = text_literal(self.nodes.dialect, session.as_str());
        let bytes = match self.nodes.dialect {
            Dialect::Postgres => r"'\x00'",
            _ => "X'00'",
        };
        let script = format!("UPDATE {} SET sealed_session = {bytes} WHERE token = {token}", self.sessions);
        (self.nodes.sql)(script).await?;
        Ok(HookOutcome::Done)
    }
}
