//! A proxy changes the URL of a signed request: it is refused, and the answer says what was changed.

use crate::rig::{Answer, Pair, Rig, random_nonce, sign};
use iampass_core::Secret;

async fn rig() -> Rig {
    let rig = Rig::with(|config| config.public_url = Some("https://login.example".parse().unwrap())).await;
    rig.add_users(&["ann@example.org", "a/b", "a+b", "a b", "u"]).await;
    rig
}

fn target(rig: &Rig, rest: &str) -> String {
    format!("/management/has_registered_mobile_device/{}/{rest}", rig.app.id)
}

async fn changed(rig: &Rig, pair: &Pair, signed: &str, arrived: &str) -> Answer {
    let url = format!("https://login.example{}", target(rig, signed));
    let mut headers = vec![("Host", "login.example".to_owned())];
    headers.extend(sign(pair, &url, random_nonce(), rig.now()));
    let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let arrived = target(rig, arrived);
    let request = format!("GET {arrived} HTTP/1.1\r\nConnection: close\r\n{lines}\r\n");
    rig.raw(request.as_bytes()).await.unwrap()
}

/// Signed, and as nginx with a path, plain Apache or lighttpd hand it on.
const CHANGED: [(&str, &str); 7] = [
    ("ann%40example.org", "ann@example.org"),
    ("a%2Fb", "a/b"),
    ("a%2Fb%2Fc%2Fd", "a/b/c/d"),
    ("a%2Bb", "a+b"),
    ("a+b%40c", "a+b@c"),
    ("o%27neil%2A", "o'neil*"),
    ("u?display_name=J%3A%2F%40", "u?display_name=J:/@"),
];

#[tokio::test]
async fn a_rewritten_url_is_refused_and_explained() {
    let rig = rig().await;
    for (signed, arrived) in CHANGED {
        let answer = changed(&rig, &rig.app, signed, arrived).await;
        answer.is(401, "URL_REWRITTEN");
        let message = answer.json["message"].as_str().unwrap();
        for part in [target(&rig, signed), target(&rig, arrived), "TLS and the proxy".to_owned()] {
            assert!(message.contains(&part), "{part}: {message}");
        }
    }
    // As it was signed it is good.
    let good = ["ann%40example.org", "ann@example.org", "a%2Fb", "a%2Bb", "a+b"];
    for spelled in good {
        changed(&rig, &rig.app, spelled, spelled).await.ok(200);
    }
}

#[tokio::test]
async fn a_wrong_secret_learns_nothing_more_than_before() {
    let rig = rig().await;
    let wrong = Pair { id: rig.app.id.clone(), secret: Secret::new("wrong") };
    for (signed, arrived) in CHANGED {
        let answer = changed(&rig, &wrong, signed, arrived).await;
        let expected = if arrived.contains('/') && !arrived.contains('?') {
            (404, "NOT_FOUND")
        } else {
            (401, "BAD_SIGNATURE")
        };
        answer.is(expected.0, expected.1);
    }
    let nobody = Pair { id: "NOBODY".into(), secret: Secret::new("x") };
    changed(&rig, &nobody, "a%2Fb", "a/b").await.is(404, "NOT_FOUND");
    // A signature for one user is none for another.
    changed(&rig, &rig.app, "a%20b", "u").await.is(401, "BAD_SIGNATURE");
}

#[tokio::test]
async fn a_changed_host_is_explained_where_the_proxy_tells_it() {
    let rig = Rig::start().await;
    rig.add_users(&["u"]).await;
    let target = target(&rig, "u");
    let ask = async |forwarded: &str| {
        let headers = sign(&rig.app, &format!("https://login.example{target}"), random_nonce(), rig.now());
        let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let request =
            format!("GET {target} HTTP/1.1\r\nHost: up\r\nConnection: close\r\n{forwarded}{lines}\r\n");
        rig.raw(request.as_bytes()).await.unwrap()
    };
    let answer = ask("X-Forwarded-Host: login.example\r\n").await;
    answer.is(401, "URL_REWRITTEN");
    let message = answer.json["message"].as_str().unwrap();
    assert!(message.contains("signed login.example/") && message.contains("arrived up/"), "{message}");
    assert!(message.contains("--public-url"), "{message}");
    ask("").await.is(401, "BAD_SIGNATURE");
    ask("X-Forwarded-Host: evil.example\r\n").await.is(401, "BAD_SIGNATURE");
}

#[tokio::test]
async fn another_name_than_the_public_one_is_explained() {
    let rig = rig().await;
    let target = target(&rig, "u");
    for names in ["Host: alias.example\r\n", "Host: up\r\nX-Forwarded-Host: alias.example\r\n"] {
        let headers = sign(&rig.app, &format!("https://alias.example{target}"), random_nonce(), rig.now());
        let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let request = format!("GET {target} HTTP/1.1\r\nConnection: close\r\n{names}{lines}\r\n");
        let answer = rig.raw(request.as_bytes()).await.unwrap();
        answer.is(401, "URL_REWRITTEN");
        let message = answer.json["message"].as_str().unwrap();
        assert!(
            message.contains("signed alias.example/") && message.contains("arrived login.example/"),
            "{message}"
        );
        assert!(message.contains("by its public URL"), "{message}");
    }
}
