//! Serving over sockets: accepting, limits of a connection, and stopping without cutting anybody off.
//!
//! Belongs here: connections, from accepting them to their end, and the time and number that they are allowed. Does not belong here: what
//! requests are answered ([`crate::envelope`]).

mod accepting;
mod connection;
mod http2;
mod on_connection;
mod on_stream;
mod one_stream;
mod per_address;
mod proxy_header;
mod request_timing;
mod socket;
mod turned_away;
mod workers;

use std::future::Future;
use std::sync::Arc;

use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::ServerError;
use crate::alerting::AlertWorker;
use crate::app::App;
use crate::metrics::MetricsListener;
use crate::service::Service;
use crate::tls::Identity;

use accepting::Accepting;
use connection::Connections;
pub(crate) use proxy_header::{OWN_V1, OWN_V2};
use workers::{delivery_worker, event_worker, push_worker};

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
        let proxies = &self.app.config.proxies;
        if proxies.protocol.is_on() && proxies.trusted.is_empty() {
            return Err(ServerError::Settings(
                "the PROXY protocol is on and no proxy is trusted: name the proxies by trusted_proxies, or switch proxy_protocol off",
            ));
        }
        let address = listener.local_addr()?;
        self.app.known_as.listens_at(address);
        let mut timers = JoinSet::new();
        let by_time = Arc::clone(&self.timers);
        timers.spawn(async move { by_time.write_deadlines_down().await });
        let by_time = Arc::clone(&self.timers);
        timers.spawn(async move { by_time.free_space().await });
        let app = Arc::clone(&self.app);
        timers.spawn(async move { app.database.hear_other_nodes().await });
        let (app, worker) = (Arc::clone(&self.app), Arc::new(delivery_worker(&self.app)));
        let mut deliveries = JoinSet::new();
        deliveries.spawn(async move { worker.run(app.shutdown.begun()).await });
        let (app, worker) = (Arc::clone(&self.app), Arc::new(event_worker(&self.app)));
        deliveries.spawn(async move { worker.run(app.shutdown.begun()).await });
        if let Some(pushing) = &self.app.pushing {
            let (app, worker) = (Arc::clone(&self.app), push_worker(&self.app, pushing));
            deliveries.spawn(async move { worker.run(app.shutdown.begun()).await });
            let app = Arc::clone(&self.app);
            timers.spawn(async move { watch_push_keys(&app).await });
        }
        if let Some(address) = self.app.config.metrics.listen {
            let metrics = MetricsListener::bind(address).await?;
            timers.spawn(metrics.serve(Arc::clone(&self.metrics), Arc::clone(&self.health)));
        }

        let identity = match &self.app.config.tls {
            Some(files) => Some(Arc::new(Identity::load(files)?)),
            None => None,
        };
        if let Some(identity) = identity.clone() {
            timers.spawn(async move { identity.watch().await });
        }
        if let Some(worker) = AlertWorker::of(&self.app, identity.clone()) {
            timers.spawn(worker.run());
        }

        let mut running = JoinSet::new();
        let graceful = GracefulShutdown::new();
        let connections = Arc::new(Connections::new(&self.app, self.router(), identity));
        let accepting = Accepting { listener: &listener, connections, graceful: &graceful };
        let told_to_stop = self.app.shutdown.drained(shutdown, self.app.config.limits.drain);
        accepting.until(told_to_stop, &mut running).await;

        drop(listener);
        self.app.shutdown.begin();
        let limit = self.app.config.limits.shutdown_grace;
        // Messages that are on their way get the same time; what is cut off is sent again after the next start.
        let ending = async { tokio::join!(graceful.shutdown(), all_end(&mut deliveries)) };
        if tokio::time::timeout(limit, ending).await.is_err() {
            tracing::warn!("some requests or messages did not end in time and are cut off");
        }
        running.shutdown().await;
        deliveries.shutdown().await;
        timers.shutdown().await;
        self.app.database.flush().await?;
        Ok(())
    }
}

/// Returns when all of them have ended.
async fn all_end(tasks: &mut JoinSet<()>) {
    while tasks.join_next().await.is_some() {}
}

/// Takes over keys for pushes that were made elsewhere.
async fn watch_push_keys(app: &App) {
    if let Some(pushing) = &app.pushing {
        pushing.watch_keys(&app.database).await;
    }
}
