//! Fault B1: sessions and cookies that nobody can read any more. Their users log in again, and are never shown an error.

use std::sync::atomic::Ordering;

use iampass_web::{CookieKeys, LoginWebBuilder};

use crate::actix_site::Actix;
use crate::axum_site::Axum;
use crate::browser::Browser;
use crate::faulty::{Faulty, Node};
use crate::log::{begin, logged};
use crate::setting::{Framework, User, sealed};

/// All that a browser with such a cookie may ask for.
async fn expect_to_log_in_again(faulty: &Faulty, node: &Node, unusable: &Browser) {
    let with_cookie = || node.led_here(unusable);
    for path in ["/", "/fresh", "/approved", "/page", "/required/x", "/auth/sessions"] {
        let mut browser = with_cookie();
        let page = browser.get(path).await;
        assert_eq!(page.status, 303, "{path}: {}", page.text);
        assert!(page.location.unwrap().starts_with("/auth/login?next="), "{path}");
        assert!(!browser.cookies.contains_key("iampass-session"), "{path} takes the cookie away");
        let mut program = with_cookie();
        assert_eq!(program.fetch(path).await.status, 401, "{path}");
        assert!(!program.cookies.contains_key("iampass-session"), "{path}");
    }
    assert_eq!(with_cookie().get("/maybe").await.text, "Hello stranger");
    assert_eq!(with_cookie().get("/auth/login").await.status, 200);
    assert!(with_cookie().fetch("/auth/session/state").await.text.contains("ended"));
    assert!(with_cookie().first_events("/auth/session/events").await.contains("event: ended"));
    for path in ["/auth/logout", "/auth/sessions/end-all", "/auth/sessions/end"] {
        let mut browser = with_cookie();
        assert_eq!(browser.post(path, &[]).await.status, 303, "{path}");
        assert!(!browser.cookies.contains_key("iampass-session"), "{path}");
    }
    faulty.sessions.is_unreadable.store(false, Ordering::SeqCst);
    let mut again = with_cookie();
    faulty.log_in(&mut again).await;
}

async fn a_sealing_key_was_taken_away<F: Framework>() {
    let faulty = Faulty::start().await;
    let before = faulty.node::<F>().await;
    let mut browser = before.browser();
    faulty.log_in(&mut browser).await;
    drop(before);
    let restarted = faulty.node::<F>().await;
    faulty.sessions.is_unreadable.store(true, Ordering::SeqCst);
    expect_to_log_in_again(&faulty, &restarted, &browser).await;
}

#[tokio::test]
async fn a_sealing_key_was_taken_away_on_axum() {
    a_sealing_key_was_taken_away::<Axum>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sealing_key_was_taken_away_on_actix() {
    a_sealing_key_was_taken_away::<Actix>().await;
}

#[tokio::test]
async fn one_warning_is_logged_for_each_session() {
    begin();
    let mut faulty = Faulty::start().await;
    let node = faulty.node::<Axum>().await;
    let mut browsers = [node.browser(), node.browser()];
    for browser in &mut browsers {
        faulty.log_in(browser).await;
    }
    let restarted = faulty.node::<Axum>().await;
    faulty.sessions.is_unreadable.store(true, Ordering::SeqCst);
    for browser in &browsers {
        for _ in 0..5 {
            assert_eq!(restarted.led_here(browser).get("/").await.status, 303);
        }
    }
    assert_eq!(logged("is in the store and cannot be read"), 2);
    // Anybody can send a cookie that cannot be opened, so that is said now and then only.
    faulty.keys = CookieKeys::generate().unwrap();
    let restarted = faulty.node::<Axum>().await;
    for browser in browsers.iter().cycle().take(10) {
        assert_eq!(restarted.led_here(browser).get("/").await.status, 303);
    }
    assert_eq!(logged("a session cookie cannot be used"), 1);
}

#[tokio::test]
async fn a_cookie_key_was_taken_away() {
    for mode in [(|login| login) as fn(LoginWebBuilder<User>) -> LoginWebBuilder<User>, sealed] {
        let mut faulty = Faulty::start().await;
        let before = faulty.node_with::<Axum>(|client| client, mode).await;
        let mut browser = before.browser();
        faulty.log_in(&mut browser).await;
        drop(before);
        faulty.keys = CookieKeys::generate().unwrap();
        let restarted = faulty.node_with::<Axum>(|client| client, mode).await;
        expect_to_log_in_again(&faulty, &restarted, &browser).await;
    }
}

/// The addresses in a sealed cookie are those of the service as it was.
#[tokio::test]
async fn the_services_address_has_changed() {
    let faulty = Faulty::start().await;
    let before = faulty.node_with::<Axum>(|client| client, sealed).await;
    let mut browser = before.browser();
    faulty.log_in(&mut browser).await;
    drop(before);
    let elsewhere = |url: &str| url.replace("127.0.0.1", "localhost");
    let address = elsewhere(faulty.service.server_url());
    let restarted = faulty.node_with::<Axum>(|client| client.server(address), sealed).await;
    for path in ["/", "/auth/sessions"] {
        let mut browser = restarted.led_here(&browser);
        assert_eq!(browser.get(path).await.status, 303, "{path}");
        assert!(!browser.cookies.contains_key("iampass-session"));
    }
    let mut browser = restarted.led_here(&browser);
    assert_eq!(browser.post("/auth/logout", &[]).await.status, 303);
    assert!(!browser.cookies.contains_key("iampass-session"));
}

/// Another mode of sessions than the one that the cookie was made in.
#[tokio::test]
async fn the_mode_has_changed() {
    let faulty = Faulty::start().await;
    let before = faulty.node::<Axum>().await;
    let mut browser = before.browser();
    faulty.log_in(&mut browser).await;
    drop(before);
    let restarted = faulty.node_with::<Axum>(|client| client, sealed).await;
    expect_to_log_in_again(&faulty, &restarted, &browser).await;
}

/// Its key was taken away from the store while it was in use: it is over when the store is looked at again.
#[tokio::test]
async fn a_session_in_use_that_becomes_unreadable_is_over() {
    let faulty = Faulty::start().await;
    let node = faulty.node::<Axum>().await;
    let mut browser = node.browser();
    faulty.log_in(&mut browser).await;
    faulty.sessions.is_unreadable.store(true, Ordering::SeqCst);
    faulty.clock.has_slept(std::time::Duration::from_secs(60));
    assert_eq!(browser.get("/").await.status, 303);
    assert_eq!(browser.post("/auth/logout", &[]).await.status, 303);
    assert!(!browser.cookies.contains_key("iampass-session"));
}
