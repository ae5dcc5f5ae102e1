//! The request that a proxy asks about. Belongs here: reading it from the headers of the proxy's question. Does not belong here: what follows.
//!
//! Whatever is not there exactly once, or is there in two ways, is refused: one of the two is the client's.

use http::header::UPGRADE;
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use url::Url;

use crate::rules::AskedMethod;

/// The way in which a proxy says what it asks about, and which answers it understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    /// `X-Original-URI` and `X-Original-Method`: nginx, which understands 200, 401 and 403 alone.
    Original,
    /// `X-Forwarded-Uri`, `X-Forwarded-Method` and `X-Forwarded-Host`: Caddy, Traefik and HAProxy, which hand any answer on.
    Forwarded,
}

/// The request that a proxy asks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Original {
    /// The method.
    pub method: String,
    /// The path and query, as they were sent.
    pub address: String,
    /// The host that the client asked.
    pub host: String,
    /// How the proxy has asked.
    pub asking: Asking,
}

/// A question that says not clearly what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[non_exhaustive]
pub enum Unclear {
    /// A header is missing.
    #[error("the proxy does not send {0}: take its lines from `iampass-gate proxy`")]
    Missing(&'static str),
    /// A header is there twice, or is no text.
    #[error("{0} is there twice or is no text")]
    NotOne(&'static str),
    /// Headers of both ways are there.
    #[error("{0} is there beside the header of the proxy: a client has sent one of them")]
    Both(&'static str),
    /// The client asks the site for another protocol on the same connection, within which nobody would be asked about a request.
    #[error(
        "a client asks for another protocol than websocket, or connects through: requests within it would not be asked about"
    )]
    OtherProtocol,
    /// The client has sent a header by which the site would be told who it is.
    #[error("a client has sent a header that is the gate's own")]
    Identity,
}

const ORIGINAL_URI: &str = "x-original-uri";
const ORIGINAL_METHOD: &str = "x-original-method";
const FORWARDED_URI: &str = "x-forwarded-uri";
const FORWARDED_METHOD: &str = "x-forwarded-method";
const FORWARDED_HOST: &str = "x-forwarded-host";

/// Headers by which sites let a client choose another method.
const OTHER_METHOD: [&str; 3] = ["x-http-method", "x-http-method-override", "x-method-override"];

/// Names of fields of a query by which sites let a client choose another method, without the signs between their letters.
const OTHER_METHOD_FIELDS: [&str; 4] = ["httpmethod", "methodoverride", "xhttpmethod", "xhttpmethodoverride"];

/// Headers by which sites let a client choose another path, what is taken off its front, or a second path that the request is about.
const OTHER_PATH: [&str; 9] = [
    // WebDAV: where a copy goes.
    "destination",
    "path-info",
    "script-name",
    "x-forwarded-path",
    "x-forwarded-prefix",
    "x-original-url",
    "x-path-info",
    "x-rewrite-url",
    "x-script-name",
];

impl Original {
    /// Reads the headers of a question.
    ///
    /// # Errors
    /// [`Unclear`].
    pub fn of_question(headers: &HeaderMap) -> Result<Self, Unclear> {
        let original = [ORIGINAL_URI, ORIGINAL_METHOD].into_iter().find(|name| headers.contains_key(*name));
        let forwarded =
            [FORWARDED_URI, FORWARDED_METHOD].into_iter().find(|name| headers.contains_key(*name));
        let (asking, method, address, host) = match (original, forwarded) {
            (Some(both), Some(_)) => return Err(Unclear::Both(both)),
            (Some(_), None) => (Asking::Original, ORIGINAL_METHOD, ORIGINAL_URI, "host"),
            (None, _) => (Asking::Forwarded, FORWARDED_METHOD, FORWARDED_URI, FORWARDED_HOST),
        };
        Ok(Self {
            address: only(headers, address)?.to_owned(),
            method: only(headers, method)?.to_owned(),
            host: only(headers, host)?.to_owned(),
            asking,
        })
    }

    /// The method, unless the client has asked the site to take it for another one.
    #[must_use]
    pub fn asked_method(&self, headers: &HeaderMap) -> AskedMethod<'_> {
        let is_upper = !self.method.is_empty()
            && self.method.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-');
        let has_other = any_of(headers, &OTHER_METHOD).is_some() || self.has_method_in_query();
        if is_upper && !has_other { AskedMethod::Known(&self.method) } else { AskedMethod::Unclear }
    }

    /// Whether a field of the query may be one by which a site takes another method: `_method` in any way of writing it.
    fn has_method_in_query(&self) -> bool {
        let query = self.address.split_once('?').map_or("", |(_, query)| query);
        query.split(['&', ';']).any(|field| {
            let name = field.split('=').next().unwrap_or_default().replace('+', " ");
            let name = percent_decode_str(&name).decode_utf8_lossy().to_ascii_lowercase();
            // PHP reads a name to its first zero, and takes dots, spaces and brackets for `_`.
            let name = name.split('\0').next().unwrap_or_default();
            let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
            (letters == "method" && !name.starts_with('m')) || OTHER_METHOD_FIELDS.contains(&&*letters)
        })
    }

    /// Whether the host is that of this origin, like `https://site.example`.
    #[must_use]
    pub fn is_at(&self, origin: &str) -> bool {
        let Some((scheme, _)) = origin.split_once("://") else { return false };
        let Ok(url) = Url::parse(&format!("{scheme}://{}/", self.host)) else { return false };
        let is_host_alone = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        is_host_alone && url.origin().ascii_serialization() == origin
    }
}

/// Whether the client asks for another protocol than WebSocket on the same connection, such as HTTP/2 without TLS: the site would get further requests by it,
/// and nobody is asked about them.
#[must_use]
pub fn leaves_http(original: &Original, headers: &HeaderMap) -> bool {
    let is_websocket = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"websocket");
    let mut upgrades = headers.get_all(UPGRADE).into_iter();
    let is_other = match (upgrades.next(), upgrades.next()) {
        (None, _) => false,
        (Some(one), None) => !is_websocket(one),
        (Some(_), Some(_)) => true,
    };
    is_other || headers.contains_key("http2-settings") || original.method.eq_ignore_ascii_case("CONNECT")
}

/// The header by which the client has asked the site to take the path for another one, or for one of two.
#[must_use]
pub fn other_path(headers: &HeaderMap) -> Option<&'static str> {
    any_of(headers, &OTHER_PATH)
}

/// The first of these names whose header is there, also with other dashes: CGI knows no difference.
fn any_of(headers: &HeaderMap, names: &[&'static str]) -> Option<&'static str> {
    headers.keys().find_map(|name| {
        let sent = as_cgi_reads(name);
        names.iter().copied().find(|known| *known == sent)
    })
}

/// The name as programs read it that get headers by CGI or WSGI: `Remote_User` is `Remote-User` there, and `Remote.User` is in PHP and lighttpd.
#[must_use]
pub fn as_cgi_reads(name: &HeaderName) -> String {
    name.as_str().replace(|sign: char| !sign.is_ascii_alphanumeric(), "-")
}

fn only<'h>(headers: &'h HeaderMap, name: &'static str) -> Result<&'h str, Unclear> {
    let mut values = headers.get_all(name).into_iter();
    let value = values.next().ok_or(Unclear::Missing(name))?;
    if values.next().is_some() {
        return Err(Unclear::NotOne(name));
    }
    value.to_str().map_err(|_| Unclear::NotOne(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(given: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in given {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    const NGINX: [(&str, &str); 3] =
        [("x-original-uri", "/a?b"), ("x-original-method", "POST"), ("host", "site.example")];
    const CADDY: [(&str, &str); 4] = [
        ("x-forwarded-uri", "/a?b"),
        ("x-forwarded-method", "POST"),
        ("x-forwarded-host", "site.example"),
        ("host", "127.0.0.1:8090"),
    ];

    #[test]
    fn both_ways_of_asking_are_read() {
        for (given, asking) in [(&NGINX[..], Asking::Original), (&CADDY[..], Asking::Forwarded)] {
            let original = Original::of_question(&headers(given)).unwrap();
            let expected = Original {
                method: "POST".to_owned(),
                address: "/a?b".to_owned(),
                host: "site.example".to_owned(),
                asking,
            };
            assert_eq!(original, expected);
        }
    }

    #[test]
    fn a_question_in_doubt_is_refused() {
        for given in [NGINX.to_vec(), CADDY[..3].to_vec()] {
            for at in 0..given.len() {
                let mut missing = given.clone();
                missing.remove(at);
                assert!(Original::of_question(&headers(&missing)).is_err(), "{missing:?}");
                let mut twice = given.clone();
                twice.push((given[at].0, "/assets/x"));
                assert!(Original::of_question(&headers(&twice)).is_err(), "{twice:?}");
            }
        }
        for other in ["x-forwarded-uri", "x-forwarded-method"] {
            let both = [&NGINX[..], &[(other, "/assets/x")]].concat();
            assert!(matches!(Original::of_question(&headers(&both)), Err(Unclear::Both(_))));
        }
        assert!(Original::of_question(&HeaderMap::new()).is_err());
    }

    #[test]
    fn only_the_gate_s_own_origin_is_its_own() {
        let at = |host: &str, origin: &str| {
            Original {
                method: "GET".to_owned(),
                address: "/".to_owned(),
                host: host.to_owned(),
                asking: Asking::Forwarded,
            }
            .is_at(origin)
        };
        for (host, origin) in [
            ("site.example", "https://site.example"),
            ("SITE.example:443", "https://site.example"),
            ("site.example:8443", "https://site.example:8443"),
            ("127.0.0.1:80", "http://127.0.0.1"),
        ] {
            assert!(at(host, origin), "{host} {origin}");
        }
        for host in [
            "",
            "other.example",
            "site.example.other",
            "site.example:8443",
            "x@site.example",
            "site.example/x",
            "site.example, a",
            "site.example?x",
        ] {
            assert!(!at(host, "https://site.example"), "{host}");
        }
    }

    #[test]
    fn a_method_or_path_of_another_header_is_seen() {
        let original = Original::of_question(&headers(&NGINX)).unwrap();
        assert_eq!(original.asked_method(&headers(&NGINX)), AskedMethod::Known("POST"));
        for name in ["x-http-method-override", "x_http_method_override", "x-method-override", "x-http-method"]
        {
            assert_eq!(original.asked_method(&headers(&[(name, "DELETE")])), AskedMethod::Unclear);
        }
        let at = |address: &str| Original { address: address.to_owned(), ..original.clone() };
        for query in [
            "_method=DELETE",
            "a=b&_method=DELETE",
            "a=b;_method=DELETE",
            "%5Fmethod=DELETE",
            "_METHOD=put",
            "+_method=DELETE",
            ".method=DELETE",
            "_method%00=DELETE",
            "_method",
            "X-HTTP-Method-Override=DELETE",
            "x_http_method=DELETE",
            "$httpMethod=DELETE",
        ] {
            let asked = at(&format!("/a?{query}"));
            assert_eq!(asked.asked_method(&headers(&NGINX)), AskedMethod::Unclear, "{query}");
        }
        for query in ["", "method=card", "payment_method=card", "a=_method", "_methods=a"] {
            let asked = at(&format!("/a?{query}"));
            assert_eq!(asked.asked_method(&headers(&NGINX)), AskedMethod::Known("POST"), "{query}");
        }
        assert_eq!(at("/_method=DELETE").asked_method(&headers(&NGINX)), AskedMethod::Known("POST"));
        let lower = Original { method: "post".to_owned(), ..original };
        assert_eq!(lower.asked_method(&HeaderMap::new()), AskedMethod::Unclear);
        assert_eq!(other_path(&headers(&[("x-original-url", "/admin")])), Some("x-original-url"));
        for name in [
            "x.original.url",
            "script_name",
            "x-script-name",
            "x-forwarded-prefix",
            "path_info",
            "destination",
        ] {
            assert!(other_path(&headers(&[(name, "/assets")])).is_some(), "{name}");
        }
        assert_eq!(other_path(&headers(&[("x_rewrite_url", "/admin")])), Some("x-rewrite-url"));
        assert_eq!(other_path(&headers(&NGINX)), None);
    }
}
