//! The findings of a check, and their printed form.

use std::fmt;

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// It is as it has to be.
    Good,
    /// It is good to know, and there is nothing to change for the clients of this project.
    Note,
    /// It has to be changed.
    Change,
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) level: Level,
    /// Its topic, in a word or two.
    pub(super) topic: &'static str,
    pub(super) said: String,
}

/// All that was found, in the order in which it was tried.
#[derive(Debug, Default)]
pub(crate) struct Report(Vec<Finding>);

impl Report {
    pub(super) fn good(&mut self, topic: &'static str, said: impl Into<String>) {
        self.add(Level::Good, topic, said.into());
    }

    pub(super) fn note(&mut self, topic: &'static str, said: impl Into<String>) {
        self.add(Level::Note, topic, said.into());
    }

    pub(super) fn change(&mut self, topic: &'static str, said: impl Into<String>) {
        self.add(Level::Change, topic, said.into());
    }

    /// The same finding by both versions of HTTP is one.
    pub(super) fn add(&mut self, level: Level, topic: &'static str, said: String) {
        // A server's answer may be part of it, and must not reach the terminal unchanged.
        let said = said.chars().map(|it| if it.is_control() { '\u{fffd}' } else { it }).collect();
        let finding = Finding { level, topic, said };
        if !self.0.contains(&finding) {
            self.0.push(finding);
        }
    }

    /// How much there is to change.
    pub(crate) fn changes(&self) -> usize {
        self.0.iter().filter(|finding| finding.level == Level::Change).count()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, Finding { level, topic, said }) in self.0.iter().enumerate() {
            let word = match level {
                Level::Good => "good",
                Level::Note => "note",
                Level::Change => "CHANGE",
            };
            let end = if place == 0 { "" } else { "\n" };
            write!(f, "{end}{word:<7} {topic:<16} {said}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_a_line_and_is_said_once() {
        let mut report = Report::default();
        report.good("certificate", "it is \u{1b}[31mtrusted");
        report.change("path", "a%2Fb arrives as a/b");
        report.change("path", "a%2Fb arrives as a/b");
        report.note("methods", "there is no more");
        assert_eq!(report.changes(), 1);
        let lines = [
            "good    certificate      it is \u{fffd}[31mtrusted",
            "CHANGE  path             a%2Fb arrives as a/b",
            "note    methods          there is no more",
        ];
        assert_eq!(report.to_string(), lines.join("\n"));
    }
}
