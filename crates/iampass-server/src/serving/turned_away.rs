//! [`TurnedAway`]: the log of connections that are closed at once.

use std::net::IpAddr;
use std::time::Duration;

use tokio::time::Instant;

/// How often each reason is told of. Somebody may send very many connections.
const BETWEEN_LINES: Duration = Duration::from_secs(60);

/// Why a connection is closed at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It comes neither from this machine nor from a trusted proxy, and the service speaks no TLS.
    NoTrustedProxy,
    /// Its address has as many as it may.
    TooManyOfAddress,
    /// It does not begin with a header of the PROXY protocol, or with one that is not believed.
    NoProxyHeader,
}

impl Refusal {
    pub(crate) const ALL: [Self; 3] = [Self::NoTrustedProxy, Self::TooManyOfAddress, Self::NoProxyHeader];

    /// For metrics.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::NoTrustedProxy => "no_trusted_proxy",
            Self::TooManyOfAddress => "too_many_of_address",
            Self::NoProxyHeader => "no_proxy_header",
        }
    }

    const fn sentence(self) -> &'static str {
        match self {
            Self::NoTrustedProxy => {
                "connections by no trusted proxy were closed; if one comes from your proxy, name it by --trusted-proxy"
            }
            Self::TooManyOfAddress => {
                "connections were closed: their address has as many as limits.connections_per_address allows; if it is your proxy, name it \
                 by --trusted-proxy"
            }
            Self::NoProxyHeader => {
                "connections without a good header of the PROXY protocol from a trusted proxy were closed; have the proxy send it in the \
                 version that proxy_protocol names, or switch proxy_protocol off"
            }
        }
    }
}

/// When each reason was told of last, and how often it occurred since.
#[derive(Debug, Default)]
pub(super) struct TurnedAway([Since; Refusal::ALL.len()]);

#[derive(Debug, Default)]
struct Since {
    told: Option<Instant>,
    connections: u64,
}

impl TurnedAway {
    pub(super) fn note(&mut self, peer: IpAddr, refusal: Refusal) {
        let Some(since) = self.0.get_mut(refusal as usize) else { return };
        since.connections += 1;
        if since.told.is_none_or(|told| told.elapsed() >= BETWEEN_LINES) {
            tracing::warn!(%peer, connections = since.connections, "{}", refusal.sentence());
            *since = Since { told: Some(Instant::now()), connections: 0 };
        }
    }
}
