//! The stores on real databases: SQLite in a file, PostgreSQL and MariaDB.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod application;
mod cancelled;
mod faults;
mod frozen;
mod migrations;
mod migrations_from_old;
mod outages;
mod place;
mod runtime;
mod sessions;
mod suites;
mod tls;
