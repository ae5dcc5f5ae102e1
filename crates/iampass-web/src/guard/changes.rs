//! Presence as a stream, for what lasts longer than a request: WebSockets, event streams, downloads. Belongs here: what such a stream says
//! and when a stream that is only for users ends. Does not belong here: how presence is found out.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream, TakeUntil};
use futures_util::{FutureExt as _, StreamExt as _};
use pin_project_lite::pin_project;
use tokio::sync::watch;
use tokio::time::Instant;

use super::live::{Listener, LiveSession};
use super::presence::Presence;

/// How often it is looked, if nothing was heard: what was known may be too old by then.
const LOOK: Duration = Duration::from_millis(150);

/// For how long nothing may be known before that is said: a question that is under way is awaited. With a look this is less than a second
/// beyond the freshness bound.
const GRACE: Duration = Duration::from_millis(750);

/// The presence of one session's user: what is known now, and each change. It ends after [`Presence::Ended`], and when the application
/// stops ([`crate::LoginWeb::shutdown`]).
///
/// * [`Presence::Present`] is no older than the freshness bound.
/// * [`Presence::Away`]: the user walked away, and may come back.
/// * [`Presence::Unknown`]: nothing was heard for the freshness bound and a second.
#[must_use = "a stream does nothing unless it is polled"]
pub struct PresenceChanges(BoxStream<'static, Presence>);

impl Stream for PresenceChanges {
    type Item = Presence;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Presence>> {
        self.0.poll_next_unpin(context)
    }
}

impl std::fmt::Debug for PresenceChanges {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PresenceChanges")
    }
}

pin_project! {
    /// A stream that is only for somebody who is logged in: see [`LiveSession::while_present`].
    #[must_use = "a stream does nothing unless it is polled"]
    pub struct WhilePresent<S: Stream> {
        #[pin]
        stream: TakeUntil<S, BoxFuture<'static, ()>>,
    }
}

impl<S: Stream> Stream for WhilePresent<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        self.project().stream.poll_next(context)
    }
}

impl<S: Stream> std::fmt::Debug for WhilePresent<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WhilePresent")
    }
}

impl LiveSession {
    /// The user's presence, now and whenever it changes. While somebody listens the service is asked once in each freshness period, as for
    /// requests.
    pub fn presence(self: &Arc<Self>) -> PresenceChanges {
        let listener = Listener::new(Arc::clone(self));
        let following = Following { heard: listener.0.heard(), listener, told: None, unknown_since: None };
        let changes = stream::unfold(following, |mut following| async move {
            let presence = following.next().await?;
            Some((presence, following))
        });
        PresenceChanges(changes.boxed())
    }

    /// `stream`, for as long as the user is present: it ends when the session ends, when the user walks away, and when nothing has been
    /// known for the freshness bound and a second. It ends as well when the application stops ([`crate::LoginWeb::shutdown`]).
    ///
    /// An answer that is cut in the middle looks whole to a browser unless it has a `Content-Length`.
    pub fn while_present<S: Stream>(self: &Arc<Self>, stream: S) -> WhilePresent<S> {
        let mut changes = self.presence();
        let gone = async move { while changes.next().await == Some(Presence::Present) {} };
        WhilePresent { stream: stream.take_until(gone.boxed()) }
    }
}

struct Following {
    listener: Listener,
    heard: watch::Receiver<u64>,
    told: Option<Presence>,
    unknown_since: Option<Instant>,
}

impl Following {
    async fn next(&mut self) -> Option<Presence> {
        if self.told == Some(Presence::Ended) {
            return None;
        }
        loop {
            self.heard.mark_unchanged();
            // Without its login there is nobody who could find out.
            let guard = self.listener.0.guard()?;
            let mut stopping = guard.stopping();
            if *stopping.borrow_and_update() {
                return None;
            }
            guard.keep_in_mind(&self.listener.0);
            let known = match guard.known(&self.listener.0) {
                Presence::Unknown => self.still_unknown(),
                known => {
                    self.unknown_since = None;
                    Some(known)
                }
            };
            drop(guard);
            if known.is_some() && known != self.told {
                self.told = known;
                return known;
            }
            tokio::select! {
                _ = self.heard.changed() => {}
                _ = stopping.changed() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// Nothing is known; for a moment that changes nothing.
    fn still_unknown(&mut self) -> Option<Presence> {
        let since = *self.unknown_since.get_or_insert_with(Instant::now);
        if since.elapsed() >= GRACE { Some(Presence::Unknown) } else { self.told }
    }
}
