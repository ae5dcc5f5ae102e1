//! A proxy that gives each connection to the next server.
//!
//! Belongs here: sharing connections out. Does not belong here: what is said on them, which it does not look at.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

/// The proxy, on a free port of 127.0.0.1 and threads of its own. Dropping it cuts all connections.
///
/// A server that takes no connection is passed over; a caller who finds none is hung up on.
#[derive(Debug)]
pub struct RoundRobin {
    address: SocketAddr,
    runtime: Option<Runtime>,
}

impl RoundRobin {
    /// A proxy in front of these servers.
    ///
    /// # Errors
    /// When it cannot listen.
    pub fn start(servers: impl Into<Arc<[SocketAddr]>>) -> io::Result<Self> {
        let servers = servers.into();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        // It may be started from within another runtime, so nothing is waited for here.
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let listener = {
            let _inside = runtime.enter();
            TcpListener::from_std(listener)?
        };
        runtime.spawn(share_out(listener, servers));
        Ok(Self { address, runtime: Some(runtime) })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for RoundRobin {
    fn drop(&mut self) {
        // It may be dropped where nothing may block.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn share_out(listener: TcpListener, servers: Arc<[SocketAddr]>) {
    let next = Arc::new(AtomicUsize::new(0));
    // It fails when the system has no more connections to give; callers see that by themselves.
    while let Ok((mut caller, _)) = listener.accept().await {
        let (servers, next) = (Arc::clone(&servers), Arc::clone(&next));
        tokio::spawn(async move {
            for _ in 0..servers.len() {
                let turn = next.fetch_add(1, Ordering::Relaxed) % servers.len();
                let Some(server) = servers.get(turn) else { return };
                let Ok(mut server) = TcpStream::connect(server).await else { continue };
                let _ = (caller.set_nodelay(true), server.set_nodelay(true));
                // However it ends, both sides see the end.
                let _ = copy_bidirectional(&mut caller, &mut server).await;
                return;
            }
        });
    }
}
