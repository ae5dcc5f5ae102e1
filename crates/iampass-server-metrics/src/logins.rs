//! [`Logins`]: what became of the questions that were put to phones, as far as this node was the one to write it down. Those that
//! nobody answered are counted where time is looked after, in the store.

use std::sync::atomic::{AtomicU64, Ordering};

/// The events of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginEvent {
    /// The question was put.
    Started,
    /// The phone said yes.
    Accepted,
    /// The phone said no.
    Declined,
    /// The phone said yes without what was asked for.
    Failed,
}

impl LoginEvent {
    const ALL: [Self; 4] = [Self::Started, Self::Accepted, Self::Declined, Self::Failed];

    const fn word(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Failed => "failed",
        }
    }
}

/// Counts per event.
#[derive(Debug, Default)]
pub struct Logins {
    counts: [AtomicU64; LoginEvent::ALL.len()],
}

impl Logins {
    /// Counts one.
    pub fn count(&self, event: LoginEvent) {
        if let Some(count) = self.counts.get(event as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Event and how often.
    pub fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let counts = self.counts.iter().map(|count| count.load(Ordering::Relaxed));
        LoginEvent::ALL.into_iter().map(LoginEvent::word).zip(counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_event_has_its_own_count() {
        let logins = Logins::default();
        for (times, event) in (1..).zip(LoginEvent::ALL) {
            (0..times).for_each(|_| logins.count(event));
        }
        let counts: Vec<_> = logins.counts().collect();
        assert_eq!(counts, [("started", 1), ("accepted", 2), ("declined", 3), ("failed", 4)]);
    }
}
