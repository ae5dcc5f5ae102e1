//! Handlers that a session alone is not enough for: the phone must have approved the login a short while ago.

use std::time::Duration;

use crate::each_framework;
use crate::faulty::eventually;
use crate::setting::{SOON, Setting};

each_framework!(an_old_approval_has_to_be_given_again);

async fn an_old_approval_has_to_be_given_again(setting: Setting) {
    let mut stranger = setting.browser();
    assert_eq!(stranger.get("/approved").await.status, 303);
    assert_eq!(stranger.fetch("/approved").await.status, 401);

    let mut browser = setting.logged_in().await;
    assert_eq!(browser.get("/approved").await.text, "Hello Anna");
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    assert_eq!(browser.get("/approved").await.text, "Hello Anna", "within five minutes");
    let page = browser.get("/approved-now?a=b").await;
    assert_eq!(page.status, 303);
    assert_eq!(page.location.as_deref(), Some("/auth/login?next=%2Fapproved-now%3Fa%3Db"));
    let page = browser.fetch("/approved-now").await;
    assert_eq!(page.status, 403);
    assert!(page.text.contains("approval_needed"));
    assert!(browser.is_in().await, "the session goes on");

    let wait = browser.begin("anna").await;
    setting.anna.accept_next(SOON).await.unwrap();
    browser.complete(&wait).await;
    assert_eq!(browser.get("/approved").await.text, "Hello Anna");

    // The session of before is ended after the answer.
    eventually("it ends", async || setting.anna.active_sessions().await.unwrap().len() == 1).await;
    setting.anna.walk_away().await.unwrap();
    assert_eq!(browser.get("/approved").await.status, 403, "asked now");
}
