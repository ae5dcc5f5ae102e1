//! [`OnStream`]: the requests of a connection of HTTP/2, each with a place of its own.

use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::{self, BoxFuture};
use http::header::HOST;
use http::{HeaderValue, Request};
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use hyper::service::Service as HyperService;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::on_connection::OnConnection;
use super::one_stream::Untaken;
use super::per_address::{Counted, PerAddress};
use crate::envelope;
use crate::problem::Refused;

/// The service for the streams of one connection.
pub(super) struct OnStream {
    service: OnConnection,
    places: Places,
}

impl OnStream {
    pub(super) fn new(service: OnConnection, places: Places) -> Self {
        // Its streams are written in turn: what has been handed over need not have been written yet.
        service.in_flight.expect_many_streams();
        Self { service, places }
    }
}

/// Where streams take their places.
pub(super) struct Places {
    /// The place of the connection itself, for one stream at a time.
    own: Arc<Semaphore>,
    node: Arc<Semaphore>,
    /// None for a connection that is not counted by its address.
    address: Option<(Arc<PerAddress>, IpAddr)>,
}

impl Places {
    pub(super) fn new(node: Arc<Semaphore>, address: Option<(Arc<PerAddress>, IpAddr)>) -> Self {
        Self { own: Arc::new(Semaphore::new(1)), node, address }
    }

    /// A place for one stream. None when there are no more.
    fn take(&self) -> Option<Place> {
        if let Ok(own) = Arc::clone(&self.own).try_acquire_owned() {
            return Some(Place { _permit: own, _counted: None });
        }
        let counted = match &self.address {
            Some((addresses, address)) => Some(addresses.count(*address)?),
            None => None,
        };
        let permit = Arc::clone(&self.node).try_acquire_owned().ok()?;
        Some(Place { _permit: permit, _counted: counted })
    }
}

/// The place of a stream, for as long as it is open.
struct Place {
    _permit: OwnedSemaphorePermit,
    _counted: Option<Counted>,
}

impl HyperService<Request<Incoming>> for OnStream {
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        // The host stands in the address. A header beside it counts for nothing, as with an absolute address in HTTP/1.
        if let Some(host) =
            request.uri().authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok())
        {
            request.headers_mut().insert(HOST, host);
        }
        let Some(place) = self.places.take() else {
            self.service.asked.head();
            let refused = envelope::refused(&self.service.app, &request, Refused::unavailable());
            return Box::pin(future::ready(Ok(refused)));
        };
        let answer = self.service.call(request);
        Box::pin(answer.map(|Ok(answer)| {
            Untaken::begins();
            Ok(answer.map(|body| Body::new(Taken { body, rest: Bytes::new(), _place: place })))
        }))
    }
}

/// Bytes of one piece of an answer. A caller has the time of `write_timeout` for each.
const PIECE: usize = 16 * 1024;

/// The body of an answer in pieces, which notes when they are taken. The next piece is asked for when the caller has room for all before it and for
/// a byte more. So the last byte of each part is a piece of its own: after it is asked for, all of the part is on its way.
struct Taken {
    body: Body,
    rest: Bytes,
    _place: Place,
}

impl Taken {
    fn piece(&mut self) -> Frame<Bytes> {
        let all_but_one = self.rest.len().saturating_sub(1).max(1);
        Frame::data(self.rest.split_to(all_but_one.min(PIECE).min(self.rest.len())))
    }

    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if !self.rest.is_empty() {
            return Poll::Ready(Some(Ok(self.piece())));
        }
        let Some(frame) = ready!(Pin::new(&mut self.body).poll_frame(cx)?) else { return Poll::Ready(None) };
        Poll::Ready(Some(Ok(match frame.into_data() {
            Ok(data) => {
                self.rest = data;
                self.piece()
            }
            Err(trailers) => trailers,
        })))
    }
}

impl HttpBody for Taken {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Untaken::ends();
        let piece = self.poll_piece(cx);
        if matches!(piece, Poll::Ready(Some(_))) {
            Untaken::begins();
        }
        piece
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = self.body.size_hint();
        if let Some(length) = hint.exact() {
            hint.set_exact(length + self.rest.len() as u64);
        }
        hint
    }
}
