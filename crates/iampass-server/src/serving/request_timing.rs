//! [`Timed`]: a connection of HTTP/1 that ends when the head of a request takes too long, or when nothing is asked for too long.

use std::future::Future as _;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use crate::Limits;

/// The requests of a connection: those that were begun, and those that are being answered.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// Requests whose head has been read.
    heads: AtomicU64,
    answering: AtomicUsize,
}

/// A request that is being answered.
#[derive(Debug)]
pub(super) struct Answering(Arc<Asked>);

impl Asked {
    /// The head of a request has been read.
    pub(super) fn head(&self) {
        self.heads.fetch_add(1, Ordering::Relaxed);
    }

    /// The head of a request has been read, and its answer takes time.
    pub(super) fn answering(self: &Arc<Self>) -> Answering {
        self.answering.fetch_add(1, Ordering::Relaxed);
        Answering(Arc::clone(self))
    }

    /// Whether nothing was ever asked.
    pub(super) fn is_new(&self) -> bool {
        self.heads() == 0
    }

    fn heads(&self) -> u64 {
        self.heads.load(Ordering::Relaxed)
    }

    fn is_answering(&self) -> bool {
        self.answering.load(Ordering::Relaxed) > 0
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.answering.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The stream of a connection, with the time that it waits for.
#[derive(Debug)]
pub(super) struct Timed<S> {
    stream: S,
    asked: Arc<Asked>,
    head_timeout: Duration,
    idle_timeout: Duration,
    waiting: Waiting,
    deadline: Pin<Box<Sleep>>,
}

/// The thing that a connection waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waiting {
    /// Its own answer, or nothing yet.
    No,
    /// The first byte of a request.
    ForRequest,
    /// The rest of the head of this request.
    ForHead(u64),
}

impl<S> Timed<S> {
    pub(super) fn new(stream: S, asked: Arc<Asked>, limits: &Limits) -> Self {
        Self {
            stream,
            asked,
            head_timeout: limits.head_timeout,
            idle_timeout: limits.idle_timeout,
            waiting: Waiting::No,
            deadline: Box::pin(tokio::time::sleep(limits.idle_timeout)),
        }
    }

    /// Bytes have come. They begin a head unless they belong to one, or to the body of a request that is being answered.
    fn read(&mut self) {
        let head = Waiting::ForHead(self.asked.heads());
        if !self.asked.is_answering() && self.waiting != head {
            self.waiting = head;
            self.deadline.as_mut().reset(later(self.head_timeout));
        }
    }

    /// Nothing has come. Ready when there is nothing more to wait for.
    fn waited(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.asked.is_answering() {
            self.waiting = Waiting::No;
            return Poll::Pending;
        }
        let is_in_head = self.waiting == Waiting::ForHead(self.asked.heads());
        if !is_in_head && self.waiting != Waiting::ForRequest {
            self.waiting = Waiting::ForRequest;
            self.deadline.as_mut().reset(later(self.idle_timeout));
        }
        match self.deadline.as_mut().poll(cx) {
            Poll::Ready(()) if is_in_head => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            // As if the caller had closed the connection.
            Poll::Ready(()) => Poll::Ready(Ok(())),
            Poll::Pending => Poll::Pending,
        }
    }

    /// Something has been taken. A connection is not idle while an answer is on its way.
    fn wrote<T>(&mut self, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if matches!(written, Poll::Ready(Ok(_))) && self.waiting == Waiting::ForRequest {
            self.deadline.as_mut().reset(later(self.idle_timeout));
        }
        written
    }
}

/// No limit is longer: an instant further away may not be representable.
pub(super) const LONGEST: Duration = Duration::from_secs(365 * 24 * 3_600);

/// The instant after `time`.
pub(super) fn later(time: Duration) -> Instant {
    Instant::now() + time.min(LONGEST)
}

impl<S: AsyncRead + Unpin> AsyncRead for Timed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        match Pin::new(&mut self.stream).poll_read(cx, buffer) {
            Poll::Ready(Ok(())) if buffer.filled().len() > before => {
                self.read();
                Poll::Ready(Ok(()))
            }
            Poll::Pending => self.waited(cx),
            ended => ended,
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Timed<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.wrote(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.wrote(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Hyper calls this when an answer is written, and may read again only when it is woken.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        let before = self.waiting;
        if matches!(flushed, Poll::Ready(Ok(()))) && self.waited(cx).is_ready() && self.waiting != before {
            // It is told when it reads.
            cx.waker().wake_by_ref();
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
