//! Streams that last longer than a request: those of the application end with the presence of their user (A11), those of pages are
//! counted, and those of the service are given back (B4).

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::axum_site::Axum;
use crate::browser::Browser;
use crate::each_framework;
use crate::faulty::{Faulty, eventually};
use crate::setting::{SOON, Setting};

each_framework!(
    a_stream_ends_with_a_logout,
    a_stream_ends_with_a_logout_on_the_phone,
    a_stream_ends_when_its_user_walks_away,
    a_download_that_is_cut_does_not_look_whole,
    changes_of_presence_are_told,
);

/// A stream that has begun.
struct Running(reqwest::Response);

impl Running {
    async fn open(browser: &Browser, path: &str) -> Self {
        // Without the time limit that other requests have.
        let request = browser.request(reqwest::Method::GET, path).timeout(SOON * 4);
        let mut running = Self(request.send().await.unwrap());
        assert_eq!(running.0.status(), 200);
        running.hear().await.expect("it has begun");
        running
    }

    async fn hear(&mut self) -> Option<String> {
        let piece = tokio::time::timeout(SOON, self.0.chunk()).await.expect("it says nothing").unwrap();
        piece.map(|piece| String::from_utf8(piece.to_vec()).unwrap())
    }

    /// Its text until it ends.
    async fn rest(mut self) -> String {
        let mut heard = String::new();
        let rest = async {
            while let Some(piece) = self.0.chunk().await.unwrap() {
                heard.push_str(std::str::from_utf8(&piece).unwrap());
            }
        };
        tokio::time::timeout(SOON, rest).await.expect("it does not end");
        heard
    }
}

async fn a_stream_ends_with_a_logout(setting: Setting) {
    let mut browser = setting.logged_in().await;
    let ticks = Running::open(&browser, "/ticks").await;
    browser.post("/auth/logout", &[]).await;
    ticks.rest().await;
}

async fn a_stream_ends_with_a_logout_on_the_phone(setting: Setting) {
    let browser = setting.logged_in().await;
    let mut ticks = Running::open(&browser, "/ticks").await;
    // It lasts longer than the service's answer holds, and than a session is watched for the last request.
    let began = std::time::Instant::now();
    while began.elapsed() < Duration::from_secs(3) {
        ticks.hear().await.expect("it goes on while the user is there");
    }
    setting.anna.log_out().await.unwrap();
    ticks.rest().await;
}

async fn a_stream_ends_when_its_user_walks_away(setting: Setting) {
    let browser = setting.logged_in().await;
    let ticks = Running::open(&browser, "/ticks").await;
    setting.anna.walk_away().await.unwrap();
    ticks.rest().await;
    // And none begins until the user is back.
    let away = browser.request(reqwest::Method::GET, "/ticks").send().await.unwrap();
    assert_eq!(away.status(), 403);
}

async fn a_download_that_is_cut_does_not_look_whole(setting: Setting) {
    let mut browser = setting.logged_in().await;
    // One that comes to its end is whole.
    assert_eq!(Running::open(&browser, "/download/short").await.rest().await, "tick\ntick\n");
    let mut download = Running::open(&browser, "/download").await;
    browser.post("/auth/logout", &[]).await;
    let end = async {
        loop {
            match download.0.chunk().await {
                Ok(Some(_)) => {}
                Ok(None) => return "whole",
                Err(_) => return "broken off",
            }
        }
    };
    assert_eq!(tokio::time::timeout(SOON, end).await.expect("it does not end"), "broken off");
}

async fn changes_of_presence_are_told(mut setting: Setting) {
    let browser = setting.logged_in().await;
    let request = browser.request(reqwest::Method::GET, "/presence").timeout(SOON * 4);
    let mut words = Running(request.send().await.unwrap());
    assert_eq!(words.hear().await.as_deref(), Some("Present\n"));
    setting.anna.walk_away().await.unwrap();
    assert_eq!(words.hear().await.as_deref(), Some("Away\n"));
    setting.anna.come_back().await.unwrap();
    assert_eq!(words.hear().await.as_deref(), Some("Present\n"));
    setting.service.stop().await.unwrap();
    assert_eq!(words.hear().await.as_deref(), Some("Unknown\n"));
    setting.service.start_again().await.unwrap();
    assert_eq!(words.hear().await.as_deref(), Some("Present\n"));
    setting.anna.log_out().await.unwrap();
    assert_eq!(words.rest().await, "Ended\n");
}

/// A state that is not known is not believed.
#[tokio::test]
async fn a_stream_ends_when_the_service_is_away() {
    let mut setting = Setting::start::<Axum>().await;
    let browser = setting.logged_in().await;
    let ticks = Running::open(&browser, "/ticks").await;
    setting.service.stop().await.unwrap();
    ticks.rest().await;
}

/// Another node logs the session out, and the service has not heard of it yet.
#[tokio::test]
async fn a_stream_ends_when_the_store_says_so() {
    let faulty = Faulty::start().await;
    let (node, other) = (faulty.node::<Axum>().await, faulty.node::<Axum>().await);
    let mut browser = node.browser();
    faulty.log_in(&mut browser).await;
    let ticks = Running::open(&browser, "/ticks").await;
    faulty.way.swallows_logouts.store(true, Ordering::SeqCst);
    other.led_here(&browser).post("/auth/logout", &[]).await;
    faulty.clock.has_slept(Duration::from_secs(60));
    ticks.rest().await;
}

/// B4: a session that nobody watches holds no stream of the service open, however its watch ended.
#[tokio::test]
async fn a_watch_that_ends_gives_its_room_for_a_stream_back() {
    let mut faulty = Faulty::start().await;
    // Room for one session in use.
    faulty.streams = 2;
    let node = faulty.node::<Axum>().await;
    let mut browser = node.browser();
    let open = || faulty.way.open_streams.load(Ordering::SeqCst);
    for round in 0..4 {
        faulty.log_in(&mut browser).await;
        let _page = Running::open(&browser, "/auth/session/events").await;
        eventually("the session's stream is open", async || open() == 1).await;
        match round {
            0 => drop(browser.post("/auth/logout", &[]).await),
            1 => {
                browser.post("/auth/sessions/end-all", &[]).await;
                // A session that began in the same second ends with all others.
                tokio::time::sleep(Duration::from_millis(1_100)).await;
            }
            2 => drop(faulty.anna.log_out().await.unwrap()),
            // No page watches any more.
            _ => {}
        }
        drop(_page);
        eventually("its stream is closed", async || open() == 0).await;
    }
}

/// B4: the seventh page of one session makes the first one ask again and again.
#[tokio::test]
async fn one_session_holds_six_streams_and_the_oldest_gives_way() {
    let setting = Setting::start::<Axum>().await;
    let browser = setting.logged_in().await;
    let mut pages = Vec::new();
    for _ in 0..7 {
        pages.push(Running::open(&browser, "/auth/session/events").await);
    }
    let first = pages.remove(0).rest().await;
    assert!(first.contains("event: poll"), "{first}");
    setting.anna.log_out().await.unwrap();
    for page in pages {
        let heard = page.rest().await;
        assert!(heard.contains("event: ended"), "{heard}");
    }
}

/// The same for an attempt to log in, whoever has that name or none.
#[tokio::test]
async fn one_attempt_to_log_in_holds_six_streams() {
    let setting = Setting::start::<Axum>().await;
    for name in ["anna", "nobody"] {
        let mut browser = setting.browser();
        let events = browser.begin(name).await.replace("/wait", "/events");
        let mut pages = Vec::new();
        for _ in 0..7 {
            pages.push(Running::open(&browser, &events).await);
        }
        let first = pages.remove(0).rest().await;
        assert!(first.contains("event: poll"), "{name}: {first}");
    }
}
