//! The memory of a signer lets nobody in: two nodes over one PostgreSQL, of which one changes what the other remembers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use iampass_core::{DeviceId, Secret, UnixSeconds};
use tokio::sync::Notify;

use super::foreseeing::{Foreseeing, NOW, nonce};
use super::test_store::until;
use super::*;

#[tokio::test]
async fn a_start_by_what_is_remembered_is_made_once_and_a_copy_of_it_is_a_replay() {
    let Some(rig) = Foreseeing::new().await else { return };
    let foreseen = rig.foreseen();
    assert_eq!(foreseen.standing(), Standing::Open);
    let (outcome, _) = rig.start(&foreseen, 1).await.unwrap();
    assert!(matches!(outcome, StartOutcome::Started { .. }), "{outcome:?}");
    assert_eq!(foreseen.standing(), Standing::Held);
    let again = rig.start(&rig.foreseen(), 1).await;
    assert!(matches!(again, Err(StorageError::Replayed)), "{again:?}");
    assert_eq!((rig.stored().await, rig.sessions().as_str()), (vec!["1".to_owned()], "1"));
}

#[tokio::test]
async fn nothing_comes_of_a_start_whose_application_another_node_has_changed() {
    let Some(rig) = Foreseeing::new().await else { return };
    let rotate =
        || ApplicationChange::Rotate { secret: Secret::new("new"), previous_until: UnixSeconds(2_000) };
    for (number, change) in (1..).zip([
        rotate(),
        ApplicationChange::EndOverlap,
        ApplicationChange::Disable,
        ApplicationChange::Enable,
    ]) {
        // This is what the node remembers.
        rig.node.database.application("APP").await.unwrap().unwrap();
        rig.change(change).await;
        let foreseen = rig.foreseen();
        let refused = rig.start(&foreseen, number).await;
        assert!(matches!(refused, Err(StorageError::NotAsForeseen)), "{number}: {refused:?}");
        assert_eq!(foreseen.standing(), Standing::Broken);
    }
    assert_eq!((rig.stored().await, rig.sessions().as_str()), (Vec::new(), "0"), "no nonce is spent");
    // Judged by what is stored, it is as good as ever.
    rig.node.database.application("APP").await.unwrap().unwrap();
    assert!(rig.start(&rig.foreseen(), 1).await.is_ok());
}

/// The nonce was spent before, and the secret is another one by now: the call hears of the secret, as by what is stored.
#[tokio::test]
async fn a_replay_by_an_old_secret_is_judged_by_the_secret() {
    let Some(rig) = Foreseeing::new().await else { return };
    rig.start(&rig.foreseen(), 1).await.unwrap();
    rig.change(ApplicationChange::Rotate { secret: Secret::new("new"), previous_until: UnixSeconds(0) })
        .await;
    let refused = rig.start(&rig.foreseen(), 1).await;
    assert!(matches!(refused, Err(StorageError::NotAsForeseen)), "{refused:?}");
    assert_eq!(rig.stored().await, ["1"]);
}

#[tokio::test]
async fn a_nonce_counts_only_after_the_signer_was_read() {
    let Some(rig) = Foreseeing::new().await else { return };
    let database = &rig.node.database;
    let foreseen = rig.foreseen();
    drop(SpentNonce::foreseen(Arc::clone(database), nonce("APP", 1), foreseen.clone()));
    assert!(rig.stored().await.is_empty());
    // The transaction fails before the signer is read.
    let spent = SpentNonce::foreseen(Arc::clone(database), nonce("APP", 2), foreseen.clone());
    let failed = database.write_spending(spent, |tx| {
        Box::pin(async move { tx.execute("there is no such statement", &[]).await })
    });
    assert!(failed.await.is_err());
    assert_eq!((foreseen.standing(), rig.stored().await.len()), (Standing::Open, 0));
    assert!(database.is_as_foreseen(&foreseen).await.unwrap());
    // It fails after that.
    let spent = SpentNonce::foreseen(Arc::clone(database), nonce("APP", 3), foreseen.clone());
    let failed = database.write_spending(spent, |tx| {
        Box::pin(async move {
            tx.query("SELECT 1", &[]).await?;
            Err::<(), _>(StorageError::Corrupt { what: "anything" })
        })
    });
    assert!(matches!(failed.await, Err(StorageError::Corrupt { .. })));
    assert_eq!(rig.stored().await, ["3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn among_changes_that_share_a_transaction_those_of_old_memories_alone_are_not_made() {
    let Some(rig) = Foreseeing::new().await else { return };
    let old = rig.foreseen();
    rig.change(ApplicationChange::Rename("other".to_owned())).await;
    rig.node.database.application("APP").await.unwrap().unwrap();
    let (good, copy) = (rig.foreseen(), rig.foreseen());
    rig.start(&rig.foreseen(), 9).await.unwrap();
    let commit = rig.node.database.hold_commits();
    let together = join_all([rig.start(&old, 1), rig.start(&good, 2), rig.start(&copy, 9)]);
    let letting_go = async {
        until(|| rig.node.database.waiting_changes() >= 3).await;
        drop(commit);
    };
    let (made, ()) = tokio::join!(together, letting_go);
    assert!(matches!(made[0], Err(StorageError::NotAsForeseen)), "{made:?}");
    assert!(matches!(made[1], Ok((StartOutcome::Started { .. }, _))), "{made:?}");
    assert!(matches!(made[2], Err(StorageError::Replayed)), "{made:?}");
    assert_eq!((rig.stored().await, rig.sessions().as_str()), (vec!["2".to_owned(), "9".to_owned()], "2"));
}

#[tokio::test]
async fn nothing_is_told_to_a_phone_that_another_node_has_removed() {
    let Some(rig) = Foreseeing::new().await else { return };
    let (database, id) = (&rig.node.database, "phone-of-u");
    let (_, device) = database.device(id).await.unwrap().unwrap();
    let ask = async |number| {
        let (signer, _) = database.remembered_device(id).unwrap();
        database.ask_questions(nonce(id, number), signer, NOW).await.unwrap()
    };
    assert!(ask(1).await.is_some());
    assert!(ask(1).await.is_none(), "a replay");
    rig.other.database.unregister_device(device, rig.other.none()).await.unwrap();
    assert!(ask(2).await.is_none());
    // Another phone of the same id has another secret.
    let code = rig.other.link(rig.application, "u").await;
    let device = NewDevice { id: DeviceId::new(id).unwrap(), secret: Secret::new("s") };
    let phone =
        serde_json::from_value(serde_json::json!({"notification_token": "*x", "platform": "web"})).unwrap();
    rig.other.database.register_device(code, device, phone).await.unwrap().registered().unwrap();
    assert!(ask(3).await.is_none());
    assert_eq!(rig.stored().await, ["1"]);
}

#[tokio::test]
async fn no_answer_counts_by_a_question_that_is_not_as_it_was() {
    let Some(rig) = Foreseeing::new().await else { return };
    let credentials = rig.question().await;
    let (database, id) = (&rig.node.database, credentials.request_id.as_str());
    let (secret, asked, foreseen) = database.foreseen_question(id).unwrap();
    assert_eq!(secret.expose(), credentials.request_secret.expose());
    let (_, read) = rig.other.database.question(id).await.unwrap().unwrap();
    assert_eq!(
        (read.key, read.methods, read.counted_to),
        (asked.key, asked.methods.clone(), asked.counted_to)
    );
    rig.server.sql("UPDATE sessions SET methods = 'device'").unwrap();
    let spent = SpentNonce::foreseen(Arc::clone(database), nonce(id, 1), foreseen.clone());
    let refused = database.pick_up(asked.key.session, spent).await;
    assert!(matches!(refused, Err(StorageError::NotAsForeseen)), "{refused:?}");
    assert!(rig.stored().await.is_empty());
    // A question of a phone without a key that is over signs as before, and is over.
    rig.server.sql("UPDATE sessions SET methods = ''").unwrap();
    let (_, device) = rig.other.database.device("phone-of-u").await.unwrap().unwrap();
    rig.other.database.unregister_device(device, rig.other.none()).await.unwrap();
    let spent = SpentNonce::foreseen(Arc::clone(database), nonce(id, 2), foreseen);
    assert_eq!(database.pick_up(asked.key.session, spent).await.unwrap(), AnswerOutcome::TooLate);
    assert_eq!(rig.stored().await, ["2"]);
}

#[tokio::test]
async fn an_answer_by_what_is_remembered_is_taken_once() {
    let Some(rig) = Foreseeing::new().await else { return };
    let credentials = rig.question().await;
    let (database, id) = (&rig.node.database, credentials.request_id.as_str());
    let answer = async |number| {
        let (_, asked, foreseen) = database.foreseen_question(id).unwrap();
        let spent = SpentNonce::foreseen(Arc::clone(database), nonce(id, number), foreseen);
        let session = rig.node.session(&credentials).await;
        assert_eq!(asked.key.session, session.key);
        rig.node.answer_spending(asked.key, true, spent).await
    };
    assert!(matches!(answer(1).await, AnswerOutcome::Taken(_)));
    let (_, asked, foreseen) = database.foreseen_question(id).unwrap();
    let spent = SpentNonce::foreseen(Arc::clone(database), nonce(id, 1), foreseen);
    let again = database.pick_up(asked.key.session, spent).await;
    assert!(matches!(again, Err(StorageError::Replayed)), "{again:?}");
    assert_eq!(rig.stored().await, ["1"]);
}

#[tokio::test]
async fn a_session_is_told_by_its_secret_as_it_is_stored_and_as_it_is_now() {
    let Some(rig) = Foreseeing::new().await else { return };
    let (_, credentials) = rig.node.start(rig.application, "u").await;
    let (database, token) = (&rig.node.database, credentials.token.as_str());
    let ask = async |number| {
        let signer = database.remembered_session(token).unwrap();
        assert_eq!(signer.secret.expose(), credentials.secret.expose());
        database.ask_session(nonce(token, number), signer).await.unwrap()
    };
    let session = ask(1).await.unwrap();
    assert!(ask(1).await.is_none(), "a replay");
    rig.other.database.log_out(session.key, rig.other.none()).await.unwrap();
    assert!(ask(2).await.unwrap().timeline.state.is_ended());
    rig.server.sql("UPDATE sessions SET secret = '\\x00'").unwrap();
    assert!(ask(3).await.is_none());
    rig.server.sql("DELETE FROM sessions").unwrap();
    assert!(ask(4).await.is_none());
    assert_eq!(rig.stored().await, ["1", "2"]);
}

/// Sessions and phones by one statement: each call gets its own rows.
#[tokio::test(flavor = "multi_thread")]
async fn calls_that_are_answered_together_get_each_its_own() {
    let Some(rig) = Foreseeing::new().await else { return };
    let database = &rig.node.database;
    let mut sessions = Vec::new();
    for user in 0..8 {
        let user = format!("u{user}");
        rig.node.user_with_phone(rig.application, &user).await;
        let (_, credentials) = rig.node.start(rig.application, &user).await;
        database.device(&format!("phone-of-{user}")).await.unwrap().unwrap();
        sessions.push((user, credentials));
    }
    for round in 0..20 {
        let all = sessions.iter().map(async |(user, credentials)| {
            let (token, phone) = (credentials.token.as_str(), format!("phone-of-{user}"));
            let session = async {
                let signer = database.remembered_session(token).unwrap();
                database.ask_session(nonce(token, round), signer).await.unwrap().unwrap()
            };
            let questions = async {
                let (signer, device) = database.remembered_device(&phone).unwrap();
                (device, database.ask_questions(nonce(&phone, round), signer, NOW).await.unwrap().unwrap())
            };
            let (session, (device, waiting)) = tokio::join!(session, questions);
            assert_eq!(session.user, Some(device.user));
            let ids: Vec<_> = waiting.questions.iter().map(|question| question.id.as_str()).collect();
            assert_eq!(ids, [credentials.request_id.as_str()]);
            assert_eq!(waiting.questions[0].user_id.as_str(), user);
        });
        join_all(all).await;
    }
    assert_eq!(rig.stored().await.len(), 320);
}

/// The caller goes away while its change is being made, and a copy of its nonce with it. The change is made again because of another one, and is not taken
/// for a copy of itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_a_nonce_that_is_dropped_undoes_no_change() {
    let Some(rig) = Foreseeing::new().await else { return };
    let (foreseen, database) = (rig.foreseen(), Arc::clone(&rig.node.database));
    let (begun, gone) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let again = Arc::new(AtomicBool::new(false));
    rig.server.sql("CREATE TABLE list (id text)").unwrap();
    let change = {
        let (begun, gone, again) = (Arc::clone(&begun), Arc::clone(&gone), Arc::clone(&again));
        let spent = rig.spent(&foreseen, "APP", 1);
        async move {
            let made = database.write_spending(spent, move |tx| {
                Box::pin(async move {
                    tx.execute("INSERT INTO list VALUES ('made')", &[]).await?;
                    if !again.swap(true, Ordering::SeqCst) {
                        begun.notify_one();
                        gone.notified().await;
                        tx.execute(CONFLICT, &[]).await?;
                    }
                    Ok(())
                })
            });
            made.await
        }
    };
    let caller = tokio::spawn(change);
    begun.notified().await;
    assert_eq!(foreseen.standing(), Standing::Held);
    caller.abort();
    drop(rig.spent(&foreseen, "APP", 1));
    // It would be on its way by now, and would wait for the change.
    tokio::time::sleep(Duration::from_millis(40)).await;
    gone.notify_one();
    assert_eq!(rig.stored().await, ["1"]);
    assert_eq!(rig.server.sql("SELECT id FROM list").unwrap().trim(), "made");
}

/// As of another transaction that was in its way.
const CONFLICT: &str = "DO $$ BEGIN RAISE EXCEPTION 'in the way' USING ERRCODE = '40001'; END $$";

/// It was made beside others by a secret that was good then. Until it is made again alone, the secret is another one.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_is_made_again_alone_is_judged_again() {
    let Some(rig) = Foreseeing::new().await else { return };
    rig.node.user_with_phone(rig.application, "v").await;
    let (foreseen, quick) = (rig.foreseen(), rig.foreseen());
    let (is_rotated, begun) = (Arc::new(AtomicBool::new(false)), Arc::new(Notify::new()));
    let commit = rig.node.database.hold_commits();
    let slow = {
        let (is_rotated, begun) = (Arc::clone(&is_rotated), Arc::clone(&begun));
        let (database, spent) = (Arc::clone(&rig.node.database), rig.spent(&foreseen, "APP", 1));
        tokio::spawn(async move {
            let made = database.write_spending(spent, move |tx| {
                Box::pin(async move {
                    tx.query("SELECT 1", &[]).await?;
                    if !is_rotated.load(Ordering::SeqCst) {
                        begun.notify_one();
                        while !is_rotated.load(Ordering::SeqCst) {
                            tokio::time::sleep(Duration::from_millis(2)).await;
                        }
                        tx.execute(CONFLICT, &[]).await?;
                    }
                    Ok(())
                })
            });
            made.await
        })
    };
    until(|| rig.node.database.waiting_changes() >= 1).await;
    let quick = rig.node.try_start_spending(rig.application, "v", rig.spent(&quick, "APP", 2));
    let rotated = async {
        until(|| rig.node.database.waiting_changes() >= 2).await;
        drop(commit);
        begun.notified().await;
        let rotate = ApplicationChange::Rotate { secret: Secret::new("new"), previous_until: UnixSeconds(0) };
        rig.change(rotate).await;
        is_rotated.store(true, Ordering::SeqCst);
    };
    let (quick, ()) = tokio::join!(quick, rotated);
    assert!(matches!(quick, Ok((StartOutcome::Started { .. }, _))), "{quick:?}");
    let slow = slow.await.unwrap();
    assert!(matches!(slow, Err(StorageError::NotAsForeseen)), "{slow:?}");
    assert_eq!((foreseen.standing(), rig.stored().await), (Standing::Broken, vec!["2".to_owned()]));
}

/// Where the answer to a commit is lost, nothing is known to be unspent.
#[tokio::test]
async fn what_may_have_been_committed_is_neither_held_nor_broken() {
    let Some(rig) = Foreseeing::new().await else { return };
    rig.server
        .sql(
            "CREATE TABLE late (code text);
             CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN RAISE EXCEPTION 'late' USING ERRCODE = NEW.code; END $$;
             CREATE CONSTRAINT TRIGGER late AFTER INSERT ON late DEFERRABLE INITIALLY DEFERRED
                 FOR EACH ROW EXECUTE FUNCTION late()",
        )
        .unwrap();
    let foreseen = rig.foreseen();
    let failed = rig.node.database.write_spending(rig.spent(&foreseen, "APP", 1), |tx| {
        Box::pin(async move { tx.execute("INSERT INTO late VALUES ('57014')", &[]).await })
    });
    let failed = failed.await;
    assert!(matches!(failed, Err(StorageError::MaybeCommitted(_))), "{failed:?}");
    assert_eq!((foreseen.standing(), rig.stored().await), (Standing::Unclear, vec!["1".to_owned()]));
}
