//! Where a login goes when it is done. Belongs here: which places may be gone to. Does not belong here: going there.

use percent_encoding::percent_decode_str;
use url::Url;

use crate::config::Config;
use crate::request::Headers;

/// The longest that is remembered; a cookie holds it.
const LONGEST: usize = 1_024;

/// A path of the application itself as browsers see it, with its query perhaps. Never another site, and never outside of the path prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReturnTo(String);

impl ReturnTo {
    /// The place as a browser would follow it, if it is a path of this host within the prefix.
    fn checked(place: &str, prefix: &str) -> Option<Self> {
        // The browser's reading of the address counts: a browser drops tabs and line ends, and takes `\` for `/`.
        let base = Url::parse("https://application.invalid/").ok()?;
        if place.len() > LONGEST || !place.starts_with('/') {
            return None;
        }
        let url = base.join(place).ok()?;
        if url.origin() != base.origin() || !url.username().is_empty() || url.password().is_some() {
            return None;
        }
        let mut place = url.path().to_owned();
        if !is_below(&place, prefix) {
            return None;
        }
        if let Some(query) = url.query() {
            place.push('?');
            place.push_str(query);
        }
        // In a URL some characters take three times the room.
        if place.len() > LONGEST {
            return None;
        }
        // `/./\/other` joins to `//other`, which is another site when it is followed.
        (!place.starts_with("//")).then_some(Self(place))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a path is this prefix or something below it. Some servers read `%2e` as a dot, `%2f` as a slash and `..;` as `..`, so a path with those is
/// below nothing but the root.
pub(crate) fn is_below(path: &str, prefix: &str) -> bool {
    if prefix.is_empty() {
        return true;
    }
    let lower = path.to_ascii_lowercase();
    if ["%2e", "%2f", "%5c", "..;"].iter().any(|escaped| lower.contains(escaped)) {
        return false;
    }
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl Config {
    /// A place that a browser names, in a query or a form: the front page where it is none of this application. The login page is none,
    /// either: somebody else could have filled it in.
    pub(crate) fn return_to(&self, place: &str) -> ReturnTo {
        // A router may read `%6c` as the letter that it stands for, and a proxy may take several slashes for one.
        let read = |path: &str| {
            let path = percent_decode_str(path).decode_utf8_lossy();
            let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
            format!("/{}", parts.join("/"))
        };
        let (login, language) = (read(&self.site.links.login()), read(&self.site.links.language()));
        ReturnTo::checked(place, &self.prefix)
            .filter(|place| {
                let path = place.0.split('?').next().unwrap_or_default();
                let path = read(path);
                let is_login =
                    path.strip_prefix(&login).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
                // Nor may it choose the language.
                !is_login && path != language
            })
            .unwrap_or_else(|| ReturnTo(self.home.clone()))
    }

    /// A place that the application itself names: with the prefix in front, unless it is there.
    pub(crate) fn own_place(&self, place: &str) -> ReturnTo {
        ReturnTo::checked(place, &self.prefix)
            .or_else(|| {
                let below = place.starts_with('/').then(|| format!("{}{place}", self.prefix))?;
                ReturnTo::checked(&below, &self.prefix)
            })
            .unwrap_or_else(|| ReturnTo(self.home.clone()))
    }

    /// Where to come back to after a login that this request made necessary. `here` is what was asked for, as the application sees it.
    ///
    /// A form cannot be sent again, and its address may take nothing but forms. So what was asked for by another method than GET leads
    /// back to the page that the form was on, or to the front page where the browser does not say which that was.
    pub(crate) fn place_after_login(&self, headers: &Headers, here: &str) -> ReturnTo {
        if headers.method.is_safe() {
            return self.own_place(here);
        }
        let referer = headers.referer.as_deref().and_then(|referer| Url::parse(referer).ok());
        match referer.filter(|referer| referer.origin().ascii_serialization() == self.origin) {
            Some(referer) => {
                let query = referer.query().map(|query| format!("?{query}")).unwrap_or_default();
                self.return_to(&format!("{}{query}", referer.path()))
            }
            None => ReturnTo(self.home.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Method;

    fn strict(place: &str, prefix: &str) -> String {
        Config::for_tests(prefix).return_to(place).as_str().to_owned()
    }

    #[test]
    fn places_of_the_application_are_kept() {
        for place in ["/", "/a/b?c=d&e=%2F", "/a/../b", "/a//b", "/%2F%2Fother.example"] {
            let kept = strict(place, "");
            assert!(kept.starts_with('/') && !kept.starts_with("//"));
            assert_ne!((place, &*kept), (place, if place == "/" { "" } else { "/" }), "{place}");
        }
        assert_eq!(strict("/a?b=c#d", ""), "/a?b=c");
    }

    #[test]
    fn other_sites_are_not_gone_to() {
        let long = format!("/{}", "x".repeat(LONGEST));
        for place in [
            "",
            "a",
            "https://other.example",
            "https:other.example",
            "//other.example",
            "///other.example",
            "/\\other.example",
            "\\/other.example",
            "/\t/other.example",
            "/\n/other.example",
            "\t//other.example",
            " //other.example",
            "/.//other.example",
            "/..//other.example",
            "/x/..//other.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "/\u{0}//other.example\\@",
            &long,
        ] {
            let config = Config::for_tests("");
            for kept in [config.return_to(place), config.own_place(place)] {
                let followed =
                    Url::parse("https://application.invalid/login").unwrap().join(kept.as_str()).unwrap();
                assert_eq!(followed.host_str(), Some("application.invalid"), "{place:?} became {kept:?}");
            }
            assert!(Config::for_tests("/app").own_place(place).as_str().starts_with("/app/"), "{place:?}");
        }
    }

    #[test]
    fn nothing_leaves_the_prefix() {
        for (place, kept) in [
            ("/app", "/app"),
            ("/app/", "/app/"),
            ("/app/x?y=/z", "/app/x?y=/z"),
            ("/app?x", "/app?x"),
            ("/", "/app/"),
            ("/application", "/app/"),
            ("/other/app/", "/app/"),
            ("/app/../other", "/app/"),
            ("/app/%2e%2E/other", "/app/"),
            ("/app/..%2fother", "/app/"),
            ("/app/..\\other", "/app/"),
            ("//app/x", "/app/"),
            ("/App/x", "/app/"),
        ] {
            assert_eq!(strict(place, "/app"), kept, "{place}");
        }
        let own = |place| Config::for_tests("/app").own_place(place).as_str().to_owned();
        assert_eq!(own("/x?y"), "/app/x?y", "a proxy takes the prefix away");
        assert_eq!(own("/app/x"), "/app/x", "or leaves it");
        assert_eq!(own("/../x"), "/app/");
    }

    #[test]
    fn a_login_leads_to_no_login_page_that_somebody_else_filled_in() {
        for place in [
            "/auth/login?name=mallory",
            "/auth/login",
            "/auth/./login?name=x",
            "/auth/login/wait",
            "/auth/%6cogin?name=x",
            "/auth/%6Cogin%2Fwait",
            "/auth//login?name=x",
            "/auth/language/?to=fr",
        ] {
            assert_eq!(strict(place, ""), "/", "{place}");
        }
        assert_eq!(strict("/auth/sessions", ""), "/auth/sessions");
        assert_eq!(Config::for_tests("").own_place("/auth/login?name=bob").as_str(), "/auth/login?name=bob");
    }

    #[test]
    fn a_form_leads_back_to_the_page_that_it_was_on() {
        let config = Config::for_tests("/app");
        let after = |method, referer: Option<&str>| {
            let headers = Headers { method, referer: referer.map(str::to_owned), ..Headers::default() };
            config.place_after_login(&headers, "/posts/7/delete").as_str().to_owned()
        };
        let page = Some("https://app.example/app/posts?page=2#x");
        assert_eq!(after(Method::Get, page), "/app/posts/7/delete");
        assert_eq!(after(Method::Head, page), "/app/posts/7/delete");
        assert_eq!(after(Method::Post, page), "/app/posts?page=2");
        assert_eq!(after(Method::Other, page), "/app/posts?page=2");
        for other in [
            None,
            Some("https://other.example/app/x"),
            Some("http://app.example/app/x"),
            Some("https://app.example/elsewhere"),
            Some("https://app.example/app/auth/login?name=x"),
            Some("/app/x"),
            Some(""),
        ] {
            assert_eq!(after(Method::Post, other), "/app/", "{other:?}");
        }
    }
}
