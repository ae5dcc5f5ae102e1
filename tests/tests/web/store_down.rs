//! Fault B19: what the login's pages say while the store does not answer. None of them says to look at the phone.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use iampass_core::UserToken;
use iampass_core::port::{MemoryTokenStore, TokenStore as _, UserKey};
use iampass_web::{CookieKeys, LostPhone, ShownApproval};

use crate::actix_site::Actix;
use crate::axum_site::Axum;
use crate::browser::{Browser, Page};
use crate::faulty::{Faulty, Node};
use crate::registering::link_on;
use crate::setting::{Framework, SOON, Setting, Users, login_builder, sealed};

/// The page of a start that was not one, and the page of anything else.
const NOT_STARTED: &str = "does not answer just now";
const UNAVAILABLE: &str = "Not available just now";

async fn node<F: Framework>(faulty: &Faulty, approval: ShownApproval) -> Node {
    let policy = LostPhone::AfterWait(Duration::from_secs(3_600));
    faulty.node_with::<F>(|client| client, |login| login.lost_phone(policy).approval(approval)).await
}

fn is_unavailable(what: &str, page: &Page, words: &str) {
    assert_eq!(page.status, 503, "{what}: {}", page.text);
    assert!(page.text.contains(words), "{what}: {}", page.text);
    assert_eq!(page.headers["retry-after"], "5", "{what}");
    is_asking_nobody(what, page);
}

fn is_asking_nobody(what: &str, page: &Page) {
    for asking in ["Accept the request", "Check your phone", "action=\"/auth/login/cancel\""] {
        assert!(!page.text.contains(asking), "{what}: {}", page.text);
    }
}

/// A program is told the same in its own way.
async fn is_unavailable_to_programs(browser: &mut Browser, path: &str) {
    let page = browser.fetch(path).await;
    assert_eq!((page.status.as_u16(), page.text.as_str()), (503, r#"{"error":"unavailable"}"#), "{path}");
}

async fn no_login_begins<F: Framework>() {
    let faulty = Faulty::start().await;
    let (tapped, coded) =
        (node::<F>(&faulty, ShownApproval::Tap).await, node::<F>(&faulty, ShownApproval::Code).await);
    // A known browser is looked up before it is counted.
    let mut known = tapped.browser();
    faulty.log_in(&mut known).await;
    known.post("/auth/logout", &[]).await;
    faulty.sessions.is_down.store(true, Ordering::SeqCst);
    for name in ["anna", "bert", "carl"] {
        for mut browser in [tapped.browser(), coded.browser(), known.clone()] {
            let page = browser.post("/auth/login", &[("login_name", name)]).await;
            is_unavailable(name, &page, NOT_STARTED);
            assert!(!browser.cookies.contains_key("iampass-login"), "{name}");
        }
    }
    let page = coded.browser().post("/auth/login/code", &[]).await;
    is_unavailable("without a name", &page, NOT_STARTED);
    assert!(faulty.anna.pending().await.unwrap().is_empty());
    // Nothing is lost.
    faulty.sessions.is_down.store(false, Ordering::SeqCst);
    faulty.log_in(&mut known).await;
}

async fn a_page_that_waits_says_so<F: Framework>() {
    let faulty = Faulty::start().await;
    let node = node::<F>(&faulty, ShownApproval::Tap).await;
    for name in ["anna", "carl"] {
        let mut browser = node.browser();
        let wait = browser.begin(name).await;
        browser.reload_until(&wait, |page| page.text.contains("Accept the request")).await;
        faulty.sessions.is_down.store(true, Ordering::SeqCst);
        is_unavailable(name, &browser.get(&wait).await, UNAVAILABLE);
        is_unavailable_to_programs(&mut browser, &wait.replace("/wait", "/state")).await;
        faulty.sessions.is_down.store(false, Ordering::SeqCst);
        if name == "anna" {
            faulty.anna.accept_next(SOON).await.unwrap();
            browser.complete(&wait).await;
            assert!(browser.is_in().await);
        }
    }
}

async fn nobody_registers_a_phone<F: Framework>() {
    let faulty = Faulty::start().await;
    let node = node::<F>(&faulty, ShownApproval::Tap).await;
    let mut browser = node.browser();
    browser.get("/sign-up").await;
    faulty.sessions.is_down.store(true, Ordering::SeqCst);
    let page = browser.get("/auth/enrol").await;
    is_unavailable("enrol", &page, UNAVAILABLE);
    assert!(link_on(&page).is_none());
    faulty.sessions.is_down.store(false, Ordering::SeqCst);
    browser.reload_until("/auth/enrol", |page| link_on(page).is_some()).await;
}

/// On the node that knows the session, and on one that has to look it up.
async fn pages_of_users_say_so<F: Framework>() {
    let faulty = Faulty::start().await;
    let (here, there) =
        (node::<F>(&faulty, ShownApproval::Tap).await, node::<F>(&faulty, ShownApproval::Tap).await);
    let mut browser = here.browser();
    faulty.log_in(&mut browser).await;
    let elsewhere = there.led_here(&browser);
    faulty.sessions.is_down.store(true, Ordering::SeqCst);
    for browser in [browser.clone(), elsewhere] {
        for path in ["/auth/sessions", "/auth/lost-phone"] {
            is_unavailable(path, &browser.clone().get(path).await, UNAVAILABLE);
        }
        for path in [
            "/auth/lost-phone",
            "/auth/lost-phone/stop",
            "/auth/sessions/end",
            "/auth/sessions/end-all",
            "/auth/browsers/forget",
            "/auth/browsers/forget-all",
        ] {
            is_unavailable(path, &browser.clone().post(path, &[("id", "x")]).await, UNAVAILABLE);
        }
    }
    is_unavailable("at the other node", &there.led_here(&browser).get("/").await, UNAVAILABLE);
    faulty.sessions.is_down.store(false, Ordering::SeqCst);
    assert!(browser.is_in().await, "nothing has ended");
    assert_eq!(faulty.anna.active_sessions().await.unwrap().len(), 1);
}

macro_rules! on_both {
    ($($check:ident),+ $(,)?) => {
        mod over_axum {
            $(#[tokio::test] async fn $check() { super::$check::<super::Axum>().await; })+
        }
        mod over_actix {
            $(#[tokio::test(flavor = "multi_thread")] async fn $check() { super::$check::<super::Actix>().await; })+
        }
    };
}

on_both!(no_login_begins, a_page_that_waits_says_so, nobody_registers_a_phone, pages_of_users_say_so);

/// Case r17: with the session in the cookie, a login begun on one node is taken up on the other, by the store that both share.
#[tokio::test]
async fn a_sealed_login_begun_on_one_node_is_taken_up_on_the_other() {
    let setting = Setting::with::<Axum>(2, sealed).await;
    for (begun, taken_up) in [(0, 1), (1, 0)] {
        let mut browser = setting.browser_at(begun);
        let wait = browser.begin("anna").await;
        setting.anna.accept_next(SOON).await.unwrap();
        let mut browser = browser.at(&setting.browser_at(taken_up));
        browser.complete(&wait).await;
        for node in 0..2 {
            assert!(browser.at(&setting.browser_at(node)).is_in().await, "{begun} {node}");
        }
    }
}

/// Nodes whose sessions are in memory were asked for explicitly. The other node knows nothing of the login, and does not say that a phone is
/// asked.
#[tokio::test]
async fn a_node_that_shares_no_store_does_not_say_to_look_at_the_phone() {
    let faulty = Faulty::start().await;
    let tokens = Arc::new(MemoryTokenStore::new(10));
    tokens.assign(&UserKey::from(1), &UserToken::new("token-of-anna").unwrap()).await.unwrap();
    let keys = CookieKeys::generate().unwrap();
    let mut nodes = Vec::new();
    for _ in 0..2 {
        let builder = faulty.service.client_builder().token_store(tokens.clone());
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let login = sealed(login_builder(builder.sessions_in_memory().build().unwrap(), Users::default()))
            .origin("http://127.0.0.1:1")
            .cookie_keys(keys.clone());
        let serving = Axum::serve(login.build().unwrap(), listener).await;
        nodes.push((Browser::new(url, "http://127.0.0.1:1".to_owned()), serving));
    }
    let mut browser = nodes[0].0.clone();
    let wait = browser.begin("anna").await;
    faulty.anna.accept_next(SOON).await.unwrap();
    let page = browser.at(&nodes[1].0).get(&wait).await;
    is_asking_nobody("the other node", &page);
    browser.complete(&wait).await;
}
