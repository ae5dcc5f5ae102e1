//! Another phone for a lost one: by a recovery code, and by a phone that the user still has. Each way takes its proof, and tells nobody who has a name.

use std::sync::atomic::Ordering;
use std::time::Duration;

use iampass_core::port::UserKey;
use iampass_core::{RegistrationLink, UserToken};
use iampass_testkit::{TestService, VirtualPhone};
use iampass_web::{Limits, LoginWebBuilder, LostPhone, Notice, Rate};

use crate::actix_site::Actix;
use crate::axum_site::Axum;
use crate::browser::{Browser, Page};
use crate::faulty::{Faulty, eventually};
use crate::registering::link_on;
use crate::setting::{Framework, SOON, Setting, User};

fn by_code(builder: LoginWebBuilder<User>) -> LoginWebBuilder<User> {
    builder.lost_phone(LostPhone::RecoveryCode)
}

fn by_phone(builder: LoginWebBuilder<User>) -> LoginWebBuilder<User> {
    builder.lost_phone(LostPhone::OtherPhone)
}

fn by_all(builder: LoginWebBuilder<User>) -> LoginWebBuilder<User> {
    builder.lost_phone([
        LostPhone::RecoveryCode,
        LostPhone::OtherPhone,
        LostPhone::AfterWait(Duration::from_secs(86_400)),
    ])
}

async fn codes_of(phone: &VirtualPhone) -> Vec<String> {
    let made = phone.account().make_recovery_codes().await.unwrap();
    made.recovery_codes.iter().map(|code| code.expose().to_owned()).collect()
}

async fn phones_of(phone: &VirtualPhone) -> usize {
    phone.account().phones().await.unwrap().phones.len()
}

async fn try_code(browser: &mut Browser, name: &str, code: &str) -> Page {
    browser.post("/auth/lost-phone/code", &[("login_name", name), ("recovery_code", code)]).await
}

/// The link of the page that the answer leads to.
async fn link_behind(browser: &mut Browser, answer: &Page) -> RegistrationLink {
    assert_eq!(answer.location.as_deref(), Some("/auth/enrol"), "{} {}", answer.status, answer.text);
    let page = browser.get("/auth/enrol").await;
    assert!(page.text.contains("Add another phone"), "{}", page.text);
    link_on(&page).unwrap()
}

/// With all that it takes: the name, a code, and a new phone. No session.
async fn a_recovery_code_adds_a_phone_once<F: Framework>() {
    let setting = Setting::with::<F>(1, by_code).await;
    let codes = codes_of(&setting.anna).await;
    let mut browser = setting.browser();
    let page = browser.get("/auth/lost-phone").await;
    assert!(page.text.contains("Recovery code") && !page.text.contains("lost-phone/add"), "{}", page.text);

    let answer = try_code(&mut browser, "Anna", &codes[0].replace('-', " ").to_lowercase()).await;
    let link = link_behind(&mut browser, &answer).await;
    assert_eq!(setting.users.notices(), [(UserKey::from(1), Notice::RecoveryCodeUsed)]);
    // Loading it again shows the same one, also while the phone of before is registered.
    assert_eq!(link_on(&browser.get("/auth/enrol").await).unwrap().as_str(), link.as_str());
    let again = try_code(&mut browser, "anna", &codes[0]).await;
    assert_eq!(again.status, 422, "{}", again.text);
    assert!(again.text.contains("Nothing was changed") && !again.text.contains(&codes[0]), "{}", again.text);

    let new = setting.service.register_phone(&link).await.unwrap();
    assert_eq!(phones_of(&setting.anna).await, 2, "the phone of before is told, and can remove it");
    let wait = browser.begin("anna").await;
    new.accept_next(SOON).await.unwrap();
    browser.complete(&wait).await;
    assert!(browser.is_in().await);
    // For a day it changes nothing about the other one, which removes it.
    let of_anna = setting.anna.account().phones().await.unwrap().phones;
    let [old, recovered] = [0, 1].map(|at: usize| of_anna[at].phone_id.clone());
    new.account().remove_phone(&old).await.unwrap_err();
    setting.anna.account().remove_phone(&recovered).await.unwrap();
    assert!(new.pending().await.is_err());
    assert!(!browser.is_in().await, "what it has opened ends with it");
}

/// The next one who uses the browser must not find the link of the user before.
async fn a_logout_leaves_no_link_behind<F: Framework>() {
    let setting = Setting::with::<F>(1, by_code).await;
    let codes = codes_of(&setting.anna).await;
    for (code, path) in [(&codes[0], "/auth/logout"), (&codes[1], "/auth/sessions/end-all")] {
        let mut browser = setting.logged_in().await;
        let answer = try_code(&mut browser, "anna", code).await;
        let link = link_behind(&mut browser, &answer).await;
        assert_eq!(browser.post(path, &[]).await.status, 303, "{path}");
        let page = browser.get("/auth/enrol").await;
        assert!(page.status == 403 && !page.text.contains(link.as_str()), "{path}: {}", page.text);
    }
}

#[tokio::test]
async fn a_logout_leaves_no_link_behind_on_axum() {
    a_logout_leaves_no_link_behind::<Axum>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_leaves_no_link_behind_on_actix() {
    a_logout_leaves_no_link_behind::<Actix>().await;
}

#[tokio::test]
async fn a_recovery_code_adds_a_phone_once_on_axum() {
    a_recovery_code_adds_a_phone_once::<Axum>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_code_adds_a_phone_once_on_actix() {
    a_recovery_code_adds_a_phone_once::<Actix>().await;
}

/// A name that nobody has, one without a phone, one with codes: all answers are alike, and so is a text that is no code at all.
#[tokio::test]
async fn a_wrong_code_does_not_tell_whether_anybody_has_the_name() {
    fn with_tries(builder: LoginWebBuilder<User>) -> LoginWebBuilder<User> {
        let many = Rate { burst: 100, every: Duration::from_secs(1) };
        by_all(builder).limits(Limits::default().recovery_codes(many))
    }
    let setting = Setting::with::<Axum>(1, with_tries).await;
    let codes = codes_of(&setting.anna).await;
    let never_made = "0000-0000-0000-0000-0000-0000-00Q8";
    let mut seen = Vec::new();
    for name in ["anna", "bert", "carl", "x\u{7}x"] {
        for code in [never_made, "x", "482913"] {
            let mut browser = setting.browser();
            let page = try_code(&mut browser, name, code).await;
            assert!(browser.cookies.is_empty(), "{name} {code}");
            seen.push((page.status, page.text.replace(name, "NAME")));
        }
    }
    let nobodys = try_code(&mut setting.browser(), "carl", &codes[0]).await;
    seen.push((nobodys.status, nobodys.text.replace("carl", "NAME")));
    assert!(seen.iter().all(|page| page.0 == 422 && page.1 == seen[0].1), "{seen:#?}");
    for (name, code) in [("", codes[0].as_str()), ("anna", ""), ("", "")] {
        assert_eq!(try_code(&mut setting.browser(), name, code).await.status, 422);
    }
    assert!(setting.users.notices().is_empty());
    assert_eq!(phones_of(&setting.anna).await, 1);
    // Nothing of that keeps the user from using the code.
    assert_eq!(try_code(&mut setting.browser(), "anna", &codes[0]).await.status, 303);
}

/// Tries are counted by address, whatever they come with, and a right code is not taken beyond them.
#[tokio::test]
async fn tries_of_codes_are_bounded_by_address() {
    fn three_tries(builder: LoginWebBuilder<User>) -> LoginWebBuilder<User> {
        let hour = Duration::from_secs(3_600);
        by_code(builder)
            .limits(Limits::default().recovery_codes(Rate { burst: 3, every: hour }))
            .trusted_proxies(1)
    }
    let setting = Setting::with::<Axum>(1, three_tries).await;
    let codes = codes_of(&setting.anna).await;
    let try_from = async |address: &str, code: &str| {
        let mut browser = setting.browser();
        let fields = [("login_name", "anna"), ("recovery_code", code)];
        let form = browser.form("/auth/lost-phone/code", &fields).header("x-forwarded-for", address);
        let origin = setting.origin().to_owned();
        browser.take(form.header("origin", origin).header("sec-fetch-site", "same-origin")).await
    };
    for _ in 0..3 {
        assert_eq!(try_from("198.51.100.1", "x").await.status, 422);
    }
    let page = try_from("198.51.100.1", &codes[0]).await;
    assert_eq!(page.status, 429, "{}", page.text);
    assert!(page.headers.contains_key("retry-after") && page.text.contains("Try again in"), "{}", page.text);
    assert_eq!(try_from("203.0.113.1", &codes[0]).await.status, 303, "another address, and the code is good");
}

/// Neighbours use up the tries of an address that they share. A browser in which the user has signed in has its own, for that user alone.
#[tokio::test]
async fn neighbours_behind_one_address_keep_no_known_browser_out() {
    fn three_tries(builder: LoginWebBuilder<User>) -> LoginWebBuilder<User> {
        let hour = Duration::from_secs(3_600);
        by_code(builder).limits(Limits::default().recovery_codes(Rate { burst: 3, every: hour }))
    }
    let setting = Setting::with::<Axum>(1, three_tries).await;
    let codes = codes_of(&setting.anna).await;
    let (mut known, mut other) = (setting.logged_in().await, setting.logged_in().await);
    let mut neighbour = setting.browser();
    for _ in 0..3 {
        assert_eq!(try_code(&mut neighbour, "bert", "x").await.status, 422);
    }
    assert_eq!(try_code(&mut neighbour, "anna", &codes[0]).await.status, 429);
    // For another user's name it is a browser as any other, and costs no budget of anna's.
    assert_eq!(try_code(&mut known, "bert", "x").await.status, 429);
    assert_eq!(try_code(&mut known, "anna", "x").await.status, 422);
    assert_eq!(try_code(&mut known, "anna", &codes[0]).await.status, 303);
    // A user has three in all of these browsers together.
    assert_eq!(try_code(&mut other, "anna", "x").await.status, 422);
    assert_eq!(try_code(&mut other, "anna", "x").await.status, 429);
    // A cookie that was not sealed here is none.
    neighbour.cookies.insert("iampass-browser".to_owned(), "AAAA".to_owned());
    assert_eq!(try_code(&mut neighbour, "anna", &codes[1]).await.status, 429);
}

/// The user may sign in by the phones that there are, also while the page with the link for another one is open.
#[tokio::test]
async fn a_login_by_another_phone_does_not_use_up_the_page_of_one_that_is_added() {
    let setting = Setting::with::<Axum>(1, by_all).await;
    let codes = codes_of(&setting.anna).await;
    let mut by_a_code = setting.browser();
    let answer = try_code(&mut by_a_code, "anna", &codes[0]).await;
    let link = link_behind(&mut by_a_code, &answer).await;
    let mut by_a_phone = setting.logged_in().await;
    let answer = by_a_phone.post("/auth/lost-phone/add", &[]).await;
    let other_link = link_behind(&mut by_a_phone, &answer).await;
    // To the second: a login of the second in which the ticket was given comes before it.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let mut elsewhere = setting.logged_in().await;
    assert!(elsewhere.is_in().await);
    for (browser, link) in [(&mut by_a_code, &link), (&mut by_a_phone, &other_link)] {
        let page = browser.get("/auth/enrol").await;
        assert_eq!(
            link_on(&page).map(|shown| shown.as_str().to_owned()),
            Some(link.as_str().to_owned()),
            "{}",
            page.text
        );
    }
}

/// The service has used the code up, and the application has heard nothing of it.
#[tokio::test]
async fn a_user_is_told_of_a_code_that_may_have_been_used() {
    let faulty = Faulty::start().await;
    let node = faulty.node_with::<Axum>(|client| client, by_code).await;
    let codes = codes_of(&faulty.anna).await;
    let mut browser = node.browser();
    faulty.way.loses_recovery_links.store(true, Ordering::SeqCst);
    let page = try_code(&mut browser, "anna", &codes[0]).await;
    assert_eq!(page.status, 503, "{}", page.text);
    let told = [(UserKey::from(1), Notice::RecoveryCodePerhapsUsed)];
    eventually("the user is told", async || faulty.users.notices() == told).await;
    assert_eq!(try_code(&mut browser, "nobody", &codes[1]).await.status, 503);
    assert!(faulty.users.notices().is_empty(), "there is nobody to tell");
    faulty.way.loses_recovery_links.store(false, Ordering::SeqCst);
    assert_eq!(try_code(&mut browser, "anna", &codes[0]).await.status, 422, "it was used up");
    assert!(faulty.users.notices().is_empty(), "nothing was done");
}

/// A form of another site, and ways that are off.
#[tokio::test]
async fn nothing_is_done_for_another_site_or_where_it_is_off() {
    let setting = Setting::with::<Axum>(1, by_all).await;
    let codes = codes_of(&setting.anna).await;
    let mut browser = setting.logged_in().await;
    for path in ["/auth/lost-phone/code", "/auth/lost-phone/add"] {
        let form = browser.form(path, &[("login_name", "anna"), ("recovery_code", &codes[0])]);
        let page = browser.take(form.header("origin", "https://evil.example")).await;
        assert_eq!(page.status, 403, "{path}: {}", page.text);
    }
    assert_eq!(try_code(&mut browser, "anna", &codes[0]).await.status, 303, "the code was not used");

    let setting = Setting::with::<Axum>(1, by_code).await;
    let codes = codes_of(&setting.anna).await;
    let mut browser = setting.logged_in().await;
    for path in ["/auth/lost-phone/add", "/auth/lost-phone"] {
        assert_eq!(browser.post(path, &[]).await.status, 404, "{path}");
    }
    let setting = Setting::with::<Axum>(1, by_phone).await;
    assert_eq!(try_code(&mut setting.browser(), "anna", &codes[0]).await.status, 404);
}

/// The new phone waits until the phone that the user has confirms it by the code that the new one shows.
async fn another_phone_confirms_the_new_one<F: Framework>() {
    let setting = Setting::with::<F>(1, by_phone).await;
    let mut stranger = setting.browser();
    let page = stranger.get("/auth/lost-phone").await;
    assert!(page.text.contains("Sign in with the phone that you have"), "{}", page.text);
    let page = stranger.post("/auth/lost-phone/add", &[]).await;
    assert_eq!(page.location.as_deref(), Some("/auth/login?next=%2Fauth%2Flost%2Dphone"));

    let mut browser = setting.logged_in().await;
    assert!(browser.get("/auth/lost-phone").await.text.contains("Add a phone"));
    let answer = browser.post("/auth/lost-phone/add", &[]).await;
    let link = link_behind(&mut browser, &answer).await;
    assert_eq!(setting.users.notices(), [(UserKey::from(1), Notice::PhoneAddingBegun)]);
    let new = setting.service.register_phone(&link).await.unwrap();
    let waiting = new.record().waiting.clone().unwrap();
    assert!(new.pending().await.is_err(), "it is none of the user's phones");
    assert_eq!(phones_of(&setting.anna).await, 1);
    let id = &new.record().device.device_id;
    let wrong = if waiting.code.expose() == "000000" { "111111" } else { "000000" };
    setting.anna.account().confirm_phone(id, &wrong.into()).await.unwrap_err();
    setting.anna.account().confirm_phone(id, &waiting.code).await.unwrap();
    assert_eq!(phones_of(&setting.anna).await, 2);
    let wait = browser.begin("anna").await;
    new.accept_next(SOON).await.unwrap();
    browser.complete(&wait).await;
    assert!(browser.is_in().await);
}

#[tokio::test]
async fn another_phone_confirms_the_new_one_on_axum() {
    another_phone_confirms_the_new_one::<Axum>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_phone_confirms_the_new_one_on_actix() {
    another_phone_confirms_the_new_one::<Actix>().await;
}

/// A session that was stolen some time ago gets not even a link: a phone has to have approved the login a short while ago.
#[tokio::test]
async fn an_old_session_gets_no_link() {
    let patient = TestService::builder().signature_window(Duration::from_secs(3_600));
    let faulty = Faulty::over(patient.start().await.unwrap()).await;
    let node = faulty.node_with::<Axum>(|client| client, by_all).await;
    let mut browser = node.browser();
    faulty.log_in(&mut browser).await;
    faulty.clock.has_slept(Duration::from_secs(700));
    assert!(browser.is_in().await, "the session is good for other things");
    let page = browser.post("/auth/lost-phone/add", &[]).await;
    assert_eq!(page.location.as_deref(), Some("/auth/login?next=%2Fauth%2Flost%2Dphone"));
    assert_eq!(browser.get("/auth/enrol").await.status, 403);
    assert_eq!(faulty.anna.account().phones().await.unwrap().waiting, None);

    faulty.log_in(&mut browser).await;
    assert_eq!(browser.post("/auth/lost-phone/add", &[]).await.location.as_deref(), Some("/auth/enrol"));
}

/// A user with as many phones as you can have, and one whose phone has no key: the page says what to do, and the code is as good as before.
#[tokio::test]
async fn where_no_phone_can_be_added_the_page_says_what_to_do() {
    let setting = Setting::with::<Axum>(1, by_code).await;
    let codes = codes_of(&setting.anna).await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let client = setting.service.client().unwrap();
    let token = UserToken::new("token-of-anna").unwrap();
    for _ in 1..5 {
        let link = client.adding_link(&token, Some("Anna")).await.unwrap();
        let new = setting.service.register_phone(&link).await.unwrap();
        let code = new.record().waiting.clone().unwrap().code;
        setting.anna.account().confirm_phone(&new.record().device.device_id, &code).await.unwrap();
    }
    let mut browser = setting.browser();
    let page = try_code(&mut browser, "anna", &codes[0]).await;
    assert_eq!(page.status, 409, "{}", page.text);
    assert!(page.text.contains("as many phones as you can have"), "{}", page.text);
    let last = setting.anna.account().phones().await.unwrap().phones.pop().unwrap();
    setting.anna.account().remove_phone(&last.phone_id).await.unwrap();
    assert_eq!(try_code(&mut browser, "anna", &codes[0]).await.status, 303);
}
