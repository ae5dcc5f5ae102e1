//! The changes to make, by proxy. A proxy is known by the headers that it adds to answers; not every one adds some.

use http::HeaderMap;
use http::header::{SERVER, VIA};

/// A program that stands in front of services.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Front {
    Nginx,
    Apache,
    Caddy,
    Varnish,
    Lighttpd,
    Squid,
    TrafficServer,
    Nghttpx,
    H2o,
    /// One that says nothing of itself, as HAProxy, or none at all.
    #[default]
    Unknown,
}

/// The trouble that has to be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Path or query do not arrive as they were sent.
    Url,
    /// A long URL is refused.
    LongUrl,
    /// A method, or a body of no bytes, is refused.
    Method,
    /// Events do not come one by one.
    Stream,
    /// Silence is cut off.
    Silence,
    /// A header with an address, of the caller's own making, is handed on.
    Address,
}

const GUIDE: &str = "docs/proxies.md has files for ten proxies";

impl Front {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        const KNOWN: [(&str, Front); 10] = [
            ("nginx", Front::Nginx),
            ("openresty", Front::Nginx),
            ("apache", Front::Apache),
            ("caddy", Front::Caddy),
            ("varnish", Front::Varnish),
            ("lighttpd", Front::Lighttpd),
            ("squid", Front::Squid),
            ("ats/", Front::TrafficServer),
            ("nghttpx", Front::Nghttpx),
            ("h2o", Front::H2o),
        ];
        let named = |name| {
            let lines =
                headers.get_all(name).iter().filter_map(|line: &http::HeaderValue| line.to_str().ok());
            let said = lines.collect::<Vec<_>>().join(" ").to_ascii_lowercase();
            // Apache Traffic Server says both.
            KNOWN.iter().rev().find(|(word, _)| said.contains(word)).map(|(_, front)| *front)
        };
        named(SERVER).or_else(|| named(VIA)).unwrap_or_default()
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Apache => "Apache",
            Self::Caddy => "Caddy",
            Self::Varnish => "Varnish",
            Self::Lighttpd => "lighttpd",
            Self::Squid => "Squid",
            Self::TrafficServer => "Traffic Server",
            Self::Nghttpx => "nghttpx",
            Self::H2o => "H2O",
            Self::Unknown => "the proxy",
        }
    }

    /// The remedy.
    pub(super) fn advice(self, trouble: Trouble) -> String {
        let name = self.name();
        match self.setting(trouble) {
            Some(setting) => format!("{name}: {setting}"),
            None => format!("{name}: {}; {GUIDE}", aim(trouble)),
        }
    }

    const fn setting(self, trouble: Trouble) -> Option<&'static str> {
        use Front as F;
        use Trouble as T;
        Some(match (self, trouble) {
            (F::Nginx, T::Url) => {
                "write no path after the port of proxy_pass, as in `proxy_pass http://127.0.0.1:8089;`"
            }
            (F::Nginx, T::LongUrl) => {
                "raise large_client_header_buffers, as in `large_client_header_buffers 4 16k;`"
            }
            (F::Nginx, T::Stream) => {
                "remove `proxy_ignore_headers X-Accel-Buffering`, or set `proxy_buffering off;`"
            }
            (F::Nginx, T::Silence) => "raise proxy_read_timeout to 60s",
            (F::Nginx, T::Address) => "set `proxy_set_header X-Forwarded-For $remote_addr;`",
            (F::Apache, T::Url) => "add nocanon to ProxyPass, and set `AllowEncodedSlashes NoDecode`",
            (F::Apache, T::LongUrl) => "raise LimitRequestLine to 16380",
            (F::Apache, T::Stream) => {
                "remove the filters that hold answers back, such as DEFLATE for text/event-stream, and set flushpackets=on in ProxyPass"
            }
            (F::Apache, T::Silence) => "raise ProxyTimeout, or timeout= of ProxyPass, to 60",
            (F::Apache, T::Address) => {
                "set `RequestHeader unset X-Forwarded-For early`, and leave ProxyAddHeaders on"
            }
            (F::Caddy, T::Url) => {
                "take no prefix off (handle_path, uri strip_prefix): the service takes it off itself"
            }
            (F::Caddy, T::Stream) => "set `flush_interval -1` in reverse_proxy",
            (F::Caddy, T::Silence) => {
                "raise response_header_timeout and read_timeout of the transport to 60s"
            }
            (F::Caddy, T::Address) => {
                "remove header_up of X-Forwarded-For: reverse_proxy writes it by itself"
            }
            (F::Varnish, T::Stream) => {
                "`return (pass)` in vcl_recv, and beresp.do_stream as it is by default"
            }
            (F::Varnish, T::Silence) => "raise first_byte_timeout and between_bytes_timeout to 60s",
            (F::Varnish, T::Address) => "in vcl_recv, set `set req.http.X-Forwarded-For = client.ip;`",
            (F::Lighttpd, T::Url) => {
                "set `server.http-parseopts := ( \"url-normalize\" => \"disable\" )` and `url.access-deny := ( )`"
            }
            (F::Lighttpd, T::LongUrl) => "set `server.max-request-field-size = 16384`",
            (F::Lighttpd, T::Stream) => "set `server.stream-response-body = 2`",
            (F::Lighttpd, T::Silence) => {
                "raise server.max-read-idle and the read-timeout of proxy.server to 60"
            }
            (F::Squid, T::LongUrl) => "it takes no URL of more than 8 KiB: shorten what stands in URLs",
            (F::Squid, T::Silence) => "raise read_timeout to 1 minute",
            (F::Squid, T::Address) => "set `forwarded_for on`",
            (F::TrafficServer, T::Silence) => {
                "raise proxy.config.http.transaction_no_activity_timeout_out and _in to 60 in records.config"
            }
            (F::TrafficServer, T::Address) => "set `proxy.config.http.insert_squid_x_forwarded_for INT 1`",
            (F::Nghttpx, T::Silence) => "raise backend-read-timeout to 1m",
            (F::Nghttpx, T::Address) => "set add-x-forwarded-for=yes and strip-incoming-x-forwarded-for=yes",
            (F::H2o, T::Silence) => "raise proxy.timeout.io to 60000",
            _ => return None,
        })
    }
}

const fn aim(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Url => "set it so that it hands on path and query as they came",
        Trouble::LongUrl => "set it so that it takes URLs of 8,000 bytes",
        Trouble::Method => "set it so that it takes this request",
        Trouble::Stream => {
            "set it so that it hands on an answer of the type text/event-stream as it comes, and keeps none"
        }
        Trouble::Silence => "set it so that it waits 60 s for an answer and for the next byte of one",
        Trouble::Address => {
            "set it so that it removes the caller's X-Forwarded-For and Forwarded, and writes the caller's address itself"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_known_by_what_they_write() {
        for (name, said, front) in [
            (SERVER, "nginx/1.22.1", Front::Nginx),
            (SERVER, "Apache/2.4.71 (Debian)", Front::Apache),
            (SERVER, "Caddy", Front::Caddy),
            (VIA, "1.1 varnish (Varnish/7.1)", Front::Varnish),
            (SERVER, "lighttpd/1.4.69", Front::Lighttpd),
            (VIA, "1.1 host (squid/5.7)", Front::Squid),
            (SERVER, "ATS/9.2.9", Front::TrafficServer),
            (VIA, "http/1.1 host (ApacheTrafficServer/9.2.9), ATS/9.2.9", Front::TrafficServer),
            (SERVER, "nghttpx", Front::Nghttpx),
            (SERVER, "h2o/2.2.5", Front::H2o),
            (SERVER, "something", Front::Unknown),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(name, said.parse().unwrap());
            assert_eq!(Front::of(&headers), front, "{said}");
        }
    }

    #[test]
    fn something_is_advised_in_every_case() {
        assert!(Front::Apache.advice(Trouble::Url).starts_with("Apache: add nocanon"));
        let of_any = Front::Unknown.advice(Trouble::Url);
        assert!(of_any.starts_with("the proxy: set it so") && of_any.ends_with(GUIDE), "{of_any}");
    }
}
