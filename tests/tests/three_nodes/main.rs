//! Three nodes of the service over one PostgreSQL, behind a round-robin: whatever one knows, all know, and one that dies is not missed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod caller;
mod console;
mod foreseen;
mod killed;
mod logins;
mod nonces;
mod outages;
mod presence;
mod pushes;
mod timers;
