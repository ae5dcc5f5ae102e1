//! The application as its users meet it: over sockets, with a service and phones of the test kit.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod accounts;
mod blog;
mod browser;
mod demo;
mod program;
mod refused;
mod setting;
