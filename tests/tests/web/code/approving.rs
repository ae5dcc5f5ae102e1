//! Approvals with the code of a page: they let in the browser that shows it, and no other.

use std::time::Duration;

use super::{Coded, FIREFOX, digits, until_code};
use crate::actix_site::Actix;
use crate::axum_site::Axum;
use crate::browser::Browser;
use crate::setting::{Framework, SOON};

/// The user types the digits of this browser's page on the phone, and accepts.
pub(super) async fn approve(coded: &Coded, browser: &mut Browser, wait: &str) {
    let code = digits(&until_code(browser, wait).await).unwrap();
    let request = coded.setting.anna.bring_code(&code).await.unwrap();
    coded.setting.anna.accept_with_code(&request, &code).await.unwrap();
}

/// A login from beginning to end, in a browser that nobody knows.
pub(super) async fn signed_in(coded: &Coded) -> Browser {
    let mut owner = coded.browser();
    let wait = owner.begin("anna").await;
    approve(coded, &mut owner, &wait).await;
    owner.complete(&wait).await;
    assert!(owner.is_in().await);
    owner
}

/// How many questions are on the phone by themselves.
async fn ringing(coded: &Coded) -> usize {
    coded.setting.anna.pending().await.unwrap().len()
}

async fn a_code_lets_its_browser_in<F: Framework>() {
    let coded = Coded::with::<F>(1, |builder| builder).await;
    // By its digits.
    let mut owner = coded.browser();
    let wait = owner.begin("anna").await;
    until_code(&mut owner, &wait).await;
    assert_eq!(ringing(&coded).await, 0, "nothing rings for a browser that nobody knows");
    approve(&coded, &mut owner, &wait).await;
    owner.complete(&wait).await;
    assert!(owner.is_in().await);
    // The phone has a key of its own, and its user was not asked to unlock it.
    for (place, status) in [("/proven-code", 200), ("/proven-key", 200), ("/proven/unlocked", 403)] {
        assert_eq!(owner.get(place).await.status, status, "{place}");
    }
    owner.post("/auth/logout", &[]).await;
    // It is known now: the phone shows the request by itself, with the name of the browser, and the code has to be brought all the same.
    let request = owner.form("/auth/login", &[("login_name", "anna")]).header("origin", owner.origin.clone());
    let wait = owner.take(request.header("user-agent", FIREFOX)).await.location.unwrap();
    let page = until_code(&mut owner, &wait).await;
    assert!(page.text.contains("Your phone shows the request"), "{}", page.text);
    let request = coded.setting.anna.next_request(SOON).await.unwrap().unwrap();
    assert_eq!(request.browser.as_deref(), Some("Firefox on Windows"));
    assert_eq!(request.address.as_deref(), Some("127.0.0.1"));
    assert!(request.known_browser == Some(true) && request.needs_code());
    assert!(coded.setting.anna.accept(&request).await.is_err(), "a tap is not enough");
    let digits = digits(&page).unwrap();
    coded.setting.anna.accept_with_code(&request, &digits).await.unwrap();
    owner.complete(&wait).await;
    assert!(owner.is_in().await);
    // By the QR code.
    let mut other = coded.browser();
    let wait = other.begin("anna").await;
    until_code(&mut other, &wait).await;
    let link = coded.latest().scan_url;
    let request = coded.setting.anna.bring_scan(&link).await.unwrap();
    coded.setting.anna.accept_with_scan(&request, &link).await.unwrap();
    other.complete(&wait).await;
    assert!(other.is_in().await);
}

#[tokio::test]
async fn a_code_lets_its_browser_in_over_axum() {
    a_code_lets_its_browser_in::<Axum>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_lets_its_browser_in_over_actix() {
    a_code_lets_its_browser_in::<Actix>().await;
}

/// The owner types what her own page shows. However many strangers ask with her name, before and after her, she lets in her own browser alone.
#[tokio::test]
async fn the_owner_lets_in_her_own_browser_alone() {
    for (nodes, is_known, order) in
        [(1, false, [0, 1]), (2, false, [1, 0]), (2, true, [0, 1]), (1, true, [1, 0])]
    {
        let coded = Coded::start(nodes).await;
        coded.codes_are_known().await;
        let mut owner = if is_known { signed_in(&coded).await } else { coded.browser() };
        owner.post("/auth/logout", &[]).await;
        let mut stranger = coded.browser_at(nodes - 1);
        let mut waits = [String::new(), String::new()];
        for who in order {
            let browser = if who == 0 { &mut owner } else { &mut stranger };
            waits[who] = browser.begin("anna").await;
            until_code(browser, &waits[who]).await;
        }
        assert_eq!(ringing(&coded).await, usize::from(is_known), "a stranger's question is on no phone");
        let (own, strange) =
            (until_code(&mut owner, &waits[0]).await, until_code(&mut stranger, &waits[1]).await);
        assert_ne!(digits(&own), digits(&strange));
        approve(&coded, &mut owner, &waits[0]).await;
        owner.complete(&waits[0]).await;
        for _ in 0..5 {
            stranger.get(&waits[1]).await;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert!(owner.is_in().await && !stranger.is_in().await);
        assert_eq!(coded.setting.anna.active_sessions().await.unwrap().len(), 1);
    }
}

/// The phone shows the owner's request, and she types digits of another page, or of none: nobody is let in.
#[tokio::test]
async fn digits_of_another_page_let_nobody_in() {
    let coded = Coded::start(2).await;
    coded.codes_are_known().await;
    let mut owner = signed_in(&coded).await;
    owner.post("/auth/logout", &[]).await;
    let wait = owner.begin("anna").await;
    until_code(&mut owner, &wait).await;
    let mut stranger = coded.browser_at(1);
    let strange = stranger.begin("anna").await;
    let strange_code = digits(&until_code(&mut stranger, &strange).await).unwrap();
    let request = coded.setting.anna.next_request(SOON).await.unwrap().unwrap();
    for left in [2, 1, 0] {
        assert!(coded.setting.anna.accept_with_code(&request, &strange_code).await.is_err(), "{left} left");
        assert!(!owner.is_in().await && !stranger.is_in().await);
    }
    let page = owner.reload_until(&wait, |page| !page.text.contains("/auth/login/cancel")).await;
    assert!(page.text.contains("Wrong code"), "{}", page.text);
    stranger.get(&strange).await;
    assert!(!stranger.is_in().await);
}

/// The code of an attempt that the browser has replaced, or taken back, opens nothing.
#[tokio::test]
async fn a_code_of_a_former_attempt_opens_nothing() {
    let coded = Coded::start(2).await;
    coded.codes_are_known().await;
    let mut owner = coded.browser();
    let first = owner.begin("anna").await;
    let first_code = digits(&until_code(&mut owner, &first).await).unwrap();
    let link = coded.latest().scan_url;
    let second = owner.begin("anna").await;
    let second_code = digits(&until_code(&mut owner, &second).await).unwrap();
    assert!(coded.setting.anna.bring_code(&first_code).await.is_err());
    assert!(coded.setting.anna.bring_scan(&link).await.is_err());
    let request = coded.setting.anna.bring_code(&second_code).await.unwrap();
    assert!(coded.setting.anna.accept_with_code(&request, &first_code).await.is_err());
    owner.cancel(&second).await;
    crate::faulty::eventually("the question is withdrawn", async || {
        coded.setting.anna.accept_with_code(&request, &second_code).await.is_err()
    })
    .await;
    for wait in [&first, &second] {
        owner.get(wait).await;
        assert!(!owner.is_in().await);
    }
}

/// The codes of names without a phone open nothing on the phone of anybody.
#[tokio::test]
async fn a_code_of_nobody_is_brought_by_nobody() {
    let coded = Coded::start(1).await;
    for name in ["bert", "carl"] {
        let mut browser = coded.browser();
        let wait = browser.begin(name).await;
        let code = digits(&until_code(&mut browser, &wait).await).unwrap();
        assert!(coded.setting.anna.bring_code(&code).await.is_err(), "{name}");
        assert!(coded.setting.anna.bring_scan(&coded.latest().scan_url).await.is_err(), "{name}");
    }
}

/// A thief with a copy of the cookie of a known browser has the phone ring. The owner types what her own page shows, and that lets in her own browser.
#[tokio::test]
async fn a_copy_of_a_known_browsers_cookie_lets_nobody_in() {
    let coded = Coded::start(2).await;
    let mut owner = signed_in(&coded).await;
    owner.post("/auth/logout", &[]).await;
    let mut thief = coded.browser_at(1);
    thief.cookies.insert("iampass-browser".to_owned(), owner.cookies["iampass-browser"].clone());
    let strange = thief.begin("anna").await;
    until_code(&mut thief, &strange).await;
    let theirs = coded.setting.anna.next_request(SOON).await.unwrap().unwrap();
    let mut owner = coded.browser();
    let wait = owner.begin("anna").await;
    let code = digits(&until_code(&mut owner, &wait).await).unwrap();
    // She takes the request that is there for her own, and then scans or types anew.
    assert!(coded.setting.anna.accept_with_code(&theirs, &code).await.is_err());
    approve(&coded, &mut owner, &wait).await;
    owner.complete(&wait).await;
    thief.get(&strange).await;
    assert!(owner.is_in().await && !thief.is_in().await);
}

/// However many a stranger starts: the owner's page keeps its code, and the code is good.
#[tokio::test]
async fn strangers_keep_nobody_out() {
    let coded = Coded::with::<Axum>(2, |builder| builder.trusted_proxies(1)).await;
    coded.codes_are_known().await;
    let start = async |browser: &mut Browser, address: &str| {
        let form =
            browser.form("/auth/login", &[("login_name", "anna")]).header("origin", browser.origin.clone());
        browser.take(form.header("x-forwarded-for", address)).await
    };
    let mut owner = coded.browser();
    let wait = start(&mut owner, "203.0.113.5").await.location.unwrap();
    let page = until_code(&mut owner, &wait).await;
    for round in 0..30 {
        let mut stranger = coded.browser_at(round % 2);
        start(&mut stranger, &format!("198.51.100.{}", round / 5)).await;
    }
    assert_eq!(digits(&owner.get(&wait).await), digits(&page));
    approve(&coded, &mut owner, &wait).await;
    owner.complete(&wait).await;
    assert!(owner.is_in().await);
}

/// Another known browser has the place, so a copy of a cookie goes on beside it as a stranger. Its denial makes the copy unknown all the same.
#[tokio::test]
async fn a_denial_makes_a_copy_unknown_also_beside_another_known_browser() {
    let coded = Coded::start(1).await;
    let mut owner = signed_in(&coded).await;
    owner.post("/auth/logout", &[]).await;
    let mut copy = signed_in(&coded).await;
    let known = copy.get("/auth/sessions").await.text.matches("/auth/browsers/forget\"").count();
    assert_eq!(known, 2);
    copy.post("/auth/logout", &[]).await;
    let wait = owner.begin("anna").await;
    assert!(rings(&mut owner, &wait).await);
    let beside = copy.begin("anna").await;
    let code = digits(&until_code(&mut copy, &beside).await).unwrap();
    assert!(!rings(&mut copy, &beside).await, "the place is another browser's");
    let request = coded.setting.anna.bring_code(&code).await.unwrap();
    coded.setting.anna.deny(&request).await.unwrap();
    copy.reload_until(&beside, |page| page.text.contains("was denied on the phone")).await;
    // The owner goes on, and sees which browsers are known besides.
    approve(&coded, &mut owner, &wait).await;
    owner.complete(&wait).await;
    let began = std::time::Instant::now();
    while owner.get("/auth/sessions").await.text.matches("/auth/browsers/forget\"").count() > 1 {
        assert!(began.elapsed() < SOON, "the copy is still known");
    }
}

/// Whether the page says that the phone shows its request by itself.
async fn rings(browser: &mut Browser, wait: &str) -> bool {
    until_code(browser, wait).await.text.contains("Your phone shows the request")
}
