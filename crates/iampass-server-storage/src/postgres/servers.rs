//! Which server the connections lead to, and that it has become another one.
//!
//! After a failover a forwarder or a list of hosts leads to another server. Operations that still wait for the former one are given up then:
//! a frozen server never answers them, and they would hold all places of the pool until their time is up. Belongs here: when connections
//! are no longer of use. Does not belong here: how a server is found out about ([`super::connecting`]).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::watch;

/// When a connection was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Epoch {
    /// To which server, in the order in which they were met.
    server: u64,
    /// After how many calls of [`Servers::retire`].
    generation: u64,
}

/// Shared by all connections of a node.
#[derive(Clone, Debug)]
pub(super) struct Servers {
    newest: watch::Sender<Newest>,
    /// Which host of the URL gave a session last.
    last_host: Arc<AtomicUsize>,
}

#[derive(Debug, Default)]
struct Newest {
    epoch: Epoch,
    /// When it was started, and where it is: no two servers are alike.
    identity: String,
}

impl Servers {
    pub(super) fn new() -> Self {
        Self { newest: watch::Sender::new(Newest::default()), last_host: Arc::default() }
    }

    /// A connection to this server was made.
    pub(super) fn met(&self, identity: &str) -> Epoch {
        self.newest.send_if_modified(|newest| {
            if newest.identity == identity {
                return false;
            }
            if !newest.identity.is_empty() {
                tracing::warn!("the database is another server now, or was started again: connections to the former one are given up");
            }
            newest.epoch.server += 1;
            identity.clone_into(&mut newest.identity);
            true
        });
        self.newest()
    }

    pub(super) fn newest(&self) -> Epoch {
        self.newest.borrow().epoch
    }

    /// The places of the hosts in the URL, in the order in which they are tried: the one that gave a session last, and the others as they are
    /// listed. A host that is silent would otherwise hold up each new connection for as long as it is away.
    pub(super) fn order_of(&self, hosts: usize) -> impl Iterator<Item = usize> + use<> {
        let last = self.last_host.load(Ordering::Relaxed);
        (0..hosts).filter(move |&host| host == last).chain((0..hosts).filter(move |&host| host != last))
    }

    /// The host at this place of the URL has given a session.
    pub(super) fn gave_session(&self, host: usize) {
        self.last_host.store(host, Ordering::Relaxed);
    }

    /// Connections of this epoch are not to be used for another operation. Those under way may end.
    pub(super) fn retire(&self, epoch: Epoch) {
        self.newest.send_if_modified(|newest| {
            let is_newest = newest.epoch == epoch;
            newest.epoch.generation += u64::from(is_newest);
            is_newest
        });
    }

    /// Returns when there is another server in the place of this one.
    pub(super) async fn past(&self, epoch: Epoch) {
        // It fails only when the sender is gone, and that is part of `self`.
        let _ = self.newest.subscribe().wait_for(|newest| newest.epoch.server != epoch.server).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_that_gave_a_session_last_is_tried_first() {
        let servers = Servers::new();
        assert_eq!(servers.order_of(3).collect::<Vec<_>>(), [0, 1, 2]);
        servers.clone().gave_session(1);
        assert_eq!(servers.order_of(3).collect::<Vec<_>>(), [1, 0, 2]);
    }

    #[tokio::test]
    async fn another_server_ends_the_use_of_the_former_one() {
        let servers = Servers::new();
        let first = servers.met("a");
        assert_eq!(servers.met("a"), first);
        let second = servers.met("b");
        assert_ne!(second, first);
        servers.past(first).await;
        servers.retire(first);
        assert_eq!(servers.newest(), second, "it is past already");
        servers.retire(second);
        assert_ne!(servers.newest(), second);
        let past = tokio::time::timeout(std::time::Duration::from_millis(50), servers.past(second));
        assert!(past.await.is_err(), "the server is the same");
    }
}
