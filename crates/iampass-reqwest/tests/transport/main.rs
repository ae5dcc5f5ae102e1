//! The transport over real sockets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod answers;
mod on_the_wire;
mod raw_server;
mod streams;
mod tls;
