//! `iampass-phone` as a script sees it: what it prints, how it exits, what it leaves on disk.
#![cfg(feature = "command")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "program/phones.rs"]
mod phones;
#[path = "program/presence.rs"]
mod presence;
mod starting;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use iampass_core::UserToken;
use iampass_core::client::{Authentication, Client};
use iampass_core::machine::LoginOptions;
use iampass_core::wire::SessionStatus;
use iampass_testkit::TestService;
use serde_json::Value;

use starting::{browser, other_than, start, status};

struct Script {
    directory: tempfile::TempDir,
}

impl Script {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    fn state(&self) -> PathBuf {
        self.directory.path().join("phone.json")
    }

    /// The content of the state file.
    fn stored(&self) -> String {
        std::fs::read_to_string(self.state()).unwrap()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_iampass-phone"))
            .arg("--json")
            .arg("--state")
            .arg(self.state())
            .args(arguments)
            .output()
            .unwrap()
    }

    /// The result of a run that has to do what it was asked.
    fn done(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {output:?}");
        assert!(output.stderr.is_empty(), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn exits(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {output:?}");
        assert!(output.stdout.is_empty(), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    }
}

async fn ask(client: &Client, user: &UserToken) -> iampass_core::Session {
    match client.authenticate(user, &LoginOptions::default()).await.unwrap() {
        Authentication::Started { session, .. } => session,
        other => panic!("{other:?}"),
    }
}

#[cfg(unix)]
fn is_private(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777 == 0o600
}

#[cfg(not(unix))]
fn is_private(path: &Path) -> bool {
    path.exists()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_script_can_play_the_phone() {
    let service = TestService::start().await.unwrap();
    let client = service.client().unwrap();
    let script = Script::new();
    let (a, b) = (UserToken::new("a b/c").unwrap(), UserToken::new("b").unwrap());
    client.add_users(&[a.clone(), b.clone()]).await.unwrap();

    assert!(script.exits(2, &["requests"]).contains("stands for nobody"));
    let link = client.registration_link(&a, Some("Ann")).await.unwrap();
    let registered = script.done(&["register", link.as_str()]);
    assert_eq!(registered["users"][0]["user"], "a b/c");
    assert_eq!(registered["users"][0]["name"], "Ann");
    assert!(is_private(&script.state()));
    assert!(script.exits(2, &["register", link.as_str()]).contains("LINK_NOT_VALID"));
    assert!(script.exits(2, &["register", "nonsense"]).contains("no registration link"));

    // With one user, `--user` may be left out.
    assert!(script.exits(1, &["requests"]).contains("No question"));
    assert!(script.exits(1, &["accept", "--wait", "0.2"]).contains("in time"));
    let session = ask(&client, &a).await;
    let requests = script.done(&["requests", "--wait", "5"]);
    assert_eq!(requests["requests"][0]["application"], "Test application");
    assert!(!requests.to_string().contains("secret"), "{requests}");
    assert_eq!(script.done(&["accept"])["done"], "accepted");
    assert_eq!(client.status(&session).await.unwrap(), SessionStatus::Active);

    assert_eq!(script.done(&["sessions"])["sessions"].as_array().unwrap().len(), 1);
    script.exits(1, &["return"]);
    script.done(&["walk-away"]);
    assert_eq!(client.status(&session).await.unwrap(), SessionStatus::Walkaway);
    script.exits(1, &["walk-away"]);
    script.done(&["return"]);
    assert_eq!(client.status(&session).await.unwrap(), SessionStatus::Active);
    script.done(&["log-out"]);
    assert_eq!(client.status(&session).await.unwrap(), SessionStatus::Closed);
    script.exits(1, &["log-out", "--wait", "0.1"]);

    // With several, it has to be said.
    let link = client.registration_link(&b, None).await.unwrap();
    script.done(&["register", link.as_str(), "--name", "Bob"]);
    assert_eq!(script.done(&["list"])["users"][1]["name"], "Bob");
    assert!(script.exits(2, &["accept"]).contains("--user"));
    assert!(script.exits(2, &["accept", "--user", "c"]).contains("does not stand"));
    let session = ask(&client, &b).await;
    assert_eq!(script.done(&["deny", "--user", "b", "--wait", "5"])["requests"][0]["user"], "b");
    assert_eq!(client.status(&session).await.unwrap(), SessionStatus::Cancelled);

    script.done(&["unregister", "--user", "b"]);
    assert!(!client.has_registered_device(&b).await.unwrap());
    assert_eq!(script.done(&["list"])["users"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_script_can_bring_what_a_page_shows() {
    let service = TestService::start().await.unwrap();
    let client = service.client().unwrap();
    let script = Script::new();
    let (u, v) = (UserToken::new("u").unwrap(), UserToken::new("v").unwrap());
    client.add_users(&[u.clone(), v.clone()]).await.unwrap();
    let link = client.registration_link(&u, None).await.unwrap();
    assert_eq!(script.done(&["register", link.as_str()])["users"][0]["key"], "device");
    assert!(is_private(&script.state()));

    // The digits, in two steps.
    let shown = start(&service, &u, browser()).await;
    assert!(script.exits(1, &["pending"]).contains("iampass-phone bring CODE"));
    assert!(
        script.exits(2, &["bring", &other_than(&shown.code)]).contains("no question of u shows this code")
    );
    assert!(script.exits(2, &["bring", "48291"]).contains("six digits"));
    let brought = script.done(&["bring", &shown.code]);
    assert_eq!(brought["requests"][0]["browser"], "Firefox on Windows");
    assert_eq!(brought["requests"][0]["needs_code"], true);
    assert!(!brought.to_string().contains(&shown.code));
    assert!(script.exits(2, &["accept"]).contains("--code"), "it says what is needed");
    assert_eq!(status(&shown.session).await.0, "pending");
    assert_eq!(script.done(&["accept", "--code", &shown.code])["done"], "accepted");
    assert_eq!(status(&shown.session).await.0, "active");

    // The QR code, in one.
    let shown = start(&service, &u, browser()).await;
    assert!(
        script.exits(2, &["accept", "--scan", "https://evil.example/phone#scan=x"]).contains("does not know")
    );
    script.done(&["accept", "--scan", &shown.scan_url]);
    assert_eq!(status(&shown.session).await.0, "active");

    // The link of the same device. The login waits until its browser has come back.
    let shown = start(&service, &u, browser().return_to("https://shop.example/back?x=1")).await;
    let accepted = script.done(&["accept", "--scan", &shown.open_url.unwrap()]);
    let return_to = accepted["return_to"].as_str().unwrap();
    assert!(return_to.starts_with("https://shop.example/back?x=1&"), "{return_to}");
    assert_ne!(status(&shown.session).await.0, "active");

    // With several users, a QR code says who is meant, and digits do not.
    let link = client.registration_link(&v, None).await.unwrap();
    assert_eq!(script.done(&["register", link.as_str(), "--shared"])["users"][0]["key"], "shared");
    let shown = start(&service, &v, browser()).await;
    assert!(script.exits(2, &["bring", &shown.code]).contains("--user"));
    assert_eq!(script.done(&["bring", &shown.scan_url])["requests"][0]["user"], "v");
    script.done(&["accept", "--code", &shown.code, "--user", "v"]);
    assert_eq!(status(&shown.session).await.0, "active");

    // Somebody else has asked.
    let shown = start(&service, &u, browser().known_browser(true)).await;
    let reported = script.done(&["deny", "--not-me", "--user", "u", "--wait", "5"]);
    assert_eq!(reported["done"], "reported");
    assert_eq!(status(&shown.session).await.0, "cancelled");
    let state = std::fs::read_to_string(script.state()).unwrap();
    assert_eq!(state.matches("device_key").count(), 1);
}

#[test]
fn a_state_file_that_is_none_is_left_alone() {
    let script = Script::new();
    std::fs::write(script.state(), "{ no state").unwrap();
    assert!(script.exits(2, &["list"]).contains("not the stored state"));
    assert_eq!(std::fs::read_to_string(script.state()).unwrap(), "{ no state");
}
