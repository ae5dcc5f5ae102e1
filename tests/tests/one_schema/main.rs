//! A table made by one of our crates, or by plain SQL, is read and written by the others, on each database.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod application;
mod databases;
mod plans;

use application::{Application, Made};
use databases::Place;

/// Makes the tables in each of the ways, and has each crate go on with what the other began.
async fn on(place: &Place) {
    let mut schemas = Vec::new();
    for made in [Made::Diesel, Made::SeaOrm, Made::PlainSql] {
        let application = Application::start(place, made).await;
        schemas.push((made, place.described(application.tables())));
        application.tokens_go_both_ways().await;
        application.sessions_go_both_ways().await;
        application.logouts_are_claimed_by_one_of_both().await;
        application.shared_entries_go_both_ways().await;
        // The other ones find it done.
        application.migrate_by_all().await;
        application.sessions_go_both_ways().await;
        application.shared_entries_go_both_ways().await;
    }
    for (made, schema) in &schemas {
        for part in ["sealed_session", "_shared_expiry"] {
            assert!(schema.contains(part), "{made:?}: {schema}");
        }
        assert_eq!(*schema, schemas[0].1, "{made:?} differs from {:?}", schemas[0].0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite() {
    on(&Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres() {
    if let Some(place) = Place::postgres() {
        on(&place).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_mariadb() {
    if let Some(place) = Place::mariadb() {
        on(&place).await;
    }
}
