//! A phone says that it is near or away: what becomes of sessions, by the words and by the time between them.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::phone_key::Keyed;
use crate::rig::{Answer, Pair, Phone, Rig, Session, path_of, sign, with_digest};

impl Rig {
    /// A service whose application wants to know whether phones are near.
    pub(crate) async fn with_walkaway() -> Self {
        let rig = Self::start().await;
        rig.walkaway(true).await;
        rig
    }

    pub(crate) async fn walkaway(&self, is_on: bool) {
        self.service.set_walkaway(&self.app.id.parse().unwrap(), is_on).await.unwrap();
    }

    /// A phone without a key says this.
    async fn say(&self, phone: &Phone, word: Value) -> Answer {
        self.post(&phone.pair, &self.presence_url(&phone.pair), word).await
    }

    pub(crate) fn presence_url(&self, phone: &Pair) -> String {
        self.url(&format!("/device/{}/presence", phone.id))
    }

    async fn listed(&self, phone: &Phone) -> Value {
        self.get(&phone.pair, phone.urls["active_sessions"].as_str().unwrap()).await.ok(200)
    }
}

fn near(seconds: u64) -> Value {
    json!({"presence": "near", "seconds": seconds})
}

fn away() -> Value {
    json!({"presence": "away"})
}

/// With the session that it is about.
fn of(mut word: Value, session: &Value) -> Value {
    word["session_id"] = session["session_id"].clone();
    word
}

#[tokio::test]
async fn a_promise_that_is_not_renewed_is_a_walkaway_and_the_next_word_ends_it() {
    let rig = Rig::with_walkaway().await;
    let phone = rig.phone("u").await;
    let session = rig.active_session(&phone, "u", "?duration_seconds=1000").await;
    let said = rig.say(&phone, near(90)).await.ok(200);
    assert_eq!(said, json!({"status": true, "sessions": 1, "near_until": rig.now().0 + 90}));
    let listed = rig.listed(&phone).await;
    assert_eq!(listed["presence_url"], rig.presence_url(&phone.pair));
    assert_eq!(listed["sessions"][0]["near_until"], said["near_until"]);
    // Each word counts from when it is said.
    rig.clock.advance(60);
    rig.say(&phone, near(90)).await.ok(200);
    rig.clock.advance(89);
    assert_eq!(rig.status(&session).await, "active");
    rig.clock.advance(1);
    for caught_up in [false, true] {
        if caught_up {
            rig.service.run_due_tasks().await.unwrap();
        }
        assert_eq!(rig.status(&session).await, "walkaway", "caught up: {caught_up}");
        let listed = rig.listed(&phone).await["sessions"][0].clone();
        assert_eq!((&listed["session_status"], listed.get("near_until")), (&json!("walkaway"), None));
    }
    rig.clock.advance(100);
    rig.say(&phone, near(90)).await.ok(200);
    assert_eq!(rig.status(&session).await, "active");
    assert_eq!(rig.say(&phone, away()).await.ok(200), json!({"status": true, "sessions": 1}));
    assert_eq!(rig.status(&session).await, "walkaway", "at once");
    rig.clock.advance(1);
    rig.say(&phone, near(3_600)).await.ok(200);
    assert_eq!(rig.status(&session).await, "active");
    // No promise prolongs a session.
    rig.clock.advance(749);
    assert_eq!(rig.status(&session).await, "closed");
    let said = rig.say(&phone, near(90)).await.ok(200);
    assert_eq!(said["sessions"], 0, "there is nothing that it could count for");
}

/// The proof of an approval goes on to be told while the phone is away.
#[tokio::test]
async fn what_was_proven_is_told_before_and_after_the_timer_has_come_around() {
    let rig = Rig::with_walkaway().await;
    let phone = rig.phone("u").await;
    let session = rig.active_session(&phone, "u", "").await;
    let assurance = rig.whole_status(&session).await["assurance"].clone();
    assert!(assurance.is_object());
    rig.say(&phone, near(10)).await.ok(200);
    rig.clock.advance(10);
    let before = rig.whole_status(&session).await;
    rig.service.run_due_tasks().await.unwrap();
    let after = rig.whole_status(&session).await;
    assert_eq!(before, after);
    assert_eq!((&after["session_status"], &after["authenticated"]), (&json!("walkaway"), &json!(false)));
    assert_eq!(after["assurance"], assurance);
}

#[tokio::test]
async fn only_the_sessions_that_a_word_is_about_follow_it() {
    let rig = Rig::with_walkaway().await;
    let (phone, other) = (rig.phone("u").await, rig.phone("other").await);
    let (first, second) =
        (rig.active_session(&phone, "u", "").await, rig.active_session(&phone, "u", "").await);
    let others = rig.active_session(&other, "other", "").await;
    let listed = rig.active_sessions(&phone).await;
    let of_other = rig.active_sessions(&other).await.remove(0);
    // The newest is listed first.
    rig.say(&phone, of(near(10), &listed[0])).await.ok(200);
    rig.clock.advance(10);
    let states = async || [rig.status(&first).await, rig.status(&second).await, rig.status(&others).await];
    assert_eq!(states().await, ["active", "walkaway", "active"], "a session of which nothing was said stays");
    for word in [near(90), away()] {
        rig.say(&phone, of(word, &of_other)).await.is(404, "UNKNOWN_SESSION");
    }
    assert_eq!(states().await, ["active", "walkaway", "active"]);
    assert_eq!(rig.say(&phone, near(90)).await.ok(200)["sessions"], 2);
    assert_eq!(states().await, ["active", "active", "active"]);
    rig.say(&phone, of(away(), &listed[1])).await.ok(200);
    assert_eq!(states().await, ["walkaway", "active", "active"]);
    rig.call(&second.pair, "POST", &second.logout_url, None).await.ok(200);
    rig.say(&phone, of(near(90), &listed[0])).await.is(409, "UNKNOWN_SESSION");
    assert_eq!(states().await, ["walkaway", "closed", "active"]);
}

/// A session that the user has locked by hand is opened by hand.
#[tokio::test]
async fn a_lock_of_the_user_is_not_opened_by_a_sensor() {
    let rig = Rig::with_walkaway().await;
    let phone = rig.phone("u").await;
    let session = rig.active_session(&phone, "u", "").await;
    let listed = rig.active_sessions(&phone).await.remove(0);
    rig.say(&phone, near(90)).await.ok(200);
    let tap = async |action: &str| {
        rig.call(&phone.pair, "POST", listed[action].as_str().unwrap(), None).await.ok(200);
    };
    tap("walkaway_url").await;
    assert_eq!(rig.say(&phone, near(90)).await.ok(200)["sessions"], 0);
    rig.say(&phone, of(near(90), &listed)).await.is(409, "SESSION_LOCKED");
    assert_eq!(rig.status(&session).await, "walkaway");
    tap("return_url").await;
    rig.clock.advance(100);
    assert_eq!(rig.status(&session).await, "active", "the promise of before is forgotten");
    // A session whose promise was missed is opened by the user as well as by the phone.
    rig.say(&phone, near(10)).await.ok(200);
    rig.clock.advance(10);
    assert_eq!(rig.status(&session).await, "walkaway");
    tap("return_url").await;
    assert_eq!(rig.status(&session).await, "active");
}

#[tokio::test]
async fn words_that_are_not_good_are_refused_with_a_code_and_change_nothing() {
    let rig = Rig::with_walkaway().await;
    let phone = rig.phone("u").await;
    let session = rig.active_session(&phone, "u", "").await;
    let url = rig.presence_url(&phone.pair);
    let stored = || rig.store.column("SELECT state || coalesce(CAST(near_until AS TEXT), '-') FROM sessions");
    let before = stored();
    for seconds in [0, 9, 3_601, u64::from(u32::MAX) + 1, u64::MAX] {
        rig.say(&phone, near(seconds)).await.is(422, "INVALID_PARAMETER");
    }
    for body in [
        json!({}),
        json!([]),
        json!({"presence": "near"}),
        json!({"presence": "near", "seconds": "90"}),
        json!({"presence": "near", "seconds": -90}),
        json!({"presence": "near", "seconds": 90.5}),
        json!({"presence": "near", "seconds": null}),
        json!({"presence": "away", "seconds": 90}),
        json!({"presence": "nearby", "seconds": 90}),
        json!({"presence": true}),
        json!({"presence": "away", "session_id": null}),
        json!({"presence": "away", "session_id": ["x"]}),
        json!({"presence": "away", "change": "x"}),
    ] {
        rig.say(&phone, body.clone()).await.is(422, "INVALID_BODY");
    }
    for doubled in
        [r#"{"presence":"near","seconds":90,"seconds":3600}"#, r#"{"presence":"away","presence":"near"}"#, ""]
    {
        let signed = crate::rig::with_digest(&url, doubled);
        rig.call_as_written(&phone.pair, "POST", &signed, Some(doubled)).await.is(422, "INVALID_BODY");
    }
    for name in ["", "none", "\u{0}", "é", &"x".repeat(10_000)] {
        let refused = rig.say(&phone, json!({"presence": "away", "session_id": name})).await;
        assert!(matches!(refused.status, 404 | 422), "{name}: {refused:?}");
    }
    rig.say(&phone, json!({"change": "e30.e30.AA"})).await.is(422, "INVALID_PARAMETER");
    rig.get(&phone.pair, &url).await.is(405, "METHOD_NOT_ALLOWED");
    // Another phone's address, and somebody who is no phone.
    let stranger = rig.phone("stranger").await;
    let refused = rig.post(&stranger.pair, &url, near(90)).await;
    assert!(matches!(refused.status, 401 | 403), "{refused:?}");
    let refused = rig.post(&rig.app, &url, near(90)).await;
    assert!(matches!(refused.status, 401 | 403 | 404), "{refused:?}");
    assert_eq!(stored(), before);
    assert_eq!(rig.status(&session).await, "active");
}

#[tokio::test]
async fn an_application_that_does_not_want_to_know_it_is_told_nothing() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let session = rig.active_session(&phone, "u", "").await;
    assert!(rig.listed(&phone).await.get("presence_url").is_none(), "it is off unless it was switched on");
    for word in [near(90), away()] {
        rig.say(&phone, word).await.is(409, "WALKAWAY_OFF");
    }
    assert_eq!(rig.status(&session).await, "active");
    rig.walkaway(true).await;
    rig.say(&phone, near(90)).await.ok(200);
    rig.walkaway(false).await;
    rig.clock.advance(100);
    rig.service.run_due_tasks().await.unwrap();
    assert_eq!(rig.status(&session).await, "active", "promises of before are forgotten");
    rig.say(&phone, away()).await.is(409, "WALKAWAY_OFF");
    assert_eq!(rig.status(&session).await, "active");
}

/// The claims of a word.
fn claims(members: Value) -> Value {
    let mut all = json!({"change": "presence"});
    all.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    all
}

impl Rig {
    /// Sends, as the phone and at its own address, a word that `signer` has signed with the nonce of the request in it.
    async fn say_signed(&self, keyed: &Keyed, signer: &Keyed, members: Value) -> Answer {
        self.say_typed(keyed, signer, "iampass-change+jwt", claims(members)).await
    }

    async fn say_typed(&self, keyed: &Keyed, signer: &Keyed, typ: &str, mut claims: Value) -> Answer {
        static NONCE: AtomicU64 = AtomicU64::new(1 << 40);
        let nonce = NONCE.fetch_add(1, Ordering::Relaxed);
        claims["jti"] = nonce.to_string().into();
        let body = json!({"change": signer.signed(self, typ, claims)}).to_string();
        let url = with_digest(&self.presence_url(&keyed.phone.pair), &body);
        let headers = sign(&keyed.phone.pair, &url, nonce, self.now());
        self.send("POST", path_of(&url), &headers, Some(&body)).await
    }
}

#[tokio::test]
async fn a_phone_with_a_key_signs_its_words() {
    let rig = Rig::with_walkaway().await;
    let (keyed, session, listed): (Keyed, Session, Value) = rig.keyed_session("u").await;
    let other = rig.keyed("other").await;
    let url = json!(rig.presence_url(&keyed.phone.pair));
    // A thief of the store has the shared secret: the session does not stay open for that.
    for word in [near(90), away(), of(near(90), &listed)] {
        rig.by(&keyed, &url, word).await.is(422, "SIGNED_ANSWER_REQUIRED");
    }
    let now = rig.now().0;
    let away_with = |members: Value| {
        let mut all = away();
        all.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        all
    };
    rig.say_signed(&keyed, &other, near(90)).await.is(401, "BAD_SIGNATURE");
    for (what, claims) in [
        ("another change", json!({"change": "return", "session_id": listed["session_id"]})),
        ("another user", claims(away_with(json!({"sub": "other"})))),
        ("another application", claims(away_with(json!({"aud": "other"})))),
        ("long ago", claims(away_with(json!({"iat": now - 301})))),
        ("in the future", claims(away_with(json!({"iat": now + 301})))),
        ("a word that is not whole", claims(json!({"presence": "near"}))),
        ("two words", claims(away_with(json!({"seconds": 90})))),
    ] {
        let refused = rig.say_typed(&keyed, &keyed, "iampass-change+jwt", claims).await;
        assert_eq!(
            (refused.status, &refused.json["reason"]),
            (401, &json!("BAD_SIGNATURE")),
            "{what}: {refused:?}"
        );
    }
    rig.say_typed(&keyed, &keyed, "iampass-bring+jwt", claims(away())).await.is(401, "BAD_SIGNATURE");
    rig.say_signed(&keyed, &keyed, near(9)).await.is(422, "INVALID_PARAMETER");
    assert_eq!(rig.status(&session).await, "active");
    // A word is good for no other call.
    let word = keyed.change(&rig, claims(near(90)));
    rig.by(&keyed, &listed["return_url"], word).await.is(401, "BAD_SIGNATURE");
    rig.say_signed(&keyed, &keyed, of(near(90), &listed)).await.ok(200);
    rig.clock.advance(90);
    assert_eq!(rig.status(&session).await, "walkaway");
    rig.say_signed(&keyed, &keyed, near(90)).await.ok(200);
    assert_eq!(rig.status(&session).await, "active");
    rig.say_signed(&keyed, &keyed, away()).await.ok(200);
    assert_eq!(rig.status(&session).await, "walkaway");
}

/// Somebody with the secret that the phone shares with the service, and a log of what it sends.
#[tokio::test]
async fn a_word_without_the_nonce_of_its_request_changes_nothing() {
    let rig = Rig::with_walkaway().await;
    let (keyed, session, _) = rig.keyed_session("u").await;
    let url = json!(rig.presence_url(&keyed.phone.pair));
    for word in [near(90), away()] {
        let unbound = keyed.change(&rig, claims(word.clone()));
        rig.by(&keyed, &url, unbound).await.is(401, "BAD_SIGNATURE");
        let of_another = keyed.change(&rig, claims(json!({"jti": "7", "presence": "away"})));
        rig.by(&keyed, &url, of_another).await.is(401, "BAD_SIGNATURE");
    }
    assert_eq!(rig.status(&session).await, "active");
    assert_eq!(rig.store.column("SELECT coalesce(CAST(near_until AS TEXT), '-') FROM sessions"), ["-"]);
}

/// A machine that was suspended, or whose clock was set: promises go by the clock that all deadlines go by.
#[tokio::test]
async fn promises_follow_the_wall_clock_as_other_deadlines_do() {
    let rig = Rig::with_walkaway().await;
    let phone = rig.phone("u").await;
    let session = rig.active_session(&phone, "u", "").await;
    rig.say(&phone, near(90)).await.ok(200);
    rig.clock.step_ahead(100);
    assert_eq!(rig.status(&session).await, "walkaway");
    rig.service.run_due_tasks().await.unwrap();
    rig.clock.set_back(100);
    assert_eq!(rig.status(&session).await, "walkaway", "it is written down");
    rig.clock.advance(1);
    rig.say(&phone, near(90)).await.ok(200);
    assert_eq!(rig.status(&session).await, "active");
}

#[tokio::test]
async fn a_promise_survives_a_restart_and_passes_after_it() {
    let rig = Rig::with_walkaway().await;
    let phone = rig.phone("u").await;
    let session = rig.active_session(&phone, "u", "").await;
    rig.say(&phone, near(90)).await.ok(200);
    let rig = rig.restart().await;
    let session = Session { status_url: rig.url(crate::rig::path_of(&session.status_url)), ..session };
    assert_eq!(rig.status(&session).await, "active");
    rig.clock.advance(90);
    assert_eq!(rig.status(&session).await, "walkaway");
}

/// The hour in which the use of a phone is noted once is no hour in which it counts for lost.
#[tokio::test]
async fn a_phone_that_says_that_it_is_near_is_not_taken_for_lost() {
    let rig = Rig::with_walkaway().await;
    let phone = rig.phone("u").await;
    rig.active_session(&phone, "u", "?duration_seconds=1000").await;
    rig.clock.advance(2);
    let asked_at = rig.now().0;
    rig.clock.advance(2);
    rig.say(&phone, near(90)).await.ok(200);
    let lost = format!("/management/lost_user_mobile_device/{}/u?asked_at={asked_at}", rig.app.id);
    rig.get(&rig.app, &rig.url(&lost)).await.is(409, "PHONE_IN_USE");
}
