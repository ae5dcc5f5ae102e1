//! Tries a running service through whatever stands in front of it: the published Python client's list, what a proxy can spoil, and a login by
//! our own client and phone. `cargo xtask surroundings` calls it.
//!
//! The service and its application come from `IAMPASS_SERVER`, `IAMPASS_APPLICATION_ID` and `IAMPASS_APPLICATION_SECRET`; the first argument is
//! how many seconds the service waits for a phone. With `--short` nothing is tried that takes long; `--without CHECK` does not mind how a check of
//! the list ends. It prints a line of JSON for each try,
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
    let mut arguments = std::env::args().skip(1);
    let first = arguments.next().ok_or("how many seconds does the service wait for a phone?")?;
    if first == "--install" {
        return Ok(());
    }
    let timeout = first.parse()?;
    let (mut is_short, mut without) = (false, Vec::new());
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--short" => is_short = true,
            "--without" => without.extend(arguments.next()),
            other => return Err(format!("{other} is not known").into()),
        }
    }
    let variable = |name: &str| std::env::var(name).map_err(|_| format!("{name} is not set"));
    let account = Account {
        server: variable("IAMPASS_SERVER")?,
        application_id: variable("IAMPASS_APPLICATION_ID")?,
        application_secret: variable("IAMPASS_APPLICATION_SECRET")?,
    };
    let judged = |command| judged(&python, command, &account, timeout, &without);
    let tried = match without.as_slice() {
        [] => "the published client's list".to_owned(),
        names => format!("the published client's list without {}", names.join(", ")),
    };
    told(&tried, judged("checks"));
    if !is_short {
        told("a stream of events, and 25 s of silence", judged("through"));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let login = runtime.block_on(own_login(&account));
    told("a login by our own client and phone", login.map_err(|error| error.to_string()));
    Ok(())
}

fn told(tried: &str, seen: Result<(), String>) {
    println!("{}", json!({"tried": tried, "seen": seen.err()}));
}

fn judged(
    python: &PublishedClient,
    command: &str,
    account: &Account,
    timeout: u64,
    without: &[String],
) -> Result<(), String> {
    let lines = python.judge(command, account, timeout, "")?;
    let mut failed = Vec::new();
    for line in lines.lines() {
        let line: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
        if line.get("ok") != Some(&Value::Bool(true)) {
            let text = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            if without.contains(&text("check")) {
                continue;
            }
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
    let flow = client.login(&user, LoginOptions::default())?;
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
