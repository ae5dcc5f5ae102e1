//! The adapters and the worker against local servers that speak the protocols of push services.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod apns;
mod browser;
mod fcm;
mod openers;
mod server;
mod web_push;
mod webhook;
mod worker;
