//! Browsers that are known: for how long, for how many users, and until when.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use iampass_core::client::Client;
use iampass_core::port::{
    Clock, HttpRequest, HttpResponse, HttpTransport, MemorySessionStore, TransportError, TransportErrorKind,
};
use iampass_core::{ApplicationId, Now};

use super::*;
use crate::cookie_keys::CookieKeys;

struct NoService;

#[async_trait::async_trait]
impl HttpTransport for NoService {
    async fn send(&self, _: HttpRequest) -> Result<HttpResponse, TransportError> {
        Err(TransportError::new(TransportErrorKind::Connect))
    }
}

/// Seconds since the test began.
#[derive(Clone, Default)]
struct TestClock(Arc<AtomicU64>);

impl Clock for TestClock {
    fn now(&self) -> Now {
        let elapsed = Duration::from_secs(self.0.load(Ordering::SeqCst));
        Now::at(elapsed, Duration::from_secs(1_000) + elapsed)
    }
}

struct Known {
    browsers: KnownBrowsers,
    cookies: Cookies,
    clock: TestClock,
}

/// A browser's `Cookie` header.
type Header = String;

impl Known {
    fn new() -> Self {
        let clock = TestClock::default();
        let client = Client::builder()
            .application("APP", "a test key")
            .server("http://127.0.0.1:1")
            .transport(NoService)
            .clock(Arc::new(clock.clone()))
            .session_store(Arc::new(MemorySessionStore::new(100)))
            .build()
            .unwrap();
        let keys = CookieKeys::generate().unwrap();
        let cookies = Cookies::new(&keys, &ApplicationId::new("APP").unwrap(), true, "iampass", "");
        Self { browsers: KnownBrowsers::new(SharedEntries::new(client)), cookies, clock }
    }

    /// The user signs in in this browser, or in a new one.
    async fn signs_in(&self, user: i64, before: Option<&Header>) -> Header {
        // Of two logins in one second neither is later.
        self.clock.0.fetch_add(1, Ordering::SeqCst);
        let before = KnownBrowsers::cookie(&self.cookies, before.map(String::as_str));
        let user = UserKey::from(user);
        let (began_at, name) = (self.browsers.now(), BrowserName::default());
        let remembered = self.browsers.remember(&self.cookies, &user, before, began_at, &name, true);
        let cookie = remembered.await.unwrap().unwrap().cookie;
        assert_eq!(cookie.max_age().map(|age| age.whole_days()), Some(180));
        format!("{}={}", cookie.name(), cookie.value())
    }

    async fn knows(&self, user: i64, header: &Header) -> bool {
        let cookie = KnownBrowsers::cookie(&self.cookies, Some(header));
        let subject = Subject::from(&UserKey::from(user));
        self.browsers.asker(&subject, cookie.as_ref()).await.unwrap().is_known()
    }

    async fn listed(&self, user: i64) -> usize {
        self.browsers.list(&UserKey::from(user), None).await.unwrap().len()
    }

    fn passes(&self, seconds: u64) {
        self.clock.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

const DAY: u64 = 24 * 3_600;

/// Also where the browser keeps the cookie for longer.
#[tokio::test]
async fn a_browser_is_a_stranger_after_180_days() {
    let known = Known::new();
    let browser = known.signs_in(1, None).await;
    known.passes(180 * DAY - 1);
    assert!(known.knows(1, &browser).await && known.listed(1).await == 1);
    known.passes(1);
    assert!(!known.knows(1, &browser).await && known.listed(1).await == 0);
}

#[tokio::test]
async fn each_login_makes_it_known_for_another_180_days() {
    let known = Known::new();
    let other = known.signs_in(1, None).await;
    let first = known.signs_in(1, None).await;
    known.passes(100 * DAY);
    let second = known.signs_in(1, Some(&first)).await;
    assert!(!known.knows(1, &first).await, "a copy of the cookie of before");
    known.passes(100 * DAY);
    assert!(known.knows(1, &second).await && !known.knows(1, &other).await);
    assert_eq!(known.listed(1).await, 1, "each browser ends by itself");
    known.passes(80 * DAY - 1);
    assert!(known.knows(1, &second).await);
    known.passes(1);
    assert!(!known.knows(1, &second).await);
}

/// The user has not chosen to stay signed in: somebody else may use the browser after.
#[tokio::test]
async fn one_that_is_not_to_stay_signed_in_does_not_become_known_and_a_known_one_stays_so() {
    let known = Known::new();
    let (user, name) = (UserKey::from(1), BrowserName::default());
    let takes = async |before: Option<&Header>| {
        known.passes(1);
        let before = KnownBrowsers::cookie(&known.cookies, before.map(String::as_str));
        let began_at = known.browsers.now();
        let remembered = known.browsers.remember(&known.cookies, &user, before, began_at, &name, false);
        let cookie = remembered.await.unwrap()?.cookie;
        Some(format!("{}={}", cookie.name(), cookie.value()))
    };
    assert_eq!(takes(None).await, None);
    assert_eq!(known.listed(1).await, 0);
    // It is a login all the same: links to register a phone that were given before are good no longer.
    assert_eq!(known.browsers.last_login(&user).await.unwrap(), Some(known.browsers.now()));
    let browser = known.signs_in(1, None).await;
    let renewed = takes(Some(&browser)).await.unwrap();
    assert!(known.knows(1, &renewed).await && !known.knows(1, &browser).await);
    // A cookie that is good no longer makes nothing known.
    assert_eq!(takes(Some(&browser)).await, None);
    known.passes(180 * DAY);
    assert_eq!(takes(Some(&renewed)).await, None);
    assert_eq!(known.listed(1).await, 0);
}

/// The service is told when a login began, and forgets the browser where the phone that approved it has ended since.
#[tokio::test]
async fn a_login_counts_from_its_beginning_however_late_it_is_taken_up() {
    let known = Known::new();
    let (user, began_at) = (UserKey::from(1), known.browsers.now());
    known.passes(300);
    let name = BrowserName::of(Some("Mozilla/5.0 (Windows NT 10.0; rv:145.0) Gecko/20100101 Firefox/145.0"));
    let remembered = known.browsers.remember(&known.cookies, &user, None, began_at, &name, true);
    let remembered = remembered.await.unwrap().unwrap();
    let header = format!("{}={}", remembered.cookie.name(), remembered.cookie.value());
    let cookie = KnownBrowsers::cookie(&known.cookies, Some(&header));
    let (asker, since) =
        known.browsers.asker_and_since(&Subject::from(&user), cookie.as_ref()).await.unwrap();
    assert!(asker.is_known());
    assert_eq!(since, Some(began_at));
    let listed = known.browsers.list(&user, None).await.unwrap();
    assert_eq!(listed[0].0.used_at, known.browsers.now());
    assert_eq!(listed[0].0.name, name);
}

/// A list that an earlier version wrote.
#[test]
fn a_browser_without_a_name_is_read() {
    let json = r#"{"browsers":[{"digest":"a","since":1,"used_at":2,"until":3}],"last_login":2}"#;
    let list: BrowserList = serde_json::from_str(json).unwrap();
    assert_eq!(list.browsers[0].name, BrowserName::default());
}

#[tokio::test]
async fn one_browser_is_known_for_the_latest_eight_users() {
    let known = Known::new();
    let mut browser = known.signs_in(1, None).await;
    for user in 2..=9 {
        browser = known.signs_in(user, Some(&browser)).await;
    }
    assert!(!known.knows(1, &browser).await);
    for user in 2..=9 {
        assert!(known.knows(user, &browser).await, "{user}");
    }
    // One who signs in again takes nobody else's place.
    browser = known.signs_in(2, Some(&browser)).await;
    for user in 2..=9 {
        assert!(known.knows(user, &browser).await, "{user}");
    }
}

#[tokio::test]
async fn one_user_has_the_latest_twenty_browsers() {
    let known = Known::new();
    let mut browsers = Vec::new();
    for _ in 0..20 {
        browsers.push(known.signs_in(1, None).await);
    }
    // The first is used again, so the second was used longest ago.
    browsers[0] = known.signs_in(1, Some(&browsers[0])).await;
    let latest = known.signs_in(1, None).await;
    assert_eq!(known.listed(1).await, 20);
    assert!(known.knows(1, &latest).await && known.knows(1, &browsers[0]).await);
    assert!(!known.knows(1, &browsers[1]).await);
    for browser in &browsers[2..] {
        assert!(known.knows(1, browser).await);
    }
}
