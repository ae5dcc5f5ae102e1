//! The trials, and whether each held.

use std::fmt::Write as _;

use serde_json::Value;

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
    /// The trial, in a few words.
    pub(crate) tried: String,
    pub(crate) verdict: Verdict,
}

impl Outcome {
    /// A kind that came to an end before its time.
    pub(super) fn of_all(kind: Kind, error: &dyn std::error::Error) -> Self {
        let verdict = Verdict::Fails(error.to_string());
        Self { kind, name: "all".to_owned(), version: String::new(), tried: "all of it".to_owned(), verdict }
    }

    /// Its line of the table.
    pub(super) fn row(&self) -> String {
        let Self { kind, name, version, tried, verdict } = self;
        let kind = format!("{kind:?}").to_lowercase();
        let words = verdict.words().replace('|', "\\|").replace('\n', " ");
        format!("| {kind} | {name} | {version} | {tried} | {words} |")
    }
}

/// Whether it held.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    Holds,
    /// It does not; with what was seen.
    Fails(String),
    /// It could not be tried on this machine; with how to get what is missing. Counts as not held.
    NotTried(String),
    /// The program cannot do what is to be tried, for anybody; with what another client saw. Counts neither way.
    CannotBe(String),
}

impl Verdict {
    /// The verdict on a trial with this result.
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
            Self::CannotBe(why) => format!("{CANNOT_BE}{why}"),
        }
    }
}

/// The output of a program that tries things: a line of JSON for each, `{"tried", "seen"}`, where `seen` is null if it went well.
pub(super) fn told(lines: &[u8]) -> Result<Vec<(String, Verdict)>, Failure> {
    let mut tries = Vec::new();
    for line in String::from_utf8_lossy(lines).lines() {
        let line: Value = serde_json::from_str(line)?;
        let text = |name: &str| line.get(name).and_then(Value::as_str).map(str::to_owned);
        let verdict = text("seen").map_or(Verdict::Holds, Verdict::Fails);
        tries.push((text("tried").unwrap_or_default(), verdict));
    }
    Ok(tries)
}

/// The table, as Markdown.
pub(super) fn table<'o>(outcomes: impl IntoIterator<Item = &'o Outcome>) -> String {
    let mut table = String::from("| kind | program | version | tried | result |\n|---|---|---|---|---|\n");
    for outcome in outcomes {
        let _ = writeln!(table, "{}", outcome.row());
    }
    table
}

/// How many of them held.
pub(super) fn summary(outcomes: &[Outcome]) -> String {
    let held = outcomes.iter().filter(|outcome| outcome.verdict == Verdict::Holds).count();
    let possible = outcomes.iter().filter(|outcome| !matches!(outcome.verdict, Verdict::CannotBe(_))).count();
    format!("surroundings: {held} of {possible} hold")
}

/// The beginning of a result that counts neither way.
pub(super) const CANNOT_BE: &str = "cannot be: ";
