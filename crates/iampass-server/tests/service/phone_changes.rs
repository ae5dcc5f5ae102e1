//! A phone with a key of its own signs what it changes, too: the secret that it shares with the service changes nothing.

use serde_json::{Value, json};

use crate::phone_key::Keyed;
use crate::rig::{Answer, Rig, Session, path_of, sign, with_digest};

impl Keyed {
    pub(crate) fn change(&self, rig: &Rig, members: Value) -> Value {
        json!({"change": self.signed(rig, "iampass-change+jwt", members)})
    }
}

impl Rig {
    /// A phone with a key, and a session that it has opened: as the application has it, and as the phone lists it.
    pub(crate) async fn keyed_session(&self, user: &str) -> (Keyed, Session, Value) {
        let keyed = self.keyed(user).await;
        let (shown, question) = self.asked(&keyed, user).await;
        let claims = keyed.claims_with(self, &question, json!({"accepted": true, "code": shown.code}));
        self.answer(&question, json!({"answer": keyed.key.answer(&claims)})).await.ok(200);
        let listed = self.active_sessions(&keyed.phone).await.remove(0);
        (keyed, shown.session, listed)
    }

    pub(crate) async fn by(&self, keyed: &Keyed, url: &Value, body: Value) -> Answer {
        self.post(&keyed.phone.pair, url.as_str().unwrap(), body).await
    }
}

#[tokio::test]
async fn the_shared_secret_of_a_phone_with_a_key_changes_nothing() {
    let rig = Rig::start().await;
    let (keyed, session, listed) = rig.keyed_session("u").await;
    let name = &listed["session_id"];
    let leave = keyed.change(&rig, json!({"change": "walkaway", "session_id": name}));
    rig.by(&keyed, &listed["walkaway_url"], leave).await.ok(200);
    assert_eq!(rig.status(&session).await, "walkaway");

    let urls = keyed.phone.urls.clone();
    for url in [
        &listed["return_url"],
        &listed["logout_url"],
        &listed["walkaway_url"],
        &urls["device_configuration"],
        &urls["device_unregister"],
    ] {
        rig.by(&keyed, url, json!({"notification_token": "*thief"})).await.is(422, "SIGNED_ANSWER_REQUIRED");
        for body in [json!({"change": 1}), json!({"change": null}), json!(["x"])] {
            rig.by(&keyed, url, body).await.is(422, "INVALID_BODY");
        }
    }
    assert_eq!(rig.status(&session).await, "walkaway");
    assert_eq!(rig.store.column("SELECT notification_token FROM devices"), ["*test"]);

    let back = keyed.change(&rig, json!({"change": "return", "session_id": name}));
    rig.by(&keyed, &listed["return_url"], back).await.ok(200);
    assert_eq!(rig.status(&session).await, "active");
}

#[tokio::test]
async fn a_change_is_signed_by_this_phone_for_this_call_and_now() {
    let rig = Rig::start().await;
    let (keyed, session, listed) = rig.keyed_session("u").await;
    let other = rig.keyed("other").await;
    let name = listed["session_id"].clone();
    let good = json!({"change": "walkaway", "session_id": name});
    let with = |members: Value| {
        let mut all = good.clone();
        all.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        keyed.change(&rig, all)
    };
    let now = rig.now().0;
    for (what, body) in [
        ("the key of another phone", other.change(&rig, good.clone())),
        ("another session", with(json!({"session_id": "other"}))),
        ("no session", with(json!({"session_id": null}))),
        ("another change", with(json!({"change": "return"}))),
        ("a change that nobody knows", with(json!({"change": "forget"}))),
        ("another phone", with(json!({"iss": other.phone.record["device"]["device_id"]}))),
        ("another application", with(json!({"aud": "other"}))),
        ("another user", with(json!({"sub": "other"}))),
        ("long ago", with(json!({"iat": now - 301}))),
        ("in the future", with(json!({"iat": now + 301}))),
        (
            "the type of what is brought",
            json!({"change": keyed.signed(&rig, "iampass-bring+jwt", good.clone())}),
        ),
        ("text", json!({"change": "walkaway"})),
    ] {
        let refused = rig.by(&keyed, &listed["walkaway_url"], body).await;
        assert_eq!(refused.status, 401, "{what}: {refused:?}");
        assert_eq!(refused.json["reason"], "BAD_SIGNATURE", "{what}");
        assert_eq!(rig.status(&session).await, "active", "{what}");
    }
    // Each is good for one call only.
    for url in [&keyed.phone.urls["device_unregister"], &keyed.phone.urls["device_configuration"]] {
        rig.by(&keyed, url, with(json!({}))).await.is(401, "BAD_SIGNATURE");
    }
    rig.by(&keyed, &listed["walkaway_url"], with(json!({}))).await.ok(200);
    assert_eq!(rig.status(&session).await, "walkaway");
}

/// Somebody who knows the secret that the phone shares with the service, and has seen a change: in a log of a proxy, say.
#[tokio::test]
async fn a_change_counts_once() {
    let rig = Rig::start().await;
    let (keyed, session, listed) = rig.keyed_session("u").await;
    let name = &listed["session_id"];
    let url = listed["walkaway_url"].as_str().unwrap();
    let now = rig.now();
    let leave = |nonce: &str, iat: u64| {
        let claims = json!({"change": "walkaway", "session_id": name, "jti": nonce, "iat": iat});
        keyed.change(&rig, claims).to_string()
    };
    let send = async |body: &str, nonce: u64, at: u64| {
        let url = with_digest(url, body);
        let headers = sign(&keyed.phone.pair, &url, nonce, iampass_core::UnixSeconds(at));
        rig.send("POST", path_of(&url), &headers, Some(body)).await
    };
    let body = leave("7", now.0);
    send(&body, 8, now.0).await.is(401, "BAD_SIGNATURE");
    // The time of the request decides how long its nonce is remembered. It is that of the body at least.
    send(&body, 7, now.0 - 299).await.is(401, "BAD_SIGNATURE");
    assert_eq!(rig.status(&session).await, "active");
    let body = leave("9", now.0);
    send(&body, 9, now.0).await.ok(200);
    assert_eq!(rig.status(&session).await, "walkaway");
    let back = keyed.change(&rig, json!({"change": "return", "session_id": name}));
    rig.by(&keyed, &listed["return_url"], back).await.ok(200);

    send(&body, 9, now.0).await.is(403, "NONCE_REPLAYED");
    send(&body, 10, now.0).await.is(401, "BAD_SIGNATURE");
    for step in [1, 149, 149, 1, 1] {
        rig.clock.advance(step);
        assert_ne!(send(&body, 9, rig.now().0).await.status, 200, "{step}");
    }
    assert_eq!(rig.status(&session).await, "active");
    for (nonce, named) in (20..).zip(["", "0021", "22 ", "x", "99999999999999999999999"]) {
        let now = rig.now().0;
        send(&leave(named, now), nonce, now).await.is(401, "BAD_SIGNATURE");
    }
}

#[tokio::test]
async fn where_notifications_go_and_the_removal_are_signed() {
    let rig = Rig::start().await;
    let (keyed, session, _) = rig.keyed_session("u").await;
    let urls = keyed.phone.urls.clone();
    let moved = keyed.change(&rig, json!({"change": "configuration", "notification_token": "*moved"}));
    rig.by(&keyed, &urls["device_configuration"], moved).await.ok(200);
    assert_eq!(rig.store.column("SELECT notification_token FROM devices"), ["*moved"]);
    let bad = keyed.change(&rig, json!({"change": "configuration", "notification_token": ""}));
    rig.by(&keyed, &urls["device_configuration"], bad).await.is(422, "INVALID_PARAMETER");
    let gone = keyed.change(&rig, json!({"change": "unregister"}));
    rig.by(&keyed, &urls["device_unregister"], gone).await.ok(200);
    assert_eq!(rig.status(&session).await, "closed");
}
