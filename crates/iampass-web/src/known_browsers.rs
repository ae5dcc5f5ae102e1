//! Browsers in which a user has signed in before. Belongs here: the cookie that says so, and the list by which it can be taken back. Does
//! not belong here: what a known browser may do more than others ([`crate::login`]).
//!
//! A browser is known for a user if both say so: the cookie, which only this application can seal, and the user's list, which all nodes
//! share. Taking a browser off the list makes its cookie worth nothing.

use std::time::Duration;

use base16ct::lower;
use cookie::Cookie;
use iampass_core::UnixSeconds;
use iampass_core::port::{SharedKey, StoreError, UserKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::attempts::{Asker, Subject};
use crate::cookies::{Cookies, Name};
use crate::random_text::random_text;
use crate::shared_entry::{Change, SharedEntries};

/// For how long a browser is known after a login.
const KNOWN_FOR: Duration = Duration::from_secs(180 * 24 * 3_600);

/// The most users that one browser is known for.
const USERS: usize = 8;

/// The most browsers that one user's list holds. The one that was used longest ago gives way.
const BROWSERS: usize = 20;

/// The content of a known browser's cookie, sealed.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct BrowserCookie {
    /// The users who signed in here, the latest first.
    users: Vec<KnownUser>,
}

/// A user who signed in in the browser.
#[derive(Clone, Serialize, Deserialize)]
struct KnownUser {
    user: String,
    /// A new one with each login: a copy of the cookie is worth nothing after the next.
    id: String,
}

impl BrowserCookie {
    /// The digest of this browser in a user's list, if the user has signed in here: the id stays in the cookie.
    pub(crate) fn digest(&self, user: &str) -> Option<String> {
        let known = self.users.iter().find(|known| known.user == user)?;
        Sha256::digest(&known.id).get(..16).map(lower::encode_string)
    }

    /// For whatever an attempt is about: what stands for this browser in the list of any user.
    pub(crate) fn digests(&self) -> impl Iterator<Item = String> {
        self.users.iter().filter_map(|known| self.digest(&known.user))
    }
}

/// A browser in a user's list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct KnownBrowser {
    pub(crate) digest: String,
    pub(crate) since: UnixSeconds,
    /// The last login.
    pub(crate) used_at: UnixSeconds,
    until: UnixSeconds,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct BrowserList {
    browsers: Vec<KnownBrowser>,
    /// The last login in any browser. It stays when browsers are forgotten.
    #[serde(default)]
    last_login: Option<UnixSeconds>,
}

/// A browser that was made known by a login.
pub(crate) struct Remembered {
    /// The cookie that the browser holds from now on.
    pub(crate) cookie: Cookie<'static>,
    /// Its digest in the user's list.
    pub(crate) digest: String,
}

/// Which browsers to take off a list.
#[derive(Clone, Copy)]
pub(crate) enum Forgotten<'a> {
    All,
    /// The one of this digest.
    One(&'a str),
}

/// The known browsers of one application's users.
#[derive(Clone)]
pub(crate) struct KnownBrowsers {
    entries: SharedEntries,
}

fn key(user: &UserKey) -> SharedKey {
    Subject::User(user.as_str().to_owned()).key("browsers")
}

impl KnownBrowsers {
    pub(crate) fn new(entries: SharedEntries) -> Self {
        Self { entries }
    }

    fn now(&self) -> UnixSeconds {
        self.entries.now().seconds()
    }

    pub(crate) fn cookie(cookies: &Cookies, header: Option<&str>) -> Option<BrowserCookie> {
        cookies.open(Name::Browser, header)
    }

    /// Which browser asks for this user. It takes as many questions to the store for a name that nobody has.
    pub(crate) async fn asker(
        &self,
        subject: &Subject,
        cookie: Option<&BrowserCookie>,
    ) -> Result<Asker, StoreError> {
        Ok(self.asker_and_since(subject, cookie).await?.0)
    }

    /// The same with the last login in that browser, if it is known.
    pub(crate) async fn asker_and_since(
        &self,
        subject: &Subject,
        cookie: Option<&BrowserCookie>,
    ) -> Result<(Asker, Option<UnixSeconds>), StoreError> {
        const STRANGER: (Asker, Option<UnixSeconds>) = (Asker::Stranger, None);
        let list: Option<BrowserList> = self.entries.load(&subject.key("browsers")).await?;
        let (Subject::User(user), Some(cookie), Some(list)) = (subject, cookie, list) else {
            return Ok(STRANGER);
        };
        let (now, Some(digest)) = (self.now(), cookie.digest(user)) else { return Ok(STRANGER) };
        let is_it = |browser: &&KnownBrowser| browser.digest == digest && browser.until > now;
        let since = list.browsers.iter().find(is_it).map(|browser| browser.used_at);
        Ok(since.map_or(STRANGER, |since| (Asker::Known(digest), Some(since))))
    }

    /// The browser's digest in the list of a user of this cookie who knows it still: of the one who signed in last.
    pub(crate) async fn listed(&self, cookie: &BrowserCookie) -> Result<Option<String>, StoreError> {
        for known in &cookie.users {
            let asker = self.asker(&Subject::User(known.user.clone()), Some(cookie)).await?;
            if let Asker::Known(digest) = asker {
                return Ok(Some(digest));
            }
        }
        Ok(None)
    }

    /// The browsers in which this user has signed in, the latest first, and which of them has this cookie.
    pub(crate) async fn list(
        &self,
        user: &UserKey,
        cookie: Option<&BrowserCookie>,
    ) -> Result<Vec<(KnownBrowser, bool)>, StoreError> {
        let list: BrowserList = self.entries.load(&key(user)).await?.unwrap_or_default();
        let (now, own) = (self.now(), cookie.and_then(|cookie| cookie.digest(user.as_str())));
        let known = list.browsers.into_iter().filter(|browser| browser.until > now);
        Ok(known
            .map(|browser| {
                let is_own = own.as_ref() == Some(&browser.digest);
                (browser, is_own)
            })
            .collect())
    }

    /// Remembers that this user has signed in in the browser of this cookie, or in a new one, and gives the cookie anew. `None` when the
    /// system gives no randomness.
    pub(crate) async fn remember(
        &self,
        cookies: &Cookies,
        user: &UserKey,
        before: Option<BrowserCookie>,
    ) -> Result<Option<Remembered>, StoreError> {
        let now = self.now();
        let Some(id) = random_text() else { return Ok(None) };
        let mut browser = before.unwrap_or_default();
        let former = browser.digest(user.as_str());
        browser.users.retain(|known| known.user != user.as_str());
        browser.users.insert(0, KnownUser { user: user.as_str().to_owned(), id });
        browser.users.truncate(USERS);
        let Some(digest) = browser.digest(user.as_str()) else { return Ok(None) };
        let until = now.plus(KNOWN_FOR);
        self.entries
            .update(&key(user), |list: Option<BrowserList>| {
                let mut list = list.unwrap_or_default();
                let is_former = |known: &KnownBrowser| former.as_ref() == Some(&known.digest);
                let since = list
                    .browsers
                    .iter()
                    .find(|known| is_former(known) && known.until > now)
                    .map_or(now, |known| known.since);
                list.browsers.retain(|known| !is_former(known) && known.until > now);
                list.browsers.insert(0, KnownBrowser { digest: digest.clone(), since, used_at: now, until });
                list.browsers.truncate(BROWSERS);
                list.last_login = Some(now);
                Change::Put { value: list, expires_at: self.entries.now().plus(KNOWN_FOR), told: () }
            })
            .await?;
        // Of very long keys fewer fit into a cookie. The latest one stays.
        loop {
            if let Some(cookie) = cookies.sealed(Name::Browser, &browser, KNOWN_FOR.as_secs()) {
                return Ok(Some(Remembered { cookie, digest }));
            }
            if browser.users.len() <= 1 {
                return Ok(None);
            }
            browser.users.pop();
        }
    }

    /// When this user last logged in, in any browser.
    pub(crate) async fn last_login(&self, user: &UserKey) -> Result<Option<UnixSeconds>, StoreError> {
        let list: Option<BrowserList> = self.entries.load(&key(user)).await?;
        Ok(list.and_then(|list| list.last_login))
    }

    /// Takes browsers off a user's list.
    pub(crate) async fn forget(&self, user: &UserKey, which: Forgotten<'_>) -> Result<(), StoreError> {
        self.entries
            .update(&key(user), |list: Option<BrowserList>| {
                let Some(mut list) = list else { return Change::Leave(()) };
                match which {
                    Forgotten::All => list.browsers.clear(),
                    Forgotten::One(digest) => list.browsers.retain(|known| known.digest != digest),
                }
                Change::Put { value: list, expires_at: self.entries.now().plus(KNOWN_FOR), told: () }
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use iampass_core::client::Client;
    use iampass_core::port::{
        Clock, HttpRequest, HttpResponse, HttpTransport, MemorySessionStore, TransportError,
        TransportErrorKind,
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
            let cookie = self.browsers.remember(&self.cookies, &user, before).await.unwrap().unwrap().cookie;
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
}
