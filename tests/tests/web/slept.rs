//! Fault A13: a machine that slept, whose monotonic clock stood still meanwhile.

use std::time::Duration;

use crate::actix_site::Actix;
use crate::axum_site::Axum;
use crate::faulty::Faulty;
use crate::setting::Framework;

/// While it slept the user logged out on the phone: the word from before counts no more.
async fn a_word_from_before_the_sleep_counts_no_more<F: Framework>(sealed: bool) {
    let mut faulty = Faulty::start().await;
    faulty.freshness = Duration::from_secs(10);
    let mode = if sealed { iampass_web::SessionMode::Sealed } else { iampass_web::SessionMode::Stored };
    let node = faulty.node_with::<F>(|client| client, |login| login.session_mode(mode)).await;
    let mut browser = node.browser();
    faulty.log_in(&mut browser).await;
    faulty.anna.log_out().await.unwrap();
    faulty.clock.has_slept(Duration::from_secs(200));
    assert_eq!(browser.get("/").await.status, 303, "two hundred seconds after the last word");
}

#[tokio::test]
async fn on_axum() {
    a_word_from_before_the_sleep_counts_no_more::<Axum>(false).await;
    a_word_from_before_the_sleep_counts_no_more::<Axum>(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_actix() {
    a_word_from_before_the_sleep_counts_no_more::<Actix>(false).await;
}

/// A step of the clock costs a question, and the user is in again.
#[tokio::test]
async fn who_is_still_there_after_the_sleep_is_in() {
    let mut faulty = Faulty::start().await;
    faulty.freshness = Duration::from_secs(10);
    let node = faulty.node::<Axum>().await;
    let mut browser = node.browser();
    faulty.log_in(&mut browser).await;
    for _ in 0..3 {
        faulty.clock.has_slept(Duration::from_secs(50));
        assert_eq!(browser.get("/").await.status, 200);
        assert_eq!(browser.get("/fresh").await.status, 200);
    }
}
