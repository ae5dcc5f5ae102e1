//! Tries a running service through whatever stands in front of it: the published Python client's list, what a proxy can spoil, and a login by
//! our own client and phone. `cargo xtask surroundings` calls it.
//!
//! The service and its application come from `IAMPASS_SERVER`, `IAMPASS_APPLICATION_ID` and `IAMPASS_APPLICATION_SECRET`; the first argument is
//! how many seconds the service waits for a phone. With `--short` nothing is tried that takes long. It prints a line of JSON for each try,
//! `{"tried", "seen"}`, where `seen` is null if it went well. With `--install` it only installs the published client, which is done where no
//! certificate of a test's own is trusted instead of the usual ones.

#![forbid(unsafe_code)]

use std::process::ExitCode;
use std::time::Duration;

use iampass_core::UserToken;
use iampass_core::client::Client;
use iampass_core::machine::{LoginOptions, LoginOutcome};
use iampass_reqwest::ReqwestTransport;
use iampass_system_tests::{Account, PublishedClient, python_client};
use iampass_testkit::VirtualPhone;
use serde_json::{Value, json};

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("iampass-through: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Failure> {
    let python =
        python_client()?.ok_or("the published client needs Python 3.9 or later with its venv module")?;
    if std::env::args().any(|argument| argument == "--install") {
        return Ok(());
    }
    let variable = |name: &str| std::env::var(name).map_err(|_| format!("{name} is not set"));
    let account = Account {
        server: variable("IAMPASS_SERVER")?,
        application_id: variable("IAMPASS_APPLICATION_ID")?,
        application_secret: variable("IAMPASS_APPLICATION_SECRET")?,
    };
    let mut arguments = std::env::args().skip(1);
    let timeout = arguments.next().ok_or("how many seconds does the service wait for a phone?")?.parse()?;
    let is_short = arguments.any(|argument| argument == "--short");
    let python =
        python_client()?.ok_or("the published client needs Python 3.9 or later with its venv module")?;
    told("the published client's list", judged(&python, "checks", &account, timeout));
    if !is_short {
        told("a stream of events, and 25 s of silence", judged(&python, "through", &account, timeout));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let login = runtime.block_on(own_login(&account));
    told("a login by our own client and phone", login.map_err(|error| error.to_string()));
    Ok(())
}

fn told(tried: &str, seen: Result<(), String>) {
    println!("{}", json!({"tried": tried, "seen": seen.err()}));
}

fn judged(python: &PublishedClient, command: &str, account: &Account, timeout: u64) -> Result<(), String> {
    let lines = python.judge(command, account, timeout, "")?;
    let mut failed = Vec::new();
    for line in lines.lines() {
        let line: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
        if line.get("ok") != Some(&Value::Bool(true)) {
            let text = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let why = text("detail").lines().last().unwrap_or_default().to_owned();
            failed.push(format!("{}: {why}", text("check")));
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(failed.join("; ")) }
}

/// With an id that has a character which proxies like to change.
async fn own_login(account: &Account) -> Result<(), Failure> {
    const SOON: Duration = Duration::from_secs(20);
    let client = Client::builder()
        .server(&account.server)
        .application(&account.application_id, account.application_secret.as_str())
        .transport(ReqwestTransport::new()?)
        .sessions_in_memory()
        .build()?;
    let user = UserToken::new("ann@example.org")?;
    client.add_user(&user).await?;
    let link = client.registration_link(&user, Some("Ann")).await?;
    let phone = VirtualPhone::register(&link).await?;
    let mut flow = client.login(&user, LoginOptions::default())?;
    let (granted, accepted) = tokio::join!(flow.outcome(), phone.accept_next(SOON));
    accepted?;
    match granted? {
        LoginOutcome::Granted(granted) => client.logout(&granted.session).await.map(drop)?,
        other => return Err(format!("it ended otherwise: {other:?}").into()),
    }
    if phone.is_logged_out_within(SOON).await? {
        Ok(())
    } else {
        Err("the logout did not reach the service".into())
    }
}
