//! The name of the host that browsers are to know. Belongs here: leading those who came by another one (`localhost` for `127.0.0.1`,
//! `www.`) to it, where they can sign in. Does not belong here: which requests are for pages of ours.

use cookie::{Cookie, SameSite};
use url::Url;

use crate::answer::HttpAnswer;
use crate::config::Config;
use crate::request::{Headers, Method, Request};

/// For how long a browser is not led on once more.
const ONCE_IN_SECONDS: i64 = 10;

impl Config {
    /// Leads a browser that asks for a page of ours by another name of the host to the configured origin. At the other name no form would
    /// be taken and no cookie kept.
    ///
    /// A proxy may put another name in place of the one that the browser used, and then the browser would come back for ever. So the one
    /// that is led on gets a cookie of that host for a few seconds, and one that comes back with it is answered as it is.
    pub(crate) fn redirect_to_own_host(&self, request: &Request) -> Option<HttpAnswer> {
        let headers = &request.headers;
        if request.method != Method::Get || !headers.wants_page() || self.is_own_host(headers)? {
            return None;
        }
        let marker = self.cookies.marker_name();
        let cookies = headers.cookie.as_deref().unwrap_or_default();
        if cookies.split(';').any(|pair| pair.trim().split('=').next() == Some(marker)) {
            return None;
        }
        let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
        let place = format!("{}{}{}{query}", self.origin, self.site.links.mount_path, request.path);
        let mut cookie = Cookie::build((marker.to_owned(), "1"))
            .path(self.site.links.mount_path.clone())
            .http_only(true)
            .same_site(SameSite::Lax)
            .build();
        cookie.set_max_age(cookie::time::Duration::seconds(ONCE_IN_SECONDS));
        Some(HttpAnswer::see_other(place).with_cookie(&cookie))
    }

    /// Whether the browser used the configured host. `None` where it does not say, or what it says is no host.
    fn is_own_host(&self, headers: &Headers) -> Option<bool> {
        let host = headers.forwarded_host.as_deref().or(headers.host.as_deref())?;
        let scheme = self.origin.split(':').next()?;
        let url = Url::parse(&format!("{scheme}://{host}/")).ok()?;
        let is_host_alone = url.path() == "/" && url.query().is_none() && url.username().is_empty();
        is_host_alone.then(|| url.origin().ascii_serialization() == self.origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(host: &str) -> Request {
        let headers = Headers {
            host: Some(host.to_owned()),
            sec_fetch_mode: Some("navigate".to_owned()),
            ..Headers::default()
        };
        Request { path: "/login".to_owned(), query: "next=%2Fx".to_owned(), headers, ..Request::default() }
    }

    fn location(request: &Request) -> Option<String> {
        let answer = Config::for_tests("").redirect_to_own_host(request)?;
        assert_eq!(answer.status, 303);
        answer.headers.into_iter().find(|(name, _)| *name == "location").map(|(_, value)| value)
    }

    #[test]
    fn another_name_leads_to_ours_and_ours_does_not() {
        let there = Some("https://app.example/auth/login?next=%2Fx".to_owned());
        for other in [
            "www.app.example",
            "127.0.0.1",
            "127.0.0.1:3000",
            "[::1]:3000",
            "app.example.",
            "app.example:8443",
        ] {
            assert_eq!(location(&request(other)), there, "{other}");
        }
        for own in ["app.example", "APP.example", "app.example:443"] {
            assert_eq!(location(&request(own)), None, "{own}");
        }
        for no_host in ["", "a/b", "user@app.example", "app.example?x", "a b"] {
            assert_eq!(location(&request(no_host)), None, "{no_host}");
        }
    }

    #[test]
    fn what_a_proxy_says_that_the_browser_used_counts() {
        let mut proxied = request("127.0.0.1:3000");
        proxied.headers.forwarded_host = Some("app.example".to_owned());
        assert_eq!(location(&proxied), None);
    }

    #[test]
    fn a_browser_that_comes_back_is_not_led_on_again() {
        let mut again = request("backend:3000");
        let answer = Config::for_tests("").redirect_to_own_host(&again).unwrap();
        let cookie = answer.headers.iter().find(|(name, _)| *name == "set-cookie").unwrap().1.clone();
        assert!(!cookie.contains("Domain") && cookie.contains("Max-Age=10"), "{cookie}");
        again.headers.cookie = Some(format!("a=b; {}", cookie.split(';').next().unwrap()));
        assert_eq!(location(&again), None);
    }

    #[test]
    fn only_pages_that_a_person_asks_for_are_led_on() {
        let mut post = request("localhost");
        post.method = Method::Post;
        let mut fetch = request("localhost");
        fetch.headers.sec_fetch_mode = Some("cors".to_owned());
        let mut head = request("localhost");
        head.method = Method::Head;
        for request in [post, fetch, head] {
            assert_eq!(location(&request), None);
        }
    }
}
