//! Registering a phone from the application's pages, and replacing a lost one: who may, and who may not.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use iampass_core::RegistrationLink;
use iampass_core::port::UserKey;
use iampass_testkit::VirtualPhone;
use iampass_web::LostPhone;

use crate::axum_site::Axum;
use crate::browser::{Browser, Page};
use crate::faulty::Faulty;
use crate::setting::{SOON, Setting};

pub(crate) fn link_on(page: &Page) -> Option<RegistrationLink> {
    let mut parts = page.text.split(|c: char| c.is_whitespace() || "\"'<>".contains(c));
    parts.find(|part| part.contains("/r/")).map(|part| RegistrationLink::parse(part).unwrap())
}

/// Bert has registered a phone, and is signed in in this browser.
pub(crate) async fn registered_bert(setting: &Setting) -> (Browser, VirtualPhone) {
    let mut browser = setting.browser();
    browser.get("/sign-up").await;
    let link = link_on(&browser.reload_until("/auth/enrol", |page| link_on(page).is_some()).await).unwrap();
    let phone = setting.service.register_phone(&link).await.unwrap();
    let wait = browser.begin("bert").await;
    phone.accept_next(SOON).await.unwrap();
    browser.complete(&wait).await;
    assert!(browser.is_in().await);
    (browser, phone)
}

/// Behind a load balancer the page's script is led to any node: the code on the page stays good, and all show the same.
#[tokio::test]
async fn the_link_on_the_page_stays_good_whichever_node_is_asked() {
    let setting = Setting::with::<Axum>(2, |builder| builder).await;
    let mut browser = setting.browser_at(0);
    browser.get("/sign-up").await;
    let link = link_on(&browser.get("/auth/enrol").await).unwrap();
    let mut other = browser.at(&setting.browser_at(1));
    for _ in 0..3 {
        assert!(other.fetch("/auth/enrol/state").await.text.contains("false"));
        other.first_events("/auth/enrol/events").await;
        assert_eq!(link_on(&other.get("/auth/enrol").await).unwrap().as_str(), link.as_str());
        assert_eq!(link_on(&browser.get("/auth/enrol").await).unwrap().as_str(), link.as_str());
    }
    setting.service.register_phone(&link).await.unwrap();
    other.reload_until("/auth/enrol/state", |page| page.text.contains("true")).await;
    assert!(other.get("/auth/enrol").await.text.contains("Phone registered"));
}

/// Each new start of a registration replaces the one before. All pages of the user share one question each two seconds, and it stops when no page wants to
/// know any more.
#[tokio::test]
async fn registrations_that_were_replaced_ask_no_more() {
    let faulty = Faulty::start().await;
    let node = faulty.node::<Axum>().await;
    let asked = || faulty.way.asked_for_phones.load(Ordering::SeqCst);
    let mut open = Vec::new();
    for _ in 0..6 {
        let mut browser = node.browser();
        browser.get("/sign-up").await;
        browser.reload_until("/auth/enrol", |page| link_on(page).is_some()).await;
        let events = browser.request(reqwest::Method::GET, "/auth/enrol/events").send().await.unwrap();
        open.push((browser, events));
    }
    let (began, before) = (Instant::now(), asked());
    while began.elapsed() < Duration::from_secs(6) {
        for (browser, _) in &mut open {
            assert!(browser.fetch("/auth/enrol/state").await.text.contains("false"));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let questions = asked() - before;
    let most = usize::try_from(began.elapsed().as_secs()).unwrap() / 2 + 1;
    assert!((1..=most).contains(&questions), "{questions} questions, and {most} at most");
    drop(open);
    let (closed, mut before) = (Instant::now(), asked());
    loop {
        tokio::time::sleep(Duration::from_secs(5)).await;
        if asked() == before {
            break;
        }
        before = asked();
        assert!(closed.elapsed() < SOON, "nobody wants to know, and the service is asked still");
    }
}

/// A script in the page, of whomever, must not read the link.
#[tokio::test]
async fn the_link_is_shown_to_a_navigation_only() {
    let setting = Setting::with::<Axum>(1, |builder| builder).await;
    let mut browser = setting.browser();
    browser.get("/sign-up").await;
    for mode in ["cors", "no-cors", "same-origin", "websocket"] {
        let request = browser.request(reqwest::Method::GET, "/auth/enrol").header("sec-fetch-mode", mode);
        let page = browser.take(request.header("accept", "text/html")).await;
        assert!(page.status == 403 && link_on(&page).is_none(), "{mode}: {}", page.text);
    }
    for shown_in in ["iframe", "frame", "object", "embed", "empty"] {
        let request =
            browser.request(reqwest::Method::GET, "/auth/enrol").header("sec-fetch-mode", "navigate");
        let page = browser.take(request.header("sec-fetch-dest", shown_in)).await;
        assert!(page.status == 403 && link_on(&page).is_none(), "{shown_in}: {}", page.text);
    }
    assert!(link_on(&browser.get("/auth/enrol").await).is_some());
}

/// Two copies of a ticket that has no link yet: both show the same one.
#[tokio::test]
async fn all_copies_of_a_ticket_show_one_link() {
    for nodes in [1, 2] {
        let setting = Setting::with::<Axum>(nodes, |builder| builder).await;
        let mut browser = setting.browser_at(0);
        browser.get("/sign-up").await;
        let copies: Vec<_> = (0..6).map(|copy| browser.at(&setting.browser_at(copy % nodes))).collect();
        let shown = copies.into_iter().map(|mut copy| async move {
            link_on(&copy.reload_until("/auth/enrol", |page| link_on(page).is_some()).await).unwrap()
        });
        let shown = futures_util::future::join_all(shown).await;
        assert!(shown.iter().all(|link| link.as_str() == shown[0].as_str()));
        setting.service.register_phone(&shown[5]).await.unwrap();
    }
}

/// A copy of a ticket is worth nothing once the phone was registered, though the phone is lost soon after. Whether the page heard of the
/// registration, or the user logged in before it did.
#[tokio::test]
async fn a_ticket_is_used_up_by_the_registration() {
    for page_hears in [true, false] {
        let setting = Setting::with::<Axum>(2, |builder| builder).await;
        let mut browser = setting.browser_at(0);
        browser.get("/sign-up").await;
        let mut copy = browser.at(&setting.browser_at(1));
        let link = link_on(&browser.get("/auth/enrol").await).unwrap();
        let mut later = copy.clone();
        let phone = setting.service.register_phone(&link).await.unwrap();
        if page_hears {
            browser.reload_until("/auth/enrol/state", |page| page.text.contains("true")).await;
        } else {
            // To the second: a login of the second in which the ticket was given comes before it.
            tokio::time::sleep(Duration::from_millis(1_100)).await;
            let wait = browser.begin("bert").await;
            phone.accept_next(SOON).await.unwrap();
            browser.complete(&wait).await;
            browser.post("/auth/browsers/forget-all", &[]).await;
        }
        let token = setting.tokens.token_for(&UserKey::from(2)).await.unwrap().unwrap();
        setting.service.client().unwrap().lost_device(&token).await.unwrap();
        for thief in [&mut copy, &mut later] {
            let page = thief.get("/auth/enrol").await;
            assert!(page.status == 403 && link_on(&page).is_none(), "{}: {}", page.status, page.text);
        }
    }
}

/// A session alone replaces no phone, unless the application has chosen a policy.
#[tokio::test]
async fn a_session_alone_replaces_no_phone() {
    let setting = Setting::with::<Axum>(1, |builder| builder).await;
    let mut thief = setting.logged_in().await;
    assert!(thief.is_in().await);
    let page = thief.post("/auth/lost-phone", &[]).await;
    assert_eq!(page.status, 404, "{}", page.text);
    assert_eq!(thief.get("/auth/enrol").await.status, 403);
    assert!(!thief.get("/auth/lost-phone").await.text.contains("<form"));
    assert!(setting.anna.pending().await.is_ok(), "the phone is registered still");
}

/// With a waiting time: not before, not for others, not after it was stopped, and the link only in the browser that asked.
#[tokio::test]
async fn a_lost_phone_is_replaced_after_the_wait_if_nobody_stops_it() {
    fn after_wait(
        builder: iampass_web::LoginWebBuilder<crate::setting::User>,
    ) -> iampass_web::LoginWebBuilder<crate::setting::User> {
        builder.lost_phone(LostPhone::AfterWait(Duration::from_secs(3)))
    }
    let setting = Setting::with::<Axum>(2, after_wait).await;
    let mut thief = setting.logged_in().await;
    assert!(thief.is_in().await);
    let mut owner = setting.logged_in().await;
    assert!(owner.is_in().await);

    // Stopped by the user in another browser.
    assert_eq!(thief.post("/auth/lost-phone", &[]).await.location.as_deref(), Some("/auth/lost-phone"));
    assert!(thief.get("/auth/lost-phone").await.text.contains("Come back to this page then"));
    let mut owner_elsewhere = owner.at(&setting.browser_at(1));
    assert!(owner_elsewhere.get("/auth/lost-phone").await.text.contains("Another browser has asked"));
    owner_elsewhere.post("/auth/lost-phone/stop", &[]).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    let page = thief.post("/auth/lost-phone", &[]).await;
    assert_eq!(page.location.as_deref(), Some("/auth/lost-phone"), "it was asked for anew, and nothing else");
    assert_eq!(thief.get("/auth/enrol").await.status, 403);

    // Stopped by a login that the phone accepted.
    let mut again = setting.browser_at(1);
    let wait = again.begin("anna").await;
    setting.anna.accept_next(SOON).await.unwrap();
    again.complete(&wait).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_ne!(thief.post("/auth/lost-phone", &[]).await.location.as_deref(), Some("/auth/enrol"));

    // Stopped by nobody: the browser that asked, and no other one, registers another phone.
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_ne!(owner.post("/auth/lost-phone", &[]).await.location.as_deref(), Some("/auth/enrol"));
    let mut user = thief.at(&setting.browser_at(1));
    assert!(user.get("/auth/lost-phone").await.text.contains("Replace the phone"));
    let page = user.post("/auth/lost-phone", &[]).await;
    assert_eq!(page.location.as_deref(), Some("/auth/enrol"));
    assert!(!user.is_in().await && !owner.is_in().await, "all sessions have ended");
    let link = link_on(&user.get("/auth/enrol").await).unwrap();
    let phone = setting.service.register_phone(&link).await.unwrap();
    let wait = user.begin("anna").await;
    phone.accept_next(SOON).await.unwrap();
    user.complete(&wait).await;
    assert!(user.is_in().await);
    // It was good for once.
    assert_ne!(user.post("/auth/lost-phone", &[]).await.location.as_deref(), Some("/auth/enrol"));
}
