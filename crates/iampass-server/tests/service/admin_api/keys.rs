//! Keys of the Admin API, by command and by the Console's page.

use iampass_core::Secret;
use iampass_server::{NewKey, Route, routes};
use serde_json::{Value, json};

use crate::console::Visitor;
use crate::rig::{Answer, Pair, Rig};

/// Every scope that there is.
pub(crate) const EVERY: [&str; 11] = [
    "applications:read",
    "applications:write",
    "users:read",
    "users:write",
    "phones:write",
    "sessions:read",
    "sessions:end",
    "audit:read",
    "accounts:read",
    "accounts:write",
    "service:read",
];

/// A key that a command makes, with these scopes.
pub(crate) async fn by_command(rig: &Rig, scopes: &[&str], application: Option<&str>) -> Pair {
    let scopes: Vec<_> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let key = NewKey { name: "Nightly import", scopes: &scopes, application, days: 30 };
    let made = rig.service.make_admin_key(key).await.unwrap();
    Pair { id: made.id, secret: made.secret }
}

/// A key that this administrator makes in the Console.
pub(crate) async fn by_page(administrator: &mut Visitor<'_>, scopes: &[&str]) -> Pair {
    let scopes: Vec<_> = scopes.iter().map(|scope| format!("scope-{scope}")).collect();
    let mut fields = vec![("name", "Nightly import"), ("days", "30"), ("application", "")];
    fields.extend(scopes.iter().map(|scope| (scope.as_str(), "on")));
    let page = administrator.post("/console/keys/new", &fields).await;
    assert_eq!(page.status, 201, "{page:?}");
    shown(&page)
}

/// The key that a page shows.
pub(crate) fn shown(page: &Answer) -> Pair {
    let value = |name: &str| {
        let (_, after) = page.body.split_once(&format!("{name}=")).expect("the page shows a key");
        after.split(['\n', '<']).next().unwrap().to_owned()
    };
    Pair { id: value("IAMPASS_ADMIN_KEY_ID"), secret: Secret::new(value("IAMPASS_ADMIN_KEY_SECRET")) }
}

/// Every call, with this application, user and session in its path.
pub(crate) fn calls(application: &str, user: &str, session: &str) -> Vec<(Route, String)> {
    let all = routes().filter(|route| route.pattern.starts_with("/admin/"));
    let calls: Vec<_> = all
        .map(|route| {
            let path = route.pattern.replace("{app}", application).replace("{user}", user);
            (route, path.replace("{session}", session).replace("{account}", "nobody"))
        })
        .collect();
    assert!(calls.len() > 25, "{calls:?}");
    calls
}

/// A good body for a call that posts.
pub(crate) fn body(pattern: &str) -> Value {
    match pattern.rsplit('/').next().unwrap() {
        "add_application" => json!({"name": "Another"}),
        "rename" => json!({"name": "Another"}),
        "rotate_secret" => json!({"overlap_seconds": 0}),
        "add_users" => json!({"users": ["added"]}),
        _ => json!({}),
    }
}

/// Makes one of these calls.
pub(crate) async fn call(rig: &Rig, key: &Pair, route: Route, path: &str) -> Answer {
    match route.method {
        "POST" => rig.post(key, &rig.url(path), body(route.pattern)).await,
        _ => rig.get(key, &rig.url(path)).await,
    }
}
