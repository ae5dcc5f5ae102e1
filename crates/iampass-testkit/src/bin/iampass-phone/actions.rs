//! The actions of the program.

use std::path::PathBuf;
use std::time::Duration;

use iampass_core::wire::{PhoneSession, SessionStatus};
use iampass_core::{RefusedUrl, RegistrationLink};
use iampass_testkit::{Phone, TestkitError, VirtualPhone};
use tokio::time::{Instant, sleep};

use crate::arguments::{Action, Arguments, Target};
use crate::report::Report;
use crate::state_file::{load, save};

/// Between two looks at the sessions while waiting for one.
const PAUSE: Duration = Duration::from_millis(100);

pub(crate) enum Outcome {
    Done(Report),
    NothingToDo(&'static str),
}

/// Why it could not be done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("{path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
    #[error("{path}: {source}")]
    State { path: PathBuf, source: TestkitError },
    #[error("this is no registration link: {0}")]
    Link(#[from] RefusedUrl),
    #[error("the phone stands for nobody: register a link first, or name its --state file")]
    Nobody,
    #[error("the phone does not stand for this user")]
    Stranger,
    #[error("the phone stands for several users: say which with --user")]
    Several,
    #[error(transparent)]
    Phone(#[from] TestkitError),
}

pub(crate) async fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let mut phone = load(&arguments.state)?;
    let done = match &arguments.action {
        Action::Register { link, name } => {
            let user = phone.register(&RegistrationLink::parse(link)?).await?;
            if let Some(name) = name {
                phone.rename(&user, name);
            }
            save(&arguments.state, &phone)?;
            Report::users("registered", phone.user(&user))
        }
        Action::List => Report::users("list", phone.users()),
        Action::Requests(target) => {
            let user = choose(&phone, target)?;
            if user.next_request(target.wait).await?.is_none() {
                return Ok(Outcome::NothingToDo("No question waits."));
            }
            Report::requests("requests", &user.pending().await?)
        }
        Action::Accept(target) => match choose(&phone, target)?.accept_next(target.wait).await {
            Err(TestkitError::NothingAsked) => return Ok(Outcome::NothingToDo("No question came in time.")),
            accepted => Report::requests("accepted", &[accepted?]),
        },
        Action::Deny(target) => match choose(&phone, target)?.deny_next(target.wait).await {
            Err(TestkitError::NothingAsked) => return Ok(Outcome::NothingToDo("No question came in time.")),
            denied => Report::requests("denied", &[denied?]),
        },
        Action::Sessions(target) => {
            let sessions = sessions(choose(&phone, target)?, target.wait, |_| true).await?;
            if sessions.is_empty() {
                return Ok(Outcome::NothingToDo("There is no session."));
            }
            Report::sessions("sessions", &sessions)
        }
        Action::WalkAway(target) => {
            let user = choose(&phone, target)?;
            let active = |session: &PhoneSession| session.session_status == SessionStatus::Active;
            let sessions = sessions(user, target.wait, active).await?;
            if sessions.is_empty() || user.walk_away().await? == 0 {
                return Ok(Outcome::NothingToDo("There is no active session to walk away from."));
            }
            Report::sessions("walked away", &sessions)
        }
        Action::Return(target) => {
            let user = choose(&phone, target)?;
            let locked = |session: &PhoneSession| session.session_status == SessionStatus::Walkaway;
            let sessions = sessions(user, target.wait, locked).await?;
            if sessions.is_empty() || user.come_back().await? == 0 {
                return Ok(Outcome::NothingToDo("There is no session to come back to."));
            }
            Report::sessions("returned", &sessions)
        }
        Action::LogOut(target) => {
            let user = choose(&phone, target)?;
            let sessions = sessions(user, target.wait, |_| true).await?;
            if sessions.is_empty() || user.log_out().await? == 0 {
                return Ok(Outcome::NothingToDo("There is no session to end."));
            }
            Report::sessions("logged out", &sessions)
        }
        Action::Unregister(target) => {
            let user = choose(&phone, target)?;
            user.unregister().await?;
            let report = Report::users("unregistered", [user]);
            let user = user.user().clone();
            phone.lose(&user);
            save(&arguments.state, &phone)?;
            report
        }
    };
    Ok(Outcome::Done(done))
}

/// The user that is meant; it may be left out when there is one only.
fn choose<'a>(phone: &'a Phone, target: &Target) -> Result<&'a VirtualPhone, Failure> {
    match (&target.user, phone.users()) {
        (_, []) => Err(Failure::Nobody),
        (Some(user), _) => phone.user(user).ok_or(Failure::Stranger),
        (None, [only]) => Ok(only),
        (None, _) => Err(Failure::Several),
    }
}

/// The sessions that are meant, as soon as there is one.
async fn sessions(
    phone: &VirtualPhone,
    wait: Duration,
    wanted: impl Fn(&PhoneSession) -> bool,
) -> Result<Vec<PhoneSession>, Failure> {
    let deadline = Instant::now() + wait;
    loop {
        let mut sessions = phone.active_sessions().await?;
        sessions.retain(&wanted);
        if !sessions.is_empty() || Instant::now() >= deadline {
            return Ok(sessions);
        }
        sleep(PAUSE).await;
    }
}
