//! Words of a phone that the network holds up: they count in the order in which they were signed, and a promise runs from then.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::phone_key::Keyed;
use crate::rig::{Answer, Phone, Rig, path_of, sign, with_digest};

/// A request that is on its way.
struct Sent {
    target: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

fn nonce() -> u64 {
    static NONCE: AtomicU64 = AtomicU64::new(1 << 41);
    NONCE.fetch_add(1, Ordering::Relaxed)
}

impl Rig {
    /// A phone without a key says this now, by a clock that is so many seconds ahead.
    fn sent(&self, phone: &Phone, word: &Value, ahead: i64) -> Sent {
        let body = word.to_string();
        let at = self.now().0.saturating_add_signed(ahead);
        self.signed_at(phone, body, nonce(), at)
    }

    fn signed_at(&self, phone: &Phone, body: String, nonce: u64, at: u64) -> Sent {
        let url = with_digest(&self.presence_url(&phone.pair), &body);
        let headers = sign(&phone.pair, &url, nonce, iampass_core::UnixSeconds(at));
        Sent { target: path_of(&url).to_owned(), headers, body }
    }

    /// The same by a phone with a key.
    fn sent_signed(&self, keyed: &Keyed, word: &Value) -> Sent {
        let (nonce, at) = (nonce(), self.now().0);
        let mut claims = json!({"change": "presence", "jti": nonce.to_string(), "iat": at});
        claims.as_object_mut().unwrap().extend(word.as_object().unwrap().clone());
        let body = keyed.change(self, claims).to_string();
        // The secret that it shares with the service signs the request, and somebody else may have that.
        self.signed_at(&keyed.phone, body, nonce, at + 200)
    }

    async fn arrives(&self, sent: Sent) -> Answer {
        self.send("POST", &sent.target, &sent.headers, Some(&sent.body)).await
    }
}

fn near(seconds: u64) -> Value {
    json!({"presence": "near", "seconds": seconds})
}

fn away() -> Value {
    json!({"presence": "away"})
}

#[tokio::test]
async fn a_word_that_was_overtaken_changes_nothing() {
    let rig = Rig::with_walkaway().await;
    let phone = rig.phone("u").await;
    let session = rig.active_session(&phone, "u", "").await;
    let held_up = rig.sent(&phone, &near(90), 0);
    rig.clock.advance(5);
    let said = rig.arrives(rig.sent(&phone, &away(), 0)).await.ok(200);
    assert_eq!(said, json!({"status": true, "sessions": 1}));
    rig.clock.advance(5);
    let said = rig.arrives(held_up).await.ok(200);
    assert_eq!(rig.status(&session).await, "walkaway", "near was said before away");
    assert_eq!(said, json!({"status": true, "sessions": 0, "overtaken": 1}));

    // And the other way round.
    let held_up = rig.sent(&phone, &away(), 0);
    rig.clock.advance(5);
    rig.arrives(rig.sent(&phone, &near(90), 0)).await.ok(200);
    let said = rig.arrives(held_up).await.ok(200);
    assert_eq!(said, json!({"status": true, "sessions": 0, "overtaken": 1}));
    assert_eq!(rig.status(&session).await, "active", "away was said before near");

    // A shorter promise of before does not take the place of a longer one.
    let held_up = rig.sent(&phone, &near(10), 0);
    rig.clock.advance(2);
    let until = rig.arrives(rig.sent(&phone, &near(600), 0)).await.ok(200)["near_until"].clone();
    rig.arrives(held_up).await.ok(200);
    assert_eq!(rig.active_sessions(&phone).await[0]["near_until"], until);
}

#[tokio::test]
async fn a_promise_runs_from_when_it_was_signed() {
    let rig = Rig::with_walkaway().await;
    let phone = rig.phone("u").await;
    let session = rig.active_session(&phone, "u", "").await;
    let signed_at = rig.now().0;
    let (held_up, too_late) = (rig.sent(&phone, &near(90), 0), rig.sent(&phone, &near(60), 0));
    rig.clock.advance(60);
    rig.arrives(too_late).await.is(409, "PRESENCE_LATE");
    assert_eq!(rig.status(&session).await, "active", "it has changed nothing");
    let said = rig.arrives(held_up).await.ok(200);
    assert_eq!(said["near_until"], signed_at + 90);
    rig.clock.advance(30);
    assert_eq!(rig.status(&session).await, "walkaway");
    // The clock of a phone that is ahead promises nothing for longer.
    let said = rig.arrives(rig.sent(&phone, &near(90), 299)).await.ok(200);
    assert_eq!(said["near_until"], rig.now().0 + 90);
    rig.clock.advance(90);
    assert_eq!(rig.status(&session).await, "walkaway");
}

#[tokio::test]
async fn away_wins_where_the_order_is_not_known() {
    let rig = Rig::with_walkaway().await;
    let phone = rig.phone("u").await;
    let session = rig.active_session(&phone, "u", "").await;
    for words in [[near(90), away()], [away(), near(90)]] {
        rig.clock.advance(1);
        for word in words {
            rig.arrives(rig.sent(&phone, &word, 0)).await.ok(200);
        }
        assert_eq!(rig.status(&session).await, "walkaway", "both were said in one second");
    }
    // A clock that was ahead and is set right: away counts at once, and near when it has caught up.
    rig.clock.advance(1);
    rig.arrives(rig.sent(&phone, &near(600), 60)).await.ok(200);
    assert_eq!(rig.status(&session).await, "active");
    rig.clock.advance(1);
    rig.arrives(rig.sent(&phone, &away(), 0)).await.ok(200);
    assert_eq!(rig.status(&session).await, "walkaway");
    rig.arrives(rig.sent(&phone, &near(600), 0)).await.ok(200);
    assert_eq!(rig.status(&session).await, "walkaway");
    rig.clock.advance(60);
    rig.arrives(rig.sent(&phone, &near(600), 0)).await.ok(200);
    assert_eq!(rig.status(&session).await, "active");
}

/// The time that the phone's own key has signed counts, and not that of the request.
#[tokio::test]
async fn words_of_a_phone_with_a_key_count_by_what_its_key_has_signed() {
    let rig = Rig::with_walkaway().await;
    let (keyed, session, _) = rig.keyed_session("u").await;
    let signed_at = rig.now().0;
    let (held_up, other) = (rig.sent_signed(&keyed, &near(90)), rig.sent_signed(&keyed, &near(90)));
    rig.clock.advance(5);
    assert_eq!(rig.arrives(other).await.ok(200)["near_until"], signed_at + 90);
    rig.arrives(rig.sent_signed(&keyed, &away())).await.ok(200);
    rig.clock.advance(5);
    assert_eq!(rig.arrives(held_up).await.ok(200)["overtaken"], 1);
    assert_eq!(rig.status(&session).await, "walkaway");
}

/// Words about one session, and about all.
#[tokio::test]
async fn the_order_is_kept_for_each_session() {
    let rig = Rig::with_walkaway().await;
    let phone = rig.phone("u").await;
    let (first, second) =
        (rig.active_session(&phone, "u", "").await, rig.active_session(&phone, "u", "").await);
    let listed = rig.active_sessions(&phone).await;
    let held_up = rig.sent(&phone, &near(90), 0);
    rig.clock.advance(5);
    let mut of_second = away();
    of_second["session_id"] = listed[0]["session_id"].clone();
    rig.arrives(rig.sent(&phone, &of_second, 0)).await.ok(200);
    let said = rig.arrives(held_up).await.ok(200);
    assert_eq!((&said["sessions"], &said["overtaken"]), (&json!(1), &json!(1)));
    assert_eq!([rig.status(&first).await, rig.status(&second).await], ["active", "walkaway"]);
}
