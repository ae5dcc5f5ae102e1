//! A request as the flow needs it, and nothing of any framework. Belongs here: what adapters fill in. Does not belong here:
//! decisions.

use std::net::IpAddr;

/// What an adapter passes on of a request.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Whether it may change something.
    pub method: Method,
    /// The path below the mount, with its leading slash.
    pub path: String,
    /// The query, without the question mark.
    pub query: String,
    /// What its headers say.
    pub headers: Headers,
    /// The address at the other end of the connection.
    pub peer: Option<IpAddr>,
    /// The body, of a form.
    pub body: Vec<u8>,
}

/// The methods that the routes know.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Method {
    /// GET.
    #[default]
    Get,
    /// POST.
    Post,
    /// Any other: HEAD too, since it must not take up a login.
    Other,
}

impl Method {
    /// By its name.
    #[must_use]
    pub fn named(name: &str) -> Self {
        match name {
            "GET" => Self::Get,
            "POST" => Self::Post,
            _ => Self::Other,
        }
    }
}

/// The headers that matter. Of those that have one value, one that is there twice or is no text is as good as absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers {
    /// `Cookie`; several of them joined by `; `.
    pub cookie: Option<String>,
    /// `Origin`.
    pub origin: Option<String>,
    /// `Sec-Fetch-Site`.
    pub sec_fetch_site: Option<String>,
    /// `Sec-Fetch-Mode`.
    pub sec_fetch_mode: Option<String>,
    /// `Accept`.
    pub accept: Option<String>,
    /// `X-Forwarded-For`; several of them joined by `, `.
    pub forwarded_for: Option<String>,
}

impl Headers {
    /// Takes them out of a framework's own. `get` gives all values of a header of this name, in lower case.
    pub fn collect<'a, I: Iterator<Item = &'a [u8]>>(get: impl Fn(&'static str) -> I) -> Self {
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
            cookie: joined("cookie", "; "),
            origin: single("origin"),
            sec_fetch_site: single("sec-fetch-site"),
            sec_fetch_mode: single("sec-fetch-mode"),
            accept: joined("accept", ", "),
            forwarded_for: joined("x-forwarded-for", ", "),
        }
    }

    /// Whether a person goes to the address with a browser, for all that can be told: a browser that says how it asks says that it navigates.
    #[must_use]
    pub fn is_navigation(&self) -> bool {
        self.sec_fetch_mode.as_deref().is_none_or(|mode| mode == "navigate")
    }

    /// Whether a person's browser shows the answer as a page, rather than a program reading it.
    #[must_use]
    pub fn wants_page(&self) -> bool {
        match self.sec_fetch_mode.as_deref() {
            Some(mode) => mode == "navigate",
            None => self.accept.as_deref().is_some_and(|accept| accept.contains("text/html")),
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
        Headers::collect(|name| {
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
