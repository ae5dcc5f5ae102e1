//! A browser shows a code, and only the phone that brings it lets that browser in. Each test tries to get in by something else.

use serde_json::{Value, json};

use crate::rig::{Answer, Phone, Question, Rig, Session};
use crate::rig::{Pair, questions};

/// A session whose browser shows a code.
pub(crate) struct Shown {
    pub(crate) session: Session,
    pub(crate) code: String,
    pub(crate) scan: String,
}

impl Rig {
    pub(crate) async fn start_with(&self, user: &str, body: Value) -> Answer {
        let url = self.url(&format!("/authentication/authenticate_user/{}/{user}", self.app.id));
        self.post(&self.app, &url, body).await
    }

    /// A browser that shows a code asks: one that the application knows, or any other.
    pub(crate) async fn shown(&self, user: &str, is_known: bool) -> Shown {
        self.shown_by(user, json!({"confirm": ["code"], "known_browser": is_known})).await
    }

    /// The same with a body of one's own.
    pub(crate) async fn shown_by(&self, user: &str, body: Value) -> Shown {
        let answer = self.start_with(user, body).await.ok(202);
        let status = &answer["authentication_status"];
        let confirmation = &status["confirmation"];
        let scan_url = confirmation["scan_url"].as_str().unwrap();
        Shown {
            session: Session {
                pair: Pair::new(&status["session_token"], &status["session_secret"]),
                status_url: status["status_url"].as_str().unwrap().to_owned(),
                logout_url: status["logout_url"].as_str().unwrap().to_owned(),
            },
            code: confirmation["code"].as_str().unwrap().to_owned(),
            scan: scan_url.split_once("/phone#scan=").unwrap().1.to_owned(),
        }
    }

    pub(crate) async fn bring(&self, phone: &Phone, body: Value) -> Answer {
        self.post(&phone.pair, phone.urls["bring_request"].as_str().unwrap(), body).await
    }

    /// The phone brings what the browser shows, and accepts.
    pub(crate) async fn accepted_by(&self, phone: &Phone, shown: &Shown) {
        let question = self.brought(phone, json!({"scan": shown.scan})).await;
        self.answer(&question, json!({"accepted": true, "scan": shown.scan})).await.ok(200);
    }

    async fn brought(&self, phone: &Phone, body: Value) -> Question {
        questions(&self.bring(phone, body).await.ok(200)).pop().unwrap()
    }

    async fn assurance(&self, session: &Session) -> Value {
        let answer = self.get(&session.pair, &session.status_url).await.ok(200);
        assert_eq!(answer["assurance"], answer["authentication_status"]["assurance"]);
        answer["assurance"].clone()
    }
}

/// Another code than this one.
pub(crate) fn other_than(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

#[tokio::test]
async fn the_phone_lets_in_the_browser_whose_code_it_brings() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let shown = rig.shown("u", true).await;
    assert_eq!((shown.code.len(), shown.scan.len()), (6, 22));
    assert!(shown.code.bytes().all(|byte| byte.is_ascii_digit()));
    let question = rig.questions(&phone).await.pop().unwrap();
    assert_eq!(
        (&question.json["confirm"], &question.json["known_browser"]),
        (&json!(["code"]), &json!(true))
    );
    rig.answer(&question, json!({"accepted": true, "code": shown.code})).await.ok(200);
    assert_eq!(rig.status(&shown.session).await, "active");
    let assurance = rig.assurance(&shown.session).await;
    assert_eq!(assurance, json!({"code": true, "unlocked": false, "key": "shared"}));

    let shown = rig.shown("u", true).await;
    let question = rig.questions(&phone).await.pop().unwrap();
    rig.answer(&question, json!({"accepted": true, "scan": shown.scan})).await.ok(200);
    assert_eq!(rig.status(&shown.session).await, "active");

    // A browser that can show nothing is let in by a tap, and that is said.
    let tapped = rig.active_session(&phone, "u", "").await;
    let assurance = rig.assurance(&tapped).await;
    assert_eq!(assurance, json!({"code": false, "unlocked": false, "key": "shared"}));
}

#[tokio::test]
async fn a_tap_lets_in_no_browser_that_shows_a_code() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let shown = rig.shown("u", true).await;
    let question = rig.questions(&phone).await.pop().unwrap();
    for _ in 0..5 {
        rig.answer(&question, json!({"accepted": true})).await.is(422, "CODE_REQUIRED");
        rig.answer(&question, json!({"accepted": true, "acceptance": {"code": shown.code}}))
            .await
            .is(422, "CODE_REQUIRED");
    }
    assert_eq!(rig.status(&shown.session).await, "pending", "nothing has changed");
    rig.answer(&question, json!({"accepted": true, "code": shown.code})).await.ok(200);
    assert_eq!(rig.status(&shown.session).await, "active");
}

#[tokio::test]
async fn the_code_of_another_browser_lets_nobody_in() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let (stranger, owner) = (rig.shown("u", true).await, rig.shown("u", true).await);
    let questions = rig.questions(&phone).await;
    assert_eq!(questions.len(), 2);
    // The user accepts the stranger's request, with what the user's own page shows.
    for other in
        [json!({"accepted": true, "code": owner.code}), json!({"accepted": true, "scan": owner.scan})]
    {
        rig.answer(&questions[0], other).await.is(422, "WRONG_CODE");
    }
    assert_eq!(rig.status(&stranger.session).await, "pending");
    rig.answer(&questions[1], json!({"accepted": true, "code": owner.code})).await.ok(200);
    assert_eq!(rig.status(&owner.session).await, "active");
    assert_ne!(rig.status(&stranger.session).await, "active");
    // Nor does a code that has been used let in the next browser.
    let next = rig.shown("u", true).await;
    let question = rig.questions(&phone).await.pop().unwrap();
    rig.answer(&question, json!({"accepted": true, "code": owner.code})).await.is(422, "WRONG_CODE");
    assert_eq!(rig.status(&next.session).await, "pending");
}

#[tokio::test]
async fn the_third_wrong_code_ends_the_question() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let shown = rig.shown("u", true).await;
    let question = rig.questions(&phone).await.pop().unwrap();
    let wrong = json!({"accepted": true, "code": other_than(&shown.code)});
    for left in [2, 1] {
        let refused = rig.answer(&question, wrong.clone()).await;
        refused.is(422, "WRONG_CODE");
        assert_eq!(refused.json["tries_left"], left);
    }
    assert_eq!(rig.status(&shown.session).await, "pending");
    rig.answer(&question, wrong).await.is(200, "WRONG_CODE");
    assert_eq!(rig.status(&shown.session).await, "failed");
    rig.answer(&question, json!({"accepted": true, "code": shown.code})).await.is(409, "UNKNOWN_REQUEST");
    assert_eq!(rig.status(&shown.session).await, "failed");
}

#[tokio::test]
async fn wrong_codes_are_counted_over_questions_and_a_scan_still_works() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    for _ in 0..5 {
        let shown = rig.shown("u", true).await;
        let question = rig.questions(&phone).await.pop().unwrap();
        let wrong = json!({"accepted": true, "code": other_than(&shown.code)});
        rig.answer(&question, wrong).await.is(422, "WRONG_CODE");
        rig.answer(&question, json!({"accepted": false})).await.ok(200);
        // Denials pause as well, for longer each time; they end before the next question.
        rig.clock.advance(3_600);
    }
    // The count is still there, the pause is over; one more begins the next.
    let shown = rig.shown("u", true).await;
    let question = rig.questions(&phone).await.pop().unwrap();
    let wrong = json!({"accepted": true, "code": other_than(&shown.code)});
    rig.answer(&question, wrong).await.is(422, "WRONG_CODE");
    let paused = rig.answer(&question, json!({"accepted": true, "code": shown.code})).await;
    paused.is(429, "TOO_MANY_REQUESTS");
    assert_eq!(paused.header("Retry-After"), Some("120"));
    rig.bring(&phone, json!({"code": shown.code})).await.is(429, "TOO_MANY_REQUESTS");
    assert_eq!(rig.status(&shown.session).await, "pending");
    rig.answer(&question, json!({"accepted": true, "scan": shown.scan})).await.ok(200);
    assert_eq!(rig.status(&shown.session).await, "active");
    // A right one has ended the count.
    let shown = rig.shown("u", true).await;
    let question = rig.questions(&phone).await.pop().unwrap();
    rig.answer(&question, json!({"accepted": true, "code": other_than(&shown.code)}))
        .await
        .is(422, "WRONG_CODE");
    rig.answer(&question, json!({"accepted": true, "code": shown.code})).await.ok(200);
}

/// Anybody can begin a login and show its code. Only a login that is granted ends the count.
#[tokio::test]
async fn a_right_code_that_grants_nothing_ends_no_count() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let others = rig.shown("u", false).await;
    let mine = rig.shown("u", false).await;
    let wrong = other_than(&others.code);
    for guess in 0..5 {
        rig.bring(&phone, json!({"code": wrong})).await.is(422, "WRONG_CODE");
        if guess < 4 {
            rig.brought(&phone, json!({"code": others.code})).await;
        }
    }
    rig.bring(&phone, json!({"code": mine.code})).await.is(429, "TOO_MANY_REQUESTS");
    // A denial with the right code, and an answer that fails, end it no more than that.
    let question = rig.brought(&phone, json!({"scan": others.scan})).await;
    rig.answer(&question, json!({"accepted": false, "code": others.code})).await.ok(200);
    rig.bring(&phone, json!({"code": mine.code})).await.is(429, "TOO_MANY_REQUESTS");
    rig.accepted_by(&phone, &mine).await;
    assert_eq!(rig.status(&mine.session).await, "active");
    let next = rig.shown("u", false).await;
    rig.brought(&phone, json!({"code": next.code})).await;
}

#[tokio::test]
async fn nothing_rings_for_a_browser_that_is_not_known() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let shown = rig.shown("u", false).await;
    assert!(rig.questions(&phone).await.is_empty(), "nothing rings");
    // The phone brings it: by its digits, or by a scan.
    for (brought, answer) in [
        (json!({"code": shown.code}), json!({"accepted": true})),
        (json!({"scan": shown.scan}), json!({"accepted": true, "scan": shown.scan})),
    ] {
        let question = rig.brought(&phone, brought).await;
        assert_eq!(question.json["known_browser"], false);
        assert_eq!(rig.questions(&phone).await.len(), 1, "it is on the phone now");
        let has_code = answer["scan"].is_string();
        let answered = rig.answer(&question, answer).await;
        match has_code {
            true => drop(answered.ok(200)),
            false => answered.is(422, "CODE_REQUIRED"),
        }
    }
    assert_eq!(rig.status(&shown.session).await, "active");
    rig.bring(&phone, json!({"code": shown.code})).await.is(422, "WRONG_CODE");
}

#[tokio::test]
async fn only_the_phone_of_the_user_can_bring_it() {
    let rig = Rig::start().await;
    let (phone, other) = (rig.phone("u").await, rig.phone("other").await);
    let shown = rig.shown("u", false).await;
    rig.bring(&other, json!({"code": shown.code})).await.is(422, "WRONG_CODE");
    rig.bring(&other, json!({"scan": shown.scan})).await.is(422, "WRONG_CODE");
    assert!(rig.questions(&phone).await.is_empty());
    assert!(rig.questions(&other).await.is_empty());
    // Nor after its time is up.
    rig.clock.advance(60);
    rig.bring(&phone, json!({"scan": shown.scan})).await.is(422, "WRONG_CODE");
    assert!(rig.questions(&phone).await.is_empty());
    assert_eq!(rig.status(&shown.session).await, "timeout");
}

#[tokio::test]
async fn digits_cannot_be_guessed_on_the_phone() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let shown = rig.shown("u", false).await;
    for _ in 0..5 {
        rig.bring(&phone, json!({"code": other_than(&shown.code)})).await.is(422, "WRONG_CODE");
    }
    rig.bring(&phone, json!({"code": shown.code})).await.is(429, "TOO_MANY_REQUESTS");
    rig.brought(&phone, json!({"scan": shown.scan})).await;
}

#[tokio::test]
async fn a_stranger_who_starts_many_logins_keeps_nobody_out_and_rings_nothing() {
    let rig = Rig::with(|config| config.rates = iampass_server::RateLimits::off()).await;
    let phone = rig.phone("u").await;
    for _ in 0..50 {
        rig.shown("u", false).await;
    }
    assert!(rig.questions(&phone).await.is_empty());
    // Neither a browser that is known nor one that is not is kept out.
    let known = rig.shown("u", true).await;
    let question = rig.questions(&phone).await.pop().unwrap();
    rig.answer(&question, json!({"accepted": true, "code": known.code})).await.ok(200);
    assert_eq!(rig.status(&known.session).await, "active");
    let other = rig.shown("u", false).await;
    let question = rig.brought(&phone, json!({"code": other.code})).await;
    rig.answer(&question, json!({"accepted": true, "code": other.code})).await.ok(200);
    assert_eq!(rig.status(&other.session).await, "active");
}

#[tokio::test]
async fn after_denials_nothing_rings_and_what_was_brought_still_works() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let shown = rig.shown("u", true).await;
    let question = rig.questions(&phone).await.pop().unwrap();
    // *Not me*: one is enough, and it counts for browsers of both kinds.
    rig.answer(&question, json!({"accepted": false, "report": true})).await.ok(200);
    assert_eq!(rig.status(&shown.session).await, "cancelled");
    let shown = rig.shown("u", true).await;
    assert!(rig.questions(&phone).await.is_empty(), "it is silent");
    let paused = rig.authenticate("u", "").await.ok(200);
    assert_eq!(paused["authentication_status"]["reason"], "TOO_MANY_DENIALS");
    let question = rig.brought(&phone, json!({"code": shown.code})).await;
    rig.answer(&question, json!({"accepted": true, "code": shown.code})).await.ok(200);
    assert_eq!(rig.status(&shown.session).await, "active");
    // The pause of the other kind goes on until its time is up.
    rig.clock.advance(200);
    assert_eq!(
        rig.authenticate("u", "").await.ok(200)["authentication_status"]["reason"],
        "TOO_MANY_DENIALS"
    );
    rig.clock.advance(40);
    rig.authenticate("u", "").await.ok(202);
}

#[tokio::test]
async fn a_page_for_a_name_that_nobody_has_shows_the_same() {
    let rig = Rig::start().await;
    rig.add_users(&["without"]).await;
    for (user, reason) in [("nobody", "UNKNOWN_USER"), ("without", "NO_MOBILE_DEVICE")] {
        let answer = rig.start_with(user, json!({"confirm": ["code"]})).await.ok(200);
        let status = &answer["authentication_status"];
        assert_eq!((&status["authenticated"], &status["reason"]), (&json!(false), &json!(reason)));
        let confirmation = &status["confirmation"];
        assert_eq!(confirmation["code"].as_str().unwrap().len(), 6);
        assert!(confirmation["scan_url"].as_str().unwrap().starts_with(&rig.url("/phone#scan=")));
        assert_eq!(confirmation["expires_at"], rig.now().0 + 60);
        assert!(confirmation.get("open_url").is_none());
        let plain = rig.start_with(user, json!({})).await.ok(200);
        assert_eq!(plain["authentication_status"]["confirmation"], Value::Null);
    }
}

#[tokio::test]
async fn members_of_the_wrong_kind_change_nothing() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    for body in [
        json!({"confirm": "code"}),
        json!({"confirm": [1]}),
        json!({"confirm": null}),
        json!({"confirm": ["code"], "browser": 7}),
        json!({"confirm": ["code"], "browser": null}),
    ] {
        rig.start_with("u", body).await.is(422, "INVALID_BODY");
    }
    let long = "b".repeat(101);
    for browser in
        ["", "  ", "a\nb", "a\u{202e}b", "a\u{61c}b", "a\u{2028}b", "a\u{200b}b", "a\u{ad}b", &long]
    {
        let body = json!({"confirm": ["code"], "browser": browser});
        rig.start_with("u", body).await.is(422, "INVALID_PARAMETER");
    }
    for address in ["", "localhost", "203.0.113.5:80", "203.0.113.256"] {
        rig.start_with("u", json!({"address": address})).await.is(422, "INVALID_PARAMETER");
    }
    let shown = rig.shown("u", true).await;
    let question = rig.questions(&phone).await.pop().unwrap();
    let (code, scan) = (&shown.code, &shown.scan);
    for (body, reason) in [
        (json!({"accepted": true, "code": code.parse::<u32>().unwrap()}), "INVALID_BODY"),
        (json!({"accepted": true, "code": null}), "INVALID_BODY"),
        (json!({"accepted": true, "code": [code]}), "INVALID_BODY"),
        (json!({"accepted": "true", "code": code}), "INVALID_BODY"),
        (json!({"code": code}), "INVALID_BODY"),
        (json!({"accepted": true, "answer": "a.b.c"}), "INVALID_BODY"),
        (json!({"accepted": false, "report": 1}), "INVALID_BODY"),
        (json!({"accepted": true, "code": code, "scan": scan}), "INVALID_PARAMETER"),
        (json!({"accepted": true, "code": ""}), "INVALID_PARAMETER"),
        (json!({"accepted": true, "scan": "s".repeat(101)}), "INVALID_PARAMETER"),
        (json!({"answer": "a.b.c"}), "INVALID_PARAMETER"),
    ] {
        rig.answer(&question, body).await.is(422, reason);
    }
    for (body, reason) in [
        (json!({}), "INVALID_BODY"),
        (json!({"code": code, "scan": scan}), "INVALID_BODY"),
        (json!({"code": 7}), "INVALID_BODY"),
        (json!({"code": ""}), "INVALID_PARAMETER"),
        (json!({"scan": "s".repeat(101)}), "INVALID_PARAMETER"),
        (json!({"brought": "a.b.c"}), "INVALID_PARAMETER"),
    ] {
        rig.bring(&phone, body).await.is(422, reason);
    }
    assert_eq!(rig.status(&shown.session).await, "pending");
    rig.answer(&question, json!({"accepted": true, "code": code})).await.ok(200);
    assert_eq!(rig.status(&shown.session).await, "active");
}

#[tokio::test]
async fn the_phone_shows_who_asks() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let body = json!({"confirm": ["code"], "known_browser": true, "browser": "Firefox on Windows", "address": "::FFFF:203.0.113.5"});
    rig.start_with("u", body).await.ok(202);
    let question = rig.questions(&phone).await.pop().unwrap().json;
    assert_eq!(
        (&question["browser"], &question["address"]),
        (&json!("Firefox on Windows"), &json!("203.0.113.5"))
    );
}
