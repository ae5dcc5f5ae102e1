//! [`ForgottenTimes`]: the times of which nonces have been forgotten. A request that was signed then cannot be told from a replay.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::UnixSeconds;

/// More steps of a clock than a process sees. Beyond them, the two oldest are taken for one.
const MOST: usize = 16;

/// Times of which nonces have been forgotten.
///
/// They are spans, in order and apart from each other by more than the window. There is one where the clock runs, and another one for each
/// step that was wider than the window. A store that deletes nonces keeps them as text, so that they outlive the process:
///
/// ```
/// use iampass_core::UnixSeconds;
/// use iampass_core::signing::{DEFAULT_WINDOW, ForgottenTimes};
///
/// let mut forgotten = ForgottenTimes::before(UnixSeconds(1_000));
/// forgotten.add(UnixSeconds(9_000), UnixSeconds(9_010), DEFAULT_WINDOW);
/// assert_eq!(forgotten.to_string(), "0-999 9000-9010");
/// assert_eq!(forgotten.to_string().parse(), Ok(forgotten));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForgottenTimes(Vec<Span>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    first: UnixSeconds,
    last: UnixSeconds,
}

/// The text is none that [`ForgottenTimes`] are written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these are no forgotten times")]
#[non_exhaustive]
pub struct InvalidForgottenTimes;

impl ForgottenTimes {
    /// Everything before a time.
    #[must_use]
    pub fn before(time: UnixSeconds) -> Self {
        let last = time.0.checked_sub(1);
        Self(last.map(|last| Span { first: UnixSeconds(0), last: UnixSeconds(last) }).into_iter().collect())
    }

    /// Adds the times from `first` to `last`. Times between two spans that are not further apart than the window are taken as forgotten too.
    pub fn add(&mut self, first: UnixSeconds, last: UnixSeconds, window: Duration) {
        let place = self.0.partition_point(|span| span.first <= first);
        self.0.insert(place, Span { first, last: last.max(first) });
        self.0.dedup_by(|later, earlier| {
            let is_near = later.first.since(earlier.last) <= window;
            if is_near {
                earlier.last = earlier.last.max(later.last);
            }
            is_near
        });
        if self.0.len() > MOST
            && let [first, second, ..] = &mut *self.0
        {
            second.first = first.first;
            self.0.remove(0);
        }
    }

    /// Whether nonces of this time have been forgotten.
    #[must_use]
    pub fn contains(&self, time: UnixSeconds) -> bool {
        self.until(time).is_some()
    }

    /// The last of the forgotten times around this one. None if this one is not forgotten.
    #[must_use]
    pub fn until(&self, time: UnixSeconds) -> Option<UnixSeconds> {
        self.0.iter().find(|span| span.first <= time && time <= span.last).map(|span| span.last)
    }

    /// All times of both. Times between two spans that are not further apart than the window are taken as forgotten too.
    pub fn extend(&mut self, other: &Self, window: Duration) {
        for span in &other.0 {
            self.add(span.first, span.last, window);
        }
    }
}

impl fmt::Display for ForgottenTimes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, Span { first, last }) in self.0.iter().enumerate() {
            let space = if number == 0 { "" } else { " " };
            write!(f, "{space}{}-{}", first.0, last.0)?;
        }
        Ok(())
    }
}

impl FromStr for ForgottenTimes {
    type Err = InvalidForgottenTimes;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let span = |text: &str| {
            let (first, last) = text.split_once('-')?;
            let (first, last) = (UnixSeconds(first.parse().ok()?), UnixSeconds(last.parse().ok()?));
            (first <= last).then_some(Span { first, last })
        };
        let spans: Option<Vec<Span>> = text.split_whitespace().map(span).collect();
        let spans = spans.ok_or(InvalidForgottenTimes)?;
        let are_in_order = spans.is_sorted_by(|earlier, later| earlier.last < later.first);
        if are_in_order { Ok(Self(spans)) } else { Err(InvalidForgottenTimes) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_secs(300);

    #[test]
    fn what_is_near_becomes_one_span_and_a_step_another() {
        let mut forgotten = ForgottenTimes::default();
        for time in [1_000, 1_300, 5_000, 1_200, 5_001] {
            forgotten.add(UnixSeconds(time), UnixSeconds(time), WINDOW);
        }
        let span = |first, last| Span { first: UnixSeconds(first), last: UnixSeconds(last) };
        assert_eq!(forgotten.0, [span(1_000, 1_300), span(5_000, 5_001)]);
        assert!(!forgotten.contains(UnixSeconds(999)) && forgotten.contains(UnixSeconds(1_100)));
        assert!(!forgotten.contains(UnixSeconds(1_301)) && forgotten.contains(UnixSeconds(5_001)));
        forgotten.add(UnixSeconds(1_600), UnixSeconds(1_600), WINDOW);
        assert_eq!(forgotten.0, [span(1_000, 1_600), span(5_000, 5_001)]);
    }

    #[test]
    fn steps_without_end_take_no_room_without_end() {
        let mut forgotten = ForgottenTimes::default();
        for step in 0..100 {
            forgotten.add(UnixSeconds(step * 1_000), UnixSeconds(step * 1_000), WINDOW);
        }
        assert_eq!(forgotten.0.len(), MOST);
        assert!((0..100).all(|step| forgotten.contains(UnixSeconds(step * 1_000))));
        assert!(forgotten.contains(UnixSeconds(500)), "the oldest are one");
        assert!(!forgotten.contains(UnixSeconds(98_500)));
    }

    #[test]
    fn the_text_is_read_as_it_is_written() {
        let read = |text: &str| text.parse::<ForgottenTimes>();
        assert_eq!(read(""), Ok(ForgottenTimes::default()));
        for text in ["0-999", "0-999 5000-5000 7000-7010"] {
            assert_eq!(read(text).unwrap().to_string(), text);
        }
        for text in ["1", "2-1", "0-9 5-12", "20-30 0-9", "a-b", "-1-2", "1-"] {
            assert_eq!(read(text), Err(InvalidForgottenTimes), "{text}");
        }
    }

    #[test]
    fn the_end_of_what_is_forgotten_around_a_time_is_known() {
        let forgotten: ForgottenTimes = "0-999 5000-5010".parse().unwrap();
        let until = |time| forgotten.until(UnixSeconds(time));
        assert_eq!(
            [until(0), until(999), until(5_003)],
            [999, 999, 5_010].map(|last| Some(UnixSeconds(last)))
        );
        assert_eq!([until(1_000), until(4_999), until(5_011)], [None; 3]);
    }
}
