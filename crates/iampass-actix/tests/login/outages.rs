//! When it cannot be known who is logged in.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use iampass_core::machine::WatchOptions;

use crate::browser::header;
use crate::world::World;

#[actix_web::test]
async fn nobody_is_let_in_while_nothing_is_known() {
    let world = World::start().await;
    let mut anna = world.logged_in().await;
    world.users.fails.store(true, Ordering::Relaxed);
    for guarded in ["/name", "/fresh", "/maybe", "/account/settings/theme"] {
        let answer = anna.call(guarded).await;
        assert_eq!(answer.status(), 503, "{guarded}");
        assert_eq!(header(&answer, "retry-after"), Some("5"));
        assert_eq!(answer.text().await.unwrap(), r#"{"error":"unavailable"}"#);
        let page = anna.page(guarded).await;
        assert_eq!((page.status().as_u16(), header(&page, "location")), (503, None), "{guarded}");
    }
    // actix-web makes this of every error of an extractor.
    assert_eq!(anna.read("/option").await, (200, "nobody".to_owned()));
    assert_eq!(anna.read("/status").await, (200, "503 Service Unavailable".to_owned()));

    world.users.fails.store(false, Ordering::Relaxed);
    assert_eq!(anna.read("/maybe").await, (200, "Anna".to_owned()));
}

#[actix_web::test]
async fn a_login_that_cannot_be_asked_for_says_so() {
    let mut world = World::start().await;
    world.service.stop().await.unwrap();
    let mut browser = world.browser();
    // The browser is answered before the service is asked, and its page says what came of that.
    let wait = browser.begin("anna", "/").await;
    browser.until_moved(&wait).await;
    let page = browser.page(&wait).await;
    assert!(page.text().await.unwrap().contains("Service not reachable"));
    assert!(browser.cookies.is_empty());
}

#[actix_web::test]
async fn an_old_word_is_not_taken_for_a_fresh_one_when_none_comes() {
    let mut world = World::start_by(WatchOptions::default().freshness(Duration::from_secs(3_600))).await;
    let mut anna = world.logged_in().await;
    world.service.stop().await.unwrap();
    assert_eq!(anna.read("/name").await, (200, "Anna".to_owned()), "this one takes the word of before");
    assert_eq!(anna.read("/fresh").await, (503, r#"{"error":"unavailable"}"#.to_owned()));
}

#[actix_web::test]
async fn nobody_is_kept_waiting_by_a_question_that_another_put() {
    let mut tries = Vec::new();
    // A slow machine may need several. One who waits for another one's question does so in each of them.
    while tries.last().is_none_or(|slowest| *slowest >= Duration::from_secs(2)) {
        assert!(tries.len() < 3, "one waited for {tries:?}");
        tries.push(slowest_of_many().await);
    }
}

/// The longest time that somebody waits for an answer while the word of the service grows too old again and again.
async fn slowest_of_many() -> Duration {
    let world = World::start_by(WatchOptions::default().freshness(Duration::from_secs(3))).await;
    let anna = world.logged_in().await;
    world.longer.store(300, Ordering::Relaxed);
    let mut asked = Vec::new();
    for _ in 0..80 {
        let request = anna.request(reqwest::Method::GET, "/name");
        asked.push(actix_web::rt::spawn(async move {
            let begun = Instant::now();
            (request.send().await.unwrap().status().as_u16(), begun.elapsed())
        }));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut slowest = Duration::ZERO;
    for answer in asked {
        let (status, took) = answer.await.unwrap();
        assert_eq!(status, 200);
        slowest = slowest.max(took);
    }
    assert!(slowest > Duration::from_millis(200), "the word was to grow too old meanwhile: {slowest:?}");
    slowest
}
