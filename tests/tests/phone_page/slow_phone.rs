//! The page on a slow phone. The bounds here are wide, for a machine that is busy: the figures stand in `docs/performance.md`.

use std::time::Duration;

use iampass_core::machine::LoginOptions;
use iampass_system_tests::{Browser, Engine, Scripts, film, slow_phone};

use crate::{Stage, user};

/// Wide, for a busy machine: it is to be a second on one that does nothing else.
const MOST_UNTIL_SHOWN: Duration = Duration::from_secs(8);
/// Likewise: it is to be five.
const FEWEST_LOOKS: f64 = 1.0;

#[tokio::test]
async fn a_question_is_shown_soon_after_the_page_is_opened() {
    let started = Browser::start_in(Engine::Chromium, "slow-phone", Scripts::On).await.unwrap();
    let Some(browser) = started else { return };
    let stage = Stage::with_browser(browser, |service| service).await;
    let (browser, ann) = (&stage.browser, user("ann"));
    stage.register(&ann, "Ann").await;
    let page = browser.address().await.unwrap();
    let slower = slow_phone::slow_down(browser).await.unwrap();
    assert!(slower > slow_phone::SLOWER / 3.0, "the page is slowed down: {slower:.1}");
    slow_phone::watch_question(browser).await.unwrap();
    let _login = stage.begin(&ann, LoginOptions::default());
    let mut times = Vec::new();
    for _ in 0..5 {
        times.push(slow_phone::question_after_opening(browser, &page).await.unwrap());
    }
    times.sort_unstable();
    println!("question on screen on a phone slower by {slower:.1}: {times:?} after the page was opened");
    browser.shows("#request-user", "Ann").await.unwrap();
    assert!(times[2] < MOST_UNTIL_SHOWN, "{times:?}");
    stage.leave().await;
}

#[tokio::test]
async fn the_scanner_looks_at_several_pictures_a_second() {
    let folder = tempfile::tempdir().unwrap();
    let seen = folder.path().join("camera.y4m");
    // A code that the page cannot use: it goes on looking.
    film(&seen, "https://elsewhere.example/phone#scan=AAAAAAAAAAAAAAAAAAAAAA").unwrap();
    let Some(stage) = Stage::before_camera(&seen).await else { return };
    let (browser, ann) = (&stage.browser, user("ann"));
    slow_phone::scan_on_one_thread(browser).await.unwrap();
    stage.register(&ann, "Ann").await;
    let slower = slow_phone::slow_down(browser).await.unwrap();
    browser.click("#bring-scan").await.unwrap();
    browser.shows("#scanner-text", "not of a sign-in page").await.unwrap();
    let looks = slow_phone::looks_a_second(browser, 20).await.unwrap();
    println!(
        "scanner on a phone slower by {slower:.1}: {looks:.1} pictures of 640 × 480 a second, all on one thread"
    );
    assert!(looks > FEWEST_LOOKS, "{looks:.1} a second");
    stage.leave().await;
}
