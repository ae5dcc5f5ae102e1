//! The actions of the program.

use std::path::PathBuf;
use std::time::Duration;

use iampass_core::wire::{AuthenticationRequest, PhoneSession, Reason, SessionStatus};
use iampass_core::{RefusedUrl, RegistrationLink};
use iampass_phone::PhoneError;
use iampass_testkit::{Phone, TestkitError, VirtualPhone};
use tokio::time::{Instant, sleep};

use crate::arguments::{Action, Arguments, ForUser};
use crate::report::Report;
use crate::state_file::{load, save};
use crate::{phones, presence};

/// Between two looks at the sessions while waiting for one.
const PAUSE: Duration = Duration::from_millis(100);

const NONE_CAME: &str = "No question came in time.";

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
    State { path: PathBuf, source: Box<TestkitError> },
    #[error("this is no registration link: {0}")]
    Link(#[from] RefusedUrl),
    #[error("the phone stands for nobody: register a link first, or name its --state file")]
    Nobody,
    #[error("the phone does not stand for this user: `iampass-phone list` says for whom it does")]
    Stranger,
    #[error("the phone stands for several users: say which with --user")]
    Several,
    #[error(
        "this question needs what its login page shows: accept it with --code and the six digits, or with --scan and the link in the QR code"
    )]
    NeedsCode,
    #[error(
        "no question of {user} shows this code: compare it with the login page, and read it anew if the page has changed"
    )]
    WrongCode { user: String },
    #[error(
        "the login page shows another code: read it again, {left} more may be wrong before the login fails"
    )]
    OtherCode { left: u64 },
    #[error(
        "too many wrong codes: scan the QR code of the login page instead, with --scan, or wait some minutes"
    )]
    TooManyCodes,
    #[error(
        "a promise may pass before the next word arrives: let --for be {} s at least, which is {times}",
        least.as_secs()
    )]
    Gaps { least: Duration, times: &'static str },
    #[error(transparent)]
    Phone(Box<TestkitError>),
}

impl From<TestkitError> for Failure {
    fn from(error: TestkitError) -> Self {
        Self::Phone(Box::new(error))
    }
}

pub(crate) async fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let mut phone = load(&arguments.state)?;
    let done = match &arguments.action {
        Action::Register { link, name, shared } => {
            let link = RegistrationLink::parse(link)?;
            let user = match shared {
                true => phone.register_shared(&link).await?,
                false => phone.register(&link).await?,
            };
            if let Some(name) = name {
                phone.rename(&user, name);
            }
            save(&arguments.state, &phone)?;
            Report::users("registered", phone.user(&user))
        }
        Action::List => Report::users("list", phone.users()),
        Action::Pending(target) => {
            let user = choose(&phone, &target.of)?;
            if user.next_request(target.wait).await?.is_none() {
                return Ok(Outcome::NothingToDo(
                    "No question waits. One of a browser that this user's phone has not met comes only when it is brought: \
                     `iampass-phone bring CODE`.",
                ));
            }
            Report::requests("requests", &user.pending().await?)
        }
        Action::Bring { shown, user } => {
            let (_, request) = bring(&phone, &Shown::of(shown), user).await?;
            Report::requests("brought", &[request])
        }
        Action::Accept { code, scan, target } => {
            let shown = code.as_deref().map(Shown::Code).or(scan.as_deref().map(Shown::Scan));
            match shown {
                Some(shown) => {
                    // The code says which question is meant, whether it has come by itself or not.
                    let (user, request) = bring(&phone, &shown, &target.of).await?;
                    let accepted = match shown {
                        Shown::Code(digits) => user.accept_with_code(&request, digits).await.map(|()| None),
                        Shown::Scan(text) => user.accept_and_go_back(&request, text).await,
                    };
                    let return_to = accepted.map_err(|error| plain(error, user.user().as_str()))?;
                    Report::requests("accepted", &[request]).going_back(return_to)
                }
                None => {
                    let user = choose(&phone, &target.of)?;
                    let Some(request) = user.next_request(target.wait).await? else {
                        return Ok(Outcome::NothingToDo(NONE_CAME));
                    };
                    if request.needs_code() {
                        return Err(Failure::NeedsCode);
                    }
                    user.accept(&request).await?;
                    Report::requests("accepted", &[request])
                }
            }
        }
        Action::Deny { not_me, target } => {
            let user = choose(&phone, &target.of)?;
            let Some(request) = user.next_request(target.wait).await? else {
                return Ok(Outcome::NothingToDo(NONE_CAME));
            };
            if *not_me {
                user.report(&request).await?;
                Report::requests("reported", &[request])
            } else {
                user.deny(&request).await?;
                Report::requests("denied", &[request])
            }
        }
        Action::Sessions(target) => {
            let sessions = sessions(choose(&phone, &target.of)?, target.wait, |_| true).await?;
            if sessions.is_empty() {
                return Ok(Outcome::NothingToDo("There is no session."));
            }
            Report::sessions("sessions", &sessions)
        }
        Action::WalkAway(target) => {
            let user = choose(&phone, &target.of)?;
            let active = |session: &PhoneSession| session.session_status == SessionStatus::Active;
            let sessions = sessions(user, target.wait, active).await?;
            if sessions.is_empty() || user.walk_away().await? == 0 {
                return Ok(Outcome::NothingToDo("There is no active session to walk away from."));
            }
            Report::sessions("walked away", &sessions)
        }
        Action::Return(target) => {
            let user = choose(&phone, &target.of)?;
            let locked = |session: &PhoneSession| session.session_status == SessionStatus::Walkaway;
            let sessions = sessions(user, target.wait, locked).await?;
            if sessions.is_empty() || user.come_back().await? == 0 {
                return Ok(Outcome::NothingToDo("There is no session to come back to."));
            }
            Report::sessions("returned", &sessions)
        }
        Action::Presence { user, presence } => {
            return presence::run(choose(&phone, user)?, presence, arguments.json).await;
        }
        Action::LogOut(target) => {
            let user = choose(&phone, &target.of)?;
            let sessions = sessions(user, target.wait, |_| true).await?;
            if sessions.is_empty() || user.log_out().await? == 0 {
                return Ok(Outcome::NothingToDo("There is no session to end."));
            }
            Report::sessions("logged out", &sessions)
        }
        Action::Phones { user, action } => {
            let user = choose(&phone, user)?;
            let outcome = phones::run(user, action).await?;
            let (id, removes) = (user.user().clone(), phones::removes(user, action));
            if removes {
                phone.lose(&id);
            }
            let confirms = phones::confirms(action, &outcome);
            if confirms {
                phone.confirmed(&id);
            }
            if removes || confirms {
                save(&arguments.state, &phone)?;
            }
            return Ok(outcome);
        }
        Action::Unregister(target) => {
            let user = choose(&phone, &target.of)?;
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

/// The text that a person has read off a login page.
#[derive(Clone, Copy)]
enum Shown<'a> {
    Code(&'a str),
    Scan(&'a str),
}

impl<'a> Shown<'a> {
    /// One with a letter or a `:` is a link.
    fn of(text: &'a str) -> Self {
        let is_link = text.contains(':') || text.contains(char::is_alphabetic);
        if is_link { Self::Scan(text) } else { Self::Code(text) }
    }
}

/// Brings it. A QR code is tried for each user if none is named; digits are for one user, because wrong ones count.
async fn bring<'a>(
    phone: &'a Phone,
    shown: &Shown<'_>,
    for_user: &ForUser,
) -> Result<(&'a VirtualPhone, AuthenticationRequest), Failure> {
    if let (Shown::Scan(text), None, [_, ..]) = (shown, &for_user.user, phone.users()) {
        return phone.bring_scan(text).await.map_err(|error| plain(error, "this phone's users"));
    }
    let user = choose(phone, for_user)?;
    let brought = match shown {
        Shown::Code(digits) => user.bring_code(digits).await,
        Shown::Scan(text) => user.bring_scan(text).await,
    };
    Ok((user, brought.map_err(|error| plain(error, user.user().as_str()))?))
}

/// A refusal that a person can do something about.
fn plain(error: TestkitError, user: &str) -> Failure {
    match error {
        TestkitError::Refused { reason: Some(Reason::WrongCode), tries_left: Some(left), .. } => {
            Failure::OtherCode { left }
        }
        TestkitError::Refused { reason: Some(Reason::WrongCode), .. } => {
            Failure::WrongCode { user: user.to_owned() }
        }
        TestkitError::Refused { reason: Some(Reason::TooManyRequests), .. } => Failure::TooManyCodes,
        TestkitError::Phone(PhoneError::WhichAccount) => Failure::Several,
        other => other.into(),
    }
}

/// The user that is meant; it may be left out when there is one only.
fn choose<'a>(phone: &'a Phone, for_user: &ForUser) -> Result<&'a VirtualPhone, Failure> {
    match (&for_user.user, phone.users()) {
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
