//! [`OnConnection`]: the requests of one connection, on their way to the router.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::future::{BoxFuture, Either, FutureExt as _, Map, Ready, ready};
use http::Request;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use hyper::service::Service as HyperService;
use hyper_util::service::TowerToHyperService;
use pin_project_lite::pin_project;

use super::request_timing::{Answering, Asked};
use crate::app::App;
use crate::client_address::ClientAddress;
use crate::envelope::{self, ShortWay};
use crate::handover::InFlight;
use crate::through;

/// An answer is never an error.
type Told = fn(Response) -> Result<Response, Infallible>;

/// The router, telling each request by which connection it came and from where.
pub(super) struct OnConnection {
    pub(super) app: Arc<App>,
    pub(super) router: TowerToHyperService<Router>,
    pub(super) peer: SocketAddr,
    pub(super) in_flight: InFlight,
    pub(super) asked: Arc<Asked>,
}

impl HyperService<Request<Incoming>> for OnConnection {
    type Response = Response;
    type Error = Infallible;
    type Future = Either<
        Ready<Result<Response, Infallible>>,
        InTime<
            Either<
                Map<BoxFuture<'static, Response>, Told>,
                <TowerToHyperService<Router> as HyperService<Request<Incoming>>>::Future,
            >,
        >,
    >;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        self.asked.head();
        if let Some(probe) = request.headers().get(through::PROBE)
            && let Some(probe) = self.app.probes.recognize(probe, self.app.now())
        {
            let answer = through::answer(&self.app, request, self.peer, probe).map(Ok as Told);
            let answering = Some(self.asked.answering());
            return Either::Right(InTime { answer: Either::Left(answer), answering });
        }
        if let Some(within) = self.app.config.public_url.as_ref().and_then(|url| url.within(request.uri())) {
            *request.uri_mut() = within;
        }
        let client = ClientAddress(self.app.config.proxies.client(self.peer.ip(), request.headers()));
        let answer = match envelope::short_way(&self.app, &request, client) {
            Some(ShortWay::Answer(answer)) => return Either::Left(ready(Ok(answer))),
            Some(ShortWay::Later(answer)) => Either::Left(answer.map(Ok as Told)),
            None => {
                request.extensions_mut().insert(client);
                request.extensions_mut().insert(self.in_flight.clone());
                Either::Right(self.router.call(request))
            }
        };
        Either::Right(InTime { answer, answering: Some(self.asked.answering()) })
    }
}

pin_project! {
    /// An answer that takes time. The connection is not idle until it is there, and, where it is a stream, until that has ended.
    pub(super) struct InTime<F> {
        #[pin]
        answer: F,
        answering: Option<Answering>,
    }
}

impl<F: Future<Output = Result<Response, Infallible>>> Future for InTime<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let Ok(answer) = ready!(this.answer.poll(cx));
        let answering = this.answering.take();
        // An answer with a length is there as a whole, and is written as fast as the caller takes it.
        let is_whole = HttpBody::size_hint(answer.body()).exact().is_some();
        Poll::Ready(Ok(match answering {
            Some(answering) if !is_whole => answer.map(|body| Body::new(Streamed { body, answering })),
            _ => answer,
        }))
    }
}

/// The body of an answer that goes on.
struct Streamed {
    body: Body,
    #[expect(dead_code, reason = "it is held for as long as the body is")]
    answering: Answering,
}

impl HttpBody for Streamed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
