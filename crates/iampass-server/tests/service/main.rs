//! The service over real sockets, from the outside: what protocol.md says it does, and what it must not do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod authentication;
mod bad_input;
mod broken_off;
mod browsers;
mod clock_steps;
mod connections;
mod console;
mod contract;
mod deadlines;
mod denials;
mod exchange;
mod gateways;
mod guide;
mod http2;
mod mail;
mod management;
mod phone;
mod proxy_protocol;
mod public_address;
mod rates;
mod replay;
mod rewritten_urls;
mod rig;
mod signatures;
mod signed_bodies;
mod sms;
mod sms_refused;
mod status_stream;
mod store;
mod undeserved;
mod unread;
mod unverified_methods;
mod waiting;
mod watched;
