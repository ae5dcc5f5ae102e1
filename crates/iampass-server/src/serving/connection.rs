//! A connection from its first byte to its last.

use std::future::Future;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::Watcher;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};

use super::http2;
use super::on_connection::OnConnection;
use super::on_stream::{OnStream, Places};
use super::per_address::{Counted, PerAddress};
use super::request_timing::{Asked, Timed};
use super::socket::Socket;
use super::turned_away::{Refusal, TurnedAway};
use crate::Limits;
use crate::handover::InFlight;
use crate::service::App;
use crate::tls::{self, Identity};

/// Bytes of a request's head. Longer URLs than ours but shorter than this get an answer in JSON; beyond it hyper answers.
const LONGEST_HEAD: usize = 128 * 1024;

/// How long a connection that has asked for nothing may still do so when the service stops.
const LAST_WORD: Duration = Duration::from_millis(500);

/// What all connections share.
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
            of_addresses: PerAddress::new(limits.connections_per_address),
            turned_away: Mutex::default(),
        }
    }

    /// A connection that was accepted. None when it is closed at once. A caller that breaks off or sends what is no HTTP is no event.
    pub(super) fn begin(
        self: &Arc<Self>,
        stream: TcpStream,
        peer: IpAddr,
        watcher: Watcher,
    ) -> Option<impl Future<Output = ()> + Send + 'static> {
        let own = stream.local_addr().ok().map(|own| own.ip());
        let counted = match self.let_in(peer, own) {
            Ok(counted) => counted,
            Err(refusal) => {
                self.turn_away(peer, refusal);
                return None;
            }
        };
        let open = self.app.metrics.connections.accepted();
        // Answers are small and whole: nothing is gained by waiting to fill a packet.
        let _ = stream.set_nodelay(true);
        let served = Arc::clone(self).serve(stream, peer, counted, watcher);
        Some(async move {
            served.await;
            drop(open);
        })
    }

    /// Whether a connection is taken. A proxy has the connections of many callers, so neither a trusted one nor one on this machine is counted.
    fn let_in(&self, peer: IpAddr, own: Option<IpAddr>) -> Result<Option<Counted>, Refusal> {
        let proxies = &self.app.config.proxies;
        if !proxies.lets_in(peer, own) {
            return Err(Refusal::NoTrustedProxy);
        }
        if proxies.is_proxy(peer, own) {
            return Ok(None);
        }
        self.of_addresses.count(peer).map(Some).ok_or(Refusal::TooManyOfAddress)
    }

    fn turn_away(&self, peer: IpAddr, refusal: Refusal) {
        self.app.metrics.connections.refused(refusal);
        self.turned_away.lock().unwrap_or_else(PoisonError::into_inner).note(peer, refusal);
    }

    /// `counted` is the place at its address, for a connection that is counted by it.
    async fn serve(
        self: Arc<Self>,
        stream: TcpStream,
        peer: IpAddr,
        counted: Option<Counted>,
        watcher: Watcher,
    ) {
        let limits = self.app.config.limits;
        let in_flight = InFlight::default();
        let socket = Socket::new(stream, limits.write_timeout, in_flight.clone());
        let router = TowerToHyperService::new(self.router.clone());
        let asked = Arc::<Asked>::default();
        let silence = silent_at_the_end(self.app.stop.subscribe(), Arc::clone(&asked));
        let service = OnConnection { app: Arc::clone(&self.app), router, peer, in_flight, asked };
        let served = async {
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
            let address = counted.is_some().then(|| (Arc::clone(&self.of_addresses), peer));
            let service = OnStream::new(service, Places::new(Arc::clone(&self.free), address));
            http2::serve(stream, service, &limits, self.app.stop.subscribe()).await;
            // The service waits for those who watch.
            drop(watcher);
        };
        tokio::select! {
            () = served => {}
            () = silence => {}
        }
        drop(counted);
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
