//! The stores over diesel on real databases: SQLite in a file, PostgreSQL, MariaDB.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod cancelled;
mod contention;
mod faults;
mod frozen;
mod migrations;
mod migrations_from_old;
mod nodes;
mod outages;
mod suites;
mod tables;
mod threads;
mod tls;
