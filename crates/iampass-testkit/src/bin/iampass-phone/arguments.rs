//! The arguments of `iampass-phone`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use iampass_core::{DeviceId, UserToken};

use crate::presence::PresenceArguments;

/// A phone for logins by IAMPASS, driven from the command line.
///
/// Exits with 0 when done, with 1 when there was nothing to do (in time), and with 2 on an error.
#[derive(Parser, Debug)]
#[command(name = "iampass-phone", version, disable_help_subcommand = true, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Where the phone keeps what it knows. The file holds its secrets and keys, and is made for its owner only.
    #[arg(long, global = true, value_name = "FILE", default_value = "iampass-phone.json")]
    pub(crate) state: PathBuf,
    /// Print results as one line of JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) action: Action,
}

const EXAMPLES: &str = "\
Examples:
  iampass-phone register https://login.example/r/4f7c…    open the registration link
  iampass-phone pending --wait 30                         wait for a question
  iampass-phone accept                                    accept the oldest one
  iampass-phone bring 482913                              see the question of the page that shows this code
  iampass-phone accept --code 482913                      the same, and accept it
  iampass-phone accept --scan 'https://login.example/phone#scan=…'
  iampass-phone deny --not-me                             somebody else has asked
  iampass-phone phones add                                a link for one more phone
  iampass-phone phones confirm 482913                     the other phone shows this code
  iampass-phone presence --command ./near.sh              near or away, as the script finds";

#[derive(Subcommand, Debug)]
pub(crate) enum Action {
    /// Open a registration link: from now on this is the user's phone. It makes a key of its own, which signs its answers.
    Register {
        /// The link.
        link: String,
        /// Show the user by this name, instead of the one that came with the link.
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// Make no key: be believed by a secret that the service knows too, as phones of before are.
        #[arg(long)]
        shared: bool,
    },
    /// List the questions that wait.
    #[command(alias = "requests")]
    Pending(Target),
    /// Bring what a login page shows. The question of that page waits for this phone from then on.
    Bring {
        /// The six digits, or the link in the QR code.
        #[arg(value_name = "CODE|URL")]
        shown: String,
        #[command(flatten)]
        user: ForUser,
    },
    /// Accept the oldest question, or the one whose login page shows this code.
    Accept {
        /// The six digits that the login page shows. Spaces and dashes may stand between them.
        #[arg(long, value_name = "DIGITS", conflicts_with = "scan")]
        code: Option<String>,
        /// The link in the QR code that the login page shows.
        #[arg(long, value_name = "URL")]
        scan: Option<String>,
        #[command(flatten)]
        target: Target,
    },
    /// Deny the oldest question.
    Deny {
        /// Say that somebody else has asked.
        #[arg(long)]
        not_me: bool,
        #[command(flatten)]
        target: Target,
    },
    /// Walk away: the user's active sessions are locked.
    WalkAway(Target),
    /// Come back: the locked sessions are active again.
    Return(Target),
    /// Say that the phone is near or away: the user's sessions follow, where the application has switched that on.
    Presence {
        #[command(flatten)]
        user: ForUser,
        #[command(flatten)]
        presence: PresenceArguments,
    },
    /// End the user's sessions.
    LogOut(Target),
    /// List the user's sessions.
    Sessions(Target),
    /// List the users that the phone stands for. The service is not asked.
    List,
    /// The phones of the user: list, add, confirm and remove them, and make recovery codes.
    Phones {
        #[command(flatten)]
        user: ForUser,
        #[command(subcommand)]
        action: PhonesAction,
    },
    /// Have the service forget this phone, and forget the user.
    Unregister(Target),
}

/// An action about the phones of one user.
#[derive(Subcommand, Debug)]
pub(crate) enum PhonesAction {
    /// List them, and the one that waits to be confirmed.
    List,
    /// Make a link for one more phone. It waits to be confirmed once it has opened the link.
    Add,
    /// Confirm the phone that waits, by the six digits that it shows.
    Confirm {
        /// The digits. Spaces and dashes may stand between them.
        #[arg(value_name = "DIGITS")]
        code: String,
    },
    /// Do not let the phone in that waits.
    Deny,
    /// Give a phone a name.
    Name {
        /// Its id, from the list.
        phone: DeviceId,
        /// The name.
        name: String,
    },
    /// Remove a phone. Its sessions end.
    Remove {
        /// Its id, from the list.
        phone: DeviceId,
    },
    /// Make ten recovery codes in place of those of before. They are shown this once.
    RecoveryCodes,
    /// On the phone that waits: let it in by a recovery code.
    Recover {
        /// The code.
        code: String,
    },
    /// On the phone that waits: say whether it is confirmed.
    Waiting {
        /// How long to wait until it is; a tenth of a second counts.
        #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = seconds)]
        wait: Duration,
    },
}

/// The user of the action.
#[derive(Args, Debug)]
pub(crate) struct ForUser {
    /// The user, by the id that the application uses. Needed when the phone stands for several, unless a QR code says it.
    #[arg(long, value_name = "USER")]
    pub(crate) user: Option<UserToken>,
}

/// The user of the action, and how long to wait for something to do.
#[derive(Args, Debug)]
pub(crate) struct Target {
    #[command(flatten)]
    pub(crate) of: ForUser,
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

    fn parse(line: &str) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from(line.split(' '))
    }

    #[test]
    fn the_arguments_are_well_formed() {
        Arguments::command().debug_assert();
        for line in [
            "iampass-phone register https://h/r/1 --name Ann",
            "iampass-phone register https://h/r/1 --shared",
            "iampass-phone --state f.json accept --user u --wait 2.5 --json",
            "iampass-phone pending --wait 3",
            "iampass-phone requests --user u",
            "iampass-phone bring 482913 --user u",
            "iampass-phone accept --code 482-913",
            "iampass-phone accept --scan https://h/phone#scan=s",
            "iampass-phone deny --not-me --wait 1",
            "iampass-phone walk-away --wait 3",
            "iampass-phone return",
            "iampass-phone presence --near",
            "iampass-phone presence --user u --near --every 30s --for 90s",
            "iampass-phone presence --away --json",
            "iampass-phone presence --command ./near.sh --every 20",
            "iampass-phone presence --command ./near.sh --once",
            "iampass-phone log-out --user u",
            "iampass-phone list --json",
            "iampass-phone phones list --json",
            "iampass-phone phones --user u confirm 482-913",
            "iampass-phone phones remove 0a1b",
            "iampass-phone phones waiting --wait 30",
        ] {
            assert!(parse(line).is_ok(), "{line}");
        }
        for line in [
            "iampass-phone",
            "iampass-phone accept --wait -1",
            "iampass-phone accept --wait x",
            "iampass-phone accept --code 482913 --scan https://h/phone#scan=s",
            "iampass-phone bring",
            "iampass-phone accept --not-me",
            "iampass-phone presence",
            "iampass-phone presence --near --away",
            "iampass-phone presence --away --command x",
            "iampass-phone presence --away --every 30s",
            "iampass-phone presence --near --for 9s",
            "iampass-phone phones",
            "iampass-phone phones confirm",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }

    #[test]
    fn the_examples_are_calls() {
        let lines = EXAMPLES.lines().filter(|line| line.starts_with("  "));
        let mut calls = 0;
        for line in lines {
            let call = line.trim().split("  ").next().unwrap_or_default().replace('\'', "");
            assert!(parse(&call).is_ok(), "{call}");
            calls += 1;
        }
        assert_eq!(calls, 10);
    }
}
