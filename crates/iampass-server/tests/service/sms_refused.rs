//! Messages that are not sent: more than the limits allow, without an address of the service, by callers who did not sign, to bad numbers.

use std::time::Duration;

use iampass_server::Rate;
use serde_json::json;

use crate::gateways::Gateway;
use crate::rig::Rig;
use crate::sms::{NUMBER, ask, ask_plainly, by_sms, log, meanwhile, rig, until};

const THREE: Option<Rate> = Some(Rate { burst: 3, every: Duration::from_secs(3_600) });

#[tokio::test]
async fn only_what_was_sent_counts_against_a_user() {
    let gateway = Gateway::start(&["422 No", "422 No"]).await;
    let url = gateway.url();
    let rig = Rig::with(|config| {
        by_sms(config, &url);
        config.rates.per_user_messages = THREE;
    })
    .await;
    rig.add_users(&["u"]).await;
    let mut expected = Vec::new();
    for state in [
        "refused 1 refused ***42",
        "refused 1 refused ***42",
        "sent 1 - ***42",
        "sent 1 - ***42",
        "sent 1 - ***42",
    ] {
        ask_plainly(&rig).await;
        expected.push(state);
        until(&rig, &expected).await;
    }
    ask(&rig, json!({"phone_number": NUMBER})).await.is(429, "TOO_MANY_REQUESTS");
    let other = rig.url(&format!("/management/send_registration_sms/{}/nobody", rig.app.id));
    rig.post(&rig.app, &other, json!({"phone_number": "+15559876500"})).await.is(404, "UNKNOWN_USER");
}

/// Neither one application nor many together flood a number, and one application does not flood the gateway.
#[tokio::test]
async fn messages_are_counted_by_destination_and_by_application() {
    let gateway = Gateway::start(&[]).await;
    let url = gateway.url();
    let rig = Rig::with(|config| {
        by_sms(config, &url);
        config.rates.per_destination_messages = THREE;
        config.rates.per_application_messages = Some(Rate { burst: 4, every: Duration::from_secs(3_600) });
    })
    .await;
    rig.add_users(&["u"]).await;
    let other = rig.another_application("Other").await;
    let users = rig.url(&format!("/management/add_users/{}", other.id));
    rig.post(&other, &users, json!({"users": ["u"]})).await.ok(201);
    let elsewhere = rig.url(&format!("/management/send_registration_sms/{}/u", other.id));
    for _ in 0..2 {
        ask_plainly(&rig).await;
    }
    rig.post(&other, &elsewhere, json!({"phone_number": NUMBER})).await.ok(200);
    rig.post(&other, &elsewhere, json!({"phone_number": NUMBER})).await.is(429, "TOO_MANY_REQUESTS");
    ask(&rig, json!({"phone_number": NUMBER})).await.is(429, "TOO_MANY_REQUESTS");
    // A refused message has used nothing up: the application has two left of four.
    for last in ["1", "2"] {
        ask(&rig, json!({"phone_number": format!("+4917012345{last}")})).await.ok(200);
    }
    ask(&rig, json!({"phone_number": "+49170123453"})).await.is(429, "TOO_MANY_REQUESTS");
}

/// A link that somebody else gets must not lead to an address that the caller has chosen.
#[tokio::test]
async fn nothing_is_sent_without_a_public_url() {
    let gateway = Gateway::start(&[]).await;
    let rig = Rig::sending_without_public_url(|config| by_sms(config, &gateway.url())).await;
    rig.add_users(&["u"]).await;
    let answer = ask(&rig, json!({"phone_number": NUMBER})).await;
    answer.is(200, "SMS_NOT_CONFIGURED");
    assert!(answer.json["message"].as_str().unwrap().contains("public_url"), "{answer:?}");
    let url = rig.url(&format!("/management/device_registration_link/{}/u", rig.app.id));
    rig.get(&rig.app, &url).await.ok(200);
    assert!(log(&rig).is_empty());
}

#[tokio::test]
async fn who_did_not_sign_has_nothing_sent() {
    let gateway = Gateway::start(&[]).await;
    let rig = rig(&gateway).await;
    let other = rig.another_application("Other").await;
    let target = format!("/management/send_registration_sms/{}/u", rig.app.id);
    let body = json!({"phone_number": NUMBER}).to_string();
    rig.send("POST", &target, &[], Some(&body)).await.is(401, "SIGNATURE_MISSING");
    let headers = rig.signed(&other, &rig.url(&target));
    assert!(rig.send("POST", &target, &headers, Some(&body)).await.status >= 400);
    // Once is once, whatever the body says.
    let headers = rig.signed(&rig.app, &rig.url(&target));
    rig.send("POST", &target, &headers, Some(&body)).await.ok(200);
    rig.send("POST", &target, &headers, Some(&body)).await.is(403, "NONCE_REPLAYED");
    let foreign = rig.url(&format!("/management/send_registration_sms/{}/u", other.id));
    rig.post(&other, &foreign, json!({"phone_number": NUMBER})).await.is(404, "UNKNOWN_USER");
    until(&rig, &["sent 1 - ***42"]).await;
    meanwhile().await;
    assert_eq!(gateway.called().len(), 1);
}

#[tokio::test]
async fn bad_texts_and_numbers_are_refused_and_nothing_is_queued() {
    let gateway = Gateway::start(&[]).await;
    let rig = rig(&gateway).await;
    for body in [
        json!({"phone_number": "5550100"}),
        json!({"phone_number": "+15550100\r\nX: y"}),
        json!({"phone_number": NUMBER, "message": "a\nb"}),
        json!({"phone_number": NUMBER, "message": "x".repeat(256)}),
        json!({"phone_number": NUMBER, "display_name": "a\u{0}b"}),
        json!({"phone_number": NUMBER, "message": "Log in at evil.example"}),
        json!({"phone_number": NUMBER, "display_name": "http://evil/"}),
    ] {
        ask(&rig, body).await.is(422, "INVALID_PARAMETER");
    }
    assert!(log(&rig).is_empty());
}
