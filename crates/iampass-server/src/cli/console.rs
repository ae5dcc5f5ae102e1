//! `iampass-server console`: what is done to the Console's accounts without being in it.

use iampass_server_console::{ConsoleLink, MadeLink, change_for_command, link_for_command, list_for_command};
use iampass_server_storage::{AccountChange, Database, Sharing};

use super::arguments::{AccountArguments, ConsoleCommand};
use super::output::print;
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
        ConsoleCommand::Accounts { data } => {
            print(&list_for_command(&open(&data.config()?).await?).await?);
        }
        ConsoleCommand::Disable(arguments) => change(arguments, AccountChange::Disable).await?,
        ConsoleCommand::Enable(arguments) => change(arguments, AccountChange::Enable).await?,
        ConsoleCommand::Demote(arguments) => change(arguments, AccountChange::Demote).await?,
        ConsoleCommand::Delete(arguments) => change(arguments, AccountChange::Delete).await?,
    }
    Ok(())
}

async fn change(arguments: AccountArguments, change: AccountChange) -> Result<(), ServerError> {
    let AccountArguments { data, name } = arguments;
    let database = open(&data.config()?).await?;
    print(&change_for_command(&database, &name, change).await?);
    Ok(())
}

async fn open(config: &ServiceConfig) -> Result<Database, ServerError> {
    Ok(Database::open(&config.storage(), Sharing::Beside).await?)
}
