//! `iampass-gate invite` and `iampass-gate forget`: the phones of users.

use iampass_core::client::Client;
use iampass_core::machine::{EnrolmentEvent, EnrolmentOptions, EnrolmentOutcome};
use iampass_core::port::UserKey;
use iampass_core::{Error, RegistrationLink, UserToken};
use iampass_gate::set_up::{self, Parts};
use iampass_gate::users::{User, login_of};
use iampass_reqwest::ReqwestTransport;
use iampass_web::UserDirectory as _;

use super::config_file::{ConfigFile, environment};
use super::failure::Failure;

/// The most sessions that are ended at once.
const AT_ONCE: usize = 100;

async fn open(file: &ConfigFile) -> Result<Parts, Failure> {
    let client = Client::builder().transport(ReqwestTransport::new()?);
    Ok(set_up::open(client, &file.read()?, environment).await?)
}

fn show(link: &RegistrationLink) {
    if let Some(code) = link.qr_terminal() {
        eprintln!("{code}\n");
    }
    println!("{}", link.as_str());
}

pub(super) async fn invite(file: &ConfigFile, login: &str, lost: bool, waits: bool) -> Result<(), Failure> {
    let parts = open(file).await?;
    let login = login_of(login);
    let Some(user) = parts.users.source().user(&login).await? else {
        return Err(Failure::Other(format!("there is no user {login:?}: write the user down first")));
    };
    let key = parts.users.find(&login).await.map_err(|error| Failure::Other(error.to_string()))?;
    let key = key.ok_or_else(|| Failure::Other(format!("the user {login:?} was taken out just now")))?;
    if lost {
        return replace(&parts, &key, &login).await;
    }
    enrol(&parts, &key, &user, waits).await
}

async fn enrol(parts: &Parts, key: &UserKey, user: &User, waits: bool) -> Result<(), Failure> {
    let options = EnrolmentOptions::default().display_name(user.display_name.clone());
    let minutes = options.deadline.as_secs() / 60;
    let mut enrolment = parts.client.enrol(key, options)?;
    while let Some(event) = enrolment.next().await {
        match event {
            EnrolmentEvent::Link(link) => {
                show(&link);
                if !waits {
                    return Ok(());
                }
                let name = &user.display_name;
                eprintln!(
                    "Open this link on the phone of {name}, or give it to {name} alone: the first person who opens it registers the phone.\n\
                     This command waits until that is done, for {minutes} minutes at most. Ctrl-C ends the waiting, and the link stays good."
                );
            }
            EnrolmentEvent::Trouble(error) => eprintln!("{error}; trying again"),
            EnrolmentEvent::Finished(end) => {
                return match end? {
                    EnrolmentOutcome::Registered => {
                        eprintln!("The phone is registered.");
                        Ok(())
                    }
                    EnrolmentOutcome::AlreadyRegistered => Err(Failure::Other(format!(
                        "{} has a phone. Another one is added on that phone; a lost one is replaced with --lost",
                        user.login
                    ))),
                    EnrolmentOutcome::NotInTime => Err(Failure::Other(format!(
                        "no phone was registered within {minutes} minutes. The link may still be good; another one takes its place"
                    ))),
                    other => Err(Failure::Other(format!("it ended: {other:?}"))),
                };
            }
            _ => {}
        }
    }
    Ok(())
}

async fn replace(parts: &Parts, key: &UserKey, login: &str) -> Result<(), Failure> {
    let Some(token) = token_of(parts, key).await? else {
        return Err(Failure::Other(format!("{login} has no phone: leave --lost out")));
    };
    end_sessions(parts, &token).await?;
    show(&parts.client.lost_device(&token).await?);
    eprintln!("The lost phone is disabled, and all sessions of {login} are over.");
    Ok(())
}

pub(super) async fn forget(file: &ConfigFile, login: &str) -> Result<(), Failure> {
    let parts = open(file).await?;
    let login = login_of(login);
    let Some(number) = parts.users.numbers().number(&login).await? else {
        return Err(Failure::Other(format!("nobody of the name {login:?} has ever been here")));
    };
    if let Some(token) = token_of(&parts, &UserKey::from(number)).await? {
        end_sessions(&parts, &token).await?;
        match parts.client.delete_users(&[token]).await {
            Ok(()) => {}
            // The service may know nothing of the user.
            Err(error @ (Error::Status { .. } | Error::Declined { .. })) => {
                eprintln!("the service says: {error}")
            }
            Err(error) => return Err(error.into()),
        }
    }
    parts.users.numbers().forget(&login).await?;
    eprintln!("Nothing is left of {login}. If the name is still written down, it needs a phone anew.");
    Ok(())
}

async fn token_of(parts: &Parts, key: &UserKey) -> Result<Option<UserToken>, Failure> {
    match parts.client.token_store() {
        Some(tokens) => Ok(tokens.token_for(key).await?),
        None => Ok(None),
    }
}

async fn end_sessions(parts: &Parts, token: &UserToken) -> Result<(), Failure> {
    let mut before = usize::MAX;
    loop {
        let sessions = parts.client.sessions_of(token, AT_ONCE).await?;
        if sessions.is_empty() {
            return Ok(());
        }
        if sessions.len() >= before && before < AT_ONCE {
            return Err(Failure::Other("the sessions cannot be ended now. Try again".to_owned()));
        }
        before = sessions.len();
        for record in &sessions {
            let _ = parts.client.logout(&record.session).await?;
        }
    }
}
