//! `iampass-server console`: what is done to the Console's accounts without being in it.

use iampass_core::wire::{AdminAccounts, DoneAnswer};
use iampass_server_console::{ConsoleLink, MadeLink, change_for_command, link_for_command, list_for_command};
use iampass_server_storage::{AccountChange, Database, Sharing};

use super::arguments::{AccountArguments, ConsoleCommand};
use super::output::print;
use super::remote::{AdminClient, encoded};
use crate::{ServerError, ServiceConfig};

/// Where `run` listens unless it is told otherwise.
const USUAL: &str = "http://127.0.0.1:8089";

pub(super) async fn console(command: ConsoleCommand) -> Result<(), ServerError> {
    match command {
        ConsoleCommand::Link { data, name, new_administrator, public_url } => {
            let config = data.config()?;
            let database = open(&config).await?;
            let link = match new_administrator {
                true => ConsoleLink::NewAdministrator(name.as_deref()),
                false => ConsoleLink::Account(name.as_deref()),
            };
            let MadeLink { path, says } = link_for_command(&database, link).await?;
            let server =
                public_url.or(config.public_url).map_or_else(|| USUAL.to_owned(), |url| url.to_string());
            print(&format!("{says} Good once, and for 15 minutes:\n\n  {server}{path}\n"));
        }
        ConsoleCommand::Accounts { data, remote } => match remote.instead_of(&data)? {
            Some(client) => list_at(&client).await?,
            None => print(&list_for_command(&open(&data.config()?).await?).await?),
        },
        ConsoleCommand::Disable(arguments) => change(arguments, AccountChange::Disable).await?,
        ConsoleCommand::Enable(arguments) => change(arguments, AccountChange::Enable).await?,
        ConsoleCommand::Demote(arguments) => change(arguments, AccountChange::Demote).await?,
        ConsoleCommand::LogOut(arguments) => change(arguments, AccountChange::LogOut).await?,
        ConsoleCommand::Delete(arguments) => change(arguments, AccountChange::Delete).await?,
    }
    Ok(())
}

async fn change(arguments: AccountArguments, change: AccountChange) -> Result<(), ServerError> {
    let AccountArguments { data, remote, name } = arguments;
    if let Some(client) = remote.instead_of(&data)? {
        return change_at(&client, &name, change).await;
    }
    let database = open(&data.config()?).await?;
    print(&change_for_command(&database, &name, change).await?);
    Ok(())
}

/// The same by a running service. No call of it demotes or deletes.
async fn change_at(client: &AdminClient, name: &str, change: AccountChange) -> Result<(), ServerError> {
    let (step, done) = match change {
        AccountChange::Disable => ("disable", "is disabled, and its sessions have ended"),
        AccountChange::Enable => ("enable", "is enabled"),
        AccountChange::LogOut => ("log_out", "is logged out everywhere"),
        AccountChange::Demote | AccountChange::Delete => {
            return Err(ServerError::Settings(
                "the Admin API disables, enables and logs out accounts: demote and delete them in the Console, or on the machine of the service",
            ));
        }
    };
    // Names are stored in small letters.
    let name = name.trim().to_ascii_lowercase();
    client.post::<DoneAnswer>(&format!("accounts/{}/{step}", encoded(&name)), &serde_json::json!({})).await?;
    print(&format!("The account {name} {done}."));
    Ok(())
}

async fn list_at(client: &AdminClient) -> Result<(), ServerError> {
    let mut after = String::new();
    loop {
        let page: AdminAccounts =
            client.get(&format!("accounts?limit=200&after={}", encoded(&after))).await?;
        for account in &page.accounts {
            let mut words = vec![account.name.as_str()];
            words.extend(account.administrator.then_some("administrator"));
            words.extend(account.disabled_at.is_some().then_some("disabled"));
            words.extend(account.arrived_at.is_none().then_some("no sign-in yet"));
            print(&words.join("\t"));
        }
        match page.next {
            Some(next) => after = next,
            None => return Ok(()),
        }
    }
}

async fn open(config: &ServiceConfig) -> Result<Database, ServerError> {
    Ok(Database::open(&config.storage(), Sharing::Beside).await?)
}
