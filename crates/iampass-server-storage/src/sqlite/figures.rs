//! [`WriterFigures`]: what the writer counts about itself.

use std::sync::atomic::{AtomicU64, Ordering};

use iampass_server_metrics::{Histogram, Scale};

/// Changes that shared a commit.
static CHANGES: Scale = Scale { bounds: &[0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512], per_one: 1.0 };

/// The counters of the one writer of a data file.
#[derive(Debug)]
pub struct WriterFigures {
    commits: AtomicU64,
    /// Changes that stand in the queue, or are being made.
    waiting: AtomicU64,
    batches: Histogram,
}

impl WriterFigures {
    pub(super) fn new() -> Self {
        Self { commits: AtomicU64::new(0), waiting: AtomicU64::new(0), batches: Histogram::new(&CHANGES) }
    }

    pub(super) fn queued(&self) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn left_the_queue(&self, changes: usize) {
        self.waiting.fetch_sub(changes as u64, Ordering::Relaxed);
    }

    pub(super) fn committed(&self, changes: usize) {
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.batches.observe(changes as u64);
    }

    pub(crate) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Changes that stand in the queue, or are being made.
    pub fn waiting(&self) -> u64 {
        self.waiting.load(Ordering::Relaxed)
    }

    /// How many changes each commit had; those without any only stored nonces.
    pub fn batches(&self) -> &Histogram {
        &self.batches
    }
}
