//! From the URI that was signed to the URL that reqwest calls.
//!
//! Belongs here: the proof that the two are the same text. Does not belong here: which hosts may be called, which the core
//! has checked.

use http::Uri;
use iampass_core::port::{TransportError, TransportErrorKind};
use url::{Host, Url};

/// The URL of `signed`, if reqwest sends the very text that was signed.
///
/// A URL parser tidies up: it resolves dot segments, drops default ports, writes hosts in lower case. The signature is over
/// the text before that, so a URL which is not tidy already is refused.
pub(crate) fn destination(signed: &Uri) -> Result<Url, TransportError> {
    let signed = signed.to_string();
    let rewritten = || TransportError::new(TransportErrorKind::UrlRewritten);
    let url = Url::parse(&signed).map_err(|error| rewritten().with_source(error))?;
    // Without a host it is no URL of a server; a user name and password would leave the URL for a header.
    if url.as_str() != signed
        || url.host().is_none()
        || !url.username().is_empty()
        || url.password().is_some()
    {
        return Err(rewritten());
    }
    Ok(url)
}

/// Whether the URL leads to this machine, where no proxy stands in between.
pub(crate) fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kind(uri: &str) -> Result<String, TransportErrorKind> {
        destination(&uri.parse().unwrap()).map(String::from).map_err(|error| error.kind())
    }

    #[test]
    fn what_a_parser_would_tidy_up_is_refused() {
        for uri in [
            "https://login.example:443/a",
            "http://login.example:80/a",
            "https://LOGIN.example/a",
            "https://login.example/a/./b",
            "https://login.example/a/../b",
            "https://login.example/a/%2e%2E/b",
            "https://login.example/a/..",
            "https://login.example/a/.?b=c",
            "https://user@login.example/a",
            "https://user:password@login.example/a",
            "https://0x7f.1/a",
            "https://[0:0::1]/a",
            "/a",
            "login.example:443",
            "*",
        ] {
            assert_eq!(kind(uri), Err(TransportErrorKind::UrlRewritten), "{uri}");
        }
    }

    #[test]
    fn what_is_tidy_goes_out_as_it_is() {
        for uri in [
            "https://login.example/",
            "https://login.example:8443/a%20b%2Fc?d=%41,+e",
            "http://[::1]:8089/iampass/s?x=1&y=",
            "http://127.0.0.1:1/a//b?",
            "https://login.example/a+b%2B~*'()",
            "https://xn--bcher-kva.example/a",
        ] {
            assert_eq!(kind(uri).as_deref(), Ok(uri));
        }
    }

    #[test]
    fn this_machine_is_told_from_others() {
        for (url, here) in [
            ("http://localhost:1/", true),
            ("http://127.8.8.8/", true),
            ("http://[::1]/", true),
            ("http://localhost.example/", false),
            ("http://10.0.0.1/", false),
            ("http://[::2]/", false),
        ] {
            assert_eq!(is_this_machine(&Url::parse(url).unwrap()), here, "{url}");
        }
    }

    proptest! {
        #[test]
        fn there_is_no_third_way(path in "[a-z%./?&=+:@A-F0-9 ]{0,30}") {
            let signed = format!("https://login.example/{path}");
            if let Ok(uri) = signed.parse::<Uri>() {
                match destination(&uri) {
                    Ok(url) => prop_assert_eq!(url.as_str(), signed),
                    Err(error) => prop_assert_eq!(error.kind(), TransportErrorKind::UrlRewritten),
                }
            }
        }
    }
}
