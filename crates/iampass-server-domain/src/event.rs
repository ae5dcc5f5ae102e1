//! [`EventSender`]: the port to the endpoints that applications have for events.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use iampass_core::UnixSeconds;
use iampass_core::events::{EventKind, EventSecret};

use crate::push::PushErrorKind;

/// The longest URL of an endpoint, in bytes.
pub const LONGEST_URL: usize = 1_024;

/// The kinds of events that an endpoint wants, as the bits of a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventKinds(i64);

impl EventKinds {
    /// None.
    pub const NONE: Self = Self(0);

    /// All that there are now. A kind that is added later is not among them.
    #[must_use]
    pub fn all() -> Self {
        EventKind::ALL.iter().fold(Self::NONE, |kinds, kind| kinds.with(kind))
    }

    /// These, and one more.
    #[must_use]
    pub fn with(self, kind: &EventKind) -> Self {
        Self(self.0 | bit(kind))
    }

    /// Whether this kind is among them.
    #[must_use]
    pub fn have(self, kind: &EventKind) -> bool {
        self.0 & bit(kind) != 0
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// As they are stored.
    #[must_use]
    pub const fn column(self) -> i64 {
        self.0
    }

    /// As they were stored.
    #[must_use]
    pub const fn from_column(column: i64) -> Self {
        Self(column)
    }

    /// One by one, in the order in which they are shown.
    pub fn iter(self) -> impl Iterator<Item = &'static EventKind> {
        EventKind::ALL.iter().filter(move |kind| self.have(kind))
    }
}

/// The bit of a kind. It is stored, so the order of [`EventKind::ALL`] is only ever added to at its end.
#[must_use]
pub fn bit(kind: &EventKind) -> i64 {
    match EventKind::ALL.iter().position(|known| known == kind) {
        Some(place) if place < 63 => 1 << place,
        _ => 0,
    }
}

/// An event on its way to an endpoint.
#[derive(Clone)]
#[non_exhaustive]
pub struct OutgoingEvent {
    /// Names the event, not the attempt.
    pub id: String,
    /// The URL of the endpoint.
    pub url: String,
    /// The secrets that it is signed by: two while one is being replaced.
    pub secrets: Vec<EventSecret>,
    /// The JSON.
    pub body: String,
    /// When this attempt is made.
    pub now: UnixSeconds,
}

impl OutgoingEvent {
    /// The event of this id and body, to be sent to `url`, signed by `secrets`.
    #[must_use]
    pub fn new(id: String, url: String, secrets: Vec<EventSecret>, body: String, now: UnixSeconds) -> Self {
        Self { id, url, secrets, body, now }
    }
}

/// Users and URLs are for the two ends alone.
impl fmt::Debug for OutgoingEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingEvent").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Why an endpoint has not taken an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventFailure {
    /// The kind of reason.
    pub kind: PushErrorKind,
    /// The status of its answer. None where there was none.
    pub status: Option<u16>,
    /// How long it asks to wait.
    pub retry_after: Option<Duration>,
}

impl EventFailure {
    /// Whether the same event may be taken later: always, unless the endpoint says that it is gone for good. A receiver that is being set up
    /// refuses for a while.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        !self.is_gone()
    }

    /// Whether the endpoint has said that it wants no more events.
    #[must_use]
    pub const fn is_gone(&self) -> bool {
        matches!(self.status, Some(410))
    }
}

/// Sends events.
///
/// # Contract
/// * `Ok` gives the status of an answer from 200 to 299, and is said only after it has come.
/// * One call, one attempt, within 30 s. The same event may come again.
/// * Nothing of the event is logged, nor told in errors.
#[async_trait]
pub trait EventSender: Send + Sync + fmt::Debug {
    /// Whether events may be sent to this URL: what is wrong with it, where not.
    ///
    /// # Errors
    /// The fault of the URL, for people.
    fn check_url(&self, url: &str) -> Result<(), String>;

    /// Sends an event once; the status of the answer.
    ///
    /// # Errors
    /// [`EventFailure`] when it was not taken, or when that is not known.
    async fn send(&self, event: &OutgoingEvent) -> Result<u16, EventFailure>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_a_bit_of_its_own() {
        let mut kinds = EventKinds::NONE;
        for kind in EventKind::ALL {
            assert!(!kinds.have(kind), "{kind}");
            kinds = kinds.with(kind);
            assert_eq!(EventKinds::from_column(kinds.column()), kinds);
        }
        assert_eq!(kinds, EventKinds::all());
        assert_eq!(kinds.iter().count(), EventKind::ALL.len());
        assert_eq!(bit(&EventKind::Unknown("x".to_owned())), 0);
        // They are stored.
        assert_eq!((bit(&EventKind::UserAdded), bit(&EventKind::Test)), (1, 1 << 11));
    }

    #[test]
    fn nothing_of_an_event_is_printed() {
        let event = OutgoingEvent::new(
            "e1".into(),
            "https://a.example".into(),
            Vec::new(),
            "body".into(),
            UnixSeconds(0),
        );
        let printed = format!("{event:?}");
        assert!(!printed.contains("example") && !printed.contains("body"), "{printed}");
    }
}
