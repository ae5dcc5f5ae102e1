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
    /// Its holder may register a phone for a user.
    Ticket,
    /// A user has signed in in its holder's browser.
    Browser,
    /// Its holder asked to replace a user's phone.
    Replacement,
    /// No cookie: it is sealed into the address of the picture by which a page says that it has arrived.
    Arrival,
}

/// How cookies are named and sealed here.
pub(crate) struct Cookies {
    keys: Vec<Key>,
    is_secure: bool,
    path: String,
    /// Says that a browser was led on to another name of the host. It is not sealed, since nothing follows from it.
    moved: String,
    session: String,
    pending: String,
    ticket: String,
    browser: String,
    replacement: String,
    arrival: String,
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
            ticket: named("enrol"),
            browser: named("browser"),
            replacement: named("replacement"),
            arrival: named("arrival"),
            moved: format!("{prefix}-moved"),
            path: path.to_owned(),
            keys: keys.of(application),
            is_secure,
        }
    }

    pub(crate) fn marker_name(&self) -> &str {
        &self.moved
    }

    /// Whether a cookie of a session's name is there, good or not.
    pub(crate) fn is_session_sent(&self, header: Option<&str>) -> bool {
        let name = self.name(Name::Session);
        header.is_some_and(|header| {
            header.split(';').any(|pair| {
                pair.trim_ascii_start().strip_prefix(name).is_some_and(|rest| rest.starts_with('='))
            })
        })
    }

    fn name(&self, name: Name) -> &str {
        match name {
            Name::Session => &self.session,
            Name::Pending => &self.pending,
            Name::Ticket => &self.ticket,
            Name::Browser => &self.browser,
            Name::Replacement => &self.replacement,
            Name::Arrival => &self.arrival,
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
        let mut values = header?
            .split(';')
            .filter_map(|pair| pair.trim_ascii_start().strip_prefix(name)?.strip_prefix('='));
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

/// The cookie as a header. `SameSite` stands last: a client that does not know it may take it for a cookie of its own, and what follows for that
/// one's (`findings/lynx-samesite-is-a-cookie.sh`).
pub(crate) fn written(cookie: &Cookie<'_>) -> String {
    let text = cookie.to_string();
    let (same_site, others): (Vec<_>, Vec<_>) =
        text.split("; ").partition(|attribute| attribute.starts_with("SameSite="));
    others.into_iter().chain(same_site).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use iampass_core::Secret;

    use super::*;

    fn application(id: &str) -> ApplicationId {
        ApplicationId::new(id).unwrap()
    }

    fn cookies() -> Cookies {
        Cookies::new(&CookieKeys::generate().unwrap(), &application("app"), true, PREFIX, "")
    }

    /// Two applications that were given the same keys, and have not named their cookies.
    #[test]
    fn what_one_application_sealed_opens_in_no_other_one() {
        let keys = CookieKeys::generate().unwrap();
        let of = |id| Cookies::new(&keys, &application(id), true, PREFIX, "");
        for name in
            [Name::Session, Name::Pending, Name::Ticket, Name::Browser, Name::Replacement, Name::Arrival]
        {
            let sealed = header(&of("notes").sealed(name, &"x", 60).unwrap());
            assert_eq!(of("notes").open::<String>(name, Some(&sealed)).as_deref(), Some("x"));
            assert_eq!(of("blog").open::<String>(name, Some(&sealed)), None, "{name:?}");
        }
    }

    fn header(cookie: &Cookie<'_>) -> String {
        format!("theme=dark; {}={}; a=b", cookie.name(), cookie.value())
    }

    #[test]
    fn a_value_in_quotation_marks_opens() {
        let cookies = cookies();
        let cookie = cookies.sealed(Name::Session, &"anna", 60).unwrap();
        for value in [cookie.value().to_owned(), format!("\"{}\"", cookie.value())] {
            let header = format!("a=b; {}={value} ; c=d", cookie.name());
            assert_eq!(cookies.open::<String>(Name::Session, Some(&header)).as_deref(), Some("anna"));
        }
        for value in ["\"", "\"\"", "\"x"] {
            let header = format!("{}={value}", cookie.name());
            assert_eq!(cookies.open::<String>(Name::Session, Some(&header)), None);
        }
    }

    #[test]
    fn only_what_was_sealed_here_for_this_purpose_opens() {
        let cookies = cookies();
        let sealed = cookies.sealed(Name::Pending, &"hello", 60).unwrap();
        assert!(!sealed.value().contains("hello"));
        let header = header(&sealed);
        assert_eq!(cookies.open::<String>(Name::Pending, Some(&header)).as_deref(), Some("hello"));
        assert_eq!(cookies.open::<String>(Name::Session, Some(&header)), None);
        let moved = header.replace("-login=", "-session=");
        assert_eq!(
            cookies.open::<String>(Name::Session, Some(&moved)),
            None,
            "a pending login is no session"
        );
        assert_eq!(super::tests::cookies().open::<String>(Name::Pending, Some(&header)), None, "another key");
        let mut changed = sealed.value().to_owned().into_bytes();
        for at in (0..changed.len()).step_by(7) {
            let kept = changed[at];
            changed[at] = if kept == b'A' { b'B' } else { b'A' };
            if changed[at] != kept {
                let text = String::from_utf8(changed.clone()).unwrap();
                assert_eq!(cookies.open_value::<String>(Name::Pending, &text), None);
            }
            changed[at] = kept;
        }
    }

    #[test]
    fn attributes_keep_it_from_scripts_other_sites_and_plain_http() {
        let sealed = cookies().sealed(Name::Session, &"x", 60).unwrap().to_string();
        for attribute in ["__Host-", "; HttpOnly", "; Secure", "; SameSite=Lax", "; Path=/", "; Max-Age=60"] {
            assert!(sealed.contains(attribute), "{attribute}: {sealed}");
        }
        assert!(!sealed.contains("Domain"));
        let removal = written(&cookies().removal(Name::Session));
        assert!(removal.contains("Max-Age=0") && removal.contains("Expires=Fri, 02 Jan 1970"), "{removal}");
        for cookie in [removal, written(&cookies().sealed(Name::Browser, &"x", 60).unwrap())] {
            assert!(cookie.ends_with("; SameSite=Lax"), "{cookie}");
            assert_eq!(cookie.matches("SameSite").count(), 1, "{cookie}");
        }
    }

    #[test]
    fn applications_on_one_host_can_have_cookies_of_their_own() {
        let named = |prefix| {
            let cookies =
                Cookies::new(&CookieKeys::generate().unwrap(), &application("app"), false, prefix, "");
            cookies.sealed(Name::Session, &"x", 60).unwrap().name().to_owned()
        };
        assert_eq!(
            (named(PREFIX), named("other")),
            ("iampass-session".to_owned(), "other-session".to_owned())
        );
    }

    #[test]
    fn below_a_prefix_they_are_sent_there_alone() {
        let keys = || CookieKeys::generate().unwrap();
        let sealed = |is_secure| {
            let cookies = Cookies::new(&keys(), &application("app"), is_secure, "iampass-app", "/app");
            let removal = cookies.removal(Name::Session).to_string();
            assert!(removal.contains("; Path=/app") && removal.contains("Max-Age=0"), "{removal}");
            cookies.sealed(Name::Session, &"x", 60).unwrap().to_string()
        };
        let (secure, plain) = (sealed(true), sealed(false));
        assert!(
            secure.starts_with("__Secure-iampass-app-session=") && secure.contains("; Secure"),
            "{secure}"
        );
        assert!(secure.contains("; Path=/app;") || secure.ends_with("; Path=/app"), "{secure}");
        assert!(plain.starts_with("iampass-app-session=") && plain.contains("; Path=/app"), "{plain}");
    }

    #[test]
    fn a_session_cookie_is_told_from_others() {
        let cookies = cookies();
        let name = cookies.name(Name::Session).to_owned();
        for (header, expected) in [
            (format!("theme=dark; {name}=x"), true),
            (format!("{name}="), true),
            (format!("{name}=a; {name}=b"), true),
            (format!("x{name}=a; {name}s=b; y={name}=1"), false),
            (String::new(), false),
        ] {
            assert_eq!(cookies.is_session_sent(Some(&header)), expected, "{header}");
        }
        assert!(!cookies.is_session_sent(None));
    }

    #[test]
    fn the_length_tells_nothing() {
        let cookies = cookies();
        let length = |text: &str| cookies.sealed(Name::Pending, &text, 60).unwrap().value().len();
        assert_eq!(length("a"), length(&"a".repeat(200)));
    }

    #[test]
    fn two_of_a_name_are_none() {
        let cookies = cookies();
        let value = |header| cookies.value(Name::Session, Some(header));
        assert_eq!(value("__Host-iampass-session=a"), Some("a"));
        assert_eq!(value("x=y;__Host-iampass-session=a ; z=1"), Some("a"));
        assert_eq!(value("__Host-iampass-session=a; __Host-iampass-session=b"), None);
        assert_eq!(value("x__Host-iampass-session=a"), None);
        assert_eq!(value("__Host-iampass-sessions=a"), None);
    }

    #[test]
    fn a_cookie_sealed_with_an_old_key_opens() {
        let text = |byte: u8| STANDARD.encode([byte; 32]);
        let ring = |keys: &str| CookieKeys::parse(&Secret::new(keys)).unwrap();
        let old = Cookies::new(&ring(&text(1)), &application("app"), true, PREFIX, "");
        let both =
            Cookies::new(&ring(&format!("{}, {}", text(2), text(1))), &application("app"), true, PREFIX, "");
        let sealed = header(&old.sealed(Name::Session, &"x", 60).unwrap());
        assert_eq!(both.open::<String>(Name::Session, Some(&sealed)).as_deref(), Some("x"));
        let sealed = header(&both.sealed(Name::Session, &"x", 60).unwrap());
        assert_eq!(old.open::<String>(Name::Session, Some(&sealed)), None);
        for bad in ["", "secret", "AAAA", &text(1)[..20]] {
            assert!(CookieKeys::parse(&Secret::new(bad)).is_err(), "{bad}");
        }
    }
}
