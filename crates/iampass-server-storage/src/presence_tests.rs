//! Words of phones about being near, on each database that there is: which sessions they reach, whom they wake, and what is found among many.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use iampass_core::UnixSeconds;
use iampass_server_domain::rules::{PresenceWord, SignedWord, State, Timeline, Walkaway};
use tokio::sync::{Notify, watch};

use super::bringing_tests::phone;
use super::test_store::{Store, noted, on_both};
use super::two_nodes::{Node, NodeClock, two_nodes};
use super::*;

const NEAR: PresenceWord = PresenceWord::Near(Duration::from_secs(90));

fn none(store: &Store) -> SpentNonce {
    SpentNonce::none(Arc::clone(&store.database))
}

async fn switch(store: &Store, application: ApplicationKey, walkaway: Walkaway) {
    let change = ApplicationChange::Walkaway(walkaway);
    let noted = noted("application.configured");
    store.database.change_application(application, change, Actor::Command, noted).await.unwrap().unwrap();
}

/// A phone that has opened these many sessions, `t1` and so on, whose application wants its words.
async fn opened(store: &Store, sessions: i64) -> (ApplicationKey, Device) {
    let application = store.application("APP").await;
    let device = phone(store, application).await;
    store.sessions(application, Some(device.user), 1, sessions).await;
    store.run("UPDATE sessions SET device_key = ?1".to_owned(), vec![device.key.0]).await;
    switch(store, application, Walkaway::On).await;
    (application, device)
}

/// Each word is signed later than the one before.
async fn say(store: &Store, device: &Device, session: Option<&str>, word: PresenceWord) -> PresenceOutcome {
    static LATER: AtomicU64 = AtomicU64::new(0);
    let at = now(store).await + LATER.fetch_add(1, Ordering::Relaxed);
    say_at(store, device, session, word, at).await
}

async fn say_at(
    store: &Store,
    device: &Device,
    session: Option<&str>,
    word: PresenceWord,
    at: u64,
) -> PresenceOutcome {
    let (session, word) = (session.map(str::to_owned), SignedWord { word, at: UnixSeconds(at) });
    store.database.say_presence(device.clone(), session, word, none(store)).await.unwrap()
}

/// The row of a session.
async fn row(store: &Store, token: &str) -> (SessionKey, Timeline) {
    let token = token.to_owned();
    let read = store.database.read(move |tx| {
        Box::pin(async move {
            let sql = "SELECT key, state, due_at, near_until FROM sessions WHERE token = ?1";
            let row = tx.query_one(sql, &[(&token).into()]).await?.unwrap();
            Ok((row.key(0)?, timeline_rows::timeline(&row, 1)?))
        })
    });
    read.await.unwrap()
}

async fn state(store: &Store, token: &str, at: u64) -> State {
    row(store, token).await.1.state_at(UnixSeconds(at))
}

async fn now(store: &Store) -> u64 {
    store.database.read(|tx| Box::pin(async move { Ok(tx.now().0) })).await.unwrap()
}

fn was_woken(heard: &mut watch::Receiver<()>) -> bool {
    let woken = heard.has_changed().unwrap();
    heard.mark_unchanged();
    woken
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_reaches_the_sessions_that_its_phone_has_opened_and_no_others() {
    on_both(async |store| {
        let (application, device) = opened(store, 3).await;
        let database = &store.database;
        // One is another phone's, and one has ended.
        store
            .run("UPDATE sessions SET device_key = NULL WHERE token = 't2' AND key > ?1".to_owned(), vec![0])
            .await;
        let (ended, _) = row(store, "t3").await;
        database.log_out(ended, none(store)).await.unwrap();
        let at = now(store).await;
        let PresenceOutcome::Said { sessions, near_until, .. } = say(store, &device, None, NEAR).await else {
            panic!()
        };
        let until = near_until.unwrap().0;
        assert_eq!(sessions, 1);
        assert!((at + 90..at + 150).contains(&until), "{until}");
        assert_eq!(state(store, "t1", until - 1).await, State::Active);
        assert_eq!(state(store, "t1", until).await, State::Walkaway);
        assert_eq!(state(store, "t2", until).await, State::Active, "it has promised nothing");
        for (name, expected) in [
            ("r1", PresenceOutcome::Said { sessions: 1, overtaken: 0, near_until: None }),
            ("r2", PresenceOutcome::Unknown),
            ("r3", PresenceOutcome::NotPossible(State::Closed)),
            ("none", PresenceOutcome::Unknown),
        ] {
            assert_eq!(say(store, &device, Some(name), PresenceWord::Away).await, expected, "{name}");
        }
        assert_eq!(state(store, "t1", at).await, State::Walkaway);
        switch(store, application, Walkaway::Off).await;
        assert_eq!(say(store, &device, None, NEAR).await, PresenceOutcome::Off);
        assert_eq!(state(store, "t1", at).await, State::Walkaway, "nothing is lifted by that");
        let gone = Device { key: DeviceKey(device.key.0 + 1_000), ..device };
        assert_eq!(say(store, &gone, None, NEAR).await, PresenceOutcome::UnknownDevice);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_word_that_changes_something_wakes() {
    on_both(async |store| {
        let (application, device) = opened(store, 1).await;
        let mut heard = store.database.signals().listen(device.user);
        for (word, wakes, why) in [
            (NEAR, false, "it was active"),
            (NEAR, false, "it is near as before"),
            (PresenceWord::Away, true, "it is away"),
            (PresenceWord::Away, false, "it is away as before"),
            (NEAR, true, "it is back"),
        ] {
            say(store, &device, None, word).await;
            assert_eq!(was_woken(&mut heard), wakes, "{why}");
        }
        // The promise passes, and the next word comes before that is written down: some have seen it.
        store.run("UPDATE sessions SET near_until = ?1".to_owned(), vec![1]).await;
        say(store, &device, None, NEAR).await;
        assert!(was_woken(&mut heard));
        store.run("UPDATE sessions SET near_until = ?1".to_owned(), vec![1]).await;
        say(store, &device, None, PresenceWord::Away).await;
        assert!(was_woken(&mut heard), "those who have not seen it are told as well");
        say(store, &device, None, NEAR).await;
        was_woken(&mut heard);
        store.run("UPDATE sessions SET near_until = ?1".to_owned(), vec![1]).await;
        assert_eq!(store.database.next_due().await.unwrap(), Some(UnixSeconds(1)));
        let (users, more) = store.database.settle_due().await.unwrap();
        assert_eq!((users, more), (vec![device.user], false));
        assert!(was_woken(&mut heard), "the timer");
        assert_eq!(store.database.settle_due().await.unwrap().0, vec![], "it is written down");
        assert_eq!(store.database.next_due().await.unwrap(), Some(UnixSeconds(9_000_000_000)));
        switch(store, application, Walkaway::Off).await;
        assert!(!was_woken(&mut heard));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_switch_that_is_turned_off_forgets_promises_and_keeps_who_is_away_out() {
    on_both(async |store| {
        let (application, device) = opened(store, 3).await;
        assert_eq!(store.database.application("APP").await.unwrap().unwrap().settings.walkaway, Walkaway::On);
        say(store, &device, None, NEAR).await;
        say(store, &device, Some("r2"), PresenceWord::Away).await;
        // The timer has not got to this one yet.
        store.run("UPDATE sessions SET near_until = ?1 WHERE token = 't3'".to_owned(), vec![1]).await;
        switch(store, application, Walkaway::Off).await;
        let later = now(store).await + 3_000;
        assert_eq!(state(store, "t1", later).await, State::Active, "no promise is left that could pass");
        assert_eq!(state(store, "t2", later).await, State::Walkaway);
        assert_eq!(state(store, "t3", later).await, State::Walkaway);
        switch(store, application, Walkaway::On).await;
        let PresenceOutcome::Said { sessions, .. } = say(store, &device, None, NEAR).await else { panic!() };
        assert_eq!(sessions, 1, "what was away before is the user's to open");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn words_count_in_the_order_in_which_they_were_signed() {
    on_both(async |store| {
        let (_, device) = opened(store, 1).await;
        let at = now(store).await;
        let said = |sessions, overtaken, near_until: Option<u64>| PresenceOutcome::Said {
            sessions,
            overtaken,
            near_until: near_until.map(UnixSeconds),
        };
        for (word, signed, outcome, state_then) in [
            (NEAR, at - 20, said(1, 0, Some(at + 70)), State::Active),
            (PresenceWord::Away, at - 21, said(0, 1, None), State::Active),
            (PresenceWord::Away, at - 20, said(1, 0, None), State::Walkaway),
            (NEAR, at - 20, said(0, 1, None), State::Walkaway),
            (NEAR, at - 21, said(0, 1, None), State::Walkaway),
            (NEAR, at - 19, said(1, 0, Some(at + 71)), State::Active),
            (NEAR, at - 100, PresenceOutcome::Late, State::Active),
        ] {
            assert_eq!(say_at(store, &device, None, word, signed).await, outcome, "{word:?} of {signed}");
            assert_eq!(state(store, "t1", at).await, state_then, "{word:?} of {signed}");
        }
        assert_eq!(say_at(store, &device, Some("r1"), NEAR, at - 30).await, said(0, 1, None));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn promises_are_found_by_an_index_among_many() {
    on_both(async |store| {
        let (_, device) = opened(store, 20_000).await;
        store.run("UPDATE sessions SET near_until = key WHERE key % 10 = ?1".to_owned(), vec![0]).await;
        store.run("ANALYZE sessions".to_owned(), vec![]).await;
        for (sql, values, index) in [
            (timeline_rows::MISSED, vec![100.into(), 500.into()], "sessions_near"),
            (sessions::NEXT_MISSED, vec![], "sessions_near"),
            (presence::OPENED, vec![device.user.into(), device.key.into(), 0.into()], "sessions_by"),
        ] {
            let plan = store.plan(sql, values).await;
            let sorts = index == "sessions_near" && (plan.contains("Sort") || plan.contains("TEMP B-TREE"));
            assert!((plan.contains(index) || index != "sessions_near") && !sorts, "{sql}\n{plan}");
        }
    })
    .await;
}

fn set(clock: &NodeClock, at: u64) {
    *clock.0.lock().unwrap() = at;
}

async fn seen(node: &Node, token: &str, at: u64) -> State {
    node.database.session(token).await.unwrap().unwrap().1.timeline.state_at(UnixSeconds(at))
}

#[tokio::test]
async fn a_promise_to_one_node_holds_for_the_other_and_passes_there_without_it() {
    let Some((one, other, _database)) = two_nodes().await else { return };
    let application = one.application().await;
    one.user_with_phone(application, "u").await;
    let (_, credentials) = one.start(application, "u").await;
    one.accept(one.session(&credentials).await).await;
    let change = ApplicationChange::Walkaway(Walkaway::On);
    one.database
        .change_application(application, change, Actor::Command, noted("application.configured"))
        .await
        .unwrap();
    let device = one.database.device("phone-of-u").await.unwrap().unwrap().1;
    let near = |at| SignedWord { word: NEAR, at: UnixSeconds(at) };
    let said = one.database.say_presence(device.clone(), None, near(1_000), one.none()).await.unwrap();
    assert_eq!(
        said,
        PresenceOutcome::Said { sessions: 1, overtaken: 0, near_until: Some(UnixSeconds(1_090)) }
    );
    let token = credentials.token.as_str();
    assert_eq!(seen(&other, token, 1_089).await, State::Active);
    assert_eq!(seen(&other, token, 1_090).await, State::Walkaway, "whether or not it is written down");
    // The node that heard the promise is gone; the other writes down that it was missed, once.
    set(&other.clock, 1_090);
    let heard = other.database.signals().listen(device.user);
    assert_eq!(other.database.settle_due().await.unwrap().0, vec![device.user]);
    assert!(heard.has_changed().unwrap());
    set(&one.clock, 1_091);
    assert_eq!(one.database.settle_due().await.unwrap().0, vec![]);
    // The next word may come to any node.
    let said = other.database.say_presence(device.clone(), None, near(1_090), other.none()).await.unwrap();
    assert_eq!(
        said,
        PresenceOutcome::Said { sessions: 1, overtaken: 0, near_until: Some(UnixSeconds(1_180)) }
    );
    assert_eq!(seen(&one, token, 1_100).await, State::Active);
    // A word of before that one comes to the node that was not asked since.
    let away = SignedWord { word: PresenceWord::Away, at: UnixSeconds(1_089) };
    let said = one.database.say_presence(device, None, away, one.none()).await.unwrap();
    assert_eq!(said, PresenceOutcome::Said { sessions: 0, overtaken: 1, near_until: None });
    assert_eq!(seen(&other, token, 1_100).await, State::Active);
}

/// Waits until so many statements of the database wait for a lock.
async fn are_waiting(database: &iampass_test_databases::Database, count: &str) {
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while database.sql(waiting).unwrap().trim() != count {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Holds what this statement locks until it is told to let go.
async fn hold(database: &Database, sql: &'static str, held: Arc<Notify>, let_go: Arc<Notify>) {
    let held = database.write(move |tx| {
        Box::pin(async move {
            tx.query(sql, &[]).await?;
            held.notify_one();
            let_go.notified().await;
            Ok(())
        })
    });
    held.await.unwrap();
}

/// A node with an open session, and the phone that has opened it.
async fn with_session(node: &Node) -> (ApplicationKey, Device) {
    let application = node.application().await;
    node.user_with_phone(application, "u").await;
    let (_, credentials) = node.start(application, "u").await;
    node.accept(node.session(&credentials).await).await;
    switch_at(node, application, Walkaway::On).await;
    (application, node.database.device("phone-of-u").await.unwrap().unwrap().1)
}

async fn switch_at(node: &Node, application: ApplicationKey, walkaway: Walkaway) {
    let change = ApplicationChange::Walkaway(walkaway);
    let noted = noted("application.configured");
    node.database.change_application(application, change, Actor::Command, noted).await.unwrap();
}

const FIRST: SignedWord = SignedWord { word: NEAR, at: UnixSeconds(1_000) };

#[tokio::test]
async fn a_word_does_not_wait_for_a_change_of_the_application() {
    let Some((one, other, _database)) = two_nodes().await else { return };
    let (_, device) = with_session(&one).await;
    let (held, let_go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let holding = hold(
        &other.database,
        "SELECT key FROM applications /*lock*/",
        Arc::clone(&held),
        Arc::clone(&let_go),
    );
    let saying = async {
        held.notified().await;
        let said = one.database.say_presence(device, None, FIRST, one.none());
        let said = tokio::time::timeout(Duration::from_secs(10), said).await;
        let_go.notify_one();
        said.expect("it waits for no other").unwrap()
    };
    let ((), said) = tokio::join!(holding, saying);
    assert!(matches!(said, PresenceOutcome::Said { sessions: 1, .. }), "{said:?}");
}

/// The word has begun before the switch, or the switch before the word. Either way no promise is left that could pass.
#[tokio::test]
async fn a_switch_that_is_turned_off_meanwhile_leaves_no_promise() {
    let Some((one, other, database)) = two_nodes().await else { return };
    let (application, device) = with_session(&one).await;
    for is_word_first in [true, false] {
        switch_at(&one, application, Walkaway::On).await;
        let (held, let_go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let holder = Node::over(&database).await;
        let holding = hold(
            &holder.database,
            "SELECT key FROM sessions /*lock*/",
            Arc::clone(&held),
            Arc::clone(&let_go),
        );
        let began = Notify::new();
        let saying = async {
            if is_word_first {
                held.notified().await;
                began.notify_one();
            } else {
                began.notified().await;
                are_waiting(&database, "1").await;
            }
            one.database.say_presence(device.clone(), None, FIRST, one.none()).await.unwrap()
        };
        let switching = async {
            if is_word_first {
                began.notified().await;
                are_waiting(&database, "1").await;
            } else {
                held.notified().await;
                began.notify_one();
            }
            switch_at(&other, application, Walkaway::Off).await;
        };
        let letting = async {
            are_waiting(&database, "2").await;
            let_go.notify_one();
        };
        tokio::join!(holding, saying, switching, letting);
        let left = database.sql("SELECT count(*) FROM sessions WHERE near_until IS NOT NULL").unwrap();
        assert_eq!(left.trim(), "0", "the word was first: {is_word_first}");
    }
}
