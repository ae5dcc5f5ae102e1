//! What was tried, and whether it held.

use std::fmt::Write as _;
use std::process::Command;

use super::Kind;
use crate::Failure;

/// One thing that was tried in one surrounding.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) kind: Kind,
    /// The program, such as `nginx`.
    pub(crate) name: String,
    /// Its version, as it says itself.
    pub(crate) version: String,
    /// What was tried, in a few words.
    pub(crate) tried: String,
    pub(crate) verdict: Verdict,
}

/// Whether it held.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    Holds,
    /// It does not; with what was seen.
    Fails(String),
    /// It could not be tried on this machine; with how to get what is missing. Counts as not held.
    NotTried(String),
}

impl Verdict {
    /// What was tried, as a result.
    pub(crate) fn of(result: Result<(), Failure>) -> Self {
        match result {
            Ok(()) => Self::Holds,
            Err(error) => Self::Fails(error.to_string()),
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Holds => "holds".into(),
            Self::Fails(seen) => format!("FAILS: {seen}"),
            Self::NotTried(how) => format!("not tried: {how}"),
        }
    }
}

/// The table, as Markdown.
pub(super) fn table(outcomes: &[Outcome]) -> String {
    let mut table = String::from("| kind | program | version | tried | result |\n|---|---|---|---|---|\n");
    for outcome in outcomes {
        let Outcome { kind, name, version, tried, verdict } = outcome;
        let kind = format!("{kind:?}").to_lowercase();
        let words = verdict.words().replace('|', "\\|").replace('\n', " ");
        let _ = writeln!(table, "| {kind} | {name} | {version} | {tried} | {words} |");
    }
    table
}

/// The document with the table, dated.
pub(super) fn document(outcomes: &[Outcome]) -> Result<String, Failure> {
    let date = Command::new("date").arg("+%Y-%m-%d").output()?;
    let date = String::from_utf8(date.stdout)?;
    Ok(format!(
        "# Surroundings that were tried\n\n`cargo xtask surroundings` wrote this on {}. Each program ran on one machine, with the configuration that \
         [the guide](operating.md) prints.\n\n{}",
        date.trim(),
        table(outcomes)
    ))
}
