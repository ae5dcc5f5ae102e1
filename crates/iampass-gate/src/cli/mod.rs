//! The commands. Belongs here: the arguments, and which command does what.

mod config;
mod config_file;
mod failure;
mod people;
mod run;

use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use iampass_gate::health;
use iampass_gate::proxies::{LUA, Proxy};
use iampass_gate::settings::EXAMPLE;

use config_file::ConfigFile;
use failure::Failure;

/// Logins by phone for any site behind nginx, Caddy, Traefik or HAProxy, without a line of code in that site.
#[derive(Debug, Parser)]
#[command(name = "iampass-gate", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Guards a site until it is told to stop.
    Run(ConfigFile),
    /// The settings: an example, or a check of yours.
    #[command(subcommand)]
    Config(Config),
    /// Prints the lines for a proxy.
    Proxy {
        /// Which proxy.
        proxy: Printed,
        #[command(flatten)]
        file: ConfigFile,
    },
    /// Makes a link by which a user registers a phone, and waits until it is registered, for ten minutes at most. Ctrl-C ends the waiting, and the link stays good.
    Invite {
        /// The login name.
        login: String,
        /// The user has lost the phone: it is disabled, all sessions end, and the link is for another one.
        #[arg(long)]
        lost: bool,
        /// Prints the link, and does not wait.
        #[arg(long)]
        no_wait: bool,
        #[command(flatten)]
        file: ConfigFile,
    },
    /// Ends all sessions of a login name and forgets its phones, before the name is given to another person.
    Forget {
        /// The login name.
        login: String,
        #[command(flatten)]
        file: ConfigFile,
    },
    /// Says whether the gate that runs on this machine is ready.
    Health(ConfigFile),
}

#[derive(Debug, Subcommand)]
enum Config {
    /// Prints an example, with each setting explained.
    Example,
    /// Checks the settings, the databases, and that the service knows the application.
    Check(ConfigFile),
}

/// A proxy, or the file that HAProxy loads.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Printed {
    Nginx,
    Caddy,
    Traefik,
    Haproxy,
    HaproxyLua,
}

/// Does what the arguments say.
pub(crate) async fn perform(arguments: Arguments) -> ExitCode {
    let done = match arguments.command {
        Command::Run(file) => run::run(&file).await,
        Command::Config(Config::Example) => {
            print!("{EXAMPLE}");
            Ok(())
        }
        Command::Config(Config::Check(file)) => config::check(&file).await,
        Command::Proxy { proxy, file } => print_lines(proxy, &file),
        Command::Invite { login, lost, no_wait, file } => people::invite(&file, &login, lost, !no_wait).await,
        Command::Forget { login, file } => people::forget(&file, &login).await,
        Command::Health(file) => tell_health(&file).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Settings(problems)) => {
            for problem in problems {
                eprintln!("iampass-gate: {problem}");
            }
            ExitCode::from(2)
        }
        Err(Failure::Other(why)) => {
            eprintln!("iampass-gate: {why}");
            ExitCode::FAILURE
        }
    }
}

fn print_lines(printed: Printed, file: &ConfigFile) -> Result<(), Failure> {
    let proxy = match printed {
        Printed::HaproxyLua => {
            print!("{LUA}");
            return Ok(());
        }
        Printed::Nginx => Proxy::Nginx,
        Printed::Caddy => Proxy::Caddy,
        Printed::Traefik => Proxy::Traefik,
        Printed::Haproxy => Proxy::HaProxy,
    };
    print!("{}", proxy.lines(&file.read()?));
    Ok(())
}

async fn tell_health(file: &ConfigFile) -> Result<(), Failure> {
    health::ask(file.read()?.reached()).await.map_err(Failure::Other)?;
    println!("The gate is ready.");
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn arguments_are_well_defined() {
        Arguments::command().debug_assert();
    }
}
