//! The headers of every answer for browsers and caches, whatever route it comes from.

use iampass_server::{Route, routes};

use crate::rig::{Answer, Rig};

const ON_ALL: [(&str, &str); 5] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

#[track_caller]
fn is_closed_to_others(route: Route, answer: &Answer) {
    let header = |name| {
        assert_eq!(answer.head.to_lowercase().matches(&format!("\n{name}:")).count(), 1, "{route:?}: {name}");
        answer.header(name).unwrap()
    };
    for (name, value) in ON_ALL {
        // The forms of a login say to their own site where they come from, for browsers that say it in no other way.
        let is_login = name == "referrer-policy" && route.pattern.starts_with("/console/auth/");
        let value = if is_login && header(name) == "same-origin" { "same-origin" } else { value };
        assert_eq!(header(name), value, "{route:?}");
    }
    let policy = header("content-security-policy");
    for part in ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"] {
        assert!(policy.contains(part), "{route:?}: {policy}");
    }
    for unsafe_part in ["unsafe", "*", "http:", "https:"] {
        assert!(!policy.contains(unsafe_part), "{route:?}: {policy}");
    }
    let cached = header("cache-control");
    let is_asset = route.pattern.contains("/assets/") && answer.status == 200;
    assert!(cached == "no-store" || is_asset, "{route:?}: {cached}");
}

/// A path of the route; what it names does not exist.
fn path(route: Route) -> String {
    let segments = route.pattern.split('/').map(|part| if part.starts_with('{') { "x" } else { part });
    segments.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn every_route_is_closed_to_other_sites_whatever_it_answers() {
    let rig = Rig::with(|config| config.metrics.from_this_machine = true).await;
    let nowhere = [Route::new("GET", "/"), Route::new("GET", "/no/such/path")];
    for route in routes().chain(nowhere) {
        for method in [route.method, "PUT", "HEAD"] {
            let answer = rig.send(method, &path(route), &[], None).await;
            is_closed_to_others(route, &answer);
            assert_eq!(answer.header("strict-transport-security"), None);
        }
    }
    let asset = rig.send("GET", "/phone", &[], None).await;
    let asset = asset.body.split('"').find(|text| text.ends_with("main.js")).unwrap().to_owned();
    let asset = rig.send("GET", &format!("/{}", asset.trim_start_matches("../")), &[], None).await;
    assert_eq!(asset.status, 200);
    is_closed_to_others(Route::new("GET", "/assets/{release}/{name}"), &asset);
    assert!(asset.header("cache-control").unwrap().contains("immutable"));
}

#[tokio::test]
async fn browsers_are_told_to_stay_with_tls_where_there_is_tls() {
    let rig = Rig::with(|config| config.public_url = Some("https://login.example".parse().unwrap())).await;
    for path in ["/phone", "/authentication/session/t/status", "/nope"] {
        let answer = rig.send("GET", path, &[], None).await;
        assert_eq!(answer.header("strict-transport-security"), Some("max-age=31536000"), "{path}");
    }
}
