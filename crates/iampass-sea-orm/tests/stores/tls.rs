//! TLS to PostgreSQL, by what the URL says. The server's certificate is made by the test, and the server takes nothing in clear.

use std::time::Duration;

use iampass_core::UserToken;
use iampass_core::port::{TokenStore as _, UserKey};
use iampass_sea_orm::{Schema, SeaOrmDatabase};
use iampass_test_databases::{PrivatePostgres, Tls};
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection, DbErr};

use crate::place::options;

async fn connect(url: &str) -> Result<DatabaseConnection, DbErr> {
    Database::connect(options(url, |options| {
        options.acquire_timeout(Duration::from_secs(5));
    }))
    .await
}

fn url(database: &iampass_test_databases::Database, more: &str) -> String {
    format!("{}?{more}", database.url())
}

/// Two providers of cryptography are in this program, ring and aws-lc-rs, and none was chosen for all of it: nothing minds.
#[tokio::test(flavor = "multi_thread")]
async fn a_verified_connection_and_no_other() {
    let Some(server) = PrivatePostgres::start(Tls::On) else { return };
    let Some(other) = PrivatePostgres::start(Tls::On) else { return };
    let database = server.database();
    let verified = |authority: &std::path::Path| {
        url(&database, &format!("sslmode=verify-full&sslrootcert={}", authority.display()))
    };

    let authority = server.certificate_authority().unwrap();
    let pool = connect(&verified(authority)).await.unwrap();
    let encrypted = "SELECT 1 FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl";
    let statement = sea_orm::Statement::from_string(pool.get_database_backend(), encrypted);
    assert!(pool.query_one_raw(statement).await.unwrap().is_some(), "the server says that it is encrypted");
    pool.execute_unprepared("CREATE TABLE users (id BIGINT PRIMARY KEY)").await.unwrap();
    pool.execute_unprepared("INSERT INTO users (id) VALUES (1)").await.unwrap();
    let node = SeaOrmDatabase::new(pool);
    let schema = Schema::default();
    // The lock's own connection is encrypted too, or there would be none.
    node.migrate(&schema).await.unwrap();
    let token = UserToken::new("token").unwrap();
    assert_eq!(node.token_store(&schema).assign(&UserKey::from(1), &token).await.unwrap(), token);

    // Somebody else's authority: not this server. The same for none at all.
    let wrong = connect(&verified(other.certificate_authority().unwrap())).await.unwrap_err();
    assert!(wrong.to_string().contains("certificate"), "{wrong}");
    let unknown = connect(&url(&database, "sslmode=verify-full")).await.unwrap_err();
    assert!(unknown.to_string().contains("certificate"), "{unknown}");

    // This server under a name that is not in its certificate.
    let elsewhere = verified(authority).replace("localhost", "0.0.0.0");
    let elsewhere = connect(&elsewhere).await.unwrap_err();
    assert!(elsewhere.to_string().contains("certificate"), "{elsewhere}");

    let clear = connect(&url(&database, "sslmode=disable")).await.unwrap_err();
    assert!(clear.to_string().contains("no encryption"), "{clear}");
}
