//! The arguments of `iampass-phone`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use iampass_core::UserToken;

/// A phone for logins by IAMPASS, driven from the command line.
///
/// Exits with 0 when done, with 1 when there was nothing to do (in time), and with 2 on an error.
#[derive(Parser, Debug)]
#[command(name = "iampass-phone", version, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    /// Where the phone keeps what it knows. The file holds its secrets, and is made for its owner only.
    #[arg(long, global = true, value_name = "FILE", default_value = "iampass-phone.json")]
    pub(crate) state: PathBuf,
    /// Print results as one line of JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) action: Action,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Action {
    /// Open a registration link: from now on this is the user's phone.
    Register {
        /// The link.
        link: String,
        /// Show the user by this name, instead of the one that came with the link.
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
    },
    /// List the questions that wait.
    Requests(Target),
    /// Accept the oldest question.
    Accept(Target),
    /// Deny the oldest question.
    Deny(Target),
    /// Walk away: the user's active sessions are locked.
    WalkAway(Target),
    /// Come back: the locked sessions are active again.
    Return(Target),
    /// End the user's sessions.
    LogOut(Target),
    /// List the user's sessions.
    Sessions(Target),
    /// List the users that the phone stands for. The service is not asked.
    List,
    /// Have the service forget this phone, and forget the user.
    Unregister(Target),
}

/// The user of the action, and how long to wait for something to do.
#[derive(Args, Debug)]
pub(crate) struct Target {
    /// The user, by the id that the application uses. Needed when the phone stands for several.
    #[arg(long, value_name = "USER")]
    pub(crate) user: Option<UserToken>,
    /// How long to wait until there is something to do; a tenth of a second counts.
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = seconds)]
    pub(crate) wait: Duration,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "it is not a number of seconds".to_owned())?;
    if !(0.0..=86_400.0).contains(&seconds) {
        return Err("it is not between 0 and 86400 seconds".to_owned());
    }
    Ok(Duration::from_secs_f64(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_arguments_are_well_formed() {
        Arguments::command().debug_assert();
        let parse = |line: &str| Arguments::try_parse_from(line.split(' '));
        for line in [
            "iampass-phone register https://h/r/1 --name Ann",
            "iampass-phone --state f.json accept --user u --wait 2.5 --json",
            "iampass-phone walk-away --wait 3",
            "iampass-phone return",
            "iampass-phone log-out --user u",
            "iampass-phone list --json",
        ] {
            assert!(parse(line).is_ok(), "{line}");
        }
        for line in ["iampass-phone", "iampass-phone accept --wait -1", "iampass-phone accept --wait x"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
