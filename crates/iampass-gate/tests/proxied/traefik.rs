//! The gate as Traefik asks it: `GET` with the client's headers, and `X-Forwarded-Method`, `-Proto`, `-Host`, `-Uri` and `-For`.

use crate::http::{Browser, Page};
use crate::setting::Setting;

/// Asks as Traefik does about a request of this browser.
async fn ask(browser: &mut Browser, host: &str, method: &str, address: &str, own: &[(&str, &str)]) -> Page {
    let asked = [
        ("X-Forwarded-Method", method),
        ("X-Forwarded-Proto", "http"),
        ("X-Forwarded-Host", host),
        ("X-Forwarded-Uri", address),
        ("X-Forwarded-For", "198.51.100.7"),
    ];
    browser.get_with("/_iampass/check", &[&asked[..], own].concat()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_answered_as_traefik_hands_it_on() {
    let setting = Setting::without_proxy("").await;
    let host = setting.host();
    let mut browser = setting.at_gate();
    let page = ask(&mut browser, &host, "GET", "/wiki?x=1", &[]).await;
    assert_eq!((page.status, page.header("location")), (303, Some("/_iampass/login?next=%2Fwiki%3Fx%3D1")));
    assert_eq!(ask(&mut browser, &host, "GET", "/assets/x", &[]).await.status, 200);
    browser.sign_in("Anna", &setting.phone, "/wiki").await;
    let page = ask(&mut browser, &host, "POST", "/wiki", &[]).await;
    assert_eq!((page.status, page.header("remote-user")), (200, Some("anna")), "{page:?}");
    let page = ask(&mut browser, &host, "GET", "/admin", &[]).await;
    assert!(page.status == 403 && page.header("remote-user").is_none(), "{page:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_in_doubt_lets_nobody_in() {
    let setting = Setting::without_proxy("").await;
    let host = setting.host();
    let mut browser = setting.at_gate();
    browser.sign_in("anna", &setting.phone, "/").await;
    assert_eq!(ask(&mut browser, &host, "GET", "/", &[]).await.status, 200);
    for own in [
        ("X-Forwarded-Uri", "/assets/x"),
        ("X-Forwarded-Method", "GET"),
        ("X-Forwarded-Host", "127.0.0.1"),
        ("X-Original-URI", "/"),
        ("X-Original-Method", "GET"),
        ("Remote-User", "root"),
        ("Remote_User", "root"),
    ] {
        let page = ask(&mut browser, &host, "GET", "/", &[own]).await;
        assert!(page.status == 400 && page.header("remote-user").is_none(), "{own:?}: {page:?}");
    }
    for (other, address) in [
        ("other.example", "/"),
        ("", "/"),
        (&*host, ""),
        (&*host, "http://x/"),
        (&*host, "*"),
        (&*host, "/a b"),
        (&*host, "/%00"),
    ] {
        let page = ask(&mut browser, other, "GET", address, &[]).await;
        assert!(page.status >= 400 && page.header("remote-user").is_none(), "{other} {address}: {page:?}");
    }
    // The gate's own pages are the gate's to answer.
    assert_eq!(ask(&mut browser, &host, "GET", "/_iampass/login", &[]).await.status, 500);
    assert_eq!(browser.get("/_iampass/check").await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_who_is_no_proxy_may_not_ask() {
    let setting = Setting::without_proxy("trusted_proxies = ['10.9.9.9']").await;
    let host = setting.host();
    let mut browser = setting.at_gate();
    browser.sign_in("anna", &setting.phone, "/").await;
    for address in ["/", "/assets/x"] {
        let page = ask(&mut browser, &host, "GET", address, &[]).await;
        assert!(page.status == 403 && page.header("remote-user").is_none(), "{page:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_handed_on_is_never_let_in() {
    let setting = Setting::without_proxy("").await;
    let mut browser = setting.at_gate();
    browser.sign_in("anna", &setting.phone, "/").await;
    let page = browser.get("/").await;
    assert!(page.status == 503 && page.header("remote-user").is_none(), "{page:?}");
    assert_eq!(browser.get("/admin").await.status, 403);
    assert_eq!(setting.at_gate().get("/").await.status, 303);
}

/// A proxy further out may add such a header to all requests, and a client may send any.
#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_users_out_is_in_the_log_and_not_as_often_as_they_are() {
    const ASKED: usize = 40;
    let setting = Setting::without_proxy("").await;
    let host = setting.host();
    let mut browser = setting.at_gate();
    browser.sign_in("anna", &setting.phone, "/").await;
    for (name, value, status, line) in [
        ("X-Forwarded-Prefix", "/site", 403, "x-forwarded-prefix"),
        ("X_Original_URL", "/", 403, "x-original-url"),
        ("Remote-User", "root", 400, "the gate's own"),
        ("X-Original-URI", "/", 400, "x-original-uri is there beside"),
        ("X-Forwarded-Uri", "/", 400, "x-forwarded-uri is there twice"),
    ] {
        for _ in 0..ASKED {
            assert_eq!(ask(&mut browser, &host, "GET", "/", &[(name, value)]).await.status, status, "{name}");
        }
        let log = std::fs::read_to_string(setting.folder.path().join("gate.log")).unwrap();
        let lines = log.lines().filter(|logged| logged.contains(line)).count();
        assert!((1..ASKED / 2).contains(&lines), "{name}: {lines} in {log}");
    }
}
