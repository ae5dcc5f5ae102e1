//! How a check says what it saw. Belongs here: verdicts and the words for them. Does not belong here: any check.

use std::error::Error;
use std::fmt::Display;
use std::pin::Pin;

use iampass_core::port::{StoreError, StoreErrorKind};

use super::report::SuiteReport;

/// How a check that did not fail ended.
#[derive(Debug, Clone, Copy)]
pub(super) enum Verdict {
    Passed,
    /// The store offers no means for it.
    Skipped(&'static str),
}

/// Why a check failed.
pub(super) type Seen = String;

pub(super) type CheckResult = Result<Verdict, Seen>;

pub(super) const PASSED: CheckResult = Ok(Verdict::Passed);

/// Makes a future on the heap. A suite awaits so many that they would not all have room on the stack of a test's thread in a build without
/// optimizations, which gives each a place of its own there.
pub(super) fn boxed<F: Future>(make: impl FnOnce() -> F) -> Pin<Box<F>> {
    Box::pin(make())
}

/// Enters what became of a check.
pub(super) fn enter(report: &mut SuiteReport, check: &'static str, result: CheckResult) {
    match result {
        Ok(Verdict::Passed) => report.pass(),
        Ok(Verdict::Skipped(why)) => report.skip(check, why),
        Err(seen) => report.fail(check, seen),
    }
}

/// Goes on if it holds; else the check failed with this sentence.
pub(super) fn ensure(holds: bool, seen: impl Into<String>) -> Result<(), Seen> {
    if holds { Ok(()) } else { Err(seen.into()) }
}

/// Goes on with what a call returned.
pub(super) trait OrSeen<T> {
    /// The value; else the check failed because `call` did.
    fn or_seen(self, call: impl Display) -> Result<T, Seen>;
}

impl<T> OrSeen<T> for Result<T, StoreError> {
    fn or_seen(self, call: impl Display) -> Result<T, Seen> {
        self.map_err(|error| format!("{call} failed ({:?}): {}", error.kind(), chain(&error)))
    }
}

impl<T> OrSeen<T> for Result<T, Box<dyn Error + Send + Sync>> {
    fn or_seen(self, call: impl Display) -> Result<T, Seen> {
        self.map_err(|error| format!("{call} failed: {}", chain(&*error)))
    }
}

/// The error and all that is behind it.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut said = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        said.push_str(": ");
        said.push_str(&source.to_string());
        next = source.source();
    }
    said
}

/// Goes on if the call was refused as a conflict.
pub(super) fn ensure_conflict<T>(call: &str, result: Result<T, StoreError>) -> Result<(), Seen> {
    match result {
        Err(error) if error.kind() == StoreErrorKind::Conflict => Ok(()),
        Err(error) => Err(format!("{call} gave {:?} instead of Conflict: {}", error.kind(), chain(&error))),
        Ok(_) => Err(format!("{call} went through instead of being a Conflict")),
    }
}
