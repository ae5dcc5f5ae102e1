//! [`TurnedAway`]: the log of connections that are closed at once.

use std::net::IpAddr;
use std::time::Duration;

use iampass_server_metrics::ConnectionRefusal;
use tokio::time::Instant;

/// How often each reason is told of. Somebody may send very many connections.
const BETWEEN_LINES: Duration = Duration::from_secs(60);

/// When each reason was told of last, and how often it occurred since.
#[derive(Debug, Default)]
pub(super) struct TurnedAway([Since; ConnectionRefusal::ALL.len()]);

#[derive(Debug, Default)]
struct Since {
    told: Option<Instant>,
    connections: u64,
}

impl TurnedAway {
    pub(super) fn note(&mut self, peer: IpAddr, refusal: ConnectionRefusal) {
        let Some(since) = self.0.get_mut(refusal as usize) else { return };
        since.connections += 1;
        if since.told.is_none_or(|told| told.elapsed() >= BETWEEN_LINES) {
            tracing::warn!(%peer, connections = since.connections, "{}", sentence(refusal));
            *since = Since { told: Some(Instant::now()), connections: 0 };
        }
    }
}

/// The line of the log, which says what to do about it.
const fn sentence(refusal: ConnectionRefusal) -> &'static str {
    match refusal {
        ConnectionRefusal::NoTrustedProxy => {
            "connections by no trusted proxy were closed; if one comes from your proxy, name it by --trusted-proxy"
        }
        ConnectionRefusal::TooManyOfAddress => {
            "connections were closed: their address has as many as limits.connections_per_address allows; if it is your proxy, name it \
             by --trusted-proxy"
        }
        ConnectionRefusal::NoProxyHeader => {
            "connections without a good header of the PROXY protocol from a trusted proxy were closed; have the proxy send it in the \
             version that proxy_protocol names, or switch proxy_protocol off"
        }
    }
}
