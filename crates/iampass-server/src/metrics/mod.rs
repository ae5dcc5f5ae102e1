//! `/metrics`, where Prometheus reads what [`iampass_server_metrics`] counts.
//!
//! Belongs here: the page, and the rule about its readers. Does not belong here: counting.

mod access;
mod live_sessions;
mod page;

pub use access::MetricsAccess;
pub(crate) use page::{MetricsListener, MetricsPage, router};
