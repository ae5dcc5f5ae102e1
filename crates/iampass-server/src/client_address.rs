//! [`ClientAddress`]: where a request comes from.

use std::net::IpAddr;

/// The address of the caller, among the extensions of a request. Serving puts the other end of the connection here; behind a proxy that is
/// trusted, it is the one that the proxy names. A router that somebody else serves has none, and then nothing is counted by address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ClientAddress(pub(crate) IpAddr);
