//! A connection from its first byte to its last.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::Watcher;
use hyper_util::service::TowerToHyperService;
use iampass_server_metrics::ConnectionRefusal;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::http2;
use super::on_connection::OnConnection;
use super::on_stream::{OnStream, Places};
use super::per_address::{Counted, PerAddress};
use super::proxy_header;
use super::request_timing::{Asked, Timed};
use super::socket::Socket;
use super::turned_away::TurnedAway;
use crate::Limits;
use crate::app::App;
use crate::handover::InFlight;
use crate::tls::{self, Identity};

/// Bytes of a request's head. Longer URLs than ours but shorter than this get an answer in JSON; beyond it hyper answers.
const LONGEST_HEAD: usize = 128 * 1024;

/// How long a connection that has asked for nothing may still do so when the service stops.
const LAST_WORD: Duration = Duration::from_millis(500);

/// The parts that all connections share.
pub(super) struct Connections {
    pub(super) app: Arc<App>,
    router: Router,
    identity: Option<Arc<Identity>>,
    /// Room for more.
    pub(super) free: Arc<Semaphore>,
    of_addresses: Arc<PerAddress>,
    turned_away: Mutex<TurnedAway>,
}

impl Connections {
    pub(super) fn new(app: &Arc<App>, router: Router, identity: Option<Arc<Identity>>) -> Self {
        let limits = &app.config.limits;
        Self {
            app: Arc::clone(app),
            router,
            identity,
            free: Arc::new(Semaphore::new(limits.connections)),
            of_addresses: PerAddress::new(limits.connections_per_address, limits.connections),
            turned_away: Mutex::default(),
        }
    }

    /// A connection that was accepted, with its place among all. None when it is closed at once. A caller that breaks off or sends what is no HTTP is
    /// no event.
    pub(super) fn begin(
        self: &Arc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
        watcher: Watcher,
        place: Option<OwnedSemaphorePermit>,
    ) -> Option<impl Future<Output = ()> + Send + 'static> {
        let own = stream.local_addr().ok().map(|own| own.ip());
        let begun = match self.let_in(peer.ip(), own) {
            // Its header says whom it is for, and so by what it is counted.
            Ok(()) if self.app.config.proxies.protocol.is_on() => Ok(None),
            Ok(()) => self.count(peer.ip(), own),
            Err(refusal) => Err(refusal),
        };
        let counted = match begun {
            Ok(counted) => counted,
            Err(refusal) => {
                self.turn_away(peer.ip(), refusal);
                return None;
            }
        };
        let open = self.app.metrics.connections.accepted();
        // Answers are small and whole: nothing is gained by waiting to fill a packet.
        let _ = stream.set_nodelay(true);
        let served = Arc::clone(self).serve(stream, peer, counted, watcher);
        Some(async move {
            served.await;
            drop((open, place));
        })
    }

    fn let_in(&self, peer: IpAddr, own: Option<IpAddr>) -> Result<(), ConnectionRefusal> {
        let is_let_in = self.app.config.proxies.lets_in(peer, own);
        is_let_in.then_some(()).ok_or(ConnectionRefusal::NoTrustedProxy)
    }

    /// A place at the address of a caller. A proxy has the connections of many, so neither a trusted one nor one on this machine is counted.
    fn count(&self, caller: IpAddr, own: Option<IpAddr>) -> Result<Option<Counted>, ConnectionRefusal> {
        if self.app.config.proxies.is_proxy(caller, own) {
            return Ok(None);
        }
        self.of_addresses.count(caller).map(Some).ok_or(ConnectionRefusal::TooManyOfAddress)
    }

    /// The caller that a connection of `peer` is for, by its header. Only a trusted proxy may name another address than its own.
    async fn named(
        &self,
        stream: &mut TcpStream,
        peer: SocketAddr,
    ) -> Result<(SocketAddr, Option<Counted>), ConnectionRefusal> {
        let proxies = &self.app.config.proxies;
        match proxy_header::read(stream, proxies.protocol).await {
            Ok(None) => Ok((peer, None)),
            Ok(Some(caller)) if proxies.is_trusted(peer.ip()) => {
                Ok((SocketAddr::new(caller, 0), self.count(caller, None)?))
            }
            _ => Err(ConnectionRefusal::NoProxyHeader),
        }
    }

    fn turn_away(&self, peer: IpAddr, refusal: ConnectionRefusal) {
        self.app.metrics.connections.refused(refusal);
        self.turned_away.lock().unwrap_or_else(PoisonError::into_inner).note(peer, refusal);
    }

    /// `counted` is the place at its address, for a connection that is counted by it.
    async fn serve(
        self: Arc<Self>,
        mut stream: TcpStream,
        mut peer: SocketAddr,
        mut counted: Option<Counted>,
        watcher: Watcher,
    ) {
        let asked = Arc::<Asked>::default();
        let silence = silent_at_the_end(self.app.shutdown.listen(), Arc::clone(&asked));
        let served = async {
            if self.app.config.proxies.protocol.is_on() {
                match self.named(&mut stream, peer).await {
                    Ok(named) => (peer, counted) = named,
                    Err(refusal) => return self.turn_away(peer.ip(), refusal),
                }
            }
            self.speak(stream, peer, counted, asked, watcher).await;
        };
        tokio::select! {
            () = served => {}
            () = silence => {}
        }
    }

    /// From TLS on, for a caller at `peer`.
    async fn speak(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        counted: Option<Counted>,
        asked: Arc<Asked>,
        watcher: Watcher,
    ) {
        let limits = self.app.config.limits;
        let in_flight = InFlight::default();
        let socket = Socket::new(stream, limits.write_timeout, in_flight.clone());
        let router = TowerToHyperService::new(self.router.clone());
        let service = OnConnection { app: Arc::clone(&self.app), router, peer, in_flight, asked };
        let Some(identity) = &self.identity else {
            let _ = watcher.watch(over_http1(socket, service, &limits)).await;
            return;
        };
        let limit = identity.handshake_timeout();
        let Some(stream) = tls::handshake(identity.current(), socket, limit).await else { return };
        if !tls::is_http2(&stream) {
            let _ = watcher.watch(over_http1(stream, service, &limits)).await;
            return;
        }
        let address = counted.is_some().then(|| (Arc::clone(&self.of_addresses), peer.ip()));
        let service = OnStream::new(service, Places::new(Arc::clone(&self.free), address));
        http2::serve(stream, service, &limits, self.app.shutdown.listen()).await;
        // The service waits for those who watch.
        drop((watcher, counted));
    }
}

/// Ready when the service stops and nothing was ever asked by the connection. Browsers open some that they may need, and hyper, which closes
/// those that idle between two requests, waits for the first.
async fn silent_at_the_end(mut stop: watch::Receiver<bool>, asked: Arc<Asked>) {
    // Without a sender the service is gone, and its connections with it.
    if stop.wait_for(|stops| *stops).await.is_ok() {
        tokio::time::sleep(LAST_WORD).await;
        if asked.is_new() {
            return;
        }
    }
    std::future::pending().await
}

fn over_http1<S>(
    stream: S,
    service: OnConnection,
    limits: &Limits,
) -> http1::Connection<TokioIo<Timed<S>>, OnConnection>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let stream = Timed::new(stream, Arc::clone(&service.asked), limits);
    http1::Builder::new()
        .timer(TokioTimer::new())
        // The stream itself tells a slow head from a connection that idles.
        .header_read_timeout(None)
        .max_buf_size(LONGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service)
}
