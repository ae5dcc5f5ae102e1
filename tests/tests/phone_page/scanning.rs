//! The page's own scanner, before a camera that sees a film of a QR code.

use iampass_system_tests::{film, film_from};

use crate::asking::From;
use crate::{Stage, user};

/// Keeps all streams of the camera, to see whether they have ended.
const WATCH_CAMERA: &str = "
    window.tracks = [];
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {
        const stream = await ask(wanted);
        window.tracks.push(...stream.getTracks());
        return stream;
    };
";
const CAMERA_IS_ON: &str = "return window.tracks.some(({ readyState }) => readyState === 'live')";
const CAMERA_IS_OFF: &str = "return window.tracks.every(({ readyState }) => readyState === 'ended')";

#[tokio::test]
async fn a_scanned_code_brings_the_request_and_the_camera_is_let_go() {
    let folder = tempfile::tempdir().unwrap();
    let seen = folder.path().join("camera.y4m");
    film(&seen, "https://elsewhere.example/phone#scan=AAAAAAAAAAAAAAAAAAAAAA").unwrap();
    let Some(stage) = Stage::before_camera(&seen).await else { return };
    let (browser, ann) = (&stage.browser, user("ann"));
    browser.run_before_pages(WATCH_CAMERA).await.unwrap();
    stage.register(&ann, "Ann").await;

    // A code of another service is none, and it is told so.
    browser.click("#bring-scan").await.unwrap();
    browser.shows("#scanner-text", "not of a sign-in page").await.unwrap();
    browser.picture("another service").await.unwrap();
    browser.finds("the camera is on", CAMERA_IS_ON).await.unwrap();
    browser.click("#scanner-stop").await.unwrap();
    browser.finds("the camera is off", CAMERA_IS_OFF).await.unwrap();

    // A hidden page lets the camera go.
    browser.click("#bring-scan").await.unwrap();
    browser.finds("the camera is on", CAMERA_IS_ON).await.unwrap();
    let hide = "Object.defineProperty(document, 'hidden', { value: arguments[0], configurable: true });
                document.dispatchEvent(new Event('visibilitychange')); arguments[1](null)";
    browser.run(hide, vec![true.into()]).await.unwrap();
    browser.finds("the camera is off", CAMERA_IS_OFF).await.unwrap();
    browser.run(hide, vec![false.into()]).await.unwrap();

    let asked = stage.ask(&ann, From::Stranger).await;
    film(&seen, &asked.scan_url).unwrap();
    browser.click("#bring-scan").await.unwrap();
    browser.shows("#code-done", "The code was scanned.").await.unwrap();
    browser.finds("the camera is off", CAMERA_IS_OFF).await.unwrap();
    browser.click("#accept").await.unwrap();
    browser.shows("#notice", "Accepted").await.unwrap();
    stage.comes_to(&asked, "active").await;

    // The same beside a request that rings.
    let asked = stage.ask(&ann, From::KnownBrowser).await;
    film(&seen, &asked.scan_url).unwrap();
    browser.click("#code-scan").await.unwrap();
    browser.shows("#code-done", "The code was scanned.").await.unwrap();
    browser.click("#accept").await.unwrap();
    browser.shows("#notice", "Accepted").await.unwrap();
    stage.comes_to(&asked, "active").await;
    assert!(browser.complaints().await.unwrap().is_empty(), "the policy lets the worker work");
    stage.leave().await;
}

/// Three pixels a module. Most looks are at half of that.
#[tokio::test]
async fn a_code_that_is_far_away_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let seen = folder.path().join("camera.y4m");
    film(&seen, "").unwrap();
    let Some(stage) = Stage::before_camera(&seen).await else { return };
    let (browser, ann) = (&stage.browser, user("ann"));
    stage.register(&ann, "Ann").await;
    let asked = stage.ask(&ann, From::Stranger).await;
    film_from(&seen, &asked.scan_url, 30).unwrap();
    browser.click("#bring-scan").await.unwrap();
    browser.shows("#code-done", "The code was scanned.").await.unwrap();
    stage.leave().await;
}

#[tokio::test]
async fn without_a_camera_the_page_says_so_and_the_digits_stay() {
    let Some(stage) = Stage::set().await else { return };
    let (browser, ann) = (&stage.browser, user("ann"));
    stage.register(&ann, "Ann").await;
    let asked = stage.ask(&ann, From::KnownBrowser).await;
    browser.click("#code-scan").await.unwrap();
    browser.shows("#scanner-text", "Type the six digits instead.").await.unwrap();
    browser.click("#scanner-stop").await.unwrap();
    browser.fill("#code", &asked.code).await.unwrap();
    browser.click("#accept").await.unwrap();
    browser.shows("#notice", "Accepted").await.unwrap();
    stage.leave().await;
}
