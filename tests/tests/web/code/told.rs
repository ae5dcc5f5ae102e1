//! The truth that a page says to a browser that the user knows: whether the phone rings, and why a login let nobody in.

use std::sync::atomic::Ordering;
use std::time::Duration;

use iampass_web::{Limits, Rate};

use super::{Coded, digits, until_code};
use crate::axum_site::Axum;
use crate::browser::Browser;
use crate::setting::SOON;

const RINGS: &str = "Your phone shows the request";
const IS_SILENT: &str = "Open IAMPASS on your phone";

/// A browser in which anna has signed in, and out again.
async fn known(coded: &Coded) -> Browser {
    let mut browser = coded.browser();
    let wait = browser.begin("anna").await;
    let code = digits(&until_code(&mut browser, &wait).await).unwrap();
    coded.setting.anna.accept_code(&code).await.unwrap();
    browser.complete(&wait).await;
    assert!(browser.is_in().await);
    browser.post("/auth/logout", &[]).await;
    browser
}

async fn is_in_by_the_code(coded: &Coded, browser: &mut Browser, wait: &str) -> bool {
    let code = digits(&until_code(browser, wait).await).unwrap();
    coded.setting.anna.accept_code(&code).await.unwrap();
    browser.complete(wait).await;
    browser.is_in().await
}

#[tokio::test]
async fn not_me_is_told_and_the_phone_is_not_said_to_ring_after_it() {
    let coded = Coded::start(1).await;
    let (mut reported, mut other) = (known(&coded).await, known(&coded).await);
    let wait = reported.begin("anna").await;
    assert!(until_code(&mut reported, &wait).await.text.contains(RINGS));
    let request = coded.setting.anna.next_request(SOON).await.unwrap().unwrap();
    coded.setting.anna.report(&request).await.unwrap();
    let page = reported.reload_until(&wait, |page| page.text.contains("Reported")).await;
    assert!(page.text.contains("somebody else began this sign-in"), "{}", page.text);

    // Both are told to bring the code: the one is not known any more, and the ringing of the other is paused.
    for browser in [&mut reported, &mut other] {
        let wait = browser.begin("anna").await;
        let page = until_code(browser, &wait).await;
        assert!(page.text.contains(IS_SILENT) && !page.text.contains(RINGS), "{}", page.text);
        assert!(coded.setting.anna.pending().await.unwrap().is_empty());
        assert!(is_in_by_the_code(&coded, browser, &wait).await);
        browser.post("/auth/logout", &[]).await;
    }
}

#[tokio::test]
async fn the_third_wrong_code_has_a_page_of_its_own() {
    let coded = Coded::start(1).await;
    let mut owner = known(&coded).await;
    let wait = owner.begin("anna").await;
    let code: u32 = digits(&until_code(&mut owner, &wait).await).unwrap().parse().unwrap();
    let wrong = format!("{:06}", (code + 1) % 1_000_000);
    let request = coded.setting.anna.next_request(SOON).await.unwrap().unwrap();
    for _ in 0..3 {
        assert!(coded.setting.anna.accept_with_code(&request, &wrong).await.is_err());
    }
    let page = owner.reload_until(&wait, |page| page.text.contains("Wrong code")).await;
    assert!(page.text.contains("scan or type the new code"), "{}", page.text);
    let wait = owner.begin("anna").await;
    assert!(is_in_by_the_code(&coded, &mut owner, &wait).await);
}

/// The client asks again a few times, in vain.
#[tokio::test]
async fn a_known_browser_hears_that_there_are_too_many() {
    let coded = Coded::start(1).await;
    let mut owner = known(&coded).await;
    coded.maker.refuses.store(1_000, Ordering::SeqCst);
    let wait = owner.begin("anna").await;
    let page = owner.reload_until(&wait, |page| page.text.contains("Too many sign-ins")).await;
    assert!(page.text.contains("no phone was asked") && digits(&page).is_none(), "{}", page.text);

    let mut stranger = coded.browser();
    let wait = stranger.begin("anna").await;
    let page = stranger.reload_until(&wait, |page| !page.text.contains("/auth/login/cancel")).await;
    assert!(!page.text.contains("Too many sign-ins"), "{}", page.text);
    coded.maker.refuses.store(0, Ordering::SeqCst);
    let wait = owner.begin("anna").await;
    assert!(is_in_by_the_code(&coded, &mut owner, &wait).await);
}

/// Each login leaves a cookie behind that is worth nothing. Somebody who has collected them starts no more often than from one address.
#[tokio::test]
async fn a_cookie_of_before_brings_no_budget() {
    let coded = Coded::with::<Axum>(1, |builder| {
        let few = Rate { burst: 3, every: Duration::from_secs(3_600) };
        builder.limits(Limits::default().per_address(few))
    })
    .await;
    let mut owner = known(&coded).await;
    let outdated = owner.cookies.clone();
    let wait = owner.begin("anna").await;
    assert!(is_in_by_the_code(&coded, &mut owner, &wait).await);
    owner.post("/auth/logout", &[]).await;
    let mut thief = coded.browser();
    thief.cookies = outdated;
    let fields = [("login_name", "anna"), ("return_to", "/")];
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(thief.clone().post("/auth/login", &fields).await.status.as_u16());
    }
    // One start of the address was the owner's first.
    assert_eq!(statuses, [303, 303, 429, 429]);
    assert_eq!(owner.post("/auth/login", &fields).await.status, 303);
}
