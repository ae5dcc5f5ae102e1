//! [`OneStream`]: a stream of HTTP/2 that ends when its answer lies untaken for too long.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::task::futures::TaskLocalFuture;
use tokio::time::{Instant, Sleep};

use super::request_timing::LONGEST;

tokio::task_local! {
    static UNTAKEN: Untaken;
}

/// Since when a part of an answer waits for the caller to take it. None while the answer, or its next part, is not there yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Untaken(Arc<Mutex<Option<Instant>>>);

impl Untaken {
    /// A part of the answer of this stream is there.
    pub(super) fn begins() {
        let _ = UNTAKEN.try_with(|untaken| *untaken.since() = Some(Instant::now()));
    }

    /// The next part of the answer of this stream is asked for.
    pub(super) fn ends() {
        let _ = UNTAKEN.try_with(|untaken| *untaken.since() = None);
    }

    fn since(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream with the time that its caller may take. When that is over it is dropped, and so reset.
pub(super) struct OneStream {
    stream: Pin<Box<TaskLocalFuture<Untaken, BoxFuture<'static, ()>>>>,
    untaken: Untaken,
    limit: Duration,
    deadline: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl OneStream {
    pub(super) fn new(stream: BoxFuture<'static, ()>, limit: Duration) -> Self {
        let untaken = Untaken::default();
        let stream = Box::pin(UNTAKEN.scope(untaken.clone(), stream));
        Self { stream, untaken, limit: limit.min(LONGEST), deadline: None }
    }
}

impl Future for OneStream {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.stream.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        let since = *self.untaken.since();
        let Some(since) = since else {
            self.deadline = None;
            return Poll::Pending;
        };
        let limit = self.limit;
        if self.deadline.as_ref().is_none_or(|(of, _)| *of != since) {
            self.deadline = Some((since, Box::pin(tokio::time::sleep_until(since + limit))));
        }
        match &mut self.deadline {
            Some((_, deadline)) => deadline.as_mut().poll(cx),
            None => Poll::Pending,
        }
    }
}
