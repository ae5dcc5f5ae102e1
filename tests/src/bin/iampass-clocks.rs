//! Tries the service under a clock that steps, and after it was stopped for a while. `cargo xtask surroundings clocks` calls it.
//!
//! The clock of the service alone is set, by libfaketime, whose path is the first argument; callers keep the right time. Monotonic time is never
//! changed, as no system does. It prints a line of JSON for each try, `{"tried", "seen"}`, where `seen` is null if it went well.

#![forbid(unsafe_code)]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use iampass_core::client::{Client, System};
use iampass_core::machine::{Granted, LoginOptions, LoginOutcome, calls};
use iampass_core::port::{Clock as _, Entropy as _, HttpRequest, HttpTransport as _};
use iampass_core::wire::SessionStatus;
use iampass_core::{UnixSeconds, UserToken};
use iampass_reqwest::ReqwestTransport;
use iampass_system_tests::program;
use iampass_test_databases::unused_port;
use iampass_testkit::VirtualPhone;
use serde_json::{Value, json};
use tempfile::TempDir;

type Failure = Box<dyn std::error::Error>;

/// A step that no window of signatures covers, in seconds.
const STEP: i64 = 600;

/// How long honest calls may be refused after the clock is right again, and how long `/readyz` may take to tell.
const BOUND: Duration = Duration::from_secs(15);

/// Anything else, on a busy machine.
const SOON: Duration = Duration::from_secs(30);

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("iampass-clocks: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Failure> {
    let library = PathBuf::from(std::env::args().nth(1).ok_or("where is libfaketime?")?);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        told("the clock of the service can be set", can_be_set(&library).await);
        told("10 min ahead: /readyz says so, and right again", step_is_noticed(&library, STEP).await);
        told(
            "10 min ahead and back: honest calls work again, nothing is replayed",
            ahead_and_back(&library).await,
        );
        told(
            "started while 10 min ahead, set right, started again: honest calls work, nothing is replayed",
            started_ahead(&library).await,
        );
        told("10 min back: /readyz says so, and right again", step_is_noticed(&library, -STEP).await);
        told(
            "10 min back and right again: honest calls work, nothing is replayed",
            back_and_right(&library).await,
        );
        told("the machine slept for 40 s: links and sessions have ended, calls work", slept(&library).await);
        told(
            "the process stood still for 40 s: links and sessions have ended, calls work",
            stopped(&library).await,
        );
    });
    Ok(())
}

fn told(tried: &str, seen: Result<(), Failure>) {
    println!("{}", json!({"tried": tried, "seen": seen.err().map(|error| error.to_string())}));
}

/// A service whose clock is set, with an application. It is killed when dropped.
struct Node {
    folder: TempDir,
    /// The way to start it.
    run: Command,
    process: Child,
    server: String,
    client: Client,
    transport: ReqwestTransport,
    user: UserToken,
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Node {
    /// Links and sessions last for 30 s.
    async fn start(library: &Path) -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let offset = folder.path().join("offset");
        std::fs::write(&offset, "+0\n")?;
        let data = folder.path().join("data.sqlite").display().to_string();
        let mut add = Command::new(program("iampass-server")?);
        add.args(["application", "add", "--name", "Shop", "--json", "--data", &data]).env("RUST_LOG", "off");
        let said: Value = serde_json::from_slice(&add.output()?.stdout)?;
        let said = |name: &str| said.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let address = format!("127.0.0.1:{}", unused_port()?);
        let server = format!("http://{address}");
        let log = File::options().create(true).append(true).open(folder.path().join("log"))?;
        let mut run = Command::new(program("iampass-server")?);
        run.args(["run", "--data", &data, "--listen", &address, "--public-url", &server]);
        for setting in
            ["links.lifetime=30s", "sessions.default_duration=30s", "sessions.longest_duration=30s"]
        {
            run.args(["--set", setting]);
        }
        run.env("LD_PRELOAD", library)
            .env("FAKETIME_TIMESTAMP_FILE", &offset)
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .env("RUST_LOG", "info");
        run.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let process = run.spawn()?;
        let transport = ReqwestTransport::new()?;
        let client = Client::builder()
            .server(&server)
            .application(said("application_id"), said("application_secret"))
            .transport(ReqwestTransport::new()?)
            .sessions_in_memory()
            .build()?;
        let node = Self { folder, run, process, server, client, transport, user: UserToken::new("u")? };
        node.until("it is ready", SOON, async || node.ready().await.is_some_and(|(code, _)| code == 200))
            .await?;
        node.client.add_user(&node.user).await?;
        Ok(node)
    }

    /// Stops it as one does, and starts it again. Its log goes on in the same file.
    async fn restart(&mut self) -> Result<(), Failure> {
        self.signal("-TERM")?;
        self.process.wait()?;
        let log = File::options().append(true).open(self.folder.path().join("log"))?;
        self.process = self.run.stderr(log).spawn()?;
        self.until("it answers again", SOON, async || self.ready().await.is_some()).await
    }

    /// Sets the clock of the service, in seconds from the right time.
    fn set(&self, offset: i64) -> Result<(), Failure> {
        // In one piece: the service reads it at any time.
        let (new, file) = (self.folder.path().join("new"), self.folder.path().join("offset"));
        std::fs::write(&new, format!("{offset:+}\n"))?;
        Ok(std::fs::rename(new, file)?)
    }

    fn signal(&self, name: &str) -> Result<(), Failure> {
        let sent = Command::new("kill").args([name, &self.process.id().to_string()]).status()?;
        if sent.success() { Ok(()) } else { Err(format!("kill {name} failed").into()) }
    }

    /// `/readyz`: the status, and what it says of the clock.
    async fn ready(&self) -> Option<(u16, Value)> {
        let request = http::Request::get(format!("{}/readyz", self.server)).body(Vec::new()).ok()?;
        let answer = self.transport.send(request).await.ok()?;
        let said: Value = serde_json::from_slice(answer.body()).ok()?;
        Some((answer.status().as_u16(), said.get("clock").cloned().unwrap_or_default()))
    }

    /// Whether `/readyz` says that the clock is wrong: by its status, or by the word for it.
    async fn says_that_the_clock_is_wrong(&self) -> bool {
        let ready = self.ready().await;
        ready.is_some_and(|(code, clock)| code == 503 || clock.as_str().is_some_and(|word| word != "ok"))
    }

    async fn is_all_right(&self) -> bool {
        let ready = self.ready().await;
        ready.is_some_and(|(code, clock)| code == 200 && clock.as_str().is_none_or(|word| word == "ok"))
    }

    async fn until(&self, what: &str, limit: Duration, is_so: impl AsyncFn() -> bool) -> Result<(), Failure> {
        let begun = Instant::now();
        while !is_so().await {
            if begun.elapsed() > limit {
                let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
                let last: Vec<_> =
                    log.lines().rev().filter(|line| !line.contains(" INFO ")).take(3).collect();
                let ready = self.ready().await;
                let why = format!(
                    "not within {} s: {what}; /readyz: {ready:?}; log: {}",
                    limit.as_secs(),
                    last.join(" / ")
                );
                return Err(why.into());
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        Ok(())
    }

    /// A call as it was signed at a time, so many seconds from the right one.
    fn signed(&self, offset: i64) -> Result<impl Fn() -> HttpRequest + use<>, Failure> {
        let nonce = System::new().draw()?.nonce();
        let at = UnixSeconds(System::new().now().wall.0.saturating_add_signed(offset));
        let call = calls::has_registered_device(self.client.application(), &self.user);
        Ok(move || call.sign(nonce, at))
    }

    async fn status_of(&self, request: HttpRequest) -> Result<u16, Failure> {
        Ok(self.transport.send(request).await?.status().as_u16())
    }

    /// An honest call, by the right clock.
    async fn takes_calls(&self) -> bool {
        self.client.has_registered_device(&self.user).await.is_ok()
    }

    /// Somebody whose clock is as wrong as the service's: what they sign is good meanwhile.
    async fn call_by_clock(&self, offset: i64) -> Result<u16, Failure> {
        self.status_of(self.signed(offset)?()).await
    }
}

fn refused(status: u16, what: &str) -> Result<(), Failure> {
    if matches!(status, 401 | 403 | 429 | 503) { Ok(()) } else { Err(format!("{what}: {status}").into()) }
}

fn taken(status: u16, what: &str) -> Result<(), Failure> {
    if status == 200 { Ok(()) } else { Err(format!("{what}: {status}").into()) }
}

async fn can_be_set(library: &Path) -> Result<(), Failure> {
    let node = Node::start(library).await?;
    taken(node.call_by_clock(0).await?, "a call before the step is not taken")?;
    node.set(STEP)?;
    node.until("an honest call is too old", SOON, async || !node.takes_calls().await).await?;
    taken(node.call_by_clock(STEP).await?, "a call by the clock of the service is not taken")
}

async fn step_is_noticed(library: &Path, step: i64) -> Result<(), Failure> {
    let node = Node::start(library).await?;
    node.set(step)?;
    node.until("/readyz says that the clock is wrong", BOUND, async || {
        node.says_that_the_clock_is_wrong().await
    })
    .await?;
    node.set(0)?;
    node.until("/readyz says that all is well again", BOUND, async || node.is_all_right().await).await
}

/// The first call is forgotten while the clock is ahead, and must not be good again afterwards.
async fn ahead_and_back(library: &Path) -> Result<(), Failure> {
    let node = Node::start(library).await?;
    let before = node.signed(0)?;
    taken(node.status_of(before()).await?, "a call before the step is not taken")?;
    node.set(STEP)?;
    node.until("the clock of the service is ahead", SOON, async || !node.takes_calls().await).await?;
    let ahead = node.signed(STEP)?;
    taken(node.status_of(ahead()).await?, "a call while the clock is ahead is not taken")?;
    node.set(0)?;
    refused(node.status_of(before()).await?, "what was used before the step is taken again")?;
    node.until("an honest call is taken", BOUND, async || node.takes_calls().await).await?;
    for (call, what) in [(before(), "before the step"), (ahead(), "while the clock was ahead")] {
        refused(node.status_of(call).await?, &format!("what was used {what} is taken again"))?;
    }
    Ok(())
}

/// The first call is deleted by the service that was started under the wrong clock, and must not be good again afterwards.
async fn started_ahead(library: &Path) -> Result<(), Failure> {
    let mut node = Node::start(library).await?;
    let before = node.signed(0)?;
    taken(node.status_of(before()).await?, "a call before the step is not taken")?;
    node.set(STEP)?;
    node.restart().await?;
    let ahead = node.signed(STEP)?;
    taken(node.status_of(ahead()).await?, "a call while the clock is ahead is not taken")?;
    node.set(0)?;
    for when in ["when the clock is right again", "after it was started again"] {
        node.until(&format!("an honest call is taken {when}"), BOUND, async || node.takes_calls().await)
            .await?;
        for call in [before(), ahead()] {
            refused(node.status_of(call).await?, &format!("what was used before is taken again {when}"))?;
        }
        node.restart().await?;
    }
    node.until("/readyz says that all is well", BOUND, async || node.is_all_right().await).await
}

async fn back_and_right(library: &Path) -> Result<(), Failure> {
    let node = Node::start(library).await?;
    let (before, unused) = (node.signed(0)?, node.signed(-STEP)?);
    taken(node.status_of(before()).await?, "a call before the step is not taken")?;
    node.set(-STEP)?;
    node.until("the clock of the service is behind", SOON, async || !node.takes_calls().await).await?;
    refused(
        node.status_of(before()).await?,
        "what was used before the step is taken while the clock is behind",
    )?;
    let first = node.status_of(unused()).await?;
    let second = node.status_of(unused()).await?;
    refused(second, &format!("one call is taken twice while the clock is behind (first: {first})"))?;
    node.set(0)?;
    node.until("an honest call is taken", BOUND, async || node.takes_calls().await).await?;
    for call in [before(), unused()] {
        refused(node.status_of(call).await?, "what was used before is taken again")?;
    }
    Ok(())
}

/// The effect of the machine's sleep on a process: it stands still, and the wall clock alone has gone on.
async fn slept(library: &Path) -> Result<(), Failure> {
    ended_meanwhile(library, async |node| {
        node.signal("-STOP")?;
        node.set(40)?;
        node.signal("-CONT")
    })
    .await
}

async fn stopped(library: &Path) -> Result<(), Failure> {
    ended_meanwhile(library, async |node| {
        node.signal("-STOP")?;
        tokio::time::sleep(Duration::from_secs(40)).await;
        node.signal("-CONT")
    })
    .await
}

/// A link and a session that end in the meantime have ended; a call that was used is not taken again; honest calls are taken.
async fn ended_meanwhile(
    library: &Path,
    meanwhile: impl AsyncFn(&Node) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let node = Node::start(library).await?;
    let link = node.client.registration_link(&node.user, Some("Ann")).await?;
    let phone = VirtualPhone::register(&link).await?;
    let granted = login(&node.client, &node.user, &phone).await?;
    if node.client.status(&granted.session).await? != SessionStatus::Active {
        return Err("the session is not active at its beginning".into());
    }
    let other = UserToken::new("v")?;
    node.client.add_user(&other).await?;
    let link = node.client.registration_link(&other, Some("Bob")).await?;
    let used = node.signed(0)?;
    taken(node.status_of(used()).await?, "a call is not taken")?;
    meanwhile(&node).await?;
    if node.client.status(&granted.session).await? == SessionStatus::Active {
        return Err("a session of 30 s is active after 40 s".into());
    }
    if VirtualPhone::register(&link).await.is_ok() {
        return Err("a link of 30 s works after 40 s".into());
    }
    node.until("an honest call is taken", BOUND, async || node.takes_calls().await).await?;
    refused(node.status_of(used()).await?, "what was used before is taken again")?;
    node.until("/readyz is 200", BOUND, async || node.ready().await.is_some_and(|(code, _)| code == 200))
        .await
}

async fn login(client: &Client, user: &UserToken, phone: &VirtualPhone) -> Result<Granted, Failure> {
    let flow = client.login(user, LoginOptions::default().duration(Duration::from_secs(30)))?;
    let (outcome, accepted) = tokio::join!(flow.outcome(), phone.accept_next(SOON));
    accepted?;
    match outcome? {
        LoginOutcome::Granted(granted) => Ok(granted),
        other => Err(format!("the login ended otherwise: {other:?}").into()),
    }
}
