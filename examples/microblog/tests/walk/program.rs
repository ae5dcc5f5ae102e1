//! The program: what it says, and how it ends.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use iampass_testkit::TestService;

use crate::browser::Browser;

struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn program(service: &TestService, folder: &tempfile::TempDir) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_microblog"));
    program
        .args(["--listen", "127.0.0.1:0"])
        .current_dir(folder.path())
        .env("IAMPASS_SERVER", service.server_url())
        .env("IAMPASS_APPLICATION_ID", service.application_id().as_str())
        .env("IAMPASS_APPLICATION_SECRET", service.application_secret().expose());
    for unset in [
        "IAMPASS_COOKIE_KEYS",
        "IAMPASS_SEALING_KEYS",
        "DATABASE_URL",
        "MICROBLOG_ORIGIN",
        "MICROBLOG_LISTEN",
    ] {
        program.env_remove(unset);
    }
    program.stdout(Stdio::piped()).stderr(Stdio::piped());
    program
}

#[tokio::test]
async fn it_says_where_it_is_and_ends_when_it_is_told_to() {
    let service = TestService::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut running = Program(program(&service, &folder).spawn().unwrap());
    let mut said = BufReader::new(running.0.stdout.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    let origin = line.trim().strip_prefix("Microblog is at ").unwrap_or_else(|| panic!("{line}")).to_owned();
    Browser::new(&origin).get("/").await.shows("Sign up");
    Browser::new(&origin).get("/auth/login").await.shows("Microblog");
    assert!(folder.path().join("microblog.db").exists());
    // A page that waits for events does not keep it from ending.
    let mut open = Browser::new(&origin);
    let fields = [("name", "anna"), ("display_name", "Anna")];
    open.post("/sign-up", &fields).await.leads_to("/auth/enrol");
    let waiting = open.request(reqwest::Method::GET, "/auth/enrol/events").send().await.unwrap();
    assert_eq!(waiting.headers()["content-type"], "text/event-stream");

    let killed = Command::new("kill").arg(running.0.id().to_string()).status().unwrap();
    assert!(killed.success());
    let began = Instant::now();
    let ended = loop {
        if let Some(ended) = running.0.try_wait().unwrap() {
            break ended;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "it goes on");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert!(ended.success(), "{ended}");
    drop(waiting);
    let mut complaints = String::new();
    running.0.stderr.take().unwrap().read_to_string(&mut complaints).unwrap();
    assert_eq!(complaints.lines().count(), 1, "{complaints}");
    assert!(complaints.contains("IAMPASS_COOKIE_KEYS and IAMPASS_SEALING_KEYS not set"), "{complaints}");
}

#[tokio::test]
async fn it_does_not_start_with_keys_missing_where_others_see_it() {
    let service = TestService::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let refused = |arguments: &[&str]| {
        let mut running = Program(program(&service, &folder).args(arguments).spawn().unwrap());
        // It says this only when it has started, and then it would go on.
        let mut started = String::new();
        BufReader::new(running.0.stdout.take().unwrap()).read_line(&mut started).unwrap();
        assert_eq!(started, "", "{arguments:?}");
        assert!(!running.0.wait().unwrap().success());
        let mut said = String::new();
        running.0.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        said
    };
    let said = refused(&["--origin", "https://blog.example"]);
    assert!(said.contains("IAMPASS_COOKIE_KEYS is not set"), "{said}");
    let said = refused(&["--database-url", "sqlite:///nowhere/at/all.db"]);
    assert!(said.starts_with("IAMPASS_COOKIE_KEYS and") && said.lines().count() == 2, "{said}");
}
