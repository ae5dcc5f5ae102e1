//! [`Accepting`]: taking connections, and turning away those that may not come in.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::on_connection::OnConnection;
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

/// How long to pause when the system has no more file descriptors to give.
const PAUSE: Duration = Duration::from_millis(100);

/// How long a connection that has asked for nothing may still do so when the service stops.
const LAST_WORD: Duration = Duration::from_millis(500);

/// What is needed to take connections.
pub(super) struct Accepting<'s> {
    pub(super) app: &'s Arc<App>,
    pub(super) listener: &'s TcpListener,
    pub(super) router: Router,
    pub(super) identity: Option<Arc<Identity>>,
    pub(super) graceful: &'s GracefulShutdown,
}

impl Accepting<'_> {
    pub(super) async fn until(&self, shutdown: impl Future<Output = ()>, connections: &mut JoinSet<()>) {
        let free = Arc::new(Semaphore::new(self.app.config.limits.connections));
        let of_addresses = PerAddress::new(self.app.config.limits.connections_per_address);
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
                Ok((stream, peer)) => match self.let_in(&stream, peer.ip(), &of_addresses) {
                    Ok(counted) => {
                        let open = self.app.metrics.connections.accepted();
                        let connection = self.connection(stream, peer);
                        connections.spawn(async move {
                            connection.await;
                            drop((open, counted, permit));
                        });
                    }
                    Err(refusal) => {
                        self.app.metrics.connections.refused(refusal);
                        turned_away.note(peer.ip(), refusal);
                    }
                },
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Whether a connection is taken. A proxy has the connections of many callers, so neither a trusted one nor one on this machine is counted.
    fn let_in(
        &self,
        stream: &TcpStream,
        peer: IpAddr,
        of_addresses: &Arc<PerAddress>,
    ) -> Result<Option<Counted>, Refusal> {
        let proxies = &self.app.config.proxies;
        let own = stream.local_addr().ok().map(|own| own.ip());
        if !proxies.lets_in(peer, own) {
            return Err(Refusal::NoTrustedProxy);
        }
        if proxies.is_proxy(peer, own) {
            return Ok(None);
        }
        of_addresses.count(peer).map(Some).ok_or(Refusal::TooManyOfAddress)
    }

    /// A connection from its first byte to its last. A caller that breaks off or sends what is no HTTP is no event.
    fn connection(&self, stream: TcpStream, peer: SocketAddr) -> impl Future<Output = ()> + Send + 'static {
        let limits = self.app.config.limits;
        let watcher = self.graceful.watcher();
        let identity = self.identity.clone();
        // Answers are small and whole: nothing is gained by waiting to fill a packet.
        let _ = stream.set_nodelay(true);
        let in_flight = InFlight::default();
        let socket = Socket::new(stream, limits.write_timeout, in_flight.clone());
        let router = TowerToHyperService::new(self.router.clone());
        let asked = Arc::<Asked>::default();
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

fn over<S>(
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
