//! Calls that are not answered: without a key, with one that is no longer good, and beyond what it may.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use iampass_core::Secret;
use iampass_server::Rate;
use serde_json::{Value, json};

use super::keys::{EVERY, body, by_command, call, calls};
use crate::rig::{Pair, Rig, path_of, random_nonce, sign, with_digest};
use crate::store::{Store, on_postgres};

/// Many are refused from one address.
async fn start() -> Rig {
    Rig::with(|config| config.rates.per_address_failures = None).await
}

/// These columns of each row, as one text.
fn rows(rig: &Rig, columns: &[&str], from: &str) -> Vec<String> {
    let text = |column: &&str| {
        // SQLite casts no bytes to text that are none.
        if column.ends_with("secret") && !on_postgres() {
            format!("coalesce(hex({column}), '-')")
        } else {
            format!("coalesce(CAST({column} AS TEXT), '-')")
        }
    };
    let columns: Vec<_> = columns.iter().map(text).collect();
    rig.store.column(&format!("SELECT {} FROM {from} ORDER BY key", columns.join(" || '|' || ")))
}

const OF_APPLICATIONS: [&str; 13] = [
    "id",
    "name",
    "secret",
    "previous_secret",
    "previous_until",
    "methods",
    "duration_seconds",
    "approval",
    "walkaway",
    "phones",
    "messages",
    "made_by",
    "disabled_at",
];
const OF_ACCOUNTS: [&str; 4] = ["name", "administrator", "arrived_at", "disabled_at"];
/// When a key was last used is written for calls that are refused as well.
const OF_KEYS: [&str; 9] = [
    "id",
    "secret",
    "name",
    "scopes",
    "application_key",
    "account_key",
    "made_by",
    "expires_at",
    "revoked_at",
];

/// All that a call could change.
fn everything(rig: &Rig) -> Vec<Vec<String>> {
    let state = |sql: &str| rig.store.column(sql);
    vec![
        rows(rig, &OF_APPLICATIONS, "applications WHERE hidden = 0"),
        rows(rig, &OF_ACCOUNTS, "accounts"),
        rows(rig, &OF_KEYS, "admin_keys"),
        state("SELECT id FROM users ORDER BY key"),
        state("SELECT id FROM devices ORDER BY key"),
        state("SELECT state FROM sessions ORDER BY key"),
        state("SELECT CAST(count(*) AS TEXT) FROM links"),
        state("SELECT CAST(count(*) AS TEXT) FROM audit"),
    ]
}

/// A user with a phone and an open session: their ids. The account that calls name is there as well.
async fn inhabited(rig: &Rig) -> (String, String) {
    rig.store.change("INSERT INTO accounts (name, administrator, created_at) VALUES ('nobody', 0, 1)");
    let phone = rig.phone("ann").await;
    rig.active_session(&phone, "ann", "").await;
    let sql = "SELECT CAST(key AS TEXT) FROM sessions WHERE ended_at IS NULL";
    ("ann".to_owned(), rig.store.column(sql).remove(0))
}

#[tokio::test]
async fn no_call_is_answered_without_a_good_key() {
    let rig = start().await;
    let (user, session) = inhabited(&rig).await;
    let good = by_command(&rig, &EVERY, None).await;
    let wrong = Pair { secret: Secret::new("another"), ..good.clone() };
    let (revoked, expired) = (by_command(&rig, &EVERY, None).await, by_command(&rig, &EVERY, None).await);
    rig.service.revoke_admin_key(&revoked.id).await.unwrap();
    let now = rig.now().0;
    rig.store.change(&format!("UPDATE admin_keys SET expires_at = {now} WHERE id = '{}'", expired.id));
    let before = everything(&rig);
    for (route, path) in calls(&rig.app.id, &user, &session) {
        let posted = (route.method == "POST").then(|| body(route.pattern).to_string());
        let unsigned = rig.send(route.method, &path, &[], posted.as_deref()).await;
        unsigned.is(401, "SIGNATURE_MISSING");
        for (pair, reason) in [
            (&rig.app, "UNKNOWN_ID"),
            (&wrong, "BAD_SIGNATURE"),
            (&revoked, "KEY_REVOKED"),
            (&expired, "KEY_EXPIRED"),
        ] {
            call(&rig, pair, route, &path).await.is(401, reason);
        }
    }
    assert_eq!(everything(&rig), before);
    rig.get(&good, &rig.url("/admin/v1/key")).await.ok(200);
}

#[tokio::test]
async fn a_key_does_what_its_scopes_name_and_nothing_else() {
    let rig = start().await;
    let (user, session) = inhabited(&rig).await;
    let mut keys = Vec::new();
    for scope in EVERY {
        let others: Vec<_> = EVERY.into_iter().filter(|other| *other != scope).collect();
        let (only, without) = (by_command(&rig, &[scope], None).await, by_command(&rig, &others, None).await);
        keys.push((scope, only, without));
    }
    let before = everything(&rig);
    let document = rig.send("GET", "/openapi.json", &[], None).await.ok(200);
    for (scope, only, without) in keys {
        let mut taken = 0;
        for (route, path) in calls(&rig.app.id, &user, &session) {
            if route.pattern == "/admin/v1/key" {
                continue;
            }
            if takes(&document, route.pattern) == scope {
                call(&rig, &without, route, &path).await.is(403, "SCOPE_MISSING");
                taken += 1;
            } else {
                call(&rig, &only, route, &path).await.is(403, "SCOPE_MISSING");
            }
        }
        assert!(taken > 0, "no call takes {scope}");
    }
    assert_eq!(everything(&rig), before);
}

/// The scope that the description of a call names.
fn takes<'d>(document: &'d Value, pattern: &str) -> &'d str {
    let call = document["paths"][pattern].as_object().unwrap().values().next().unwrap();
    let text = call["description"].as_str().unwrap();
    let (_, named) = text.split_once("Scope: `").unwrap_or_else(|| panic!("{pattern} names no scope"));
    named.split('`').next().unwrap()
}

#[tokio::test]
async fn a_key_of_one_application_sees_no_other_and_nothing_of_the_service() {
    let rig = start().await;
    let (user, session) = inhabited(&rig).await;
    let other = rig.another_application("Other").await;
    let fitting: Vec<_> = EVERY
        .into_iter()
        .filter(|scope| !scope.starts_with("accounts") && *scope != "service:read")
        .collect();
    let key = by_command(&rig, &fitting, Some(&other.id)).await;
    let before = everything(&rig);
    for (route, path) in calls(&rig.app.id, &user, &session) {
        let answer = call(&rig, &key, route, &path).await;
        match route.pattern {
            "/admin/v1/key" | "/admin/v1/audit_log" => assert_eq!(answer.status, 200),
            "/admin/v1/applications" => {
                let listed = answer.ok(200)["applications"].clone();
                assert_eq!(
                    (listed.as_array().unwrap().len(), &listed[0]["application_id"]),
                    (1, &json!(other.id))
                );
            }
            pattern if pattern.contains("{app}") => answer.is(404, "UNKNOWN_APPLICATION"),
            _ => answer.is(403, "SCOPE_MISSING"),
        }
    }
    assert_eq!(everything(&rig), before);
    // The service's own application is in no list, whatever the key.
    let every = by_command(&rig, &EVERY, None).await;
    for own in ["console", "CONSOLE", "%63onsole", ""] {
        let url = rig.url(&format!("/admin/v1/applications/{own}/users"));
        rig.get(&every, &url).await.is(404, "UNKNOWN_APPLICATION");
    }
    // Nor does its log show what was done elsewhere.
    let log = |query: &str| rig.url(&format!("/admin/v1/audit_log{query}"));
    rig.get(&key, &log(&format!("?application={}", rig.app.id))).await.is(403, "SCOPE_MISSING");
    rig.post(
        &every,
        &rig.url(&format!("/admin/v1/applications/{}/rename", rig.app.id)),
        json!({"name": "New"}),
    )
    .await
    .ok(200);
    assert_eq!(rig.get(&key, &log("")).await.ok(200)["entries"], json!([]));
}

#[tokio::test]
async fn no_signed_call_is_taken_twice_at_any_node() {
    let rig = start().await;
    let second = match &rig.store {
        Store::File(_) => None,
        Store::Postgres(_) => {
            let (clock, app) = (Arc::clone(&rig.clock), Some(rig.app.clone()));
            Some(Rig::at(clock, rig.store.clone(), app, |_| {}).await)
        }
    };
    let key = by_command(&rig, &EVERY, None).await;
    let users = rig.url(&format!("/admin/v1/applications/{}/users", rig.app.id));
    let add = rig.url(&format!("/admin/v1/applications/{}/add_users", rig.app.id));
    let body = json!({"users": ["u1"]}).to_string();
    for (method, url, body) in [("GET", users, None), ("POST", with_digest(&add, &body), Some(body.as_str()))]
    {
        let headers = sign(&key, &url, random_nonce(), rig.now());
        let first = rig.send(method, path_of(&url), &headers, body).await;
        assert!(first.status < 300, "{first:?}");
        rig.send(method, path_of(&url), &headers, body).await.is(403, "NONCE_REPLAYED");
        if let Some(second) = &second {
            // It is known by the address of the first one, too.
            let at = format!("Host: {}", rig.address);
            let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            let sent = body.unwrap_or_default();
            let request = format!(
                "{method} {} HTTP/1.1\r\n{at}\r\nConnection: close\r\n{lines}Content-Length: {}\r\n\r\n{sent}",
                path_of(&url),
                sent.len()
            );
            second.raw(request.as_bytes()).await.unwrap().is(403, "NONCE_REPLAYED");
        }
    }
    assert_eq!(rig.store.column("SELECT id FROM users"), ["u1"]);
}

/// A POST with these headers, as it was sent to this address.
fn as_sent_to(host: SocketAddr, target: &str, headers: &[(&str, String)], body: &str) -> Vec<u8> {
    let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = body.len();
    let request = format!(
        "POST {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{lines}Content-Length: {length}\r\n\r\n{body}"
    );
    request.into_bytes()
}

/// A replay after a restart is one, too: the nonce was stored before anything was done.
#[tokio::test]
async fn nor_after_a_restart() {
    let rig = Rig::with(|_| {}).await;
    let key = by_command(&rig, &EVERY, None).await;
    let path = format!("/admin/v1/applications/{}/add_users", rig.app.id);
    let body = json!({"users": ["u1"]}).to_string();
    let url = with_digest(&rig.url(&path), &body);
    let headers = sign(&key, &url, random_nonce(), rig.now());
    rig.send("POST", path_of(&url), &headers, Some(&body)).await.ok(201);
    let (target, host) = (path_of(&url).to_owned(), rig.address);
    let (clock, app, store) = rig.crash().await;
    let rig = Rig::at(clock, store, Some(app), |_| {}).await;
    rig.raw(&as_sent_to(host, &target, &headers, &body)).await.unwrap().is(403, "NONCE_REPLAYED");
}

/// Nor is a copy of a call that came too often: no service does it that counts anew, and no other node.
#[tokio::test]
async fn nor_after_it_came_too_often() {
    let rig = Rig::with(|config| {
        config.rates.per_application = Some(Rate { burst: 1, every: Duration::from_secs(60) });
    })
    .await;
    let key = by_command(&rig, &EVERY, None).await;
    rig.get(&key, &rig.url("/admin/v1/key")).await.ok(200);
    let path = format!("/admin/v1/applications/{}/add_users", rig.app.id);
    let body = json!({"users": ["u1"]}).to_string();
    let url = with_digest(&rig.url(&path), &body);
    let headers = sign(&key, &url, random_nonce(), rig.now());
    rig.send("POST", path_of(&url), &headers, Some(&body)).await.is(429, "TOO_MANY_REQUESTS");
    let (target, host) = (path_of(&url).to_owned(), rig.address);
    let rig = rig.restart().await;
    rig.raw(&as_sent_to(host, &target, &headers, &body)).await.unwrap().is(403, "NONCE_REPLAYED");
    assert!(rig.store.column("SELECT id FROM users").is_empty());
}

#[tokio::test]
async fn a_body_that_was_changed_on_the_way_does_nothing() {
    let rig = start().await;
    let (user, session) = inhabited(&rig).await;
    let key = by_command(&rig, &EVERY, None).await;
    let before = everything(&rig);
    for (route, path) in calls(&rig.app.id, &user, &session) {
        if route.method != "POST" {
            continue;
        }
        let (url, sent) = (rig.url(&path), body(route.pattern).to_string());
        let other = with_digest(&url, "{}\n");
        for signed in [&url, &other, &format!("{}&body_sha256=", with_digest(&url, &sent))] {
            rig.call_as_written(&key, "POST", signed, Some(&sent)).await.is(401, "BODY_NOT_SIGNED");
        }
        // The method is not signed, and another one leads nowhere.
        rig.call_as_written(&key, "GET", &with_digest(&url, ""), None).await.is(405, "METHOD_NOT_ALLOWED");
    }
    assert_eq!(everything(&rig), before);
}
