//! [`Histogram`]: how often a measure was how large, counted without a lock.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::encoding::{MetricEncoder, NoLabelSet};

/// The bounds of a histogram, in a small unit that is a whole number, and how many of it make one of what is shown.
#[derive(Debug)]
pub struct Scale {
    /// The upper bounds of the buckets, in the small unit.
    pub bounds: &'static [u64],
    /// How many of the small unit make one of what is shown.
    pub per_one: f64,
}

/// From a call that is answered from memory to a phone that waits for a question: microseconds, shown in seconds.
pub(crate) static DURATIONS: Scale = Scale {
    bounds: &[
        50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
        2_500_000, 10_000_000, 30_000_000,
    ],
    per_one: 1e6,
};

/// Counts per bucket.
#[derive(Debug)]
pub struct Histogram {
    scale: &'static Scale,
    /// One for each bound and one for what is above.
    buckets: Box<[AtomicU64]>,
    sum: AtomicU64,
}

impl Histogram {
    /// Without any measure yet.
    #[must_use]
    pub fn new(scale: &'static Scale) -> Self {
        let buckets = (0..=scale.bounds.len()).map(|_| AtomicU64::new(0)).collect();
        Self { scale, buckets, sum: AtomicU64::new(0) }
    }

    /// Counts a measure, in the small unit.
    pub fn observe(&self, value: u64) {
        let bounds = self.scale.bounds;
        let place = bounds.iter().position(|&bound| value <= bound).unwrap_or(bounds.len());
        if let Some(bucket) = self.buckets.get(place) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        self.sum.fetch_add(value, Ordering::Relaxed);
    }

    /// Writes it in the text format of Prometheus.
    ///
    /// # Errors
    /// [`fmt::Error`] when the writer fails.
    pub fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        let bounds = self.scale.bounds.iter().map(|&bound| bound as f64 / self.scale.per_one);
        let counts = self.buckets.iter().map(|bucket| bucket.load(Ordering::Relaxed));
        let buckets: Vec<(f64, u64)> = bounds.chain([f64::INFINITY]).zip(counts).collect();
        let count = buckets.iter().map(|(_, count)| count).sum();
        let sum = self.sum.load(Ordering::Relaxed) as f64 / self.scale.per_one;
        encoder.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)
    }
}
