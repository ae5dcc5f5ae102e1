use super::*;
use crate::events::{EventHow, EventKind, sign};

const NOW: UnixSeconds = UnixSeconds(1_800_000_000);

fn secret(byte: u8) -> EventSecret {
    EventSecret::from_bytes([byte; 32])
}

fn body() -> String {
    EventBody::new(EventKind::SessionEnded, UnixSeconds(NOW.0 - 5), "APP")
        .about(Some("u1"), Some("t1"), Some(EventHow::ByPhone))
        .to_json()
}

fn judged(
    secrets: &[EventSecret],
    id: &str,
    at: &str,
    signature: &str,
    body: &str,
) -> Result<Event, RefusedEvent> {
    verify(secrets, &EventHeaders { id, timestamp: at, signature }, body.as_bytes(), NOW)
}

#[test]
fn an_event_is_read_by_either_of_two_secrets() {
    let (body, at) = (body(), NOW.to_string());
    let (old, new) = (secret(1), secret(2));
    for signed_by in [vec![old.clone()], vec![new.clone()], vec![old.clone(), new.clone()]] {
        let signature = sign(&signed_by, "e1", NOW, body.as_bytes());
        let event = judged(&[new.clone(), old.clone()], "e1", &at, &signature, &body).unwrap();
        assert_eq!((event.id.as_str(), &event.kind, event.at.0), ("e1", &EventKind::SessionEnded, NOW.0 - 5));
        assert_eq!(event.application.as_str(), "APP");
        assert_eq!(event.user.unwrap().as_str(), "u1");
        assert_eq!(event.session.unwrap().as_str(), "t1");
        assert_eq!(event.how, Some(EventHow::ByPhone));
    }
    let signature = format!("v1a,abcd {} v2,x", sign(std::slice::from_ref(&new), "e1", NOW, body.as_bytes()));
    assert!(judged(&[new], "e1", &at, &signature, &body).is_ok(), "other ways of signing stand beside it");
}

#[test]
fn nothing_is_taken_that_another_secret_signed_or_that_was_changed() {
    let (body, at) = (body(), NOW.to_string());
    let good = sign(&[secret(1)], "e1", NOW, body.as_bytes());
    let ours = [secret(1)];
    assert!(judged(&ours, "e1", &at, &good, &body).is_ok());
    let other = sign(&[secret(2)], "e1", NOW, body.as_bytes());
    let earlier = (NOW.0 - 1).to_string();
    let changed = body.replace("u1", "u2");
    let short = good.get(..good.len() - 4).unwrap();
    for (id, at, signature, body) in [
        ("e1", &at, other.as_str(), &body),
        ("e2", &at, good.as_str(), &body),
        ("e1", &earlier, good.as_str(), &body),
        ("e1", &at, good.as_str(), &changed),
        ("e1", &at, short, &body),
        ("e1", &at, "", &body),
        ("e1", &at, "v1,", &body),
        ("e1", &at, good.trim_start_matches("v1,"), &body),
    ] {
        assert_eq!(
            judged(&ours, id, at, signature, body),
            Err(RefusedEvent::NotSigned),
            "{id} {at} {signature}"
        );
    }
    assert_eq!(
        judged(&[], "e1", &at, &good, &body),
        Err(RefusedEvent::NotSigned),
        "without a secret nothing is good"
    );
}

#[test]
fn every_bit_of_a_signature_counts() {
    let (body, at) = (body(), NOW.to_string());
    let good = computed(&secret(1), "e1", &at, body.as_bytes());
    for bit in 0..256 {
        let mut changed = good;
        changed[bit / 8] ^= 1 << (bit % 8);
        let signature = format!("v1,{}", BASE64.encode(changed));
        assert_eq!(judged(&[secret(1)], "e1", &at, &signature, &body), Err(RefusedEvent::NotSigned), "{bit}");
    }
}

#[test]
fn an_attempt_counts_for_five_minutes_either_way() {
    let body = body();
    for (seconds, is_taken) in [(-301, false), (-300, true), (0, true), (300, true), (301, false)] {
        let at = UnixSeconds(NOW.0.checked_add_signed(seconds).unwrap());
        let signature = sign(&[secret(1)], "e1", at, body.as_bytes());
        let judged = judged(&[secret(1)], "e1", &at.to_string(), &signature, &body);
        assert_eq!(judged.is_ok(), is_taken, "{seconds}: {judged:?}");
        if !is_taken {
            assert_eq!(judged, Err(RefusedEvent::NotNow));
        }
    }
}

#[test]
fn a_number_has_one_spelling_and_an_id_no_full_stop() {
    let body = body();
    for at in ["", "+1800000000", "01800000000", " 1800000000", "1.8e9", "-1", "99999999999999999999999"] {
        let refused = judged(&[secret(1)], "e1", at, "v1,x", &body);
        assert_eq!(refused, Err(RefusedEvent::BadHeader("webhook-timestamp")), "{at:?}");
    }
    for id in ["", "e.1"] {
        let signature = sign(&[secret(1)], id, NOW, body.as_bytes());
        let refused = judged(&[secret(1)], id, &NOW.to_string(), &signature, &body);
        assert_eq!(refused, Err(RefusedEvent::BadHeader("webhook-id")), "{id:?}");
    }
}

#[test]
fn a_signed_body_that_is_no_event_is_refused() {
    let too_long = format!("{{\"type\":\"{}\"}}", "x".repeat(LONGEST_EVENT));
    for body in [
        "",
        "{}",
        "[]",
        "null",
        r#"{"type":"user.added","timestamp":"yesterday","data":{"application":"APP"}}"#,
        r#"{"type":"user.added","timestamp":"2027-01-15T08:00:00Z","data":{"application":""}}"#,
        r#"{"type":"user.added","timestamp":"2027-01-15T08:00:00Z","data":{"application":"A","user":""}}"#,
        r#"{"type":1,"timestamp":"2027-01-15T08:00:00Z","data":{"application":"A"}}"#,
        &too_long,
    ] {
        let signature = sign(&[secret(1)], "e1", NOW, body.as_bytes());
        let refused = judged(&[secret(1)], "e1", &NOW.to_string(), &signature, body);
        assert_eq!(refused, Err(RefusedEvent::Malformed), "{}", body.get(..40).unwrap_or(body));
    }
}

#[test]
fn what_a_later_version_adds_is_kept_or_passed_over() {
    let body = r#"{"type":"moon.full","timestamp":"2027-01-15T08:00:00Z","data":{"application":"A","how":"soon","more":[1]},"x":1}"#;
    let signature = sign(&[secret(1)], "e1", NOW, body.as_bytes());
    let event = judged(&[secret(1)], "e1", &NOW.to_string(), &signature, body).unwrap();
    assert_eq!(event.kind, EventKind::Unknown("moon.full".to_owned()));
    assert_eq!(event.how, Some(EventHow::Unknown("soon".to_owned())));
}

#[test]
fn headers_count_where_each_stands_once() {
    let mut headers = HeaderMap::new();
    for (name, value) in [(EVENT_ID, "e1"), (EVENT_TIMESTAMP, "1"), (EVENT_SIGNATURE, "v1,x")] {
        assert!(EventHeaders::of(&headers).is_err());
        headers.insert(name, value.parse().unwrap());
    }
    assert_eq!(EventHeaders::of(&headers).unwrap().id, "e1");
    headers.append(EVENT_SIGNATURE, "v1,y".parse().unwrap());
    assert_eq!(EventHeaders::of(&headers).err(), Some(RefusedEvent::MissingHeader("webhook-signature")));
}
