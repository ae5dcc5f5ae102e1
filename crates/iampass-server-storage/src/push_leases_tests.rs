//! Leases of pushes, on each database that there is: which node has which, and rows that cannot be read.

use super::pushes_tests::{ELSEWHERE, HERE, asked, lease, lease_to, put, renew};
use super::test_store::{Store, on_both};
use super::*;
use iampass_server_domain::push::PushService;

async fn leases_end(store: &Store) {
    store.run("UPDATE pushes SET leased_until = 1".to_owned(), vec![]).await;
}

async fn note(store: &Store, holder: PushHolder, push: PushKey, state: PushState) {
    let attempted = PushAttempted { push, attempts: 7, state, error: None };
    store.database.pushes_attempted(holder, vec![attempted]).await.unwrap();
}

#[tokio::test]
async fn a_push_is_renewed_by_the_node_alone_that_has_it() {
    on_both(async |store| {
        let (application, _) = asked(store, Some("address-1")).await;
        put(store, application, "s1").await;
        let push = lease(store).await[0].key;
        leases_end(store).await;
        assert!(renew(store, HERE, &[push]).await.is_empty(), "no other node has taken it");
        assert_eq!(lease_to(store, ELSEWHERE).await.len(), 0, "it is renewed");
        leases_end(store).await;
        assert_eq!(lease_to(store, ELSEWHERE).await.len(), 1);
        store.run("UPDATE pushes SET leased_until = 77".to_owned(), vec![]).await;
        assert_eq!(renew(store, HERE, &[push]).await, [push], "another node has it now");
        assert_eq!(store.count("pushes WHERE leased_until = 77").await, 1);
        // The node that has lost it withdraws nothing and counts nothing. That it was sent is true all the same.
        note(store, HERE, push, PushState::Withdrawn).await;
        note(store, HERE, push, PushState::Waiting).await;
        assert_eq!(store.count("pushes WHERE state = 'waiting' AND attempts = 0").await, 1);
        note(store, HERE, push, PushState::Sent).await;
        assert_eq!(store.count("pushes WHERE state = 'sent'").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_push_whose_lease_never_reached_its_node_is_free_again() {
    on_both(async |store| {
        let (application, _) = asked(store, Some("address-1")).await;
        put(store, application, "s1").await;
        put(store, application, "s2").await;
        let leased = lease(store).await;
        assert!(renew(store, HERE, &[leased[0].key]).await.is_empty());
        let again = lease(store).await;
        assert_eq!((again.len(), again[0].key), (1, leased[1].key));
    })
    .await;
}

#[tokio::test]
async fn one_row_that_cannot_be_read_is_refused_and_the_others_are_sent() {
    on_both(async |store| {
        let (application, _) = asked(store, Some("address-1")).await;
        for name in ["s1", "s2"] {
            put(store, application, name).await;
        }
        let first = "key = (SELECT min(key) FROM pushes)";
        store.run(format!("UPDATE pushes SET kind = 'of_later' WHERE {first}"), vec![]).await;
        assert_eq!(lease(store).await.len(), 1);
        let refused = format!("pushes WHERE {first} AND state = 'refused' AND last_error = 'not_sendable'");
        assert_eq!(store.count(&refused).await, 1);
        let found = store.database.search_pushes(PushSearch::all(application), 10).await.unwrap();
        assert_eq!(found.entries.len(), 1, "the log shows those that can be read");

        // So does an address that another key has sealed.
        put(store, application, "s3").await;
        store.run("UPDATE push_subscriptions SET id = 'other'".to_owned(), vec![]).await;
        assert!(lease(store).await.is_empty());
        assert_eq!(store.count("pushes WHERE state = 'refused'").await, 2);
    })
    .await;
}

#[tokio::test]
async fn the_log_says_of_a_late_push_that_there_was_no_way() {
    on_both(async |store| {
        let (application, _) = asked(store, Some("address-1")).await;
        for name in ["s1", "s2", "s3"] {
            put(store, application, name).await;
        }
        store.run("UPDATE pushes SET expires_at = 1".to_owned(), vec![]).await;
        let settle = async |ways: &[PushService], key: usize| {
            let sql = format!("UPDATE pushes SET state = 'refused' WHERE key <> {key} AND state = 'waiting'");
            store.run(sql, vec![]).await;
            store.database.settle_pushes(ways.to_vec()).await.unwrap();
            let rest = format!("UPDATE pushes SET state = 'waiting' WHERE key > {key}");
            store.run(rest, vec![]).await;
        };
        let late = async |key: usize, error: &str| {
            store.count(&format!("pushes WHERE key = {key} AND state = 'late' AND {error}")).await
        };
        settle(&[PushService::Fcm], 1).await;
        assert_eq!(late(1, "last_error = 'no_way'").await, 1);
        settle(&[PushService::Web], 2).await;
        assert_eq!(late(2, "last_error IS NULL").await, 1);
        // It was tried: there was a way.
        store
            .run("UPDATE pushes SET attempts = 1, last_error = 'busy' WHERE key = 3".to_owned(), vec![])
            .await;
        settle(&[], 3).await;
        assert_eq!(late(3, "last_error = 'busy'").await, 1);
    })
    .await;
}
