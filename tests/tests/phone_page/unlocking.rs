//! Unlocking the phone for a request, with the virtual authenticators of the engines. We wrote neither those nor what the engines make of them.

use iampass_core::Secret;
use iampass_core::machine::{LoginOptions, LoginOutcome};
use iampass_core::wire::AuthenticationMethod;
use iampass_system_tests::{Browser, Engine, Scripts};

use crate::{Stage, user};

fn unlocking() -> LoginOptions {
    LoginOptions::default().methods([AuthenticationMethod::Acceptance, AuthenticationMethod::Device])
}

/// The passkey is made with the first login that asks for it, and the second uses it. A person who is not verified gets nobody in.
async fn registers_and_approves_in(engine: Engine) {
    let Some(browser) = Browser::start_in(engine, "unlocking", Scripts::On).await.unwrap() else { return };
    let stage = Stage::with_browser(browser, |service| service.at_localhost()).await;
    let (browser, ann) = (&stage.browser, user("ann"));
    stage.register(&ann, "Ann").await;
    let authenticator = browser.add_authenticator().await.unwrap();

    let login = stage.begin(&ann, unlocking());
    browser.shows("#request-title", "Is this you").await.unwrap();
    browser.shows("#request-note", "You will also be asked to unlock this phone.").await.unwrap();
    browser.click("#accept").await.unwrap();
    browser.shows("#request-title", "Unlock this phone").await.unwrap();
    browser.shows("#accept", "Unlock").await.unwrap();
    browser.click("#accept").await.unwrap();
    browser.shows("#request-note", "Tap Unlock once more").await.unwrap();
    browser.click("#accept").await.unwrap();
    let LoginOutcome::Granted(granted) = login.await.unwrap() else { panic!("not granted in {engine:?}") };
    assert!(granted.assurance.is_some_and(|assurance| assurance.unlocked), "{engine:?}");
    browser.shows("#notice", "Accepted").await.unwrap();

    let login = stage.begin(&ann, unlocking());
    browser.shows("#request-title", "Is this you").await.unwrap();
    browser.click("#accept").await.unwrap();
    browser.shows("#request-title", "Unlock this phone").await.unwrap();
    browser.click("#accept").await.unwrap();
    assert!(matches!(login.await.unwrap(), LoginOutcome::Granted(_)), "{engine:?}");

    browser.verify_person(&authenticator, false).await.unwrap();
    let login = stage.begin(&ann, unlocking());
    browser.shows("#request-title", "Is this you").await.unwrap();
    browser.click("#accept").await.unwrap();
    browser.shows("#request-title", "Unlock this phone").await.unwrap();
    browser.click("#accept").await.unwrap();
    browser.shows("#request-failure", "This phone was not unlocked").await.unwrap();
    assert!(!login.is_finished(), "{engine:?}");
    browser.click("#deny").await.unwrap();
    assert!(matches!(login.await.unwrap(), LoginOutcome::Denied(_)), "{engine:?}");
    stage.leave().await;
}

#[tokio::test]
async fn chromium_registers_and_approves() {
    registers_and_approves_in(Engine::Chromium).await;
}

#[tokio::test]
async fn firefox_registers_and_approves() {
    registers_and_approves_in(Engine::Firefox).await;
}

/// Two browsers on one device have one authenticator. It makes no second passkey for a user, and the page of the second browser says what to do.
#[tokio::test]
async fn a_device_with_a_passkey_of_another_phone_of_the_user_is_told_what_to_do() {
    let started = Browser::start_in(Engine::Chromium, "two on one device", Scripts::On).await.unwrap();
    let Some(browser) = started else { return };
    let stage = Stage::with_browser(browser, |service| service.at_localhost()).await;
    let (browser, ann) = (&stage.browser, user("ann"));
    let phone = stage.service.register_phone(&stage.link(&ann, "Ann").await).await.unwrap();
    browser.add_authenticator().await.unwrap();
    let becomes_a_phone = async || {
        let link = phone.account().add_phone().await.unwrap();
        browser.open(link.register_url.expose()).await.unwrap();
        browser.click("#register-now").await.unwrap();
        browser.shows("#waiting-title", "Confirm this phone").await.unwrap();
        let code = "arguments[0](document.getElementById('waiting-code').textContent.replaceAll(' ', ''))";
        let code = browser.run(code, vec![]).await.unwrap().as_str().unwrap().to_owned();
        let id = phone.account().phones().await.unwrap().waiting.unwrap().phone_id;
        phone.account().confirm_phone(&id, &Secret::new(code)).await.unwrap();
        browser.shows("#notice", "This phone is registered").await.unwrap();
        id
    };
    let accepts_and_unlocks = async || {
        browser.shows("#request-title", "Is this you").await.unwrap();
        browser.click("#accept").await.unwrap();
        browser.shows("#request-title", "Unlock this phone").await.unwrap();
        browser.click("#accept").await.unwrap();
    };
    let first = becomes_a_phone().await;
    let login = stage.begin(&ann, unlocking());
    accepts_and_unlocks().await;
    browser.shows("#request-note", "Tap Unlock once more").await.unwrap();
    browser.click("#accept").await.unwrap();
    assert!(matches!(login.await.unwrap(), LoginOutcome::Granted(_)));

    browser.open("about:blank").await.unwrap();
    browser.forget(stage.service.server_url()).await.unwrap();
    becomes_a_phone().await;
    let login = stage.begin(&ann, unlocking());
    accepts_and_unlocks().await;
    // It was let in beside a phone that proves unlocking.
    browser.shows("#request-failure", "added less than a day ago").await.unwrap();
    let database = rusqlite::Connection::open(stage.service.data_file()).unwrap();
    database.execute("UPDATE devices SET on_trial_since = 1 WHERE on_trial_since IS NOT NULL", []).unwrap();
    browser.click("#accept").await.unwrap();
    browser.shows("#request-failure", "Another browser or app on this device").await.unwrap();
    browser.shows("#request-failure", "Answer the request there").await.unwrap();
    assert!(!login.is_finished());

    // Once the other one is removed, the same device makes a passkey for this one.
    phone.account().remove_phone(&first).await.unwrap();
    browser.click("#accept").await.unwrap();
    browser.shows("#request-note", "Tap Unlock once more").await.unwrap();
    browser.click("#accept").await.unwrap();
    assert!(matches!(login.await.unwrap(), LoginOutcome::Granted(_)));
    stage.leave().await;
}

/// A browser without WebAuthn says so, and the person can only deny.
#[tokio::test]
async fn a_browser_without_webauthn_says_what_to_do() {
    let Some(browser) = Browser::start().await.unwrap() else { return };
    let stage = Stage::with_browser(browser, |service| service.at_localhost()).await;
    let (browser, ann) = (&stage.browser, user("ann"));
    stage.register(&ann, "Ann").await;
    browser.run("arguments[arguments.length - 1](delete window.PublicKeyCredential)", vec![]).await.unwrap();
    let login = stage.begin(&ann, unlocking());
    browser.shows("#request-note", "register this phone in another browser").await.unwrap();
    browser.click("#deny").await.unwrap();
    assert!(matches!(login.await.unwrap(), LoginOutcome::Denied(_)));
    stage.leave().await;
}
