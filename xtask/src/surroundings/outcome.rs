//! The trials, and whether each held.

use std::fmt::Write as _;
use std::process::Command;

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
        let Outcome { kind, name, version, tried, verdict } = outcome;
        let kind = format!("{kind:?}").to_lowercase();
        let words = verdict.words().replace('|', "\\|").replace('\n', " ");
        let _ = writeln!(table, "| {kind} | {name} | {version} | {tried} | {words} |");
    }
    table
}

/// How many of them held.
pub(super) fn summary(outcomes: &[Outcome]) -> String {
    let held = outcomes.iter().filter(|outcome| outcome.verdict == Verdict::Holds).count();
    let possible = outcomes.iter().filter(|outcome| !matches!(outcome.verdict, Verdict::CannotBe(_))).count();
    format!("surroundings: {held} of {possible} hold")
}

/// The document: a part for each kind, dated. The parts of kinds that were not tried this time stay as they are in `before`.
pub(super) fn document(before: &str, tried: &[Kind], outcomes: &[Outcome]) -> Result<String, Failure> {
    let date = Command::new("date").arg("+%Y-%m-%d").output()?;
    let date = String::from_utf8(date.stdout)?;
    let mut document = String::from(
        "# Surroundings that were tried\n\n`cargo xtask surroundings` writes this. Each program ran on one machine, with the configuration that \
         [the guide](operating.md) prints, and the service as a debug build.\n",
    );
    for (kind, _) in super::KINDS {
        let heading = format!("\n## {kind:?}\n");
        let part = if tried.contains(&kind) {
            let of_kind: Vec<_> = outcomes.iter().filter(|outcome| outcome.kind == kind).collect();
            format!("\nTried on {}.\n\n{}", date.trim(), table(of_kind))
        } else {
            let part = before.split_once(&heading).map(|(_, rest)| rest);
            let ends = part.and_then(|part| part.find("\n## ").or_else(|| part.find("\nsurroundings: ")));
            let part = part.zip(ends).and_then(|(part, end)| part.get(..end));
            let Some(part) = part else { continue };
            part.to_owned()
        };
        document.push_str(&heading);
        document.push_str(&part);
    }
    let rows = document.lines().filter(|line| KINDS_IN_ROWS.iter().any(|kind| line.starts_with(kind)));
    let (mut held, mut all) = (0, 0);
    for row in rows {
        all += usize::from(!row.contains(&format!("| {CANNOT_BE}")));
        held += usize::from(row.ends_with("| holds |"));
    }
    Ok(format!("{document}\nsurroundings: {held} of {all} hold\n"))
}

/// The beginning of a result that counts neither way.
const CANNOT_BE: &str = "cannot be: ";

/// The beginnings of rows.
const KINDS_IN_ROWS: [&str; 5] = ["| proxies |", "| databases |", "| mail |", "| clocks |", "| browsers |"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_tells_becomes_a_line_of_the_table() {
        let lines =
            b"{\"tried\": \"a login\", \"seen\": null}\n{\"tried\": \"a stream\", \"seen\": \"a | b\\nc\"}\n";
        let mut outcomes = vec![Outcome::of_all(Kind::Mail, &std::fmt::Error)];
        outcomes.extend(told(lines).unwrap().into_iter().map(|(tried, verdict)| Outcome {
            kind: Kind::Proxies,
            name: "nginx".to_owned(),
            version: "1.22.1".to_owned(),
            tried,
            verdict,
        }));
        outcomes.push(Outcome {
            kind: Kind::Mail,
            name: "opensmtpd".to_owned(),
            version: "6.8.0".to_owned(),
            tried: "TLS".to_owned(),
            verdict: Verdict::CannotBe("for anybody".to_owned()),
        });
        assert_eq!(summary(&outcomes), "surroundings: 1 of 3 hold");
        let before = "\n## Mail\n\nold\n\n## Clocks\n\nTried on 2026-01-02.\n\n| clocks | a | 1 | b | holds |\n\nsurroundings: 1 of 2 hold\n";
        let document = document(before, &[Kind::Mail, Kind::Proxies], &outcomes).unwrap();
        for line in [
            "| mail | all |  | all of it | FAILS: an error occurred when formatting an argument |",
            "| mail | opensmtpd | 6.8.0 | TLS | cannot be: for anybody |",
            "| proxies | nginx | 1.22.1 | a login | holds |",
            "| proxies | nginx | 1.22.1 | a stream | FAILS: a \\| b c |",
        ] {
            assert!(document.lines().any(|found| found == line), "{line}:\n{document}");
        }
        assert!(
            document.ends_with("\n| clocks | a | 1 | b | holds |\n\nsurroundings: 2 of 4 hold\n"),
            "{document}"
        );
        assert!(!document.contains("\nold\n") && document.contains("2026-01-02"), "{document}");
        let year = document.split("Tried on ").nth(1).and_then(|rest| rest.split('-').next()).unwrap();
        assert!(year.parse::<u16>().is_ok_and(|year| year >= 2026), "{document}");
    }
}
