//! Servers that are found and started, and what they leave behind.
//!
//! Belongs here: what a test of a store relies on. Does not belong here: stores.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod left_behind;
mod private;
mod shared;
mod tls;
