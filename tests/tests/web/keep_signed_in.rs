//! The choice that a browser stays signed in: what it does to the cookie and to the session, and that nobody makes it for somebody else's login.

use std::time::Duration;

use iampass_core::machine::LoginOptions;
use iampass_core::port::SessionRecord;
use iampass_web::{ConfigError, KeepSignedIn, LoginWebBuilder};

use crate::actix_site::Actix;
use crate::axum_site::Axum;
use crate::browser::{Browser, Page};
use crate::faulty::eventually;
use crate::setting::{Framework, Options, SOON, Setting, User, sealed};

const HOUR: Duration = Duration::from_secs(3_600);
const SESSION: &str = "iampass-session=";

fn offered(builder: LoginWebBuilder<User>) -> LoginWebBuilder<User> {
    builder
        .keep_signed_in(KeepSignedIn::Offered(HOUR))
        .login_options(LoginOptions::default().duration(24 * HOUR))
}

/// Begins a login of anna with these fields.
async fn begin(browser: &mut Browser, fields: &[(&str, &str)]) -> String {
    begin_as(browser, "anna", fields).await
}

async fn begin_as(browser: &mut Browser, name: &str, fields: &[(&str, &str)]) -> String {
    let fields = [&[("login_name", name), ("return_to", "/")], fields].concat();
    let page = browser.post("/auth/login", &fields).await;
    assert_eq!(page.status, 303, "{}", page.text);
    page.location.unwrap()
}

/// For how long the browser is to keep the session's cookie; `None`: until it is closed.
fn kept_for(page: &Page) -> Option<Duration> {
    let mut cookies = page.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let cookie = cookies.find(|cookie| cookie.starts_with(SESSION)).expect("there is no session");
    assert!(!cookie.contains("Expires="), "{cookie}");
    let seconds = cookie.split("; ").find_map(|part| part.strip_prefix("Max-Age="))?;
    Some(Duration::from_secs(seconds.parse().unwrap()))
}

/// How long the session that was begun last takes to end, as the application knows it.
async fn longest(setting: &Setting) -> Duration {
    let token = iampass_core::UserToken::new("token-of-anna").unwrap();
    let newest: SessionRecord = setting.sessions.sessions_of(&token, 1).await.unwrap().remove(0);
    newest.expires_at.since(newest.started_at)
}

/// The session's cookie that a login with these fields leads to, and the longest time of its session.
async fn signed_in(setting: &Setting, fields: &[(&str, &str)]) -> (Browser, Option<Duration>, Duration) {
    let mut browser = setting.browser();
    let wait = begin(&mut browser, fields).await;
    setting.anna.accept_next(SOON).await.unwrap();
    let kept = kept_for(&browser.complete(&wait).await);
    assert!(browser.is_in().await);
    assert_eq!(
        browser.cookies.contains_key("iampass-browser"),
        kept.is_some(),
        "one that forgets is not known"
    );
    let longest = longest(setting).await;
    browser.post("/auth/logout", &[]).await;
    (browser, kept, longest)
}

async fn the_choice_decides_about_cookie_and_session<F: Framework>() {
    for (options, beforehand) in [
        (offered as Options, false),
        (|builder| offered(builder).keep_signed_in(KeepSignedIn::OnByDefault(HOUR)), true),
        (|builder| sealed(offered(builder)), false),
    ] {
        let setting = Setting::with::<F>(1, options).await;
        let page = setting.browser().get("/auth/login").await.text;
        assert!(page.contains("Keep me signed in") && page.contains("after 1 hour at the latest"), "{page}");
        assert_eq!(page.contains("aria-describedby=\"keep_how\" checked"), beforehand, "{page}");
        let (_, kept, longest) = signed_in(&setting, &[("keep", "yes")]).await;
        assert!(kept.unwrap() > 23 * HOUR && longest >= 24 * HOUR, "{kept:?} {longest:?}");
        // Whatever else comes is no choice, also where the page has made it beforehand.
        let others: [&[(&str, &str)]; 4] =
            [&[], &[("keep", "no")], &[("keep", "")], &[("keep", "no"), ("keep", "yes")]];
        for fields in others {
            let (_, kept, longest) = signed_in(&setting, fields).await;
            assert_eq!(kept, None, "{fields:?}");
            assert!(longest >= HOUR && longest < 2 * HOUR, "{fields:?}: {longest:?}");
        }
    }
}

#[tokio::test]
async fn the_choice_decides_about_cookie_and_session_over_axum() {
    the_choice_decides_about_cookie_and_session::<Axum>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_choice_decides_about_cookie_and_session_over_actix() {
    the_choice_decides_about_cookie_and_session::<Actix>().await;
}

/// As it was before there was a choice.
#[tokio::test]
async fn where_there_is_no_choice_none_counts() {
    let setting = Setting::start::<Axum>().await;
    assert!(!setting.browser().get("/auth/login").await.text.contains("Keep me signed in"));
    let choices: [&[(&str, &str)]; 2] = [&[], &[("keep", "yes")]];
    for fields in choices {
        let (_, kept, longest) = signed_in(&setting, fields).await;
        assert!(kept.unwrap() > HOUR / 2 && longest >= HOUR, "{kept:?} {longest:?}");
    }
}

/// It stands in the sealed cookie with which the login began. No address, form or cookie of another login adds it.
#[tokio::test]
async fn the_choice_is_made_once_and_in_the_browser_that_began() {
    let setting = Setting::with::<Axum>(1, offered).await;
    let mut owner = setting.browser();
    let wait = begin(&mut owner, &[]).await;
    setting.anna.accept_next(SOON).await.unwrap();
    // A browser that has begun a login of its own, which is kept, comes to the owner's page.
    let mut other = setting.browser();
    let own = begin_as(&mut other, "bert", &[("keep", "yes")]).await;
    let page = other.get(&format!("{wait}&keep=yes")).await;
    assert!(page.location.is_none() && !other.cookies.contains_key("iampass-session"), "{}", page.text);
    // A copy of the owner's cookie makes no other choice, nor does the owner's own page.
    let mut copy = setting.browser();
    copy.cookies = owner.cookies.clone();
    let page = copy.complete(&format!("{wait}&keep=yes")).await;
    assert_eq!(kept_for(&page), None);
    let page = owner.reload_until(&format!("{wait}&keep=yes"), |page| page.status == 303).await;
    assert_eq!(kept_for(&page), None);
    assert!(owner.is_in().await && longest(&setting).await < 2 * HOUR);
    other.cancel(&own).await;
}

/// The service ends it, whatever a browser does with its cookie.
#[tokio::test]
async fn a_session_that_is_not_kept_ends_at_the_service() {
    let setting = Setting::with::<Axum>(1, |builder| {
        builder.keep_signed_in(KeepSignedIn::Offered(Duration::from_secs(1)))
    })
    .await;
    let (mut kept, mut closed) = (setting.browser(), setting.browser());
    for (browser, fields) in [(&mut kept, &[("keep", "yes")][..]), (&mut closed, &[])] {
        let wait = begin(browser, fields).await;
        setting.anna.accept_next(SOON).await.unwrap();
        browser.reload_until(&wait, |page| !page.text.contains("/auth/login/cancel")).await;
    }
    eventually("it is over", async || !closed.is_in().await).await;
    eventually("the service knows", async || setting.anna.active_sessions().await.unwrap().len() == 1).await;
    assert!(kept.is_in().await);
}

/// The form is shown again with the choice that was made.
#[tokio::test]
async fn the_choice_outlives_a_problem_and_a_denial() {
    let setting = Setting::with::<Axum>(1, offered).await;
    let mut browser = setting.browser();
    for (fields, is_chosen) in
        [(&[("login_name", ""), ("keep", "yes")][..], true), (&[("login_name", "")], false)]
    {
        let page = browser.post("/auth/login", fields).await;
        assert_eq!(page.status, 422);
        assert_eq!(page.text.contains("aria-describedby=\"keep_how\" checked"), is_chosen, "{}", page.text);
    }
    for (fields, is_chosen) in [(&[("keep", "yes")][..], true), (&[], false)] {
        let wait = begin(&mut browser, fields).await;
        setting.anna.deny_next(SOON).await.unwrap();
        let page = browser.reload_until(&wait, |page| page.text.contains("Declined")).await;
        assert_eq!(page.text.contains("name=\"keep\" value=\"yes\""), is_chosen, "{}", page.text);
    }
}

#[tokio::test]
async fn a_session_that_is_not_kept_cannot_last_longer_than_others() {
    let setting = Setting::start::<Axum>().await;
    for lasts in [2 * HOUR, Duration::ZERO, Duration::from_millis(1_500)] {
        let builder = setting.builder("https://app.example").keep_signed_in(KeepSignedIn::Offered(lasts));
        assert_eq!(builder.build().unwrap_err(), ConfigError::KeepSignedIn, "{lasts:?}");
    }
}
