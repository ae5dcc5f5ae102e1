//! `iampass-server config`.

use super::arguments::ConfigCommand;
use super::print;
use crate::ServerError;
use crate::settings::{EXAMPLE, check};

pub(super) fn config(command: &ConfigCommand) -> Result<(), ServerError> {
    match command {
        ConfigCommand::Check { run } => print(&check(&run.in_force()?)?),
        ConfigCommand::Example => print(EXAMPLE.trim_end()),
    }
    Ok(())
}
