//! The service's log, at its most talkative, while everything is done that has a secret in it (law 3): in lines for people and in lines
//! for programs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use iampass_core::UserToken;
use iampass_core::client::Client;
use iampass_core::machine::{LoginOptions, LoginOutcome};
use iampass_reqwest::ReqwestTransport;
use iampass_system_tests::program;
use iampass_testkit::VirtualPhone;
use serde_json::Value;

/// A service that logs everything.
struct Talkative {
    process: Child,
    server: String,
    id: String,
    secret: String,
    log: JoinHandle<String>,
}

impl Talkative {
    fn start(data: &Path, format: &str) -> Self {
        let data = data.to_str().unwrap();
        let service = || Command::new(program("iampass-server").unwrap());
        let added = service()
            .args(["application", "add", "--data", data, "--name", "Shop", "--json"])
            .output()
            .unwrap();
        let added: Value = serde_json::from_slice(&added.stdout).unwrap();
        let field = |name: &str| added[name].as_str().unwrap().to_owned();
        let mut process = service()
            .args(["run", "--data", data, "--listen", "127.0.0.1:0"])
            .env("IAMPASS_SERVER_LOG_FORMAT", format)
            .env("RUST_LOG", "trace")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (address, is_serving) = channel();
        let stderr = BufReader::new(process.stderr.take().unwrap());
        let log = std::thread::spawn(move || {
            let mut text = String::new();
            for line in stderr.lines().map_while(Result::ok) {
                if line.contains("serving") {
                    // The test may have it already.
                    let _ = address.send(line.clone());
                }
                text.push_str(&line);
                text.push('\n');
            }
            text
        });
        let server = format!("http://{}", address_in(&is_serving));
        Self { process, server, id: field("application_id"), secret: field("application_secret"), log }
    }

    fn stop(mut self) -> String {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.log.join().unwrap()
    }
}

/// The address that the service says it serves on.
fn address_in(lines: &Receiver<String>) -> String {
    let line = lines.recv_timeout(Duration::from_secs(60)).expect("the service says where it serves");
    let port = line.split("127.0.0.1:").nth(1).expect("an address");
    let digits: String = port.chars().take_while(char::is_ascii_digit).collect();
    format!("127.0.0.1:{digits}")
}

#[tokio::test]
async fn no_secret_and_no_user_is_ever_logged_for_people() {
    let log = log_of_everything("text").await;
    let line = log.lines().find(|line| line.contains("add_users")).expect("the log is there");
    assert!(line.contains("route=\"/management/add_users/{app}\"") && line.contains("request_id="), "{line}");
}

#[tokio::test]
async fn no_secret_and_no_user_is_ever_logged_for_programs() {
    let log = log_of_everything("json").await;
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let of_request = |line: &&Value| line["route"] == "/management/add_users/{app}" && line["status"] == 201;
    let line = lines.iter().find(of_request).expect("the log is there");
    assert_eq!(line["method"], "POST");
    assert!(line["ms"].is_u64(), "{line}");
    assert_eq!(line["request_id"].as_str().unwrap().len(), 16, "{line}");
}

/// Does everything that has a secret in it; what the service has logged, after it was searched.
async fn log_of_everything(format: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    let service = Talkative::start(&directory.path().join("data.sqlite"), format);
    let client = Client::builder()
        .server(service.server.clone())
        .application(service.id.clone(), service.secret.clone())
        .transport(ReqwestTransport::new().unwrap())
        .sessions_in_memory()
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
        .server(service.server.clone())
        .application(service.id.clone(), "another-secret-of-the-log-test")
        .transport(ReqwestTransport::new().unwrap())
        .sessions_in_memory()
        .build()
        .unwrap();
    stranger.add_user(&user).await.unwrap_err();
    let _ = client.logout(&granted.session).await.unwrap();
    client.delete_users(&[user]).await.unwrap();

    let application_secret = service.secret.clone();
    let log = service.stop();
    let record = phone.record();
    let code = link.as_str().rsplit('/').next().unwrap();
    for (what, secret) in [
        ("the application's secret", application_secret.as_str()),
        ("the session's secret", granted.session.secret().expose()),
        ("the session's token", granted.session.token().as_str()),
        ("the phone's id", record.device.device_id.as_str()),
        ("the phone's secret", record.device.device_secret.expose()),
        ("the question's id", request.as_ref().unwrap().auth_request_id.as_str()),
        ("the question's secret", request.as_ref().unwrap().identify.identification_data_secret.expose()),
        ("the link's code", code),
        ("the user", "user-of-the-log-test"),
        ("the user's name", "Name-Of-The-Log-Test"),
        ("a wrong secret", "another-secret-of-the-log-test"),
        ("a signature", "hmac "),
    ] {
        assert!(!log.contains(secret), "{what} is in the log");
    }
    log
}
