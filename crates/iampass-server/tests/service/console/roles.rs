//! All pages of an application, as everybody who could ask for them.

use std::collections::BTreeSet;

use iampass_server::routes;

use super::shop::{key_of, open_sessions};
use super::visitor::{Visitor, open_house};
use crate::rig::Answer;

/// The roles that may: owner, developer, read-only, administrator.
type Who = [bool; 4];

const ALL: Who = [true, true, true, true];
const MEMBERS: Who = [true, true, true, false];
const WORKERS: Who = [true, true, false, false];
const OWNER: Who = [true, false, false, false];
const ADMINISTRATOR: Who = [false, false, false, true];
const OWNERS: Who = [true, false, false, true];

/// Every route of an application. The author of a new route says here who may use it.
const TABLE: &[(&str, &str, Who)] = &[
    ("GET", "/console/applications/{application}", ALL),
    ("GET", "/console/applications/{application}/users", ALL),
    ("POST", "/console/applications/{application}/users/add", WORKERS),
    ("GET", "/console/applications/{application}/users/{user}", ALL),
    ("GET", "/console/applications/{application}/users/{user}/events", ALL),
    ("GET", "/console/applications/{application}/users/{user}/link", WORKERS),
    ("POST", "/console/applications/{application}/users/{user}/link", WORKERS),
    ("GET", "/console/applications/{application}/users/{user}/lost", WORKERS),
    ("POST", "/console/applications/{application}/users/{user}/lost", WORKERS),
    ("GET", "/console/applications/{application}/users/{user}/remove-phone", WORKERS),
    ("POST", "/console/applications/{application}/users/{user}/remove-phone", WORKERS),
    ("POST", "/console/applications/{application}/users/{user}/test-push", WORKERS),
    ("GET", "/console/applications/{application}/users/{user}/log-out", WORKERS),
    ("POST", "/console/applications/{application}/users/{user}/log-out", WORKERS),
    ("GET", "/console/applications/{application}/users/{user}/delete", WORKERS),
    ("POST", "/console/applications/{application}/users/{user}/delete", WORKERS),
    ("GET", "/console/applications/{application}/sessions", ALL),
    ("GET", "/console/applications/{application}/sessions/events", ALL),
    ("GET", "/console/applications/{application}/sessions/{session}/end", WORKERS),
    ("POST", "/console/applications/{application}/sessions/{session}/end", WORKERS),
    ("GET", "/console/applications/{application}/history", ALL),
    ("GET", "/console/applications/{application}/history/file", ALL),
    ("GET", "/console/applications/{application}/snippets", ALL),
    ("GET", "/console/applications/{application}/settings", ALL),
    ("GET", "/console/applications/{application}/settings/rename", WORKERS),
    ("POST", "/console/applications/{application}/settings/rename", WORKERS),
    ("GET", "/console/applications/{application}/settings/login", WORKERS),
    ("POST", "/console/applications/{application}/settings/login", WORKERS),
    ("GET", "/console/applications/{application}/settings/rotate", WORKERS),
    ("POST", "/console/applications/{application}/settings/rotate", WORKERS),
    ("GET", "/console/applications/{application}/settings/end-overlap", WORKERS),
    ("POST", "/console/applications/{application}/settings/end-overlap", WORKERS),
    ("GET", "/console/applications/{application}/settings/disable", OWNER),
    ("POST", "/console/applications/{application}/settings/disable", OWNER),
    ("GET", "/console/applications/{application}/settings/enable", OWNER),
    ("POST", "/console/applications/{application}/settings/enable", OWNER),
    ("GET", "/console/applications/{application}/settings/delete", OWNER),
    ("POST", "/console/applications/{application}/settings/delete", OWNER),
    ("GET", "/console/applications/{application}/messages", ALL),
    ("GET", "/console/applications/{application}/messages/allow", ADMINISTRATOR),
    ("POST", "/console/applications/{application}/messages/allow", ADMINISTRATOR),
    ("GET", "/console/applications/{application}/messages/forbid", ADMINISTRATOR),
    ("POST", "/console/applications/{application}/messages/forbid", ADMINISTRATOR),
    ("GET", "/console/applications/{application}/pushes", ALL),
    ("GET", "/console/applications/{application}/events", ALL),
    ("POST", "/console/applications/{application}/events/again", OWNER),
    ("GET", "/console/applications/{application}/events/endpoint", OWNER),
    ("POST", "/console/applications/{application}/events/endpoint", OWNER),
    ("GET", "/console/applications/{application}/events/rotate", OWNER),
    ("POST", "/console/applications/{application}/events/rotate", OWNER),
    ("GET", "/console/applications/{application}/events/switch-on", OWNER),
    ("POST", "/console/applications/{application}/events/switch-on", OWNER),
    ("GET", "/console/applications/{application}/events/switch-off", OWNER),
    ("POST", "/console/applications/{application}/events/switch-off", OWNER),
    ("GET", "/console/applications/{application}/events/remove", OWNER),
    ("POST", "/console/applications/{application}/events/remove", OWNER),
    ("POST", "/console/applications/{application}/events/test", OWNER),
    ("GET", "/console/applications/{application}/log", ALL),
    ("GET", "/console/applications/{application}/log/file", ALL),
    ("GET", "/console/applications/{application}/members", ALL),
    ("GET", "/console/applications/{application}/members/add", OWNERS),
    ("POST", "/console/applications/{application}/members/add", OWNERS),
    ("GET", "/console/applications/{application}/members/{account}/role", OWNERS),
    ("POST", "/console/applications/{application}/members/{account}/role", OWNERS),
    ("GET", "/console/applications/{application}/members/invite", OWNERS),
    ("POST", "/console/applications/{application}/members/invite", OWNERS),
    ("POST", "/console/applications/{application}/members/take-back", OWNERS),
    ("GET", "/console/applications/{application}/members/{account}/remove", OWNERS),
    ("POST", "/console/applications/{application}/members/{account}/remove", OWNERS),
    ("GET", "/console/applications/{application}/leave", MEMBERS),
    ("POST", "/console/applications/{application}/leave", MEMBERS),
];

#[test]
fn every_route_of_an_application_is_in_the_table() {
    let listed: BTreeSet<_> = TABLE.iter().map(|(method, pattern, _)| (*method, *pattern)).collect();
    let is_of_one = |pattern: &&str| pattern.starts_with("/console/applications/{application}");
    let served =
        routes().map(|route| (route.method, route.pattern)).filter(|(_, pattern)| is_of_one(pattern));
    assert_eq!(served.collect::<BTreeSet<_>>(), listed);
}

/// Asks without changing anything: forms are sent empty, or with what nothing comes of.
async fn ask(visitor: &mut Visitor<'_>, method: &str, path: &str) -> Answer {
    match method {
        "POST" => visitor.post(path, &[("account", "0"), ("invitation", "0")]).await,
        // They have no end.
        _ if path.ends_with("/sessions/events") || path.contains("/users/") && path.ends_with("/events") => {
            super::sessions::beginning_of(visitor, path).await
        }
        _ => visitor.get(path).await,
    }
}

#[tokio::test]
async fn each_role_reaches_what_is_its_and_nothing_else() {
    let rig = open_house().await;
    let mut administrator = Visitor::administrator(&rig, "admin").await;
    let owner = Visitor::registered(&rig, "owner").await;
    let id = rig.app.id.clone();
    let phone = rig.phone("ann").await;
    rig.active_session(&phone, "ann", "").await;
    let (user, session) = (key_of(&rig, "ann"), open_sessions(&rig).remove(0));
    let added = administrator
        .post(&format!("/console/applications/{id}/members/add"), &[("name", "owner"), ("role", "owner")])
        .await;
    assert_eq!(added.status, 303);
    let mut asking = vec![owner];
    for role in ["developer", "read-only"] {
        let visitor = Visitor::registered(&rig, role).await;
        let added = asking[0]
            .post(&format!("/console/applications/{id}/members/add"), &[("name", role), ("role", role)])
            .await;
        assert_eq!(added.status, 303);
        asking.push(visitor);
    }
    asking.push(administrator);
    let endpoint = [("url", "https://events.example/hook"), ("user.added", "yes")];
    let set = asking[0].post(&format!("/console/applications/{id}/events/endpoint"), &endpoint).await;
    assert_eq!(set.status, 201, "{set:?}");
    let mut stranger = Visitor::registered(&rig, "stranger").await;
    let mut nobody = Visitor::new(&rig);
    let developer =
        rig.store.column("SELECT CAST(key AS TEXT) FROM accounts WHERE name = 'developer'").remove(0);

    for (method, pattern, who) in TABLE {
        let path = pattern.replace("{application}", &id).replace("{account}", &developer);
        let path = path.replace("{user}", &user).replace("{session}", &session);
        for (visitor, may) in asking.iter_mut().zip(who) {
            let status = ask(visitor, method, &path).await.status;
            assert_eq!(status != 403, *may, "{method} {path}: {status}");
            assert_ne!(status, 404, "{method} {path}");
        }
        let status = ask(&mut stranger, method, &path).await.status;
        assert_eq!(status, 404, "{method} {path}: to strangers it is not there");
        let answer = ask(&mut nobody, method, &path).await;
        let login = answer.header("location").is_some_and(|place| place.starts_with("/console/auth/login"));
        assert!(answer.status == 303 && login, "{method} {path}: {answer:?}");
    }
    let members = "SELECT a.name FROM members m JOIN accounts a ON a.key = m.account_key ORDER BY a.name";
    assert_eq!(rig.store.column(members), ["developer", "owner", "read-only"], "nothing was changed");
}
