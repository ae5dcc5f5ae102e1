//! The walk of the *Getting started* examples, over whatever stores they bring. Belongs here: the steps. Does not belong here: where
//! tokens and sessions are kept, which is what the examples differ in.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod phone;
mod steps;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use iampass::{
    Client, Denial, EnrolmentEvent, EnrolmentOptions, EnrolmentOutcome, Granted, LoginEvent, LoginOptions,
    LoginOutcome, LogoutReceipt, Reason, ReqwestTransport, Server, SessionStore, TokenStore, UserKey,
    UserToken, WatchEnd, WatchEvent, WatchOptions,
};

use phone::Phone;
use steps::Steps;

/// The error that stopped the walk.
pub type Failure = Box<dyn std::error::Error>;

/// Where an application keeps what it has to remember, and what it says of it.
pub struct Stores {
    /// The lookup table: the application's own user ↔ the token that IAMPASS knows.
    pub tokens: Arc<dyn TokenStore>,
    /// The sessions.
    pub sessions: Arc<dyn SessionStore>,
    /// Where that is, for a person.
    pub place: String,
}

impl std::fmt::Debug for Stores {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stores").field("place", &self.place).finish_non_exhaustive()
    }
}

/// Logs a user in by phone, step by step.
#[derive(Parser)]
struct Arguments {
    /// The name that the user has in this application; IAMPASS shows it on the phone and does not keep it.
    #[arg(long, default_value = "Ann")]
    name: String,
    /// A command that answers instead of a phone, such as `iampass-phone`.
    #[arg(long, value_name = "COMMAND")]
    phone: Option<String>,
}

/// Reads the arguments and walks through a login, with the stores that `set_up` gives for sessions of a service.
pub fn walk(set_up: impl AsyncFnOnce(Server) -> Result<Stores, Failure>) -> ExitCode {
    let arguments = Arguments::parse();
    let phone = Phone::new(arguments.phone);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let result = match runtime {
        Ok(runtime) => {
            let result = runtime.block_on(walk_through(&arguments.name, &phone, set_up));
            // The phone may have ended the session while Enter is still waited for.
            runtime.shutdown_background();
            result
        }
        Err(error) => Err(error.into()),
    };
    phone.forget();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nIt stopped here: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn walk_through(
    name: &str,
    phone: &Phone,
    set_up: impl AsyncFnOnce(Server) -> Result<Stores, Failure>,
) -> Result<(), Failure> {
    let mut steps = Steps::new();

    let client = Client::builder().transport(ReqwestTransport::new()?).from_env();
    let Stores { tokens, sessions, place } = set_up(client.configured_server()?).await?;
    let client = client.token_store(Arc::clone(&tokens)).session_store(sessions).build()?;
    steps.done(&format!("The application keeps its users' tokens and their sessions in {place}."));
    let check = client.check().await;
    if !check.is_ok() {
        eprintln!("Nobody can log in: {check}");
    }
    let application = client.application();
    steps.done(&format!(
        "The application {} asks the service at {}.",
        application.id(),
        application.server().base()
    ));

    let user = UserKey::from(1_i64);
    steps.done(&format!("It has a user: {name}, number 1 in its users table."));

    enrol(&client, &user, name, phone, &mut steps).await?;

    let token = tokens.token_for(&user).await?.ok_or("the user has no token")?;
    let Some(granted) = log_in(&client, &token, phone, &mut steps).await? else {
        println!("\nRun it again to try once more.");
        return Ok(());
    };
    let kept = client.sessions_of(&token, 10).await?.len();
    steps.done(&format!(
        "Its session is stored ({kept} in all), so that it is known after a restart and on other nodes."
    ));
    if watch(&client, &granted, phone, &mut steps).await? {
        match client.logout(&granted.session).await? {
            LogoutReceipt::Confirmed => steps.done("Logged out: the service has ended the session."),
            LogoutReceipt::Queued => {
                steps.done("Logged out here; the service will be told as soon as it can be reached.")
            }
        }
    }
    println!("\nThat is all there is to it.");
    Ok(())
}

async fn enrol(
    client: &Client,
    user: &UserKey,
    name: &str,
    phone: &Phone,
    steps: &mut Steps,
) -> Result<(), Failure> {
    let mut enrolment = client.enrol(user, EnrolmentOptions::default().display_name(name))?;
    let mut waiting = None;
    while let Some(event) = enrolment.next().await {
        match event {
            EnrolmentEvent::Assign(token) => {
                steps.done(&format!("Its lookup table holds a random token for that user: {token}."));
            }
            EnrolmentEvent::UserAdded { .. } => {
                steps.done("IAMPASS knows the user by that token, and by nothing else.")
            }
            EnrolmentEvent::Link(link) => {
                steps.done("The user opens this link on the phone (scan it, or open it in a browser):");
                if !phone.is_virtual()
                    && let Some(code) = link.qr_terminal()
                {
                    println!("\n{code}\n");
                }
                steps.detail(link.as_str());
                waiting = Some(steps.wait("Waiting for the phone to be registered"));
                if phone.is_virtual() {
                    phone.does(&["register", link.as_str()]).await?;
                }
            }
            EnrolmentEvent::Trouble(error) => {
                if let Some(waiting) = &waiting {
                    waiting.note(&format!("{error}; trying again"));
                }
            }
            EnrolmentEvent::Finished(end) => {
                let said = match end? {
                    EnrolmentOutcome::Registered | EnrolmentOutcome::AlreadyRegistered => {
                        "The phone is registered"
                    }
                    EnrolmentOutcome::NotInTime => return Err("no phone was registered in time".into()),
                    other => return Err(format!("the enrolment ended: {other:?}").into()),
                };
                match waiting.take() {
                    Some(waiting) => waiting.finish(said),
                    None => steps.done(said),
                }
            }
            _ => {}
        }
    }
    Ok(())
}

async fn log_in(
    client: &Client,
    token: &UserToken,
    phone: &Phone,
    steps: &mut Steps,
) -> Result<Option<Granted>, Failure> {
    steps.done("The user wants to log in: the service asks the phone.");
    // A terminal can show the code as well as a page. The virtual phone answers by a tap, which not each application takes.
    let options = LoginOptions::default().duration(Duration::from_secs(3600)).shows_code(!phone.is_virtual());
    let mut login = client.login(token, options)?;
    let waiting = steps.wait("Waiting for the user to accept on the phone");
    let answering = phone.does(&["accept", "--wait", "30"]);
    tokio::pin!(answering);
    let mut answered = false;
    loop {
        let event = tokio::select! {
            event = login.next() => event,
            result = &mut answering, if !answered => {
                answered = true;
                result?;
                continue;
            }
        };
        match event {
            Some(LoginEvent::Started(started)) => {
                waiting.note("status: pending");
                if let Some(code) = started.confirmation {
                    waiting.note(&format!("Type these digits on the phone: {}", code.code.expose()));
                }
            }
            Some(LoginEvent::Progress(status)) => waiting.note(&format!("status: {status}")),
            Some(LoginEvent::Trouble(error)) => waiting.note(&format!("{error}; trying again")),
            Some(LoginEvent::Finished(end)) => {
                return Ok(match end? {
                    LoginOutcome::Granted(granted) => {
                        waiting.note("status: active");
                        waiting.finish("Logged in");
                        Some(granted)
                    }
                    LoginOutcome::Denied(why) => {
                        waiting.finish(&format!("Not logged in: {}", in_words(&why)));
                        None
                    }
                    other => return Err(format!("the login ended: {other:?}").into()),
                });
            }
            Some(_) => {}
            None => return Err("the login ended without an outcome".into()),
        }
    }
}

fn in_words(why: &Denial) -> String {
    match why {
        Denial::NotStarted(Reason::NoMobileDevice) => "the user has no registered phone".to_owned(),
        Denial::NotStarted(reason) => format!("the service did not ask the phone ({reason})"),
        Denial::Declined => "it was declined on the phone".to_owned(),
        Denial::NoAnswer => "nobody answered in time".to_owned(),
        other => format!("{other:?}"),
    }
}

/// Watches until somebody ends it. `true`: here; `false`: the session is over already.
async fn watch(
    client: &Client,
    granted: &Granted,
    phone: &Phone,
    steps: &mut Steps,
) -> Result<bool, Failure> {
    // Asked every second, so that there is something to see; 10 s is the default, and kinder to the service.
    let options = WatchOptions::default().freshness(Duration::from_secs(1));
    let mut watch = client.watch(granted, options);
    let hint = if phone.is_virtual() {
        "Watching the session while the phone walks away and comes back"
    } else {
        "Watching the session. Walk away or log out on the phone, or press Enter to log out here"
    };
    let waiting = steps.wait(hint);
    let acting = act_or_enter(phone);
    tokio::pin!(acting);
    loop {
        let event = tokio::select! {
            event = watch.next() => event?,
            result = &mut acting => {
                result?;
                waiting.finish("Watched the session");
                return Ok(true);
            }
        };
        match event {
            Some(WatchEvent::Away) => waiting.note("status: walkaway. The user is not there: no access"),
            Some(WatchEvent::Present) => waiting.note("status: active. The user is back"),
            Some(WatchEvent::Unclear(status)) => {
                waiting.note(&format!("status: {status}. Not known: no access"))
            }
            Some(WatchEvent::Unreachable(error)) => {
                waiting.note(&format!("{error}: no access until it is back"))
            }
            Some(WatchEvent::Ended(end)) => {
                waiting.finish(match end {
                    WatchEnd::Closed(_) => {
                        "The session is over: the service has ended it, as the phone wanted"
                    }
                    WatchEnd::Expired => "The session is over: its time is up",
                    _ => "The session is over: the service knows of none",
                });
                return Ok(false);
            }
            Some(_) => {}
            None => return Ok(false),
        }
    }
}

/// Ends the watching here: at Enter, or when a virtual phone has shown what it can do.
async fn act_or_enter(phone: &Phone) -> Result<(), Failure> {
    use tokio::io::AsyncReadExt as _;

    if phone.is_virtual() {
        let pause = Duration::from_millis(1200);
        tokio::time::sleep(pause).await;
        phone.does(&["walk-away"]).await?;
        tokio::time::sleep(pause).await;
        phone.does(&["return"]).await?;
        tokio::time::sleep(pause).await;
        return Ok(());
    }
    let read = tokio::io::stdin().read(&mut [0; 64]).await?;
    if read == 0 {
        // No person is at the keyboard: watch until the phone ends it.
        std::future::pending::<()>().await;
    }
    Ok(())
}
