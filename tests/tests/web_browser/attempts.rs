//! Attempts of others, and where the application's pages must not lead or be left open.

use crate::each_framework;
use crate::other_site::OtherSite;
use crate::setting::{SOON, Setting};
use crate::visitor::{Visitor, two_visitors};

each_framework!(what_others_try_comes_to_nothing);

async fn what_others_try_comes_to_nothing(setting: Setting) {
    let Some((anna, other)) = two_visitors(&setting, ["anna", "other"]).await else { return };
    the_later_one_is_asked(&setting, &anna, &other).await;
    half_of_a_login_is_worth_nothing(&anna, &other).await;
    the_one_that_was_asked_is_in(&setting, &anna, &other).await;
    forms_of_another_site_do_nothing(&setting, &anna).await;
    after_the_logout_the_back_button_shows_nothing(&anna).await;
    a_login_leads_to_no_other_site(&setting, &anna).await;
    anna.leave().await;
    other.leave().await;
}

/// Of two who begin, the later one has the phone asked, and both pages say so; nothing of it helps the other browser.
pub(crate) async fn the_later_one_is_asked(setting: &Setting, anna: &Visitor, other: &Visitor) {
    anna.open("/auth/login?next=/page").await;
    other.open("/auth/login?next=/page").await;
    other.begin("ANNA").await;
    anna.send_name("anna").await;
    other.shows("h1", "Begun in another browser").await;
    other.step("told that another one has begun").await;
    anna.shows("main", "its request was taken back").await;
    anna.shows("h1", "Check your phone").await;
    anna.step("told that another one had begun").await;
    assert_eq!(setting.anna.pending().await.unwrap().len(), 1);
}

async fn half_of_a_login_is_worth_nothing(anna: &Visitor, other: &Visitor) {
    // With the address alone.
    let wait = anna.browser.address().await.unwrap();
    other.browser.open(&wait).await.unwrap();
    other.comes_to("/auth/login").await;
    // With the cookie alone.
    anna.browser.copy_cookie("iampass-login", &other.browser).await.unwrap();
    other.open("/auth/login/wait").await;
    other.comes_to("/auth/login").await;
    for guess in ["?proof=", "?proof=0123456789abcdef0123456789abcdef"] {
        other.open(&format!("/auth/login/wait{guess}")).await;
        other.shows("h1", "Begun anew").await;
    }
    other.step("told nothing with a stolen cookie").await;
}

pub(crate) async fn the_one_that_was_asked_is_in(setting: &Setting, anna: &Visitor, other: &Visitor) {
    setting.anna.accept_next(SOON).await.unwrap();
    anna.is_greeted("Anna").await;
    anna.step("signed in").await;
    other.open("/auth/login/wait").await;
    other.is_out().await;
    other.step("not signed in").await;
    assert_eq!(setting.anna.active_sessions().await.unwrap().len(), 1);
}

async fn forms_of_another_site_do_nothing(setting: &Setting, anna: &Visitor) {
    let site = OtherSite::start(setting.origin()).await;
    for address in [site.on_the_same_host(), site.on_another_host()] {
        anna.browser.open(&address).await.unwrap();
        // So what no page of ours does would be heard of.
        let complaints = anna.browser.complaints().await.unwrap();
        assert!(
            complaints.iter().any(|complaint| complaint.contains("Content Security Policy")),
            "{complaints:?}"
        );
        anna.click("#log-out button").await;
        anna.shows("h1", "Nothing was done").await;
        anna.step("a logout of another site").await;
        anna.open("/page").await;
        anna.is_greeted("Anna").await;

        anna.browser.open(&address).await.unwrap();
        let _ = anna.browser.complaints().await.unwrap();
        anna.click("#log-in button").await;
        anna.shows("[role=alert]", "begun on another site").await;
        anna.step("a login of another site").await;
        assert!(setting.anna.pending().await.unwrap().is_empty(), "the phone is asked for another site");
        anna.open("/page").await;
        anna.is_greeted("Anna").await;
    }
    assert_eq!(setting.anna.active_sessions().await.unwrap().len(), 1);
}

async fn after_the_logout_the_back_button_shows_nothing(anna: &Visitor) {
    anna.open("/page").await;
    anna.is_greeted("Anna").await;
    anna.click("#log-out").await;
    anna.comes_to("/auth/login?next=%2F").await;
    anna.browser.go_back().await.unwrap();
    anna.browser.finds("the page is gone or covered", NOTHING_IS_SEEN).await.unwrap();
    anna.comes_to("/auth/login?next=%2Fpage").await;
    assert!(!anna.browser.has("#greeting").await.unwrap());
    anna.step("the back button after the logout").await;
}

const NOTHING_IS_SEEN: &str = "
    return document.querySelector('#greeting') === null || document.querySelector('iampass-cover') !== null;
";

async fn a_login_leads_to_no_other_site(setting: &Setting, anna: &Visitor) {
    let site = OtherSite::start(setting.origin()).await;
    let elsewhere = site.on_another_host().replace("http:", "");
    for place in [elsewhere.clone(), elsewhere.replace("//", "/%5C"), elsewhere.replace("//", "/%09/")] {
        anna.open(&format!("/auth/login?next={place}")).await;
        let kept = anna.browser.attribute("[name=return_to]", "value").await.unwrap();
        assert_eq!(kept.as_deref(), Some("/"), "{place}");
    }
    // A page that somebody changed, as an extension can.
    let change =
        format!("document.querySelector('[name=return_to]').value = '{elsewhere}'; arguments[0](null);");
    anna.browser.run(&change, Vec::new()).await.unwrap();
    anna.begin("anna").await;
    setting.anna.accept_next(SOON).await.unwrap();
    anna.comes_to("/").await;
    anna.shows("body", "Hello Anna").await;
    anna.step("signed in on the front page").await;
}
