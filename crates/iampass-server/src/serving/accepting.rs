//! [`Accepting`]: taking connections for as long as the service runs.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::connection::Connections;

/// How long to pause when the system has no more file descriptors to give.
const PAUSE: Duration = Duration::from_millis(100);

/// The parts that take connections.
pub(super) struct Accepting<'s> {
    pub(super) listener: &'s TcpListener,
    pub(super) connections: Arc<Connections>,
    pub(super) graceful: &'s GracefulShutdown,
}

impl Accepting<'_> {
    pub(super) async fn until(&self, shutdown: impl Future<Output = ()>, running: &mut JoinSet<()>) {
        tokio::pin!(shutdown);
        loop {
            let next = async {
                // The semaphore is never closed, so there is always a permit to wait for.
                let permit = Arc::clone(&self.connections.free).acquire_owned().await.ok();
                (permit, self.listener.accept().await)
            };
            let (permit, accepted) = tokio::select! {
                next = next => next,
                // Those that have ended are taken out as they end.
                Some(_) = running.join_next() => continue,
                () = &mut shutdown => return,
            };
            match accepted {
                Ok((stream, peer)) => {
                    let watcher = self.graceful.watcher();
                    if let Some(connection) = self.connections.begin(stream, peer, watcher, permit) {
                        running.spawn(connection);
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }
}
