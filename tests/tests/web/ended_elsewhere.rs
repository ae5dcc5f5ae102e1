//! Fault A14: what ends a session beside the service, while it is in use. It is noticed within a minute, by a look at the stores; the tests
//! do not wait for that minute: the machine sleeps.

use std::sync::atomic::Ordering;
use std::time::Duration;

use iampass_core::UserToken;
use iampass_core::port::{SessionStore as _, TokenStore as _, UserKey};
use iampass_web::SessionMode;

use crate::axum_site::Axum;
use crate::browser::Browser;
use crate::faulty::{Faulty, Node, eventually};
use crate::setting::SOON;

const A_MINUTE: Duration = Duration::from_secs(60);

async fn logged_in(mode: SessionMode) -> (Faulty, Node, Browser) {
    let faulty = Faulty::start().await;
    let node = faulty.node_with::<Axum>(|client| client, |login| login.session_mode(mode)).await;
    let mut browser = node.browser();
    faulty.log_in(&mut browser).await;
    (faulty, node, browser)
}

async fn expect_out(faulty: &Faulty, browser: &mut Browser) {
    faulty.clock.has_slept(A_MINUTE);
    assert_eq!(browser.get("/").await.status, 303, "within a minute");
    assert!(faulty.anna.is_logged_out_within(SOON).await.unwrap(), "and the service knows");
}

#[tokio::test]
async fn a_session_whose_row_was_deleted_is_over() {
    for mode in [SessionMode::Stored, SessionMode::Sealed] {
        let (faulty, _node, mut browser) = logged_in(mode).await;
        for record in faulty.in_use().await {
            faulty.sessions.inner.delete(record.session.token()).await.unwrap();
        }
        expect_out(&faulty, &mut browser).await;
    }
}

#[tokio::test]
async fn a_session_whose_users_token_was_taken_away_is_over() {
    for mode in [SessionMode::Stored, SessionMode::Sealed] {
        let (faulty, _node, mut browser) = logged_in(mode).await;
        faulty.tokens.remove(&UserKey::from(1)).await.unwrap();
        expect_out(&faulty, &mut browser).await;
    }
}

/// The node that is asked has not used the session before.
#[tokio::test]
async fn so_it_is_at_a_node_that_did_not_know_the_session() {
    for mode in [SessionMode::Stored, SessionMode::Sealed] {
        let (faulty, _node, browser) = logged_in(mode).await;
        let other = faulty.node_with::<Axum>(|client| client, |login| login.session_mode(mode)).await;
        faulty.tokens.remove(&UserKey::from(1)).await.unwrap();
        let mut elsewhere = other.led_here(&browser);
        assert_eq!(elsewhere.get("/").await.status, 303);
        assert!(faulty.anna.is_logged_out_within(SOON).await.unwrap(), "and the service knows");
        eventually("it is not kept", async || faulty.in_use().await.is_empty()).await;
    }
}

#[tokio::test]
async fn a_session_whose_users_token_is_another_ones_is_over() {
    let (faulty, _node, mut browser) = logged_in(SessionMode::Stored).await;
    faulty.tokens.remove(&UserKey::from(1)).await.unwrap();
    faulty.tokens.assign(&UserKey::from(2), &UserToken::new("token-of-anna").unwrap()).await.unwrap();
    expect_out(&faulty, &mut browser).await;
}

/// The other node could not tell the service, so only the store knows.
#[tokio::test]
async fn a_session_that_another_node_was_asked_to_end_is_over() {
    for mode in [SessionMode::Stored, SessionMode::Sealed] {
        let (faulty, _node, mut browser) = logged_in(mode).await;
        let other = faulty.node_with::<Axum>(|client| client, |login| login.session_mode(mode)).await;
        faulty.way.swallows_logouts.store(true, Ordering::SeqCst);
        let mut elsewhere = other.led_here(&browser);
        elsewhere.post("/auth/logout", &[]).await;
        let taken = async || {
            let due = faulty.clock.wall();
            !faulty.sessions.inner.claim_logouts(due, A_MINUTE, 10).await.unwrap().jobs.is_empty()
        };
        assert!(taken().await, "the store knows of the logout");
        faulty.way.swallows_logouts.store(false, Ordering::SeqCst);
        faulty.clock.has_slept(A_MINUTE);
        assert_eq!(browser.get("/").await.status, 303, "within a minute");
    }
}

/// A login that is taken up has a queued logout, in case nobody gets its cookie. The first request with the cookie takes it away.
#[tokio::test]
async fn the_first_request_with_its_cookie_takes_a_session_into_use() {
    let (faulty, _node, browser) = logged_in(SessionMode::Stored).await;
    let [record] = &faulty.in_use().await[..] else { panic!("one session") };
    let token = record.session.token();
    let due = faulty.clock.wall().plus(A_MINUTE);
    faulty.sessions.inner.queue_logout(token, due).await.unwrap();
    assert!(faulty.in_use().await.is_empty());

    let node = faulty.node::<Axum>().await;
    let mut elsewhere = node.led_here(&browser);
    assert!(elsewhere.is_in().await);
    assert_eq!(faulty.in_use().await.len(), 1);
    assert_eq!(faulty.sessions.inner.load(token).await.unwrap().unwrap().logout_due, None);
}

/// And not once its logout may have been delivered.
#[tokio::test]
async fn a_session_whose_logout_was_claimed_is_not_taken_into_use() {
    for mode in [SessionMode::Stored, SessionMode::Sealed] {
        let (faulty, _node, browser) = logged_in(mode).await;
        let [record] = &faulty.in_use().await[..] else { panic!("one session") };
        let now = faulty.clock.wall();
        faulty.sessions.inner.queue_logout(record.session.token(), now).await.unwrap();
        drop(faulty.sessions.inner.claim_logouts(now, A_MINUTE, 10).await.unwrap());

        let node = faulty.node_with::<Axum>(|client| client, |login| login.session_mode(mode)).await;
        let mut elsewhere = node.led_here(&browser);
        assert!(!elsewhere.is_in().await);
    }
}

/// A store that fails is no end, and it is not believed for ever that all is as it was.
#[tokio::test]
async fn while_the_store_fails_a_session_goes_on_for_a_bounded_time() {
    let (faulty, _node, mut browser) = logged_in(SessionMode::Stored).await;
    faulty.sessions.is_down.store(true, Ordering::SeqCst);
    faulty.clock.has_slept(Duration::from_secs(70));
    eventually("a store that fails for a moment ends nothing", async || browser.get("/").await.status == 200)
        .await;
    faulty.clock.has_slept(Duration::from_secs(200));
    assert_eq!(browser.get("/").await.status, 503);
    faulty.sessions.is_down.store(false, Ordering::SeqCst);
    eventually("the store is there again", async || browser.get("/").await.status == 200).await;
}
