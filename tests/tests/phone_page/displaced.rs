//! Requests that are asked no more while they are shown: the page says so, and what to do.

use iampass_core::machine::{LoginOptions, LoginOutcome};
use tokio::task::JoinHandle;

use crate::{Stage, user};

#[tokio::test]
async fn a_request_that_is_asked_no_more_says_so() {
    let Some(stage) = Stage::set().await else { return };
    let browser = &stage.browser;
    let ann = user("ann");
    stage.register(&ann, "Ann").await;
    let begins = || {
        let login = stage.client.login(&ann, LoginOptions::default()).unwrap();
        let canceller = login.canceller();
        let ends: JoinHandle<LoginOutcome> = tokio::spawn(async move { login.outcome().await.unwrap() });
        (canceller, ends)
    };
    let (older, older_ends) = begins();
    browser.shows("#request-title", "Is this you").await.unwrap();
    let (newer, newer_ends) = begins();
    browser.shows("#request-more", "1 more request").await.unwrap();
    older.cancel();
    assert!(!matches!(older_ends.await.unwrap(), LoginOutcome::Granted(_)));
    browser.shows("#notice", "A newer request took its place").await.unwrap();
    browser.shows("#request-title", "Is this you").await.unwrap();

    newer.cancel();
    assert!(!matches!(newer_ends.await.unwrap(), LoginOutcome::Granted(_)));
    browser.shows("#notice", "No longer asked").await.unwrap();
    browser.shows("#notice", "begin again on the sign-in page").await.unwrap();
    browser.shows("#empty", "Nothing to accept").await.unwrap();
    stage.leave().await;
}
