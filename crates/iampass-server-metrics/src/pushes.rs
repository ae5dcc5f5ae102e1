//! [`Pushes`]: what became of pushes to phones, as far as this node sent them.

use std::sync::atomic::{AtomicU64, Ordering};

use iampass_server_domain::push::PushService;

/// The outcome of a push or of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushEvent {
    /// The push service took it.
    Sent,
    /// It did not, and there will be another attempt.
    Delayed,
    /// It did not, and there will be no other.
    Failed,
    /// The phone has left this subscription.
    Gone,
    /// Its time was over before it was taken.
    Late,
    /// It was of no use any more before it was taken.
    Withdrawn,
}

impl PushEvent {
    const ALL: [Self; 6] = [Self::Sent, Self::Delayed, Self::Failed, Self::Gone, Self::Late, Self::Withdrawn];

    const fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Delayed => "delayed",
            Self::Failed => "failed",
            Self::Gone => "gone",
            Self::Late => "late",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// Counts per push service and event, and how many wait.
#[derive(Debug, Default)]
pub struct Pushes {
    counts: [[AtomicU64; PushEvent::ALL.len()]; PushService::ALL.len()],
    waiting: AtomicU64,
}

impl Pushes {
    /// Counts one.
    pub fn count(&self, service: PushService, event: PushEvent) {
        let counts = self.counts.get(service as usize);
        if let Some(count) = counts.and_then(|counts| counts.get(event as usize)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Notes how many wait or are on their way.
    pub fn set_waiting(&self, waiting: u64) {
        self.waiting.store(waiting, Ordering::Relaxed);
    }

    /// How many wait or are on their way.
    pub fn waiting(&self) -> u64 {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Service, event and how often.
    pub fn counts(&self) -> impl Iterator<Item = (&'static str, &'static str, u64)> {
        PushService::ALL.into_iter().zip(&self.counts).flat_map(|(service, counts)| {
            PushEvent::ALL
                .into_iter()
                .zip(counts)
                .map(move |(event, count)| (service.as_str(), event.word(), count.load(Ordering::Relaxed)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_event_of_each_service_has_a_count_of_its_own() {
        let pushes = Pushes::default();
        pushes.count(PushService::Webhook, PushEvent::Withdrawn);
        pushes.count(PushService::Web, PushEvent::Sent);
        pushes.count(PushService::Web, PushEvent::Sent);
        let counted: Vec<_> = pushes.counts().filter(|(.., count)| *count > 0).collect();
        assert_eq!(counted, [("web", "sent", 2), ("webhook", "withdrawn", 1)]);
        assert_eq!(pushes.counts().count(), 24);
    }
}
