//! How many streams of events pages hold open: each is a connection. Belongs here: counting them, having the oldest give way, and ending
//! all of them when the application stops. Does not belong here: what the streams say.
//!
//! A page whose stream finds no room, or gave way, receives `poll` and the stream ends: the page polls instead, as where streams are cut
//! off. No page shows an error.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::{AbortHandle, Abortable};
use futures_util::{StreamExt as _, stream};

use crate::answer::EventStream;
use crate::events;

/// For one session, one attempt to log in, or one registration of a phone: as many as a browser keeps connections to a host over HTTP/1.1.
const PER_SUBJECT: usize = 6;

/// For one address of IPv4, or one /64 of IPv6.
const PER_ADDRESS: usize = 100;

/// On one node.
const PER_NODE: usize = 10_000;

/// The event that makes a page ask again and again.
const POLL: &str = "poll";

/// The subject of a stream: a digest of the kind of stream and of the cookie, which is one session's, one attempt's or one registration's.
pub(crate) type Subject = [u8; 16];

/// Whom a stream is counted for.
pub(crate) struct Place {
    pub(crate) subject: Option<Subject>,
    pub(crate) address: Option<IpAddr>,
}

/// The streams that are open on this node.
pub(crate) struct OpenStreams {
    most: Most,
    open: Mutex<Open>,
}

#[derive(Clone, Copy)]
struct Most {
    per_subject: usize,
    per_address: usize,
    per_node: usize,
}

#[derive(Default)]
struct Open {
    is_closed: bool,
    /// The number of the stream that was opened last.
    last: u64,
    streams: BTreeMap<u64, AbortHandle>,
    by_subject: HashMap<Subject, VecDeque<u64>>,
    by_address: HashMap<IpAddr, usize>,
}

impl OpenStreams {
    pub(crate) fn new() -> Arc<Self> {
        Self::with(Most { per_subject: PER_SUBJECT, per_address: PER_ADDRESS, per_node: PER_NODE })
    }

    fn with(most: Most) -> Arc<Self> {
        Arc::new(Self { most, open: Mutex::default() })
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same events, counted. Where there is no room for them it says `poll` and ends.
    pub(crate) fn hold(self: &Arc<Self>, place: &Place, events: EventStream) -> EventStream {
        let Some((counted, registration)) = self.take(place) else { return poll() };
        let held = Abortable::new(events, registration);
        let told = stream::unfold(Some((held, counted)), |state| async move {
            let (mut held, counted) = state?;
            match held.next().await {
                Some(event) => Some((event, Some((held, counted)))),
                None if held.is_aborted() => Some((events::event(POLL), None)),
                None => None,
            }
        });
        told.boxed()
    }

    fn take(self: &Arc<Self>, place: &Place) -> Option<(Counted, futures_util::future::AbortRegistration)> {
        let address = place.address.map(network);
        let mut open = self.open();
        if open.is_closed || open.streams.len() >= self.most.per_node {
            return None;
        }
        let of_address = address.and_then(|address| open.by_address.get(&address).copied());
        let of_subject = place.subject.and_then(|subject| open.by_subject.get(&subject));
        let oldest = of_subject
            .filter(|streams| streams.len() >= self.most.per_subject)
            .and_then(|streams| streams.front().copied());
        // One that gives way makes room for its address as well, as soon as it has ended: a browser that reads nothing holds it open.
        let ending = if oldest.is_some() { self.most.per_subject } else { 0 };
        if of_address.unwrap_or_default() >= self.most.per_address + ending {
            return None;
        }
        if let Some(oldest) = oldest
            && let Some(handle) = open.streams.get(&oldest)
        {
            handle.abort();
            // It is counted until it is dropped, but gives way only once.
            if let Some(streams) = place.subject.and_then(|subject| open.by_subject.get_mut(&subject)) {
                streams.pop_front();
            }
        }
        open.last += 1;
        let (number, (handle, registration)) = (open.last, AbortHandle::new_pair());
        open.streams.insert(number, handle);
        if let Some(subject) = place.subject {
            open.by_subject.entry(subject).or_default().push_back(number);
        }
        if let Some(address) = address {
            *open.by_address.entry(address).or_default() += 1;
        }
        let counted = Counted { streams: Arc::clone(self), number, subject: place.subject, address };
        Some((counted, registration))
    }

    /// Ends all of them. Those that are opened later end at once.
    pub(crate) fn close(&self) {
        let mut open = self.open();
        open.is_closed = true;
        for handle in open.streams.values() {
            handle.abort();
        }
    }
}

/// A stream that is counted until it is dropped.
struct Counted {
    streams: Arc<OpenStreams>,
    number: u64,
    subject: Option<Subject>,
    address: Option<IpAddr>,
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut open = self.streams.open();
        open.streams.remove(&self.number);
        if let Some(subject) = self.subject
            && let Some(streams) = open.by_subject.get_mut(&subject)
        {
            streams.retain(|number| *number != self.number);
            if streams.is_empty() {
                open.by_subject.remove(&subject);
            }
        }
        if let Some(address) = self.address
            && let Some(count) = open.by_address.get_mut(&address)
        {
            *count = count.saturating_sub(1);
            if *count == 0 {
                open.by_address.remove(&address);
            }
        }
    }
}

fn poll() -> EventStream {
    stream::once(async { events::event(POLL) }).boxed()
}

/// The holder of an IPv6 address has the whole /64.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::from(u64::MAX) << 64)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: Most = Most { per_subject: 2, per_address: 3, per_node: 5 };

    fn place(subject: u8, address: &str) -> Place {
        Place { subject: Some([subject; 16]), address: Some(address.parse().unwrap()) }
    }

    /// A stream that says one thing and then nothing for ever.
    fn endless() -> EventStream {
        stream::once(async { events::event("first") }).chain(stream::pending()).boxed()
    }

    async fn is_open(stream: &mut EventStream) -> bool {
        futures_util::poll!(stream.next()).is_pending()
    }

    async fn opened(streams: &Arc<OpenStreams>, place: &Place) -> EventStream {
        let mut stream = streams.hold(place, endless());
        assert_eq!(stream.next().await, Some(events::event("first")));
        stream
    }

    async fn expect_poll(mut stream: EventStream) {
        assert_eq!(stream.next().await, Some(events::event(POLL)));
        assert_eq!(stream.next().await, None);
    }

    #[tokio::test]
    async fn the_oldest_of_one_session_gives_way() {
        let streams = OpenStreams::with(MOST);
        let first = opened(&streams, &place(1, "192.0.2.1")).await;
        let mut second = opened(&streams, &place(1, "192.0.2.1")).await;
        let mut third = opened(&streams, &place(1, "192.0.2.1")).await;
        assert!(is_open(&mut second).await && is_open(&mut third).await);
        expect_poll(first).await;
        drop(second);
        let mut fourth = opened(&streams, &place(1, "192.0.2.1")).await;
        assert!(is_open(&mut third).await && is_open(&mut fourth).await, "there was room");
    }

    #[tokio::test]
    async fn an_address_and_a_node_have_so_many_and_no_more() {
        let streams = OpenStreams::with(MOST);
        let mut held = Vec::new();
        for subject in 0..3 {
            held.push(opened(&streams, &place(subject, "2001:db8::1")).await);
        }
        expect_poll(streams.hold(&place(3, "2001:db8::2"), endless())).await;
        for subject in 4..6 {
            held.push(opened(&streams, &place(subject, "192.0.2.7")).await);
        }
        expect_poll(streams.hold(&place(6, "192.0.2.8"), endless())).await;
        for stream in &mut held {
            assert!(is_open(stream).await, "the others are not disturbed");
        }
        held.clear();
        let open = streams.open();
        assert!(open.streams.is_empty() && open.by_subject.is_empty() && open.by_address.is_empty());
    }

    #[tokio::test]
    async fn one_whose_address_is_not_known_is_counted_all_the_same() {
        let streams = OpenStreams::with(MOST);
        let nobody = Place { subject: None, address: None };
        let mut held = Vec::new();
        for _ in 0..5 {
            held.push(opened(&streams, &nobody).await);
        }
        expect_poll(streams.hold(&nobody, endless())).await;
    }

    /// A browser that reads nothing keeps streams open that have given way.
    #[tokio::test]
    async fn streams_that_nobody_reads_count_until_they_are_gone() {
        let streams = OpenStreams::with(MOST);
        let unread: Vec<_> = (0..20).map(|_| streams.hold(&place(1, "192.0.2.1"), endless())).collect();
        assert!(streams.open().streams.len() <= MOST.per_address + MOST.per_subject);
        drop(unread);
        assert!(streams.open().streams.is_empty());
    }

    #[tokio::test]
    async fn all_end_when_the_application_stops() {
        let streams = OpenStreams::with(MOST);
        let stream = opened(&streams, &place(1, "192.0.2.1")).await;
        streams.close();
        expect_poll(stream).await;
        expect_poll(streams.hold(&place(2, "192.0.2.2"), endless())).await;
    }

    #[tokio::test]
    async fn a_stream_that_ends_by_itself_says_no_more() {
        let streams = OpenStreams::with(MOST);
        let mut stream = streams.hold(&place(1, "192.0.2.1"), events::moved_now());
        let mut last = None;
        while let Some(event) = stream.next().await {
            last = Some(event);
        }
        assert_eq!(last, Some(events::event("moved")));
        assert!(streams.open().streams.is_empty());
    }
}
