//! Presence as a stream, for what lasts longer than a request: WebSockets, event streams, downloads. Belongs here: what such a stream says
//! and when a stream that is only for users ends. Does not belong here: how presence is found out.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
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
    pub struct WhilePresent<S> {
        #[pin]
        stream: S,
        // Ends when the user is not present any more. None when the stream is over, however.
        gone: Option<BoxFuture<'static, ()>>,
        is_cut: bool,
    }
}

impl<S: Stream> Stream for WhilePresent<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        let Some(gone) = this.gone else { return Poll::Ready(None) };
        if gone.poll_unpin(context).is_ready() {
            (*this.gone, *this.is_cut) = (None, true);
            return Poll::Ready(None);
        }
        let item = ready!(this.stream.poll_next(context));
        if item.is_none() {
            *this.gone = None;
        }
        Poll::Ready(item)
    }
}

impl<S> std::fmt::Debug for WhilePresent<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WhilePresent")
    }
}

impl<S, T, E> WhilePresent<S>
where
    S: Stream<Item = Result<T, E>>,
{
    /// The same for a download: a stream that is cut because its user is not present any more gives `error` last. Both frameworks close
    /// the connection on an error, so that a browser says that the file is not whole. A stream that ends by itself gives no error.
    ///
    /// ```
    /// # use std::io;
    /// # use futures_util::stream;
    /// # use iampass_web::{LiveSession, UnlessCut};
    /// # fn download(session: &std::sync::Arc<LiveSession>) -> UnlessCut<stream::Iter<std::vec::IntoIter<io::Result<String>>>, io::Error> {
    /// let pages = stream::iter(vec![Ok("page one".to_owned()), Ok("page two".to_owned())]);
    /// session.while_present(pages).or_fail(io::Error::other("the user has signed out"))
    /// # }
    /// ```
    pub fn or_fail(self, error: E) -> UnlessCut<S, E> {
        UnlessCut { stream: self, error: Some(error) }
    }
}

pin_project! {
    /// A stream that fails where it is cut: see [`WhilePresent::or_fail`].
    #[must_use = "a stream does nothing unless it is polled"]
    pub struct UnlessCut<S, E> {
        #[pin]
        stream: WhilePresent<S>,
        error: Option<E>,
    }
}

impl<S, T, E> Stream for UnlessCut<S, E>
where
    S: Stream<Item = Result<T, E>>,
{
    type Item = Result<T, E>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let mut this = self.project();
        match ready!(this.stream.as_mut().poll_next(context)) {
            None if this.stream.is_cut => Poll::Ready(this.error.take().map(Err)),
            item => Poll::Ready(item),
        }
    }
}

impl<S, E> std::fmt::Debug for UnlessCut<S, E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UnlessCut")
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
    /// An answer that is cut in the middle looks whole to a browser. A download takes [`WhilePresent::or_fail`] as well.
    pub fn while_present<S: Stream>(self: &Arc<Self>, stream: S) -> WhilePresent<S> {
        let mut changes = self.presence();
        let gone = async move { while changes.next().await == Some(Presence::Present) {} };
        WhilePresent { stream, gone: Some(gone.boxed()), is_cut: false }
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
