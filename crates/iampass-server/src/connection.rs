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
    /// Whether what goes over it is encrypted.
    encryption: Encryption,
}

/// What a caller's farewell looks like on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encryption {
    /// It is the end of the stream.
    None,
    /// A record of TLS comes before it, and lies there unread.
    Tls,
}

impl Socket {
    pub(crate) fn new(
        stream: TcpStream,
        timeout: Duration,
        in_flight: InFlight,
        encryption: Encryption,
    ) -> Self {
        Self { stream, timeout, stalled: None, in_flight, encryption }
    }

    /// Writes by `write`, unless nobody is there to be told of a new session.
    fn write(
        &mut self,
        cx: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut TcpStream>, &mut Context<'_>) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if !self.in_flight.is_empty() && caller_is_gone(&self.stream, self.encryption) {
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

/// Asks the system itself whether the caller has closed or reset the connection. What tokio knows of that may be older than what
/// is about to be written.
#[cfg(unix)]
fn caller_is_gone(stream: &TcpStream, encryption: Encryption) -> bool {
    use std::os::fd::AsFd as _;

    // Without a descriptor to spare it cannot be known.
    let Ok(same) = stream.as_fd().try_clone_to_owned() else { return false };
    let mut unread = [0; 5];
    match std::net::TcpStream::from(same).peek(&mut unread) {
        Ok(length) => {
            length == 0
                || (encryption == Encryption::Tls && is_farewell(unread.get(..length).unwrap_or_default()))
        }
        Err(error) => !matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted),
    }
}

#[cfg(not(unix))]
fn caller_is_gone(_: &TcpStream, _: Encryption) -> bool {
    false
}

/// Whether these are the first bytes of an alert. From TLS 1.3 on it is sealed, and known by its length: two bytes of alert, one of its kind
/// and a tag of 16. No request is that short.
#[cfg(unix)]
fn is_farewell(record: &[u8]) -> bool {
    matches!(record, [21, ..] | [23, 3, 3, 0, 19])
}
