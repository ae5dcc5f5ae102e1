//! The instants of answers. Belongs here: the instants at which an answer may be given, so that the duration of the work does not show.
//! Does not belong here: the answers.

use std::time::Duration;

use tokio::time::Instant;

/// The shortest step.
const SHORTEST: Duration = Duration::from_millis(1);

/// The first instant after `now` that is a multiple of `step` away from `begun`.
pub(crate) fn next_step(begun: Instant, step: Duration, now: Instant) -> Instant {
    let step = step.max(SHORTEST);
    let steps = now.saturating_duration_since(begun).as_micros() / step.as_micros();
    begun + step.saturating_mul(u32::try_from(steps).unwrap_or(u32::MAX - 1) + 1)
}

/// Waits until then.
pub(crate) async fn hold(begun: Instant, step: Duration) {
    tokio::time::sleep_until(next_step(begun, step, Instant::now())).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_takes_less_than_a_step_is_told_at_one_instant() {
        let (begun, step) = (Instant::now(), Duration::from_millis(250));
        let after = |millis| begun + Duration::from_millis(millis);
        for (took, told) in [(0, 250), (1, 250), (249, 250), (250, 500), (499, 500), (1_001, 1_250)] {
            assert_eq!(next_step(begun, step, after(took)), after(told), "{took}");
        }
        // A question that is not to be put before an instant that is yet to come.
        assert_eq!(next_step(after(3_000), step, begun), after(3_250));
        assert_eq!(next_step(begun, Duration::ZERO, after(7)), after(8));
    }
}
