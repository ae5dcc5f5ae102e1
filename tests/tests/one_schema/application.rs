//! An application that uses both crates at once, which nobody would.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use diesel_async::AsyncMysqlConnection;
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::AsyncDieselConnectionManager;
use diesel_async::pooled_connection::deadpool::Pool;
use iampass_core::port::{
    ClaimOutcome, SessionRecord, SessionStore, SharedEntry, SharedKey, SharedVersion, TokenStore, UserKey,
};
use iampass_core::{Secret, Server, Session, SessionToken, UnixMillis, UnixSeconds, UserToken};
use iampass_diesel::{DieselDatabase, sqlite_setup};
use iampass_sea_orm::SeaOrmDatabase;
use iampass_sql::{Dialect, KeyRing, KeyType, Schema, SealingKey, UsersTable};

use crate::databases::Place;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Made {
    Diesel,
    SeaOrm,
    PlainSql,
}

/// Diesel's types differ from database to database.
enum Diesel {
    Sqlite(
        DieselDatabase<
            diesel_async::sync_connection_wrapper::SyncConnectionWrapper<diesel::SqliteConnection>,
        >,
    ),
    Postgres(DieselDatabase<AsyncPgConnection>),
    MySql(DieselDatabase<AsyncMysqlConnection>),
}

macro_rules! with {
    ($diesel:expr, $database:ident => $what:expr) => {
        match $diesel {
            Diesel::Sqlite($database) => $what,
            Diesel::Postgres($database) => $what,
            Diesel::MySql($database) => $what,
        }
    };
}

pub(crate) struct Application {
    diesel: Diesel,
    sea_orm: SeaOrmDatabase,
    schema: Schema,
    prefix: String,
    tokens: [Arc<dyn TokenStore>; 2],
    sessions: [Arc<dyn SessionStore>; 2],
}

const SERVER: &str = "https://login.example";

impl Application {
    pub(crate) async fn start(place: &Place, made: Made) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let prefix = format!("made{}", COUNT.fetch_add(1, Ordering::SeqCst));
        let schema = Schema::new(UsersTable::new(&format!("{prefix}_people"), "id", KeyType::I64).unwrap())
            .with_names(&format!("{prefix}_tokens"), &format!("{prefix}_sessions"))
            .unwrap();
        place.run(&format!(
            "CREATE TABLE {prefix}_people (id BIGINT NOT NULL PRIMARY KEY); \
             INSERT INTO {prefix}_people VALUES (1), (2), (3)"
        ));
        let at = place.path_or_url();
        let diesel = match place.dialect() {
            Dialect::Postgres => {
                let manager = AsyncDieselConnectionManager::new(at);
                Diesel::Postgres(DieselDatabase::new(Pool::builder(manager).build().unwrap()))
            }
            Dialect::MySql => {
                let manager = AsyncDieselConnectionManager::new(at);
                Diesel::MySql(DieselDatabase::new(Pool::builder(manager).build().unwrap()))
            }
            _ => {
                let manager = AsyncDieselConnectionManager::new_with_config(at, sqlite_setup());
                Diesel::Sqlite(DieselDatabase::new(Pool::builder(manager).build().unwrap()))
            }
        };
        let sea_orm = SeaOrmDatabase::new(sea_orm::Database::connect(place.url()).await.unwrap());
        match made {
            Made::Diesel => {
                with!(&diesel, database => database.migrate(&schema).await.map(drop)).unwrap();
            }
            Made::SeaOrm => sea_orm.migrate(&schema).await.unwrap(),
            Made::PlainSql => drop(place.run(&schema.up_script(place.dialect()))),
        }
        let ring = KeyRing::new(SealingKey::generate().unwrap().0);
        let server = Server::parse(SERVER).unwrap();
        let tokens: [Arc<dyn TokenStore>; 2] = [
            with!(&diesel, database => Arc::new(database.token_store(&schema))),
            Arc::new(sea_orm.token_store(&schema)),
        ];
        let sessions: [Arc<dyn SessionStore>; 2] = [
            with!(&diesel, database => Arc::new(database.session_store(&schema, ring.clone(), server.clone()))),
            Arc::new(sea_orm.session_store(&schema, ring, server)),
        ];
        Self { diesel, sea_orm, schema, prefix, tokens, sessions }
    }

    /// How the names of its tables begin.
    pub(crate) fn tables(&self) -> &str {
        &self.prefix
    }

    pub(crate) async fn migrate_by_all(&self) {
        with!(&self.diesel, database => database.migrate(&self.schema).await.map(drop)).unwrap();
        self.sea_orm.migrate(&self.schema).await.unwrap();
    }

    pub(crate) async fn tokens_go_both_ways(&self) {
        for (number, [one, other]) in [[0, 1], [1, 0]].into_iter().enumerate() {
            let user = UserKey::from(u32::try_from(number + 1).unwrap());
            let token = UserToken::new(format!("tökén {number} ")).unwrap();
            let (one, other) = (&self.tokens[one], &self.tokens[other]);
            assert_eq!(one.assign(&user, &token).await.unwrap(), token);
            assert_eq!(other.token_for(&user).await.unwrap().as_ref(), Some(&token));
            assert_eq!(other.user_for(&token).await.unwrap().as_ref(), Some(&user));
            other.remove(&user).await.unwrap();
            assert_eq!(one.token_for(&user).await.unwrap(), None);
        }
    }

    pub(crate) async fn sessions_go_both_ways(&self) {
        for [one, other] in [[0, 1], [1, 0]] {
            let (one, other) = (&self.sessions[one], &self.sessions[other]);
            let stored = record("sessiön ");
            one.create(&stored.clone().with_logout_due(UnixSeconds(1_500))).await.unwrap();
            let token = stored.session.token();
            let loaded = other.load(token).await.unwrap().unwrap();
            assert_eq!(loaded.session.secret().expose(), "secret of sessiön ");
            assert_eq!(loaded.session.status_url().as_str(), stored.session.status_url().as_str());
            assert_eq!((loaded.started_at, loaded.expires_at), (stored.started_at, stored.expires_at));
            assert_eq!(loaded.logout_due, Some(UnixSeconds(1_500)));
            assert_eq!(other.claim_session(token).await.unwrap(), ClaimOutcome::Claimed);
            assert_eq!(one.claim_session(token).await.unwrap(), ClaimOutcome::AlreadyClaimed);
            assert_eq!(one.sessions_of(&stored.user, 10).await.unwrap().len(), 1);
            other.delete(token).await.unwrap();
            assert!(one.load(token).await.unwrap().is_none());
        }
    }

    pub(crate) async fn shared_entries_go_both_ways(&self) {
        let version = SharedVersion::from_number;
        let entry = |number| {
            SharedEntry::new(version(number), (0..=u8::MAX).collect(), UnixMillis(1_800_000_000_123))
        };
        for [one, other] in [[0, 1], [1, 0]] {
            let (one, other) = (&self.sessions[one], &self.sessions[other]);
            let key = SharedKey::new("test", b"anna");
            assert!(one.swap_shared(&key, None, &entry(i64::MAX)).await.unwrap());
            assert!(!other.swap_shared(&key, None, &entry(2)).await.unwrap());
            assert_eq!(other.load_shared(&key).await.unwrap(), Some(entry(i64::MAX)));
            assert!(other.swap_shared(&key, Some(version(i64::MAX)), &entry(2)).await.unwrap());
            assert_eq!(one.load_shared(&key).await.unwrap(), Some(entry(2)));
            assert!(!one.delete_shared(&key, version(i64::MAX)).await.unwrap());
            assert_eq!(other.purge_shared(UnixMillis(1_800_000_000_123), 10).await.unwrap(), 0);
            assert!(one.delete_shared(&key, version(2)).await.unwrap());
            assert_eq!(other.load_shared(&key).await.unwrap(), None);
        }
    }

    pub(crate) async fn logouts_are_claimed_by_one_of_both(&self) {
        let (one, other) = (&self.sessions[0], &self.sessions[1]);
        let stored = record("due").with_logout_due(UnixSeconds(1_500));
        one.create(&stored).await.unwrap();
        let claim = |store: &Arc<dyn SessionStore>, now| {
            let store = store.clone();
            async move { store.claim_logouts(UnixSeconds(now), Duration::from_secs(60), 10).await.unwrap().jobs }
        };
        let claimed = claim(other, 1_500).await;
        assert_eq!(claimed.len(), 1);
        assert!(claim(one, 1_559).await.is_empty());
        let taken_over = claim(one, 1_560).await;
        assert_eq!(taken_over[0].claim.number, claimed[0].claim.number + 1);
        assert_eq!(other.purge_expired(UnixSeconds(2_001), 10).await.unwrap(), 1);
    }
}

fn record(name: &str) -> SessionRecord {
    let server = Server::parse(SERVER).unwrap();
    let (status, logout) = (format!("{SERVER}/a?b=c"), format!("{SERVER}/d"));
    let secret = Secret::new(format!("secret of {name}"));
    let session = Session::new(
        SessionToken::new(name.replace(['ö', ' '], "_")).unwrap(),
        secret,
        &status,
        &logout,
        &server,
    );
    SessionRecord::new(
        session.unwrap(),
        UserToken::new("üser").unwrap(),
        UnixSeconds(1_000),
        UnixSeconds(2_000),
    )
}
