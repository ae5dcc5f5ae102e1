//! The counters and histograms of the IAMPASS service.
//!
//! Counting must cost next to nothing, since the state of sessions is asked for all the time: tables of atomics that have their size from
//! the beginning. Labels are words of this code only, never anything of a request but its route.
//!
//! ```
//! use iampass_server_metrics::{LoginEvent, Metrics};
//!
//! let metrics = Metrics::new(["/healthz", "(none)"]);
//! metrics.logins.count(LoginEvent::Accepted);
//! assert!(metrics.logins.counts().any(|counted| counted == ("accepted", 1)));
//! ```
//!
//! This crate is a part of `iampass-server`; it promises no stable interface of its own.
//!
//! # What it does not do
//! It does not decide when something is counted, and it writes no page: `iampass-server` does both.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod connections;
mod deliveries;
mod histogram;
mod logins;
mod pushes;
mod requests;

use std::sync::Arc;

pub use connections::{ConnectionRefusal, Connections, OpenConnection};
pub use deliveries::{Deliveries, DeliveryEvent};
pub use histogram::{Histogram, Scale};
pub use logins::{LoginEvent, Logins};
pub use pushes::{PushEvent, Pushes};
pub use requests::{Requests, RouteRequests};

/// All counters of a service.
#[derive(Debug)]
pub struct Metrics {
    /// Requests by route.
    pub requests: Requests,
    /// Authentication requests by outcome.
    pub logins: Logins,
    /// Attempts to send registration links.
    pub deliveries: Deliveries,
    /// Pushes to phones.
    pub pushes: Pushes,
    /// Connections.
    pub connections: Arc<Connections>,
}

impl Metrics {
    /// With a counter for each of these routes, which are known by their places from then on.
    #[must_use]
    pub fn new(patterns: impl IntoIterator<Item = &'static str>) -> Self {
        Self {
            requests: Requests::new(patterns),
            logins: Logins::default(),
            deliveries: Deliveries::default(),
            pushes: Pushes::default(),
            connections: Arc::default(),
        }
    }
}
