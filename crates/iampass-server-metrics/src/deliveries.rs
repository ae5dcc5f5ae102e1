//! [`Deliveries`]: what became of attempts to send registration links, as far as this node made them.

use std::sync::atomic::{AtomicU64, Ordering};

use iampass_server_domain::notice::Channel;

/// The outcomes of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryEvent {
    /// The gateway or the mail server took it.
    Sent,
    /// It did not, and there will be another attempt.
    Delayed,
    /// It did not, and there will be no other.
    Failed,
}

impl DeliveryEvent {
    const ALL: [Self; 3] = [Self::Sent, Self::Delayed, Self::Failed];

    const fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Delayed => "delayed",
            Self::Failed => "failed",
        }
    }
}

/// Counts per channel and event.
#[derive(Debug, Default)]
pub struct Deliveries([[AtomicU64; DeliveryEvent::ALL.len()]; Channel::ALL.len()]);

impl Deliveries {
    /// Counts one.
    pub fn count(&self, channel: Channel, event: DeliveryEvent) {
        let place = Channel::ALL.iter().position(|&known| known == channel);
        let counts = place.and_then(|place| self.0.get(place));
        if let Some(count) = counts.and_then(|counts| counts.get(event as usize)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Channel, event and how often.
    pub fn counts(&self) -> impl Iterator<Item = (&'static str, &'static str, u64)> {
        Channel::ALL.into_iter().zip(&self.0).flat_map(|(channel, counts)| {
            let counts = counts.iter().map(|count| count.load(Ordering::Relaxed));
            DeliveryEvent::ALL
                .into_iter()
                .zip(counts)
                .map(move |(event, count)| (channel.as_str(), event.word(), count))
        })
    }
}
