//! Calls that only read, several by one statement: what becomes of one does not become of the others.

use std::sync::Arc;

use futures_util::future::join_all;
use iampass_core::Secret;
use tokio::task::JoinHandle;

use super::foreseeing::{Foreseeing, NOW, nonce};
use super::nonce_rows::NonceRow;
use super::signals::News;
use super::test_store::until;
use super::two_nodes::Node;
use super::*;

/// Nonces of this number are refused by the server, as if something were wrong with them.
const REFUSED: u64 = 13;

fn refuse(rig: &Foreseeing) {
    rig.server
        .sql(&format!(
            "CREATE FUNCTION refused() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN IF NEW.nonce = {REFUSED} THEN RAISE EXCEPTION 'no'; END IF; RETURN NEW; END $$;
             CREATE TRIGGER refused BEFORE INSERT ON nonces FOR EACH ROW EXECUTE FUNCTION refused()"
        ))
        .unwrap();
}

type Asked = JoinHandle<Result<Option<SessionView>, StorageError>>;

/// Asks for the status of sessions while others are being answered, all of them together.
async fn ask_together(database: &Arc<Database>, calls: Vec<(NonceRow, RememberedSigner)>) -> Vec<Asked> {
    let (held, number) = (database.postgres().unwrap().hold_asking(), calls.len());
    let asked = calls
        .into_iter()
        .map(|(nonce, signer)| {
            let database = Arc::clone(database);
            tokio::spawn(async move { database.ask_session(nonce, signer).await })
        })
        .collect();
    until(|| database.postgres().unwrap().waiting_asks() >= number).await;
    drop(held);
    asked
}

async fn answers(asked: Vec<Asked>) -> Vec<Result<Option<SessionView>, StorageError>> {
    join_all(asked).await.into_iter().map(Result::unwrap).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_fails_takes_no_other_with_it() {
    let Some(rig) = Foreseeing::new().await else { return };
    let (_, credentials) = rig.node.start(rig.application, "u").await;
    let (database, token) = (&rig.node.database, credentials.token.as_str());
    refuse(&rig);
    for round in 1..=10 {
        // Those that are refused are asked again, each alone, while others come.
        let number = |place: u64| if place.is_multiple_of(4) { REFUSED } else { round * 1_000 + place };
        let asked = (0..24).map(|place| async move {
            let signer = database.remembered_session(token).unwrap();
            if place % 3 == 0 {
                tokio::task::yield_now().await;
            }
            (place, database.ask_session(nonce(token, number(place)), signer).await)
        });
        for (place, answered) in join_all(asked).await {
            match number(place) {
                REFUSED => assert!(answered.is_err(), "{place}: {answered:?}"),
                _ => assert!(matches!(answered, Ok(Some(_))), "{place}: {answered:?}"),
            }
        }
    }
}

/// One of a pair has a secret that is not the stored one, or a nonce that was spent before: it has no answer, its wrong secret spends no nonce, and the other
/// one is answered.
#[tokio::test(flavor = "multi_thread")]
async fn one_of_a_pair_that_may_not_ask_takes_nothing_from_the_other() {
    let Some(rig) = Foreseeing::new().await else { return };
    let credentials = rig.question().await;
    let (database, token) = (&rig.node.database, credentials.token.as_str());
    database.session(token).await.unwrap().unwrap();
    rig.device("phone-of-u").await;
    let of_session = |number| (nonce(token, number), database.remembered_session(token).unwrap());
    let of_phone =
        |number| (nonce("phone-of-u", number), database.remembered_device("phone-of-u").unwrap().0);
    let wrong =
        |(row, signer): (NonceRow, RememberedSigner)| (row, RememberedSigner { sealed: vec![7], ..signer });
    // Both are spent by themselves before.
    let ((row, signer), (of_other, other)) = (of_session(1), of_phone(2));
    assert!(database.ask_session(row, signer).await.unwrap().is_some());
    assert!(database.ask_questions(of_other, other, NOW).await.unwrap().is_some());
    for (session, phone, expected, stored) in [
        (of_session(3), of_phone(4), (true, true), &["3", "4"][..]),
        (wrong(of_session(5)), of_phone(6), (false, true), &["6"]),
        (of_session(7), wrong(of_phone(8)), (true, false), &["7"]),
        (wrong(of_session(9)), wrong(of_phone(10)), (false, false), &[]),
        (of_session(1), of_phone(11), (false, true), &["11"]),
        (of_session(12), of_phone(2), (true, false), &["12"]),
        // The signer of one asks by the secret of the other.
        ((nonce(token, 14), of_phone(0).1), of_phone(15), (false, true), &["15"]),
        (of_session(16), (nonce("phone-of-u", 17), of_session(0).1), (true, false), &["16"]),
    ] {
        let before = rig.stored().await;
        let numbers = (session.0.nonce, phone.0.nonce);
        let held = database.postgres().unwrap().hold_asking();
        let (one, two) = (Arc::clone(database), Arc::clone(database));
        let asked = tokio::spawn(async move { one.ask_session(session.0, session.1).await });
        let fetched = tokio::spawn(async move { two.ask_questions(phone.0, phone.1, NOW).await });
        until(|| database.postgres().unwrap().waiting_asks() >= 2).await;
        drop(held);
        let (asked, fetched) = (asked.await.unwrap().unwrap(), fetched.await.unwrap().unwrap());
        assert_eq!((asked.is_some(), fetched.is_some()), expected, "{numbers:?}");
        if let Some(waiting) = fetched {
            assert_eq!(waiting.questions.len(), 1, "{numbers:?}");
        }
        let mut new = rig.stored().await;
        new.retain(|number| !before.contains(number));
        assert_eq!(new, stored, "{numbers:?}");
    }
}

/// A call that is asked again alone takes nothing along that waits: it may fail once more.
#[tokio::test(flavor = "multi_thread")]
async fn those_that_wait_meanwhile_are_answered_whatever_is_asked_again() {
    let Some(rig) = Foreseeing::new().await else { return };
    let (_, credentials) = rig.node.start(rig.application, "u").await;
    let (database, token) = (&rig.node.database, credentials.token.as_str());
    refuse(&rig);
    let call = |number| (nonce(token, number), database.remembered_session(token).unwrap());
    let held = database.postgres().unwrap().hold_asking();
    let (row, signer) = call(1);
    let waiting = {
        let database = Arc::clone(database);
        tokio::spawn(async move { database.ask_session(row, signer).await })
    };
    until(|| database.postgres().unwrap().waiting_asks() >= 1).await;
    let (row, signer) = call(REFUSED);
    let again = database.postgres().unwrap().ask_again(asked_together::A_SESSION, row, signer.sealed).await;
    assert!(matches!(again, Err(StorageError::Unreachable(_))), "{again:?}");
    drop(held);
    let waiting = waiting.await.unwrap();
    assert!(matches!(waiting, Ok(Some(_))), "{waiting:?}");
}

/// The role of the second node may send no notification.
#[tokio::test(flavor = "multi_thread")]
async fn a_notification_that_fails_fails_no_read() {
    let Some(rig) = Foreseeing::new().await else { return };
    let role = format!("mute_{}", std::process::id());
    let name = rig.server.sql("SELECT current_database()").unwrap().trim().to_owned();
    rig.server
        .sql(&format!(
            "DROP ROLE IF EXISTS {role}; CREATE ROLE {role} LOGIN; GRANT ALL ON DATABASE \"{name}\" TO {role}; GRANT ALL ON SCHEMA public TO {role};
             GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {role};
             REVOKE EXECUTE ON FUNCTION pg_notify(text, text) FROM PUBLIC"
        ))
        .unwrap();
    let mut url = url::Url::parse(rig.server.url()).unwrap();
    url.set_username(&role).unwrap();
    let mute = Node::at(url.as_str()).await;
    let (_, credentials) = rig.node.start(rig.application, "u").await;
    let (database, token) = (&mute.database, credentials.token.as_str());
    database.session(token).await.unwrap().unwrap();
    for number in 1..=20 {
        database.postgres().unwrap().announce(vec![News::User(UserKey(1))]);
        let signer = database.remembered_session(token).unwrap();
        let answered = database.ask_session(nonce(token, number), signer).await;
        assert!(matches!(answered, Ok(Some(_))), "{number}: {answered:?}");
    }
    database.flush().await.unwrap();
    assert_eq!(rig.stored().await.len(), 20);
    drop(mute);
    rig.server
        .sql(&format!("REASSIGN OWNED BY {role} TO CURRENT_USER; DROP OWNED BY {role}; DROP ROLE {role}"))
        .unwrap();
}

/// Statements that store the same nonces wait for each other, and never in a circle: all store them in one order, whatever the language of the database.
#[tokio::test(flavor = "multi_thread")]
async fn nonces_of_reads_are_stored_in_the_order_of_all_nonces() {
    let Some(rig) = Foreseeing::new().await else { return };
    let tokens = ["b", "A", "a", "B", "ä", "Z", "-", "_"];
    for token in tokens {
        let (_, credentials) = rig.node.start(rig.application, "u").await;
        rig.server
            .sql(&format!(
                "UPDATE sessions SET token = '{token}', secret = '\\x00', ended_at = 1 WHERE token = '{}'",
                credentials.token.as_str()
            ))
            .unwrap();
    }
    let database = &rig.node.database;
    let share = NonceShare::Application(CountedTo::of(rig.application, None));
    let numbers = [u64::MAX, 1, i64::MAX.unsigned_abs(), i64::MAX.unsigned_abs() + 1];
    let mut rows: Vec<_> =
        tokens.into_iter().flat_map(|token| numbers.map(|number| nonce(token, number))).collect();
    let calls = rows.iter().cloned().map(|row| {
        let signer = RememberedSigner { secret: Secret::new("s"), share, sealed: vec![0] };
        (row, signer)
    });
    assert!(rows.len() <= 32, "one statement takes them all");
    let answered = answers(ask_together(database, calls.collect()).await).await;
    assert!(answered.iter().all(|answered| matches!(answered, Ok(Some(_)))), "{answered:?}");
    rows.sort_by(|one, other| one.in_order(other));
    let stored = || rig.server.sql("SELECT id || ' ' || nonce FROM nonces ORDER BY ctid").unwrap();
    let expected: Vec<_> = rows.iter().map(|row| format!("{} {}", row.id, row.nonce.cast_signed())).collect();
    assert_eq!(stored().lines().collect::<Vec<_>>(), expected);
    // So they are by themselves.
    rig.server.sql("TRUNCATE nonces").unwrap();
    let held = database.postgres().unwrap().hold_spending();
    let spent: Vec<_> = rows
        .iter()
        .rev()
        .map(|row| {
            let (database, row) = (Arc::clone(database), row.clone());
            tokio::spawn(async move { drop(database.spend(row).await.unwrap()) })
        })
        .collect();
    until(|| database.postgres().unwrap().waiting_nonces() >= rows.len()).await;
    drop(held);
    join_all(spent).await.into_iter().for_each(Result::unwrap);
    assert_eq!(stored().lines().collect::<Vec<_>>(), expected);
}
