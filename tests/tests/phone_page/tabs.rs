//! Many tabs of one browser with the phone's page: each waits for requests by calls that stay open, and a browser keeps about six connections
//! to a host. So one tab at a time plays the phone (B5).

use std::time::Duration;

use iampass_core::machine::{LoginOptions, LoginOutcome};
use iampass_system_tests::{Browser, Engine, Kind};

use crate::{Stage, user};

/// A page that never loads must not hold the test up.
const LOADED_WITHIN: Duration = Duration::from_secs(60);

/// As older browsers are.
const WITHOUT_LOCKS: &str = "Object.defineProperty(Navigator.prototype, 'locks', { value: undefined });";

async fn eight_tabs(before_pages: &str) {
    let Some(stage) = Stage::set().await else { return };
    let (browser, ann) = (&stage.browser, user("ann"));
    if !before_pages.is_empty() && browser.engine() != Engine::Chromium {
        eprintln!("SKIPPED: only Chromium runs a script before those of a page");
        return;
    }
    prepare(browser, before_pages).await;
    stage.register(&ann, "Ann").await;
    let first = browser.window().await.unwrap();
    for _ in 1..8 {
        let opening = async {
            browser.open_another(Kind::Tab).await.unwrap();
            prepare(browser, before_pages).await;
            browser.open(&format!("{}/phone", stage.service.server_url())).await.unwrap();
            browser.shows("#empty", "Nothing to accept").await.unwrap();
        };
        tokio::time::timeout(LOADED_WITHIN, opening).await.expect("the page does not load");
    }
    let login = stage.begin(&ann, LoginOptions::default());
    browser.shows("#request-user", "Ann").await.unwrap();
    browser.click("#accept").await.unwrap();
    assert!(matches!(login.await.unwrap(), LoginOutcome::Granted(_)));

    // The first one plays the phone again, by itself.
    browser.close_this().await.unwrap();
    browser.show(&first).await.unwrap();
    browser.shows("#empty", "Nothing to accept").await.unwrap();
    let login = stage.begin(&ann, LoginOptions::default());
    browser.shows("#request-user", "Ann").await.unwrap();
    browser.click("#accept").await.unwrap();
    assert!(matches!(login.await.unwrap(), LoginOutcome::Granted(_)));
    stage.leave().await;
}

async fn prepare(browser: &Browser, before_pages: &str) {
    if !before_pages.is_empty() {
        browser.run_before_pages(before_pages).await.unwrap();
    }
}

#[tokio::test]
async fn eight_tabs_with_locks() {
    eight_tabs("").await;
}

#[tokio::test]
async fn eight_tabs_without_locks() {
    eight_tabs(WITHOUT_LOCKS).await;
}
