//! A login without a name: the phone that brings the code that moves says whose it is. Each test tries to make it somebody else's.

use std::time::Duration;

use iampass_core::Secret;
use iampass_core::wire::MovingQr;
use serde_json::{Value, json};

use crate::phone_key::Keyed;
use crate::rig::{Answer, Pair, Rig, Session, questions};

/// A login of nobody yet, and the code that its page shows.
struct Nameless {
    session: Session,
    qr: MovingQr,
}

impl Nameless {
    /// The part of what the page shows so many seconds after the start that the phone brings.
    fn shown(&self, seconds: u64) -> String {
        let url = self.qr.scan_url(Duration::from_secs(seconds));
        url.expose().split_once("#scan=").unwrap().1.to_owned()
    }
}

impl Rig {
    async fn start_nameless(&self, by: &Pair, body: Value) -> Answer {
        let url = self.url(&format!("/authentication/start/{}", by.id));
        self.post(by, &url, body).await
    }

    async fn nameless(&self) -> Nameless {
        let answer = self.start_nameless(&self.app, json!({"browser": "Firefox on Windows"})).await.ok(202);
        let status = &answer["authentication_status"];
        let qr = &status["qr"];
        let text = |name: &str| qr[name].as_str().unwrap().to_owned();
        Nameless {
            session: Session {
                pair: Pair::new(&status["session_token"], &status["session_secret"]),
                status_url: status["status_url"].as_str().unwrap().to_owned(),
                logout_url: status["logout_url"].as_str().unwrap().to_owned(),
            },
            qr: MovingQr::new(text("url"), text("token"), Secret::new(text("secret"))),
        }
    }

    async fn bring_shown(&self, keyed: &Keyed, shown: &str) -> Answer {
        let brought = keyed.brought(self, json!({"scan": shown}));
        self.bring(&keyed.phone, json!({"brought": brought})).await
    }

    /// Brings it and accepts.
    async fn approve(&self, keyed: &Keyed, shown: &str) -> Answer {
        let question = questions(&self.bring_shown(keyed, shown).await.ok(200)).pop().unwrap();
        let claims = keyed.claims_with(self, &question, json!({"accepted": true, "scan": shown}));
        self.answer(&question, json!({"answer": keyed.key.answer(&claims)})).await
    }

    pub(crate) async fn whole_status(&self, session: &Session) -> Value {
        let answer = self.get(&session.pair, &session.status_url).await.ok(200);
        assert_eq!(answer["user_id"], answer["authentication_status"]["user_id"]);
        answer
    }
}

#[tokio::test]
async fn the_phone_says_whose_login_it_is() {
    let rig = Rig::start().await;
    let keyed = rig.keyed("u").await;
    let login = rig.nameless().await;
    assert_eq!(rig.status(&login.session).await, "pending");
    assert!(rig.questions(&keyed.phone).await.is_empty(), "nothing rings");
    rig.clock.advance(7);
    rig.approve(&keyed, &login.shown(7)).await.ok(200);
    for _ in 0..3 {
        let status = rig.whole_status(&login.session).await;
        assert_eq!((&status["session_status"], &status["user_id"]), (&json!("active"), &json!("u")));
        assert_eq!(status["assurance"], json!({"code": true, "unlocked": false, "key": "device"}));
    }
    rig.call(&login.session.pair, "POST", &login.session.logout_url, None).await.ok(200);
    let status = rig.whole_status(&login.session).await;
    assert_eq!((&status["session_status"], &status["user_id"]), (&json!("closed"), &Value::Null));
}

#[tokio::test]
async fn nobody_is_named_before_the_user_has_accepted() {
    let rig = Rig::start().await;
    let keyed = rig.keyed("u").await;
    let login = rig.nameless().await;
    let shown = login.shown(0);
    let question = questions(&rig.bring_shown(&keyed, &shown).await.ok(200)).pop().unwrap();
    assert_eq!(
        (&question.json["user_id"], &question.json["browser"]),
        (&json!("u"), &json!("Firefox on Windows"))
    );
    rig.call(&question.pair, "POST", &question.start_url, None).await.ok(200);
    let status = rig.whole_status(&login.session).await;
    assert_eq!((&status["session_status"], &status["user_id"]), (&json!("identifying"), &Value::Null));
    let claims = keyed.claims_with(&rig, &question, json!({"accepted": false}));
    rig.answer(&question, json!({"answer": keyed.key.answer(&claims)})).await.ok(200);
    let status = rig.whole_status(&login.session).await;
    assert_eq!((&status["session_status"], &status["user_id"]), (&json!("cancelled"), &Value::Null));
}

#[tokio::test]
async fn a_photograph_of_the_code_is_too_old() {
    let rig = Rig::start().await;
    let keyed = rig.keyed("u").await;
    let login = rig.nameless().await;
    rig.clock.advance(20);
    for seconds in [0, 12, 13, 52, 1_000] {
        rig.bring_shown(&keyed, &login.shown(seconds)).await.is(422, "WRONG_CODE");
    }
    assert_eq!(rig.status(&login.session).await, "pending");
    rig.bring_shown(&keyed, &login.shown(15)).await.ok(200);
    // After its time is up not even the code of this second is taken.
    let login = rig.nameless().await;
    rig.clock.advance(60);
    rig.bring_shown(&keyed, &login.shown(60)).await.is(422, "WRONG_CODE");
    assert_eq!(rig.status(&login.session).await, "timeout");
}

/// The node that started it has a clock that is ahead, so to the node where the phone brings it the code is of the future. Where they differ by more than a
/// code is good for, it is not taken: a photograph of it would be.
#[tokio::test]
async fn nodes_with_clocks_that_differ_take_it() {
    let rig = Rig::start().await;
    let keyed = rig.keyed("u").await;
    for ahead in [3, 5] {
        let login = rig.nameless().await;
        rig.clock.advance(10);
        rig.bring_shown(&keyed, &login.shown(10 + ahead)).await.ok(200);
    }
    let login = rig.nameless().await;
    rig.clock.advance(10);
    rig.bring_shown(&keyed, &login.shown(17)).await.is(422, "WRONG_CODE");
}

#[tokio::test]
async fn one_phone_claims_it_once() {
    let rig = Rig::start().await;
    let (keyed, thief) = (rig.keyed("u").await, rig.keyed("thief").await);
    let login = rig.nameless().await;
    let shown = login.shown(0);
    let question = questions(&rig.bring_shown(&keyed, &shown).await.ok(200)).pop().unwrap();
    rig.bring_shown(&thief, &shown).await.is(422, "WRONG_CODE");
    assert!(rig.questions(&thief.phone).await.is_empty());
    // The answer carries the very code that was brought, and no digits.
    let with = |others| json!({"answer": keyed.key.answer(&keyed.claims_with(&rig, &question, others))});
    rig.answer(&question, with(json!({"accepted": true}))).await.is(422, "CODE_REQUIRED");
    rig.answer(&question, with(json!({"accepted": true, "scan": login.shown(1)})))
        .await
        .is(422, "WRONG_CODE");
    rig.answer(&question, with(json!({"accepted": true, "code": "000000"}))).await.is(422, "WRONG_CODE");
    // The phone of somebody else cannot answer in the user's place.
    let claims = thief.claims_with(&rig, &question, json!({"accepted": true, "scan": shown}));
    rig.answer(&question, json!({"answer": thief.key.answer(&claims)})).await.is(401, "BAD_SIGNATURE");
    assert_ne!(rig.status(&login.session).await, "active");
    rig.answer(&question, with(json!({"accepted": true, "scan": shown}))).await.ok(200);
    assert_eq!(rig.whole_status(&login.session).await["user_id"], "u");
}

/// Its answer may have been lost, or its page loaded anew: without the code that it brought it could not accept any more.
#[tokio::test]
async fn the_phone_that_claims_it_may_bring_it_again() {
    let rig = Rig::start().await;
    let (keyed, thief) = (rig.keyed("u").await, rig.keyed("thief").await);
    let login = rig.nameless().await;
    let (first, newer) = (login.shown(0), login.shown(8));
    let question = questions(&rig.bring_shown(&keyed, &first).await.ok(200)).pop().unwrap();
    rig.bring_shown(&keyed, &first).await.ok(200);
    rig.clock.advance(8);
    // The code of before is old now, and that of this second is still not for another phone.
    rig.bring_shown(&keyed, &first).await.is(422, "WRONG_CODE");
    rig.bring_shown(&thief, &newer).await.is(422, "WRONG_CODE");
    let again = questions(&rig.bring_shown(&keyed, &newer).await.ok(200)).pop().unwrap();
    assert_eq!(again.json["auth_request_id"], question.json["auth_request_id"]);
    assert_eq!(rig.questions(&keyed.phone).await.len(), 1);
    // The answer carries the code that was brought last.
    let with = |scan: &str| {
        let claims = keyed.claims_with(&rig, &again, json!({"accepted": true, "scan": scan}));
        json!({"answer": keyed.key.answer(&claims)})
    };
    rig.answer(&again, with(&first)).await.is(422, "WRONG_CODE");
    rig.answer(&again, with(&newer)).await.ok(200);
    assert_eq!(rig.whole_status(&login.session).await["user_id"], "u");
    // It is over, and is brought by no phone any more.
    rig.bring_shown(&keyed, &newer).await.is(422, "WRONG_CODE");
}

#[tokio::test]
async fn what_is_not_its_code_claims_nothing() {
    let rig = Rig::start().await;
    let keyed = rig.keyed("u").await;
    let (login, other) = (rig.nameless().await, rig.nameless().await);
    let shown = login.shown(0);
    let tag = shown.rsplit('.').next().unwrap();
    let token = login.qr.token.clone();
    for wrong in [
        other.shown(0).replace(&other.qr.token, &token),
        format!("{token}.0."),
        format!("{token}.0.{}", &tag[1..]),
        format!("{token}.1.{tag}"),
        format!("{token}.00.{tag}"),
        format!("{token}x.0.{tag}"),
        format!("{token}.0.{tag}.0"),
        token.clone(),
        login.session.pair.id.clone(),
    ] {
        rig.bring_shown(&keyed, &wrong).await.is(422, "WRONG_CODE");
    }
    // A phone without a key of its own claims nothing: whoever has the service's database could do it in its place.
    let shared = rig.phone("shared").await;
    rig.bring(&shared, json!({"scan": shown})).await.is(422, "DEVICE_KEY_REQUIRED");
    // Nor a phone of another application's user.
    let stranger = rig.another_application("Other").await;
    let answer = rig.start_nameless(&stranger, json!({})).await.ok(202);
    let qr = &answer["authentication_status"]["qr"];
    let text = |name: &str| qr[name].as_str().unwrap().to_owned();
    let foreign = MovingQr::new(text("url"), text("token"), Secret::new(text("secret")));
    let url = foreign.scan_url(Duration::ZERO);
    let scan = url.expose().split_once("#scan=").unwrap().1;
    rig.bring_shown(&keyed, scan).await.is(422, "WRONG_CODE");
    assert_eq!(rig.status(&login.session).await, "pending");
    rig.approve(&keyed, &shown).await.ok(200);
}

#[tokio::test]
async fn the_stream_tells_whose_it_is() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let rig = Rig::start().await;
    let keyed = rig.keyed("u").await;
    let login = rig.nameless().await;
    let url = login.session.status_url.replace("/status", "/stream");
    let path = crate::rig::path_of(&url).to_owned();
    let headers: String = rig
        .signed(&login.session.pair, &url)
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let mut stream = tokio::net::TcpStream::connect(rig.address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{headers}\r\n", rig.address);
    stream.write_all(request.as_bytes()).await.unwrap();
    rig.approve(&keyed, &login.shown(0)).await.ok(200);
    let mut read = Vec::new();
    let told = async {
        while !String::from_utf8_lossy(&read).contains(r#""user_id":"u""#) {
            assert!(stream.read_buf(&mut read).await.unwrap() > 0);
        }
    };
    tokio::time::timeout(Duration::from_secs(10), told).await.expect("it is told");
}
