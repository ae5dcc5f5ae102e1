//! The times of which nonces have been forgotten: a request signed then cannot be told from a replay.

use std::time::Duration;

use crate::UnixSeconds;

/// More steps of a clock than a process sees. Beyond them, the two oldest are taken for one.
const MOST: usize = 16;

/// Spans of time, in order and apart from each other by more than the window. There is one where the clock runs, and another one for each
/// step that was wider than the window.
#[derive(Debug, Default)]
pub(super) struct Forgotten(Vec<Span>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    first: UnixSeconds,
    last: UnixSeconds,
}

impl Forgotten {
    /// Everything before a time.
    pub(super) fn before(time: UnixSeconds) -> Self {
        let last = time.0.checked_sub(1);
        Self(last.map(|last| Span { first: UnixSeconds(0), last: UnixSeconds(last) }).into_iter().collect())
    }

    /// Adds a time. The span between two that are not further apart than the window counts as forgotten too.
    pub(super) fn add(&mut self, time: UnixSeconds, window: Duration) {
        let place = self.0.partition_point(|span| span.first <= time);
        self.0.insert(place, Span { first: time, last: time });
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

    pub(super) fn contains(&self, time: UnixSeconds) -> bool {
        self.0.iter().any(|span| span.first <= time && time <= span.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_secs(300);

    #[test]
    fn what_is_near_becomes_one_span_and_a_step_another() {
        let mut forgotten = Forgotten::default();
        for time in [1_000, 1_300, 5_000, 1_200, 5_001] {
            forgotten.add(UnixSeconds(time), WINDOW);
        }
        let span = |first, last| Span { first: UnixSeconds(first), last: UnixSeconds(last) };
        assert_eq!(forgotten.0, [span(1_000, 1_300), span(5_000, 5_001)]);
        assert!(!forgotten.contains(UnixSeconds(999)) && forgotten.contains(UnixSeconds(1_100)));
        assert!(!forgotten.contains(UnixSeconds(1_301)) && forgotten.contains(UnixSeconds(5_001)));
        forgotten.add(UnixSeconds(1_600), WINDOW);
        assert_eq!(forgotten.0, [span(1_000, 1_600), span(5_000, 5_001)]);
    }

    #[test]
    fn steps_without_end_take_no_room_without_end() {
        let mut forgotten = Forgotten::default();
        for step in 0..100 {
            forgotten.add(UnixSeconds(step * 1_000), WINDOW);
        }
        assert_eq!(forgotten.0.len(), MOST);
        assert!((0..100).all(|step| forgotten.contains(UnixSeconds(step * 1_000))));
        assert!(forgotten.contains(UnixSeconds(500)), "the oldest are one");
        assert!(!forgotten.contains(UnixSeconds(98_500)));
    }
}
