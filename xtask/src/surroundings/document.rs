//! `docs/surroundings.md`: a part for each kind, with the rows of its last run.
//!
//! Belongs here: which rows stay, and which are replaced. Does not belong here: the rows themselves ([`super::outcome`]).

use std::process::Command;

use super::outcome::{CANNOT_BE, table};
use super::{Kind, Outcome};
use crate::Failure;

/// The document: a part for each kind, dated. The parts of kinds that were not tried this time stay as they are in `before`.
pub(super) fn document(before: &str, tried: &[Kind], outcomes: &[Outcome]) -> Result<String, Failure> {
    let date = date()?;
    let mut document = String::from(
        "# Surroundings that were tried\n\n`cargo xtask surroundings` writes this. Each program ran on one machine, with the configuration that \
         [the guide](operating.md) prints, and the service as a debug build. Where a program cannot do it for any client, the row says so, and counts \
         neither way.\n",
    );
    for (kind, _) in super::KINDS {
        let heading = format!("\n## {kind:?}\n");
        let part = if tried.contains(&kind) {
            let of_kind: Vec<_> = outcomes.iter().filter(|outcome| outcome.kind == kind).collect();
            format!("\nTried on {date}.\n\n{}", table(of_kind))
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
    Ok(counted(&document))
}

/// The document with what was tried of one kind by names. All rows of a program that is named make place for its new ones. A trial that is named
/// by words has its own row replaced.
pub(super) fn again(
    before: &str,
    kind: Kind,
    names: &[String],
    outcomes: &[Outcome],
) -> Result<String, Failure> {
    let heading = format!("\n## {kind:?}\n");
    let Some((head, rest)) = before.split_once(&heading) else {
        return document(before, &[kind], outcomes);
    };
    let ends = rest.find("\n## ").or_else(|| rest.find("\nsurroundings: ")).unwrap_or(rest.len());
    let (part, tail) = rest.split_at(ends);
    let mut lines: Vec<String> = part.lines().map(str::to_owned).collect();
    let dated = format!(", and some of it again on {}.", date()?);
    if let Some(line) = lines.iter_mut().find(|line| line.starts_with("Tried on ")) {
        let first = line.split_once(',').map_or(line.trim_end_matches('.'), |(first, _)| first).to_owned();
        let is_today = first == format!("Tried on {}", date()?);
        *line = first + if is_today { "." } else { &dated };
    }
    for outcome in outcomes {
        match lines.iter_mut().find(|line| same_trial(line, &outcome.row())) {
            Some(line) => *line = outcome.row(),
            None => {
                let last = lines.iter().rposition(|line| is_of(line, outcome));
                let last = last.or_else(|| lines.iter().rposition(|line| line.starts_with('|')));
                lines.insert(last.map_or(lines.len(), |last| last + 1), outcome.row());
            }
        }
    }
    let is_gone = |line: &String| {
        let of = outcomes.iter().find(|outcome| is_of(line, outcome) && names.contains(&outcome.name));
        of.is_some() && !outcomes.iter().any(|outcome| outcome.row() == *line)
    };
    lines.retain(|line| !is_gone(line));
    Ok(counted(&format!("{head}{heading}{}\n{tail}", lines.join("\n"))))
}

/// Whether two rows are of the same trial, whatever the version and the result.
fn same_trial(one: &str, other: &str) -> bool {
    let trial = |row: &str| {
        let cells: Vec<_> = row.splitn(6, " | ").map(str::to_owned).collect();
        cells.first().cloned().zip(cells.get(1).cloned()).zip(cells.get(3).cloned())
    };
    trial(one).is_some() && trial(one) == trial(other)
}

/// Whether a row is one of the program of an outcome.
fn is_of(row: &str, outcome: &Outcome) -> bool {
    row.split(" | ").nth(1) == Some(&outcome.name)
}

fn date() -> Result<String, Failure> {
    let date = Command::new("date").arg("+%Y-%m-%d").output()?;
    Ok(String::from_utf8(date.stdout)?.trim().to_owned())
}

/// The document with its last line.
fn counted(document: &str) -> String {
    let document = document.split("\nsurroundings: ").next().unwrap_or_default();
    let rows = document.lines().filter(|line| KINDS_IN_ROWS.iter().any(|kind| line.starts_with(kind)));
    let (mut held, mut all) = (0, 0);
    for row in rows {
        all += usize::from(!row.contains(&format!("| {CANNOT_BE}")));
        held += usize::from(row.ends_with("| holds |"));
    }
    format!("{document}\nsurroundings: {held} of {all} hold\n")
}

/// The beginnings of rows.
const KINDS_IN_ROWS: [&str; 5] = ["| proxies |", "| databases |", "| mail |", "| clocks |", "| browsers |"];

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::super::outcome::{summary, told};
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
        // By names: all rows of a program, and one row by its words.
        let again = again(&document, Kind::Proxies, &["nginx".to_owned()], &outcomes[1..2]).unwrap();
        assert!(
            again.contains("| nginx | 1.22.1 | a login | holds |") && !again.contains("a stream"),
            "{again}"
        );
        assert!(again.ends_with("| clocks | a | 1 | b | holds |\n\nsurroundings: 2 of 3 hold\n"), "{again}");
        let other =
            Outcome { tried: "a login".to_owned(), ..Outcome::of_all(Kind::Clocks, &std::fmt::Error) };
        let other = Outcome { name: "a".to_owned(), tried: "b".to_owned(), ..other };
        let again = super::again(&document, Kind::Clocks, &["b".to_owned()], &[other]).unwrap();
        assert!(again.contains("\nTried on 2026-01-02, and some of it again on 2"), "{again}");
        assert!(again.contains("\n| clocks | a |  | b | FAILS: "), "{again}");
        assert!(again.ends_with("\n\nsurroundings: 1 of 4 hold\n"), "{again}");
        let year = document.split("Tried on ").nth(1).and_then(|rest| rest.split('-').next()).unwrap();
        assert!(year.parse::<u16>().is_ok_and(|year| year >= 2026), "{document}");
    }
}
