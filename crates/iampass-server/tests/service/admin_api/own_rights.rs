//! Keys that accounts make in the Console: who may, what they are worth, and when they end.

use serde_json::json;

use super::keys::{EVERY, by_command, by_page, shown};
use crate::console::{Visitor, open_house, owner};
use crate::rig::{Pair, Rig};

async fn renamed(rig: &Rig, key: &Pair, application: &str) -> crate::rig::Answer {
    let url = rig.url(&format!("/admin/v1/applications/{application}/rename"));
    rig.post(key, &url, json!({"name": "Renamed"})).await
}

#[tokio::test]
async fn an_administrator_makes_a_key_that_may_no_more_than_the_account() {
    let rig = open_house().await;
    let mut olga = owner(&rig).await;
    let key = by_page(&mut olga, &EVERY).await;
    let said = rig.get(&key, &rig.url("/admin/v1/key")).await.ok(200);
    assert_eq!((&said["account"], said["scopes"].as_array().unwrap().len()), (&json!("olga"), EVERY.len()));
    renamed(&rig, &key, &rig.app.id).await.ok(200);
    let log = rig.store.column("SELECT actor FROM audit WHERE action = 'application.renamed'");
    assert_eq!(log, [key.id.as_str()]);
    // An application of others: the administrator sees it, and changes nothing in it.
    let other = rig.another_application("Other").await;
    rig.get(&key, &rig.url(&format!("/admin/v1/applications/{}", other.id))).await.ok(200);
    renamed(&rig, &key, &other.id).await.is(403, "NOT_ALLOWED");
    // Entries that are not about an application are for the operator's keys.
    let log = rig.url("/admin/v1/audit_log?action=admin-key.made");
    assert_eq!(rig.get(&key, &log).await.ok(200)["entries"], json!([]));
    let of_operator = by_command(&rig, &["audit:read"], None).await;
    assert_eq!(rig.get(&of_operator, &log).await.ok(200)["entries"].as_array().unwrap().len(), 2);
    let about =
        rig.url(&format!("/admin/v1/audit_log?action=application.renamed&application={}", rig.app.id));
    assert_eq!(rig.get(&key, &about).await.ok(200)["entries"].as_array().unwrap().len(), 1);
    // The secret is sealed, and shown this once.
    let list = olga.get("/console/keys").await;
    assert!(list.body.contains(&key.id) && list.body.contains("Nightly import"), "{list:?}");
    assert!(!list.body.contains(key.secret.expose()));
    assert!(rig.store.column("SELECT id FROM admin_keys").iter().all(|id| id.starts_with("KEY-")));
    // An application that it adds is the account's own.
    let added = rig.post(&key, &rig.url("/admin/v1/add_application"), json!({"name": "Third"})).await.ok(201);
    let third = added["application_id"].as_str().unwrap();
    assert!(olga.get(&format!("/console/applications/{third}/members")).await.body.contains("olga"));
    renamed(&rig, &key, third).await.ok(200);
}

#[tokio::test]
async fn nobody_else_makes_one_and_none_is_shown_to_a_script() {
    let rig = open_house().await;
    let mut olga = owner(&rig).await;
    let mut anna = Visitor::registered(&rig, "anna").await;
    let fields = [("name", "Mine"), ("days", "1"), ("scope-users:read", "on")];
    for answer in [
        anna.get("/console/keys").await,
        anna.get("/console/keys/new").await,
        anna.post("/console/keys/new", &fields).await,
        anna.post("/console/keys/KEY-X/revoke", &[("sure", "yes")]).await,
    ] {
        assert_eq!(answer.status, 404, "{answer:?}");
    }
    assert_eq!(Visitor::new(&rig).post("/console/keys/new", &fields).await.status, 303);
    let origin = format!("http://{}", rig.address);
    let script = [
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-mode", "cors"),
        ("sec-fetch-dest", "empty"),
        ("origin", origin.as_str()),
    ];
    assert_eq!(olga.send("POST", "/console/keys/new", &script, Some(&fields)).await.status, 403);
    // A session alone is not enough after five minutes.
    rig.clock.advance(301);
    let asked = olga.post("/console/keys/new", &fields).await;
    assert!(asked.status == 303 && asked.header("location").unwrap().contains("/auth/login"), "{asked:?}");
    assert!(rig.store.column("SELECT id FROM admin_keys").is_empty());
}

#[tokio::test]
async fn what_a_form_says_that_no_key_can_have_is_said() {
    let rig = open_house().await;
    let mut olga = owner(&rig).await;
    let own = rig.app.id.clone();
    for (fields, words) in [
        (vec![("name", ""), ("days", "1"), ("scope-users:read", "on")], "Write what it is for"),
        (vec![("name", "A"), ("days", "1")], "Choose at least one scope"),
        (vec![("name", "A"), ("days", "1"), ("scope-keys:write", "on")], "Choose at least one scope"),
        (vec![("name", "A"), ("days", "0"), ("scope-users:read", "on")], "1 to 366 days"),
        (vec![("name", "A"), ("days", "367"), ("scope-users:read", "on")], "1 to 366 days"),
        (vec![("name", "A"), ("days", "x"), ("scope-users:read", "on")], "1 to 366 days"),
        (
            vec![("name", "A"), ("days", "1"), ("scope-users:read", "on"), ("application", "nope")],
            "no application with this id",
        ),
        (
            vec![("name", "A"), ("days", "1"), ("scope-service:read", "on"), ("application", own.as_str())],
            "about all applications",
        ),
    ] {
        let page = olga.post("/console/keys/new", &fields).await;
        assert!(page.status == 422 && page.body.contains(words), "{words}: {page:?}");
    }
    assert!(rig.store.column("SELECT id FROM admin_keys").is_empty());
    let fields = [("name", "A"), ("days", "1"), ("scope-users:read", "on"), ("application", own.as_str())];
    let key = shown(&olga.post("/console/keys/new", &fields).await);
    assert_eq!(rig.get(&key, &rig.url("/admin/v1/key")).await.ok(200)["application_id"], json!(own));
}

#[tokio::test]
async fn a_key_ends_when_it_is_revoked_and_with_the_right_of_its_account() {
    let rig = open_house().await;
    let mut olga = owner(&rig).await;
    let key = by_page(&mut olga, &EVERY).await;
    let revoke = format!("/console/keys/{}/revoke", key.id);
    assert!(olga.get(&revoke).await.body.contains("Revoke"));
    assert_eq!(olga.post(&revoke, &[]).await.status, 422);
    renamed(&rig, &key, &rig.app.id).await.ok(200);
    assert_eq!(olga.post(&revoke, &[("sure", "yes")]).await.status, 303);
    renamed(&rig, &key, &rig.app.id).await.is(401, "KEY_REVOKED");

    // Another administrator takes the right away, each way, and it does not come back.
    let mut boss = Visitor::administrator(&rig, "the-boss").await;
    let key_of_olga =
        rig.store.column("SELECT CAST(key AS TEXT) FROM accounts WHERE name = 'olga'").remove(0);
    let account = format!("/console/accounts/{key_of_olga}");
    for (step, fields) in [("log-out", [("sure", "yes")]), ("disable", [("typed", "olga")])] {
        rig.clock.advance(61);
        olga.sign_in("olga").await;
        let key = by_page(&mut olga, &EVERY).await;
        rig.get(&key, &rig.url("/admin/v1/key")).await.ok(200);
        boss.sign_in("the-boss").await;
        assert_eq!(boss.post(&format!("{account}/{step}"), &fields).await.status, 303, "{step}");
        rig.get(&key, &rig.url("/admin/v1/key")).await.is(401, "KEY_REVOKED");
        renamed(&rig, &key, &rig.app.id).await.is(401, "KEY_REVOKED");
        boss.post(&format!("{account}/enable"), &[("sure", "yes")]).await;
        rig.get(&key, &rig.url("/admin/v1/key")).await.is(401, "KEY_REVOKED");
    }
}
