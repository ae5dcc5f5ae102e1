//! [`ClientAddress`]: where a request comes from.

use std::net::IpAddr;

use crate::proxies::Client;

/// The address of the caller, among the extensions of a request. Serving puts the other end of the connection here; behind a proxy that is
/// trusted, it is the one that the proxy names. A router that somebody else serves has none, and then nothing is counted by address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ClientAddress(pub(crate) Client);

impl ClientAddress {
    pub(crate) fn ip(self) -> IpAddr {
        self.0.address
    }

    /// The address to count by. None where it is that of a proxy that is not configured as trusted: it would be counted for all who come
    /// through it.
    pub(crate) fn counted(self) -> Option<IpAddr> {
        (!self.0.is_untold_proxy).then_some(self.0.address)
    }

    /// The address that such a proxy says it forwards for.
    pub(crate) fn claimed(self) -> Option<IpAddr> {
        self.0.claimed
    }
}
