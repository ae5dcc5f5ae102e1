//! The page as an app: it registers without being left, and says so itself when there is no connection.

use iampass_core::machine::{LoginOptions, LoginOutcome};
use iampass_system_tests::Engine;
use serde_json::json;

use crate::{Stage, user};

const PASTE: &str = "
    const [link, done] = arguments;
    document.getElementById('add').open = true;
    document.getElementById('link').value = link;
    document.getElementById('link-form').requestSubmit();
    done('pasted');
";

const WORKS: &str = "
    const [done] = arguments;
    navigator.serviceWorker.ready.then(({ scope, active }) => done([new URL(scope).pathname, new URL(active.scriptURL).pathname]));
";

/// An app that is installed would open another page somewhere else, with other storage.
#[tokio::test]
async fn a_pasted_link_registers_in_the_page_that_is_open() {
    let Some(stage) = Stage::set().await else { return };
    let browser = &stage.browser;
    let phone = format!("{}/phone", stage.service.server_url());
    browser.open(&phone).await.unwrap();
    for name in ["ann", "bob"] {
        let link = stage.link(&user(name), name).await;
        assert_eq!(browser.run(PASTE, vec![json!(link.as_str())]).await.unwrap(), "pasted");
        browser.click("#register-now").await.unwrap();
        browser.shows("#notice", "This phone is registered").await.unwrap();
        assert_eq!(browser.address().await.unwrap(), phone);
        let login = stage.begin(&user(name), LoginOptions::default());
        browser.shows("#request-user", name).await.unwrap();
        browser.click("#accept").await.unwrap();
        assert!(matches!(login.await.unwrap(), LoginOutcome::Granted(_)));
    }
    // A link that was used already is told of, and the phone goes on.
    let used = stage.link(&user("cid"), "cid").await;
    stage.link(&user("cid"), "cid").await;
    browser.run(PASTE, vec![json!(used.as_str())]).await.unwrap();
    browser.click("#register-now").await.unwrap();
    browser.shows("#register-failure", "It was used already").await.unwrap();
    browser.click("#register-later").await.unwrap();
    browser.shows("#user-list", "bob").await.unwrap();
    assert!(browser.complaints().await.unwrap().is_empty());
    stage.leave().await;
}

#[tokio::test]
async fn without_a_connection_the_page_says_so_itself() {
    let Some(stage) = Stage::set().await else { return };
    let Stage { service, browser, .. } = stage;
    if browser.engine() == Engine::WebKit {
        eprintln!("SKIPPED: the driver of WebKitGTK takes an answer without a server for an error");
        return;
    }
    let phone = format!("{}/phone", service.server_url());
    browser.open(&phone).await.unwrap();
    assert_eq!(browser.run(WORKS, vec![]).await.unwrap(), json!(["/phone", "/phone-worker.js"]));
    service.shutdown().await.unwrap();
    browser.open(&phone).await.unwrap();
    browser.shows("h1", "No connection").await.unwrap();
    browser.close().await;
}
