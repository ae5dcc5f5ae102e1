//! Two nodes over one PostgreSQL, at the level of operations: what one has done holds for the other, whatever comes between.

use std::sync::Arc;
use std::time::Duration;

use iampass_core::signing::{Nonce, Presented, Signer};
use iampass_core::{Secret, UnixSeconds};
use iampass_server_domain::rules::{AllowedPhones, Lacking, State};
use tokio::sync::Notify;

use super::two_nodes::{HOUR, Node, token, two_nodes};
use super::*;
use crate::{MasterKey, MasterKeySource, MasterKeys, StorageConfig, StorageLocation};

/// Of a request that was signed at 1000.
fn signed_headers() -> http::HeaderMap {
    let signer = Signer { id: "id", secret: &Secret::new("secret") };
    let signed = signer.sign("http://h/", Nonce::new(7), UnixSeconds(1_000));
    let mut headers = http::HeaderMap::new();
    for (name, value) in signed.lines() {
        headers.insert(http::HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
    }
    headers
}

#[tokio::test]
async fn a_nonce_that_one_node_has_taken_is_refused_by_the_other() {
    let Some((one, other, _database)) = two_nodes().await else { return };
    let headers = signed_headers();
    let presented = Presented::from_headers(&headers).unwrap();
    let (first, second) =
        tokio::join!(one.database.spend_nonce(&presented), other.database.spend_nonce(&presented));
    let refused = [first.err(), second.err()];
    let replayed = refused.iter().flatten().filter(|error| matches!(error, StorageError::Replayed));
    assert_eq!((replayed.count(), refused.iter().flatten().count()), (1, 1));
    for node in [&one, &other] {
        assert!(matches!(node.database.spend_nonce(&presented).await, Err(StorageError::Replayed)));
    }
}

#[tokio::test]
async fn a_nonce_is_kept_for_nodes_whose_clocks_are_behind() {
    let Some((fast, slow, _database)) = two_nodes().await else { return };
    let headers = signed_headers();
    let presented = Presented::from_headers(&headers).unwrap();
    fast.database.spend_nonce(&presented).await.unwrap();
    let window = Duration::from_secs(300);
    // For this node the nonce has just left the window, for the other one not yet.
    fast.database.purge_nonces(UnixSeconds(1_301), window).await.unwrap();
    assert!(matches!(slow.database.spend_nonce(&presented).await, Err(StorageError::Replayed)));
    // Beyond any clock that could be right, it goes.
    fast.database.purge_nonces(UnixSeconds(1_601), window).await.unwrap();
    slow.database.spend_nonce(&presented).await.unwrap();
}

#[tokio::test]
async fn a_login_that_was_on_its_way_when_its_application_was_disabled_is_not_started() {
    let Some((one, other, database)) = two_nodes().await else { return };
    let application = one.application().await;
    one.user_with_phone(application, "u").await;
    let noted = Noted { actor: "a".into(), application: None, action: "application.disabled", subject: None };
    one.database
        .change_application(application, ApplicationChange::Disable, Actor::Command, noted)
        .await
        .unwrap();
    // It had seen the application enabled.
    assert_eq!(other.start(application, "u").await.0, StartOutcome::Disabled);
    assert_eq!(database.sql("SELECT count(*) FROM sessions").unwrap().trim(), "0");
}

#[tokio::test]
async fn phones_that_one_node_was_told_not_to_take_are_not_taken_by_the_other() {
    let Some((one, other, _database)) = two_nodes().await else { return };
    let application = one.application().await;
    one.user_with_phone(application, "u").await;
    one.database.add_users(application, vec![token("v")], one.none()).await.unwrap();
    let (_, credentials) = one.start(application, "u").await;
    let session = other.session(&credentials).await;
    let allow = async |phones| {
        let noted =
            Noted { actor: "a".into(), application: None, action: "application.configured", subject: None };
        let change = ApplicationChange::AllowPhones(phones);
        one.database.change_application(application, change, Actor::Command, noted).await.unwrap();
    };
    allow(AllowedPhones::WithKey).await;
    assert_eq!(other.accept(session).await, AnswerOutcome::NotAllowed(Lacking::Key));
    let link = other.link(application, "v").await;
    assert!(other.register(link.clone(), "new").await.is_none());
    allow(AllowedPhones::Any).await;
    assert!(other.register(link, "new").await.is_some(), "the link is as good as before");
    assert_eq!(other.accept(session).await, AnswerOutcome::Taken(State::Active));
}

#[tokio::test]
async fn a_link_is_used_once_whichever_node_is_asked() {
    let Some((one, other, _database)) = two_nodes().await else { return };
    let application = one.application().await;
    one.database.add_users(application, vec![token("u")], one.none()).await.unwrap();
    for round in 0..10 {
        let code = other.link(application, "u").await;
        let (phone, second_phone) = (format!("a{round}"), format!("b{round}"));
        let (first, second) =
            tokio::join!(one.register(code.clone(), &phone), other.register(code, &second_phone));
        assert!(first.is_some() != second.is_some(), "exactly one of them is registered");
    }
}

#[tokio::test]
async fn a_link_that_is_renewed_while_the_old_one_is_freed_stays() {
    let Some((one, other, database)) = two_nodes().await else { return };
    let application = one.application().await;
    one.database.add_users(application, vec![token("u")], one.none()).await.unwrap();
    one.link(application, "u").await;
    let (renewed, let_go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (is_renewed, is_let_go) = (Arc::clone(&renewed), Arc::clone(&let_go));
    let renewing = one.database.write(move |tx| {
        Box::pin(async move {
            tx.execute("UPDATE links SET expires_at = 20000", &[]).await?;
            is_renewed.notify_one();
            is_let_go.notified().await;
            Ok(())
        })
    });
    let freeing = async {
        renewed.notified().await;
        // The old one has expired by then.
        let kept = Kept { ended: HOUR, signature_window: HOUR, clock_ahead: Duration::ZERO };
        other.database.tidy(UnixSeconds(10_000), kept, Vec::new()).await
    };
    let committing = async {
        let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while database.sql(waiting).unwrap().trim() == "0" {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let_go.notify_one();
    };
    let (renewing, freed, ()) = tokio::join!(renewing, freeing, committing);
    renewing.unwrap();
    freed.unwrap();
    assert_eq!(database.sql("SELECT expires_at FROM links").unwrap().trim(), "20000");
}

#[tokio::test]
async fn what_one_node_said_has_ended_cannot_be_accepted_on_another_whose_clock_is_behind() {
    let Some((one, other, _database)) = two_nodes().await else { return };
    let application = one.application().await;
    one.user_with_phone(application, "u").await;
    let (_, credentials) = one.start(application, "u").await;
    let session = other.session(&credentials).await;
    *one.clock.0.lock().unwrap() = 1_060;
    let settled = one.database.settle(session.key).await.unwrap().unwrap();
    assert_eq!(settled.0, State::Timeout);
    assert_eq!(other.accept(session).await, AnswerOutcome::TooLate);
}

#[tokio::test]
async fn racing_answers_on_two_nodes_have_one_outcome() {
    let Some((one, other, _database)) = two_nodes().await else { return };
    let application = one.application().await;
    one.user_with_phone(application, "u").await;
    for _ in 0..20 {
        let (_, credentials) = one.start(application, "u").await;
        let session = one.session(&credentials).await;
        let log_out = other.database.log_out(session.key, other.none());
        let (accepted, logged_out) = tokio::join!(one.accept(session), log_out);
        logged_out.unwrap();
        let state = one.session(&credentials).await.timeline.state;
        assert_eq!(state, State::Closed, "{accepted:?}: a logout that was acknowledged holds");
    }
}

#[tokio::test]
async fn a_login_that_starts_while_the_phone_is_lost_is_never_left_open() {
    let Some((one, other, _database)) = two_nodes().await else { return };
    let application = one.application().await;
    one.database.add_users(application, vec![token("u")], one.none()).await.unwrap();
    for round in 0..20 {
        let code = one.link(application, "u").await;
        one.register(code, &format!("phone{round}")).await.unwrap();
        let lost = NewLink { application, user: token("u"), display_name: None, lifetime: HOUR };
        let losing = other.database.lose_device(lost, LinkCode::draw().unwrap(), None, other.none());
        let ((outcome, credentials), lost) = tokio::join!(one.start(application, "u"), losing);
        assert_eq!(lost.unwrap(), DeviceLost::Removed);
        match outcome {
            StartOutcome::Started { .. } => {
                let session = one.session(&credentials).await;
                assert!(session.timeline.state.is_ended(), "its phone is gone: {session:?}");
                assert_eq!(one.accept(session).await, AnswerOutcome::TooLate);
            }
            StartOutcome::NoDevice => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_user_has_no_more_questions_than_allowed_whichever_nodes_ask() {
    let Some((one, other, _database)) = two_nodes().await else { return };
    let application = one.application().await;
    one.user_with_phone(application, "u").await;
    let starts = (0..16).map(|number| {
        let node = if number % 2 == 0 { &one } else { &other };
        node.start(application, "u")
    });
    let outcomes = futures_util::future::join_all(starts).await;
    let started = outcomes.iter().filter(|(outcome, _)| matches!(outcome, StartOutcome::Started { .. }));
    assert_eq!(started.count(), 5);
}

#[tokio::test]
async fn denials_on_one_node_pause_starts_on_the_other_and_are_counted_once_each() {
    let Some((one, other, _database)) = two_nodes().await else { return };
    let application = one.application().await;
    one.user_with_phone(application, "u").await;
    let (_, first) = one.start(application, "u").await;
    let (_, second) = other.start(application, "u").await;
    let (first, second) = (one.session(&first).await, one.session(&second).await);
    let denied = AnswerOutcome::Taken(State::Cancelled);
    let (on_one, on_other, again) =
        tokio::join!(one.answer(first, false), other.answer(second, false), other.answer(first, false));
    assert!(on_other == denied && (on_one == denied) != (again == denied), "{on_one:?} {again:?}");
    for node in [&one, &other] {
        assert_eq!(node.start(application, "u").await.0, StartOutcome::TooManyDenials);
        *node.clock.0.lock().unwrap() += 30;
    }
    for node in [&one, &other] {
        assert!(matches!(node.start(application, "u").await.0, StartOutcome::Started { .. }));
    }
}

/// A denial locks the user before the session, as deletion does: otherwise the two would wait for each other.
#[tokio::test]
async fn a_denial_and_the_deletion_of_its_user_do_not_lock_each_other_out() {
    let Some((one, other, database)) = two_nodes().await else { return };
    let application = one.application().await;
    for round in 0..20 {
        let user = format!("u{round}");
        one.user_with_phone(application, &user).await;
        let (_, credentials) = one.start(application, &user).await;
        let session = one.session(&credentials).await;
        let deleting = other.database.delete_users(application, vec![token(&user)], other.none());
        let (_, deleted) = tokio::join!(one.answer(session, false), deleting);
        assert_eq!(deleted.unwrap(), 1);
    }
    assert_eq!(database.sql("SELECT count(*) FROM denials").unwrap().trim(), "0");
}

#[tokio::test]
async fn a_deadline_is_written_down_by_one_node() {
    let Some((one, other, _database)) = two_nodes().await else { return };
    let application = one.application().await;
    for number in 0..40 {
        let user = format!("u{number}");
        one.user_with_phone(application, &user).await;
        one.start(application, &user).await;
    }
    for node in [&one, &other] {
        *node.clock.0.lock().unwrap() = 1_061;
    }
    let (first, second) = tokio::join!(one.database.settle_due(), other.database.settle_due());
    let mut users: Vec<UserKey> = first.unwrap().0;
    users.extend(second.unwrap().0);
    // Rows that the other node worked on are left to it, so a second look may be needed; no row is settled twice.
    users.extend(one.database.settle_due().await.unwrap().0);
    users.sort();
    let all = users.len();
    users.dedup();
    assert_eq!((all, users.len()), (40, 40));
}

#[tokio::test]
async fn what_happens_on_one_node_is_heard_on_the_other() {
    let Some((one, other, _database)) = two_nodes().await else { return };
    let (heard, mut hears) = tokio::sync::mpsc::unbounded_channel();
    let hearing = Arc::clone(&other.database);
    let listening = tokio::spawn(async move {
        hearing
            .hear(&move |user| {
                let _ = heard.send(user);
            })
            .await;
    });
    let soon = Duration::from_secs(20);
    // Before it listens, anything may have been missed, and it says so.
    assert_eq!(tokio::time::timeout(soon, hears.recv()).await.unwrap(), Some(None));
    one.database.announce(UserKey(4_711)).await.unwrap();
    loop {
        let next = tokio::time::timeout(soon, hears.recv()).await.expect("it is heard");
        if next.flatten() == Some(UserKey(4_711)) {
            break;
        }
    }
    listening.abort();
}

#[tokio::test]
async fn nodes_change_their_master_key_one_after_the_other_and_go_on() {
    let Some((_, _, database)) = two_nodes().await else { return };
    let key = |byte| MasterKey::from_bytes([byte; 32]);
    let (old, new) = (|| MasterKeys::new(key(3)), || MasterKeys::new(key(4)));
    // As the guide has it: at each step some nodes have come so far, and some have not.
    let steps = [
        [old(), old().with_previous(key(4))],
        [old().with_previous(key(4)), new().with_previous(key(3))],
        [new().with_previous(key(3)), new().with_previous(key(3))],
        [new().with_previous(key(3)), new()],
    ];
    let last = steps.len() - 1;
    for (step, [behind, ahead]) in steps.into_iter().enumerate() {
        let nodes = [Node::with_keys(&database, behind).await, Node::with_keys(&database, ahead).await];
        if step == 0 {
            let application = nodes[0].application().await;
            nodes[0].user_with_phone(application, "u").await;
        }
        for [one, other] in [[0, 1], [1, 0]] {
            let application = nodes[one].database.application("APP").await.unwrap().unwrap().key;
            let (_, credentials) = nodes[one].start(application, "u").await;
            let session = nodes[other].session(&credentials).await;
            nodes[other].database.log_out(session.key, nodes[other].none()).await.unwrap();
        }
        if step + 1 == last {
            assert!(nodes[1].database.reseal(&|_| {}).await.unwrap() > 0);
        }
    }
}

#[tokio::test]
async fn a_node_with_another_master_key_is_refused() {
    let Some((_one, _other, database)) = two_nodes().await else { return };
    let mut config = StorageConfig::new(StorageLocation::Postgres(database.url().parse().unwrap()));
    for (keys, is_missing) in [
        (MasterKeySource::Keys(MasterKeys::new(MasterKey::from_bytes([4; 32]))), false),
        (MasterKeySource::BesideData, true),
    ] {
        config.master_key = keys;
        let refused = Database::open(&config, Sharing::Alone).await.unwrap_err();
        match is_missing {
            true => assert!(matches!(refused, StorageError::NoMasterKey), "{refused}"),
            false => assert!(matches!(refused, StorageError::WrongMasterKey), "{refused}"),
        }
    }
}
