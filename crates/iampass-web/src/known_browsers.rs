//! Browsers in which a user has signed in before. Belongs here: the cookie that says so, and the list by which it can be taken back. Does
//! not belong here: what a known browser may do more than others ([`crate::login`]).
//!
//! A browser is known for a user if both say so: the cookie, which only this application can seal, and the user's list, which all nodes
//! share. Taking a browser off the list makes its cookie worth nothing.

use std::time::Duration;

use cookie::Cookie;
use iampass_core::UnixSeconds;
use iampass_core::port::{SharedKey, StoreError, UserKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::attempts::{Asker, Subject};
use crate::cookies::{Cookies, Name};
use crate::random_text;
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
        Some(Sha256::digest(&known.id).iter().take(16).map(|byte| format!("{byte:02x}")).collect())
    }

    /// The digest of the browser itself, for all users who sign in in it. It changes with each login.
    pub(crate) fn latest_digest(&self) -> Option<String> {
        self.digests().next()
    }

    /// The same for whatever an attempt is about: what stands for this browser in the list of any user.
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
        let list: Option<BrowserList> = self.entries.load(&subject.key("browsers")).await?;
        let (Subject::User(user), Some(cookie), Some(list)) = (subject, cookie, list) else {
            return Ok(Asker::Stranger);
        };
        let (now, Some(digest)) = (self.now(), cookie.digest(user)) else { return Ok(Asker::Stranger) };
        let is_listed = list.browsers.iter().any(|browser| browser.digest == digest && browser.until > now);
        Ok(if is_listed { Asker::Known(digest) } else { Asker::Stranger })
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
