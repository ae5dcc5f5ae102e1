//! Fault B18: what is wrong with an application's settings is said at its start, and not after a minute by "nobody answered".

use std::sync::Arc;
use std::time::Duration;

use iampass_core::Now;
use iampass_core::client::{ClientBuilder, System};
use iampass_core::machine::{Check, ClockOffset, Finding};
use iampass_core::port::Clock as _;
use iampass_testkit::{ManualClock, TestService};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

async fn check(builder: ClientBuilder) -> Check {
    let check = builder.build().unwrap().check().await;
    println!("{check}");
    check
}

#[tokio::test]
async fn an_application_that_is_set_up_well_is_told_so() {
    let service = TestService::start().await.unwrap();
    let check = check(service.client_builder()).await;
    assert!(check.is_ok(), "{check}");
    assert!(matches!(check.finding(), Finding::Good));
    assert!(check.to_string().contains(service.server_url()));
}

#[tokio::test]
async fn wrong_credentials_are_told_apart() {
    let service = TestService::start().await.unwrap();
    let id = service.application_id().as_str();
    let wrong_secret = check(service.client_builder().application(id, "another test key")).await;
    assert!(matches!(wrong_secret.finding(), Finding::WrongSecret), "{wrong_secret}");
    let text = wrong_secret.to_string();
    assert!(text.contains("IAMPASS_APPLICATION_SECRET") && !text.contains("another test key"), "{text}");

    let wrong_id = check(service.client_builder().application("NOBODY", "another test key")).await;
    assert!(matches!(wrong_id.finding(), Finding::UnknownApplication), "{wrong_id}");
    assert!(wrong_id.to_string().contains("IAMPASS_APPLICATION_ID"));
}

#[tokio::test]
async fn a_wrong_clock_is_told_with_how_far_it_is_off() {
    let service = TestService::start().await.unwrap();
    for minutes in [10_i64, -10] {
        let wall = System::new().now().wall.0.checked_add_signed(minutes * 60).unwrap();
        let clock = ManualClock::starting_at(Now::new(Duration::ZERO, wall));
        let clock = Arc::new(clock);
        let check = check(service.client_builder().clock(clock.clone()).sleep(clock)).await;
        let Finding::WrongClock(Some(offset)) = check.finding() else { panic!("{check}") };
        let (is_ahead, by) = match offset {
            ClockOffset::Ahead(by) => (true, by),
            ClockOffset::Behind(by) => (false, by),
        };
        assert_eq!(is_ahead, minutes > 0, "{check}");
        assert!((570..=630).contains(&by.as_secs()), "{check}");
    }
}

#[tokio::test]
async fn a_disabled_application_is_told_so() {
    let mut service = TestService::start().await.unwrap();
    service.stop().await.unwrap();
    let database = rusqlite::Connection::open(service.data_file()).unwrap();
    let changed = database.execute("UPDATE applications SET disabled_at = 1", []).unwrap();
    assert!(changed > 0);
    drop(database);
    service.start_again().await.unwrap();
    let check = check(service.client_builder()).await;
    assert!(matches!(check.finding(), Finding::ApplicationDisabled), "{check}");
}

#[tokio::test]
async fn a_service_that_is_not_there_is_told_so() {
    let mut service = TestService::start().await.unwrap();
    let builder = service.client_builder();
    service.stop().await.unwrap();
    let check = check(builder).await;
    assert!(matches!(check.finding(), Finding::Unreachable(_)), "{check}");
    assert!(check.to_string().contains("IAMPASS_SERVER"), "{check}");
}

/// A web server that answers everything alike.
async fn answering(answer: &'static str) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 4_096];
                let _ = connection.read(&mut request).await;
                let _ = connection.write_all(answer.as_bytes()).await;
            });
        }
    });
    url
}

#[tokio::test]
async fn what_is_no_service_is_told_so() {
    let service = TestService::start().await.unwrap();
    for (answer, what) in [
        (
            "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 13\r\nconnection: close\r\n\r\n<html></html>",
            "not an IAMPASS service",
        ),
        (
            "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            "not an IAMPASS service",
        ),
        (
            "HTTP/1.1 301 Moved Permanently\r\nlocation: https://other.example/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            "the address that it leads to",
        ),
        ("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", "cannot answer now"),
        ("SSH-2.0-OpenSSH_9.6\r\n", "IAMPASS_SERVER"),
    ] {
        let check = check(service.client_builder().server(answering(answer).await)).await;
        assert!(!check.is_ok());
        assert!(check.to_string().contains(what), "{check}");
    }
    // TLS, where the service speaks plain HTTP.
    let tls = service.server_url().replace("http://", "https://");
    let check = check(service.client_builder().server(tls)).await;
    assert!(matches!(check.finding(), Finding::Unreachable(_)), "{check}");
}
