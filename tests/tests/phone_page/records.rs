//! The things that the page keeps: the device key, and the records of phones that were registered before there was one.

use iampass_core::machine::{LoginOptions, LoginOutcome};
use iampass_system_tests::Engine;
use serde_json::json;

use crate::{Stage, user};

/// A page of before registered by a link without a key, and kept the record as text.
const REGISTER_AS_BEFORE: &str = "
    const [link, done] = arguments;
    const register = async () => {
        const body = JSON.stringify({ notification_token: '*web1', platform: 'web' });
        const headers = { 'Content-Type': 'application/json' };
        const answer = await fetch(link, { method: 'POST', headers, body });
        const record = await answer.json();
        delete record.service.service_urls.bring_request;
        localStorage.setItem('iampass-phone:/', JSON.stringify([record]));
    };
    register().then(() => done('registered'), (error) => done(String(error)));
";

/// The records in `IndexedDB`, with what a script gets of each key.
const KEPT: &str = "
    const [done] = arguments;
    const opened = indexedDB.open('iampass-phone:/');
    opened.onerror = () => done(String(opened.error));
    opened.onsuccess = () => {
        const asked = opened.result.transaction('records').objectStore('records').getAll();
        asked.onsuccess = async () => {
            const kept = [];
            for (const { record, deviceKey } of asked.result) {
                const exported = [];
                for (const format of ['jwk', 'pkcs8']) {
                    exported.push(await crypto.subtle.exportKey(format, deviceKey).then(() => 'exported', (error) => error.name));
                }
                const { type, extractable, usages, algorithm } = deviceKey;
                kept.push({ user: record.user.user_id, type, extractable, usages, curve: algorithm.namedCurve, exported });
            }
            opened.result.close();
            done({ kept, text: localStorage.getItem('iampass-phone:/') });
        };
    };
";

const WITHOUT_INDEXED_DB: &str = "Object.defineProperty(window, 'indexedDB', { value: undefined });";

pub(crate) async fn registered_as_before(stage: &Stage, name: &str) {
    let (browser, link) = (&stage.browser, stage.link(&user(name), name).await);
    browser.open(&format!("{}/phone", stage.service.server_url())).await.unwrap();
    let registered = browser.run(REGISTER_AS_BEFORE, vec![json!(link.as_str())]).await.unwrap();
    assert_eq!(registered, "registered");
}

async fn accepts(stage: &Stage, name: &str) {
    let login = stage.begin(&user(name), LoginOptions::default());
    stage.browser.shows("#request-user", name).await.unwrap();
    stage.browser.click("#accept").await.unwrap();
    assert!(matches!(login.await.unwrap(), LoginOutcome::Granted(_)), "{name}");
}

#[tokio::test]
async fn a_key_that_no_script_can_read_is_kept_with_its_record() {
    let Some(stage) = Stage::set().await else { return };
    let browser = &stage.browser;
    stage.register(&user("ann"), "ann").await;
    let found = browser.run(KEPT, vec![]).await.unwrap();
    let key = json!({
        "user": "ann", "type": "private", "extractable": false, "usages": ["sign"], "curve": "P-256",
        "exported": ["InvalidAccessError", "InvalidAccessError"],
    });
    assert_eq!(found, json!({"kept": [key], "text": null}), "nothing of it lies in localStorage");

    // A new phone of the same user takes the place of the old one, and is found at the next opening.
    stage.register(&user("ann"), "ann").await;
    browser.open(&format!("{}/phone", stage.service.server_url())).await.unwrap();
    browser.shows("#user-list", "ann").await.unwrap();
    assert_eq!(browser.run(KEPT, vec![]).await.unwrap()["kept"], json!([key]));
    accepts(&stage, "ann").await;

    browser.click("[data-part=remove]").await.unwrap();
    browser.click("#remove-now").await.unwrap();
    browser.shows("#notice", "Removed").await.unwrap();
    assert_eq!(browser.run(KEPT, vec![]).await.unwrap()["kept"], json!([]));
    assert!(browser.complaints().await.unwrap().is_empty());
    stage.leave().await;
}

#[tokio::test]
async fn a_phone_of_before_goes_on_beside_new_ones_until_its_user_registers_anew() {
    let Some(stage) = Stage::set().await else { return };
    let browser = &stage.browser;
    registered_as_before(&stage, "old").await;
    browser.open(&format!("{}/phone", stage.service.server_url())).await.unwrap();
    browser.shows("#user-list", "old").await.unwrap();
    accepts(&stage, "old").await;
    stage.register(&user("ann"), "ann").await;
    browser.shows("#user-list", "old").await.unwrap();
    accepts(&stage, "ann").await;
    accepts(&stage, "old").await;

    stage.register(&user("old"), "old").await;
    let found = browser.run(KEPT, vec![]).await.unwrap();
    let mut users: Vec<_> =
        found["kept"].as_array().unwrap().iter().map(|kept| kept["user"].as_str().unwrap()).collect();
    users.sort_unstable();
    assert_eq!((users, &found["text"]), (vec!["ann", "old"], &json!("[]")));
    accepts(&stage, "old").await;
    stage.leave().await;
}

/// The page says so before the link is used up, and the phone works without a key.
#[tokio::test]
async fn a_browser_that_keeps_no_keys_is_told_so_and_registers_all_the_same() {
    let Some(stage) = Stage::set().await else { return };
    let browser = &stage.browser;
    if browser.engine() != Engine::Chromium {
        eprintln!("SKIPPED: only Chromium runs a script before those of a page");
        return;
    }
    browser.run_before_pages(WITHOUT_INDEXED_DB).await.unwrap();
    let link = stage.link(&user("ann"), "ann").await;
    browser.open(link.as_str()).await.unwrap();
    browser.shows("#register-keyless", "This browser keeps no keys.").await.unwrap();
    browser.click("#register-now").await.unwrap();
    browser.shows("#notice", "This phone is registered").await.unwrap();
    browser.open(&format!("{}/phone", stage.service.server_url())).await.unwrap();
    accepts(&stage, "ann").await;
    stage.leave().await;
}

/// Users whose records cannot be read for now are not said to be unregistered.
#[tokio::test]
async fn storage_that_does_not_answer_is_told_and_loses_nobody() {
    let Some(stage) = Stage::set().await else { return };
    let browser = &stage.browser;
    if browser.engine() != Engine::Chromium {
        eprintln!("SKIPPED: only Chromium runs a script before those of a page");
        return;
    }
    registered_as_before(&stage, "old").await;
    stage.register(&user("ann"), "ann").await;
    let phone = format!("{}/phone", stage.service.server_url());
    let broken = "if (location.search === '?broken') IDBFactory.prototype.open = () => { throw new Error('broken'); };";
    browser.run_before_pages(broken).await.unwrap();
    browser.open(&format!("{phone}?broken")).await.unwrap();
    browser.shows("#notice", "Some users cannot be shown").await.unwrap();
    browser.shows("#user-list", "old").await.unwrap();
    browser
        .finds("nobody is told to register", "return document.getElementById('welcome').hidden")
        .await
        .unwrap();
    browser.open(&phone).await.unwrap();
    browser.shows("#user-list", "ann").await.unwrap();
    browser.shows("#user-list", "old").await.unwrap();
    accepts(&stage, "ann").await;
    stage.leave().await;
}

/// Browsers keep `IndexedDB` longer than `localStorage`. A phone of before is copied to it, and is found there.
#[tokio::test]
async fn a_phone_of_before_outlives_what_it_was_kept_in() {
    let Some(stage) = Stage::set().await else { return };
    let browser = &stage.browser;
    registered_as_before(&stage, "old").await;
    let phone = format!("{}/phone", stage.service.server_url());
    browser.open(&phone).await.unwrap();
    browser.shows("#user-list", "old").await.unwrap();
    let forget = "const [done] = arguments; localStorage.removeItem('iampass-phone:/'); done('forgotten');";
    assert_eq!(browser.run(forget, vec![]).await.unwrap(), "forgotten");
    browser.open(&phone).await.unwrap();
    browser.shows("#user-list", "old").await.unwrap();
    accepts(&stage, "old").await;

    browser.click("[data-part=remove]").await.unwrap();
    browser.click("#remove-now").await.unwrap();
    browser.shows("#notice", "Removed").await.unwrap();
    browser.open(&phone).await.unwrap();
    browser.finds("nobody is left", "return !document.getElementById('welcome').hidden").await.unwrap();
    stage.leave().await;
}
