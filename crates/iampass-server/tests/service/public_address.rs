//! Under which names the service is known, and which URLs it gives out.

use serde_json::json;

use crate::rig::{Rig, path_of, random_nonce, sign};

async fn behind_proxy() -> Rig {
    Rig::with(|config| config.public_url = Some("https://login.example/iam".parse().unwrap())).await
}

fn with_host<'a>(rig: &Rig, host: &str, signed: &str) -> Vec<(&'a str, String)> {
    let mut headers = vec![("Host", host.to_owned())];
    headers.extend(sign(&rig.app, signed, random_nonce(), rig.now()));
    headers
}

async fn get(rig: &Rig, host: &str, signed: &str, target: &str) -> crate::rig::Answer {
    let lines: String =
        with_host(rig, host, signed).iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    rig.raw(format!("GET {target} HTTP/1.1\r\nConnection: close\r\n{lines}\r\n").as_bytes()).await.unwrap()
}

/// A person who opens the address of the service gets a page that leads on, and a program the answer of an address without a call.
#[tokio::test]
async fn the_root_is_a_page_for_people_and_no_call_for_programs() {
    let rig = behind_proxy().await;
    let of_browser = [("Accept", "text/html,*/*;q=0.8".to_owned())];
    let page = rig.send("GET", "/", &of_browser, None).await;
    assert_eq!(page.status, 200);
    for part in ["login.example/iam</b>", "href=\"phone\"", "href=\"console\""] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    // It tells strangers nothing that is of use to them.
    for secret in [env!("CARGO_PKG_VERSION"), rig.app.id.as_str(), "SQLite", "PostgreSQL"] {
        assert!(!page.body.contains(secret), "{secret}");
    }
    assert_eq!(rig.send("GET", &path_of_link(&page.body), &[], None).await.status, 200);
    rig.send("GET", "/", &[], None).await.is(404, "NOT_FOUND");
    rig.send("GET", "/", &[("Accept", "application/json".to_owned())], None).await.is(404, "NOT_FOUND");
    assert_ne!(rig.send("POST", "/", &of_browser, Some("{}")).await.status, 200);
    let hidden = Rig::with(|config| config.console = None).await;
    let page = hidden.send("GET", "/", &of_browser, None).await;
    assert!(page.status == 200 && !page.body.contains("href=\"console\""), "{}", page.body);
}

/// The style sheet that a page names.
fn path_of_link(page: &str) -> String {
    let link = page.split("rel=\"stylesheet\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    format!("/{link}")
}

#[tokio::test]
async fn urls_are_issued_under_the_public_url() {
    let rig = behind_proxy().await;
    rig.add_users(&["u"]).await;
    let target = format!("/management/device_registration_link/{}/u", rig.app.id);
    // Signed for the public URL, come by the proxy, which takes the prefix off and may or may not keep the host.
    for host in ["login.example", "127.0.0.1:9999", "backend"] {
        let answer = get(&rig, host, &format!("https://login.example/iam{target}"), &target).await.ok(200);
        let link = answer["register_url"].as_str().unwrap();
        assert!(link.starts_with("https://login.example/iam/r/"), "{link}");
    }
    let answer =
        get(&rig, "login.example", &format!("https://login.example/iam{target}"), &target).await.ok(200);
    let path = path_of(answer["register_url"].as_str().unwrap()).strip_prefix("/iam").unwrap().to_owned();
    let record = rig
        .send("POST", &path, &[], Some(&json!({"notification_token": "*x", "platform": "ios"}).to_string()))
        .await
        .ok(200);
    let urls = record["service"]["service_urls"].as_object().unwrap();
    assert!(urls.values().all(|url| url.as_str().unwrap().starts_with("https://login.example/iam/device/")));
    let session = rig.session("u", "").await;
    assert!(
        session.status_url.starts_with("https://login.example/iam/authentication/"),
        "{}",
        session.status_url
    );
}

#[tokio::test]
async fn a_request_signed_for_another_host_is_not_accepted_behind_a_public_url() {
    let rig = behind_proxy().await;
    rig.add_users(&["u"]).await;
    let target = format!("/management/has_registered_mobile_device/{}/u", rig.app.id);
    get(&rig, "evil.example", &format!("https://evil.example{target}"), &target)
        .await
        .is(401, "URL_REWRITTEN");
    get(&rig, "127.0.0.1:1", &format!("http://127.0.0.1:1{target}"), &target).await.is(401, "URL_REWRITTEN");
    // The service's own address is fine: health checks and this test use it.
    let port = rig.address.port();
    for own in [format!("localhost:{port}"), format!("127.0.0.1:{port}"), format!("[::1]:{port}")] {
        get(&rig, &own, &format!("http://{own}{target}"), &target).await.ok(200);
    }
}

#[tokio::test]
async fn without_a_public_url_they_are_issued_under_the_callers_own() {
    let rig = Rig::start().await;
    rig.add_users(&["u"]).await;
    let target = format!("/management/device_registration_link/{}/u", rig.app.id);
    for host in ["Name.Example:8080", "[::1]:77"] {
        let answer = get(&rig, host, &format!("http://{host}{target}"), &target).await.ok(200);
        let link = answer["register_url"].as_str().unwrap();
        assert!(link.starts_with(&format!("http://{host}/r/")), "{link}");
    }
}
