//! The advantage of a known browser: for one login at a time, and so many questions.

use std::time::Duration;

use iampass_web::{Limits, Rate};

use crate::axum_site::Axum;
use crate::browser::Browser;
use crate::setting::{SOON, Setting};

const ACCEPT: &str = "Accept the request on your phone";
const SUPERSEDED: &str = "Begun in another browser";
const NOT_ASKED: &str = "no phone was asked";
const COOKIE: &str = "iampass-browser";

/// The owner's browser, which is known, and signed out.
async fn signed_out_owner(setting: &Setting) -> Browser {
    let mut owner = setting.logged_in().await;
    assert!(owner.is_in().await);
    assert_eq!(owner.post("/auth/logout", &[]).await.status, 303);
    owner
}

/// Begins a login in this browser, and tells whether it keeps its place against a stranger's browser at the other node. The owner cancels what
/// is left of it.
async fn keeps_its_place(setting: &Setting, browser: &mut Browser) -> bool {
    let wait = browser.begin("anna").await;
    browser.reload_until(&wait, |page| page.text.contains(ACCEPT)).await;
    let mut stranger = setting.browser_at(1);
    let strange = stranger.begin("anna").await;
    let keeps = |text: &str| if text.contains(NOT_ASKED) { Some(true) } else { None };
    let began = std::time::Instant::now();
    let kept = loop {
        let page = stranger.get(&strange).await;
        if let Some(kept) = keeps(&page.text) {
            break kept;
        }
        let page = browser.get(&wait).await;
        if page.text.contains(SUPERSEDED) {
            break false;
        }
        assert!(began.elapsed() < SOON, "{}", page.text);
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    browser.cancel(&wait).await;
    stranger.cancel(&strange).await;
    kept
}

/// A copy of the cookie is good until the owner's next login, and worth nothing after it.
#[tokio::test]
async fn each_login_makes_copies_of_the_cookie_worthless() {
    let setting = Setting::with::<Axum>(2, |builder| builder).await;
    let mut owner = signed_out_owner(&setting).await;
    let mut thief = setting.browser();
    thief.cookies.insert(COOKIE.to_owned(), owner.cookies[COOKIE].clone());
    assert!(keeps_its_place(&setting, &mut thief).await, "the copy is as good as the cookie");

    let wait = owner.begin("anna").await;
    setting.anna.accept_next(SOON).await.unwrap();
    owner.complete(&wait).await;
    assert!(owner.is_in().await);
    owner.post("/auth/logout", &[]).await;
    assert_ne!(owner.cookies[COOKIE], thief.cookies[COOKIE]);
    assert!(!keeps_its_place(&setting, &mut thief).await, "the copy is of the login before");
    assert!(keeps_its_place(&setting, &mut owner).await, "the owner's is the one of the last login");
    // The list has one browser, however often its owner has signed in.
    let wait = owner.begin("anna").await;
    setting.anna.accept_next(SOON).await.unwrap();
    owner.complete(&wait).await;
    let page = owner.get("/auth/sessions").await;
    assert_eq!(page.text.matches("/auth/browsers/forget\"").count(), 1, "{}", page.text);
}

/// A copy of the cookie asks as often as one known browser may, over all nodes. After that it is a stranger, and still gets a question.
#[tokio::test]
async fn a_known_browser_that_has_asked_too_often_is_a_stranger() {
    let setting = Setting::with::<Axum>(2, |builder| {
        let twice = Rate { burst: 2, every: Duration::from_secs(600) };
        builder.limits(Limits::default().per_known_browser(twice))
    })
    .await;
    let mut owner = signed_out_owner(&setting).await;
    assert!(keeps_its_place(&setting, &mut owner).await);
    let mut owner = owner.at(&setting.browser_at(1));
    assert!(keeps_its_place(&setting, &mut owner).await);
    let mut owner = owner.at(&setting.browser_at(0));
    assert!(!keeps_its_place(&setting, &mut owner).await, "both are used up");
    // It is not kept out.
    let wait = owner.begin("anna").await;
    setting.anna.accept_next(SOON).await.unwrap();
    owner.complete(&wait).await;
    assert!(owner.is_in().await);
}

/// A copy of the cookie begins anew at the moment of the denial, so that the node withdraws the question before it hears of that.
#[tokio::test]
async fn beginning_anew_takes_no_denial_back() {
    let setting = Setting::with::<Axum>(2, |builder| {
        let many = Rate { burst: 100, every: Duration::from_secs(1) };
        builder.limits(Limits::default().per_user(many).per_user_and_network(many).per_known_browser(many))
    })
    .await;
    for node in [0, 1] {
        let owner = signed_out_owner(&setting).await;
        let mut thief = setting.browser_at(node);
        thief.cookies.insert(COOKIE.to_owned(), owner.cookies[COOKIE].clone());
        let wait = thief.begin("anna").await;
        thief.reload_until(&wait, |page| page.text.contains(ACCEPT)).await;
        let mut again = thief.clone();
        loop {
            let question = setting.anna.next_request(SOON).await.unwrap().unwrap();
            let (denied, wait) = tokio::join!(setting.anna.deny(&question), again.begin("anna"));
            if denied.is_ok() {
                again.cancel(&wait).await;
                break;
            }
            // It was withdrawn before the owner denied it.
        }
        let began = std::time::Instant::now();
        while keeps_its_place(&setting, &mut thief).await {
            assert!(began.elapsed() < SOON, "it is still known");
        }
    }
}

/// A copy of the cookie asks, and the owner denies it: the copy is worth nothing any more.
#[tokio::test]
async fn a_browser_whose_request_is_denied_is_not_known_any_more() {
    let setting = Setting::with::<Axum>(2, |builder| {
        let many = Rate { burst: 100, every: Duration::from_secs(1) };
        builder.limits(Limits::default().per_user(many).per_user_and_network(many))
    })
    .await;
    let mut owner = signed_out_owner(&setting).await;
    let mut thief = setting.browser_at(1);
    thief.cookies.insert(COOKIE.to_owned(), owner.cookies[COOKIE].clone());
    let wait = thief.begin("anna").await;
    setting.anna.deny_next(SOON).await.unwrap();
    // The node hears of it, and may take a moment more.
    thief.reload_until(&wait, |page| page.text.contains("was denied on the phone")).await;
    let mut tries = 0;
    while keeps_its_place(&setting, &mut thief).await {
        tries += 1;
        assert!(tries < 5, "it is still known");
    }
    assert!(!keeps_its_place(&setting, &mut owner).await, "both have the same cookie");
    // The next login makes the owner's browser known again, and only that.
    let wait = owner.begin("anna").await;
    setting.anna.accept_next(SOON).await.unwrap();
    owner.complete(&wait).await;
    assert!(owner.is_in().await);
    owner.post("/auth/logout", &[]).await;
    assert!(keeps_its_place(&setting, &mut owner).await);
    assert!(!keeps_its_place(&setting, &mut thief).await);
}

/// A phone that is gone may have let somebody in: its browsers are strangers, and the login makes the owner's known again.
#[tokio::test]
async fn a_browser_is_not_known_when_a_phone_of_its_user_was_replaced() {
    let mut setting = Setting::with::<Axum>(2, |builder| {
        let many = Rate { burst: 100, every: Duration::from_secs(1) };
        builder.limits(Limits::default().per_user(many).per_user_and_network(many))
    })
    .await;
    let mut thief = signed_out_owner(&setting).await;
    assert!(keeps_its_place(&setting, &mut thief).await);
    // The second in which the phone is replaced is one after that of the login.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    setting.replace_phone_of_anna().await;
    // It has taken its place before the service says that it is not known, and never again.
    let wait = thief.begin("anna").await;
    let question = setting.anna.next_request(SOON).await.unwrap().unwrap();
    assert_eq!(question.known_browser, Some(false));
    thief.cancel(&wait).await;
    assert!(!keeps_its_place(&setting, &mut thief).await);
    let mut owner = signed_out_owner(&setting).await;
    assert!(keeps_its_place(&setting, &mut owner).await);
}
