//! The cookies: their names, and how they are sealed. Belongs here: sealing and opening. Does not belong here: what is in them, which
//! each part of the flow says for itself.

use cookie::{Cookie, CookieJar, Key, SameSite};
use iampass_core::ApplicationId;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cookie_keys::CookieKeys;

/// The prefix of the cookies' names unless set otherwise.
pub(crate) const PREFIX: &str = "iampass";

/// A sealed value is padded to a multiple of this, so that its length reveals nothing.
const BLOCK: usize = 256;

/// Which cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    /// Its holder is logged in.
    Session,
    /// Its holder began a login.
    Pending,
    /// Its holder's login page shows a QR code: a login without a name.
    Nameless,
    /// Its holder may register a phone for a user.
    Ticket,
    /// A user has signed in in its holder's browser.
    Browser,
    /// Its holder asked to replace a user's phone.
    Replacement,
    /// No cookie: it is sealed into the address of the picture by which a page says that it has arrived.
    Arrival,
    /// No cookie: it is sealed into the address that the browser of a login comes back to from the phone's page.
    Return,
    /// No cookie: it is sealed into the record of an attempt, and is what the attempt's page shows.
    Code,
    /// No cookie: it is sealed into the shared entry of a session, and says from where the session was begun.
    SignedInFrom,
}

/// How cookies are named and sealed here.
pub(crate) struct Cookies {
    keys: Vec<Key>,
    is_secure: bool,
    path: String,
    /// The path that the choice of a language is sent to.
    language_path: String,
    /// Says that a browser was led on to another name of the host. It is not sealed, since nothing follows from it.
    moved: String,
    /// The chosen language. It is not sealed, since nothing follows from it but the language.
    language: String,
    session: String,
    pending: String,
    nameless: String,
    ticket: String,
    browser: String,
    replacement: String,
    arrival: String,
    returned: String,
    code: String,
    signed_in_from: String,
}

impl Cookies {
    /// Without `is_secure`, which is for development on a loopback address, browsers take them over plain http. Below a path prefix
    /// (empty without one) they are sent to that path alone, so their names cannot begin with `__Host-`.
    pub(crate) fn new(
        keys: &CookieKeys,
        application: &ApplicationId,
        is_secure: bool,
        prefix: &str,
        path_prefix: &str,
    ) -> Self {
        let (host, path) = match (is_secure, path_prefix) {
            (true, "") => ("__Host-", "/"),
            (true, path) => ("__Secure-", path),
            (false, "") => ("", "/"),
            (false, path) => ("", path),
        };
        let named = |what| format!("{host}{prefix}-{what}");
        Self {
            session: named("session"),
            pending: named("login"),
            nameless: named("qr"),
            ticket: named("enrol"),
            browser: named("browser"),
            replacement: named("replacement"),
            arrival: named("arrival"),
            returned: named("return"),
            code: named("code"),
            signed_in_from: named("from"),
            moved: format!("{prefix}-moved"),
            language: format!("{prefix}-language"),
            path: path.to_owned(),
            language_path: path.to_owned(),
            keys: keys.of(application),
            is_secure,
        }
    }

    /// The same where the choice of a language is sent to this path alone.
    pub(crate) fn language_below(self, path: String) -> Self {
        Self { language_path: path, ..self }
    }

    /// The path that the choice of a language is sent to.
    pub(crate) fn language_path(&self) -> &str {
        &self.language_path
    }

    pub(crate) fn marker_name(&self) -> &str {
        &self.moved
    }

    pub(crate) fn language_name(&self) -> &str {
        &self.language
    }

    /// Whether they are for https alone.
    pub(crate) fn is_secure(&self) -> bool {
        self.is_secure
    }

    /// Whether a cookie of a session's name is there, good or not.
    pub(crate) fn is_session_sent(&self, header: Option<&str>) -> bool {
        let name = self.name(Name::Session);
        header.is_some_and(|header| {
            pairs(header).any(|pair| pair.strip_prefix(name).is_some_and(|rest| rest.starts_with('=')))
        })
    }

    fn name(&self, name: Name) -> &str {
        match name {
            Name::Session => &self.session,
            Name::Pending => &self.pending,
            Name::Nameless => &self.nameless,
            Name::Ticket => &self.ticket,
            Name::Browser => &self.browser,
            Name::Replacement => &self.replacement,
            Name::Arrival => &self.arrival,
            Name::Return => &self.returned,
            Name::Code => &self.code,
            Name::SignedInFrom => &self.signed_in_from,
        }
    }

    fn cookie(&self, name: Name, value: String) -> Cookie<'static> {
        Cookie::build((self.name(name).to_owned(), value))
            .path(self.path.clone())
            .secure(self.is_secure)
            .http_only(true)
            .same_site(SameSite::Lax)
            .build()
    }

    /// A cookie that its holder can neither read nor forge, good for `seconds`. `None` if the value is too long for one.
    pub(crate) fn sealed<T: Serialize>(
        &self,
        name: Name,
        value: &T,
        seconds: u64,
    ) -> Option<Cookie<'static>> {
        const LONGEST: usize = 4_000;
        let mut text = serde_json::to_string(value).ok()?;
        while text.len() % BLOCK != 0 {
            text.push(' ');
        }
        let mut jar = CookieJar::new();
        jar.private_mut(self.keys.first()?).add(self.cookie(name, text));
        let mut cookie = jar.get(self.name(name))?.clone();
        cookie.set_max_age(cookie::time::Duration::seconds(i64::try_from(seconds).unwrap_or(i64::MAX)));
        (cookie.value().len() < LONGEST).then_some(cookie)
    }

    /// The sealed content of the cookie, if there is one and it was made here.
    pub(crate) fn open<T: DeserializeOwned>(&self, name: Name, header: Option<&str>) -> Option<T> {
        self.open_value(name, self.value(name, header)?)
    }

    /// The sealed content of a cookie of this value.
    pub(crate) fn open_value<T: DeserializeOwned>(&self, name: Name, value: &str) -> Option<T> {
        let name = self.name(name);
        self.keys.iter().find_map(|key| {
            let opened =
                CookieJar::new().private(key).decrypt(Cookie::new(name.to_owned(), value.to_owned()))?;
            serde_json::from_str(opened.value()).ok()
        })
    }

    /// The cookie's value as the browser sent it, without the quotation marks that some clients put around what has a `/` or `=` in it. Two
    /// of that name count as none: one of them is foreign.
    pub(crate) fn value<'a>(&self, name: Name, header: Option<&'a str>) -> Option<&'a str> {
        let name = self.name(name);
        let mut values = pairs(header?).filter_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        let value = values.next()?;
        let value = value.trim_ascii_end();
        let quoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        values.next().is_none().then_some(quoted.unwrap_or(value))
    }

    /// Takes a cookie away.
    pub(crate) fn removal(&self, name: Name) -> Cookie<'static> {
        let mut cookie = self.cookie(name, String::new());
        cookie.set_max_age(cookie::time::Duration::ZERO);
        // Some clients know only this one, and one of them takes the first second of 1970 for none (`findings/cookie-removal-needs-both.sh`).
        cookie.set_expires(cookie::time::OffsetDateTime::UNIX_EPOCH + cookie::time::Duration::days(1));
        cookie
    }
}

/// The pairs of a `Cookie` header, without the blanks before each. A sealed value is some hundred bytes long, and each request is looked
/// through, so the search is one that looks at many bytes at once.
fn pairs(header: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(header);
    std::iter::from_fn(move || {
        let from = rest?;
        let (pair, after) = match memchr::memchr(b';', from.as_bytes()) {
            Some(at) => (from.get(..at)?, from.get(at + 1..)),
            None => (from, None),
        };
        rest = after;
        Some(pair.trim_ascii_start())
    })
}

/// The cookie as a header. `SameSite` stands last: a client that does not know it may take it for a cookie of its own, and what follows for that
/// one's (`findings/lynx-samesite-is-a-cookie.sh`).
pub(crate) fn written(cookie: &Cookie<'_>) -> String {
    let text = cookie.to_string();
    let (same_site, others): (Vec<_>, Vec<_>) =
        text.split("; ").partition(|attribute| attribute.starts_with("SameSite="));
    others.into_iter().chain(same_site).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests;
