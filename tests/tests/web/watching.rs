//! Sessions in use: walking away, remote logout, an unreachable service, several nodes.

use crate::axum_site::Axum;
use crate::each_framework;
use crate::setting::{SOON, Setting, sealed};

each_framework!(
    who_walks_away_is_out_until_they_come_back,
    a_remote_logout_is_seen,
    nobody_gets_in_while_the_service_is_away,
    nobody_gets_in_on_an_old_word,
    an_open_page_is_told,
    an_open_page_is_told_whose_login_it_is,
);

async fn who_walks_away_is_out_until_they_come_back(setting: Setting) {
    let mut browser = setting.logged_in().await;
    setting.anna.walk_away().await.unwrap();
    let page = browser.reload_until("/", |page| page.status != 200).await;
    assert_eq!(page.status, 403);
    let page = browser.fetch("/").await;
    assert_eq!((page.status.as_u16(), page.text.contains("away")), (403, true));
    assert!(browser.fetch("/auth/session/state").await.text.contains("away"));
    setting.anna.come_back().await.unwrap();
    browser.reload_until("/", |page| page.status == 200).await;
}

async fn a_remote_logout_is_seen(setting: Setting) {
    let mut browser = setting.logged_in().await;
    setting.anna.log_out().await.unwrap();
    let page = browser.reload_until("/", |page| page.status != 200).await;
    assert_eq!(page.status, 303);
    assert!(browser.fetch("/auth/session/state").await.text.contains("ended"));
}

/// Law 1.
async fn nobody_gets_in_while_the_service_is_away(mut setting: Setting) {
    let mut browser = setting.logged_in().await;
    assert!(browser.is_in().await);
    setting.service.stop().await.unwrap();
    let page = browser.reload_until("/", |page| page.status != 200).await;
    assert_eq!(page.status, 503);
    assert_eq!(browser.get("/fresh").await.status, 503);
    let mut other = setting.browser();
    let wait = other.begin("anna").await;
    let page = other.reload_until(&wait, |page| !page.text.contains("/auth/login/cancel")).await;
    assert!(page.text.contains("Service not reachable"), "{}", page.text);
    setting.service.start_again().await.unwrap();
    browser.reload_until("/", |page| page.status == 200).await;
}

/// Law 1, for a session that nobody has watched for a while.
async fn nobody_gets_in_on_an_old_word(mut setting: Setting) {
    let mut browser = setting.logged_in().await;
    assert!(browser.is_in().await);
    // Longer than it is watched after the last request.
    tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;
    setting.service.stop().await.unwrap();
    assert_eq!(browser.get("/").await.status, 503);
}

/// So a page that was made for one login takes no word about another one for its own.
async fn an_open_page_is_told_whose_login_it_is(setting: Setting) {
    let mut logins = Vec::new();
    for _ in 0..2 {
        let mut browser = setting.logged_in().await;
        let states = [browser.fetch("/auth/session/state").await, browser.fetch("/auth/session/state").await];
        let [login, again] = states.map(|state| {
            let state: serde_json::Value = serde_json::from_str(&state.text).unwrap();
            state["login"].as_str().unwrap().to_owned()
        });
        assert_eq!(login, again);
        let sign = format!("event: alive\ndata: {login}\n\n");
        assert!(browser.first_events("/auth/session/events").await.contains(&sign));
        logins.push(login);
    }
    assert_ne!(logins[0], logins[1]);
    let state = setting.browser().fetch("/auth/session/state").await.text;
    assert_eq!(state, r#"{"state":"ended"}"#);
}

async fn an_open_page_is_told(setting: Setting) {
    let browser = setting.logged_in().await;
    let request = browser.request(reqwest::Method::GET, "/auth/session/events");
    let mut events = request.send().await.unwrap();
    assert_eq!(events.headers()["content-type"], "text/event-stream");
    let mut heard = String::new();
    let mut hear = async |word: &str| {
        let expected = format!("event: {word}\n");
        while !heard.contains(&expected) {
            let chunk = tokio::time::timeout(SOON, events.chunk()).await;
            let chunk = chunk.unwrap_or_else(|_| panic!("{word} is not told; {heard}")).unwrap().unwrap();
            heard.push_str(std::str::from_utf8(&chunk).unwrap());
        }
        heard.clear();
    };
    hear("present").await;
    setting.anna.walk_away().await.unwrap();
    hear("away").await;
    setting.anna.come_back().await.unwrap();
    hear("present").await;
    setting.anna.log_out().await.unwrap();
    hear("ended").await;
}

#[tokio::test]
async fn a_login_begun_on_one_node_is_completed_on_another() {
    let setting = Setting::with::<Axum>(3, |builder| builder).await;
    let mut browser = setting.browser_at(0);
    let wait = browser.begin("anna").await;
    setting.anna.accept_next(SOON).await.unwrap();
    let mut elsewhere = browser.at(&setting.browser_at(1));
    elsewhere.complete(&wait).await;
    assert!(elsewhere.is_in().await);
    let mut third = elsewhere.at(&setting.browser_at(2));
    assert!(third.is_in().await);
    let mut first = browser.at(&setting.browser_at(0));
    assert_eq!(first.get(&wait).await.status, 200, "it is taken up already");
    assert!(!first.is_in().await);

    elsewhere.post("/auth/logout", &[]).await;
    third.reload_until("/", |page| page.status == 303).await;
}

/// It is over whatever the service still says of it: somebody has logged it out, and the service is told sooner or later.
#[tokio::test]
async fn a_session_whose_logout_is_owed_is_over() {
    let setting = Setting::with::<Axum>(2, |builder| builder).await;
    let browser = setting.logged_in().await;
    let user = iampass_core::UserToken::new("token-of-anna").unwrap();
    let [record] = &setting.sessions.sessions_of(&user, 10).await.unwrap()[..] else { panic!("one session") };
    setting.sessions.request_logout(record.session.token()).await.unwrap();
    let mut elsewhere = browser.at(&setting.browser_at(1));
    assert!(!elsewhere.is_in().await);
}

#[tokio::test]
async fn a_sealed_session_is_good_on_every_node_and_over_on_all() {
    let setting = Setting::with::<Axum>(2, sealed).await;
    let mut browser = setting.logged_in().await;
    let mut other = browser.at(&setting.browser_at(1));
    assert!(other.is_in().await);
    browser.post("/auth/logout", &[]).await;
    other.reload_until("/", |page| page.status == 303).await;
}
