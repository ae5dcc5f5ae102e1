//! `iampass-server users` and `sessions`: what is done to users of an application of a running service, by the Admin API.

use clap::{Args, Subcommand};
use iampass_core::wire::{
    AddUsersAnswer, AdminHistory, AdminNewLink, AdminSessions, AdminUserAnswer, AdminUsers, DoneAnswer,
    RegistrationLinkAnswer,
};
use iampass_server_console::written_time;
use serde_json::json;

use super::output::print;
use super::remote::{AdminClient, RemoteArguments, encoded};
use crate::ServerError;

/// Entries that are asked for at a time.
const AT_ONCE: u32 = 200;
/// Users that one call adds at most.
const ADDED_AT_ONCE: usize = 1_000;

#[derive(Subcommand, Debug)]
pub(super) enum UsersCommand {
    /// List the users of an application: id, when the user was added, and how many sessions are open.
    List {
        #[command(flatten)]
        application: ApplicationArguments,
        /// Only users whose ids begin with it.
        #[arg(long, value_name = "TEXT", default_value = "")]
        prefix: String,
    },
    /// Print all there is about a user, as JSON.
    Show(UserArguments),
    /// Add users, however many. Those that are there already stay as they are.
    Add {
        #[command(flatten)]
        application: ApplicationArguments,
        /// The users' ids: random ones, never names or addresses.
        #[arg(value_name = "USER_ID", required = true)]
        users: Vec<String>,
    },
    /// Delete a user with phones, links and sessions.
    Delete(UserArguments),
    /// Print a link that registers a phone for a user. Its holder can become the user; it ends with the key.
    Link {
        #[command(flatten)]
        user: UserArguments,
        /// How the phone shows the user.
        #[arg(long, value_name = "NAME")]
        display_name: Option<String>,
        /// Let the phones that the user has stay: one of them confirms the new one.
        #[arg(long)]
        add: bool,
    },
    /// End all sessions of a user.
    LogOut(UserArguments),
}

#[derive(Subcommand, Debug)]
pub(super) enum SessionsCommand {
    /// List the open sessions of an application: number, user, state, and until when.
    List(ApplicationArguments),
    /// End a session, by its number in the list.
    End {
        #[command(flatten)]
        application: ApplicationArguments,
        /// The session's number.
        #[arg(value_name = "SESSION")]
        session: u64,
    },
    /// List logins, the latest first: when, user, how it went, and from which address.
    History {
        #[command(flatten)]
        application: ApplicationArguments,
        /// Only logins of this user.
        #[arg(long, value_name = "USER_ID")]
        user: Option<String>,
        /// Only logins that went so, such as denied or reported.
        #[arg(long, value_name = "WORD")]
        outcome: Option<String>,
    },
}

/// An application of a running service.
#[derive(Args, Debug)]
pub(super) struct ApplicationArguments {
    #[command(flatten)]
    remote: RemoteArguments,
    /// The application's id.
    #[arg(value_name = "APPLICATION_ID")]
    application: String,
}

/// A user of an application of a running service.
#[derive(Args, Debug)]
pub(super) struct UserArguments {
    #[command(flatten)]
    application: ApplicationArguments,
    /// The user's id.
    #[arg(value_name = "USER_ID")]
    user: String,
}

impl ApplicationArguments {
    /// The service, and the path of what belongs to the application.
    fn place(&self) -> Result<(AdminClient, String), ServerError> {
        Ok((self.remote.client()?, format!("applications/{}", encoded(&self.application))))
    }
}

impl UserArguments {
    fn place(&self) -> Result<(AdminClient, String), ServerError> {
        let (client, place) = self.application.place()?;
        Ok((client, format!("{place}/users/{}", encoded(&self.user))))
    }
}

pub(super) async fn users(command: UsersCommand) -> Result<(), ServerError> {
    match command {
        UsersCommand::List { application, prefix } => list(&application, &prefix).await?,
        UsersCommand::Show(user) => {
            let (client, place) = user.place()?;
            let found: AdminUserAnswer = client.get(&place).await?;
            let text = serde_json::to_string_pretty(&found);
            print(&text.map_err(|error| ServerError::Service(error.to_string()))?);
        }
        UsersCommand::Add { application, users } => add(&application, &users).await?,
        UsersCommand::Delete(user) => {
            let (client, place) = user.place()?;
            client.post::<DoneAnswer>(&format!("{place}/delete"), &json!({})).await?;
            print("The user is deleted.");
        }
        UsersCommand::Link { user, display_name, add } => {
            let (client, place) = user.place()?;
            let wanted = AdminNewLink { display_name, add: add.then_some(true) };
            let link: RegistrationLinkAnswer = client.post(&format!("{place}/link"), &wanted).await?;
            let url = link.register_url.ok_or_else(|| {
                ServerError::Service("the service answers without a link: read its log".to_owned())
            })?;
            print(&url);
        }
        UsersCommand::LogOut(user) => {
            let (client, place) = user.place()?;
            client.post::<DoneAnswer>(&format!("{place}/log_out"), &json!({})).await?;
            print("All sessions of the user have ended.");
        }
    }
    Ok(())
}

/// Adds users, in parts that one call takes.
async fn add(application: &ApplicationArguments, users: &[String]) -> Result<(), ServerError> {
    let (client, place) = application.place()?;
    let (mut created, mut existing) = (0, 0);
    for part in users.chunks(ADDED_AT_ONCE) {
        let added: Result<AddUsersAnswer, _> =
            client.post(&format!("{place}/add_users"), &json!({"users": part})).await;
        let added = match added {
            Ok(answer) => answer.users.unwrap_or_default(),
            Err(error) if created + existing == 0 => return Err(error),
            Err(error) => {
                return Err(ServerError::Service(format!(
                    "{error} (before that, added: {created}, there already: {existing}; the same command adds the rest)"
                )));
            }
        };
        created += added.created.len();
        existing += added.existing.len();
    }
    print(&format!("added: {created}, there already: {existing}"));
    Ok(())
}

async fn list(application: &ApplicationArguments, prefix: &str) -> Result<(), ServerError> {
    let (client, place) = application.place()?;
    let mut after = String::new();
    loop {
        let asked =
            format!("{place}/users?limit={AT_ONCE}&prefix={}&after={}", encoded(prefix), encoded(&after));
        let page: AdminUsers = client.get(&asked).await?;
        for user in &page.users {
            let added = written_time(user.added_at);
            print(&format!("{}\t{added}\t{}", user.user_id, user.open_sessions));
        }
        match page.next {
            Some(next) => after = next,
            None => return Ok(()),
        }
    }
}

pub(super) async fn sessions(command: SessionsCommand) -> Result<(), ServerError> {
    match command {
        SessionsCommand::List(application) => {
            let (client, place) = application.place()?;
            let mut after = String::new();
            loop {
                let asked = format!("{place}/sessions?limit={AT_ONCE}&after={}", encoded(&after));
                let page: AdminSessions = client.get(&asked).await?;
                for session in &page.sessions {
                    let until = written_time(session.due_at);
                    print(&format!("{}\t{}\t{}\t{until}", session.session, session.user_id, session.state));
                }
                match page.next {
                    Some(next) => after = next,
                    None => return Ok(()),
                }
            }
        }
        SessionsCommand::End { application, session } => {
            let (client, place) = application.place()?;
            client.post::<DoneAnswer>(&format!("{place}/sessions/{session}/end"), &json!({})).await?;
            print("The session has ended.");
            Ok(())
        }
        SessionsCommand::History { application, user, outcome } => {
            let (client, place) = application.place()?;
            let mut after = String::new();
            loop {
                let asked = format!(
                    "{place}/history?limit={AT_ONCE}&user={}&outcome={}&after={}",
                    encoded(user.as_deref().unwrap_or_default()),
                    encoded(outcome.as_deref().unwrap_or_default()),
                    encoded(&after)
                );
                let page: AdminHistory = client.get(&asked).await?;
                for login in &page.logins {
                    let (at, address) =
                        (written_time(login.asked_at), login.address.as_deref().unwrap_or("-"));
                    print(&format!("{at}\t{}\t{}\t{address}", login.user_id, login.outcome));
                }
                match page.next {
                    Some(next) => after = next,
                    None => return Ok(()),
                }
            }
        }
    }
}
