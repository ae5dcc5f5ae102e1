use serde_json::json;

use crate::rig::Rig;

#[tokio::test]
async fn users_are_created_once_and_found_after() {
    let rig = Rig::start().await;
    let first = rig.add_users(&["u1", "u2", "u1"]).await;
    assert_eq!(first, json!({"status": true, "users": {"created": ["u1", "u2"], "existing": []}}));
    let second = rig.add_users(&["u3", "u2", "u1", "u2"]).await;
    assert_eq!(second["users"], json!({"created": ["u3"], "existing": ["u2", "u1"]}));
    assert_eq!(rig.add_users(&[]).await["users"], json!({"created": [], "existing": []}));
}

#[tokio::test]
async fn ids_that_need_encoding_are_read_from_the_path() {
    let rig = Rig::start().await;
    let ids = [
        ("a+b%2Fc%40d%2B%C3%A9%3F%26%3D%25", "a b/c@d+é?&=%"),
        ("a%20b", "a b"),
        (".", "."),
        ("%2E%2E", ".."),
        ("..", ".."),
        ("%2A", "*"),
        ("a$b&c,d;e=f:g@h", "a$b&c,d;e=f:g@h"),
        ("a!b'c(d)", "a!b'c(d)"),
        ("~", "~"),
        ("%25%32%46", "%2F"),
    ];
    for (raw, id) in ids {
        let url = rig.url(&format!("/management/has_registered_mobile_device/{}/{raw}", rig.app.id));
        if !matches!(raw, "..") {
            rig.get(&rig.app, &url).await.is(404, "UNKNOWN_USER");
        }
        rig.add_users(&[id]).await;
        let answer = rig.get(&rig.app, &url).await.ok(200);
        assert_eq!(answer, json!({"status": true, "device_registered": false}), "{raw}");
    }
}

#[tokio::test]
async fn bad_ids_and_lists_are_refused_with_a_reason() {
    let rig = Rig::start().await;
    let add = rig.url(&format!("/management/add_users/{}", rig.app.id));
    for bad in ["", "line\nbreak", &"x".repeat(256)] {
        rig.post(&rig.app, &add, json!({"users": ["good", bad]})).await.is(422, "INVALID_USER_ID");
    }
    assert_eq!(rig.add_users(&["good"]).await["users"]["created"], json!(["good"]), "all or nothing");

    let many: Vec<String> = (0..1_001).map(|number| number.to_string()).collect();
    rig.post(&rig.app, &add, json!({"users": many})).await.is(422, "TOO_MANY_USERS");
    rig.post(&rig.app, &add, json!({"users": &many[..1_000]})).await.ok(201);
    for shape in [json!({}), json!([]), json!({"users": "u"}), json!({"users": [1]}), json!({"users": null})]
    {
        rig.post(&rig.app, &add, shape).await.is(422, "INVALID_BODY");
    }
    for raw in ["%ff", "%zz", "%", "", "%0A"] {
        let url = rig.url(&format!("/management/has_registered_mobile_device/{}/{raw}", rig.app.id));
        rig.get(&rig.app, &url).await.is(422, "INVALID_USER_ID");
    }
}

#[tokio::test]
async fn a_json_body_may_hold_escapes_and_no_content_type() {
    let rig = Rig::start().await;
    let url = rig.url(&format!("/management/add_users/{}", rig.app.id));
    let headers = rig.signed(&rig.app, &url);
    let target = format!("/management/add_users/{}", rig.app.id);
    let answer =
        rig.send("POST", &target, &headers, Some(r#"{"users": ["\u00e9\ud83d\ude00"]}"#)).await.ok(201);
    assert_eq!(answer["users"]["created"], json!(["é😀"]));
    let headers = rig.signed(&rig.app, &url);
    rig.send("POST", &target, &headers, Some(r#"{"users": ["\ud83d"]}"#)).await.is(422, "INVALID_BODY");
}

#[tokio::test]
async fn a_link_registers_one_phone_once() {
    let rig = Rig::start().await;
    rig.add_users(&["u"]).await;
    let url =
        rig.url(&format!("/management/device_registration_link/{}/u?display_name=Ann+B%C3%A9", rig.app.id));
    let answer = rig.get(&rig.app, &url).await.ok(200);
    let link = answer["register_url"].as_str().unwrap();
    assert!(link.starts_with(&rig.url("/r/")), "{link}");
    assert!(!link.contains('#'));
    let phone = rig.register(link).await;
    let user = json!({"user_id": "u", "display_name": "Ann Bé", "application_id": rig.app.id, "application_name": "Shop"});
    assert_eq!(phone.record["user"], user);
    assert_eq!(phone.record["service"]["service_id"], rig.app.id);
    assert_eq!(phone.record["service"]["service_name"], "Shop");
    assert_eq!(phone.record["training"], json!({"facial": {"num_images": 0}}));
    let has = rig.url(&format!("/management/has_registered_mobile_device/{}/u", rig.app.id));
    assert_eq!(rig.get(&rig.app, &has).await.ok(200)["device_registered"], true);

    let body = r#"{"notification_token": "*x", "platform": "web"}"#;
    rig.send("POST", crate::rig::path_of(link), &[], Some(body)).await.is(404, "LINK_NOT_VALID");
    rig.send("POST", "/r/never-given-out", &[], Some(body)).await.is(404, "LINK_NOT_VALID");
}

#[tokio::test]
async fn a_new_link_replaces_the_old_one_and_both_end() {
    let rig = Rig::start().await;
    rig.add_users(&["u"]).await;
    let url = rig.url(&format!("/management/device_registration_link/{}/u", rig.app.id));
    let link = |answer: serde_json::Value| answer["register_url"].as_str().unwrap().to_owned();
    let old = link(rig.get(&rig.app, &url).await.ok(200));
    let new = link(rig.get(&rig.app, &url).await.ok(200));
    let body = r#"{"notification_token": "*x", "platform": "web"}"#;
    let target = |link: &str| crate::rig::path_of(link).to_owned();
    rig.send("POST", &target(&old), &[], Some(body)).await.is(404, "LINK_NOT_VALID");
    rig.clock.advance(24 * 3_600);
    rig.send("POST", &target(&new), &[], Some(body)).await.is(404, "LINK_NOT_VALID");
}

#[tokio::test]
async fn what_a_phone_says_about_itself_is_checked() {
    let rig = Rig::start().await;
    rig.add_users(&["u"]).await;
    let url = rig.url(&format!("/management/device_registration_link/{}/u", rig.app.id));
    let link = rig.get(&rig.app, &url).await.ok(200)["register_url"].as_str().unwrap().to_owned();
    let target = crate::rig::path_of(&link);
    for (body, reason) in [
        (r#"{}"#, "INVALID_BODY"),
        (r#"nothing"#, "INVALID_BODY"),
        (r#"{"notification_token": "*x", "platform": "toaster"}"#, "INVALID_PARAMETER"),
        (r#"{"notification_token": "*x", "platform": null}"#, "INVALID_BODY"),
        (r#"{"notification_token": "", "platform": "web"}"#, "INVALID_PARAMETER"),
        (r#"{"notification_token": "a\u0000", "platform": "web"}"#, "INVALID_PARAMETER"),
    ] {
        rig.send("POST", target, &[], Some(body)).await.is(422, reason);
    }
    // No upstream source has a platform.
    let body = r#"{"notification_token": "*x", "name": "Ann's phone", "system": "iOS", "version": "17"}"#;
    rig.send("POST", target, &[], Some(body)).await.ok(200);
    assert_eq!(rig.store.column("SELECT platform FROM devices"), ["unknown"]);
}

#[tokio::test]
async fn sms_says_that_it_is_not_set_up_after_checking_its_input() {
    let rig = Rig::start().await;
    rig.add_users(&["u"]).await;
    let url = |user: &str| rig.url(&format!("/management/send_registration_sms/{}/{user}", rig.app.id));
    let answer =
        rig.post(&rig.app, &url("u"), json!({"phone_number": "+15550100", "display_name": "A"})).await;
    answer.is(200, "SMS_NOT_CONFIGURED");
    assert_eq!(answer.json["status"], false);
    rig.post(&rig.app, &url("nobody"), json!({"phone_number": "+15550100"})).await.is(404, "UNKNOWN_USER");
    rig.post(&rig.app, &url("u"), json!({"phone_number": "5550100"})).await.is(422, "INVALID_PARAMETER");
    rig.post(&rig.app, &url("u"), json!({})).await.is(422, "INVALID_BODY");
}

#[tokio::test]
async fn deleting_is_the_same_for_those_who_are_not_there() {
    let rig = Rig::start().await;
    rig.add_users(&["u"]).await;
    let url = rig.url(&format!("/management/delete_users/{}", rig.app.id));
    for _ in 0..2 {
        assert_eq!(
            rig.post(&rig.app, &url, json!({"users": ["u", "nobody"]})).await.ok(200),
            json!({"status": true})
        );
    }
    let answer = rig.authenticate("u", "").await.ok(200);
    assert_eq!(answer["authentication_status"]["reason"], "UNKNOWN_USER");
}

#[tokio::test]
async fn applications_do_not_see_each_others_users() {
    let rig = Rig::start().await;
    let other = rig.another_application("Other").await;
    rig.add_users(&["u"]).await;
    let url = rig.url(&format!("/management/has_registered_mobile_device/{}/u", other.id));
    rig.get(&other, &url).await.is(404, "UNKNOWN_USER");
    let delete = rig.url(&format!("/management/delete_users/{}", other.id));
    rig.post(&other, &delete, json!({"users": ["u"]})).await.ok(200);
    assert_eq!(rig.add_users(&["u"]).await["users"]["existing"], json!(["u"]));
}
