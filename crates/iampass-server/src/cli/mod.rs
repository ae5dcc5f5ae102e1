//! The command line of `iampass-server`.
//!
//! Exit codes: 0 when it was stopped or has done its work, 1 when something went wrong on the way or a service is not ready, 2 for arguments that make no sense,
//! 3 when the address cannot be listened on, 4 when the data file cannot be used.
//!
//! Belongs here: arguments, what is printed, exit codes. Does not belong here: what the service does.

mod admin_key;
mod application;
mod arguments;
mod audit_log;
mod backup;
mod config;
mod console;
mod data;
mod data_arguments;
mod dev;
#[cfg(test)]
mod documented_commands;
mod events;
mod health;
mod keys;
mod log;
mod new_app;
mod output;
mod progress;
mod remote;
mod run;
mod stopping;
mod transfer;
mod users;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

use crate::ServerError;
use crate::settings::LogSettings;
use arguments::{Arguments, Command};

/// Reads the arguments of the process, does what they ask for, and says how it went.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(asked_for_help_or_wrong) => {
            let _ = asked_for_help_or_wrong.print();
            return ExitCode::from(u8::try_from(asked_for_help_or_wrong.exit_code()).unwrap_or(2));
        }
    };
    // A service logs as it is set to, and reads that first.
    if !matches!(arguments.command, Command::Run(_)) {
        log::start(&LogSettings::default());
    }
    match run_to_end(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "iampass-server: {error}");
            exit_code(&error)
        }
    }
}

fn run_to_end(arguments: Arguments) -> Result<(), ServerError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match arguments.command {
            Command::Dev(dev) => dev::dev(dev).await,
            Command::Run(run) => run::run(run).await,
            Command::NewApp(arguments) => new_app::new_app(&arguments),
            Command::Health(health) => health::health(health).await,
            Command::Application(command) => application::application(command).await,
            Command::Console(command) => console::console(command).await,
            Command::AdminKey(command) => admin_key::admin_key(command).await,
            Command::Users(command) => users::users(command).await,
            Command::Sessions(command) => users::sessions(command).await,
            Command::MasterKey(command) => keys::master_key(command).await,
            Command::PushKey(command) => keys::push_key(command).await,
            Command::Config(command) => config::config(command).await,
            Command::Log(arguments) => audit_log::log(arguments).await,
            Command::Migrate(migrate) => backup::migrate(migrate).await,
            Command::Backup(backup) => backup::backup(backup).await,
            Command::Restore(restore) => backup::restore(restore).await,
        }
    })
}

fn exit_code(error: &ServerError) -> ExitCode {
    ExitCode::from(match error {
        ServerError::Settings(_)
        | ServerError::Configuration(_)
        | ServerError::Tls(_)
        | ServerError::MasterKey(_)
        | ServerError::Refused(_)
        | ServerError::ApplicationExists { .. } => 2,
        ServerError::Listen { .. } => 3,
        ServerError::Data(_) | ServerError::DataInUse(_) | ServerError::NewerSchema(_) => 4,
        _ => 1,
    })
}
