//! Three nodes over one database, by diesel and by sea-orm: one question at a time for one user, a place that any node frees, one budget, and
//! browsers that all nodes know.

use std::sync::Arc;
use std::time::Duration;

use diesel_async::pooled_connection::AsyncDieselConnectionManager;
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::{AsyncMysqlConnection, AsyncPgConnection};
use iampass_core::Server;
use iampass_diesel::{DieselDatabase, sqlite_setup};
use iampass_sea_orm::SeaOrmDatabase;
use iampass_sql::{Dialect, KeyRing, KeyType, Schema, SealingKey, UsersTable};
use iampass_test_databases::{mariadb, postgres};
use iampass_testkit::TestService;

use crate::axum_site::Axum;
use crate::browser::Browser;
use crate::setting::{SOON, Setting, Stores};

const ACCEPT: &str = "Accept the request on your phone";
const DISPLACED: &str = "its request was taken back";
const PEOPLE: &str =
    "CREATE TABLE people (id BIGINT NOT NULL PRIMARY KEY); INSERT INTO people VALUES (1), (2)";

/// A node by diesel, one by sea-orm, and one more by diesel, with a pool each.
async fn stores(dialect: Dialect, diesel_url: &str, sea_orm_url: &str, server: Server) -> Vec<Stores> {
    let schema = Schema::new(UsersTable::new("people", "id", KeyType::I64).unwrap());
    let ring = KeyRing::new(SealingKey::generate().unwrap().0);
    let mut nodes = Vec::new();
    macro_rules! by_diesel {
        ($manager:expr) => {{
            let database = DieselDatabase::new(Pool::builder($manager).build().unwrap());
            let _ = database.migrate(&schema).await.unwrap();
            nodes.push(Stores {
                tokens: Arc::new(database.token_store(&schema)),
                sessions: Arc::new(database.session_store(&schema, ring.clone(), server.clone())),
            });
        }};
    }
    for node in 0..3 {
        if node == 1 {
            let database = SeaOrmDatabase::new(sea_orm::Database::connect(sea_orm_url).await.unwrap());
            nodes.push(Stores {
                tokens: Arc::new(database.token_store(&schema)),
                sessions: Arc::new(database.session_store(&schema, ring.clone(), server.clone())),
            });
            continue;
        }
        match dialect {
            Dialect::Postgres => {
                by_diesel!(AsyncDieselConnectionManager::<AsyncPgConnection>::new(diesel_url));
            }
            Dialect::MySql => {
                by_diesel!(AsyncDieselConnectionManager::<AsyncMysqlConnection>::new(diesel_url));
            }
            _ => by_diesel!(AsyncDieselConnectionManager::new_with_config(diesel_url, sqlite_setup())),
        }
    }
    nodes
}

async fn until_asked(browser: &mut Browser, wait: &str) -> String {
    browser.reload_until(wait, |page| page.text.contains(ACCEPT)).await.text
}

async fn on(dialect: Dialect, diesel_url: &str, sea_orm_url: &str) {
    let service = TestService::start().await.unwrap();
    let server = service.client_builder().configured_server().unwrap();
    let stores = stores(dialect, diesel_url, sea_orm_url, server).await;
    let setting = Setting::over::<Axum>(service, &stores, |builder| builder.trusted_proxies(1)).await;
    let at = |browser: &Browser, node: usize| browser.at(&setting.browser_at(node));

    // One question at a time, whichever nodes are asked, and the session is good on all of them.
    let mut stranger = setting.browser_at(0);
    let strange = stranger.begin("ANNA").await;
    until_asked(&mut stranger, &strange).await;
    let mut owner = setting.browser_at(1);
    let wait = owner.begin("anna").await;
    let mut owner = at(&owner, 2);
    assert!(until_asked(&mut owner, &wait).await.contains(DISPLACED));
    let page = at(&stranger, 1).get(&strange).await;
    assert!(page.text.contains("Begun in another browser"), "{}", page.text);
    assert_eq!(setting.anna.pending().await.unwrap().len(), 1);
    setting.anna.accept_next(SOON).await.unwrap();
    let mut owner = at(&owner, 0);
    owner.complete(&wait).await;
    for node in 0..3 {
        assert!(at(&owner, node).is_in().await, "{node}");
        at(&stranger, node).get(&strange).await;
        assert!(!at(&stranger, node).is_in().await, "{node}");
    }

    // The place is free as soon as the phone has answered, for any node.
    let mut first = setting.browser_at(0);
    let denied = first.begin("anna").await;
    until_asked(&mut first, &denied).await;
    setting.anna.deny_next(SOON).await.unwrap();
    tokio::time::sleep(Duration::from_millis(700)).await;
    let mut second = setting.browser_at(2);
    let cancelled = second.begin("anna").await;
    assert!(!until_asked(&mut second, &cancelled).await.contains(DISPLACED));
    at(&second, 1).cancel(&cancelled).await;

    // A known browser keeps its place on all nodes, until it is forgotten on one.
    at(&owner, 1).post("/auth/logout", &[]).await;
    owner.cookies.remove("iampass-session");
    let mut known = at(&owner, 2);
    let wait = known.begin("anna").await;
    until_asked(&mut known, &wait).await;
    let mut stranger = setting.browser_at(1);
    let strange = stranger.begin("anna").await;
    let page = stranger.reload_until(&strange, |page| !page.text.contains("/auth/login/cancel")).await;
    assert!(page.text.contains("no phone was asked"), "{}", page.text);
    setting.anna.accept_next(SOON).await.unwrap();
    known.complete(&wait).await;
    let mut known = at(&known, 0);
    assert!(known.is_in().await);
    at(&known, 1).post("/auth/browsers/forget-all", &[]).await;
    assert!(!at(&known, 2).get("/auth/sessions").await.text.contains("Browsers that know you"));

    // One budget for all nodes: five questions of one network.
    let mut begun = 0;
    for round in 0..12 {
        let mut stranger = setting.browser_at(round % 3);
        let request = stranger
            .form("/auth/login", &[("login_name", "bert")])
            .header("origin", stranger.origin.clone())
            .header("x-forwarded-for", "203.0.113.77");
        begun += usize::from(stranger.take(request).await.status == 303);
    }
    assert_eq!(begun, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn three_nodes_over_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("application.db").display().to_string();
    rusqlite::Connection::open(&file).unwrap().execute_batch(PEOPLE).unwrap();
    on(Dialect::Sqlite, &file, &format!("sqlite://{file}?mode=rwc")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_nodes_over_postgres() {
    if let Some(server) = postgres() {
        let database = server.database();
        database.sql(PEOPLE).unwrap();
        on(Dialect::Postgres, database.url(), database.url()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_nodes_over_mariadb() {
    if let Some(server) = mariadb() {
        let database = server.database();
        database.sql(PEOPLE).unwrap();
        on(Dialect::MySql, database.url(), database.url()).await;
    }
}
