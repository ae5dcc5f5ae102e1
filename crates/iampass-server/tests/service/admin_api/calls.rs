//! The effect of each call, for keys that may.

use std::collections::BTreeSet;

use iampass_server::ConsoleLink;
use serde_json::{Value, json};

use super::keys::{EVERY, by_command, call, calls};
use crate::console::Visitor;
use crate::rig::{Pair, Rig, path_of};

/// Reads a list page by page; how many pages there were.
async fn whole(rig: &Rig, key: &Pair, path: &str, list: &str) -> (Vec<Value>, usize) {
    let (mut found, mut pages, mut after) = (Vec::new(), 0, String::new());
    loop {
        let joined = if path.contains('?') { '&' } else { '?' };
        let page = rig.get(key, &rig.url(&format!("{path}{joined}limit=2{after}"))).await.ok(200);
        let entries = page[list].as_array().unwrap();
        assert!(entries.len() <= 2, "{page}");
        found.extend(entries.clone());
        pages += 1;
        match page["next"].as_str() {
            Some(next) => after = format!("&after={}", next.replace('/', "%2F").replace(' ', "%20")),
            None => return (found, pages),
        }
    }
}

fn names(list: &[Value], member: &str) -> Vec<String> {
    list.iter().map(|entry| entry[member].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_application_from_its_making_to_its_end() {
    let rig = Rig::start().await;
    let key = by_command(&rig, &EVERY, None).await;
    let add = rig.url("/admin/v1/add_application");
    let mut added = Vec::new();
    for number in 0..3 {
        let answer = rig.post(&key, &add, json!({"name": format!("Shop {number}")})).await.ok(201);
        added.push(Pair::new(&answer["application_id"], &answer["application_secret"]));
    }
    let (listed, pages) = whole(&rig, &key, "/admin/v1/applications", "applications").await;
    let expected: Vec<_> = std::iter::once(&rig.app).chain(&added).map(|pair| pair.id.clone()).collect();
    assert_eq!((names(&listed, "application_id"), pages), (expected, 2));
    assert!(!listed.iter().any(|application| application.to_string().contains(added[0].secret.expose())));

    let shop = added[0].clone();
    let path = format!("/admin/v1/applications/{}", shop.id);
    let at = |rest: &str| rig.url(&format!("{path}{rest}"));
    rig.post(&key, &at("/rename"), json!({"name": "  The  Shop "})).await.ok(200);
    let settings =
        json!({"methods": ["acceptance"], "duration_seconds": 600, "approval": "tap", "walkaway": true});
    rig.post(&key, &at("/settings"), settings).await.ok(200);
    let shown = rig.get(&key, &at("")).await.ok(200);
    let application = &shown["application"];
    assert_eq!(
        (
            &application["name"],
            &application["methods"],
            &application["duration_seconds"],
            &application["approval"],
            &application["walkaway"]
        ),
        (&json!("The Shop"), &json!(["acceptance"]), &json!(600), &json!("tap"), &json!(true))
    );
    // A setting that is not named stays. Null clears one that can be cleared, and it alone.
    for kept in [json!({}), json!({"walkaway": true}), json!({"approval": null, "phones": null})] {
        rig.post(&key, &at("/settings"), kept.clone()).await.ok(200);
        assert_eq!(rig.get(&key, &at("")).await.ok(200)["application"], *application, "{kept}");
    }
    rig.post(&key, &at("/settings"), json!({"methods": null})).await.ok(200);
    let application = rig.get(&key, &at("")).await.ok(200)["application"].clone();
    assert!(application.get("methods").is_none() && application["duration_seconds"] == 600, "{application}");
    rig.post(&key, &at("/settings"), json!({"duration_seconds": null})).await.ok(200);
    let application = rig.get(&key, &at("")).await.ok(200)["application"].clone();
    assert!(application.get("duration_seconds").is_none(), "{application}");
    assert!(application["approval"] == "tap" && application["walkaway"] == true, "{application}");

    // The credentials are those of the Management API, before and after a rotation.
    let users = rig.url(&format!("/management/add_users/{}", shop.id));
    rig.post(&shop, &users, json!({"users": ["u"]})).await.ok(201);
    let rotated = rig.post(&key, &at("/rotate_secret"), json!({"overlap_seconds": 60})).await.ok(200);
    let new = Pair::new(&rotated["application_id"], &rotated["application_secret"]);
    for pair in [&shop, &new] {
        rig.post(pair, &users, json!({"users": ["u"]})).await.ok(201);
    }
    rig.post(&key, &at("/end_overlap"), json!({})).await.ok(200);
    rig.post(&shop, &users, json!({"users": ["u"]})).await.is(401, "BAD_SIGNATURE");
    rig.post(&key, &at("/disable"), json!({})).await.ok(200);
    rig.post(&new, &users, json!({"users": ["u"]})).await.is(403, "APPLICATION_DISABLED");
    rig.post(&key, &at("/enable"), json!({})).await.ok(200);
    rig.post(&new, &users, json!({"users": ["u"]})).await.ok(201);
    rig.post(&key, &at("/delete"), json!({})).await.ok(200);
    rig.post(&new, &users, json!({"users": ["u"]})).await.is(404, "UNKNOWN_APPLICATION");
    rig.get(&key, &at("")).await.is(404, "UNKNOWN_APPLICATION");

    // Each change is in the log, by the key.
    let (log, pages) = whole(&rig, &key, &format!("/admin/v1/audit_log?actor={}", key.id), "entries").await;
    assert!(pages > 3);
    let done: BTreeSet<_> = names(&log, "action").into_iter().collect();
    for action in [
        "application.created",
        "application.renamed",
        "application.configured",
        "application.approval",
        "application.walkaway",
        "secret.rotated",
        "secret.overlap-ended",
        "application.disabled",
        "application.enabled",
        "application.deleted",
    ] {
        assert!(done.contains(action), "{action}: {done:?}");
    }
    assert!(!log.iter().any(|entry| entry.to_string().contains(new.secret.expose())));
}

#[tokio::test]
async fn users_their_phones_and_their_sessions() {
    let rig = Rig::start().await;
    let key = by_command(&rig, &EVERY, None).await;
    let path = format!("/admin/v1/applications/{}", rig.app.id);
    let at = |rest: &str| rig.url(&format!("{path}{rest}"));
    let added =
        rig.post(&key, &at("/add_users"), json!({"users": ["a b/c", "ann", "anne", "bob", "ann"]})).await;
    assert_eq!(added.ok(201)["users"]["created"].as_array().unwrap().len(), 4);
    let (all, pages) = whole(&rig, &key, &format!("{path}/users"), "users").await;
    assert_eq!(
        (names(&all, "user_id"), pages),
        (["a b/c", "ann", "anne", "bob"].map(str::to_owned).into(), 2)
    );
    let (found, _) = whole(&rig, &key, &format!("{path}/users?prefix=ann"), "users").await;
    assert_eq!(names(&found, "user_id"), ["ann", "anne"]);
    rig.get(&key, &at("/users/a+b%2Fc")).await.ok(200);

    // A phone by a link, which looks as any other.
    let link = rig.post(&key, &at("/users/ann/link"), json!({"display_name": "Ann"})).await.ok(200);
    let phone = rig.register(link["register_url"].as_str().unwrap()).await;
    assert_eq!(phone.record["user"]["display_name"], "Ann");
    rig.active_session(&phone, "ann", "").await;
    let shown = rig.get(&key, &at("/users/ann")).await.ok(200);
    assert_eq!(
        (shown["phones"].as_array().unwrap().len(), shown["sessions"].as_array().unwrap().len()),
        (1, 1)
    );
    let (sessions, _) = whole(&rig, &key, &format!("{path}/sessions"), "sessions").await;
    assert_eq!(
        (names(&sessions, "user_id"), &sessions[0]["state"]),
        (vec!["ann".to_owned()], &json!("active"))
    );
    let number = sessions[0]["session"].as_u64().unwrap();
    let end = at(&format!("/sessions/{number}/end"));
    rig.post(&key, &end, json!({})).await.ok(200);
    rig.post(&key, &end, json!({})).await.is(404, "UNKNOWN_SESSION");
    let session = rig.active_session(&phone, "ann", "").await;
    rig.post(&key, &at("/users/ann/log_out"), json!({})).await.ok(200);
    assert_eq!(rig.status(&session).await, "closed");
    let (logins, _) = whole(&rig, &key, &format!("{path}/history?user=ann&outcome=accepted"), "logins").await;
    assert_eq!(names(&logins, "ended"), ["in-console", "in-console"]);

    // A lost phone, then none, then no user.
    let link = rig.post(&key, &at("/users/ann/phone_lost"), json!({})).await.ok(200);
    rig.get(&phone.pair, phone.urls["pending_requests"].as_str().unwrap()).await.is(401, "UNKNOWN_DEVICE");
    rig.register(link["register_url"].as_str().unwrap()).await;
    rig.post(&key, &at("/users/ann/remove_phones"), json!({})).await.ok(200);
    assert_eq!(rig.get(&key, &at("/users/ann")).await.ok(200)["phones"], json!([]));
    rig.post(&key, &at("/users/ann/delete"), json!({})).await.ok(200);
    rig.get(&key, &at("/users/ann")).await.is(404, "UNKNOWN_USER");
    let done: BTreeSet<_> = rig
        .store
        .column(&format!("SELECT action FROM audit WHERE actor = '{}' AND subject IS NOT NULL", key.id))
        .into_iter()
        .collect();
    for action in [
        "users.added",
        "registration-link.made",
        "session.ended",
        "user.logged-out",
        "phone.lost",
        "phone.removed",
        "user.deleted",
    ] {
        assert!(done.contains(action), "{action}: {done:?}");
    }
}

/// A session of another application is not there.
#[tokio::test]
async fn what_belongs_to_another_application_is_not_there() {
    let rig = Rig::start().await;
    let key = by_command(&rig, &EVERY, None).await;
    let other = rig.another_application("Other").await;
    let phone = rig.phone("ann").await;
    rig.active_session(&phone, "ann", "").await;
    let session = rig.store.column("SELECT CAST(key AS TEXT) FROM sessions").remove(0);
    let at = |rest: &str| rig.url(&format!("/admin/v1/applications/{}{rest}", other.id));
    rig.post(&key, &at(&format!("/sessions/{session}/end")), json!({})).await.is(404, "UNKNOWN_SESSION");
    rig.post(&key, &at("/users/ann/delete"), json!({})).await.is(404, "UNKNOWN_USER");
    for (list, path) in [("users", "/users"), ("sessions", "/sessions"), ("logins", "/history")] {
        assert_eq!(rig.get(&key, &at(path)).await.ok(200)[list], json!([]), "{path}");
    }
}

/// A link that somebody may still open ends with its key.
#[tokio::test]
async fn a_link_ends_with_the_key_that_made_it() {
    let rig = Rig::start().await;
    rig.add_users(&["ann"]).await;
    let key = by_command(&rig, &["phones:write"], Some(&rig.app.id)).await;
    let url = rig.url(&format!("/admin/v1/applications/{}/users/ann/link", rig.app.id));
    let link = rig.post(&key, &url, json!({})).await.ok(200)["register_url"].as_str().unwrap().to_owned();
    rig.service.revoke_admin_key(&key.id).await.unwrap();
    let body = r#"{"notification_token": "*x", "platform": "web"}"#;
    rig.send("POST", path_of(&link), &[], Some(body)).await.is(404, "LINK_NOT_VALID");
}

#[tokio::test]
async fn accounts_and_the_service() {
    let rig = crate::console::open_house().await;
    let mut boss = Visitor::administrator(&rig, "the-boss").await;
    let mut anna = Visitor::registered(&rig, "anna").await;
    rig.service.console_link(ConsoleLink::NewAdministrator(None)).await.unwrap();
    let key = by_command(&rig, &EVERY, None).await;
    let (accounts, _) = whole(&rig, &key, "/admin/v1/accounts", "accounts").await;
    assert_eq!(names(&accounts, "name"), ["anna", "the-boss"]);
    let at = |name: &str, step: &str| rig.url(&format!("/admin/v1/accounts/{name}/{step}"));
    rig.post(&key, &at("anna", "log_out"), json!({})).await.ok(200);
    // Longer than the freshness bound.
    rig.clock.advance(11);
    assert!(!anna.is_in().await);
    rig.clock.advance(61);
    anna.sign_in("anna").await;
    for _ in 0..2 {
        rig.post(&key, &at("anna", "disable"), json!({})).await.ok(200);
    }
    assert!(!anna.is_in().await && boss.is_in().await);
    rig.post(&key, &at("anna", "enable"), json!({})).await.ok(200);
    rig.post(&key, &at("the-boss", "disable"), json!({})).await.is(409, "LAST_ADMINISTRATOR");
    // An administrator who was disabled gets in again by people alone.
    rig.store.change(
        "INSERT INTO accounts (name, administrator, created_at, disabled_at) VALUES ('was-boss', 1, 1, 1)",
    );
    let refused = rig.post(&key, &at("was-boss", "enable"), json!({})).await;
    assert!(refused.body.contains("no key enables an administrator"), "{refused:?}");
    refused.is(403, "NOT_ALLOWED");
    let disabled = rig.store.column("SELECT name FROM accounts WHERE disabled_at IS NOT NULL");
    assert_eq!(disabled, ["was-boss"]);
    let log = rig.store.column(&format!("SELECT action FROM audit WHERE actor = '{}' ORDER BY key", key.id));
    assert_eq!(log, ["account.logged-out", "account.disabled", "account.enabled"]);

    let service = rig.get(&key, &rig.url("/admin/v1/service")).await.ok(200);
    let store = if crate::store::on_postgres() { "postgres" } else { "sqlite" };
    assert_eq!((&service["store"], &service["version"]), (&json!(store), &json!(env!("CARGO_PKG_VERSION"))));
}

/// A key is limited as an application is, and takes none of the application's room.
#[tokio::test]
async fn a_key_that_calls_too_often_is_told_to_wait() {
    let rig = Rig::with(|config| {
        config.rates.per_application =
            Some(iampass_server::Rate { burst: 2, every: std::time::Duration::from_secs(60) });
    })
    .await;
    let key = by_command(&rig, &EVERY, None).await;
    for _ in 0..2 {
        rig.get(&key, &rig.url("/admin/v1/key")).await.ok(200);
    }
    let late = rig.get(&key, &rig.url("/admin/v1/key")).await;
    late.is(429, "TOO_MANY_REQUESTS");
    assert!(late.header("retry-after").is_some());
    // One that is good no longer is not answered more often.
    let revoked = by_command(&rig, &EVERY, None).await;
    rig.service.revoke_admin_key(&revoked.id).await.unwrap();
    for _ in 0..2 {
        rig.get(&revoked, &rig.url("/admin/v1/key")).await.is(401, "KEY_REVOKED");
    }
    rig.get(&revoked, &rig.url("/admin/v1/key")).await.is(429, "TOO_MANY_REQUESTS");
    rig.get(&by_command(&rig, &EVERY, None).await, &rig.url("/admin/v1/key")).await.ok(200);
    rig.add_users(&["u"]).await;
}

/// Makes every call so that it is done.
pub(crate) async fn each_is_done(rig: &Rig) {
    let key = by_command(rig, &EVERY, None).await;
    rig.store.change("INSERT INTO accounts (name, administrator, created_at) VALUES ('nobody', 0, 1)");
    for (made, (route, pattern)) in calls("{app}", "ann", "{session}").into_iter().enumerate() {
        // Each in an application of its own: some calls leave nothing for the others.
        let shop = rig.another_application(&format!("Shop {made}")).await;
        let users = rig.url(&format!("/management/add_users/{}", shop.id));
        rig.post(&shop, &users, json!({"users": ["ann"]})).await.ok(201);
        let link = rig.url(&format!("/management/device_registration_link/{}/ann", shop.id));
        let link = rig.get(&shop, &link).await.ok(200)["register_url"].as_str().unwrap().to_owned();
        rig.register(&link).await;
        let login = rig.url(&format!("/authentication/authenticate_user/{}/ann", shop.id));
        rig.post(&shop, &login, json!({})).await.ok(202);
        let session = rig.store.column("SELECT CAST(max(key) AS TEXT) FROM sessions").remove(0);
        let path = pattern.replace("{app}", &shop.id).replace("{session}", &session);
        let answer = call(rig, &key, route, &path).await;
        assert!(matches!(answer.status, 200 | 201), "{path}: {answer:?}");
    }
}
