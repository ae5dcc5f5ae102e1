//! The phones that may answer for an application. Each test tries to get in by a phone that the application does not take.

use iampass_core::ApplicationId;
use iampass_server::{AllowedPhones, UnverifiedMethods};
use serde_json::json;

use crate::phone_key::Key;
use crate::rig::{Phone, Question, Rig, Session, path_of};

impl Rig {
    pub(crate) async fn allow_phones(&self, phones: AllowedPhones) {
        self.service
            .set_allowed_phones(&ApplicationId::new(self.app.id.as_str()).unwrap(), phones)
            .await
            .unwrap();
    }

    async fn asked_shared(&self, phone: &Phone) -> (Session, Question) {
        let session = self.session("u", "").await;
        (session, self.questions(phone).await.pop().unwrap())
    }
}

#[tokio::test]
async fn a_phone_without_a_key_is_not_registered_and_its_link_stays_good() {
    let rig = Rig::start().await;
    for phones in [AllowedPhones::WithKey, AllowedPhones::Unlocked] {
        rig.allow_phones(phones).await;
        let link = rig.link("u").await;
        let body = json!({"notification_token": "*test", "platform": "web"}).to_string();
        rig.send("POST", path_of(&link), &[], Some(&body)).await.is(422, "PHONE_NOT_ALLOWED");
        assert!(rig.store.column("SELECT id FROM devices WHERE public_key IS NULL").is_empty());
        rig.register_with(&link, Key::new().jwk()).await.ok(200);
    }
}

#[tokio::test]
async fn a_phone_without_a_key_answers_no_more_once_the_application_takes_keys_alone() {
    let rig = Rig::start().await;
    let shared = rig.phone("u").await;
    let accepted = || json!({"accepted": true});
    let (before, question) = rig.asked_shared(&shared).await;
    rig.answer(&question, accepted()).await.ok(200);
    // The question is on the phone when the application becomes stricter.
    let (session, question) = rig.asked_shared(&shared).await;
    for phones in [AllowedPhones::WithKey, AllowedPhones::Unlocked] {
        rig.allow_phones(phones).await;
        for _ in 0..3 {
            rig.answer(&question, accepted()).await.is(422, "PHONE_NOT_ALLOWED");
        }
        assert_eq!(rig.status(&session).await, "pending", "the question waits on");
    }
    assert_eq!(rig.status(&before).await, "active", "sessions of before go on");
    // Nor is it let in by a login that begins now.
    rig.allow_phones(AllowedPhones::WithKey).await;
    let (later, asked) = rig.asked_shared(&shared).await;
    rig.answer(&asked, accepted()).await.is(422, "PHONE_NOT_ALLOWED");
    // To deny takes no key: it lets nobody in.
    rig.answer(&asked, json!({"accepted": false})).await.ok(200);
    assert_eq!(rig.status(&later).await, "cancelled");
    rig.allow_phones(AllowedPhones::Any).await;
    rig.answer(&question, accepted()).await.ok(200);
    assert_eq!(rig.status(&session).await, "active");
}

#[tokio::test]
async fn a_phone_with_a_key_is_let_in_where_keys_are_enough() {
    let rig = Rig::start().await;
    let keyed = rig.keyed("u").await;
    rig.allow_phones(AllowedPhones::WithKey).await;
    let (shown, question) = rig.asked(&keyed, "u").await;
    let claims = keyed.claims_with(&rig, &question, json!({"accepted": true, "code": shown.code}));
    rig.answer(&question, json!({"answer": keyed.key.answer(&claims)})).await.ok(200);
    assert_eq!(rig.status(&shown.session).await, "active");
}

#[tokio::test]
async fn every_login_asks_for_unlocking_where_phones_have_to_be_unlocked() {
    let rig = Rig::with_unlocking().await;
    let mut phone = rig.unlockable("u").await;
    // A question of before has no challenge, so nothing can prove the unlocking for it.
    let before = rig.session("u", "?methods=acceptance").await;
    let question = rig.questions(&phone.keyed.phone).await.pop().unwrap();
    rig.allow_phones(AllowedPhones::Unlocked).await;
    let answer = json!({"answer": phone.signed(&rig, &question, json!({"accepted": true}))});
    rig.answer(&question, answer).await.is(422, "UNLOCK_REQUIRED");
    let forged = json!({"accepted": true, "os_authentication": {"authenticated": true}});
    let answer = json!({"answer": phone.signed(&rig, &question, forged)});
    rig.answer(&question, answer).await.is(422, "UNLOCK_REQUIRED");
    assert_eq!(rig.status(&before).await, "pending");
    let denied = json!({"answer": phone.signed(&rig, &question, json!({"accepted": false}))});
    rig.answer(&question, denied).await.ok(200);
    // It was the second in a row.
    rig.clock.advance(31);
    for query in ["", "?methods=acceptance"] {
        let session = rig.session("u", query).await;
        let question = rig.questions(&phone.keyed.phone).await.pop().unwrap();
        let answer = json!({"answer": phone.signed(&rig, &question, json!({"accepted": true}))});
        rig.answer(&question, answer).await.is(422, "UNLOCK_REQUIRED");
        assert_eq!(rig.status(&session).await, "pending");
        let proof = phone.unlock(&rig, &question).await;
        phone.accept(&rig, &question, proof).await.ok(200);
        let status = rig.get(&session.pair, &session.status_url).await.ok(200);
        assert_eq!(status["session_status"], "active", "{query}");
        assert_eq!(status["assurance"]["unlocked"], true);
    }
}

#[tokio::test]
async fn where_unlocking_cannot_be_verified_no_login_is_started() {
    let rig = Rig::start().await;
    rig.keyed("u").await;
    rig.allow_phones(AllowedPhones::Unlocked).await;
    let status = rig.authenticate("u", "").await.ok(200)["authentication_status"].clone();
    assert_eq!(
        (&status["authenticated"], &status["reason"]),
        (&json!(false), &json!("METHOD_NOT_AVAILABLE"))
    );
}

#[tokio::test]
async fn where_unlocking_is_simulated_an_acceptance_says_it_explicitly() {
    let rig = Rig::with(|config| config.unverified_methods = UnverifiedMethods::Simulated).await;
    let keyed = rig.keyed("u").await;
    rig.allow_phones(AllowedPhones::Unlocked).await;
    let (shown, question) = rig.asked(&keyed, "u").await;
    let with = |others| {
        let claims = keyed.claims_with(&rig, &question, others);
        json!({"answer": keyed.key.answer(&claims)})
    };
    rig.answer(&question, with(json!({"accepted": true, "code": shown.code})))
        .await
        .is(422, "UNLOCK_REQUIRED");
    let unlocked =
        json!({"accepted": true, "code": shown.code, "os_authentication": {"authenticated": true}});
    rig.answer(&question, with(unlocked)).await.ok(200);
    assert_eq!(rig.status(&shown.session).await, "active");
}
