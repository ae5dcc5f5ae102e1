//! `config check --through URL`: the program as its own client, through whatever stands in front of the running service.
//!
//! The command sends probes: requests with the header [`PROBE`], under a key that is derived from the master key. The service recognizes a probe
//! wherever it arrives, whatever became of its URL, and answers with what arrived: the method, the URL, the address of the caller. A probe is good
//! for a minute, and its answer holds nothing but what came with it. Making a probe takes the master key.
//!
//! Belongs here: what a probe asks for, how it is recognized, what is tried, and what is said about it. Does not belong here: how the service takes
//! a signed call ([`crate::authenticity`]).

mod address;
mod advice;
mod answering;
mod caller;
mod checking;
mod echo;
mod finding;
mod probe;
mod recognizing;
mod urls;
mod waits;

use http::header::HeaderName;

pub(crate) use answering::answer;
pub(crate) use checking::{Check, check};
pub(crate) use probe::ProbeKeys;
pub(crate) use recognizing::Probes;

/// The header of a probe.
pub(crate) const PROBE: HeaderName = HeaderName::from_static("iampass-probe");
