//! Measuring two things in turn, so that whatever else the machine does falls on both.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// How long one call of each takes, in nanoseconds: the median over `rounds` rounds of `calls` calls, the two taking turns.
pub(crate) fn in_turn<A, B>(
    rounds: usize,
    calls: u32,
    mut first: impl FnMut() -> A,
    mut second: impl FnMut() -> B,
) -> (f64, f64) {
    let (mut firsts, mut seconds) = (Vec::with_capacity(rounds), Vec::with_capacity(rounds));
    // One round to warm up.
    for round in 0..=rounds {
        let one = time(calls, &mut first);
        let other = time(calls, &mut second);
        if round > 0 {
            firsts.push(one);
            seconds.push(other);
        }
    }
    (median(&mut firsts), median(&mut seconds))
}

fn time<T>(calls: u32, work: &mut impl FnMut() -> T) -> f64 {
    let start = Instant::now();
    for _ in 0..calls {
        black_box(work());
    }
    start.elapsed().as_nanos() as f64 / f64::from(calls)
}

/// The middle one; zero of none.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    percentile(values, 50)
}

/// The value that so many percent do not pass; zero of none.
pub(crate) fn percentile(values: &mut [f64], percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values.get(last * percent / 100).copied().unwrap_or_default()
}

/// The same of durations, in milliseconds.
pub(crate) fn percentile_ms(durations: &[Duration], percent: usize) -> f64 {
    let mut values: Vec<_> = durations.iter().map(|duration| duration.as_secs_f64() * 1000.0).collect();
    percentile(&mut values, percent)
}
