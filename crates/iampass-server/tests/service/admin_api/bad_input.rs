//! Input that no call takes: a clear answer, never an error of the service's own.

use serde_json::json;

use super::keys::{EVERY, by_command, calls};
use crate::rig::{Rig, with_digest};

#[tokio::test]
async fn bodies_that_are_none_are_refused() {
    let rig = Rig::start().await;
    rig.add_users(&["ann"]).await;
    let key = by_command(&rig, &EVERY, None).await;
    for (route, path) in calls(&rig.app.id, "ann", "1") {
        if route.method != "POST" {
            continue;
        }
        // The session and the account are not there, which some calls see first.
        let is_about_nothing = ["{session}", "{account}"].iter().any(|name| route.pattern.contains(name));
        for sent in [
            "{",
            "[]",
            "null",
            "7",
            "\"text\"",
            "{}{}",
            "\u{0}",
            "{\"a\": \"\\ud800\"}",
            "\u{feff}{}",
            "[{}]",
            "{\"dry_run\": true}",
            "{\"users\": {}}",
        ] {
            let url = with_digest(&rig.url(&path), sent);
            let answer = rig.call_as_written(&key, "POST", &url, Some(sent)).await;
            if answer.status == 404 && is_about_nothing {
                continue;
            }
            answer.is(422, "INVALID_BODY");
        }
    }
    assert_eq!(rig.store.column("SELECT id FROM users"), ["ann"]);
}

#[tokio::test]
async fn values_that_no_rule_allows_are_refused() {
    let rig = Rig::start().await;
    rig.add_users(&["ann"]).await;
    let key = by_command(&rig, &EVERY, None).await;
    let application = format!("/admin/v1/applications/{}", rig.app.id);
    let long = "x".repeat(61);
    for (path, body, reason) in [
        ("/admin/v1/add_application".to_owned(), json!({}), "INVALID_BODY"),
        ("/admin/v1/add_application".to_owned(), json!({"name": ""}), "INVALID_PARAMETER"),
        ("/admin/v1/add_application".to_owned(), json!({"name": long}), "INVALID_PARAMETER"),
        ("/admin/v1/add_application".to_owned(), json!({"name": "IAMPASS Console"}), "INVALID_PARAMETER"),
        ("/admin/v1/add_application".to_owned(), json!({"name": "a\u{0}b"}), "INVALID_PARAMETER"),
        (
            "/admin/v1/add_application".to_owned(),
            json!({"name": "A", "approval": "none"}),
            "INVALID_PARAMETER",
        ),
        ("/admin/v1/add_application".to_owned(), json!({"name": "A", "owner": "eve"}), "INVALID_BODY"),
        (format!("{application}/rename"), json!({"name": "\u{202e}"}), "INVALID_PARAMETER"),
        (format!("{application}/settings"), json!({"method": ["device"]}), "INVALID_BODY"),
        (format!("{application}/settings"), json!([null, null, "tap", null]), "INVALID_BODY"),
        (format!("{application}/rotate_secret"), json!([0]), "INVALID_BODY"),
        (format!("{application}/settings"), json!({"methods": []}), "INVALID_METHODS"),
        (format!("{application}/settings"), json!({"methods": ["fax"]}), "INVALID_METHODS"),
        (format!("{application}/settings"), json!({"methods": ["facial"]}), "INVALID_METHODS"),
        (format!("{application}/settings"), json!({"duration_seconds": 0}), "INVALID_DURATION"),
        (format!("{application}/settings"), json!({"duration_seconds": u64::MAX}), "INVALID_DURATION"),
        (format!("{application}/settings"), json!({"duration_seconds": -1}), "INVALID_BODY"),
        (format!("{application}/settings"), json!({"approval": "Code"}), "INVALID_PARAMETER"),
        // This service cannot verify it, as for the method `device`: nobody could sign in.
        (format!("{application}/settings"), json!({"methods": ["device"]}), "INVALID_METHODS"),
        (format!("{application}/settings"), json!({"phones": "unlock"}), "INVALID_PARAMETER"),
        (format!("{application}/rotate_secret"), json!({"overlap_seconds": 604_801}), "INVALID_PARAMETER"),
        (format!("{application}/rotate_secret"), json!({}), "INVALID_BODY"),
        (format!("{application}/add_users"), json!({"users": ["eve"], "dry_run": true}), "INVALID_BODY"),
        (format!("{application}/add_users"), json!([["eve"]]), "INVALID_BODY"),
        (format!("{application}/users/ann/delete"), json!({"dry_run": true}), "INVALID_BODY"),
        (format!("{application}/delete"), json!({"name": "Shop"}), "INVALID_BODY"),
        (format!("{application}/disable"), json!([]), "INVALID_BODY"),
        (format!("{application}/add_users"), json!({"users": [""]}), "INVALID_USER_ID"),
        (format!("{application}/add_users"), json!({"users": vec!["u"; 1_001]}), "TOO_MANY_USERS"),
        (format!("{application}/users/ann/link"), json!({"display_name": "a\nb"}), "INVALID_PARAMETER"),
        (format!("{application}/users/ann/link"), json!({"adds": true}), "INVALID_BODY"),
        (format!("{application}/users/ann/phone_lost"), json!({"add": true}), "INVALID_PARAMETER"),
        (format!("{application}/users/%ff/delete"), json!({}), "INVALID_USER_ID"),
        (format!("{application}/users/%00/delete"), json!({}), "INVALID_USER_ID"),
    ] {
        rig.post(&key, &rig.url(&path), body.clone()).await.is(422, reason);
    }
    for (path, status, reason) in [
        (format!("{application}/users/nobody/delete"), 404, "UNKNOWN_USER"),
        (format!("{application}/sessions/0/end"), 404, "UNKNOWN_SESSION"),
        (format!("{application}/sessions/-1/end"), 404, "UNKNOWN_SESSION"),
        (format!("{application}/sessions/99999999999999999999/end"), 404, "UNKNOWN_SESSION"),
        ("/admin/v1/applications/nope/delete".to_owned(), 404, "UNKNOWN_APPLICATION"),
        ("/admin/v1/applications/%00/delete".to_owned(), 404, "UNKNOWN_APPLICATION"),
        ("/admin/v1/accounts/nobody/disable".to_owned(), 404, "UNKNOWN_ACCOUNT"),
        ("/admin/v1/accounts/%00/disable".to_owned(), 404, "UNKNOWN_ACCOUNT"),
        ("/admin/v1/keys".to_owned(), 404, "NOT_FOUND"),
    ] {
        rig.post(&key, &rig.url(&path), json!({})).await.is(status, reason);
    }
    assert_eq!(rig.store.column("SELECT name FROM applications WHERE hidden = 0"), ["Shop"]);
    assert_eq!(rig.store.column("SELECT phones FROM applications WHERE hidden = 0"), ["any"]);
    assert_eq!(rig.store.column("SELECT id FROM users"), ["ann"]);
}

#[tokio::test]
async fn queries_that_no_list_takes_are_refused() {
    let rig = Rig::start().await;
    let key = by_command(&rig, &EVERY, None).await;
    let application = format!("/admin/v1/applications/{}", rig.app.id);
    for target in [
        "/admin/v1/key?a=b".to_owned(),
        "/admin/v1/applications?limit=0".to_owned(),
        "/admin/v1/applications?limit=201".to_owned(),
        "/admin/v1/applications?after=x".to_owned(),
        "/admin/v1/applications?aftr=1".to_owned(),
        "/admin/v1/audit_log?aplication=A".to_owned(),
        "/admin/v1/audit_log?from=yesterday".to_owned(),
        "/admin/v1/audit_log?from=99999999999999999999".to_owned(),
        "/admin/v1/audit_log?after=1".to_owned(),
        "/admin/v1/audit_log?actor=%00".to_owned(),
        "/admin/v1/accounts?prefix=%C3%A4".to_owned(),
        "/admin/v1/service?node=1".to_owned(),
        format!("{application}/users?prefix=%ff"),
        format!("{application}/users?prefix=a&prefix=b"),
        format!("{application}/users?after=a%0Ab"),
        format!("{application}/sessions?after=-1"),
        format!("{application}/history?outcome=won"),
        format!("{application}/history?ended=badly"),
        format!("{application}/history?address=192.0.2"),
        format!("{application}/history?user=a&prefix=b"),
    ] {
        rig.get(&key, &rig.url(&target)).await.is(422, "INVALID_PARAMETER");
    }
    // The ends of what is allowed.
    for target in [
        "/admin/v1/applications?limit=200&after=9223372036854775807".to_owned(),
        "/admin/v1/audit_log?from=9223372036854775807&until=0&after=9223372036854775807.9223372036854775807"
            .to_owned(),
        format!("{application}/users?prefix=%F4%8F%BF%BF&after=%F4%8F%BF%BF"),
        format!("{application}/history?from=0&until=9223372036854775807&after=0.0"),
        format!("{application}/history?address=%3A%3Affff%3A192.0.2.7"),
        format!("{application}/sessions?after=0"),
    ] {
        rig.get(&key, &rig.url(&target)).await.ok(200);
    }
}
