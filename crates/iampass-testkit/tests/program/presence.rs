//! `iampass-phone presence` as a script uses it.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use iampass_core::UserToken;
use iampass_core::client::Client;
use iampass_core::wire::SessionStatus;
use iampass_testkit::TestService;

use crate::{Script, ask};

/// Far more than anything here takes.
const SOON: Duration = Duration::from_secs(60);

/// A user with a phone in a script, and a session that it has accepted.
async fn logged_in(service: &TestService, script: &Script) -> (Client, iampass_core::Session) {
    let client = service.client().unwrap();
    let ann = UserToken::new("ann").unwrap();
    client.add_user(&ann).await.unwrap();
    let link = client.registration_link(&ann, None).await.unwrap();
    script.done(&["register", link.as_str()]);
    let session = ask(&client, &ann).await;
    script.done(&["accept", "--wait", "20"]);
    (client, session)
}

async fn becomes(client: &Client, session: &iampass_core::Session, status: SessionStatus) {
    let end = Instant::now() + SOON;
    while client.status(session).await.unwrap() != status {
        assert!(Instant::now() < end, "it does not become {status}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_script_says_near_and_away() {
    let service = TestService::builder().walkaway().start().await.unwrap();
    let script = Script::new();
    let (client, session) = logged_in(&service, &script).await;
    let said = script.done(&["presence", "--near", "--for", "600s"]);
    assert_eq!((&said["done"], &said["sessions"]), (&"near".into(), &1.into()));
    assert!(said["near_until"].is_u64(), "{said}");
    assert_eq!(client.status(&session).await.unwrap(), SessionStatus::Active);
    assert_eq!(script.done(&["presence", "--away"])["done"], "away");
    assert_eq!(client.status(&session).await.unwrap(), SessionStatus::Walkaway);
    for (command, code, status) in [
        ("exit 2", 1, SessionStatus::Walkaway),
        // In the second in which it was away it is not near.
        ("sleep 1.1", 0, SessionStatus::Active),
        ("no-such-command", 1, SessionStatus::Active),
        ("exit 1", 0, SessionStatus::Walkaway),
    ] {
        let output = script.run(&["presence", "--once", "--for", "600", "--command", command]);
        assert_eq!(output.status.code(), Some(code), "{command}: {output:?}");
        assert_eq!(client.status(&session).await.unwrap(), status, "{command}");
    }
    for (arguments, least) in [
        (&["--near", "--every", "30", "--for", "59"][..], "60 s"),
        (&["--command", "exit 0", "--every", "30", "--for", "89"], "90 s"),
        (&["--command", "exit 0", "--for", "80"], "90 s"),
    ] {
        let told = script.exits(2, &[&["presence"], arguments].concat());
        assert!(told.contains("--for") && told.contains(least), "{told}");
    }
    script.exits(2, &["presence", "--near", "--for", "3601"]);
    script.exits(2, &["presence"]);
}

/// It runs until it is ended, and the promise that is left passes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_is_asked_again_and_again() {
    let service = TestService::builder().walkaway().start().await.unwrap();
    let script = Script::new();
    let (client, session) = logged_in(&service, &script).await;
    let here = script.directory.path().join("here");
    std::fs::write(&here, "").unwrap();
    let mut running = Command::new(env!("CARGO_BIN_EXE_iampass-phone"))
        .arg("--state")
        .arg(script.state())
        .args(["presence", "--every", "1", "--for", "600", "--command"])
        .arg(format!("test -e '{}'", here.display()))
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    script.done(&["sessions"]);
    std::fs::remove_file(&here).unwrap();
    becomes(&client, &session, SessionStatus::Walkaway).await;
    std::fs::write(&here, "").unwrap();
    becomes(&client, &session, SessionStatus::Active).await;
    assert!(running.try_wait().unwrap().is_none(), "it goes on");
    running.kill().unwrap();
    running.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_application_that_does_not_want_to_know_it_is_said_nothing() {
    let service = TestService::start().await.unwrap();
    let script = Script::new();
    let (client, session) = logged_in(&service, &script).await;
    for arguments in [
        &["presence", "--away"][..],
        &["presence", "--near", "--every", "1"],
        &["presence", "--command", "exit 1"],
    ] {
        assert!(script.exits(1, arguments).contains("walkaway is off"), "{arguments:?}");
    }
    assert_eq!(client.status(&session).await.unwrap(), SessionStatus::Active);
}
