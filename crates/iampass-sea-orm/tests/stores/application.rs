//! An application with a users table of its own, and our tables beside it. Belongs here: its users, and what the token suite does to
//! them. Does not belong here: sessions.

use std::sync::Arc;

use iampass_core::port::{BoxError, TokenStore, UserKey};
use iampass_sea_orm::{KeyType, Schema, SeaOrmTokenStore, TextKeys, UsersTable};
use iampass_testkit::store_suite::{HookOutcome, KeyKind, StoreUnderTest};
use sea_orm::Value;

use crate::place::{Kind, Place, unique};

/// The type of the users table's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keys {
    I32,
    I64,
    Uuid,
    Text,
}

impl Keys {
    fn key_type(self, kind: Kind) -> KeyType {
        match (self, kind) {
            (Self::I32, _) => KeyType::I32,
            (Self::I64, _) => KeyType::I64,
            (Self::Uuid, _) => KeyType::Uuid,
            (Self::Text, Kind::Mariadb) => {
                KeyType::Text(TextKeys::new(255).with_collation("utf8mb4_nopad_bin").unwrap())
            }
            (Self::Text, _) => KeyType::Text(TextKeys::new(255)),
        }
    }

    fn column(self, kind: Kind) -> &'static str {
        match (self, kind) {
            (Self::I32 | Self::I64, Kind::Sqlite) => "INTEGER",
            (Self::I32, _) => "INT",
            (Self::I64, _) => "BIGINT",
            (Self::Uuid, Kind::Sqlite) => "BLOB",
            (Self::Uuid, Kind::Postgres) => "UUID",
            (Self::Uuid, Kind::Mariadb) => "BINARY(16)",
            (Self::Text, Kind::Mariadb) => "VARCHAR(255) COLLATE utf8mb4_nopad_bin",
            (Self::Text, _) => "TEXT",
        }
    }
}

pub(crate) struct Application {
    pub(crate) place: Arc<Place>,
    pub(crate) schema: Schema,
    users: String,
    keys: Keys,
}

impl Application {
    /// New tables, all of them empty, in that database.
    pub(crate) async fn new(place: &Arc<Place>, keys: Keys) -> Self {
        let application = Self::without_tables(place, keys).await;
        place.node(0).migrate(&application.schema).await.unwrap();
        application
    }

    /// The users table alone.
    pub(crate) async fn without_tables(place: &Arc<Place>, keys: Keys) -> Self {
        let number = unique();
        let users = format!("users_{number}");
        place
            .sql(&format!("CREATE TABLE {users} (id {} NOT NULL PRIMARY KEY)", keys.column(place.kind)))
            .await;
        let table = UsersTable::new(&users, "id", keys.key_type(place.kind)).unwrap();
        let names = [format!("tokens_{number}"), format!("sessions_{number}")];
        let schema = Schema::new(table).with_names(&names[0], &names[1]).unwrap();
        Self { place: place.clone(), schema, users, keys }
    }

    pub(crate) fn users(&self) -> &str {
        &self.users
    }

    pub(crate) fn tokens(&self, node: usize) -> SeaOrmTokenStore {
        self.place.node(node).token_store(&self.schema)
    }

    pub(crate) async fn add_user(&self, user: &UserKey) {
        let text = format!("INSERT INTO {} (id) VALUES ({})", self.users, self.key_place());
        self.place.execute(&text, vec![self.key(user)]).await;
    }

    pub(crate) async fn delete_user(&self, user: &UserKey) {
        let text = format!("DELETE FROM {} WHERE id = {}", self.users, self.key_place());
        assert_eq!(self.place.execute(&text, vec![self.key(user)]).await.rows_affected(), 1);
    }

    fn key_place(&self) -> &'static str {
        match (self.keys, self.place.kind) {
            (Keys::Uuid, Kind::Postgres) => "CAST(? AS UUID)",
            _ => "?",
        }
    }

    fn key(&self, user: &UserKey) -> Value {
        let text = user.as_str();
        match (self.keys, self.place.kind) {
            (Keys::I32 | Keys::I64, _) => text.parse::<i64>().unwrap().into(),
            (Keys::Uuid, Kind::Sqlite | Kind::Mariadb) => {
                u128::from_str_radix(&text.replace('-', ""), 16).unwrap().to_be_bytes().to_vec().into()
            }
            (Keys::Uuid | Keys::Text, _) => text.into(),
        }
    }
}

#[async_trait::async_trait]
impl StoreUnderTest<dyn TokenStore> for Application {
    fn node(&self, number: usize) -> Arc<dyn TokenStore> {
        Arc::new(self.tokens(number))
    }

    fn user_key(&self, number: u32) -> UserKey {
        match self.keys {
            Keys::Uuid => UserKey::new(format!("0a1b2c3d-0000-4000-8000-{number:012x}")),
            Keys::I32 | Keys::I64 | Keys::Text => UserKey::from(number),
        }
    }

    fn key_kind(&self) -> KeyKind {
        match self.keys {
            Keys::Text => KeyKind::Text { longest: 255 },
            Keys::I32 | Keys::I64 | Keys::Uuid => KeyKind::Other,
        }
    }

    async fn add_user(&self, user: &UserKey) -> Result<(), BoxError> {
        self.add_user(user).await;
        Ok(())
    }

    async fn delete_user(&self, user: &UserKey) -> Result<HookOutcome, BoxError> {
        self.delete_user(user).await;
        Ok(HookOutcome::Done)
    }
}
