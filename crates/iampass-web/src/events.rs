//! Server-Sent Events: how they are written. Belongs here: the format, and the signs of life that keep a connection open.

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt as _};
use tokio::time::Instant;

use crate::answer::EventStream;

/// How often a connection shows that it is alive. Proxies close those that do not for about a minute, and a page that hears nothing for
/// somewhat longer than this asks by itself (`assets/script/follower.js`).
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);

/// The same on the page that waits for a phone. Its script takes away what it says about the phone when it hears nothing for a few of them.
const SIGN_WHILE_WAITING: Duration = Duration::from_secs(3);

/// The name of the sign. It is an event, and no comment, so that the page's script hears it: only what arrives shows that nothing on the
/// way keeps events back.
const ALIVE: &str = "alive";

/// An event of this name.
pub(crate) fn event(name: &str) -> Bytes {
    event_with(name, name)
}

/// An event of this name, with a word to it.
pub(crate) fn event_with(name: &str, word: &str) -> Bytes {
    format!("event: {name}\ndata: {word}\n\n").into()
}

/// `moved` at once.
pub(crate) fn moved_now() -> EventStream {
    moved_when(stream::once(async {}).boxed())
}

/// `moved` when `moves` first says something or ends, and then no more.
pub(crate) fn moved_when<T: Send + 'static>(mut moves: BoxStream<'static, T>) -> EventStream {
    let moved = stream::once(async move {
        let _ = moves.next().await;
        event("moved")
    });
    alive(moved.boxed())
}

/// With signs of life in between; ends when `events` does.
pub(crate) fn alive(events: impl Stream<Item = Bytes> + Send + Unpin + 'static) -> EventStream {
    alive_for(ALIVE, events)
}

/// The same on the page that waits for a phone. Each sign of life says how old the stream is, in milliseconds: an event that was under way for
/// long does not count for more than it is worth.
pub(crate) fn alive_while_waiting(events: impl Stream<Item = Bytes> + Send + Unpin + 'static) -> EventStream {
    let opened = Instant::now();
    with_signs(
        SIGN_WHILE_WAITING,
        move || event_with(ALIVE, &opened.elapsed().as_millis().to_string()),
        events,
    )
}

/// The same, and each sign of life says whose events these are.
pub(crate) fn alive_for(
    subject: &str,
    events: impl Stream<Item = Bytes> + Send + Unpin + 'static,
) -> EventStream {
    let sign = event_with(ALIVE, subject);
    with_signs(SIGN_OF_LIFE, move || sign.clone(), events)
}

fn with_signs(
    each: Duration,
    sign: impl Fn() -> Bytes + Send + 'static,
    events: impl Stream<Item = Bytes> + Send + Unpin + 'static,
) -> EventStream {
    let opened = stream::iter([sign()]);
    let rest = stream::unfold((events, sign), move |(mut events, sign)| async move {
        match tokio::time::timeout(each, events.next()).await {
            Ok(event) => Some((event?, (events, sign))),
            Err(_) => Some((sign(), (events, sign))),
        }
    });
    opened.chain(rest).boxed()
}
