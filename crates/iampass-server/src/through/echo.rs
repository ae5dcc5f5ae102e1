//! The service's answer to a probe that arrived.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// The request as it arrived. No part of it is secret to the sender of the probe.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Echo {
    /// Of the probe that is answered. Another one means that the answer was kept by somebody in between.
    pub(super) probe: String,
    pub(super) method: String,
    /// Path and query, byte for byte.
    pub(super) target: String,
    /// The same after the service has taken off the prefix of its public URL.
    pub(super) within: String,
    pub(super) host: String,
    pub(super) body_bytes: usize,
    /// The other end of the connection, with its port.
    pub(super) peer: String,
    /// Whether the other end of the connection is a trusted proxy.
    pub(super) is_trusted: bool,
    /// The entries of the header by which trusted proxies are believed, the latest at the end.
    pub(super) hops: Vec<Hop>,
    /// The lines that proxies write the caller's address into.
    pub(super) forwarded: Vec<String>,
    /// The service's own.
    pub(super) public_url: Option<String>,
}

/// An address in the header that trusted proxies are believed by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Hop {
    /// None for what is no address.
    pub(super) address: Option<IpAddr>,
    pub(super) is_trusted: bool,
}

/// The data of each event of a stream: the number of the event, and the milliseconds since the answer began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Event {
    pub(super) number: u32,
    pub(super) sent_ms: u64,
}

/// How many events a stream has.
pub(super) const EVENTS: u32 = 3;
