use serde_json::{Value, json};

use crate::rig::{Phone, Rig};

fn url(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[tokio::test]
async fn the_phone_lists_walks_away_from_returns_to_and_ends_its_sessions() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let session = rig.active_session(&phone, "u", "?duration_seconds=100").await;
    let listed = rig.active_sessions(&phone).await;
    assert_eq!(listed.len(), 1);
    let listed = &listed[0];
    assert_eq!(listed["session_status"], "active");
    assert_eq!(listed["expires_at"].as_u64().unwrap() - listed["started_at"].as_u64().unwrap(), 100);
    assert_ne!(listed["session_id"], session.pair.id);

    for (action, state) in [
        ("walkaway_url", "walkaway"),
        ("walkaway_url", "walkaway"),
        ("return_url", "active"),
        ("return_url", "active"),
    ] {
        rig.call(&phone.pair, "POST", url(&listed[action]), None).await.ok(200);
        assert_eq!(rig.status(&session).await, state);
        assert_eq!(rig.active_sessions(&phone).await[0]["session_status"], state);
    }
    for _ in 0..2 {
        rig.call(&phone.pair, "POST", url(&listed["logout_url"]), None).await.ok(200);
        assert_eq!(rig.status(&session).await, "closed");
    }
    assert!(rig.active_sessions(&phone).await.is_empty());
    rig.call(&phone.pair, "POST", url(&listed["return_url"]), None).await.is(409, "UNKNOWN_SESSION");
    assert_eq!(rig.status(&session).await, "closed");
}

#[tokio::test]
async fn configuration_and_training_are_taken() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let configuration = url(&phone.urls["device_configuration"]);
    let answer = rig.post(&phone.pair, configuration, json!({"notification_token": "*new"})).await.ok(200);
    // All that the phone was told when it registered, but for the name, which the link alone had.
    let mut expected = phone.record.clone();
    expected["status"] = json!(true);
    expected["user"]["display_name"] = json!(null);
    assert_eq!(answer, expected);
    rig.post(&phone.pair, configuration, json!({"notification_token": ""}))
        .await
        .is(422, "INVALID_PARAMETER");
    rig.post(&phone.pair, configuration, json!({})).await.is(422, "INVALID_BODY");
    let training = url(&phone.urls["training_data"]);
    rig.post(&phone.pair, training, json!({"image": "…"})).await.ok(200);
}

/// However a phone goes, its open sessions close, its questions are withdrawn, and it is told that it is not known.
#[tokio::test]
async fn a_phone_that_goes_takes_its_sessions_along() {
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Way {
        Replaced,
        Lost,
        Unregistered,
        UserDeleted,
    }
    let rig = Rig::start().await;
    for way in [Way::Replaced, Way::Lost, Way::Unregistered, Way::UserDeleted] {
        let phone = rig.phone("u").await;
        let active = rig.active_session(&phone, "u", "").await;
        let pending = rig.session("u", "").await;
        let question = rig.questions(&phone).await.pop().unwrap();
        let management = |call: &str| rig.url(&format!("/management/{call}/{}", rig.app.id));
        match way {
            Way::Replaced => drop(rig.phone("u").await),
            Way::Lost => {
                let answer =
                    rig.get(&rig.app, &format!("{}/u", management("lost_user_mobile_device"))).await.ok(200);
                let has = format!("{}/u", management("has_registered_mobile_device"));
                assert_eq!(rig.get(&rig.app, &has).await.ok(200)["device_registered"], false);
                rig.register(url(&answer["register_url"])).await;
            }
            Way::Unregistered => {
                let unregister = url(&phone.urls["device_unregister"]);
                rig.call(&phone.pair, "POST", unregister, None).await.ok(200);
            }
            Way::UserDeleted => {
                rig.post(&rig.app, &management("delete_users"), json!({"users": ["u"]})).await.ok(200);
            }
        }
        assert_eq!(rig.status(&active).await, "closed", "{way:?}");
        assert_eq!(rig.status(&pending).await, "cancelled", "{way:?}");
        rig.answer(&question, json!({"accepted": true})).await.is(409, "UNKNOWN_REQUEST");
        assert_eq!(rig.status(&pending).await, "cancelled", "{way:?}");
        for call in ["pending_requests", "active_sessions"] {
            rig.get(&phone.pair, url(&phone.urls[call])).await.is(401, "UNKNOWN_DEVICE");
        }
    }
}

#[tokio::test]
async fn a_phone_touches_only_its_own_sessions() {
    let rig = Rig::start().await;
    let (ann, bob) = (rig.phone("ann").await, rig.phone("bob").await);
    let session = rig.active_session(&ann, "ann", "").await;
    let listed = rig.active_sessions(&ann).await[0].clone();
    assert!(rig.active_sessions(&bob).await.is_empty());
    let as_bobs = |of: &Phone| url(&listed["logout_url"]).replace(&ann.pair.id, &of.pair.id);
    rig.call(&bob.pair, "POST", &as_bobs(&bob), None).await.is(404, "UNKNOWN_SESSION");
    rig.call(&bob.pair, "POST", url(&listed["logout_url"]), None).await.is(401, "NOT_YOURS");
    assert_eq!(rig.status(&session).await, "active");
}

#[tokio::test]
async fn the_page_and_the_registration_call_share_the_address_of_a_link() {
    let rig = Rig::start().await;
    for path in ["/phone", "/r/abc"] {
        let page = rig.send("GET", path, &[], None).await;
        assert_eq!(page.status, 200);
        assert!(page.header("content-type").unwrap().starts_with("text/html"), "{}", page.head);
        assert!(page.header("content-security-policy").is_some());
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    }
    let refused = rig.send("DELETE", "/r/abc", &[], None).await;
    refused.is(405, "METHOD_NOT_ALLOWED");
    let allowed = refused.header("allow").unwrap();
    assert!(allowed.contains("GET") && allowed.contains("POST"), "{allowed}");
}
