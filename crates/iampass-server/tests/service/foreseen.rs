//! The memory that a service over PostgreSQL has of a signer lets nobody in: the stored row does, whoever has changed it. Over a file nothing is remembered,
//! and all of it is the same.

use serde_json::json;

use crate::phone_key::Keyed;
use crate::rig::{Answer, Question, Rig, path_of};
use crate::store::on_postgres;

impl Rig {
    /// The question that waits, as the last of these phones is told it. Each of them fetches it, one after the other.
    async fn fetched_by(&self, phones: &[&Keyed]) -> Question {
        let mut question = None;
        for keyed in phones {
            question = self.questions(&keyed.phone).await.pop();
        }
        question.unwrap()
    }

    /// An acceptance that this phone signs.
    async fn signed_by(&self, keyed: &Keyed, question: &Question) -> Answer {
        let claims = keyed.claims_with(self, question, json!({"accepted": true}));
        self.answer(question, json!({"answer": keyed.key.answer(&claims)})).await
    }
}

#[tokio::test]
async fn of_two_phones_that_fetch_in_turn_each_may_answer() {
    let rig = Rig::start().await;
    let (first, second) = rig.two("u").await;
    let (one, other) = (&first, &second);
    for (fetch, answers) in [
        (&[one, other][..], one),
        (&[one, other], other),
        (&[other, one], other),
        (&[other, one], one),
        (&[one], one),
        (&[other], other),
        (&[one], other),
    ] {
        let session = rig.session("u", "").await;
        let question = rig.fetched_by(fetch).await;
        rig.signed_by(answers, &question).await.ok(200);
        assert_eq!(rig.status(&session).await, "active");
        rig.clock.advance(60);
    }
    // The phone of another user does not.
    let stranger = rig.keyed("v").await;
    let session = rig.session("u", "").await;
    let question = rig.fetched_by(&[one, other]).await;
    assert!(rig.signed_by(&stranger, &question).await.status >= 400);
    assert_eq!(rig.status(&session).await, "pending");
}

#[tokio::test]
async fn a_phone_that_was_removed_behind_the_service_lets_nobody_in() {
    let rig = Rig::start().await;
    let (first, second) = rig.two("u").await;
    let session = rig.session("u", "").await;
    let question = rig.fetched_by(&[&first, &second]).await;
    rig.store.change(&format!("DELETE FROM devices WHERE id = '{}'", second.phone.pair.id));
    let refused = rig.signed_by(&second, &question).await;
    assert!((400..500).contains(&refused.status), "{refused:?}");
    assert_eq!(rig.status(&session).await, "pending");
    let pending = second.phone.urls["pending_requests"].as_str().unwrap();
    rig.get(&second.phone.pair, pending).await.is(401, "UNKNOWN_DEVICE");
    rig.signed_by(&first, &question).await.ok(200);
    assert_eq!(rig.status(&session).await, "active");
}

#[tokio::test]
async fn a_user_who_was_removed_behind_the_service_gets_nowhere() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let session = rig.session("u", "").await;
    let question = rig.questions(&phone).await.pop().unwrap();
    rig.store.change(
        "DELETE FROM devices WHERE user_key IN (SELECT key FROM users WHERE id = 'u');
         UPDATE sessions SET user_key = NULL, device_key = NULL; DELETE FROM users WHERE id = 'u'",
    );
    let start = async || rig.authenticate("u", "").await.ok(200)["authentication_status"]["reason"].clone();
    assert_eq!(start().await, "UNKNOWN_USER");
    rig.get(&phone.pair, phone.urls["pending_requests"].as_str().unwrap()).await.is(401, "UNKNOWN_DEVICE");
    let refused = rig.answer(&question, json!({"accepted": true})).await;
    assert!((400..500).contains(&refused.status), "{refused:?}");
    assert_ne!(rig.status(&session).await, "active");
    // The next user of that name is another one, without a phone.
    rig.add_users(&["u"]).await;
    assert_eq!(start().await, "NO_MOBILE_DEVICE");
}

/// The answer to a commit may be lost: what was sent with it is not taken a second time.
#[tokio::test]
async fn a_nonce_that_may_be_spent_is_not_good_again() {
    if !on_postgres() {
        return;
    }
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let session = rig.session("u", "").await;
    rig.questions(&phone).await;
    assert_eq!(rig.status(&session).await, "pending");
    let fetch = phone.urls["pending_requests"].as_str().unwrap();
    for (pair, url) in [(&session.pair, session.status_url.as_str()), (&phone.pair, fetch)] {
        rig.store.change(
            "CREATE FUNCTION refused() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = 'XX000'; END $$;
             CREATE TRIGGER refused BEFORE INSERT ON nonces FOR EACH ROW EXECUTE FUNCTION refused()",
        );
        let headers = rig.signed(pair, url);
        let failed = rig.send("GET", path_of(url), &headers, None).await;
        assert!(failed.status >= 500, "{failed:?}");
        rig.store.change("DROP TRIGGER refused ON nonces; DROP FUNCTION refused()");
        rig.send("GET", path_of(url), &headers, None).await.is(403, "NONCE_REPLAYED");
        rig.get(pair, url).await.ok(200);
    }
}
