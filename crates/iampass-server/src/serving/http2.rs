//! HTTP/2: many requests at a time over one connection, each with the limits that a connection of HTTP/1 has.
//!
//! * The head of a request is bounded in time by pings: a caller in the middle of a head cannot answer one, for nothing may stand between its
//!   frames.
//! * An answer that the client does not read is bounded in time for each stream, also while others of the connection go on.
//! * A stream beyond the first takes the place of a connection, at the node and at its address.
//! * All streams run within the task of their connection, and end with it.

use std::future::Future;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use hyper::rt::Executor;
use hyper::server::conn::http2;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, watch};
use tokio::time::sleep_until;

use super::on_stream::OnStream;
use super::one_stream::OneStream;
use super::request_timing::{LONGEST, later};
use crate::Limits;

/// Streams that may be open at a time on one connection.
const STREAMS: u32 = 128;
/// Bytes of the head of a request, as HTTP/2 counts them.
const LONGEST_HEAD: u32 = 64 * 1024;
/// Bytes of a body that may lie unread: the whole of one, and of all on a connection.
const STREAM_WINDOW: u32 = 64 * 1024;
const CONNECTION_WINDOW: u32 = 256 * 1024;
/// Bytes of an answer that may wait to be taken.
const UNSENT: usize = 64 * 1024;
/// Streams that the caller resets before they are looked at, and streams that are reset for its errors. More end the connection.
const RESETS: usize = 20;
const ERRORS: usize = 64;
/// How long a caller may take to hear that the connection ends.
const FAREWELL: Duration = Duration::from_secs(5);

/// Serves a connection to its end. It ends in good order when it idles for too long, and when the service stops.
pub(super) async fn serve<S>(stream: S, service: OnStream, limits: &Limits, mut stop: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (begun, mut begins) = mpsc::unbounded_channel();
    let connection = builder(limits, Begun(begun)).serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let mut open = FuturesUnordered::new();
    let mut is_ending = false;
    // The first request has the time of a head.
    let idle = sleep_until(later(limits.head_timeout));
    tokio::pin!(idle);
    loop {
        tokio::select! {
            _ = &mut connection => return,
            Some(stream) = begins.recv() => open.push(OneStream::new(stream, limits.write_timeout)),
            Some(()) = open.next() => {
                if open.is_empty() {
                    let time = if is_ending { FAREWELL } else { limits.idle_timeout };
                    idle.as_mut().reset(later(time));
                }
            }
            () = &mut idle, if open.is_empty() => {
                if is_ending {
                    return;
                }
                is_ending = true;
                connection.as_mut().graceful_shutdown();
                idle.as_mut().reset(later(FAREWELL));
            }
            // It fails only when the service is gone, which ends as well.
            _ = stop.wait_for(|stops| *stops), if !is_ending => {
                is_ending = true;
                connection.as_mut().graceful_shutdown();
                idle.as_mut().reset(later(FAREWELL));
            }
        }
    }
}

fn builder(limits: &Limits, begun: Begun) -> http2::Builder<Begun> {
    let head_timeout = limits.head_timeout.min(LONGEST);
    let mut builder = http2::Builder::new(begun);
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(LONGEST_HEAD)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(UNSENT)
        .max_pending_accept_reset_streams(RESETS)
        .max_local_error_reset_streams(ERRORS)
        // Together the time of a head.
        .keep_alive_interval(head_timeout * 2 / 3)
        .keep_alive_timeout(head_timeout / 3);
    builder
}

/// Hands the streams of a connection to its task.
#[derive(Clone)]
struct Begun(mpsc::UnboundedSender<BoxFuture<'static, ()>>);

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for Begun {
    fn execute(&self, stream: F) {
        // Its receiver lives as long as the connection.
        let _ = self.0.send(Box::pin(stream));
    }
}
