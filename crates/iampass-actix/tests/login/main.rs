//! A login through actix-web, as a browser and a phone see it, over real sockets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod browser;
mod guards;
mod login;
mod outages;
mod routes;
mod world;
