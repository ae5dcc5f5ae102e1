//! PostgreSQL over TLS, with a certificate of the test's own authority.

use std::path::Path;
use std::sync::Arc;

use diesel::{ConnectionError, ConnectionResult};
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig};
use futures_util::FutureExt as _;
use iampass_core::port::{StoreErrorKind, TokenStore as _, UserKey};
use iampass_diesel::{DieselDatabase, Migrated, Schema};
use iampass_test_databases::{PrivatePostgres, Tls};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio_postgres_rustls::MakeRustlsConnect;

/// Trusts these authorities and nobody else.
fn trusting(authorities: &Path) -> Arc<rustls::ClientConfig> {
    let mut roots = rustls::RootCertStore::empty();
    for authority in CertificateDer::pem_file_iter(authorities).unwrap() {
        roots.add(authority.unwrap()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Arc::new(tls.unwrap().with_root_certificates(roots).with_no_client_auth())
}

async fn connect(url: String, tls: Arc<rustls::ClientConfig>) -> ConnectionResult<AsyncPgConnection> {
    let tls = MakeRustlsConnect::new((*tls).clone());
    let (client, connection) = tokio_postgres::connect(&url, tls)
        .await
        .map_err(|error| ConnectionError::BadConnection(error.to_string()))?;
    AsyncPgConnection::try_from_client_and_connection(client, connection).await
}

fn database(url: &str, tls: Arc<rustls::ClientConfig>) -> DieselDatabase<AsyncPgConnection> {
    let mut config = ManagerConfig::default();
    config.custom_setup = Box::new(move |url| connect(url.to_owned(), tls.clone()).boxed());
    let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new_with_config(url, config);
    DieselDatabase::new(Pool::builder(manager).build().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_verified_server_is_spoken_to() {
    let Some(server) = PrivatePostgres::start(Tls::On) else { return };
    let at = server.database();
    at.sql("CREATE TABLE users (id bigint PRIMARY KEY)").unwrap();
    let authority = server.certificate_authority().unwrap();
    let (required, schema) = (format!("{}?sslmode=require", at.url()), Schema::default());

    let verified = database(&required, trusting(authority));
    assert_eq!(verified.migrate(&schema).await.unwrap(), Migrated::Now);
    let found = verified.token_store(&schema).token_for(&UserKey::from(1)).await;
    assert!(found.unwrap().is_none());
    assert_eq!(
        at.sql("SELECT count(*) > 0 FROM pg_stat_ssl WHERE ssl AND pid <> pg_backend_pid()").unwrap(),
        "t"
    );

    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let wrong = folder.path().join("authority.pem");
    std::fs::write(&wrong, other.cert.pem()).unwrap();
    let clear = AsyncDieselConnectionManager::<AsyncPgConnection>::new(at.url());
    let clear = DieselDatabase::new(Pool::builder(clear).build().unwrap());
    for (refused, how) in [(database(&required, trusting(&wrong)), "another authority"), (clear, "in clear")]
    {
        let error = refused.token_store(&schema).token_for(&UserKey::from(1)).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{how}");
    }
}
