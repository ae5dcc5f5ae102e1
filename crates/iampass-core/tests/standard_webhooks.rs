//! Events against the library of Standard Webhooks itself: each side reads what the other has signed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::{SystemTime, UNIX_EPOCH};

use http::HeaderMap;
use iampass_core::UnixSeconds;
use iampass_core::events::{
    EVENT_ID, EVENT_SIGNATURE, EVENT_TIMESTAMP, EventBody, EventHeaders, EventKind, EventSecret,
    RefusedEvent, sign, verify,
};
use standardwebhooks::Webhook;

fn now() -> UnixSeconds {
    UnixSeconds(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs())
}

fn headers(id: &str, at: UnixSeconds, signature: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(EVENT_ID, id.parse().unwrap());
    headers.insert(EVENT_TIMESTAMP, at.to_string().parse().unwrap());
    headers.insert(EVENT_SIGNATURE, signature.parse().unwrap());
    headers
}

#[test]
fn the_library_verifies_what_the_service_signs() {
    let (old, new) = (EventSecret::from_bytes([1; 32]), EventSecret::from_bytes([2; 32]));
    let body = EventBody::new(EventKind::UserAdded, now(), "APP").about(Some("ü/1"), None, None).to_json();
    let at = now();
    let signature = sign(&[new.clone(), old.clone()], "evt_1", at, body.as_bytes());
    for secret in [&old, &new] {
        let library = Webhook::new(secret.to_text().expose()).unwrap();
        library.verify(body.as_bytes(), &headers("evt_1", at, &signature)).unwrap();
        assert!(library.verify(body.as_bytes(), &headers("evt_2", at, &signature)).is_err());
        assert!(library.verify(b"{}", &headers("evt_1", at, &signature)).is_err());
    }
    let other = Webhook::new(EventSecret::from_bytes([3; 32]).to_text().expose()).unwrap();
    assert!(other.verify(body.as_bytes(), &headers("evt_1", at, &signature)).is_err());
}

#[test]
fn what_the_library_signs_is_verified() {
    let secret = EventSecret::from_bytes([1; 32]);
    let library = Webhook::new(secret.to_text().expose()).unwrap();
    let body = EventBody::new(EventKind::UserAdded, now(), "APP").about(Some("u1"), None, None).to_json();
    let at = now();
    let signature = library.sign("evt_1", i64::try_from(at.0).unwrap(), body.as_bytes()).unwrap();
    let headers = headers("evt_1", at, &signature);
    let read = EventHeaders::of(&headers).unwrap();
    assert_eq!(verify(&[secret], &read, body.as_bytes(), now()).unwrap().user.unwrap().as_str(), "u1");
    let other = [EventSecret::from_bytes([2; 32])];
    assert_eq!(verify(&other, &read, body.as_bytes(), now()), Err(RefusedEvent::NotSigned));
}
