//! [`Deliveries`]: what became of attempts to send registration links, as far as this node made them.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::notices::Channel;

/// The outcomes of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeliveryEvent {
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

#[derive(Debug, Default)]
pub(crate) struct Deliveries {
    sms: [AtomicU64; DeliveryEvent::ALL.len()],
    mail: [AtomicU64; DeliveryEvent::ALL.len()],
}

impl Deliveries {
    pub(crate) fn count(&self, channel: Channel, event: DeliveryEvent) {
        if let Some(count) = self.of(channel).get(event as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Channel, event and how often.
    pub(super) fn counts(&self) -> impl Iterator<Item = (&'static str, &'static str, u64)> {
        [Channel::Sms, Channel::Mail].into_iter().flat_map(|channel| {
            let counts = self.of(channel).iter().map(|count| count.load(Ordering::Relaxed));
            DeliveryEvent::ALL
                .into_iter()
                .zip(counts)
                .map(move |(event, count)| (channel.as_str(), event.word(), count))
        })
    }

    const fn of(&self, channel: Channel) -> &[AtomicU64; DeliveryEvent::ALL.len()] {
        match channel {
            Channel::Sms => &self.sms,
            Channel::Mail => &self.mail,
        }
    }
}
