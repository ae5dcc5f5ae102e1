//! The action `presence`: saying again and again whether the phone is near, by what a command finds out.
//!
//! A command that fails says nothing, and the last promise passes: the phone is away then.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use clap::Args;
use iampass_core::wire::{PresenceAnswer, Reason};
use iampass_phone::{PhoneError, Presence};
use iampass_testkit::{TestkitError, VirtualPhone};
use tokio::process::Command;
use tokio::time::{Instant, sleep_until, timeout};

use crate::actions::{Failure, Outcome};
use crate::report::Report;

/// Between two words of a command's findings, unless it is said.
const EVERY: Duration = Duration::from_secs(30);

const NOT_WANTED: Outcome = Outcome::NothingToDo(
    "The application does not want to know whether this phone is near: its setting walkaway is off.",
);

/// Where the word comes from, and how often it is said.
#[derive(Args, Debug)]
pub(crate) struct PresenceArguments {
    /// Say that the phone is near.
    #[arg(long, required_unless_present_any = ["away", "command"], conflicts_with_all = ["away", "command"])]
    near: bool,
    /// Say that the phone is away.
    #[arg(long, conflicts_with_all = ["command", "every"])]
    away: bool,
    /// Run this by `sh -c` each time: it exits with 0 when the phone is near and with 1 when it is away. With any other status, or when it takes
    /// longer than the time between two words, nothing is said.
    #[arg(long, value_name = "COMMAND")]
    command: Option<String>,
    /// Say it again and again, with so many seconds in between: `30` or `30s`. Without it, --near says it once, and --command every 30 s.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    every: Option<Duration>,
    /// How long the phone promises to be near, each time: 10 to 3600 s. It is at least twice the time between two words, and three times that with
    /// --command, which may take as long.
    #[arg(long = "for", value_name = "SECONDS", default_value = "90s", value_parser = promise)]
    promised: Duration,
    /// Say what the command finds once, and exit.
    #[arg(long, requires = "command", conflicts_with = "every")]
    once: bool,
}

/// The word of one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Near,
    Away,
}

pub(crate) async fn run(
    phone: &VirtualPhone,
    arguments: &PresenceArguments,
    is_json: bool,
) -> Result<Outcome, Failure> {
    let every = match (&arguments.command, arguments.every) {
        (_, Some(every)) => Some(every),
        (Some(_), None) if !arguments.once => Some(EVERY),
        _ => None,
    };
    if let Some(every) = every {
        check(every, arguments)?;
    }
    // Asked for anew after each failure: the service may have moved.
    let mut presence = None;
    let mut next = Instant::now();
    loop {
        let said = say(phone, &mut presence, arguments, every.unwrap_or(EVERY)).await;
        let Some(every) = every else {
            return said.map(outcome);
        };
        match said {
            Ok(Said::Told(word, answer)) => report(word, answer).print(is_json),
            Ok(Said::NotWanted) => return Ok(NOT_WANTED),
            Ok(Said::Nothing) => {}
            Err(Failure::Phone(error)) if error.is_retryable() => {
                eprintln!("iampass-phone: {error}; it is said again in {} s", every.as_secs());
            }
            Err(error) => return Err(error),
        }
        next = (next + every).max(Instant::now());
        sleep_until(next).await;
    }
}

/// Whether a promise lasts until the next word has arrived. One word may be late or lost, and a command may take as long as the time between two.
fn check(every: Duration, arguments: &PresenceArguments) -> Result<(), Failure> {
    let (factor, times) = match arguments.command {
        Some(_) => (3, "three times --every: a command may take that long once more"),
        None => (2, "twice --every"),
    };
    let least = every * factor;
    if arguments.promised < least { Err(Failure::Gaps { least, times }) } else { Ok(()) }
}

const OVERTAKEN: Outcome = Outcome::NothingToDo(
    "A word of this phone that was signed later was there before this one, or it said in the same second that it is away: say it again, if it still holds.",
);

const NOTHING_SAID: Outcome =
    Outcome::NothingToDo("The command did not say whether the phone is near, so nothing was said.");

/// The outcome of one time.
enum Said {
    /// The service has answered to this word.
    Told(Word, PresenceAnswer),
    /// It was not found out whether the phone is near, so nothing was said.
    Nothing,
    /// The application does not want to know it.
    NotWanted,
}

fn outcome(said: Said) -> Outcome {
    match said {
        Said::Told(_, answer) if answer.sessions == 0 && answer.overtaken > 0 => OVERTAKEN,
        Said::Told(word, answer) => Outcome::Done(report(word, answer)),
        Said::Nothing => NOTHING_SAID,
        Said::NotWanted => NOT_WANTED,
    }
}

async fn say(
    phone: &VirtualPhone,
    presence: &mut Option<Presence>,
    arguments: &PresenceArguments,
    patience: Duration,
) -> Result<Said, Failure> {
    let word = match &arguments.command {
        Some(command) => match found(command, patience).await {
            Some(word) => word,
            None => return Ok(Said::Nothing),
        },
        None if arguments.away => Word::Away,
        None => Word::Near,
    };
    if presence.is_none() {
        *presence = phone.presence().await?;
    }
    let Some(way) = presence.as_ref() else { return Ok(Said::NotWanted) };
    let said = match word {
        Word::Near => way.near(arguments.promised).await,
        Word::Away => way.away().await,
    };
    match said {
        Ok(answer) => Ok(Said::Told(word, answer)),
        Err(error) => {
            *presence = None;
            match error.reason() {
                Some(Reason::WalkawayOff) => Ok(Said::NotWanted),
                _ => Err(failed(error)),
            }
        }
    }
}

fn report(word: Word, answer: PresenceAnswer) -> Report {
    let done = match word {
        Word::Near => "near",
        Word::Away => "away",
    };
    Report::presence(done, answer)
}

fn failed(error: PhoneError) -> Failure {
    TestkitError::from(error).into()
}

/// The finding of the command. None, with the reason on the standard error, when it does not say it.
async fn found(command: &str, patience: Duration) -> Option<Word> {
    let run = Command::new("sh").arg("-c").arg(command).stdin(Stdio::null()).kill_on_drop(true).status();
    match timeout(patience, run).await {
        Ok(Ok(status)) => {
            let word = word_of(status);
            if word.is_none() {
                eprintln!("iampass-phone: the command ended with {status}, so nothing is said");
            }
            word
        }
        Ok(Err(error)) => {
            eprintln!("iampass-phone: the command cannot be run, so nothing is said: {error}");
            None
        }
        Err(_) => {
            eprintln!(
                "iampass-phone: the command took longer than {} s, so nothing is said",
                patience.as_secs()
            );
            None
        }
    }
}

fn word_of(status: ExitStatus) -> Option<Word> {
    match status.code() {
        Some(0) => Some(Word::Near),
        Some(1) => Some(Word::Away),
        _ => None,
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let number = text.strip_suffix('s').unwrap_or(text);
    match number.parse() {
        Ok(seconds @ 1..=3_600) => Ok(Duration::from_secs(seconds)),
        _ => Err("it is not a whole number of seconds from 1 to 3600".to_owned()),
    }
}

fn promise(text: &str) -> Result<Duration, String> {
    let promised = seconds(text)?;
    if promised < Duration::from_secs(10) {
        return Err("a promise is 10 s at least".to_owned());
    }
    Ok(promised)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_command_says_near_away_or_nothing() {
        let patience = Duration::from_secs(60);
        for (command, word) in [
            ("exit 0", Some(Word::Near)),
            ("test 1 = 2", Some(Word::Away)),
            ("exit 2", None),
            ("no-such-command-anywhere", None),
            ("kill -9 $$", None),
        ] {
            assert_eq!(found(command, patience).await, word, "{command}");
        }
        assert_eq!(found("sleep 60", Duration::from_millis(50)).await, None);
    }

    #[test]
    fn times_are_whole_seconds() {
        assert_eq!(seconds("30"), Ok(Duration::from_secs(30)));
        assert_eq!(promise("90s"), Ok(Duration::from_secs(90)));
        for bad in ["", "s", "0", "-1", "1.5", "3601", "1m"] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
        assert!(promise("9s").is_err());
    }
}
