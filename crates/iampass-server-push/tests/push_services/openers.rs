//! Messages opened by programs that this project did not write: npm's `http_ece`, and `http-ece` and `py-vapid` of PyPI, which `pywebpush` uses.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use iampass_server_push::{Contact, HttpClient, Push as _, PushKind, Reach, VapidKey, VapidKeys, WebPush};
use serde_json::{Value, json};

use crate::browser::{Browser, request};
use crate::server::{Server, reply};

/// The messages of both kinds that a browser would get, as the programs take them.
async fn messages() -> Value {
    let server = Server::plain(|_| reply(201, &[], "")).await;
    let keys = VapidKeys::new(VapidKey::generate().unwrap());
    let id = keys.newest().id();
    let contact = Contact::new("mailto:ops@example.org").unwrap();
    let way = WebPush::new(HttpClient::to_strangers(Reach::Everywhere).unwrap(), keys, contact);
    let mut messages = Vec::new();
    for kind in PushKind::ALL {
        let browser = Browser::new();
        let address = browser.subscribed(&format!("{}/push/x", server.url()), id);
        way.push(&request(&address, kind)).await.unwrap();
        let got = server.got().pop().unwrap();
        messages.push(json!({
            "private": browser.private_key(),
            "auth": browser.auth(),
            "body": URL_SAFE_NO_PAD.encode(&got.body),
            "authorization": got.header("authorization"),
        }));
    }
    Value::Array(messages)
}

fn has(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}

/// Whether the test is to be skipped. With `CI=true` nothing is.
fn is_skipped(is_there: bool, what: &str) -> bool {
    if !is_there {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{what}");
        eprintln!("SKIPPED: {what}");
    }
    !is_there
}

fn run(command: &mut Command, input: &str) -> String {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

fn opener(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join("openers");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

fn expected() -> String {
    PushKind::ALL.map(|kind| format!("{{\"iampass\":1,\"kind\":\"{}\"}}\n", kind.as_str())).concat()
}

#[tokio::test]
async fn http_ece_of_npm_opens_both_kinds() {
    if is_skipped(has("npm", &["--version"]), "Node and npm are needed: install them and run the test again")
    {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("package.json"), "{}").unwrap();
    std::fs::write(folder.path().join("open.cjs"), opener("open.cjs")).unwrap();
    let mut npm = Command::new("npm");
    npm.args(["install", "--silent", "--no-audit", "--no-fund", "http_ece@1.2.1"]).current_dir(folder.path());
    run(&mut npm, "");
    let mut node = Command::new("node");
    node.arg("open.cjs").current_dir(folder.path());
    assert_eq!(run(&mut node, &messages().await.to_string()), expected());
}

#[tokio::test]
async fn what_pywebpush_uses_opens_both_kinds_and_verifies_the_token() {
    let is_there = has("python3", &["-c", "import venv, ensurepip"]);
    if is_skipped(is_there, "Python 3 with venv is needed: install it and run the test again") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let environment = folder.path().join("environment");
    run(Command::new("python3").args(["-m", "venv"]).arg(&environment), "");
    let python = environment.join("bin").join("python");
    let mut pip = Command::new(&python);
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "pywebpush==2.5.0",
        "http-ece==1.2.1",
    ]);
    run(&mut pip, "");
    std::fs::write(folder.path().join("open.py"), opener("open.py")).unwrap();
    let said = run(Command::new(&python).arg(folder.path().join("open.py")), &messages().await.to_string());
    assert_eq!(said, expected());
}
