//! The conformance suites, which a store over a database passes with nothing skipped but what does not apply to its keys.

use std::sync::Arc;

use iampass_core::port::{SessionStore, TokenStore};
use iampass_testkit::store_suite::{SuiteReport, session_store_suite, shared_state_suite, token_store_suite};
use sea_orm::ConnectOptions;

use crate::application::{Application, Keys};
use crate::place::{Kind, Place};

fn assert_all_passed(report: &SuiteReport, keys: Keys) {
    report.assert_passed();
    for skipped in report.skipped() {
        assert!(keys != Keys::Text && skipped.why().contains("keys are no texts"), "{report}");
    }
    assert!(report.passed() >= 20, "{report}");
}

async fn tokens(kind: Kind, keys: Keys, change: impl Fn(&mut ConnectOptions)) {
    let Some(place) = Place::open_with(kind, change).await else { return };
    let place = Arc::new(place);
    let fresh = || Application::new(&place, keys);
    let report = token_store_suite::<_, _, Application>(fresh).await;
    assert_all_passed(&report, keys);
}

async fn sessions(kind: Kind, change: impl Fn(&mut ConnectOptions)) {
    let Some(place) = Place::open_with(kind, change).await else { return };
    let place = Arc::new(place);
    let fresh = || Application::new(&place, Keys::I64);
    let report = session_store_suite::<_, _, Application>(fresh).await;
    assert_all_passed(&report, Keys::Text);
}

async fn shared_entries(kind: Kind, change: impl Fn(&mut ConnectOptions)) {
    let Some(place) = Place::open_with(kind, change).await else { return };
    let place = Arc::new(place);
    let fresh = || Application::new(&place, Keys::I64);
    let report = shared_state_suite::<_, _, Application>(fresh).await;
    assert_all_passed(&report, Keys::Text);
}

macro_rules! suites {
    ($($database:ident: $kind:expr),+) => { $(
        mod $database {
            use super::*;

            #[tokio::test(flavor = "multi_thread")]
            async fn tokens_of_users_with_i32_keys() {
                tokens($kind, Keys::I32, |_| {}).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn tokens_of_users_with_i64_keys() {
                tokens($kind, Keys::I64, |_| {}).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn tokens_of_users_with_uuid_keys() {
                tokens($kind, Keys::Uuid, |_| {}).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn tokens_of_users_with_text_keys() {
                tokens($kind, Keys::Text, |_| {}).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn sessions_and_logouts() {
                sessions($kind, |_| {}).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn shared_entries_of_all_nodes() {
                shared_entries($kind, |_| {}).await;
            }
        }
    )+ };
}
suites!(sqlite: Kind::Sqlite, postgres: Kind::Postgres, mariadb: Kind::Mariadb);

/// Every transaction of the application is serializable: statements that meet fail, and are run again.
fn serializable(options: &mut ConnectOptions) {
    options.map_sqlx_postgres_opts(|postgres| {
        postgres.options([("default_transaction_isolation", "serializable")])
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_where_the_default_isolation_is_serializable() {
    tokens(Kind::Postgres, Keys::I64, serializable).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_where_the_default_isolation_is_serializable() {
    sessions(Kind::Postgres, serializable).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn shared_entries_where_the_default_isolation_is_serializable() {
    shared_entries(Kind::Postgres, serializable).await;
}

/// The suites are object-safe ports' suites; the stores are such ports.
#[test]
fn the_stores_are_ports() {
    fn is_port<T: TokenStore, S: SessionStore>() {}
    is_port::<iampass_sea_orm::SeaOrmTokenStore, iampass_sea_orm::SeaOrmSessionStore>();
}
