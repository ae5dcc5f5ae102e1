//! The status stream beside polling: what it brings, and that it can do no harm.

use std::time::{Duration, Instant};

use iampass_core::UserToken;
use iampass_core::client::Client;
use iampass_core::machine::{
    Access, Backoff, Denial, Granted, LoginOptions, LoginOutcome, WatchEnd, WatchEvent, WatchOptions,
};
use iampass_core::wire::SessionStatus;
use iampass_testkit::VirtualPhone;

use crate::proxy::{Proxy, Streams};
use crate::rig::{Rig, SOON, event};

/// A client that reaches the service through something, and a user with a phone that does not have to.
struct Stage {
    rig: Rig,
    proxy: Proxy,
    client: Client,
    user: UserToken,
    phone: VirtualPhone,
}

async fn stage(streams: Streams) -> Stage {
    let rig = Rig::start().await;
    let (user, phone) = rig.user_with_phone().await;
    let proxy = Proxy::before(rig.service.server_url(), streams).await;
    let client = rig.service.client_builder().server(proxy.url()).build().unwrap();
    Stage { rig, proxy, client, user, phone }
}

/// An answer that comes sooner has not come by [`hardly_polling`], whose first poll is later.
const LESS_THAN_A_POLL: Duration = Duration::from_secs(30);

/// Polls so rarely that nothing comes of it.
fn hardly_polling() -> LoginOptions {
    let mut options = LoginOptions::default().deadline(Duration::from_secs(45));
    options.poll = Backoff::new(Duration::from_secs(40), Duration::from_secs(40));
    options
}

/// Asks so rarely that nothing comes of it.
fn hardly_asking() -> WatchOptions {
    WatchOptions::default().freshness(Duration::from_secs(600))
}

impl Stage {
    /// A login that is accepted when this is ready.
    async fn log_in(
        &self,
        options: LoginOptions,
        accepting: impl Future<Output = ()>,
    ) -> (LoginOutcome, Duration) {
        let login = self.client.login(&self.user, options).unwrap();
        let accepting = async {
            let request = self.phone.next_request(SOON).await.unwrap().unwrap();
            accepting.await;
            self.phone.accept(&request).await.unwrap();
            Instant::now()
        };
        let ((outcome, decided_at), accepted_at) =
            tokio::join!(async { (login.outcome().await.unwrap(), Instant::now()) }, accepting);
        (outcome, decided_at.saturating_duration_since(accepted_at))
    }

    async fn granted(&self) -> Granted {
        match self.log_in(LoginOptions::default(), async {}).await.0 {
            LoginOutcome::Granted(granted) => granted,
            other => panic!("{other:?}"),
        }
    }

    async fn streams_are(&self, live: usize) {
        let started = Instant::now();
        while self.proxy.live_streams() != live {
            assert!(started.elapsed() < SOON, "{} streams instead of {live}", self.proxy.live_streams());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

async fn after(time: u64) {
    tokio::time::sleep(Duration::from_millis(time)).await;
}

#[tokio::test]
async fn accepting_arrives_by_the_stream() {
    let stage = stage(Streams::Passed).await;
    let (outcome, took) = stage.log_in(hardly_polling(), after(700)).await;
    assert!(matches!(outcome, LoginOutcome::Granted(_)), "{outcome:?}");
    assert!(took < LESS_THAN_A_POLL, "{took:?}");
    assert_eq!(stage.proxy.streams(), 1);
    // One question for each word that was new, and no more.
    assert!(stage.proxy.status_calls() <= 3, "{}", stage.proxy.status_calls());
    stage.streams_are(0).await;
}

#[tokio::test]
async fn declining_arrives_by_the_stream() {
    let stage = stage(Streams::Passed).await;
    let login = stage.client.login(&stage.user, hardly_polling()).unwrap();
    let started = Instant::now();
    let (outcome, denied) = tokio::join!(login.outcome(), async {
        let request = stage.phone.next_request(SOON).await.unwrap().unwrap();
        after(300).await;
        stage.phone.deny(&request).await
    });
    denied.unwrap();
    assert!(matches!(outcome.unwrap(), LoginOutcome::Denied(Denial::Declined)));
    assert!(started.elapsed() < LESS_THAN_A_POLL, "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_login_that_is_followed_elsewhere_has_the_stream_too() {
    let stage = stage(Streams::Passed).await;
    let options = hardly_polling();
    let iampass_core::client::Authentication::Started { session, .. } =
        stage.client.authenticate(&stage.user, &options).await.unwrap()
    else {
        panic!("not started")
    };
    // As another node finds it, in the store.
    let record = stage.client.load_session(session.token()).await.unwrap().unwrap();
    let login = stage.client.follow(&record, options);
    let started = Instant::now();
    let (outcome, accepted) = tokio::join!(login.outcome(), async {
        after(300).await;
        stage.phone.accept_next(SOON).await
    });
    accepted.unwrap();
    assert!(matches!(outcome.unwrap(), LoginOutcome::Granted(_)));
    assert!(started.elapsed() < LESS_THAN_A_POLL, "{:?}", started.elapsed());
}

#[tokio::test]
async fn one_that_is_cut_off_again_and_again_does_not_keep_a_login_from_succeeding() {
    let stage = stage(Streams::CutAfter(Duration::from_millis(300))).await;
    let (outcome, took) = stage.log_in(LoginOptions::default(), after(2_500)).await;
    assert!(matches!(outcome, LoginOutcome::Granted(_)), "{outcome:?}");
    assert!(took < Duration::from_secs(6), "{took:?}");
    // It was opened again, with pauses.
    assert!((2..=4).contains(&stage.proxy.streams()), "{}", stage.proxy.streams());
    assert!(stage.proxy.status_calls() >= 3, "the ordinary schedule is back: {}", stage.proxy.status_calls());
}

/// The proxy keeps back all that comes after the first event. The client relies on the stream until it has been silent for too long, but asks
/// now and then even so.
#[tokio::test]
async fn one_that_is_kept_back_does_not_keep_a_login_from_succeeding() {
    let stage = stage(Streams::SilentAfter(Duration::from_millis(300))).await;
    let (outcome, took) = stage.log_in(LoginOptions::default(), after(1_000)).await;
    assert!(matches!(outcome, LoginOutcome::Granted(_)), "{outcome:?}");
    assert!(took < Duration::from_secs(13), "{took:?}");
}

#[tokio::test]
async fn one_that_is_refused_is_not_asked_for_again() {
    for head in [
        "501 Not Implemented",
        "404 Not Found",
        "200 OK\r\nContent-Type: application/json",
        "302 Found\r\nLocation: /",
    ] {
        let stage = stage(Streams::Refused(head)).await;
        let (outcome, _) = stage.log_in(LoginOptions::default(), after(2_000)).await;
        assert!(matches!(outcome, LoginOutcome::Granted(_)), "{head}: {outcome:?}");
        assert_eq!(stage.proxy.streams(), 1, "{head}");
    }
}

/// Laws 1 and 6.
#[tokio::test]
async fn one_that_lies_lets_nobody_in_and_does_not_make_the_client_storm_the_service() {
    let stage = stage(Streams::Invented("active", Duration::from_millis(5))).await;
    let options = LoginOptions::default().deadline(Duration::from_secs(4));
    let outcome = stage.client.login(&stage.user, options).unwrap().outcome().await.unwrap();
    assert!(matches!(outcome, LoginOutcome::Denied(Denial::NoAnswer)), "{outcome:?}");
    assert_eq!(stage.proxy.streams(), 1, "it was there all the time");
    assert!(stage.proxy.status_calls() <= 12, "{} questions in 4 s", stage.proxy.status_calls());
    assert!(stage.phone.active_sessions().await.unwrap().is_empty());
}

#[tokio::test]
async fn one_that_lies_about_a_session_in_use_lets_nobody_in_either() {
    let stage = stage(Streams::Passed).await;
    let granted = stage.granted().await;
    stage.proxy.treat_streams(Streams::Invented("active", Duration::from_millis(5)));
    stage.phone.walk_away().await.unwrap();
    let mut watch = stage.client.watch(&granted, WatchOptions::default().freshness(Duration::ZERO));
    event(&mut watch, |event| matches!(event, WatchEvent::Away)).await;
    let until = Instant::now() + Duration::from_secs(2);
    while Instant::now() < until {
        assert!(matches!(watch.access(), Access::Away | Access::Unconfirmed));
        let _ = tokio::time::timeout(Duration::from_millis(5), watch.step()).await;
    }
    // It says that somebody is away who is there: they are held off, or let in by a word of the service, and it is not stormed.
    stage.proxy.treat_streams(Streams::Invented("walkaway", Duration::from_millis(5)));
    stage.phone.come_back().await.unwrap();
    drop(watch);
    let before = stage.proxy.status_calls();
    let mut watch = stage.client.watch(&granted, WatchOptions::default());
    let until = Instant::now() + Duration::from_secs(3);
    while Instant::now() < until {
        let _ = tokio::time::timeout(Duration::from_millis(5), watch.step()).await;
    }
    let asked = stage.proxy.status_calls() - before;
    assert!(asked <= 5, "{asked} questions in 3 s");
}

#[tokio::test]
async fn what_the_phone_does_to_a_session_in_use_arrives_by_the_stream() {
    let stage = stage(Streams::Passed).await;
    let granted = stage.granted().await;
    let mut watch = stage.client.watch(&granted, hardly_asking());
    let quiet = tokio::time::timeout(Duration::from_millis(300), watch.next()).await;
    assert!(quiet.is_err(), "{quiet:?}");
    for _ in 0..2 {
        stage.phone.walk_away().await.unwrap();
        event(&mut watch, |event| matches!(event, WatchEvent::Away)).await;
        assert_eq!(watch.access(), Access::Away);
        stage.phone.come_back().await.unwrap();
        event(&mut watch, |event| matches!(event, WatchEvent::Present)).await;
        assert_eq!(watch.access(), Access::Granted);
    }
    stage.phone.log_out().await.unwrap();
    let end = event(&mut watch, |event| matches!(event, WatchEvent::Ended(_))).await;
    assert!(matches!(end, WatchEvent::Ended(WatchEnd::Closed(SessionStatus::Closed))), "{end:?}");
    stage.streams_are(0).await;
}

#[tokio::test]
async fn a_watch_that_rests_holds_no_connection() {
    let stage = stage(Streams::Passed).await;
    let granted = stage.granted().await;
    stage.streams_are(0).await;
    let mut watch = stage.client.watch(&granted, hardly_asking());
    for _ in 0..2 {
        let _ = tokio::time::timeout(Duration::from_millis(200), watch.next()).await;
        stage.streams_are(1).await;
        watch.rest();
        stage.streams_are(0).await;
    }
    drop(watch);
    stage.streams_are(0).await;
}

#[tokio::test]
async fn a_client_holds_no_more_streams_than_it_may() {
    let stage = stage(Streams::Passed).await;
    let granted = stage.granted().await;
    let client = |most| {
        stage.rig.service.client_builder().server(stage.proxy.url()).status_streams(most).build().unwrap()
    };
    for (most, expected) in [(0, 0), (2, 1), (4, 2)] {
        let client = client(most);
        let mut watches: Vec<_> = (0..4).map(|_| client.watch(&granted, hardly_asking())).collect();
        for watch in &mut watches {
            let _ = tokio::time::timeout(Duration::from_millis(100), watch.next()).await;
        }
        stage.streams_are(expected).await;
        drop(watches);
        stage.streams_are(0).await;
    }
    let before = stage.proxy.streams();
    let login = client(0).login(&stage.user, LoginOptions::default()).unwrap();
    let (outcome, accepted) = tokio::join!(login.outcome(), stage.phone.accept_next(SOON));
    accepted.unwrap();
    assert!(matches!(outcome.unwrap(), LoginOutcome::Granted(_)));
    assert_eq!(stage.proxy.streams(), before);
}
