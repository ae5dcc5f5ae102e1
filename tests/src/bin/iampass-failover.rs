//! Calls a running service all the time while its database fails and comes back. `cargo xtask surroundings` calls it.
//!
//! The service and its application come from `IAMPASS_SERVER`, `IAMPASS_APPLICATION_ID` and `IAMPASS_APPLICATION_SECRET`. It adds users without a
//! pause, and obeys the lines that it reads. Each command is answered by one line of JSON:
//!
//! | line | does | answer |
//! |---|---|---|
//! | `login` | logs somebody in, again and again until it works | `{"after_ms"}`, from the command to the end of the first login that worked |
//! | `connect N` | opens `N` connections, and asks one question by each, one after another | `{}` |
//! | `flood` | asks a question by each of them, all at once | `{"refused", "otherwise", "longest_ms"}`: 503 with `Retry-After`, and any other end |
//! | `end` | stops adding, and looks for each user whose addition was acknowledged | `{"acknowledged", "lost"}` |

#![forbid(unsafe_code)]

use std::io::BufRead as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use iampass_core::client::{Client, System};
use iampass_core::machine::{LoginOptions, LoginOutcome, RetryPolicy};
use iampass_core::port::{Clock as _, Entropy as _};
use iampass_core::signing::Signer;
use iampass_core::{Secret, UserToken};
use iampass_reqwest::ReqwestTransport;
use iampass_testkit::VirtualPhone;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// How many callers add users.
const CALLERS: usize = 8;

/// A login that takes longer is given up, and another one is begun. Each may take twice as long as the one before, up to [`LONGEST_LOGIN`], as a slow
/// machine may complete none in the time of the first.
const FIRST_LOGIN: Duration = Duration::from_secs(3);

/// The most that one login may take.
const LONGEST_LOGIN: Duration = Duration::from_secs(20);

/// The most that one question of a flood may take.
const ONE_QUESTION: Duration = Duration::from_secs(120);

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("iampass-failover: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The application, and the users that have a phone.
struct Application {
    server: String,
    id: String,
    secret: Secret,
    client: Client,
    phones: Vec<VirtualPhone>,
}

async fn run() -> Result<(), Failure> {
    let application = Application::from_environment().await?;
    let is_over = Arc::new(AtomicBool::new(false));
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        callers.spawn(add_users(application.client.clone(), caller, Arc::clone(&is_over)));
    }
    let mut connections = Vec::new();
    let (send, mut commands) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        std::io::stdin().lock().lines().map_while(Result::ok).try_for_each(|line| send.send(line))
    });
    while let Some(command) = commands.recv().await {
        let words: Vec<_> = command.split(' ').collect();
        let answer = match words.as_slice() {
            ["login"] => application.login_again_and_again().await,
            ["connect", count] => {
                connections = application.connect(count.parse()?).await?;
                json!({})
            }
            ["flood"] => application.flood(&mut connections).await?,
            ["end"] => {
                is_over.store(true, Ordering::SeqCst);
                let acknowledged = callers.join_all().await.concat();
                println!("{}", application.lost_of(&acknowledged).await?);
                return Ok(());
            }
            _ => return Err(format!("{command:?} is no command").into()),
        };
        println!("{answer}");
    }
    Ok(())
}

/// The users whose addition the service has acknowledged.
async fn add_users(client: Client, caller: usize, is_over: Arc<AtomicBool>) -> Vec<UserToken> {
    let mut acknowledged = Vec::new();
    for count in 0.. {
        if is_over.load(Ordering::SeqCst) {
            break;
        }
        let Ok(user) = UserToken::new(format!("added-{caller}-{count}")) else { break };
        match client.add_user(&user).await {
            Ok(_) => acknowledged.push(user),
            // The same user is not tried again: a change that was not acknowledged may have happened.
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    acknowledged
}

impl Application {
    async fn from_environment() -> Result<Self, Failure> {
        let variable = |name: &str| std::env::var(name).map_err(|_| format!("{name} is not set"));
        let (server, id) = (variable("IAMPASS_SERVER")?, variable("IAMPASS_APPLICATION_ID")?);
        let secret = variable("IAMPASS_APPLICATION_SECRET")?;
        let client = Client::builder()
            .server(&server)
            .application(&id, secret.as_str())
            .transport(ReqwestTransport::new()?)
            .retry(RetryPolicy::never())
            .sessions_in_memory()
            .build()?;
        let mut phones = Vec::new();
        for count in 0..CALLERS {
            let user = UserToken::new(format!("phone-{count}"))?;
            client.add_user(&user).await?;
            let link = client.registration_link(&user, None).await?;
            phones.push(VirtualPhone::register(&link).await?);
        }
        Ok(Self { server, id, secret: Secret::new(secret), client, phones })
    }

    /// One user after another, so that no question of a login that was given up is in the way.
    async fn login_again_and_again(&self) -> Value {
        let began = Instant::now();
        let mut phones = self.phones.iter().cycle();
        let mut patience = FIRST_LOGIN;
        loop {
            if let Some(phone) = phones.next() {
                match tokio::time::timeout(patience, self.log_in(phone, patience)).await {
                    Ok(Ok(())) => return json!({"after_ms": milliseconds(began.elapsed())}),
                    Ok(Err(_)) => {}
                    Err(_) => patience = (patience * 2).min(LONGEST_LOGIN),
                }
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn log_in(&self, phone: &VirtualPhone, patience: Duration) -> Result<(), Failure> {
        let flow = self.client.login(phone.user(), LoginOptions::default())?;
        let (outcome, accepted) = tokio::join!(flow.outcome(), phone.accept_next(patience));
        accepted?;
        match outcome? {
            LoginOutcome::Granted(granted) => self.client.logout(&granted.session).await.map(drop)?,
            other => return Err(format!("it ended otherwise: {other:?}").into()),
        }
        Ok(())
    }

    /// A question, as it goes over the wire.
    fn question(&self, system: &System) -> Result<String, Failure> {
        let path = format!("/management/has_registered_mobile_device/{}/phone-0", self.id);
        let signer = Signer { id: &self.id, secret: &self.secret };
        let url = format!("{}{path}", self.server);
        let signed = signer.sign(&url, system.draw()?.nonce(), system.now().wall);
        let lines: String =
            signed.lines().iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        Ok(format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{lines}\r\n", self.host()))
    }

    fn host(&self) -> &str {
        self.server.trim_start_matches("http://")
    }

    /// Opens so many connections one after another, and asks one question by each.
    async fn connect(&self, count: usize) -> Result<Vec<TcpStream>, Failure> {
        let system = System::new();
        let mut connections = Vec::new();
        for _ in 0..count {
            let mut connection = TcpStream::connect(self.host()).await?;
            connection.write_all(self.question(&system)?.as_bytes()).await?;
            let head = head_of_answer(&mut connection).await?;
            if !head.starts_with("http/1.1 200 ") {
                return Err(format!("before the flood: {head}").into());
            }
            connections.push(connection);
        }
        Ok(connections)
    }

    /// Asks a question by each of the connections, all at once. Those that are still good stay.
    async fn flood(&self, connections: &mut Vec<TcpStream>) -> Result<Value, Failure> {
        let system = System::new();
        let mut questions = JoinSet::new();
        for mut connection in connections.drain(..) {
            let question = self.question(&system)?;
            questions.spawn(async move {
                let began = Instant::now();
                let answer = async {
                    connection.write_all(question.as_bytes()).await?;
                    head_of_answer(&mut connection).await
                };
                let head = tokio::time::timeout(ONE_QUESTION, answer).await;
                let head = head.ok().and_then(Result::ok);
                let is_refused = head.as_ref().is_some_and(|head| {
                    head.starts_with("http/1.1 503 ") && head.contains("\r\nretry-after: ")
                });
                (is_refused, began.elapsed(), head.map(|_| connection))
            });
        }
        let ends = questions.join_all().await;
        let refused = ends.iter().filter(|(is_refused, _, _)| *is_refused).count();
        let longest = ends.iter().map(|(_, took, _)| *took).max().unwrap_or_default();
        let count = ends.len();
        connections.extend(ends.into_iter().filter_map(|(_, _, connection)| connection));
        let otherwise = count - refused;
        Ok(json!({"refused": refused, "otherwise": otherwise, "longest_ms": milliseconds(longest)}))
    }

    /// Adds them again: a user that is new then was lost.
    async fn lost_of(&self, acknowledged: &[UserToken]) -> Result<Value, Failure> {
        let mut lost = Vec::new();
        for users in acknowledged.chunks(500) {
            let added = self.client.add_users(users).await?;
            lost.extend(added.created.iter().map(|user| user.as_str().to_owned()));
        }
        Ok(json!({"acknowledged": acknowledged.len(), "lost": lost}))
    }
}

/// The head of the next answer, in lower case. Its body is read, too.
async fn head_of_answer(connection: &mut TcpStream) -> Result<String, Failure> {
    let mut answer = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&answer).to_ascii_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.ok_or("an answer without a length")?.parse()? {
                return Ok(head.to_owned());
            }
        }
        if connection.read_buf(&mut answer).await? == 0 {
            return Err("the connection ended before the answer".into());
        }
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
