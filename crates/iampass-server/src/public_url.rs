//! The address under which clients and phones know the service, where that is not the one it listens on.

use std::fmt;
use std::str::FromStr;

use http::Uri;

/// A `--public-url`: scheme, host, port and path prefix, kept byte for byte as written, because clients sign what they call.
///
/// ```
/// use iampass_server::PublicUrl;
///
/// let url: PublicUrl = "https://login.example/iampass/".parse()?;
/// assert_eq!(url.as_str(), "https://login.example/iampass");
/// assert!("https://login.example/?a=b".parse::<PublicUrl>().is_err());
/// # Ok::<(), iampass_server::InvalidPublicUrl>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    url: String,
    scheme_length: usize,
    authority: String,
}

/// Why a text cannot be a public URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what}: write it as https://host, https://host:port or https://host/prefix")]
pub struct InvalidPublicUrl {
    what: &'static str,
}

impl PublicUrl {
    /// The URL without a trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// Whether it is `https`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.url.starts_with("https://")
    }

    /// `host[:port]`.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    /// `host[:port]/prefix`, as it is signed.
    pub(crate) fn without_scheme(&self) -> &str {
        self.url.get(self.scheme_length..).unwrap_or_default()
    }
}

impl FromStr for PublicUrl {
    type Err = InvalidPublicUrl;

    fn from_str(text: &str) -> Result<Self, InvalidPublicUrl> {
        let refuse = |what| Err(InvalidPublicUrl { what });
        if text.contains(['#', '?']) {
            return refuse("the public URL has a query or a fragment");
        }
        let Ok(uri) = text.parse::<Uri>() else { return refuse("the public URL is not a URL") };
        let scheme = match uri.scheme_str() {
            Some(scheme @ ("https" | "http")) => scheme,
            _ => return refuse("the public URL is neither https nor http"),
        };
        let Some(authority) = uri.authority().map(|authority| authority.as_str()) else {
            return refuse("the public URL has no host");
        };
        if authority.contains('@') {
            return refuse("the public URL holds a user name");
        }
        let scheme_length = scheme.len() + "://".len();
        let rest = text.get(scheme_length..).unwrap_or_default();
        if rest.contains("://") {
            return refuse("the public URL holds `://` twice, which a signature does not protect");
        }
        Ok(Self {
            url: text.trim_end_matches('/').to_owned(),
            scheme_length,
            authority: authority.to_owned(),
        })
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_kept_as_written() {
        let url: PublicUrl = "https://Login.Example:443/a%2fb/".parse().unwrap();
        assert_eq!(url.as_str(), "https://Login.Example:443/a%2fb");
        assert_eq!(url.without_scheme(), "Login.Example:443/a%2fb");
        assert_eq!(url.authority(), "Login.Example:443");
    }

    #[test]
    fn what_cannot_be_signed_is_refused() {
        for text in [
            "",
            "host",
            "ftp://h",
            "https://",
            "https://h/#f",
            "https://u@h",
            "/a",
            "https://h/a://b",
            "https://h /",
        ] {
            assert!(text.parse::<PublicUrl>().is_err(), "{text:?}");
        }
    }
}
