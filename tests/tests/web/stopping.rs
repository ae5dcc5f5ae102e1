//! Fault B17: a server that stops gracefully waits for no open page.

use std::time::{Duration, Instant};

use crate::actix_site::Actix;
use crate::axum_site::Axum;
use crate::browser::Browser;
use crate::faulty::Faulty;
use crate::setting::{Framework, SOON};

/// Frameworks wait for half a minute, or for ever.
const BEFORE_FRAMEWORKS: Duration = Duration::from_secs(20);

/// A request waits for the service for no longer than this, whether the application stops or not.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

async fn a_graceful_stop_waits_for_no_page<F: Framework>() {
    let faulty = Faulty::start().await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let login = faulty.login(&url, |client| client, |login| login);
    let serving = F::serve_until_stopped(login, listener).await;

    let mut user = Browser::new(url.clone(), url.clone());
    faulty.log_in(&mut user).await;
    user.get("/sign-up").await;
    let mut stranger = Browser::new(url.clone(), url);
    let waiting = stranger.begin("anna").await.replace("/wait", "/events");
    let mut open = Vec::new();
    for (browser, path) in [
        (&user, "/auth/session/events"),
        (&user, "/auth/enrol/events?without=link"),
        (&user, "/ticks"),
        (&user, "/presence"),
        (&stranger, waiting.as_str()),
    ] {
        let mut stream = browser.request(reqwest::Method::GET, path).timeout(SOON * 4).send().await.unwrap();
        assert_eq!(stream.status(), 200, "{path}");
        assert!(stream.chunk().await.unwrap().is_some(), "{path}");
        open.push(stream);
    }

    serving.stop.send(()).unwrap();
    tokio::time::timeout(BEFORE_FRAMEWORKS, serving.stopped).await.expect("it waits for a page").unwrap();
}

#[tokio::test]
async fn on_axum() {
    a_graceful_stop_waits_for_no_page::<Axum>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_actix() {
    a_graceful_stop_waits_for_no_page::<Actix>().await;
}

/// A request that waits for a service that says nothing is answered at once.
#[tokio::test]
async fn a_stop_ends_long_waits() {
    let mut tries = Vec::new();
    // A slow machine may need several. One that waits does so in each of them.
    while tries.last().is_none_or(|took| *took >= LONGEST_WAIT) {
        assert!(tries.len() < 3, "{tries:?}");
        tries.push(time_of_an_answer_after_a_stop().await);
    }
}

async fn time_of_an_answer_after_a_stop() -> Duration {
    let mut faulty = Faulty::start().await;
    let node = faulty.node::<Axum>().await;
    let mut browser = node.browser();
    faulty.log_in(&mut browser).await;
    node.login.shutdown();
    faulty.service.stop().await.unwrap();
    faulty.clock.has_slept(Duration::from_secs(30));
    let begun = Instant::now();
    let page = browser.get("/").await;
    let took = begun.elapsed();
    assert_eq!(page.status, 503);
    assert!(browser.first_events("/auth/session/events").await.contains("event: poll"));
    took
}
