//! The program as it is run: its commands, what it prints, how it ends, and what is left after it was killed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod admin;
mod commands;
mod deployed;
mod events;
#[path = "../../../../xtask/src/free_port.rs"]
mod free_port;
mod health;
mod keeping;
mod killed;
mod place;
mod process;
mod push_check;
mod settings;
#[cfg(unix)]
mod stopping;
mod through;
