//! Sessions that are remembered, and forgotten.

use std::sync::Weak;

use iampass_core::client::Client;
use iampass_core::machine::WatchOptions;
use iampass_core::port::{
    HttpRequest, HttpResponse, HttpTransport, SessionRecord, TransportError, TransportErrorKind, UserKey,
};
use iampass_core::{Secret, Session, UnixSeconds, UserToken};

use super::*;
use crate::guard::live::OfAllSessions;
use crate::guard::schedule::Schedule;

struct NoService;

#[async_trait::async_trait]
impl HttpTransport for NoService {
    async fn send(&self, _: HttpRequest) -> Result<HttpResponse, TransportError> {
        Err(TransportError::new(TransportErrorKind::Connect))
    }
}

struct Node {
    client: Client,
    all: Arc<OfAllSessions>,
}

impl Node {
    fn new() -> Self {
        let client = Client::builder()
            .application("APP", "a test key")
            .server("http://127.0.0.1:1")
            .transport(NoService)
            .sessions_in_memory()
            .build()
            .unwrap();
        let (schedule, _) = Schedule::new();
        Self { client, all: Arc::new(OfAllSessions::new(Weak::new(), WatchOptions::default(), schedule)) }
    }

    fn session(&self, token: &SessionToken, now: Now) -> LiveSession {
        let server = self.client.application().server();
        let url = |what| format!("http://127.0.0.1:1/{what}/{token}");
        let session =
            Session::new(token.clone(), Secret::new("a test key"), &url("status"), &url("logout"), server);
        let user = UserToken::new("u").unwrap();
        let record = SessionRecord::new(session.unwrap(), user, UnixSeconds(1), UnixSeconds(u64::MAX));
        let flow = self.client.resume_watch(&record, self.all.options);
        let expires_at = record.expires_at;
        LiveSession::new(Arc::clone(&self.all), flow, record, expires_at, UserKey::new("1"), now)
    }
}

fn at(seconds: u64) -> Now {
    Now::new(Duration::from_secs(seconds), 1_700_000_000 + seconds)
}

fn token(number: usize) -> SessionToken {
    SessionToken::new(format!("token-{number}")).unwrap()
}

/// As long as a sealed one.
fn cookie(number: usize) -> String {
    format!("{}{number:024}", "a".repeat(356))
}

/// Remembers the sessions of these numbers, with their cookies.
fn remember(remembered: &Remembered, node: &Node, numbers: std::ops::Range<usize>, now: Now) {
    for number in numbers {
        let live = remembered.get_or_insert(&token(number), now, || node.session(&token(number), now));
        remembered.insert_cookie(&cookie(number), &live, now);
    }
}

fn known(remembered: &Remembered, numbers: std::ops::Range<usize>) -> Vec<usize> {
    numbers.filter(|number| remembered.by_cookie(&cookie(*number)).is_some()).collect()
}

#[test]
fn a_session_is_found_by_its_token_and_by_its_cookies() {
    let (node, remembered) = (Node::new(), Remembered::new(10_000));
    remember(&remembered, &node, 0..1_000, at(0));
    for number in 0..1_000 {
        let live = remembered.by_cookie(&cookie(number)).unwrap();
        assert_eq!(*live.token(), token(number));
        assert!(Arc::ptr_eq(&live, &remembered.by_token(&token(number)).unwrap()));
    }
    assert!(remembered.by_token(&token(1_000)).is_none() && remembered.by_cookie(&cookie(1_000)).is_none());
    let live = remembered.by_token(&token(7)).unwrap();
    remembered.insert_cookie(&cookie(5_000), &live, at(0));
    assert!(Arc::ptr_eq(&live, &remembered.by_cookie(&cookie(5_000)).unwrap()), "another cookie of it");
    let same = remembered.get_or_insert(&token(7), at(0), || unreachable!("it is there"));
    assert!(Arc::ptr_eq(&live, &same));
}

/// A value that was not opened leads nowhere, however much of it is that of another.
#[test]
fn a_cookie_that_differs_in_one_byte_is_another() {
    let (node, remembered) = (Node::new(), Remembered::new(100));
    remember(&remembered, &node, 0..1, at(0));
    let good = cookie(0);
    for place in 0..good.len() {
        let mut changed = good.clone().into_bytes();
        changed[place] = b'Z';
        assert!(remembered.by_cookie(str::from_utf8(&changed).unwrap()).is_none(), "byte {place}");
    }
    for other in ["", "a", &good[1..], &good[..good.len() - 1], &good[good.len() - 24..], &format!("a{good}")]
    {
        assert!(remembered.by_cookie(other).is_none(), "{other}");
    }
}

/// Law 1: a logout finds a session by its token, so a session that another has taken the place of must not be found by its cookie.
#[test]
fn no_cookie_leads_to_a_session_that_a_logout_does_not_find() {
    let (node, remembered) = (Node::new(), Remembered::new(100));
    remember(&remembered, &node, 0..2, at(0));
    remembered.insert(Arc::new(node.session(&token(0), at(1))), at(1));
    assert!(remembered.by_cookie(&cookie(0)).is_none());
    assert!(remembered.by_token(&token(0)).is_some());
    remembered.forget(&token(1)).unwrap();
    assert!(remembered.by_cookie(&cookie(1)).is_none() && remembered.by_token(&token(1)).is_none());
}

/// An end stays one, also for a cookie that comes again.
#[test]
fn an_ended_session_is_found_as_ended() {
    let (node, remembered) = (Node::new(), Remembered::new(100));
    remember(&remembered, &node, 0..1, at(0));
    remembered.forget(&token(0)).unwrap().end();
    assert!(remembered.by_cookie(&cookie(0)).unwrap().has_ended());
}

#[test]
fn when_there_are_too_many_those_are_forgotten_that_nobody_has_asked_for_the_longest() {
    const MOST: usize = 64 * 32;
    let (node, remembered) = (Node::new(), Remembered::new(MOST));
    // So few that no part is full yet.
    remember(&remembered, &node, 0..600, at(0));
    remember(&remembered, &node, 600..800, at(5));
    for number in 0..200 {
        remembered.by_token(&token(number)).unwrap().want(at(10));
    }
    remember(&remembered, &node, 800..10_000, at(11));
    let left = known(&remembered, 0..10_000);
    assert!(left.len() <= MOST && left.len() > MOST * 7 / 10, "{} are left", left.len());
    let by_token = (0..10_000).filter(|number| remembered.by_token(&token(*number)).is_some()).count();
    assert!(by_token <= MOST, "{by_token} by their tokens");
    let of = |numbers: std::ops::Range<usize>| left.iter().filter(|number| numbers.contains(number)).count();
    // Each part goes by its own sessions, so a few are left.
    assert!(of(200..800) < 60, "{} of those that were idle the longest", of(200..800));
    // Each cookie that is left leads to a session that a logout finds.
    for number in left {
        let by_token = remembered.by_token(&token(number)).unwrap();
        assert!(Arc::ptr_eq(&by_token, &remembered.by_cookie(&cookie(number)).unwrap()));
    }
}

#[test]
fn a_session_that_nobody_asks_for_is_forgotten_in_the_end_and_one_with_a_listener_is_not() {
    let (node, remembered) = (Node::new(), Remembered::new(100_000));
    remember(&remembered, &node, 0..1_000, at(0));
    let listener = crate::guard::Listener::new(remembered.by_token(&token(3)).unwrap());
    remembered.by_token(&token(4)).unwrap().want(at(100));
    remember(&remembered, &node, 1_000..2_000, at(29 * 60));
    assert_eq!(known(&remembered, 0..1_000).len(), 1_000);
    remember(&remembered, &node, 2_000..3_000, at(30 * 60 + 1));
    assert_eq!(known(&remembered, 0..1_000), [3, 4]);
    drop(listener);
}
