//! What the service logs, at its most talkative, while everything is done that has a secret in it (law 3).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};
use std::time::Duration;

use iampass_core::UserToken;
use iampass_core::client::Client;
use iampass_core::machine::{LoginOptions, LoginOutcome};
use iampass_reqwest::ReqwestTransport;
use iampass_system_tests::program;
use iampass_testkit::VirtualPhone;

#[tokio::test]
async fn no_secret_and_no_user_is_ever_logged() {
    let mut service = Command::new(program("iampass-server").unwrap())
        .args(["dev", "--json", "--port", "0"])
        .env("RUST_LOG", "trace")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = service.stderr.take().unwrap();
    let reading = std::thread::spawn(move || {
        let mut text = Vec::new();
        log.read_to_end(&mut text).map(|_| String::from_utf8_lossy(&text).into_owned())
    });
    let mut line = String::new();
    BufReader::new(service.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let says: serde_json::Value = serde_json::from_str(&line).unwrap();
    let said = |what: &str| says[what].as_str().unwrap().to_owned();

    let client = Client::builder()
        .server(said("server"))
        .application(said("application_id"), said("application_secret"))
        .transport(ReqwestTransport::new().unwrap())
        .build()
        .unwrap();
    let user = UserToken::new("user-of-the-log-test").unwrap();
    client.add_user(&user).await.unwrap();
    let link = client.registration_link(&user, Some("Name-Of-The-Log-Test")).await.unwrap();
    let phone = VirtualPhone::register(&link).await.unwrap();
    let (outcome, request) = tokio::join!(
        client.login(&user, LoginOptions::default()).unwrap().outcome(),
        phone.accept_next(Duration::from_secs(10))
    );
    let LoginOutcome::Granted(granted) = outcome.unwrap() else { panic!("not granted") };
    // Something that is refused, too.
    let stranger = Client::builder()
        .server(said("server"))
        .application(said("application_id"), "another-secret-of-the-log-test")
        .transport(ReqwestTransport::new().unwrap())
        .build()
        .unwrap();
    stranger.add_user(&user).await.unwrap_err();
    let _ = client.logout(&granted.session).await.unwrap();
    client.delete_users(&[user]).await.unwrap();
    service.kill().unwrap();
    service.wait().unwrap();

    let log = reading.join().unwrap().unwrap();
    assert!(log.contains("add_users"), "the log is there: {log}");
    let record = phone.record();
    let code = link.as_str().rsplit('/').next().unwrap();
    for (what, secret) in [
        ("the application's secret", said("application_secret").as_str()),
        ("the session's secret", granted.session.secret().expose()),
        ("the session's token", granted.session.token().as_str()),
        ("the phone's secret", record.device.device_secret.expose()),
        ("the question's secret", request.unwrap().identify.identification_data_secret.expose()),
        ("the link's code", code),
        ("the user", "user-of-the-log-test"),
        ("the user's name", "Name-Of-The-Log-Test"),
        ("a wrong secret", "another-secret-of-the-log-test"),
        ("a signature", "hmac "),
    ] {
        assert!(!log.contains(secret), "{what} is in the log");
    }
}
