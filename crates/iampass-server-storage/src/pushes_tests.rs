//! Pushes, on each database that there is.

use std::time::Duration;

use iampass_core::{DeviceId, Secret, UserToken};
use iampass_server_domain::push::{PushErrorKind, PushKind, PushService};

use super::test_store::{Store, on_both};
use super::*;

const LEASE: Duration = Duration::from_secs(30);

pub(super) const HERE: PushHolder = PushHolder::of(1);
pub(super) const ELSEWHERE: PushHolder = PushHolder::of(2);

/// A user with a phone and an open question.
pub(super) async fn asked(store: &Store, subscription: Option<&str>) -> (ApplicationKey, DeviceId) {
    let application = store.application("APP").await;
    store.add(application, &["ann"]).await;
    let ann = store.user(application, "ann").await;
    let secret = if store.is_postgres { "'\\x00'" } else { "x'00'" };
    store
        .run(
            format!(
                "INSERT INTO devices (id, secret, user_key, notification_token, platform, created_at)
                 VALUES ('phone', {secret}, ?1, '*', 'web', 1)"
            ),
            vec![ann.0],
        )
        .await;
    let phone = DeviceId::new("phone").unwrap();
    if let Some(address) = subscription {
        let outcome = store.database.subscribe(phone.clone(), Some(new(address))).await.unwrap();
        assert_eq!(outcome, SubscribeOutcome::Subscribed);
    }
    (application, phone)
}

fn new(address: &str) -> NewSubscription {
    NewSubscription {
        service: PushService::Web,
        vapid_key: Some("key-1".to_owned()),
        address: Secret::new(address),
    }
}

/// Puts a question, as starting a session does.
pub(super) async fn put(store: &Store, application: ApplicationKey, name: &str) {
    let secret = if store.is_postgres { "'\\x00'" } else { "x'00'" };
    let sql = format!(
        "INSERT INTO sessions (token, secret, request_id, request_secret, application_key, user_key, device_key, methods,
                               duration_seconds, state, asked_at, due_at)
         SELECT '{name}', {secret}, 'request-{name}', {secret}, CAST(?1 AS BIGINT), u.key, d.key, '', 3600, 'initializing', 1, 9000000000
         FROM users u JOIN devices d ON d.user_key = u.key WHERE u.id = 'ann'"
    );
    store.run(sql, vec![application.0]).await;
    let name = name.to_owned();
    store
        .database
        .write(move |tx| {
            Box::pin(async move {
                {
                    let (kind, now) = (pushes::RING_KIND.into(), tx.now().into());
                    let rung = tx.execute(pushes::RING, &[(&name).into(), kind, now]).await?;
                    pushes::raise(tx, rung);
                    Ok(())
                }
            })
        })
        .await
        .unwrap();
}

pub(super) async fn lease(store: &Store) -> Vec<LeasedPush> {
    lease_to(store, HERE).await
}

pub(super) async fn lease_to(store: &Store, holder: PushHolder) -> Vec<LeasedPush> {
    store.database.lease_pushes(holder, PushService::ALL.to_vec(), 100, LEASE).await.unwrap()
}

/// Those that the node has lost.
pub(super) async fn renew(store: &Store, holder: PushHolder, held: &[PushKey]) -> Vec<PushKey> {
    let held = held.iter().copied().collect();
    store.database.renew_pushes(holder, held, LEASE).await.unwrap()
}

async fn attempted(store: &Store, push: PushKey, state: PushState) {
    let attempted = PushAttempted { push, attempts: 1, state, error: None };
    store.database.pushes_attempted(HERE, vec![attempted]).await.unwrap();
}

#[tokio::test]
async fn a_question_rings_the_phone_once() {
    on_both(async |store| {
        let (application, _) = asked(store, Some("address-1")).await;
        put(store, application, "s1").await;
        let leased = lease(store).await;
        assert_eq!(leased.len(), 1);
        assert_eq!(leased[0].address.expose(), "address-1");
        assert_eq!((leased[0].kind, leased[0].about.as_str()), (PushKind::QuestionWaits, "request-s1"));
        assert!(lease(store).await.is_empty(), "another node gets it too");
        attempted(store, leased[0].key, PushState::Sent).await;
        store.run("UPDATE pushes SET leased_until = NULL".to_owned(), vec![]).await;
        assert!(lease(store).await.is_empty(), "it is sent twice");
        assert_eq!(store.count("pushes WHERE state = 'sent' AND ended_at IS NOT NULL").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_push_of_a_node_that_died_is_sent_by_another() {
    on_both(async |store| {
        let (application, _) = asked(store, Some("address-1")).await;
        put(store, application, "s1").await;
        assert_eq!(lease(store).await.len(), 1);
        store.run("UPDATE pushes SET leased_until = 1".to_owned(), vec![]).await;
        assert_eq!(lease(store).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_phone_without_a_place_is_not_rung() {
    on_both(async |store| {
        let (application, phone) = asked(store, None).await;
        put(store, application, "s1").await;
        assert_eq!(store.count("pushes").await, 0);
        store.database.subscribe(phone.clone(), Some(new("address-1"))).await.unwrap();
        put(store, application, "s2").await;
        assert_eq!(store.count("pushes").await, 1);
        let outcome = store.database.subscribe(phone, None).await.unwrap();
        assert_eq!(outcome, SubscribeOutcome::Unsubscribed);
        assert!(lease(store).await.is_empty());
        assert_eq!(store.count("pushes WHERE state = 'withdrawn'").await, 1);
    })
    .await;
}

#[tokio::test]
async fn an_answered_question_is_not_rung() {
    on_both(async |store| {
        let (application, _) = asked(store, Some("address-1")).await;
        put(store, application, "s1").await;
        put(store, application, "s2").await;
        store.run("UPDATE sessions SET ended_at = 2 WHERE token = 's1'".to_owned(), vec![]).await;
        let leased = lease(store).await;
        assert_eq!(leased.len(), 1);
        assert_eq!(leased[0].about, "request-s2");
        let keys = [leased[0].key];
        assert!(renew(store, HERE, &keys).await.is_empty());
        store.run("UPDATE sessions SET activated_at = 2 WHERE token = 's2'".to_owned(), vec![]).await;
        assert_eq!(renew(store, HERE, &keys).await, keys);
    })
    .await;
}

#[tokio::test]
async fn a_question_that_is_over_is_not_rung() {
    on_both(async |store| {
        let (application, _) = asked(store, Some("address-1")).await;
        put(store, application, "s1").await;
        store.run("UPDATE pushes SET expires_at = 1".to_owned(), vec![]).await;
        assert!(lease(store).await.is_empty());
        assert_eq!(store.count("pushes WHERE state = 'late'").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_place_that_the_phone_has_left_is_taken_no_more() {
    on_both(async |store| {
        let (application, phone) = asked(store, Some("address-1")).await;
        put(store, application, "s1").await;
        let leased = lease(store).await;
        attempted(store, leased[0].key, PushState::Gone).await;
        put(store, application, "s2").await;
        assert!(lease(store).await.is_empty());
        assert_eq!(store.database.used_vapid_keys().await.unwrap(), Vec::<String>::new());
        // Both engines go on giving the dead endpoint until the page unsubscribes.
        let again = store.database.subscribe(phone.clone(), Some(new("address-1"))).await.unwrap();
        assert_eq!(again, SubscribeOutcome::Gone);
        let anew = store.database.subscribe(phone, Some(new("address-2"))).await.unwrap();
        assert_eq!(anew, SubscribeOutcome::Subscribed);
        put(store, application, "s3").await;
        assert_eq!(lease(store).await.len(), 1);
        assert_eq!(store.database.used_vapid_keys().await.unwrap(), ["key-1"]);
    })
    .await;
}

#[tokio::test]
async fn a_phone_that_is_not_registered_is_not_subscribed() {
    on_both(async |store| {
        asked(store, None).await;
        let outcome =
            store.database.subscribe(DeviceId::new("other").unwrap(), Some(new("a"))).await.unwrap();
        assert_eq!(outcome, SubscribeOutcome::UnknownDevice);
        assert_eq!(store.count("push_subscriptions").await, 0);
    })
    .await;
}

#[tokio::test]
async fn the_log_outlives_the_phone_and_the_address_does_not() {
    on_both(async |store| {
        let (application, _) = asked(store, Some("address-1")).await;
        put(store, application, "s1").await;
        let leased = lease(store).await;
        attempted(store, leased[0].key, PushState::Sent).await;
        store.run("DELETE FROM sessions".to_owned(), vec![]).await;
        store.run("DELETE FROM devices".to_owned(), vec![]).await;
        assert_eq!(store.count("push_subscriptions").await, 0);
        assert_eq!(store.count("pushes WHERE subscription_key IS NULL AND session_key IS NULL").await, 1);
    })
    .await;
}

#[tokio::test]
async fn an_attempt_that_failed_leaves_the_push_to_its_node() {
    on_both(async |store| {
        let (application, _) = asked(store, Some("address-1")).await;
        put(store, application, "s1").await;
        let leased = lease(store).await;
        let attempted = PushAttempted {
            push: leased[0].key,
            attempts: 2,
            state: PushState::Waiting,
            error: Some("busy"),
        };
        store.database.pushes_attempted(HERE, vec![attempted]).await.unwrap();
        assert!(lease(store).await.is_empty());
        assert_eq!(
            store.count("pushes WHERE attempts = 2 AND last_error = 'busy' AND state = 'waiting'").await,
            1
        );
    })
    .await;
}

#[tokio::test]
async fn an_address_is_sealed() {
    on_both(async |store| {
        asked(store, Some("anns-endpoint")).await;
        let stored = store.database.read(|tx| {
            Box::pin(async move {
                let row = tx.query_one("SELECT address FROM push_subscriptions", &[]).await?;
                row.map_or(Ok(Vec::new()), |row| row.bytes(0).map(<[u8]>::to_vec))
            })
        });
        let stored = stored.await.unwrap();
        assert!(stored.len() > 30 && !stored.windows(4).any(|part| part == b"anns"));
    })
    .await;
}

fn ann(application: ApplicationKey) -> PushSearch {
    PushSearch { user: Some(UserToken::new("ann").unwrap()), ..PushSearch::all(application) }
}

#[tokio::test]
async fn the_other_phones_are_told_that_a_session_has_changed() {
    on_both(async |store| {
        let (application, _) = asked(store, Some("address-1")).await;
        let ann = store.user(application, "ann").await;
        let device = store.database.read(|tx| {
            Box::pin(async move {
                tx.query_one("SELECT key FROM devices", &[])
                    .await?
                    .map(|row| row.key::<DeviceKey>(0))
                    .transpose()
            })
        });
        let device = device.await.unwrap().unwrap();
        let told = async |by| {
            store
                .database
                .write(move |tx| Box::pin(async move { pushes::tell_of_change(tx, ann, by).await }))
                .await
                .unwrap();
        };
        told(Some(device)).await;
        assert_eq!(store.count("pushes").await, 0, "the phone that did it knows");
        told(None).await;
        told(None).await;
        assert_eq!(store.count("pushes WHERE kind = 'session_changed'").await, 1, "one push is enough");
        let leased = lease(store).await;
        assert_eq!(leased.len(), 1);
        assert_eq!(leased[0].kind, PushKind::SessionChanged);
        let first = leased[0].about.clone();
        // This one is on its way, and may have been read before the next change.
        told(None).await;
        let leased = lease(store).await;
        assert_eq!((leased.len(), leased[0].about == first), (1, true), "it takes the place of the first");
        assert!(renew(store, HERE, &[leased[0].key]).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn the_log_is_searched_by_what_is_asked_for_page_by_page() {
    on_both(async |store| {
        let (application, _) = asked(store, Some("address-1")).await;
        let other = store.application("OTHER").await;
        for name in ["s1", "s2", "s3"] {
            put(store, application, name).await;
        }
        let user = store.user(application, "ann").await;
        let tried =
            store.database.write(move |tx| Box::pin(async move { pushes::try_phones(tx, user).await }));
        assert_eq!(tried.await.unwrap(), 1);
        let leased = lease(store).await;
        assert_eq!(leased.len(), 4);
        attempted(store, leased[0].key, PushState::Sent).await;
        let refused = PushAttempted {
            push: leased[1].key,
            attempts: 3,
            state: PushState::Refused,
            error: Some("busy"),
        };
        store.database.pushes_attempted(HERE, vec![refused]).await.unwrap();
        let found = async |search: PushSearch| {
            let (mut found, mut before) = (Vec::new(), None);
            loop {
                let page =
                    store.database.search_pushes(PushSearch { before, ..search.clone() }, 2).await.unwrap();
                assert!(page.entries.len() <= 2);
                found.extend(page.entries);
                before = page.next;
                if before.is_none() {
                    return found;
                }
            }
        };
        let all = || PushSearch::all(application);
        let every = found(all()).await;
        assert_eq!(every.len(), 4);
        assert!(every.is_sorted_by_key(|entry| std::cmp::Reverse(entry.key)));
        assert_eq!(found(ann(application)).await.len(), 4);
        assert_eq!(found(PushSearch::all(other)).await.len(), 0, "another application's are not there");
        assert_eq!(found(ann(other)).await.len(), 0);
        assert_eq!(found(PushSearch { kind: Some(PushKind::Test), ..all() }).await.len(), 1);
        assert_eq!(found(PushSearch { service: Some(PushService::Fcm), ..all() }).await.len(), 0);
        let refused = found(PushSearch { state: Some(PushState::Refused), ..all() }).await;
        assert_eq!((refused.len(), refused[0].attempts), (1, 3));
        assert_eq!(refused[0].error, Some(PushErrorKind::Busy));
        assert!(refused[0].ended_at.is_some() && refused[0].user == Some(user));
    })
    .await;
}
