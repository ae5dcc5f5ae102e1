//! [`Shutdown`]: whether the service is on its way out, and how far.

use std::time::Duration;

use tokio::sync::watch;

/// The two steps of a stop. First a node only says that it is stopping, so that load balancers send it nothing new; then it stops.
#[derive(Debug)]
pub(crate) struct Shutdown {
    drains: watch::Sender<bool>,
    stops: watch::Sender<bool>,
}

impl Shutdown {
    /// A service that runs.
    pub(crate) fn new() -> Self {
        Self { drains: watch::Sender::new(false), stops: watch::Sender::new(false) }
    }

    /// Returns when `asked` is ready and those who send requests here have had the time `drain` to notice.
    pub(crate) async fn drained(&self, asked: impl Future<Output = ()>, drain: Duration) {
        asked.await;
        self.drains.send_replace(true);
        tokio::time::sleep(drain).await;
    }

    /// Whether nothing new is to be sent here any more.
    pub(crate) fn is_announced(&self) -> bool {
        *self.drains.borrow() || *self.stops.borrow()
    }

    /// Ends waits, streams and workers.
    pub(crate) fn begin(&self) {
        self.stops.send_replace(true);
    }

    /// Tells when the service begins to stop.
    pub(crate) fn listen(&self) -> watch::Receiver<bool> {
        self.stops.subscribe()
    }

    /// Returns when the service begins to stop.
    pub(crate) async fn begun(&self) {
        // It fails only when the sender is gone, and that is part of `self`.
        let _ = self.stops.subscribe().wait_for(|&stops| stops).await;
    }
}
