//! Serving over sockets: accepting, limits of a connection, and stopping without cutting anybody off.

use std::convert::Infallible;
use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::response::Response;
use futures_util::future::{BoxFuture, Either, FutureExt as _, Map, Ready, ready};
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service as HyperService;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::client_address::ClientAddress;
use crate::connection::Socket;
use crate::envelope::{self, ShortWay};
use crate::handover::InFlight;
use crate::metrics::MetricsListener;
use crate::service::{App, Service};
use crate::tls::{self, Identity};
use crate::{Limits, ServerError};

/// Bytes of a request's head. Longer URLs than ours but shorter than this get an answer in JSON; beyond it hyper answers.
const LONGEST_HEAD: usize = 128 * 1024;

/// How long to pause when the system has no more file descriptors to give.
const PAUSE: Duration = Duration::from_millis(100);

/// How long a connection that has asked for nothing may still do so when the service stops.
const LAST_WORD: Duration = Duration::from_millis(500);

impl Service {
    /// Serves until `shutdown` is ready; then lets open requests end, answers phones that wait, writes everything down and
    /// returns. Dropping the future ends it at once; what was acknowledged is stored all the same.
    ///
    /// # Errors
    /// [`ServerError::Io`] when the listener cannot be used; [`ServerError::Data`] when the last writes fail.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), ServerError> {
        let address = listener.local_addr()?;
        // Served on a second address, it still knows the first; the public URL is what settles such a case.
        let _ = self.app.bound.set(address);
        let mut timers = JoinSet::new();
        let app = Arc::clone(&self.app);
        timers.spawn(async move { app.timers.run(&app).await });
        let app = Arc::clone(&self.app);
        timers.spawn(async move { app.timers.free(&app).await });
        let app = Arc::clone(&self.app);
        timers.spawn(async move { app.hear_other_nodes().await });
        let app = Arc::clone(&self.app);
        let mut deliveries = JoinSet::new();
        deliveries.spawn(async move { app.deliver().await });
        if let Some(address) = self.app.config.metrics.listen {
            let metrics = MetricsListener::bind(address).await?;
            timers.spawn(metrics.serve(Arc::clone(&self.app)));
        }

        let identity = match &self.app.config.tls {
            Some(files) => Some(Arc::new(Identity::load(files)?)),
            None => None,
        };
        if let Some(identity) = identity.clone() {
            timers.spawn(async move { identity.watch().await });
        }

        let mut connections = JoinSet::new();
        let graceful = GracefulShutdown::new();
        let accepting = Accepting {
            app: &self.app,
            listener: &listener,
            router: self.router(),
            identity,
            graceful: &graceful,
        };
        accepting.until(self.app.told_to_stop(shutdown), &mut connections).await;

        drop(listener);
        self.app.stop.send_replace(true);
        let limit = self.app.config.limits.shutdown_grace;
        // Messages that are on their way get the same time; what is cut off is sent again after the next start.
        let ending = async { tokio::join!(graceful.shutdown(), deliveries.join_next()) };
        if tokio::time::timeout(limit, ending).await.is_err() {
            tracing::warn!("some requests or messages did not end in time and are cut off");
        }
        connections.shutdown().await;
        deliveries.shutdown().await;
        timers.shutdown().await;
        self.app.database.flush().await?;
        Ok(())
    }
}

impl App {
    /// Returns when `shutdown` is ready and those who send requests here have had time to notice.
    async fn told_to_stop(&self, shutdown: impl Future<Output = ()>) {
        shutdown.await;
        self.draining.send_replace(true);
        tokio::time::sleep(self.config.limits.drain).await;
    }
}

/// What is needed to take connections.
struct Accepting<'s> {
    app: &'s Arc<App>,
    listener: &'s TcpListener,
    router: Router,
    identity: Option<Arc<Identity>>,
    graceful: &'s GracefulShutdown,
}

impl Accepting<'_> {
    async fn until(&self, shutdown: impl Future<Output = ()>, connections: &mut JoinSet<()>) {
        let free = Arc::new(Semaphore::new(self.app.config.limits.connections));
        tokio::pin!(shutdown);
        let mut turned_away = TurnedAway::default();
        loop {
            let next = async {
                // The semaphore is never closed, so there is always a permit to wait for.
                let permit = Arc::clone(&free).acquire_owned().await.ok();
                (permit, self.listener.accept().await)
            };
            let (permit, accepted) = tokio::select! {
                next = next => next,
                // Those that have ended are taken out as they end.
                Some(_) = connections.join_next() => continue,
                () = &mut shutdown => return,
            };
            match accepted {
                Ok((stream, peer)) => {
                    let own = stream.local_addr().ok().map(|own| own.ip());
                    if !self.app.config.proxies.lets_in(peer.ip(), own) {
                        turned_away.note(peer.ip());
                        continue;
                    }
                    let open = self.app.metrics.connections.accepted();
                    let connection = self.connection(stream, peer.ip());
                    connections.spawn(async move {
                        connection.await;
                        drop((open, permit));
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// A connection from its first byte to its last. A caller that breaks off or sends what is no HTTP is no event.
    fn connection(&self, stream: TcpStream, peer: IpAddr) -> impl Future<Output = ()> + Send + 'static {
        let limits = self.app.config.limits;
        let watcher = self.graceful.watcher();
        let identity = self.identity.clone();
        // Answers are small and whole: nothing is gained by waiting to fill a packet.
        let _ = stream.set_nodelay(true);
        let in_flight = InFlight::default();
        let socket = Socket::new(stream, limits.write_timeout, in_flight.clone());
        let router = TowerToHyperService::new(self.router.clone());
        let asked = Arc::<AtomicBool>::default();
        let silence = silent_at_the_end(self.app.stop.subscribe(), Arc::clone(&asked));
        let service = OnConnection { app: Arc::clone(self.app), router, peer, in_flight, asked };
        let served = async move {
            let Some(identity) = identity else {
                let _ = watcher.watch(over(socket, service, &limits)).await;
                return;
            };
            let limit = identity.handshake_timeout();
            if let Some(stream) = tls::handshake(identity.current(), socket, limit).await {
                let _ = watcher.watch(over(stream, service, &limits)).await;
            }
        };
        async move {
            tokio::select! {
                () = served => {}
                () = silence => {}
            }
        }
    }
}

/// Connections that come by no trusted proxy. A proxy that nobody has named is the usual reason, so they are told of; somebody may also send
/// very many, so they are told of once a minute.
#[derive(Default)]
struct TurnedAway {
    told: Option<Instant>,
    since: u64,
}

impl TurnedAway {
    fn note(&mut self, peer: IpAddr) {
        self.since += 1;
        if self.told.is_none_or(|told| told.elapsed() >= Duration::from_secs(60)) {
            tracing::warn!(
                %peer,
                connections = self.since,
                "connections by no trusted proxy were closed; if one comes from your proxy, name it by --trusted-proxy"
            );
            *self = Self { told: Some(Instant::now()), since: 0 };
        }
    }
}

/// Ready when the service stops and nothing was ever asked by the connection. Browsers open some that they may need, and hyper, which closes
/// those that idle between two requests, waits for the first.
async fn silent_at_the_end(mut stop: watch::Receiver<bool>, asked: Arc<AtomicBool>) {
    // Without a sender the service is gone, and its connections with it.
    if stop.wait_for(|stops| *stops).await.is_ok() {
        tokio::time::sleep(LAST_WORD).await;
        if !asked.load(Ordering::Relaxed) {
            return;
        }
    }
    std::future::pending().await
}

fn over<S>(stream: S, service: OnConnection, limits: &Limits) -> http1::Connection<TokioIo<S>, OnConnection>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_timeout)
        .max_buf_size(LONGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service)
}

/// An answer is never an error.
type Told = fn(Response) -> Result<Response, Infallible>;

/// The router, telling each request by which connection it came and from where.
struct OnConnection {
    app: Arc<App>,
    router: TowerToHyperService<Router>,
    peer: IpAddr,
    in_flight: InFlight,
    /// Whether anything was asked.
    asked: Arc<AtomicBool>,
}

impl HyperService<Request<Incoming>> for OnConnection {
    type Response = Response;
    type Error = Infallible;
    type Future = Either<
        Either<Ready<Result<Response, Infallible>>, Map<BoxFuture<'static, Response>, Told>>,
        <TowerToHyperService<Router> as HyperService<Request<Incoming>>>::Future,
    >;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        self.asked.store(true, Ordering::Relaxed);
        if let Some(within) = self.app.config.public_url.as_ref().and_then(|url| url.within(request.uri())) {
            *request.uri_mut() = within;
        }
        let client = ClientAddress(self.app.config.proxies.client(self.peer, request.headers()));
        match envelope::short_way(&self.app, &request, client) {
            Some(ShortWay::Answer(answer)) => return Either::Left(Either::Left(ready(Ok(answer)))),
            Some(ShortWay::Later(answer)) => return Either::Left(Either::Right(answer.map(Ok as Told))),
            None => {}
        }
        request.extensions_mut().insert(client);
        request.extensions_mut().insert(self.in_flight.clone());
        Either::Right(self.router.call(request))
    }
}
