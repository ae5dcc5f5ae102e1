//! `config check --push`: the push services that the settings name are asked whether they accept the credentials.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use crate::process::run;

/// A gateway that answers every call with this status, and gives what it got.
fn gateway(status: &'static str) -> (String, Receiver<String>) {
    gateway_until(status, "\"expires_at\"")
}

/// The same for calls whose bodies have this at their end.
pub(crate) fn gateway_until(status: &'static str, end: &'static str) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/wake", listener.local_addr().unwrap());
    let (sender, got) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut bytes = vec![0; 4096];
            let mut length = 0;
            while !String::from_utf8_lossy(&bytes[..length]).contains(end) {
                let read = stream.read(&mut bytes[length..]).unwrap();
                if read == 0 {
                    break;
                }
                length += read;
            }
            let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).unwrap();
            sender.send(String::from_utf8_lossy(&bytes[..length]).into_owned()).unwrap();
        }
    });
    (url, got)
}

fn check(directory: &Path, push: &str) -> (i32, String, String) {
    let file = directory.join("c.toml");
    let data = directory.join("d.sqlite");
    std::fs::write(&file, format!("data = {data:?}\n[push]\ncontact = \"mailto:ops@example.org\"\n{push}"))
        .unwrap();
    run(&["config", "check", "--config", file.to_str().unwrap(), "--push"])
}

fn webhook(directory: &Path, url: &str) -> (i32, String, String) {
    check(directory, &format!("webhook_url = \"{url}\"\nwebhook_secret = \"hidden-hidden-hidden\"\n"))
}

#[test]
fn a_gateway_that_knows_no_such_phone_accepts_the_signature() {
    let directory = tempfile::tempdir().unwrap();
    for status in ["404 Not Found", "200 OK"] {
        let (url, got) = gateway(status);
        let (code, said, error) = webhook(directory.path(), &url);
        assert_eq!(code, 0, "{error}");
        assert!(said.contains("push: webhook answers and accepts the credentials"), "{said}");
        assert!(!said.contains("hidden-hidden"), "{said}");
        let request = got.recv().unwrap();
        assert!(
            request.starts_with("POST /wake ") && request.to_lowercase().contains("webhook-signature"),
            "{request}"
        );
    }
}

#[test]
fn a_gateway_that_refuses_or_is_not_there_is_told_of() {
    let directory = tempfile::tempdir().unwrap();
    let (url, _got) = gateway("401 Unauthorized");
    let (code, said, error) = webhook(directory.path(), &url);
    assert_eq!(code, 1);
    assert!(said.contains("push: webhook: the push service does not accept the credentials"), "{said}");
    assert!(error.contains("have to be changed") || error.contains("has to be changed"), "{error}");
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (code, said, _) = webhook(directory.path(), &format!("http://{closed}/wake"));
    assert_eq!(code, 1);
    assert!(said.contains("check the network and the firewall"), "{said}");
}

#[test]
fn where_there_is_no_account_no_one_is_asked() {
    let directory = tempfile::tempdir().unwrap();
    let (code, said, _) = check(directory.path(), "");
    assert_eq!(code, 0);
    assert!(said.contains("there is none to ask"), "{said}");
}
