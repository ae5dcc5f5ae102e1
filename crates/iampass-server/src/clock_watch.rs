//! [`ClockWatch`]: whether the wall clock of the machine goes as its monotonic clock does.
//!
//! Signatures and deadlines are judged by the wall clock. A wall clock that is set wrong refuses every signed call, so the step is told in the
//! log and by `/readyz`. A step ahead alone is no fault: a machine that was suspended sees one, and what ended meanwhile has ended.
//!
//! Belongs here: what a step is, and when it is over. Does not belong here: what is refused because of it ([`iampass_core::signing`]).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use iampass_core::port::Clock;
use iampass_core::{Monotonic, Now};

/// A smaller difference between two looks is no step: the clock is being drawn to the right time.
const DRAWN: i64 = 5_000;

/// The comparison of this machine's clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClockFinding {
    /// They go alike.
    Agree,
    /// The wall clock has gone ahead by more than the window of signatures: the machine was suspended, or its clock was set.
    SteppedAhead,
    /// The wall clock has gone back by more than the window of signatures.
    SetBack,
}

/// Looks at both clocks, and remembers how they were.
pub(crate) struct ClockWatch {
    clock: Arc<dyn Clock>,
    /// The window of signatures.
    window: Duration,
    steps: Steps,
}

impl ClockWatch {
    /// Looks for the first time.
    pub(crate) fn begin(clock: Arc<dyn Clock>, window: Duration) -> Self {
        let watch = Self { clock, window, steps: Steps::default() };
        watch.look();
        watch
    }

    /// Whether the clocks of the machine go alike. A step is told in the log the first time that it is seen.
    pub(crate) fn look(&self) -> ClockFinding {
        self.steps.look(self.clock.now(), self.window)
    }

    /// By how much the wall clock is ahead of what is held to be right: nonces are kept longer by that, as if there had been no step.
    pub(crate) fn ahead(&self) -> Duration {
        self.steps.ahead(self.clock.now())
    }
}

/// The steps that were seen.
#[derive(Debug, Default)]
struct Steps {
    seen: Mutex<Option<Seen>>,
}

/// Differences are the wall clock's time less the monotonic clock's, in milliseconds.
#[derive(Clone, Copy, Debug)]
struct Seen {
    /// The difference that is held to be right.
    right: i64,
    last: i64,
    /// Since when the last difference has been another one, by more than the window.
    apart_since: Option<Monotonic>,
}

impl Steps {
    /// Looks at the clocks. A difference that stays for two windows is held to be right from then on: by then nothing is in use any more that
    /// was signed before the step.
    fn look(&self, now: Now, window: Duration) -> ClockFinding {
        let difference = difference(now);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = seen.get_or_insert(Seen { right: difference, last: difference, apart_since: None });
        let step = difference.saturating_sub(seen.last);
        seen.last = difference;
        if step.abs() <= DRAWN {
            seen.right = seen.right.saturating_add(step);
        } else {
            tell(step);
        }
        let apart = difference.saturating_sub(seen.right);
        if Duration::from_millis(apart.unsigned_abs()) <= window {
            if seen.apart_since.take().is_some() {
                tracing::info!(
                    "the step of the clock was taken back: signed calls are accepted as before it"
                );
            }
            return ClockFinding::Agree;
        }
        let since = *seen.apart_since.get_or_insert(now.mono);
        if now.mono.since(since) >= window * 2 {
            *seen = Seen { right: difference, last: difference, apart_since: None };
            return ClockFinding::Agree;
        }
        if apart > 0 { ClockFinding::SteppedAhead } else { ClockFinding::SetBack }
    }

    fn ahead(&self, now: Now) -> Duration {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let ahead = seen.map_or(0, |seen| difference(now).saturating_sub(seen.right));
        Duration::from_millis(u64::try_from(ahead).unwrap_or_default())
    }
}

fn difference(now: Now) -> i64 {
    let mono = i64::try_from(now.mono.since(Monotonic::ORIGIN).as_millis()).unwrap_or(i64::MAX);
    i64::try_from(now.unix_millis().0).unwrap_or(i64::MAX).saturating_sub(mono)
}

fn tell(step: i64) {
    let seconds = step.unsigned_abs() / 1_000;
    if step > 0 {
        tracing::warn!(
            seconds,
            "the clock of this machine has gone ahead. If the machine was suspended, nothing need be done; if not, check its time synchronisation: a wrong clock refuses every signed call"
        );
    } else {
        tracing::warn!(
            seconds,
            "the clock of this machine was set back: check its time synchronisation. A wrong clock refuses every signed call, and calls of a time that was there before are refused until it is past"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_secs(300);

    fn at(mono: u64, wall: u64) -> Now {
        Now::new(Duration::from_secs(mono), wall)
    }

    #[test]
    fn a_step_ahead_is_told_until_it_is_taken_back_or_stays() {
        let watch = Steps::default();
        assert_eq!(watch.look(at(0, 1_000_000), WINDOW), ClockFinding::Agree);
        assert_eq!(watch.look(at(60, 1_003_660), WINDOW), ClockFinding::SteppedAhead);
        assert_eq!(watch.ahead(at(60, 1_003_660)), Duration::from_secs(3_600));
        assert_eq!(watch.look(at(70, 1_000_070), WINDOW), ClockFinding::Agree);
        assert_eq!(watch.ahead(at(70, 1_000_070)), Duration::ZERO);
        assert_eq!(watch.look(at(100, 1_003_700), WINDOW), ClockFinding::SteppedAhead);
        assert_eq!(watch.look(at(699, 1_004_299), WINDOW), ClockFinding::SteppedAhead);
        assert_eq!(watch.look(at(700, 1_004_300), WINDOW), ClockFinding::Agree, "it stays");
        assert_eq!(watch.ahead(at(700, 1_004_300)), Duration::ZERO);
        assert_eq!(watch.look(at(701, 1_000_701), WINDOW), ClockFinding::SetBack);
        assert_eq!(watch.ahead(at(701, 1_000_701)), Duration::ZERO);
    }

    #[test]
    fn a_clock_that_is_drawn_to_the_right_time_makes_no_step() {
        let watch = Steps::default();
        for minute in 0..1_000 {
            // Three seconds a minute.
            assert_eq!(watch.look(at(minute * 60, 1_000_000 + minute * 63), WINDOW), ClockFinding::Agree);
        }
    }
}
