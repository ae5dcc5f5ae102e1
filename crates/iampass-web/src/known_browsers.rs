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
use crate::browser_name::BrowserName;
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
    /// When that login began. A phone that was there then has approved it, however late the browser took it up. Absent in lists of before.
    #[serde(default)]
    began_at: Option<UnixSeconds>,
    until: UnixSeconds,
    /// The browser's name at that login. Absent in lists of before.
    #[serde(flatten)]
    pub(crate) name: BrowserName,
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

    /// The same with the beginning of the last login in that browser, if it is known.
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
        let since =
            list.browsers.iter().find(is_it).map(|browser| browser.began_at.unwrap_or(browser.used_at));
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

    /// Remembers that this user has signed in in the browser of this cookie, or in a new one, by a login that began at `began_at`, and gives the cookie
    /// anew. One that is not known becomes so only where it `may_begin`; the login is noted in any case. `None` when it does not, or when the system gives no randomness.
    pub(crate) async fn remember(
        &self,
        cookies: &Cookies,
        user: &UserKey,
        before: Option<BrowserCookie>,
        began_at: UnixSeconds,
        name: &BrowserName,
        may_begin: bool,
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
        let is_known = self
            .entries
            .update(&key(user), |list: Option<BrowserList>| {
                let mut list = list.unwrap_or_default();
                let is_former = |known: &KnownBrowser| former.as_ref() == Some(&known.digest);
                let before = list.browsers.iter().find(|known| is_former(known) && known.until > now);
                let is_known = before.is_some() || may_begin;
                let since = before.map_or(now, |known| known.since);
                list.browsers.retain(|known| !is_former(known) && known.until > now);
                if is_known {
                    let (digest, began_at, name) = (digest.clone(), Some(began_at), name.clone());
                    let browser = KnownBrowser { digest, since, used_at: now, began_at, until, name };
                    list.browsers.insert(0, browser);
                    list.browsers.truncate(BROWSERS);
                }
                // A login counts in whichever browser: it ends what was given to somebody without one.
                list.last_login = Some(now);
                Change::Put { value: list, expires_at: self.entries.now().plus(KNOWN_FOR), told: is_known }
            })
            .await?;
        if !is_known {
            return Ok(None);
        }
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

    /// Takes browsers off a user's list, and says how many.
    pub(crate) async fn forget(&self, user: &UserKey, which: Forgotten<'_>) -> Result<usize, StoreError> {
        self.entries
            .update(&key(user), |list: Option<BrowserList>| {
                let Some(mut list) = list else { return Change::Leave(0) };
                let before = list.browsers.len();
                match which {
                    Forgotten::All => list.browsers.clear(),
                    Forgotten::One(digest) => list.browsers.retain(|known| known.digest != digest),
                }
                let told = before - list.browsers.len();
                Change::Put { value: list, expires_at: self.entries.now().plus(KNOWN_FOR), told }
            })
            .await
    }
}

#[cfg(test)]
mod tests;
