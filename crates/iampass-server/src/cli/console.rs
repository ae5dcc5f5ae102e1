//! `iampass-server console`: what nobody can do in the Console because nobody is in it yet.

use super::arguments::ConsoleCommand;
use super::print;
use crate::ServerError;
use crate::console::link_for_command;
use crate::storage::{Database, Sharing};

/// Where `run` listens unless it is told otherwise.
const USUAL: &str = "http://127.0.0.1:8089";

pub(super) async fn console(command: ConsoleCommand) -> Result<(), ServerError> {
    let ConsoleCommand::Link { data, name, public_url } = command;
    let config = data.config()?;
    let database = Database::open(&config, Sharing::Beside).await?;
    let path = link_for_command(&database, name.as_deref()).await?;
    let server = public_url.or(config.public_url).map_or_else(|| USUAL.to_owned(), |url| url.to_string());
    print(&format!("Good once, and for 15 minutes:\n\n  {server}{path}\n"));
    Ok(())
}
