//! How a test is failed, and how it is skipped.
//!
//! Belongs here: the one place that panics. Does not belong here: what is tried before.

/// Why something cannot be had, as a sentence; with the server's own words where it said any.
pub type Failure = String;

/// The value, or a test that fails with this sentence.
#[track_caller]
pub(crate) fn needed<T>(result: Result<T, Failure>) -> T {
    match result {
        Ok(value) => value,
        Err(failure) => fail(&failure),
    }
}

/// Says how to get what is missing. With `CI=true` nothing is skipped: the test fails.
#[track_caller]
pub(crate) fn skip(how_to_get: &str) {
    if std::env::var("CI").is_ok_and(|ci| ci == "true") {
        fail(how_to_get);
    }
    eprintln!("SKIPPED: {how_to_get}");
}

#[expect(clippy::panic, reason = "this is what fails a test")]
#[track_caller]
fn fail(failure: &str) -> ! {
    panic!("{failure}")
}
