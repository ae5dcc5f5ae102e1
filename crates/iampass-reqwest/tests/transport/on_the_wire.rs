//! A socket receives exactly the text that was signed: the signature is computed anew from the raw bytes.

use crate::raw_server::{RawServer, Reply, Seen, ok};
use http::{HeaderMap, HeaderName, HeaderValue};
use iampass_core::machine::calls;
use iampass_core::port::{HttpTransport, TransportErrorKind};
use iampass_core::signing::{DEFAULT_WINDOW, Nonce, Presented};
use iampass_core::wire::{AuthenticateUser, AuthenticationMethod};
use iampass_core::{
    Application, ApplicationId, Secret, Server, Session, SessionToken, UnixSeconds, UserToken,
};
use iampass_reqwest::ReqwestTransport;

const AT: UnixSeconds = UnixSeconds(1_700_000_000);

fn secret() -> Secret {
    Secret::new("0123456789ABCDEFGHIJKLMN")
}

fn application(server: &RawServer, prefix: &str) -> Application {
    let base = Server::parse(&server.url(prefix)).unwrap();
    Application::new(base, ApplicationId::new("APP").unwrap(), secret())
}

/// Checks the signature of a request by nothing but the bytes of it.
fn verify(seen: &Seen) -> Result<(), String> {
    let mut headers = HeaderMap::new();
    for line in seen.head.lines().skip(1) {
        let (name, value) = line.split_once(": ").unwrap();
        headers.append(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
    }
    let signed = format!("{}{}", seen.header("host").unwrap(), seen.target());
    let presented = Presented::from_headers(&headers).map_err(|refusal| refusal.to_string())?;
    presented.verify(&secret(), &[&signed], AT, DEFAULT_WINDOW).map_err(|refusal| refusal.to_string())
}

const USERS: [&str; 14] = [
    "u1",
    "a b",
    "a+b",
    "a/b",
    "a%2Fb",
    "?",
    "#",
    "&=",
    "é",
    "日本",
    "*~'()!",
    "....",
    "a b/c@d+é?&=%",
    "\\",
];

#[tokio::test]
async fn user_ids_and_prefixes_arrive_as_they_were_signed() {
    let transport = ReqwestTransport::new().unwrap();
    for prefix in ["", "/", "/prefix", "/a/b%20c"] {
        let server = RawServer::start(Reply::Bytes(ok("{}"))).await;
        let application = application(&server, prefix);
        for (n, user) in (1..).zip(USERS) {
            let user = UserToken::new(user).unwrap();
            let call = calls::registration_link(&application, &user, Some("J ü&/?#+,")).unwrap();
            transport.send(call.sign(Nonce::new(n), AT)).await.unwrap();
            let methods = [AuthenticationMethod::Acceptance, AuthenticationMethod::Device];
            let call =
                calls::authenticate_user(&application, &user, &methods, None, &AuthenticateUser::default())
                    .unwrap();
            transport.send(call.sign(Nonce::new(n), AT)).await.unwrap();
        }
        let seen = server.seen();
        assert_eq!(seen.len(), 2 * USERS.len());
        for request in &seen {
            assert_eq!(verify(request), Ok(()), "{}", request.head);
            assert_eq!(request.header("host"), Some(server.authority.as_str()));
        }
        assert!(seen[1].target().contains("?methods=acceptance,device"), "{}", seen[1].target());
    }
}

#[tokio::test]
async fn a_changed_byte_is_seen() {
    let server = RawServer::start(Reply::Bytes(ok("{}"))).await;
    let call = calls::has_registered_device(&application(&server, ""), &UserToken::new("a b").unwrap());
    ReqwestTransport::new().unwrap().send(call.sign(Nonce::new(1), AT)).await.unwrap();
    let mut seen = server.seen().remove(0);
    seen.head = seen.head.replacen("a%20b", "a+b", 1);
    assert!(verify(&seen).unwrap_err().contains("does not match"));
}

#[tokio::test]
async fn ipv6_names_and_queries_of_session_urls_arrive_as_they_were_signed() {
    let transport = ReqwestTransport::new().unwrap();
    let v6 = RawServer::start_on("::1", Reply::Bytes(ok("{}"))).await;
    let v4 = RawServer::start(Reply::Bytes(ok("{}"))).await;
    let port = v4.authority.rsplit(':').next().unwrap();
    for (base, server) in [(v6.url(""), &v6), (v4.url(""), &v4), (format!("http://localhost:{port}"), &v4)] {
        let at = Server::parse(&base).unwrap();
        let token = SessionToken::new("t").unwrap();
        for path in ["/s?x=1&y=&z", "/s?a=b+c%20d,e;f", "/s?", "/", "/%41%7e//x"] {
            let url = format!("{base}{path}");
            let session = Session::new(token.clone(), secret(), &url, &url, &at).unwrap();
            transport.send(calls::status(&session).sign(Nonce::new(7), AT)).await.unwrap();
            transport.send(calls::logout(&session).sign(Nonce::new(8), AT)).await.unwrap();
            for request in server.seen().iter().rev().take(2) {
                assert_eq!(verify(request), Ok(()), "{url}: {}", request.head);
                assert_eq!(request.target(), path);
            }
        }
    }
}

#[tokio::test]
async fn dot_segments_are_refused_and_nothing_is_sent() {
    let server = RawServer::start(Reply::Bytes(ok("{}"))).await;
    let transport = ReqwestTransport::new().unwrap();
    for user in [".", ".."] {
        let call = calls::has_registered_device(&application(&server, ""), &UserToken::new(user).unwrap());
        let refused = transport.send(call.sign(Nonce::new(1), AT)).await.unwrap_err();
        assert_eq!(refused.kind(), TransportErrorKind::UrlRewritten);
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn methods_bodies_and_headers_arrive() {
    let server = RawServer::start(Reply::Bytes(ok("{}"))).await;
    let transport = ReqwestTransport::new().unwrap();
    let application = application(&server, "");
    let user = UserToken::new("é").unwrap();
    let call = calls::add_users(&application, std::slice::from_ref(&user)).unwrap();
    transport.send(call.sign(Nonce::new(1), AT)).await.unwrap();
    let call = calls::has_registered_device(&application, &user);
    transport.send(call.sign(Nonce::new(2), AT)).await.unwrap();

    let [post, get] = server.seen().try_into().unwrap();
    assert_eq!(post.request_line(), "POST /management/add_users/APP HTTP/1.1");
    assert_eq!(post.body, r#"{"users":["é"]}"#.as_bytes());
    assert_eq!(post.header("content-type"), Some("application/json"));
    assert!(get.request_line().starts_with("GET "));
    for absent in ["content-length", "transfer-encoding", "accept-encoding", "cookie", "referer", "expect"] {
        assert_eq!(get.header(absent), None, "{absent}");
    }
}
