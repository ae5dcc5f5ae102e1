//! After two denials in a row, starts for a user are paused for a growing time. Known browsers are counted apart from all others.

use serde_json::{Value, json};

use crate::rig::{Answer, Phone, Rig, Session};

/// A browser that asks: one that the application knows, or any other.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Browser {
    Known,
    Other,
}

use Browser::{Known, Other};

impl Rig {
    async fn start_from(&self, browser: Browser, user: &str) -> Answer {
        let url = self.url(&format!("/authentication/authenticate_user/{}/{user}", self.app.id));
        let body = match browser {
            Known => json!({"known_browser": true}),
            Other => json!({}),
        };
        self.post(&self.app, &url, body).await
    }

    /// The question of a new session is answered.
    async fn answered(&self, phone: &Phone, browser: Browser, user: &str, accepted: bool) {
        let known = self.questions(phone).await.len();
        self.start_from(browser, user).await.ok(202);
        let questions = self.questions(phone).await;
        assert_eq!(questions.len(), known + 1);
        self.answer(questions.last().unwrap(), json!({"accepted": accepted})).await.ok(200);
    }

    async fn denied(&self, phone: &Phone, browser: Browser) {
        self.answered(phone, browser, "u", false).await;
    }

    async fn accepted(&self, phone: &Phone, browser: Browser) {
        self.answered(phone, browser, "u", true).await;
    }

    #[track_caller]
    fn paused(answer: &Answer) {
        assert_eq!(answer.status, 200, "{answer:?}");
        let status = &answer.json["authentication_status"];
        assert_eq!(status["authenticated"], false, "{answer:?}");
        assert_eq!(status["reason"], "TOO_MANY_DENIALS", "{answer:?}");
        for absent in ["session_status", "session_token", "session_secret", "status_url", "logout_url"] {
            assert_eq!(status[absent], Value::Null, "{answer:?}");
        }
    }

    /// The start is refused until `seconds` have passed, and not any more then. The session is ended at once.
    async fn is_paused_for(&self, browser: Browser, seconds: u64) {
        Self::paused(&self.start_from(browser, "u").await);
        self.clock.advance(seconds - 1);
        Self::paused(&self.start_from(browser, "u").await);
        self.clock.advance(1);
        self.is_free(browser).await;
    }

    async fn is_free(&self, browser: Browser) {
        let answer = self.start_from(browser, "u").await.ok(202);
        let status = &answer["authentication_status"];
        let session = Session {
            pair: crate::rig::Pair::new(&status["session_token"], &status["session_secret"]),
            status_url: String::new(),
            logout_url: status["logout_url"].as_str().unwrap().to_owned(),
        };
        self.post(&session.pair, &session.logout_url, json!({})).await.ok(200);
    }
}

#[tokio::test]
async fn the_pause_begins_with_the_second_denial_and_doubles_up_to_an_hour() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    rig.denied(&phone, Other).await;
    rig.is_free(Other).await;
    for seconds in [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600] {
        rig.denied(&phone, Other).await;
        rig.is_paused_for(Other, seconds).await;
    }
}

#[tokio::test]
async fn an_accepted_login_ends_the_count() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    rig.denied(&phone, Other).await;
    rig.accepted(&phone, Other).await;
    rig.denied(&phone, Other).await;
    rig.is_free(Other).await;
    rig.denied(&phone, Other).await;
    rig.is_paused_for(Other, 30).await;
    rig.accepted(&phone, Other).await;
    rig.denied(&phone, Other).await;
    rig.is_free(Other).await;
}

/// Neither a denial nor an acceptance: what times out, is withdrawn, fails for want of proof, or goes with its phone. It counts for nothing.
#[tokio::test]
async fn only_what_the_user_declines_is_a_denial() {
    let rig =
        Rig::with(|config| config.unverified_methods = iampass_server::UnverifiedMethods::Simulated).await;
    let mut phone = rig.phone("u").await;
    for round in 0..3 {
        // Withdrawn while it waits, and while the phone shows it.
        rig.is_free(Other).await;
        let shown = rig.session("u", "").await;
        let question = rig.questions(&phone).await.pop().unwrap();
        rig.call(&question.pair, "POST", &question.start_url, None).await.ok(200);
        rig.post(&shown.pair, &shown.logout_url, json!({})).await.ok(200);
        // A denial that comes too late is none.
        rig.answer(&question, json!({"accepted": false})).await.is(409, "UNKNOWN_REQUEST");
        // Timed out, and denied after that.
        let timed_out = rig.session("u", "").await;
        let question = rig.questions(&phone).await.pop().unwrap();
        rig.clock.advance(60);
        rig.answer(&question, json!({"accepted": false})).await.is(409, "UNKNOWN_REQUEST");
        assert_eq!(rig.status(&timed_out).await, "timeout");
        // Accepted without proof.
        let failed = rig.session("u", "?methods=device").await;
        let question = rig.questions(&phone).await.pop().unwrap();
        rig.answer(&question, json!({"accepted": true})).await.ok(200);
        assert_eq!(rig.status(&failed).await, "failed");
        // Gone with its phone.
        let gone = rig.session("u", "").await;
        phone = rig.phone("u").await;
        assert_eq!(rig.status(&gone).await, "cancelled");
        assert!(rig.store.column("SELECT CAST(in_a_row AS TEXT) FROM denials").is_empty(), "round {round}");
    }
    // Nor do they end a count.
    rig.denied(&phone, Other).await;
    rig.is_free(Other).await;
    let timed_out = rig.session("u", "").await;
    rig.clock.advance(60);
    assert_eq!(rig.status(&timed_out).await, "timeout");
    rig.session("u", "?methods=device").await;
    let question = rig.questions(&phone).await.pop().unwrap();
    rig.answer(&question, json!({"accepted": true})).await.ok(200);
    rig.denied(&phone, Other).await;
    rig.is_paused_for(Other, 30).await;
}

#[tokio::test]
async fn known_browsers_are_not_held_up_by_denials_of_others_and_have_their_own() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    for _ in 0..2 {
        rig.denied(&phone, Other).await;
    }
    Rig::paused(&rig.start_from(Other, "u").await);
    rig.is_free(Known).await;
    // An accepted login of a known browser does not let strangers ask again at once.
    rig.accepted(&phone, Known).await;
    Rig::paused(&rig.start_from(Other, "u").await);

    rig.denied(&phone, Known).await;
    rig.is_free(Known).await;
    rig.denied(&phone, Known).await;
    Rig::paused(&rig.start_from(Known, "u").await);
    // Both are over at the same time here; then the counts go on apart.
    rig.is_paused_for(Other, 30).await;
    rig.is_free(Known).await;
    rig.denied(&phone, Other).await;
    rig.is_free(Known).await;
    rig.is_paused_for(Other, 60).await;
    rig.denied(&phone, Known).await;
    rig.is_free(Other).await;
    rig.is_paused_for(Known, 60).await;
    rig.accepted(&phone, Other).await;
    rig.denied(&phone, Known).await;
    rig.is_paused_for(Known, 120).await;
}

#[tokio::test]
async fn a_new_question_does_not_end_the_count_and_each_of_several_is_counted() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    for _ in 0..5 {
        rig.start_from(Other, "u").await.ok(202);
    }
    let questions = rig.questions(&phone).await;
    rig.answer(&questions[0], json!({"accepted": false})).await.ok(200);
    rig.is_free(Other).await;
    rig.answer(&questions[1], json!({"accepted": false})).await.ok(200);
    Rig::paused(&rig.start_from(Other, "u").await);
    // Questions that waited already can be answered, and count.
    for question in &questions[2..] {
        rig.answer(question, json!({"accepted": false})).await.ok(200);
    }
    // A denial that is sent twice counts once.
    rig.answer(&questions[4], json!({"accepted": false})).await.is(409, "UNKNOWN_REQUEST");
    rig.is_paused_for(Other, 240).await;
}

#[tokio::test]
async fn a_question_that_waited_through_the_pause_can_be_accepted_and_ends_it() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    for _ in 0..3 {
        rig.start_from(Other, "u").await.ok(202);
    }
    let questions = rig.questions(&phone).await;
    for question in &questions[..2] {
        rig.answer(question, json!({"accepted": false})).await.ok(200);
    }
    Rig::paused(&rig.start_from(Other, "u").await);
    rig.answer(&questions[2], json!({"accepted": true})).await.ok(200);
    rig.is_free(Other).await;
}

#[tokio::test]
async fn it_is_of_one_user_and_goes_with_the_user() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    rig.phone("v").await;
    for browser in [Other, Other, Known, Known] {
        rig.denied(&phone, browser).await;
    }
    rig.start_from(Other, "v").await.ok(202);
    let other = rig.another_application("Other").await;
    let url = rig.url(&format!("/management/add_users/{}", other.id));
    rig.post(&other, &url, json!({"users": ["u"]})).await.ok(201);
    let url = rig.url(&format!("/authentication/authenticate_user/{}/u", other.id));
    let elsewhere = rig.post(&other, &url, json!({})).await.ok(200);
    assert_eq!(elsewhere["authentication_status"]["reason"], "NO_MOBILE_DEVICE");

    assert_eq!(rig.store.column("SELECT CAST(in_a_row AS TEXT) FROM denials"), ["2", "2"]);
    let url = rig.url(&format!("/management/delete_users/{}", rig.app.id));
    rig.post(&rig.app, &url, json!({"users": ["u"]})).await.ok(200);
    assert!(rig.store.column("SELECT CAST(in_a_row AS TEXT) FROM denials").is_empty());
    rig.phone("u").await;
    rig.is_free(Other).await;
    rig.is_free(Known).await;
}

#[tokio::test]
async fn a_restart_forgets_no_denial() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    rig.denied(&phone, Other).await;
    let rig = rig.restart().await;
    rig.denied(&phone.at(&rig), Other).await;
    let (clock, app, store) = rig.crash().await;
    let rig = Rig::at(clock, store, Some(app), |_| {}).await;
    rig.is_paused_for(Other, 30).await;
}

#[tokio::test]
async fn a_body_of_the_wrong_shape_is_refused_and_what_is_unknown_in_it_ignored() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let url = rig.url(&format!("/authentication/authenticate_user/{}/u", rig.app.id));
    for body in [
        "null",
        "true",
        "[]",
        "[true]",
        "\"known_browser\"",
        "{",
        r#"{"known_browser": null}"#,
        r#"{"known_browser": "true"}"#,
        r#"{"known_browser": 1}"#,
        r#"{"known_browser": {}}"#,
        r#"{"known_browser": false, "known_browser": true}"#,
        r#"{"known_browser": true, "known_browser": true}"#,
    ] {
        rig.call_as_written(&rig.app, "POST", &url, Some(body)).await.is(422, "INVALID_BODY");
    }
    assert!(rig.questions(&phone).await.is_empty());
    for (body, known) in [
        ("", "0"),
        (" \r\n", "0"),
        ("{}", "0"),
        (r#"{"known_browser": false}"#, "0"),
        (r#"{"known_browser": true}"#, "1"),
        (r#"{"new": {"known_browser": true}, "Known_Browser": true, "x": null}"#, "0"),
    ] {
        rig.call_as_written(&rig.app, "POST", &url, Some(body)).await.ok(202);
        let last = "SELECT CAST(known_browser AS TEXT) FROM sessions ORDER BY key DESC LIMIT 1";
        assert_eq!(rig.store.column(last), [known], "{body}");
        let question = rig.questions(&phone).await.pop().unwrap();
        rig.answer(&question, json!({"accepted": true})).await.ok(200);
    }
}

#[tokio::test]
async fn a_pause_stands_in_the_log_with_its_user() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let said = || rig.store.column("SELECT actor || ' ' || subject FROM audit WHERE action = 'login.paused'");
    rig.denied(&phone, Known).await;
    assert!(said().is_empty(), "one may be a slip");
    rig.denied(&phone, Known).await;
    assert_eq!(said(), ["phone u"]);
}
