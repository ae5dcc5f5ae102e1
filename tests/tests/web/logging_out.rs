//! Fault B3: a logout waits for no service, and nobody is left unable to log out.

use std::sync::atomic::Ordering;

use iampass_core::port::{SessionRecord, SessionStore as _};
use iampass_core::{Secret, Server, Session, SessionToken, UnixSeconds, UserToken};

use crate::actix_site::Actix;
use crate::axum_site::Axum;
use crate::faulty::{Faulty, eventually};
use crate::setting::{Framework, SOON, Setting};

async fn a_logout_waits_for_no_service<F: Framework>() {
    let faulty = Faulty::start().await;
    let node = faulty.node::<F>().await;
    for path in ["/auth/logout", "/auth/sessions/end-all"] {
        let mut browser = node.browser();
        faulty.log_in(&mut browser).await;
        let before = browser.cookies.clone();
        faulty.way.swallows_logouts.store(true, Ordering::SeqCst);
        // The service never answers.
        assert_eq!(browser.post(path, &[]).await.status, 303, "{path}");
        assert!(!browser.cookies.contains_key("iampass-session"));
        browser.cookies = before;
        assert!(!browser.is_in().await, "the cookie is worth nothing from now on");
        assert!(faulty.in_use().await.is_empty(), "the store knows");
        faulty.way.swallows_logouts.store(false, Ordering::SeqCst);
        eventually("the service is told", async || faulty.anna.active_sessions().await.unwrap().is_empty())
            .await;
    }
}

#[tokio::test]
async fn on_axum() {
    a_logout_waits_for_no_service::<Axum>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_actix() {
    a_logout_waits_for_no_service::<Actix>().await;
}

/// The cookies of a browser from before it took its login up are worth nothing while the logout of its session is under way: it gets no session, and is
/// not known.
#[tokio::test]
async fn a_login_is_not_taken_up_again_while_its_logout_is_under_way() {
    let faulty = Faulty::start().await;
    let (node, other) = (faulty.node::<Axum>().await, faulty.node::<Axum>().await);
    let mut browser = node.browser();
    let wait = browser.begin("anna").await;
    faulty.anna.accept_next(SOON).await.unwrap();
    let before = browser.cookies.clone();
    browser.complete(&wait).await;
    assert!(browser.is_in().await);
    faulty.way.swallows_logouts.store(true, Ordering::SeqCst);
    assert_eq!(browser.post("/auth/logout", &[]).await.status, 303);
    for node in [&node, &other] {
        let mut late = node.browser();
        late.cookies = before.clone();
        let page = late.get(&wait).await;
        for cookie in ["iampass-session", "iampass-browser"] {
            assert!(!late.cookies.contains_key(cookie), "{cookie}: {}", page.text);
        }
    }
}

#[tokio::test]
async fn another_session_is_ended_without_waiting() {
    let setting = Setting::start::<Axum>().await;
    let (mut first, mut second) = (setting.logged_in().await, setting.logged_in().await);
    let page = first.get("/auth/sessions").await;
    let (sessions, _) = page.text.split_once("Browsers that know you").unwrap();
    let others = sessions.split("<li").filter(|item| !item.contains("This browser"));
    let ids = others.filter_map(|item| item.split("name=\"id\" value=\"").nth(1)?.split('"').next());
    let ids: Vec<_> = ids.collect();
    assert_eq!(ids.len(), 1, "one that is not this one");
    assert_eq!(first.post("/auth/sessions/end", &[("id", ids[0])]).await.status, 303);
    assert!(!second.is_in().await);
    assert!(first.is_in().await);
    eventually("the service knows", async || setting.anna.active_sessions().await.unwrap().len() == 1).await;
}

/// The service is told, even if the store is not.
#[tokio::test]
async fn a_store_that_fails_keeps_nobody_from_logging_out() {
    let faulty = Faulty::start().await;
    let node = faulty.node::<Axum>().await;
    let mut browser = node.browser();
    faulty.log_in(&mut browser).await;
    let before = browser.cookies.clone();
    faulty.sessions.is_down.store(true, Ordering::SeqCst);
    assert_eq!(browser.post("/auth/logout", &[]).await.status, 303);
    assert!(!browser.cookies.contains_key("iampass-session"));
    assert!(faulty.anna.is_logged_out_within(SOON).await.unwrap());
    browser.cookies = before;
    assert!(!browser.is_in().await);
}

/// Only the store knows the session of its cookie then, so the cookie must stay.
#[tokio::test]
async fn a_session_that_nobody_can_look_up_keeps_its_cookie() {
    let faulty = Faulty::start().await;
    let node = faulty.node::<Axum>().await;
    let mut browser = node.browser();
    faulty.log_in(&mut browser).await;
    let restarted = faulty.node::<Axum>().await;
    let mut browser = restarted.led_here(&browser);
    faulty.sessions.is_down.store(true, Ordering::SeqCst);
    assert_eq!(browser.post("/auth/logout", &[]).await.status, 503);
    assert!(browser.cookies.contains_key("iampass-session"));
    faulty.sessions.is_down.store(false, Ordering::SeqCst);
    assert_eq!(browser.post("/auth/logout", &[]).await.status, 303);
    assert!(!browser.cookies.contains_key("iampass-session"));
    assert!(faulty.anna.is_logged_out_within(SOON).await.unwrap());
}

/// A sealed cookie holds all that a logout takes.
#[tokio::test]
async fn a_sealed_session_is_ended_while_the_store_fails() {
    let faulty = Faulty::start().await;
    let node = faulty.node_with::<Axum>(|client| client, crate::setting::sealed).await;
    let mut browser = node.browser();
    faulty.log_in(&mut browser).await;
    let restarted = faulty.node_with::<Axum>(|client| client, crate::setting::sealed).await;
    let mut browser = restarted.led_here(&browser);
    faulty.sessions.is_down.store(true, Ordering::SeqCst);
    assert_eq!(browser.post("/auth/logout", &[]).await.status, 303);
    assert!(!browser.cookies.contains_key("iampass-session"));
    assert!(faulty.anna.is_logged_out_within(SOON).await.unwrap());
}

/// A session of anna beside those that she has logged in to. Nothing is sent for it: logouts are swallowed.
fn another(number: usize) -> SessionRecord {
    let server = Server::parse("https://login.example").unwrap();
    let url = |path: &str| format!("https://login.example/{number}/{path}");
    let token = SessionToken::new(format!("another-{number}")).unwrap();
    let session =
        Session::new(token, Secret::new("secret"), &url("status"), &url("logout"), &server).unwrap();
    let user = UserToken::new("token-of-anna").unwrap();
    SessionRecord::new(session, user, UnixSeconds(1), UnixSeconds(9_000_000_000))
}

/// The answer does not wait for each of many sessions, does not say that all are logged out, and each is ended all the same.
#[tokio::test]
async fn many_sessions_are_ended_while_the_store_hangs() {
    const ALL: usize = 25;
    let faulty = Faulty::start().await;
    let node = faulty.node::<Axum>().await;
    let mut browser = node.browser();
    faulty.log_in(&mut browser).await;
    let before = browser.cookies.clone();
    for number in 1..ALL {
        faulty.sessions.inner.create(&another(number)).await.unwrap();
    }
    faulty.way.swallows_logouts.store(true, Ordering::SeqCst);
    faulty.sessions.hangs_at_logouts.store(true, Ordering::SeqCst);
    faulty.sessions.logouts.store(0, Ordering::SeqCst);
    // With all of them in the store it would say so by a 303.
    assert_eq!(browser.post("/auth/sessions/end-all", &[]).await.status, 503);
    let asked = || faulty.sessions.logouts.load(Ordering::SeqCst);
    browser.cookies = before;
    assert!(!browser.is_in().await);
    eventually("the store is asked to queue each", async || asked() >= ALL).await;
}
