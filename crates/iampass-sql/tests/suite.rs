//! The stores over SQLite, by an adapter of this test's own: the conformance suites, faults on purpose, and what is on the disk.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "suite/conformance.rs"]
mod conformance;
#[path = "suite/faults.rs"]
mod faults;
#[path = "suite/plans.rs"]
mod plans;
#[path = "suite/resealing.rs"]
mod resealing;
#[path = "suite/rusqlite_database.rs"]
mod rusqlite_database;
#[path = "suite/sealing.rs"]
mod sealing;
