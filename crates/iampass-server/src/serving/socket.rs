//! [`Socket`]: what a connection is written to.
//!
//! Belongs here: what is watched while bytes go out, which is whether the caller takes them and whether it is there at all. Does not
//! belong here: HTTP ([`crate::serving`]).

use std::future::Future as _;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

use crate::handover::InFlight;

/// A TCP stream that gives up on a caller who takes nothing for too long, and that knows which sessions stand or fall with what is written.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: TcpStream,
    timeout: Duration,
    /// Runs while bytes wait to be taken.
    stalled: Option<Pin<Box<Sleep>>>,
    in_flight: InFlight,
}

impl Socket {
    pub(crate) fn new(stream: TcpStream, timeout: Duration, in_flight: InFlight) -> Self {
        Self { stream, timeout, stalled: None, in_flight }
    }

    /// Writes by `write`, unless nobody is there to be told of a new session.
    fn write(
        &mut self,
        cx: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut TcpStream>, &mut Context<'_>) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if !self.in_flight.is_empty() && caller_is_gone(&self.stream) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        let written = write(Pin::new(&mut self.stream), cx);
        self.watch(cx, written)
    }

    /// Lets the time run as long as nothing moves.
    fn watch<T>(&mut self, cx: &mut Context<'_>, moved: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if moved.is_ready() {
            self.stalled = None;
            return moved;
        }
        let timeout = self.timeout;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(timeout)));
        ready!(stalled.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.write(cx, |stream, cx| stream.poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.write(cx, |stream, cx| stream.poll_write_vectored(cx, parts))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Hyper calls this after it has handed over all that it had to write.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        if matches!(flushed, Poll::Ready(Ok(()))) {
            self.in_flight.written();
        }
        self.watch(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.watch(cx, shut)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.in_flight.lost();
    }
}

/// Asks the system itself whether the caller has closed or reset the connection. Tokio's knowledge may be older than the answer about to be
/// written, and the caller's last bytes may lie unread.
#[cfg(target_os = "linux")]
fn caller_is_gone(stream: &TcpStream) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    let gone = PollFlags::RDHUP | PollFlags::HUP | PollFlags::ERR;
    let mut asked = [PollFd::new(stream, PollFlags::RDHUP)];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut asked, Some(&at_once)).is_ok() && asked.iter().any(|told| told.revents().intersects(gone))
}

/// Elsewhere the end of the stream is seen where nothing lies unread before it; a farewell of TLS does.
#[cfg(all(unix, not(target_os = "linux")))]
fn caller_is_gone(stream: &TcpStream) -> bool {
    use std::os::fd::AsFd as _;

    // Without a descriptor to spare it cannot be known.
    let Ok(same) = stream.as_fd().try_clone_to_owned() else { return false };
    match std::net::TcpStream::from(same).peek(&mut [0]) {
        Ok(length) => length == 0,
        Err(error) => !matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted),
    }
}

#[cfg(not(unix))]
fn caller_is_gone(_: &TcpStream) -> bool {
    false
}
