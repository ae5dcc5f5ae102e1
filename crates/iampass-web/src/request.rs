//! A request as the flow needs it, and nothing of any framework. Belongs here: what adapters fill in. Does not belong here:
//! decisions.

use std::net::IpAddr;

/// The parts of a request that an adapter passes on.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Whether it may change something.
    pub method: Method,
    /// The path below the mount, with its leading slash.
    pub path: String,
    /// The query, without the question mark.
    pub query: String,
    /// The headers that the login reads.
    pub headers: Headers,
    /// The address at the other end of the connection.
    pub peer: Option<IpAddr>,
    /// The body, of a form.
    pub body: Vec<u8>,
}

/// The methods that matter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// GET.
    #[default]
    Get,
    /// HEAD. It is answered as GET is, but takes up no login. The server leaves the body out, as it does for any answer to HEAD.
    Head,
    /// POST.
    Post,
    /// OPTIONS.
    Options,
    /// Any other.
    Other,
}

impl Method {
    /// By its name.
    #[must_use]
    pub fn named(name: &str) -> Self {
        match name {
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "POST" => Self::Post,
            "OPTIONS" => Self::Options,
            _ => Self::Other,
        }
    }

    /// Whether it only asks for what is there, so that it can be asked for again.
    #[must_use]
    pub fn is_safe(self) -> bool {
        matches!(self, Self::Get | Self::Head)
    }

    /// Whether a request of it changes nothing.
    #[must_use]
    pub fn changes_nothing(self) -> bool {
        self.is_safe() || self == Self::Options
    }
}

/// The headers that matter. A header with one value that is there twice or is no text counts as absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers {
    /// The method of the request that they came with.
    pub method: Method,
    /// `Cookie`; several of them joined by `; `.
    pub cookie: Option<String>,
    /// `Host`.
    pub host: Option<String>,
    /// `Origin`.
    pub origin: Option<String>,
    /// `Referer`.
    pub referer: Option<String>,
    /// `Sec-Fetch-Site`.
    pub sec_fetch_site: Option<String>,
    /// `Sec-Fetch-Mode`.
    pub sec_fetch_mode: Option<String>,
    /// `Sec-Fetch-Dest`.
    pub sec_fetch_dest: Option<String>,
    /// `Accept`.
    pub accept: Option<String>,
    /// `Accept-Language`; several of them joined by `, `.
    pub accept_language: Option<String>,
    /// `User-Agent`.
    pub user_agent: Option<String>,
    /// `X-Forwarded-For`; several of them joined by `, `.
    pub forwarded_for: Option<String>,
    /// `X-Forwarded-Host`.
    pub forwarded_host: Option<String>,
    /// `Forwarded`; several of them joined by `, `.
    pub forwarded: Option<String>,
}

impl Headers {
    /// Takes them out of a framework's own. `get` gives all values of a header of this name, in lower case.
    pub fn collect<'a, I: Iterator<Item = &'a [u8]>>(
        method: Method,
        get: impl Fn(&'static str) -> I,
    ) -> Self {
        // One value that is no text must not hide the others: somebody else's cookie, or what a client puts before a proxy's address.
        let joined = |name, separator: &str| {
            let values: Vec<_> = get(name).map(String::from_utf8_lossy).collect();
            (!values.is_empty()).then(|| values.join(separator))
        };
        let single = |name| {
            let mut values = get(name);
            let value = values.next().and_then(|value| std::str::from_utf8(value).ok());
            if values.next().is_some() { None } else { value.map(str::to_owned) }
        };
        Self {
            method,
            cookie: joined("cookie", "; "),
            host: single("host"),
            origin: single("origin"),
            referer: single("referer"),
            sec_fetch_site: single("sec-fetch-site"),
            sec_fetch_mode: single("sec-fetch-mode"),
            sec_fetch_dest: single("sec-fetch-dest"),
            accept: joined("accept", ", "),
            accept_language: joined("accept-language", ", "),
            user_agent: single("user-agent"),
            forwarded_for: joined("x-forwarded-for", ", "),
            forwarded_host: single("x-forwarded-host"),
            forwarded: joined("forwarded", ", "),
        }
    }

    /// Whether a person goes to the address with a browser, for all that can be told: a browser that says how it asks says that it navigates,
    /// and to a page of its own rather than a frame in another one.
    #[must_use]
    pub fn is_navigation(&self) -> bool {
        self.sec_fetch_mode.as_deref().is_none_or(|mode| mode == "navigate")
            && self.sec_fetch_dest.as_deref().is_none_or(|shown_in| shown_in == "document")
    }

    /// Whether a person's browser shows the answer as a page, rather than a program reading it.
    #[must_use]
    pub fn wants_page(&self) -> bool {
        Self::say_page(self.sec_fetch_mode.as_deref(), self.accept.as_deref())
    }

    /// The same, from the two headers that tell: `Sec-Fetch-Mode` and `Accept`.
    #[must_use]
    pub fn say_page(sec_fetch_mode: Option<&str>, accept: Option<&str>) -> bool {
        match sec_fetch_mode {
            Some(mode) => mode == "navigate",
            None => accept.is_some_and(|accept| accept.contains("text/html")),
        }
    }
}

/// A field of a form or query.
pub(crate) fn field(encoded: &[u8], name: &str) -> Option<String> {
    url::form_urlencoded::parse(encoded).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(given: &'static [(&'static str, &'static str)]) -> Headers {
        Headers::collect(Method::Get, |name| {
            given.iter().filter(move |(key, _)| *key == name).map(|(_, value)| value.as_bytes())
        })
    }

    #[test]
    fn a_header_that_is_there_twice_is_not_believed() {
        let twice = headers(&[
            ("origin", "https://a"),
            ("origin", "https://b"),
            ("cookie", "a=1"),
            ("cookie", "b=2"),
        ]);
        assert_eq!(twice.origin, None);
        assert_eq!(twice.cookie.as_deref(), Some("a=1; b=2"));
        assert_eq!(headers(&[]).cookie, None);
    }

    #[test]
    fn a_page_is_told_from_a_program() {
        assert!(headers(&[("sec-fetch-mode", "navigate")]).wants_page());
        assert!(!headers(&[("sec-fetch-mode", "cors"), ("accept", "text/html")]).wants_page());
        assert!(headers(&[("accept", "text/html,*/*")]).wants_page());
        assert!(!headers(&[("accept", "application/json")]).wants_page());
        assert!(!headers(&[]).wants_page());
    }

    #[test]
    fn fields_are_decoded() {
        assert_eq!(field(b"a=1&name=Anna+%C3%A9&name=2", "name").as_deref(), Some("Anna é"));
        assert_eq!(field(b"a=1", "name"), None);
    }
}
