//! The page's sensor: it says near or away of the place where a session was accepted, and the place itself stays in the browser.

use std::time::Duration;

use iampass_core::machine::{LoginOptions, LoginOutcome, WatchEvent, WatchOptions};
use iampass_core::wire::SessionStatus;
use serde_json::json;

use crate::{Stage, user};

/// All that the page sends is kept, a JWS as what is signed.
const LISTEN: &str = "
    window.sent = [];
    const said = (body) => {
        const { change, answer } = JSON.parse(body);
        const jws = change ?? answer;
        return jws ? atob(jws.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')) : body;
    };
    const fetchIt = window.fetch;
    window.fetch = (url, options) => {
        if (options?.method === 'POST') window.sent.push(url + ' ' + said(options.body || '{}'));
        return fetchIt(url, options);
    };
    arguments[0](null);
";

/// Berlin, and 80 m and 2 km north of there.
const HERE: (f64, f64) = (52.520_01, 13.404_95);
const IN_THE_HOUSE: (f64, f64) = (52.520_73, 13.404_95);
const AWAY: (f64, f64) = (52.538, 13.404_95);

async fn with_position() -> Option<Stage> {
    let stage = Stage::with(|service| service.walkaway()).await?;
    if stage.browser.engine() != iampass_system_tests::Engine::Chromium {
        eprintln!("SKIPPED: only Chromium takes a place from a test");
        stage.leave().await;
        return None;
    }
    stage.browser.allow_position(stage.service.server_url()).await.unwrap();
    stage.browser.move_to(HERE.0, HERE.1).await.unwrap();
    Some(stage)
}

async fn open_settings(stage: &Stage) {
    stage
        .browser
        .run("document.getElementById('settings').open = true; arguments[0](null)", vec![])
        .await
        .unwrap();
}

#[tokio::test]
async fn a_session_follows_the_place_where_it_was_accepted_and_the_place_is_not_sent() {
    let Some(stage) = with_position().await else { return };
    let (browser, ann) = (&stage.browser, user("ann"));
    stage.register(&ann, "Ann").await;
    open_settings(&stage).await;
    // It is offered where an application wants to know it.
    browser.shows("#set-position-part", "Lock my sessions when I leave").await.unwrap();
    browser.click("#set-position").await.unwrap();
    browser.shows("#set-position-text", "a closed or sleeping page says nothing").await.unwrap();
    browser.picture("switched on").await.unwrap();
    browser.run(LISTEN, vec![]).await.unwrap();

    let login = stage.begin(&ann, LoginOptions::default());
    browser.shows("#request", "Corner Shop").await.unwrap();
    browser.click("#accept").await.unwrap();
    let LoginOutcome::Granted(granted) = login.await.unwrap() else { panic!("not granted") };
    browser
        .finds("near is said", "return window.sent.some((body) => body.includes('\"near\"'))")
        .await
        .unwrap();
    browser.shows("#user-list", "Active").await.unwrap();

    let mut watch =
        stage.client.watch(&granted, WatchOptions::default().freshness(Duration::from_millis(500)));
    browser.move_to(AWAY.0, AWAY.1).await.unwrap();
    assert!(matches!(watch.next().await.unwrap(), Some(WatchEvent::Away)));
    browser.shows("#away", "You are away").await.unwrap();
    browser.move_to(IN_THE_HOUSE.0, IN_THE_HOUSE.1).await.unwrap();
    assert!(matches!(watch.next().await.unwrap(), Some(WatchEvent::Present)));
    browser.shows("#user-list", "Active").await.unwrap();

    // Nothing that was sent tells where.
    let sent = browser.run("arguments[0](window.sent)", vec![]).await.unwrap().to_string();
    for part in ["52.5", "13.4", "latitude", "accuracy", "coords"] {
        assert!(!sent.contains(part), "{part} in {sent}");
    }
    assert!(sent.contains("presence"), "{sent}");
    let places = "return Object.keys(localStorage).some((key) => key.endsWith(':places'))";
    browser.finds("the place is remembered here", places).await.unwrap();

    // Switched off, it says nothing more, and forgets where it was. The promise that is left passes by itself.
    open_settings(&stage).await;
    browser.click("#set-position").await.unwrap();
    browser.finds("the place is forgotten", &format!("return !(() => {{ {places} }})()")).await.unwrap();
    browser.run("window.sent = []; arguments[0](null)", vec![]).await.unwrap();
    browser.move_to(AWAY.0, AWAY.1).await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(browser.run("arguments[0](window.sent)", vec![]).await.unwrap(), json!([]));
    assert_eq!(stage.client.status(&granted.session).await.unwrap(), SessionStatus::Active);
    stage.leave().await;
}

/// A tap is stronger than the sensor: what the person has locked is opened by the person.
#[tokio::test]
async fn a_session_that_was_locked_by_a_tap_stays_locked_at_the_place() {
    let Some(stage) = with_position().await else { return };
    let (browser, ann) = (&stage.browser, user("ann"));
    stage.register(&ann, "Ann").await;
    open_settings(&stage).await;
    browser.click("#set-position").await.unwrap();
    let login = stage.begin(&ann, LoginOptions::default());
    browser.shows("#request", "Corner Shop").await.unwrap();
    browser.click("#accept").await.unwrap();
    let LoginOutcome::Granted(granted) = login.await.unwrap() else { panic!("not granted") };
    browser.shows("#user-list", "Active").await.unwrap();
    browser.click("[data-part=walk-away]").await.unwrap();
    browser.shows("#away", "You are away").await.unwrap();
    browser.run(LISTEN, vec![]).await.unwrap();
    browser.move_to(AWAY.0, AWAY.1).await.unwrap();
    let says = |word: &str| format!("return window.sent.some((body) => body.includes('\"{word}\"'))");
    browser.finds("away is said", &says("away")).await.unwrap();
    browser.move_to(IN_THE_HOUSE.0, IN_THE_HOUSE.1).await.unwrap();
    browser.finds("near is said", &says("near")).await.unwrap();
    assert_eq!(stage.client.status(&granted.session).await.unwrap(), SessionStatus::Walkaway);
    browser.click("#come-back-all").await.unwrap();
    browser.shows("#user-list", "Active").await.unwrap();
    stage.leave().await;
}

/// It is offered only where an application wants to know it.
#[tokio::test]
async fn it_is_not_offered_where_no_application_wants_to_know_it() {
    let Some(stage) = Stage::set().await else { return };
    stage.register(&user("ann"), "Ann").await;
    open_settings(&stage).await;
    stage.browser.shows("#settings", "Sound while this page is open").await.unwrap();
    stage
        .browser
        .finds("it is hidden", "return document.getElementById('set-position-part').hidden")
        .await
        .unwrap();
    stage.leave().await;
}
