//! How the steps are shown: one line each, with a spinner while something is waited for.
//!
//! Belongs here: the terminal. Does not belong here: what a step does.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Counts the steps and shows them.
pub(crate) struct Steps {
    number: usize,
}

/// A step that waits for something.
pub(crate) struct Waiting {
    bar: ProgressBar,
    since: Instant,
}

impl Steps {
    pub(crate) fn new() -> Self {
        Self { number: 0 }
    }

    /// A step that is done as soon as it is said.
    pub(crate) fn done(&mut self, what: &str) {
        self.number += 1;
        println!("{:>2}. {what}", self.number);
    }

    /// Something that belongs to the step above.
    pub(crate) fn detail(&self, what: &str) {
        for line in what.lines() {
            println!("    {line}");
        }
    }

    /// A step that takes as long as somebody else needs.
    pub(crate) fn wait(&mut self, what: &str) -> Waiting {
        self.number += 1;
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{prefix:>2}. {spinner} {msg}") {
            bar.set_style(style.tick_chars("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏✓"));
        }
        bar.set_prefix(self.number.to_string());
        bar.set_message(what.to_owned());
        bar.enable_steady_tick(Duration::from_millis(100));
        // Where the output is no terminal no spinner is drawn: say at least what is waited for.
        if bar.is_hidden() {
            println!("{:>2}. {what} …", self.number);
        }
        Waiting { bar, since: Instant::now() }
    }
}

impl Waiting {
    /// Tells what has happened meanwhile.
    pub(crate) fn note(&self, what: &str) {
        if self.bar.is_hidden() {
            println!("      {what}");
        } else {
            self.bar.println(format!("      {what}"));
        }
    }

    /// Tells what it has come to.
    pub(crate) fn finish(self, what: &str) {
        let line = format!("{what} ({:.1} s)", self.since.elapsed().as_secs_f32());
        if self.bar.is_hidden() {
            println!("      {line}");
        } else {
            self.bar.finish_with_message(line);
        }
    }
}
