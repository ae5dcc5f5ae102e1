//! Web Push over sockets: what the push service of a browser gets, and what follows from its answers.

use std::time::Duration;

use iampass_server_push::{
    Contact, HttpClient, Push as _, PushError, PushErrorKind as K, PushKind, Reach, VapidKey, VapidKeys,
    WebPush,
};

use crate::browser::{Browser, request};
use crate::server::{Reply, Server, reply};

fn way(reach: Reach) -> WebPush {
    let keys = VapidKeys::new(VapidKey::generate().unwrap());
    let contact = Contact::new("mailto:ops@example.org").unwrap();
    WebPush::new(HttpClient::to_strangers(reach).unwrap(), keys, contact)
}

async fn answered(answers: fn() -> Reply) -> (Result<(), PushError>, Server) {
    let server = Server::plain(move |_| answers()).await;
    let way = way(Reach::Everywhere);
    let address = Browser::new().subscribed(&format!("{}/push/x", server.url()), way.keys().newest().id());
    (way.push(&request(&address, PushKind::QuestionWaits)).await, server)
}

#[tokio::test]
async fn a_push_carries_the_headers_of_the_standards() {
    let (result, server) = answered(|| reply(201, &[("location", "/m/1")], "")).await;
    assert_eq!(result, Ok(()));
    let got = server.got();
    assert_eq!(got.len(), 1);
    assert_eq!(got[0].path, "/push/x");
    assert_eq!(got[0].header("ttl"), "42");
    assert_eq!(got[0].header("urgency"), "high");
    assert_eq!(got[0].header("topic").len(), 32);
    assert_eq!(got[0].header("content-encoding"), "aes128gcm");
    assert!(got[0].header("authorization").starts_with("vapid t="));
    assert!(!got[0].headers.contains_key("cookie") && !got[0].headers.contains_key("referer"));
}

#[tokio::test]
async fn both_kinds_have_the_same_length() {
    let server = Server::plain(|_| reply(201, &[], "")).await;
    let way = way(Reach::Everywhere);
    let address = Browser::new().subscribed(&format!("{}/push/x", server.url()), way.keys().newest().id());
    for kind in PushKind::ALL {
        way.push(&request(&address, kind)).await.unwrap();
    }
    let got = server.got();
    assert_eq!(got[0].body.len(), got[1].body.len());
    assert_eq!(got[1].header("urgency"), "normal");
}

#[tokio::test]
async fn answers_are_told_apart() {
    type Case = (fn() -> Reply, K, Option<u64>);
    let cases: [Case; 7] = [
        (|| reply(404, &[], ""), K::Gone, None),
        (|| reply(410, &[], "gone"), K::Gone, None),
        (|| reply(413, &[], ""), K::TooLarge, None),
        (|| reply(403, &[], ""), K::Unauthorized, None),
        (|| reply(429, &[("retry-after", "17")], ""), K::Busy, Some(17)),
        // Twenty seconds after the time of the attempt.
        (|| reply(503, &[("retry-after", "Fri, 15 Jan 2027 08:00:20 GMT")], ""), K::Busy, Some(20)),
        (|| reply(500, &[], ""), K::Broken, None),
    ];
    for (answers, kind, wait) in cases {
        let error = answered(answers).await.0.unwrap_err();
        assert_eq!((error.kind(), error.retry_after()), (kind, wait.map(Duration::from_secs)));
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let target = Server::plain(|_| reply(201, &[], "")).await;
    let to = format!("{}/inside", target.url());
    let server = Server::plain(move |_| reply(307, &[("location", &to)], "")).await;
    let way = way(Reach::Everywhere);
    let address = Browser::new().subscribed(&format!("{}/push/x", server.url()), way.keys().newest().id());
    let error = way.push(&request(&address, PushKind::QuestionWaits)).await.unwrap_err();
    assert_eq!(error.kind(), K::Redirected);
    assert!(target.got().is_empty());
}

#[tokio::test]
async fn an_endless_answer_is_not_read() {
    let (result, _) = answered(|| reply(201, &[], vec![b'x'; 64 * 1_024 * 1_024])).await;
    assert_eq!(result, Ok(()));
}

/// The names stand for a private address, whatever the subscription was checked for.
#[tokio::test]
async fn nothing_is_sent_into_the_own_network() {
    let server = Server::plain(|_| reply(201, &[], "")).await;
    let port = server.address.port();
    let way = way(Reach::Public);
    for host in ["localhost", "ip6-localhost"] {
        let endpoint = format!("https://{host}:{port}/push/x");
        let address = Browser::new().subscribed(&endpoint, way.keys().newest().id());
        let error = way.push(&request(&address, PushKind::QuestionWaits)).await.unwrap_err();
        // A machine without the second name cannot call it either.
        assert!(matches!(error.kind(), K::AddressNotAllowed | K::Unreachable), "{host}: {error:?}");
        if host == "localhost" {
            assert_eq!(error.kind(), K::AddressNotAllowed);
        }
    }
    assert!(server.got().is_empty());
}

#[tokio::test]
async fn an_address_that_is_written_as_such_is_not_called_either() {
    let server = Server::plain(|_| reply(201, &[], "")).await;
    let way = way(Reach::Public);
    for host in ["127.0.0.1", "[::1]", "[::ffff:7f00:1]"] {
        let endpoint = format!("https://{host}:{}/push/x", server.address.port());
        let address = Browser::new().subscribed(&endpoint, way.keys().newest().id());
        let error = way.push(&request(&address, PushKind::QuestionWaits)).await.unwrap_err();
        assert_eq!(error.kind(), K::AddressNotAllowed, "{host}");
    }
    assert!(server.got().is_empty());
}

#[tokio::test]
async fn a_subscription_is_pushed_to_with_the_key_that_it_was_made_for() {
    let server = Server::plain(|_| reply(201, &[], "")).await;
    let way = way(Reach::Everywhere);
    let old = way.keys().newest().clone();
    let address = Browser::new().subscribed(&format!("{}/push/x", server.url()), old.id());
    let newest = VapidKey::generate().unwrap();
    way.set_keys((*way.keys()).clone().rotated(newest.clone()));
    way.push(&request(&address, PushKind::QuestionWaits)).await.unwrap();
    assert!(server.got()[0].header("authorization").ends_with(&old.public_key()));
    way.set_keys(VapidKeys::new(newest));
    let error = way.push(&request(&address, PushKind::QuestionWaits)).await.unwrap_err();
    assert_eq!(error.kind(), K::NotSendable);
    assert_eq!(server.got().len(), 1);
}
