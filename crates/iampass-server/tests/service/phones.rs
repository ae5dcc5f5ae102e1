//! Several phones of one user: adding one by its code, questions to all of them, and what one does about the others.

use std::time::Duration;

use serde_json::{Value, json};

use crate::phone_key::{Key, Keyed};
use crate::rig::{Answer, Pair, Phone, Rig};

impl Rig {
    /// A link of the application that adds a phone.
    pub(crate) async fn adding_link(&self, user: &str) -> String {
        let url = self.url(&format!("/management/device_registration_link/{}/{user}?add=true", self.app.id));
        self.get(&self.app, &url).await.ok(200)["register_url"].as_str().unwrap().to_owned()
    }

    /// A phone that waits, with what it was told.
    pub(crate) async fn waiting(&self, user: &str) -> (Keyed, Value) {
        let link = self.adding_link(user).await;
        self.waiting_by(&link).await
    }

    pub(crate) async fn waiting_by(&self, link: &str) -> (Keyed, Value) {
        let key = Key::new();
        let record = self.register_with(link, key.jwk()).await.ok(200);
        let waiting = record["waiting"].clone();
        let pair = Pair::new(&record["device"]["device_id"], &record["device"]["device_secret"]);
        let phone = Phone { pair, urls: record["service"]["service_urls"].clone(), record };
        (Keyed { key, phone }, waiting)
    }

    pub(crate) async fn phones(&self, keyed: &Keyed) -> Value {
        self.get(&keyed.phone.pair, keyed.phone.urls["phones"].as_str().unwrap()).await.ok(200)
    }

    pub(crate) async fn change_phones(&self, keyed: &Keyed, members: Value) -> Answer {
        self.by(keyed, &keyed.phone.urls["phones_change"], keyed.change(self, members)).await
    }

    pub(crate) async fn confirm(&self, by: &Keyed, waiting: &Keyed, code: &Value) -> Answer {
        let phone_id = &waiting.phone.pair.id;
        self.change_phones(by, json!({"change": "confirm_phone", "phone_id": phone_id, "code": code})).await
    }

    /// Two phones of one user.
    pub(crate) async fn two(&self, user: &str) -> (Keyed, Keyed) {
        let first = self.keyed(user).await;
        let (second, waiting) = self.waiting(user).await;
        self.confirm(&first, &second, &waiting["code"]).await.ok(200);
        (first, second)
    }

    /// The answer of a phone to the question that it has in front.
    async fn answers(&self, keyed: &Keyed, accepted: bool) -> Answer {
        let question = self.questions(&keyed.phone).await.pop().unwrap();
        let claims = keyed.claims_with(self, &question, json!({"accepted": accepted}));
        self.answer(&question, json!({"answer": keyed.key.answer(&claims)})).await
    }
}

pub(crate) fn ids(phones: &Value) -> Vec<String> {
    phones["phones"]
        .as_array()
        .unwrap()
        .iter()
        .map(|phone| phone["phone_id"].as_str().unwrap().into())
        .collect()
}

pub(crate) fn happened(phones: &Value) -> Vec<&str> {
    phones["events"].as_array().unwrap().iter().map(|event| event["event"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_phone_that_waits_is_none_of_its_users_before_it_is_confirmed() {
    let rig = Rig::start().await;
    let first = rig.keyed("u").await;
    let (second, waiting) = rig.waiting("u").await;
    let session = rig.session("u", "").await;
    let question = rig.questions(&first.phone).await.pop().unwrap();

    // It hears of nothing, and its answer counts for nothing, even with the secret of the question.
    for url in ["pending_requests", "active_sessions", "phones"] {
        let url = second.phone.urls[url].as_str().unwrap();
        rig.get(&second.phone.pair, url).await.is(403, "PHONE_WAITS");
    }
    let claims = second.claims_with(&rig, &question, json!({"accepted": true}));
    rig.answer(&question, json!({"answer": second.key.answer(&claims)})).await.is(401, "BAD_SIGNATURE");
    // Nor does it confirm itself.
    rig.confirm(&second, &second, &waiting["code"]).await.is(403, "PHONE_WAITS");
    assert_eq!(rig.status(&session).await, "pending");
    let state = rig.get(&second.phone.pair, waiting["state_url"].as_str().unwrap()).await.ok(200);
    assert_eq!(state["state"], "waiting");

    // The first phone goes on as before, and is told.
    let phones = rig.phones(&first).await;
    assert_eq!(ids(&phones), std::slice::from_ref(&first.phone.pair.id));
    assert_eq!(phones["waiting"]["phone_id"], second.phone.pair.id);
    assert_eq!(happened(&phones), ["waits", "registered"]);
    assert_eq!(rig.store.column("SELECT action FROM audit ORDER BY key DESC LIMIT 1"), ["phone.waits"]);

    rig.confirm(&first, &second, &waiting["code"]).await.ok(200);
    let state = rig.get(&second.phone.pair, waiting["state_url"].as_str().unwrap()).await.ok(200);
    assert_eq!(state, json!({"state": "confirmed"}));
    assert_eq!(ids(&rig.phones(&second).await), [first.phone.pair.id.clone(), second.phone.pair.id.clone()]);
    // The question that was put before is the first one's alone.
    assert!(rig.questions(&second.phone).await.is_empty());
    rig.answers(&first, true).await.ok(200);
    assert_eq!(rig.status(&session).await, "active");
}

#[tokio::test]
async fn the_code_counts_once_and_the_third_wrong_one_ends_the_waiting() {
    let rig = Rig::start().await;
    let first = rig.keyed("u").await;
    let (second, waiting) = rig.waiting("u").await;
    let code = waiting["code"].as_str().unwrap();
    assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
    assert_eq!(rig.store.column("SELECT CAST(length(code_tag) AS TEXT) FROM waiting_phones"), ["32"]);
    let wrong: Value = crate::confirmation::other_than(code).into();
    for left in [2, 1] {
        let refused = rig.confirm(&first, &second, &wrong).await;
        assert_eq!(refused.json["tries_left"], left);
        refused.is(422, "WRONG_CODE");
    }
    rig.confirm(&first, &second, &wrong).await.is(422, "WRONG_CODE");
    rig.confirm(&first, &second, &waiting["code"]).await.is(404, "UNKNOWN_PHONE");
    let state_url = waiting["state_url"].as_str().unwrap();
    rig.get(&second.phone.pair, state_url).await.is(401, "UNKNOWN_DEVICE");
    assert_eq!(happened(&rig.phones(&first).await)[0], "denied");
    assert_eq!(rig.store.column("SELECT id FROM devices"), std::slice::from_ref(&first.phone.pair.id));
}

#[tokio::test]
async fn a_phone_may_be_denied_and_forgotten_after_an_hour() {
    let rig = Rig::start().await;
    let first = rig.keyed("u").await;
    let (second, _) = rig.waiting("u").await;
    let deny = json!({"change": "deny_phone", "phone_id": second.phone.pair.id});
    let phones = rig.change_phones(&first, deny.clone()).await.ok(200);
    assert!(phones["waiting"].is_null());
    rig.change_phones(&first, deny).await.is(404, "UNKNOWN_PHONE");
    let (third, waiting) = rig.waiting("u").await;
    rig.clock.advance(3_600);
    rig.confirm(&first, &third, &waiting["code"]).await.is(404, "UNKNOWN_PHONE");
    let state_url = waiting["state_url"].as_str().unwrap();
    rig.get(&third.phone.pair, state_url).await.is(401, "UNKNOWN_DEVICE");
}

/// Somebody with a stolen cookie of the application has a link made, and adds a phone.
#[tokio::test]
async fn the_phone_of_another_user_confirms_nothing() {
    let rig = Rig::start().await;
    let first = rig.keyed("u").await;
    let (thief, waiting) = rig.waiting("u").await;
    let accomplice = rig.keyed("other").await;
    rig.confirm(&accomplice, &thief, &waiting["code"]).await.is(404, "UNKNOWN_PHONE");
    let code = &waiting["code"];
    // The headers that a thief of the service's secrets can sign.
    let plain = json!({"change": "confirm_phone", "phone_id": thief.phone.pair.id, "code": code});
    rig.by(&first, &first.phone.urls["phones_change"], plain).await.is(401, "BAD_SIGNATURE");
    let forged = thief.change(
        &rig,
        json!({"change": "confirm_phone", "phone_id": thief.phone.pair.id,
        "code": code, "iss": first.phone.pair.id}),
    );
    rig.by(&first, &first.phone.urls["phones_change"], forged).await.is(401, "BAD_SIGNATURE");
    let remove = json!({"change": "remove_phone", "phone_id": first.phone.pair.id});
    rig.change_phones(&accomplice, remove).await.is(404, "UNKNOWN_PHONE");
    assert_eq!(ids(&rig.phones(&first).await), std::slice::from_ref(&first.phone.pair.id));
}

#[tokio::test]
async fn a_question_goes_to_all_phones_and_the_first_answer_counts() {
    let rig = Rig::start().await;
    let (first, second) = rig.two("u").await;
    for (answering, late) in [(&first, &second), (&second, &first)] {
        let session = rig.session("u", "").await;
        let on_late = rig.questions(&late.phone).await.pop().unwrap();
        assert_eq!(rig.questions(&answering.phone).await.len(), 1);
        // No phone answers in the name of the other.
        let mixed =
            late.claims_with(&rig, &on_late, json!({"accepted": true, "iss": answering.phone.pair.id}));
        rig.answer(&on_late, json!({"answer": late.key.answer(&mixed)})).await.is(401, "BAD_SIGNATURE");
        rig.answer(&on_late, json!({"accepted": true})).await.is(422, "SIGNED_ANSWER_REQUIRED");
        rig.answers(answering, true).await.ok(200);
        assert_eq!(rig.status(&session).await, "active");
        let claims = late.claims_with(&rig, &on_late, json!({"accepted": false}));
        // The session is that of the phone which has answered: the other's key is nothing to it.
        assert!(rig.answer(&on_late, json!({"answer": late.key.answer(&claims)})).await.status >= 400);
        assert_eq!(rig.status(&session).await, "active");
        assert_eq!(rig.active_sessions(&answering.phone).await.len(), 1);
        assert!(rig.active_sessions(&late.phone).await.is_empty());
        // Removing the other leaves it.
        rig.post(&session.pair, &session.logout_url, json!({})).await.ok(200);
    }
}

#[tokio::test]
async fn what_is_brought_comes_to_the_phone_that_brings_it() {
    let rig = Rig::start().await;
    let (first, second) = rig.two("u").await;
    let shown = rig.shown("u", false).await;
    assert!(rig.questions(&first.phone).await.is_empty() && rig.questions(&second.phone).await.is_empty());
    let brought = second.brought(&rig, json!({"scan": shown.scan}));
    let answer = rig.bring(&second.phone, json!({"brought": brought})).await.ok(200);
    let question = crate::rig::questions(&answer).pop().unwrap();
    assert!(rig.questions(&first.phone).await.is_empty());
    let claims = second.claims_with(&rig, &question, json!({"accepted": true, "scan": shown.scan}));
    rig.answer(&question, json!({"answer": second.key.answer(&claims)})).await.ok(200);
    assert_eq!(rig.status(&shown.session).await, "active");
}

#[tokio::test]
async fn a_removed_phone_answers_nothing_and_its_sessions_end() {
    let rig = Rig::start().await;
    let (first, second) = rig.two("u").await;
    let opened = rig.session("u", "").await;
    rig.answers(&second, true).await.ok(200);
    let kept = rig.session("u", "").await;
    rig.answers(&first, true).await.ok(200);
    let asked = rig.session("u", "").await;
    let question = rig.questions(&second.phone).await.pop().unwrap();
    let name = json!({"change": "name_phone", "phone_id": second.phone.pair.id, "name": "Tablet"});
    rig.change_phones(&first, name).await.ok(200);
    let remove = json!({"change": "remove_phone", "phone_id": second.phone.pair.id});
    let phones = rig.change_phones(&first, remove).await.ok(200);
    assert_eq!(ids(&phones), std::slice::from_ref(&first.phone.pair.id));
    assert_eq!(phones["events"][0]["name"], "Tablet", "what was removed stays on record");
    assert_eq!(phones["events"][0]["event"], "removed");
    assert_eq!((rig.status(&opened).await, rig.status(&kept).await), ("closed".into(), "active".into()));
    let claims = second.claims_with(&rig, &question, json!({"accepted": true}));
    rig.answer(&question, json!({"answer": second.key.answer(&claims)})).await.is(401, "BAD_SIGNATURE");
    assert_eq!(rig.status(&asked).await, "pending");
    rig.answers(&first, true).await.ok(200);
    assert_eq!(rig.status(&asked).await, "active");
    // With the last one goes what was put to all.
    let (second, waiting) = rig.waiting("u").await;
    rig.confirm(&first, &second, &waiting["code"]).await.ok(200);
    let asked = rig.session("u", "").await;
    for gone in [&first, &second] {
        let remove = json!({"change": "remove_phone", "phone_id": gone.phone.pair.id});
        assert!(rig.change_phones(gone, remove).await.status < 400);
    }
    assert_eq!(rig.status(&asked).await, "cancelled");
    rig.authenticate("u", "").await.ok(200);
}

#[tokio::test]
async fn five_phones_are_enough_and_each_needs_a_key() {
    let rig = Rig::start().await;
    let first = rig.keyed("u").await;
    for number in 2..=5 {
        let (more, waiting) = rig.waiting("u").await;
        let phones = rig.confirm(&first, &more, &waiting["code"]).await.ok(200);
        assert_eq!(ids(&phones).len(), number);
    }
    let link = rig.adding_link("u").await;
    rig.register_with(&link, Key::new().jwk()).await.is(409, "TOO_MANY_PHONES");
    let add = first.change(&rig, json!({"change": "add_phone"}));
    rig.by(&first, &first.phone.urls["phones_link"], add).await.is(409, "TOO_MANY_PHONES");
    // The link is as good as before.
    let last = rig.phones(&first).await["phones"][4]["phone_id"].clone();
    rig.change_phones(&first, json!({"change": "remove_phone", "phone_id": last})).await.ok(200);
    let link = rig.adding_link("u").await;
    let body = r#"{"notification_token": "*test"}"#;
    rig.send("POST", crate::rig::path_of(&link), &[], Some(body)).await.is(409, "PHONE_KEY_REQUIRED");
    rig.register_with(&link, Key::new().jwk()).await.ok(200);

    // Beside a phone without a key there is none.
    let shared = rig.phone("v").await;
    let link = rig.adding_link("v").await;
    rig.register_with(&link, Key::new().jwk()).await.is(409, "PHONE_KEY_REQUIRED");
    for url in ["phones_change", "phones_link", "recovery_codes"] {
        let url = shared.urls[url].as_str().unwrap();
        rig.post(&shared.pair, url, json!({})).await.is(409, "PHONE_KEY_REQUIRED");
    }
    // A link of before replaces it, as ever.
    let session = rig.active_session(&shared, "v", "").await;
    let link = rig.link("v").await;
    rig.register_with(&link, Key::new().jwk()).await.ok(200);
    assert_eq!(rig.status(&session).await, "closed");
}

#[tokio::test]
async fn a_link_of_before_replaces_all_phones() {
    let rig = Rig::start().await;
    let (first, second) = rig.two("u").await;
    let link = rig.link("u").await;
    let third = rig.register_with(&link, Key::new().jwk()).await.ok(200);
    assert!(third.get("waiting").is_none());
    for gone in [&first, &second] {
        let url = gone.phone.urls["phones"].as_str().unwrap();
        rig.get(&gone.phone.pair, url).await.is(401, "UNKNOWN_DEVICE");
    }
    assert_eq!(rig.store.column("SELECT id FROM devices"), [third["device"]["device_id"].as_str().unwrap()]);
}

#[tokio::test]
async fn a_phone_is_woken_by_what_becomes_of_the_others() {
    let rig = Rig::start().await;
    let first = rig.keyed("u").await;
    let pending = first.phone.urls["pending_requests"].as_str().unwrap().to_owned();
    let known = rig.get(&first.phone.pair, &pending).await.ok(200)["phones_event"].clone();
    let waits = format!("{pending}?wait=20&phones={known}");
    let (news, added) = tokio::join!(rig.get(&first.phone.pair, &waits), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        rig.waiting("u").await
    });
    assert_ne!(news.ok(200)["phones_event"], known);
    let (second, waiting) = added;
    let state_url = format!("{}?wait=20", waiting["state_url"].as_str().unwrap());
    let (state, _) = tokio::join!(rig.get(&second.phone.pair, &state_url), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        rig.confirm(&first, &second, &waiting["code"]).await.ok(200)
    });
    assert_eq!(state.ok(200)["state"], "confirmed");
    rig.get(&first.phone.pair, &format!("{pending}?phones=x")).await.is(422, "INVALID_PARAMETER");
}

#[tokio::test]
async fn what_is_not_good_changes_nothing() {
    let rig = Rig::start().await;
    let (first, second) = rig.two("u").await;
    let before = rig.phones(&first).await;
    let id = &second.phone.pair.id;
    for (members, status, reason) in [
        (json!({"change": "name_phone", "phone_id": id, "name": ""}), 422, "INVALID_PARAMETER"),
        (json!({"change": "name_phone", "phone_id": id, "name": "a\nb"}), 422, "INVALID_PARAMETER"),
        (json!({"change": "name_phone", "phone_id": id, "name": "x".repeat(65)}), 422, "INVALID_PARAMETER"),
        (json!({"change": "name_phone", "phone_id": "nobody", "name": "x"}), 404, "UNKNOWN_PHONE"),
        (json!({"change": "name_phone", "phone_id": id}), 401, "BAD_SIGNATURE"),
        (json!({"change": "remove_phone", "phone_id": ""}), 401, "BAD_SIGNATURE"),
        (json!({"change": "remove_phone"}), 401, "BAD_SIGNATURE"),
        (json!({"change": "confirm_phone", "phone_id": id, "code": "482913"}), 404, "UNKNOWN_PHONE"),
        (json!({"change": "confirm_phone", "phone_id": id, "code": ""}), 422, "INVALID_PARAMETER"),
        (
            json!({"change": "confirm_phone", "phone_id": id, "code": "1".repeat(201)}),
            422,
            "INVALID_PARAMETER",
        ),
        (json!({"change": "unregister"}), 401, "BAD_SIGNATURE"),
        (json!({"change": "make_recovery_codes"}), 401, "BAD_SIGNATURE"),
    ] {
        rig.change_phones(&first, members.clone()).await.is(status, reason);
    }
    let url = rig.url(&format!("/management/device_registration_link/{}/u?add=yes", rig.app.id));
    rig.get(&rig.app, &url).await.is(422, "INVALID_PARAMETER");
    for (name, status) in
        [(json!(""), 422), (json!(7), 422), (json!(null), 422), (json!("x".repeat(65)), 422)]
    {
        let link = rig.adding_link("u").await;
        let body = json!({"notification_token": "*", "name": name, "key": Key::new().jwk()}).to_string();
        assert_eq!(rig.send("POST", crate::rig::path_of(&link), &[], Some(&body)).await.status, status);
    }
    let mut after = rig.phones(&first).await;
    after["phones"][0]["last_used_at"] = before["phones"][0]["last_used_at"].clone();
    assert_eq!(after, before);
}
