//! The program: what it says, where it refuses to start, and that it ends.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use iampass_testkit::TestService;
use tempfile::TempDir;

use crate::browser::Browser;

/// Killed at the end, whatever happened.
struct Running(Child);

impl Running {
    async fn ended(&mut self) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(ended) = self.0.try_wait().unwrap() {
                return ended;
            }
            assert!(began.elapsed() < Duration::from_secs(20), "it goes on");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The text that it has written to standard error, once it has ended.
    fn complained(&mut self) -> String {
        let mut said = String::new();
        self.0.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        said
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn program(service: &TestService, folder: &TempDir) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_actix-notes"));
    program
        .args(["--listen", "127.0.0.1:0"])
        .current_dir(folder.path())
        .env("IAMPASS_SERVER", service.server_url())
        .env("IAMPASS_APPLICATION_ID", service.application_id().as_str())
        .env("IAMPASS_APPLICATION_SECRET", service.application_secret().expose())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for unset in ["IAMPASS_COOKIE_KEYS", "IAMPASS_SEALING_KEYS", "DATABASE_URL", "NOTES_ORIGIN"] {
        program.env_remove(unset);
    }
    program
}

#[actix_web::test]
async fn it_makes_up_keys_on_this_machine_says_so_and_ends_when_it_is_told_to() {
    let (service, folder) = (TestService::start().await.unwrap(), tempfile::tempdir().unwrap());
    let mut running = Running(program(&service, &folder).spawn().unwrap());
    let mut line = String::new();
    BufReader::new(running.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let origin = line.trim().strip_prefix("Notes are at ").unwrap();
    let mut browser = Browser::new(origin);
    assert!(browser.get("/").await.text.contains("/sign-up"));
    assert_eq!(browser.post("/sign-up", &[("name", "anna")]).await.status, 303);
    assert!(folder.path().join("notes.db").exists());

    // A page that waits for what happens does not keep it from ending.
    let waiting = browser.request(reqwest::Method::GET, "/auth/enrol/events").send().await.unwrap();
    assert_eq!(waiting.headers()["content-type"], "text/event-stream");
    assert!(Command::new("kill").arg(running.0.id().to_string()).status().unwrap().success());
    let ended = running.ended().await;
    assert!(ended.success(), "{ended}");
    let said = running.complained();
    assert!(said.contains("IAMPASS_COOKIE_KEYS and IAMPASS_SEALING_KEYS not set"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[actix_web::test]
async fn it_makes_up_no_keys_where_others_see_it() {
    let (service, folder) = (TestService::start().await.unwrap(), tempfile::tempdir().unwrap());
    let key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    for (set, missing) in
        [("IAMPASS_SEALING_KEYS", "IAMPASS_COOKIE_KEYS"), ("IAMPASS_COOKIE_KEYS", "IAMPASS_SEALING_KEYS")]
    {
        let mut program = program(&service, &folder);
        let program = program.args(["--origin", "https://notes.example"]).env(set, key);
        let mut refused = Running(program.spawn().unwrap());
        let ended = refused.ended().await;
        let said = refused.complained();
        assert!(!ended.success() && said.contains(&format!("{missing} is not set")), "{said}");
        assert!(!folder.path().join("notes.db").exists());
    }
}

#[actix_web::test]
async fn it_says_which_databases_there_are_and_shows_no_password() {
    let (service, folder) = (TestService::start().await.unwrap(), tempfile::tempdir().unwrap());
    for url in ["postgres://notes:hidden@127.0.0.1/notes", "hidden.db"] {
        let mut program = program(&service, &folder);
        let mut refused = Running(program.args(["--database-url", url]).spawn().unwrap());
        let ended = refused.ended().await;
        let said = refused.complained();
        assert!(!ended.success() && said.contains("neither sqlite:// nor mysql://"), "{said}");
        assert!(!said.contains("hidden"), "{said}");
    }
}
