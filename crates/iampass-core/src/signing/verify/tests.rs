//! Signatures that are accepted, and every way in which one is refused.

use super::*;
use crate::signing::Signer;
use http::HeaderValue;
use proptest::prelude::*;

const AT: UnixSeconds = UnixSeconds(1_700_000_000);
const URL: &str = "login.example:8443/a%2Fb?c=d+e";

fn secret() -> Secret {
    Secret::new("test key, 24 bytes long.")
}

fn headers(id: &str, url: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    Signer { id, secret: &secret() }.sign(url, Nonce::new(77), AT).insert_into(&mut headers);
    headers
}

fn check(headers: &HeaderMap, now: UnixSeconds) -> Result<(), Refusal> {
    Presented::from_headers(headers)?.verify(&secret(), &[URL], now, DEFAULT_WINDOW)
}

/// Signs the documented form, which `sign` never does.
fn documented_form(scheme: &str) -> HeaderMap {
    let mut headers = headers("A", URL);
    let url = format!("{scheme}{URL}");
    let tag = crate::signing::sign::compute(&secret(), b"77", url.as_bytes(), AT);
    let value = format!("hmac A:77:{}", BASE64.encode(tag));
    headers.insert(AUTHENTICATION, HeaderValue::from_str(&value).unwrap());
    headers
}

#[test]
fn both_url_forms_are_accepted_and_nothing_else() {
    assert_eq!(check(&headers("A", &format!("https://{URL}")), AT), Ok(()));
    assert_eq!(check(&documented_form("https://"), AT), Ok(()));
    assert_eq!(check(&documented_form("http://"), AT), Ok(()));
    assert_eq!(check(&documented_form("ftp://"), AT), Err(Refusal::BadSignature));
    for other in
        ["login.example/a%2Fb?c=d+e", "login.example:8443/a/b?c=d+e", "login.example:8443/a%2Fb?c=d%20e", ""]
    {
        assert_eq!(check(&headers("A", other), AT), Err(Refusal::BadSignature), "{other}");
    }
}

/// They are part of the text that is signed, and of nothing else: the nonce is the same number.
#[test]
fn leading_zeros_of_a_nonce_are_signed_as_they_are_written() {
    let written = |nonce: &str, signed: &str| {
        let mut headers = headers("A", URL);
        let tag = crate::signing::sign::compute(&secret(), signed.as_bytes(), URL.as_bytes(), AT);
        let value = format!("hmac A:{nonce}:{}", BASE64.encode(tag));
        headers.insert(AUTHENTICATION, HeaderValue::from_str(&value).unwrap());
        headers
    };
    assert_eq!(check(&written("0077", "0077"), AT), Ok(()));
    assert_eq!(check(&written("0077", "77"), AT), Err(Refusal::BadSignature));
    assert_eq!(check(&written("77", "0077"), AT), Err(Refusal::BadSignature));
    let headers = written("0077", "0077");
    assert_eq!(Presented::from_headers(&headers).unwrap().nonce(), Nonce::new(77));
}

#[test]
fn any_of_the_names_a_service_has_may_be_signed() {
    let headers = headers("A", "https://public.example/prefix/x");
    let presented = Presented::from_headers(&headers).unwrap();
    assert!(
        presented.verify(&secret(), &["inner:8080/x", "public.example/prefix/x"], AT, DEFAULT_WINDOW).is_ok()
    );
    assert!(presented.verify(&secret(), &[], AT, DEFAULT_WINDOW).is_err());
}

#[test]
fn the_window_is_closed_at_both_ends() {
    let headers = headers("A", URL);
    assert_eq!(check(&headers, UnixSeconds(AT.0 + 300)), Ok(()));
    assert_eq!(check(&headers, UnixSeconds(AT.0 - 300)), Ok(()));
    assert!(matches!(check(&headers, UnixSeconds(AT.0 + 301)), Err(Refusal::TooOld { .. })));
    assert!(matches!(check(&headers, UnixSeconds(AT.0 - 301)), Err(Refusal::TooNew { .. })));
}

#[test]
fn a_wrong_secret_learns_nothing_about_the_clock() {
    let headers = headers("A", URL);
    let presented = Presented::from_headers(&headers).unwrap();
    let refused = presented.verify(&Secret::new("other"), &[URL], UnixSeconds(0), DEFAULT_WINDOW);
    assert_eq!(refused, Err(Refusal::BadSignature));
}

#[test]
fn an_empty_secret_opens_nothing() {
    let mut headers = HeaderMap::new();
    Signer { id: "A", secret: &Secret::new("") }.sign(URL, Nonce::new(1), AT).insert_into(&mut headers);
    let presented = Presented::from_headers(&headers).unwrap();
    assert_eq!(presented.verify(&Secret::new(""), &[URL], AT, DEFAULT_WINDOW), Err(Refusal::BadSignature));
}

#[test]
fn an_id_may_hold_colons() {
    let headers = headers("a:b:c", URL);
    assert_eq!(Presented::from_headers(&headers).unwrap().id(), "a:b:c");
    assert_eq!(check(&headers, AT), Ok(()));
}

#[test]
fn every_spelling_of_the_timestamp_is_read() {
    let mut headers = headers("A", URL);
    let timestamp = headers.remove(TIMESTAMP).unwrap();
    assert_eq!(check(&headers, AT), Err(Refusal::Missing { header: "X-IAMPASS-Authentication-Timestamp" }));
    headers.insert("X-IAMPASS-Authentiaction-Timestamp", timestamp.clone());
    headers.remove("x-iampass-authentication-version");
    headers.remove("x-iamoass-authentication-version");
    assert_eq!(check(&headers, AT), Ok(()));
    headers.insert(TIMESTAMP, HeaderValue::from_static("1700000001"));
    assert!(matches!(check(&headers, AT), Err(Refusal::Malformed { .. })));
}

#[test]
fn a_digit_cannot_move_between_url_and_timestamp() {
    let mut headers = headers("A", "login.example:8443/a?n=1");
    headers.insert(TIMESTAMP, HeaderValue::from_static("01700000000"));
    assert!(matches!(Presented::from_headers(&headers), Err(Refusal::Malformed { .. })));
}

#[test]
fn a_url_that_the_greedy_cut_would_shorten_is_refused() {
    let url = "login.example/a?next=https://b/c";
    let headers = headers("A", &format!("https://{url}"));
    let presented = Presented::from_headers(&headers).unwrap();
    for urls in [&[url][..], &["b/c", url]] {
        let refused = presented.verify(&secret(), urls, AT, DEFAULT_WINDOW);
        assert!(matches!(refused, Err(Refusal::Malformed { .. })), "{refused:?}");
    }
}

#[test]
fn what_cannot_be_read_is_malformed() {
    for value in [
        "",
        "hmac",
        "hmac ",
        "hmac A",
        "hmac A:1",
        "hmac :1:AAAAAAAAAAAAAAAAAAAAAA==",
        "Bearer A:1:AAAAAAAAAAAAAAAAAAAAAA==",
        "hmac A:x:AAAAAAAAAAAAAAAAAAAAAA==",
        "hmac A:1:AAAA",
        "hmac A:1:AAAAAAAAAAAAAAAAAAAAAB==",
        "hmac A:1:AAAAAAAAAAAAAAAAAAAAAA",
        "hmac A:1:AAAAAAAAAAAAAAAAAAAAAA== ",
    ] {
        let mut headers = headers("A", URL);
        headers.insert(AUTHENTICATION, HeaderValue::from_str(value).unwrap());
        assert!(matches!(check(&headers, AT), Err(Refusal::Malformed { .. })), "{value:?}");
    }
    let mut twice = headers("A", URL);
    twice.append(AUTHENTICATION, HeaderValue::from_static("hmac B:1:AAAAAAAAAAAAAAAAAAAAAA=="));
    assert!(matches!(check(&twice, AT), Err(Refusal::Malformed { .. })));
}

proptest! {
    #[test]
    fn one_changed_bit_is_a_bad_signature(byte in 0_usize..16, bit in 0_u8..8) {
        let headers = headers("A", URL);
        let mut presented = Presented::from_headers(&headers).unwrap();
        presented.signature[byte] ^= 1 << bit;
        prop_assert_eq!(presented.verify(&secret(), &[URL], AT, DEFAULT_WINDOW), Err(Refusal::BadSignature));
    }

    #[test]
    fn no_header_makes_it_panic(value in "\\PC{0,80}", timestamp in "\\PC{0,24}") {
        let mut headers = HeaderMap::new();
        if let (Ok(value), Ok(timestamp)) = (HeaderValue::from_str(&value), HeaderValue::from_str(&timestamp)) {
            headers.insert(AUTHENTICATION, value);
            headers.insert(TIMESTAMP, timestamp);
        }
        prop_assert!(check(&headers, AT).is_err());
    }
}
