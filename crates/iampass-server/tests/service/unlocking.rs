//! A login by `device` is let in by an authenticator that has verified the person for that very question, and by nothing else.

use iampass_testkit::ForgingAuthenticator;
use serde_json::{Value, json};

use crate::phone_key::Keyed;
use crate::rig::{Answer, Question, Rig, Session};

pub(crate) const ORIGIN: &str = "https://login.example";

/// A phone with its key and the authenticator in it.
pub(crate) struct Unlockable {
    pub(crate) keyed: Keyed,
    pub(crate) authenticator: ForgingAuthenticator,
}

impl Rig {
    /// A service for which browsers make credentials.
    pub(crate) async fn with_unlocking() -> Self {
        Self::with(|config| {
            config.public_url = Some(ORIGIN.parse().unwrap());
            config.rates = iampass_server::RateLimits::off();
        })
        .await
    }

    /// A phone without an unlock credential.
    pub(crate) async fn locked(&self, user: &str) -> Unlockable {
        let authenticator = ForgingAuthenticator::new(ORIGIN).unwrap();
        Unlockable { keyed: self.keyed(user).await, authenticator }
    }

    /// A phone with one.
    pub(crate) async fn unlockable(&self, user: &str) -> Unlockable {
        let mut phone = self.locked(user).await;
        let (_, question) = self.asked_to_unlock(&phone, user).await;
        phone.register(self, &question).await.ok(200);
        self.answer(&question, json!({"answer": phone.signed(self, &question, json!({"accepted": false}))}))
            .await
            .ok(200);
        phone
    }

    pub(crate) async fn asked_to_unlock(&self, phone: &Unlockable, user: &str) -> (Session, Question) {
        let session = self.session(user, "?methods=acceptance,device").await;
        (session, self.questions(&phone.keyed.phone).await.pop().unwrap())
    }

    pub(crate) async fn challenge(&self, question: &Question) -> Answer {
        let url = question.json["identify"]["unlock"]["challenge_url"].as_str().unwrap();
        self.post(&question.pair, url, json!({})).await
    }
}

impl Unlockable {
    pub(crate) async fn begin(&self, rig: &Rig, question: &Question) -> Answer {
        let url = question.json["identify"]["unlock"]["registration_url"].as_str().unwrap();
        rig.post(&self.keyed.phone.pair, url, self.keyed.unlock(rig, json!({}))).await
    }

    pub(crate) async fn finish(&self, rig: &Rig, begun: &Value, credential: Value) -> Answer {
        let body = self.keyed.unlock(rig, json!({"credential": credential}));
        rig.post(&self.keyed.phone.pair, begun["finish_url"].as_str().unwrap(), body).await
    }

    pub(crate) async fn register(&mut self, rig: &Rig, question: &Question) -> Answer {
        let begun = self.begin(rig, question).await.ok(200);
        let credential = self.authenticator.create(&begun["options"]);
        self.finish(rig, &begun, credential).await
    }

    pub(crate) fn signed(&self, rig: &Rig, question: &Question, answer: Value) -> String {
        self.keyed.key.answer(&self.keyed.claims_with(rig, question, answer))
    }

    /// Accepts with this proof.
    pub(crate) async fn accept(&self, rig: &Rig, question: &Question, proof: Value) -> Answer {
        let answer = json!({"accepted": true, "os_authentication": proof});
        rig.answer(question, json!({"answer": self.signed(rig, question, answer)})).await
    }

    /// Unlocks for the question.
    pub(crate) async fn unlock(&mut self, rig: &Rig, question: &Question) -> Value {
        let challenge = rig.challenge(question).await.ok(200);
        self.authenticator.get(&challenge["options"]).unwrap()
    }
}

#[tokio::test]
async fn an_unlocked_phone_lets_in_and_the_session_says_so() {
    let rig = Rig::with_unlocking().await;
    let mut phone = rig.locked("u").await;
    let (session, question) = rig.asked_to_unlock(&phone, "u").await;
    assert_eq!(question.json["identify"]["requested_data"]["os_authentication"], json!({}));
    rig.challenge(&question).await.is(409, "UNLOCK_NOT_REGISTERED");
    phone.accept(&rig, &question, json!({})).await.is(409, "UNLOCK_NOT_REGISTERED");
    phone.register(&rig, &question).await.ok(200);
    assert_eq!(rig.status(&session).await, "pending");
    let proof = phone.unlock(&rig, &question).await;
    phone.accept(&rig, &question, proof).await.ok(200);
    assert_eq!(rig.status(&session).await, "active");
    let status = rig.get(&session.pair, &session.status_url).await.ok(200);
    assert_eq!(status["assurance"], json!({"code": false, "unlocked": true, "key": "device"}));

    // The next login is another one: it says what was proven for it.
    let plain = rig.session("u", "?methods=acceptance").await;
    let question = rig.questions(&phone.keyed.phone).await.pop().unwrap();
    assert!(question.json["identify"]["unlock"].is_null());
    let answer = json!({"answer": phone.signed(&rig, &question, json!({"accepted": true}))});
    rig.answer(&question, answer).await.ok(200);
    let status = rig.get(&plain.pair, &plain.status_url).await.ok(200);
    assert_eq!(status["assurance"]["unlocked"], false);
}

/// An authenticator that has a credential of the user makes no second one, which would take the place of the first.
#[tokio::test]
async fn a_registration_names_the_credentials_of_the_users_other_phones() {
    let rig = Rig::with_unlocking().await;
    let (first, second) = rig.two("u").await;
    let with = |keyed| Unlockable { keyed, authenticator: ForgingAuthenticator::new(ORIGIN).unwrap() };
    let (mut first, second, other) = (with(first), with(second), rig.locked("v").await);
    let excluded = async |phone: &Unlockable, user| {
        let (_, question) = rig.asked_to_unlock(phone, user).await;
        let begun = phone.begin(&rig, &question).await.ok(200);
        begun["options"]["publicKey"]["excludeCredentials"].clone()
    };
    assert_eq!(excluded(&second, "u").await, json!([]));
    let question = rig.questions(&first.keyed.phone).await.pop().unwrap();
    first.register(&rig, &question).await.ok(200);
    let named = json!([{"type": "public-key", "id": first.authenticator.credential_id()}]);
    assert_eq!(excluded(&second, "u").await, named);
    assert_eq!(excluded(&other, "v").await, json!([]), "of another user nothing is told");
    // A synced one is on all devices of its owner, and must keep none of them from having its own.
    rig.store.change("UPDATE unlock_credentials SET backup_eligible = 1");
    assert_eq!(excluded(&second, "u").await, json!([]));
    rig.store.change("UPDATE unlock_credentials SET backup_eligible = 0");
    assert_eq!(excluded(&second, "u").await, named);
    // One that is removed may be registered anew on the same device.
    let remove = json!({"change": "remove_phone", "phone_id": first.keyed.phone.pair.id});
    rig.change_phones(&second.keyed, remove).await.ok(200);
    assert_eq!(excluded(&second, "u").await, json!([]));
}

#[tokio::test]
async fn a_denial_needs_no_unlocking() {
    let rig = Rig::with_unlocking().await;
    let phone = rig.unlockable("u").await;
    let (session, question) = rig.asked_to_unlock(&phone, "u").await;
    let answer = json!({"answer": phone.signed(&rig, &question, json!({"accepted": false}))});
    rig.answer(&question, answer).await.ok(200);
    assert_eq!(rig.status(&session).await, "cancelled");
}

#[tokio::test]
async fn an_authenticator_that_counts_unevenly_or_not_at_all_is_taken() {
    let rig = Rig::with_unlocking().await;
    let mut phone = rig.unlockable("u").await;
    for counter in [0, 6, 7, 4_000_000_000] {
        phone.authenticator.counter = counter;
        let (session, question) = rig.asked_to_unlock(&phone, "u").await;
        let proof = phone.unlock(&rig, &question).await;
        phone.accept(&rig, &question, proof).await.ok(200);
        assert_eq!(rig.status(&session).await, "active", "{counter}");
    }
    let mut phone = rig.unlockable("v").await;
    for _ in 0..2 {
        phone.authenticator.does_not_count = true;
        let (session, question) = rig.asked_to_unlock(&phone, "v").await;
        let proof = phone.unlock(&rig, &question).await;
        phone.accept(&rig, &question, proof).await.ok(200);
        assert_eq!(rig.status(&session).await, "active");
    }
}

#[tokio::test]
async fn any_node_and_a_restarted_service_can_go_on_with_a_ceremony() {
    let rig = Rig::with_unlocking().await;
    let mut phone = rig.locked("u").await;
    let (session, question) = rig.asked_to_unlock(&phone, "u").await;
    let begun = phone.begin(&rig, &question).await.ok(200);
    let (clock, app, store) = rig.stop().await;
    let again =
        |config: &mut iampass_server::ServiceConfig| config.public_url = Some(ORIGIN.parse().unwrap());
    let rig = Rig::at(clock, store, Some(app), again).await;
    let credential = phone.authenticator.create(&begun["options"]);
    phone.finish(&rig, &begun, credential).await.ok(200);
    let proof = phone.unlock(&rig, &question).await;
    let (clock, app, store) = rig.stop().await;
    let rig = Rig::at(clock, store, Some(app), again).await;
    phone.accept(&rig, &question, proof).await.ok(200);
    assert_eq!(rig.status(&session).await, "active");
}

/// At an IP address, and where the service does not know its address, browsers make no credential.
#[tokio::test]
async fn without_a_name_the_method_is_not_available() {
    for public in
        [None, Some("http://127.0.0.1:8089"), Some("https://192.0.2.7"), Some("http://login.example")]
    {
        let rig = Rig::with(|config| config.public_url = public.map(|url| url.parse().unwrap())).await;
        rig.phone("u").await;
        let answer = rig.authenticate("u", "?methods=device").await.ok(200);
        assert_eq!(answer["authentication_status"]["reason"], "METHOD_NOT_AVAILABLE", "{public:?}");
    }
    let rig = Rig::with_unlocking().await;
    rig.phone("u").await;
    let answer = rig.authenticate("u", "?methods=facial").await.ok(200);
    assert_eq!(answer["authentication_status"]["reason"], "METHOD_NOT_AVAILABLE");
}
