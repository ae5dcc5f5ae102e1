//! The report of a suite. Belongs here: the report and how it reads. Does not belong here: how checks are run.

use std::fmt;

/// A check that failed: the sentence that does not hold, and what was seen instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedCheck {
    check: &'static str,
    seen: String,
}

impl FailedCheck {
    /// The sentence that should hold, such as `rotate makes the old token mean nobody`.
    #[must_use]
    pub fn check(&self) -> &'static str {
        self.check
    }

    /// The behaviour seen instead.
    #[must_use]
    pub fn seen(&self) -> &str {
        &self.seen
    }
}

/// A check that was not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedCheck {
    check: &'static str,
    why: &'static str,
}

impl SkippedCheck {
    /// The sentence that nobody checked.
    #[must_use]
    pub fn check(&self) -> &'static str {
        self.check
    }

    /// The ability that the store lacks for it.
    #[must_use]
    pub fn why(&self) -> &'static str {
        self.why
    }
}

/// The findings of a suite about a store.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a report that nobody reads lets every store pass: call `assert_passed` or `into_result`"]
pub struct SuiteReport {
    port: &'static str,
    passed: usize,
    failures: Vec<FailedCheck>,
    skipped: Vec<SkippedCheck>,
}

impl SuiteReport {
    pub(super) fn of(port: &'static str) -> Self {
        Self { port, passed: 0, failures: Vec::new(), skipped: Vec::new() }
    }

    pub(super) fn pass(&mut self) {
        self.passed += 1;
    }

    pub(super) fn fail(&mut self, check: &'static str, seen: String) {
        self.failures.push(FailedCheck { check, seen });
    }

    pub(super) fn skip(&mut self, check: &'static str, why: &'static str) {
        self.skipped.push(SkippedCheck { check, why });
    }

    /// How many checks passed.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.passed
    }

    /// All checks that failed, in the order they ran in.
    #[must_use]
    pub fn failures(&self) -> &[FailedCheck] {
        &self.failures
    }

    /// The checks that the store offered no means for.
    #[must_use]
    pub fn skipped(&self) -> &[SkippedCheck] {
        &self.skipped
    }

    /// For programs, and for tests that return a `Result`. Look at [`SuiteReport::skipped`] first if nothing may be skipped.
    ///
    /// # Errors
    /// The report itself when any check failed. Its `Display` names them all.
    pub fn into_result(self) -> Result<(), Self> {
        if self.failures.is_empty() { Ok(()) } else { Err(self) }
    }

    /// For tests: ends the test with all failures, if there are any.
    ///
    /// # Panics
    /// When any check failed. It is the only thing in this module that panics.
    #[track_caller]
    pub fn assert_passed(&self) {
        assert!(self.failures.is_empty(), "{self}");
    }
}

impl fmt::Display for SuiteReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (failed, skipped) = (self.failures.len(), self.skipped.len());
        write!(f, "{}: {} checks passed, {failed} failed, {skipped} skipped", self.port, self.passed)?;
        for failure in &self.failures {
            write!(f, "\n  failed: {}\n    {}", failure.check, failure.seen)?;
        }
        for skipped in &self.skipped {
            write!(f, "\n  skipped: {}\n    {}", skipped.check, skipped.why)?;
        }
        Ok(())
    }
}

impl std::error::Error for SuiteReport {}
