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

/// A phone in other hands does not unlock. So it lets in no other one that does.
#[tokio::test]
async fn a_phone_that_was_let_in_beside_one_that_unlocks_proves_nothing_for_a_day() {
    let rig = Rig::with_unlocking().await;
    let first = rig.unlockable("u").await;
    let codes = rig.recovery_codes(&first.keyed).await;
    for by_code in [false, true] {
        let (second, waiting) = rig.waiting("u").await;
        if by_code {
            rig.recover(&second, &waiting, &codes[0]).await.ok(200);
        } else {
            rig.confirm(&first.keyed, &second, &waiting["code"]).await.ok(200);
        }
        let own = second.phone.pair.id.clone();
        let mut second =
            Unlockable { keyed: second, authenticator: ForgingAuthenticator::new(ORIGIN).unwrap() };
        let (session, question) = rig.asked_to_unlock(&second, "u").await;
        second.begin(&rig, &question).await.is(403, "PHONE_TOO_NEW");
        // Nor does it get rid of the phone that unlocks, or let another one in.
        let remove = json!({"change": "remove_phone", "phone_id": first.keyed.phone.pair.id});
        rig.change_phones(&second.keyed, remove).await.is(403, "PHONE_TOO_NEW");
        let link = second.keyed.change(&rig, json!({"change": "add_phone", "display_name": "u"}));
        rig.by(&second.keyed, &second.keyed.phone.urls["phones_link"], link).await.is(403, "PHONE_TOO_NEW");
        assert_eq!(rig.status(&session).await, "pending");
        // The first one can remove it.
        let phones = rig.phones(&first.keyed).await;
        let listed =
            phones["phones"].as_array().unwrap().iter().find(|phone| phone["phone_id"] == own.as_str());
        assert!(listed.unwrap()["paused_until"].is_u64(), "{phones}");
        rig.clock.advance(24 * 3_600);
        let (session, question) = rig.asked_to_unlock(&second, "u").await;
        second.register(&rig, &question).await.ok(200);
        let proof = second.unlock(&rig, &question).await;
        second.accept(&rig, &question, proof).await.ok(200);
        assert_eq!(rig.status(&session).await, "active");
        let remove = json!({"change": "remove_phone", "phone_id": own});
        rig.change_phones(&first.keyed, remove).await.ok(200);
    }
}

/// The first phone takes itself away: what the second one may not do does not change by that.
#[tokio::test]
async fn so_it_is_when_the_phone_that_unlocks_is_gone() {
    let rig = Rig::with_unlocking().await;
    let first = rig.unlockable("u").await;
    let (second, waiting) = rig.waiting("u").await;
    rig.confirm(&first.keyed, &second, &waiting["code"]).await.ok(200);
    let remove = json!({"change": "remove_phone", "phone_id": first.keyed.phone.pair.id});
    rig.change_phones(&first.keyed, remove).await.ok(200);
    let second = Unlockable { keyed: second, authenticator: ForgingAuthenticator::new(ORIGIN).unwrap() };
    let (_, question) = rig.asked_to_unlock(&second, "u").await;
    second.begin(&rig, &question).await.is(403, "PHONE_TOO_NEW");
    // The application gives a link to the browser that it has let in. That phone leaves as well: the one of the link would be the first, and on no trial.
    let link = rig.adding_link("u").await;
    let remove = json!({"change": "remove_phone", "phone_id": second.keyed.phone.pair.id});
    rig.change_phones(&second.keyed, remove).await.ok(200);
    rig.register_with(&link, crate::phone_key::Key::new().jwk()).await.is(404, "LINK_NOT_VALID");
    // A link that comes a moment later brings a phone that is on trial as the one before was.
    let link = rig.adding_link("u").await;
    let (third, waiting) = rig.waiting_by(&link).await;
    assert!(waiting.is_null(), "it is the only one: {waiting}");
    proves_nothing_yet(&rig, third).await;
}

/// The phone registers no way to unlock for a day, and does so afterwards.
async fn proves_nothing_yet(rig: &Rig, keyed: Keyed) {
    let mut phone = Unlockable { keyed, authenticator: ForgingAuthenticator::new(ORIGIN).unwrap() };
    let (_, question) = rig.asked_to_unlock(&phone, "u").await;
    phone.begin(rig, &question).await.is(403, "PHONE_TOO_NEW");
    rig.clock.advance(24 * 3_600);
    let (_, question) = rig.asked_to_unlock(&phone, "u").await;
    phone.register(rig, &question).await.ok(200);
}

/// An older phone of the user has no way to unlock, and gets rid of the one that has before it lets another one in.
#[tokio::test]
async fn so_it_is_when_an_older_phone_removes_the_one_that_unlocks_first() {
    let rig = Rig::with_unlocking().await;
    let (older, second) = rig.two("u").await;
    let mut unlocks = Unlockable { keyed: second, authenticator: ForgingAuthenticator::new(ORIGIN).unwrap() };
    let (_, question) = rig.asked_to_unlock(&unlocks, "u").await;
    unlocks.register(&rig, &question).await.ok(200);
    let remove = json!({"change": "remove_phone", "phone_id": unlocks.keyed.phone.pair.id});
    rig.change_phones(&older, remove).await.ok(200);
    let (third, waiting) = rig.waiting("u").await;
    rig.confirm(&older, &third, &waiting["code"]).await.ok(200);
    proves_nothing_yet(&rig, third).await;
}

/// The application says on its own word who the user is: nothing of before holds.
#[tokio::test]
async fn a_phone_that_the_application_puts_in_the_place_of_all_is_on_no_trial() {
    let rig = Rig::with_unlocking().await;
    let first = rig.unlockable("u").await;
    let remove = json!({"change": "remove_phone", "phone_id": first.keyed.phone.pair.id});
    rig.change_phones(&first.keyed, remove).await.ok(200);
    let mut phone = rig.locked("u").await;
    let (_, question) = rig.asked_to_unlock(&phone, "u").await;
    phone.register(&rig, &question).await.ok(200);
    // Nor is one that is added beside another that proves nothing.
    let rig = Rig::with_unlocking().await;
    let first = rig.unlockable("u").await;
    let remove = json!({"change": "remove_phone", "phone_id": first.keyed.phone.pair.id});
    rig.change_phones(&first.keyed, remove).await.ok(200);
    let (_, second) = rig.two("u").await;
    let mut second = Unlockable { keyed: second, authenticator: ForgingAuthenticator::new(ORIGIN).unwrap() };
    let (_, question) = rig.asked_to_unlock(&second, "u").await;
    second.register(&rig, &question).await.ok(200);
}

/// Where no phone proves unlocking, nothing is given away by another one.
#[tokio::test]
async fn a_second_phone_of_a_user_without_unlocking_registers_it_at_once() {
    let rig = Rig::with_unlocking().await;
    let (_first, second) = rig.two("u").await;
    let mut second = Unlockable { keyed: second, authenticator: ForgingAuthenticator::new(ORIGIN).unwrap() };
    let (_, question) = rig.asked_to_unlock(&second, "u").await;
    second.register(&rig, &question).await.ok(200);
}
