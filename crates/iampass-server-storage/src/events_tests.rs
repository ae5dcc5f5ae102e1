//! Events in the store: which are written, by whom they are sent, and what an attempt comes to.

use std::time::Duration;

use iampass_core::UnixSeconds;
use iampass_core::events::{EventHow, EventKind, EventSecret};
use iampass_server_domain::event::{EventFailure, EventKinds};
use iampass_server_domain::push::PushErrorKind;
use iampass_server_domain::rules::Ending;

use super::event_bounds::EventBounds;
use super::test_store::{Store, noted, on_both};
use super::*;

const LEASE: Duration = Duration::from_secs(60);

async fn set(store: &Store, application: ApplicationKey, kinds: EventKinds) {
    let url = "https://shop.example/hook".to_owned();
    let change = EndpointChange::Set { url, kinds, secret: EventSecret::from_bytes([7; 32]) };
    let set = store.database.change_event_endpoint(application, change, Actor::Command, noted("set"));
    assert!(matches!(set.await.unwrap(), Some(EndpointChanged::Made | EndpointChanged::Changed)));
}

async fn lease(store: &Store) -> Vec<LeasedEvent> {
    let turns = Turns { most_of_one: 8, ..Turns::default() };
    store.database.lease_events(16, LEASE, turns).await.unwrap().0
}

async fn states(store: &Store, application: ApplicationKey) -> Vec<(EventKind, EventState, u32)> {
    let found = store.database.events(application, EventSearch::default(), 100).await.unwrap();
    found.into_iter().rev().map(|entry| (entry.kind, entry.state, entry.attempts)).collect()
}

fn failed(status: Option<u16>, now: u64) -> EventAttempted {
    failed_until(status, now, now)
}

fn failed_until(status: Option<u16>, again_at: u64, held_until: u64) -> EventAttempted {
    let failure = EventFailure { kind: PushErrorKind::Broken, status, retry_after: None };
    EventAttempted::Failed { failure, again_at: UnixSeconds(again_at), held_until: UnixSeconds(held_until) }
}

#[test]
fn every_ending_of_a_session_has_a_word_for_its_application() {
    for ending in Ending::ALL {
        let is_known = !matches!(EventHow::from(ending.word()), EventHow::Unknown(_));
        // A denial is an event of its own.
        assert_eq!(is_known, *ending != Ending::Denied, "{}", ending.word());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_written_where_it_is_wanted_and_nowhere_else() {
    on_both(async |store| {
        let (shop, other) = (store.application("SHOP").await, store.application("OTHER").await);
        set(store, shop, EventKinds::NONE.with(&EventKind::UserAdded)).await;
        store.add(shop, &["ann", "bob"]).await;
        store.add(shop, &["ann"]).await;
        store.add(other, &["eve"]).await;
        let added = (EventKind::UserAdded, EventState::Queued, 0);
        assert_eq!(states(store, shop).await, [added.clone(), added.clone()]);
        assert_eq!(states(store, other).await, []);
        // A kind that is not wanted, and an endpoint that is off.
        let ann = store.user(shop, "ann").await;
        let deleted =
            store.database.change_user(shop, ann, UserChange::Delete, Actor::Command, noted("deleted"));
        assert!(deleted.await.unwrap());
        let off = store.database.change_event_endpoint(
            shop,
            EndpointChange::SwitchOff,
            Actor::Command,
            noted("off"),
        );
        off.await.unwrap();
        store.add(shop, &["cat"]).await;
        let withdrawn = (EventKind::UserAdded, EventState::Withdrawn, 0);
        assert_eq!(states(store, shop).await, [withdrawn.clone(), withdrawn]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_end_with_their_application_are_told_each() {
    on_both(async |store| {
        let shop = store.application("SHOP").await;
        set(store, shop, EventKinds::all()).await;
        store.add(shop, &["ann"]).await;
        let ann = store.user(shop, "ann").await;
        store.sessions(shop, Some(ann), 1, 3).await;
        let disable = ApplicationChange::Disable;
        store.database.change_application(shop, disable, Actor::Command, noted("disabled")).await.unwrap();
        let found = store.database.events(shop, EventSearch::default(), 100).await.unwrap();
        let ended: Vec<_> = found.iter().filter(|entry| entry.kind == EventKind::SessionEnded).collect();
        assert_eq!(ended.len(), 3);
        for entry in ended {
            assert_eq!((entry.how.clone(), entry.user.as_deref()), (Some(EventHow::Disabled), Some("ann")));
        }
        // Nothing is sent for it while it is disabled.
        assert_eq!(store.database.next_event().await.unwrap(), None);
        assert_eq!(lease(store).await.len(), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_very_many_sessions_that_end_at_once_as_many_are_told_as_may_wait() {
    on_both(async |store| {
        let shop = store.application("SHOP").await;
        set(store, shop, EventKinds::NONE.with(&EventKind::SessionEnded)).await;
        store.add(shop, &["ann"]).await;
        let ann = store.user(shop, "ann").await;
        store.sessions(shop, Some(ann), 1, 10_003).await;
        let disable = ApplicationChange::Disable;
        store.database.change_application(shop, disable, Actor::Command, noted("disabled")).await.unwrap();
        assert_eq!(store.count("sessions WHERE ended_at IS NULL").await, 0);
        assert_eq!(store.count("events").await, 10_000);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_with_one_holder_and_a_late_answer_counts_no_more() {
    on_both(async |store| {
        let shop = store.application("SHOP").await;
        set(store, shop, EventKinds::all()).await;
        store.add(shop, &["ann"]).await;
        let first = lease(store).await.remove(0);
        assert_eq!((first.attempt, lease(store).await.len()), (1, 0));
        assert_eq!(first.event.secrets.len(), 1);
        assert!(first.event.body.contains("\"user\":\"ann\""), "{}", first.event.body);
        store.run("UPDATE events SET leased_until = 1, next_at = 1".to_owned(), vec![]).await;
        let second = lease(store).await.remove(0);
        assert_eq!((second.attempt, &second.event.id), (2, &first.event.id));
        let late = store.database.event_attempted(&first, EventAttempted::Taken(200)).await.unwrap();
        assert_eq!(late, None);
        // Nor does an answer to another event, whose key a restored backup has given again.
        store.run("UPDATE events SET id = id || '-other'".to_owned(), vec![]).await;
        assert_eq!(store.database.event_attempted(&second, EventAttempted::Taken(200)).await.unwrap(), None);
        store.run("UPDATE events SET id = replace(id, '-other', '')".to_owned(), vec![]).await;
        let taken = store.database.event_attempted(&second, EventAttempted::Taken(204)).await.unwrap();
        assert_eq!(taken, Some(EventState::Sent));
        assert_eq!(states(store, shop).await, [(EventKind::UserAdded, EventState::Sent, 2)]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_fails_is_tried_by_one_event_at_a_time() {
    on_both(async |store| {
        let shop = store.application("SHOP").await;
        set(store, shop, EventKinds::all()).await;
        store.add(shop, &["ann", "bob", "cat", "dan"]).await;
        let leased = lease(store).await;
        assert_eq!(leased.len(), 4);
        store.database.event_attempted(&leased[0], failed(Some(500), 1)).await.unwrap();
        store.run("UPDATE events SET leased_until = NULL, next_at = 1".to_owned(), vec![]).await;
        let again = lease(store).await;
        assert_eq!((again.len(), again[0].failures), (1, 1));
        store.database.event_attempted(&again[0], EventAttempted::Taken(200)).await.unwrap();
        assert_eq!(lease(store).await.len(), 3);
        // While it is left alone there is none.
        let all = store.database.events(shop, EventSearch::default(), 1).await.unwrap();
        assert_eq!(all.len(), 1);
        store.run("UPDATE events SET leased_until = NULL, next_at = 1".to_owned(), vec![]).await;
        store.run("UPDATE event_endpoints SET held_until = 9000000000".to_owned(), vec![]).await;
        assert_eq!(lease(store).await.len(), 0);
        assert_eq!(store.database.next_event().await.unwrap(), Some(UnixSeconds(9_000_000_000)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_fail_side_by_side_are_one_failure_and_a_late_success_ends_no_pause() {
    on_both(async |store| {
        let shop = store.application("SHOP").await;
        set(store, shop, EventKinds::all()).await;
        store.add(shop, &["ann", "bob", "cat", "dan", "eve"]).await;
        let leased = lease(store).await;
        assert_eq!(leased.len(), 5);
        let held = async || {
            let found = store.database.event_endpoint(shop).await.unwrap().unwrap();
            (found.failures, found.held_until)
        };
        let until = |seconds| Some(UnixSeconds(seconds));
        for (place, asked, expected) in [
            (0, 8_999_999_000, 8_999_999_000),
            (1, 8_999_999_900, 8_999_999_900),
            (2, 8_999_999_500, 8_999_999_900),
        ] {
            let failed = failed_until(Some(500), 1, asked);
            store.database.event_attempted(&leased[place], failed).await.unwrap();
            assert_eq!(held().await, (1, until(expected)), "{place}");
        }
        // One of the same round is taken at last: the endpoint is left alone all the same.
        store.database.event_attempted(&leased[3], EventAttempted::Taken(200)).await.unwrap();
        assert_eq!(held().await, (1, until(8_999_999_900)));
        // The next round has one event. Its failure is the second one.
        store.run("UPDATE event_endpoints SET held_until = 1".to_owned(), vec![]).await;
        let next = lease(store).await;
        assert_eq!((next.len(), next[0].failures), (1, 1));
        store.database.event_attempted(&next[0], failed(Some(500), 8_999_999_990)).await.unwrap();
        assert_eq!(held().await, (2, until(8_999_999_990)));
        // One that is taken ends it.
        store.run("UPDATE event_endpoints SET held_until = 1".to_owned(), vec![]).await;
        let last = lease(store).await;
        assert_eq!((last.len(), last[0].failures), (1, 2));
        store.database.event_attempted(&last[0], EventAttempted::Taken(200)).await.unwrap();
        assert_eq!(held().await, (0, None));
        // A failure that was leased before the endpoint took an event, or was set anew, pauses nothing.
        store.run("UPDATE event_endpoints SET failures = 3".to_owned(), vec![]).await;
        let late = lease(store).await;
        assert_eq!((late.len(), late[0].failures), (1, 3));
        store.run("UPDATE event_endpoints SET failures = 0".to_owned(), vec![]).await;
        store.database.event_attempted(&late[0], failed(Some(500), 8_999_999_990)).await.unwrap();
        assert_eq!(held().await, (0, None));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_an_earlier_address_switches_nothing_off() {
    on_both(async |store| {
        let shop = store.application("SHOP").await;
        set(store, shop, EventKinds::all()).await;
        store.add(shop, &["ann"]).await;
        let leased = lease(store).await.remove(0);
        store.run("UPDATE event_endpoints SET url = 'https://new.example/'".to_owned(), vec![]).await;
        let state = store.database.event_attempted(&leased, failed(Some(410), 9_000_000_000)).await.unwrap();
        assert_eq!(state, Some(EventState::GivenUp));
        let endpoint = store.database.event_endpoint(shop).await.unwrap().unwrap();
        assert_eq!((endpoint.off_at, endpoint.failures), (None, 0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_whose_time_is_over_is_not_leased() {
    on_both(async |store| {
        let shop = store.application("SHOP").await;
        set(store, shop, EventKinds::all()).await;
        store.add(shop, &["ann", "ben"]).await;
        let three_days = 3 * 24 * 3_600;
        let sql = "UPDATE events SET queued_at = queued_at - ?1 WHERE user_id = 'ann'";
        store.run(sql.to_owned(), vec![three_days]).await;
        let sql = "UPDATE events SET queued_at = queued_at - ?1 WHERE user_id = 'ben'";
        store.run(sql.to_owned(), vec![three_days - 60]).await;
        assert_eq!(lease(store).await.len(), 1);
        assert_eq!(
            store.count("events WHERE user_id = 'ann' AND state = 'given_up' AND attempts = 0").await,
            1
        );
        assert_eq!(
            store.count("events WHERE user_id = 'ben' AND state = 'queued' AND attempts = 1").await,
            1
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_too_many_the_oldest_are_dropped_and_can_be_sent_again() {
    on_both(async |store| {
        let shop = store.application("SHOP").await;
        set(store, shop, EventKinds::all()).await;
        let sql = "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < 10003)
                   INSERT INTO events (id, application_key, kind, at, state, attempts, queued_at, next_at)
                   SELECT 'e' || i, CAST(?1 AS BIGINT), 'user.added', 8999999999, 'queued', 0, 8999999999, 1 FROM n";
        store.run(sql.to_owned(), vec![shop.0]).await;
        assert!(!store.database.settle_events().await.unwrap());
        assert_eq!(store.count("events WHERE state = 'dropped'").await, 3);
        assert_eq!(store.count("events WHERE state = 'dropped' AND id IN ('e1', 'e2', 'e3')").await, 3);
        let since = SendAgain::FailedSince(UnixSeconds(1));
        let again = store.database.send_events_again(shop, since, Actor::Command, noted("again"));
        assert_eq!(again.await.unwrap(), Some(3));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bounds_are_kept_by_steps_and_what_waits_or_is_being_sent_is_not_removed() {
    on_both(async |store| {
        let (shop, other) = (store.application("SHOP").await, store.application("OTHER").await);
        for application in [shop, other] {
            set(store, application, EventKinds::all()).await;
        }
        // Of one, 5,020 that wait, the oldest of which is being sent, and of the other ten that have ended, and one that waits before them.
        let sql = "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < 5020)
                   INSERT INTO events (id, application_key, kind, at, state, attempts, queued_at, next_at, leased_until)
                   SELECT 'e' || i, CAST(?1 AS BIGINT), 'user.added', 8999999999, 'queued', 0, 8999999999, 1,
                          CASE WHEN i = 1 THEN 9000000000 END FROM n";
        store.run(sql.to_owned(), vec![shop.0]).await;
        let sql = "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < 11)
                   INSERT INTO events (id, application_key, kind, at, state, attempts, queued_at, next_at, ended_at)
                   SELECT 'o' || i, CAST(?1 AS BIGINT), 'user.added', 8999999999, CASE WHEN i = 1 THEN 'queued' ELSE 'sent' END, 0, 8999999999, 1,
                          CASE WHEN i > 1 THEN 8999999999 END FROM n";
        store.run(sql.to_owned(), vec![other.0]).await;
        let bounds = EventBounds { waiting: 5, kept: 10_000 };
        assert!(store.database.settle_events_within(bounds).await.unwrap());
        assert!(!store.database.settle_events_within(bounds).await.unwrap());
        assert_eq!(store.count("events WHERE state = 'dropped'").await, 5_014);
        assert_eq!(store.count("events WHERE state = 'queued' AND id IN ('e1', 'e5016', 'e5020')").await, 3);
        let bounds = EventBounds { waiting: 5, kept: 4 };
        assert!(store.database.settle_events_within(bounds).await.unwrap());
        assert!(!store.database.settle_events_within(bounds).await.unwrap());
        // Those that wait stay, however many.
        assert_eq!(store.count("events WHERE id LIKE 'e%'").await, 6);
        assert_eq!(store.count("events WHERE id LIKE 'o%'").await, 5);
        assert_eq!(store.count("events WHERE id IN ('o1', 'o8', 'o9', 'o10', 'o11')").await, 5);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_finds_an_event_by_its_own_id_and_by_its_user_in_this_application_alone() {
    on_both(async |store| {
        let (shop, other) = (store.application("SHOP").await, store.application("OTHER").await);
        for application in [shop, other] {
            set(store, application, EventKinds::all()).await;
            store.add(application, &["ann", "bob"]).await;
        }
        let find = async |text: &str, state, before, most| {
            let search = EventSearch { text: Some(text.to_owned()), state, before };
            store.database.events(shop, search, most).await.unwrap()
        };
        let ann = find("ann", None, None, 100).await;
        assert_eq!((ann.len(), ann[0].user.as_deref()), (1, Some("ann")));
        assert_eq!(find(&ann[0].id, None, None, 100).await.len(), 1);
        assert_eq!(find(&ann[0].id, Some(EventState::Queued), None, 100).await.len(), 1);
        assert_eq!(find("ann", Some(EventState::Sent), None, 100).await.len(), 0);
        assert_eq!(find("ann", None, Some(ann[0].key.0), 100).await.len(), 0);
        let elsewhere = store.database.events(other, EventSearch::default(), 100).await.unwrap();
        assert_eq!(find(&elsewhere[0].id, None, None, 100).await.len(), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_while_the_endpoint_went_is_withdrawn() {
    on_both(async |store| {
        let shop = store.application("SHOP").await;
        set(store, shop, EventKinds::all()).await;
        store.add(shop, &["ann"]).await;
        store.run("DELETE FROM event_endpoints".to_owned(), vec![]).await;
        store.database.settle_events().await.unwrap();
        assert_eq!(states(store, shop).await, [(EventKind::UserAdded, EventState::Withdrawn, 0)]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_backup_brings_back_is_not_sent() {
    on_both(async |store| {
        let shop = store.application("SHOP").await;
        set(store, shop, EventKinds::all()).await;
        store.add(shop, &["ann"]).await;
        store.database.withdraw_restored_events().await.unwrap();
        assert_eq!(states(store, shop).await, [(EventKind::UserAdded, EventState::Withdrawn, 0)]);
    })
    .await;
}
