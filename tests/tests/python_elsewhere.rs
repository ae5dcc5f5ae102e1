//! The published Python client beyond the judge's list: where the service sends messages, and in the program that the Console offers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::Duration;

use iampass_core::RegistrationLink;
use iampass_system_tests::{DevServer, Nodes, python_client};
use iampass_test_databases::postgres;
use iampass_testkit::VirtualPhone;

/// The Console's snippet, before it fills in where the service is and for which application.
const SNIPPET: &str = include_str!("../../crates/iampass-server-console/snippets/login.py");

#[test]
fn a_link_is_sent_by_sms_where_there_is_a_gateway() {
    let Some(client) = python_client().unwrap() else { return };
    let Some(postgres) = postgres() else { return };
    let gateway = TcpListener::bind("127.0.0.1:0").unwrap();
    let files = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = files.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let url = write("url", &format!("http://{}/send", gateway.local_addr().unwrap()));
    let secret = write("secret", "a secret of the gateway, for this test");
    let more = [format!("sms.webhook_url_file={url}"), format!("sms.secret_file={secret}")];
    let database = postgres.database();
    let nodes = Nodes::start_with(1, database.url(), 4, &["--set", &more[0], "--set", &more[1]]).unwrap();

    let said = client.judge("message", nodes.account(), 4, "").unwrap();
    assert_eq!(said.trim(), "true");
    let (mut stream, _) = gateway.accept().unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut request = String::new();
    let mut buffer = [0; 4_096];
    while !request.contains("+15550100") {
        let length = stream.read(&mut buffer).unwrap();
        assert!(length > 0, "{request}");
        request.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
    }
    assert!(request.starts_with("POST /send "), "{request}");
    assert!(request.contains("/r/"), "the link is in it: {request}");
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
}

#[tokio::test]
async fn the_program_that_the_console_offers_signs_somebody_in() {
    let Some(client) = python_client().unwrap() else { return };
    let server = DevServer::start(60).unwrap();
    let account = server.account().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("login.py");
    let filled = SNIPPET
        .replace("https://iampass.example", &account.server)
        .replace("YOUR-APPLICATION-ID", &account.application_id);
    std::fs::write(&program, filled).unwrap();
    let mut running = Command::new(client.python())
        .arg(&program)
        .arg("somebody")
        .env("IAMPASS_APPLICATION_SECRET", &account.application_secret)
        .env("NO_PROXY", "*")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(running.stdout.take().unwrap()).lines();
    let mut next = || lines.next().expect("another line").unwrap();

    let link = next();
    let link = link.strip_prefix("Open this on the phone: ").unwrap();
    let phone = VirtualPhone::register(&RegistrationLink::parse(link).unwrap()).await.unwrap();
    assert_eq!(next(), "Accept on the phone.");
    phone.accept_next(Duration::from_secs(20)).await.unwrap();
    assert_eq!(next(), "Signed in. Press Enter to log out.");
    assert_eq!(phone.active_sessions().await.unwrap().len(), 1);
    running.stdin.take().unwrap().write_all(b"\n").unwrap();
    assert!(running.wait().unwrap().success());
    assert_eq!(phone.active_sessions().await.unwrap().len(), 0);
}
