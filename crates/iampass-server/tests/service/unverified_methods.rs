//! Methods that this service cannot verify are refused, not waved through. Where they are simulated, only an explicit yes satisfies them.

use iampass_server::{ConsoleSettings, Registration, UnverifiedMethods};
use serde_json::{Value, json};

use crate::console::{owner, place, went_to};
use crate::rig::{Answer, Rig};

fn not_started(answer: Answer, reason: &str) {
    let status = answer.ok(200)["authentication_status"].clone();
    let expected = json!({"authenticated": false, "session_status": null, "reason": reason, "session_token": null,
        "session_secret": null, "status_url": null, "logout_url": null});
    assert_eq!(status, expected);
}

#[tokio::test]
async fn a_login_by_a_method_that_cannot_be_verified_is_not_started() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    for methods in
        ["device", "facial", "acceptance,device", "facial,acceptance", "device,facial", "device%2Cfacial"]
    {
        not_started(rig.authenticate("u", &format!("?methods={methods}")).await, "METHOD_NOT_AVAILABLE");
    }
    assert!(rig.questions(&phone).await.is_empty(), "no phone was asked");
    assert!(rig.store.column("SELECT state FROM sessions").is_empty());
    for query in ["", "?methods=", "?methods", "?methods=acceptance"] {
        let session = rig.session("u", query).await;
        let question = rig.questions(&phone).await.pop().unwrap();
        let asked = json!({"acceptance": {"acceptance": {"automatic": false}}});
        assert_eq!(question.json["identify"]["requested_data"], asked, "{query}");
        rig.answer(&question, json!({"accepted": true})).await.ok(200);
        assert_eq!(rig.status(&session).await, "active");
    }
    assert_eq!(rig.store.column("SELECT DISTINCT methods FROM sessions"), ["acceptance"]);
}

/// The settings of the application name the methods. A login that names none asks for all of them, however it says that.
#[tokio::test]
async fn a_login_without_methods_asks_for_all_that_the_settings_name() {
    let rig = Rig::with(|config| {
        config.console = Some(ConsoleSettings::new(Registration::Open));
        config.unverified_methods = UnverifiedMethods::Simulated;
    })
    .await;
    let mut owner = owner(&rig).await;
    let page = owner.get(&place(&rig, "/settings/login")).await.body;
    assert_eq!(page.matches("Simulated by this service, for development: it proves nothing.").count(), 2);
    let fields =
        [("methods", "these"), ("acceptance", "on"), ("device", "on"), ("duration", ""), ("unit", "hours")];
    let changed = owner.post(&place(&rig, "/settings/login"), &fields).await;
    went_to(&changed, &place(&rig, "/settings?done=configured"));
    let phone = rig.phone("u").await;
    for query in ["", "?methods=", "?methods"] {
        let session = rig.session("u", query).await;
        let question = rig.questions(&phone).await.pop().unwrap();
        let asked = json!({"acceptance": {"acceptance": {"automatic": false}}, "os_authentication": {}});
        assert_eq!(question.json["identify"]["requested_data"], asked, "{query}");
        rig.answer(&question, json!({"accepted": true})).await.ok(200);
        assert_eq!(rig.status(&session).await, "failed", "{query:?} is not satisfied by less");
    }
    rig.session("u", "?methods=device").await;
    rig.authenticate("u", "?methods=facial").await.is(422, "INVALID_METHODS");
}

/// An application that has asked for simulated methods, on a service that simulates nothing: none of its logins is started, and none that
/// waited is satisfied.
#[tokio::test]
async fn what_was_simulated_is_not_satisfied_where_nothing_is() {
    let rig = Rig::with(|config| config.unverified_methods = UnverifiedMethods::Simulated).await;
    let phone = rig.phone("u").await;
    rig.store.change(&format!(
        "UPDATE applications SET methods = 'acceptance,device' WHERE id = '{}'",
        rig.app.id
    ));
    rig.session("u", "?methods=device").await;
    let rig = rig.restart().await;
    let question = rig.questions(&phone.at(&rig)).await.pop().unwrap();
    let everything = json!({"accepted": true, "os_authentication": {"authenticated": true}});
    rig.answer(&question, everything).await.is(409, "METHOD_NOT_AVAILABLE");
    assert_eq!(rig.store.column("SELECT state FROM sessions WHERE methods = 'device'"), ["pending"]);
    rig.clock.advance(61);
    for query in ["", "?methods=", "?methods=device"] {
        not_started(rig.authenticate("u", query).await, "METHOD_NOT_AVAILABLE");
    }
    rig.session("u", "?methods=acceptance").await;
}

#[tokio::test]
async fn the_console_says_what_cannot_be_verified_and_does_not_lock_everybody_out() {
    let rig = Rig::with(|config| config.console = Some(ConsoleSettings::new(Registration::Open))).await;
    let mut owner = owner(&rig).await;
    let page = owner.get(&place(&rig, "/settings/login")).await.body;
    let caveat = "This service cannot verify it: logins that ask for it are refused (METHOD_NOT_AVAILABLE).";
    assert_eq!(page.matches(caveat).count(), 2, "{page}");
    assert!(!page.contains("proves that"), "{page}");
    for method in ["device", "facial"] {
        let fields =
            [("methods", "these"), ("acceptance", "on"), (method, "on"), ("duration", ""), ("unit", "hours")];
        let refused = owner.post(&place(&rig, "/settings/login"), &fields).await;
        assert!(refused.status == 422 && refused.body.contains("nobody could sign in"), "{refused:?}");
    }
    rig.phone("u").await;
    rig.session("u", "").await;
}

#[tokio::test]
async fn a_simulated_method_is_satisfied_by_an_explicit_yes_only() {
    let rig = Rig::with(|config| config.unverified_methods = UnverifiedMethods::Simulated).await;
    let phone = rig.phone("u").await;
    let with = |member: &str, value: Value| {
        let mut answer = json!({"accepted": true});
        answer[member] = value;
        answer
    };
    let everything = json!({"accepted": true, "acceptance": {"accepted": true},
        "os_authentication": {"authenticated": true, "simulated": true}, "facial": {"match": true, "images": []}});
    let contradiction = json!({"accepted": true, "os_authentication": {"authenticated": false, "simulated": true},
        "facial": {"match": false}});
    for (methods, answer, outcome) in [
        ("acceptance", json!({"accepted": true}), "active"),
        ("acceptance", with("acceptance", json!({"accepted": false})), "failed"),
        ("device", json!({"accepted": true}), "failed"),
        ("device", with("os_authentication", json!({})), "failed"),
        ("device", with("os_authentication", json!(true)), "failed"),
        ("device", with("os_authentication", json!([{"authenticated": true}])), "failed"),
        ("device", with("os_authentication", json!({"authenticated": false})), "failed"),
        ("device", with("os_authentication", json!({"authenticated": "true"})), "failed"),
        ("device", with("os_authentication", json!({"authenticated": 1})), "failed"),
        ("device", with("authenticated", json!(true)), "failed"),
        ("device", with("os_authentication", json!({"authenticated": true})), "active"),
        ("facial", with("os_authentication", json!({"authenticated": true})), "failed"),
        ("facial", with("facial", json!({})), "failed"),
        ("facial", with("facial", json!({"images": []})), "failed"),
        ("facial", with("facial", json!({"images": ["..."], "match": false})), "failed"),
        ("facial", with("facial", json!({"match": true})), "active"),
        ("device,facial", contradiction, "failed"),
        ("device,facial", with("os_authentication", json!({"authenticated": true})), "failed"),
        ("acceptance,device,facial", everything.clone(), "active"),
    ] {
        let session = rig.session("u", &format!("?methods={methods}")).await;
        let question = rig.questions(&phone).await.pop().unwrap();
        let asked = &question.json["identify"]["requested_data"];
        assert_eq!(asked.get("os_authentication").is_some(), methods.contains("device"), "{asked}");
        assert_eq!(asked.get("facial").is_some(), methods.contains("facial"), "{asked}");
        let told = rig.answer(&question, answer.clone()).await.ok(200);
        assert_eq!(told["status"], outcome == "active");
        assert_eq!(rig.status(&session).await, outcome, "{methods}: {answer}");
    }
    // A denial stays one, whatever is brought with it.
    let session = rig.session("u", "?methods=device,facial").await;
    let question = rig.questions(&phone).await.pop().unwrap();
    let mut denied = everything;
    denied["accepted"] = json!(false);
    rig.answer(&question, denied).await.ok(200);
    assert_eq!(rig.status(&session).await, "cancelled");
}
