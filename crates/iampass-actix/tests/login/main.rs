//! A login through actix-web, as a browser and a phone see it, over real sockets.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)] // What stands around the tests fails them by it, as they do themselves.

mod browser;
mod guards;
mod login;
mod outages;
mod routes;
mod world;
