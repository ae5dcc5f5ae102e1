//! A conformance suite for any [`TokenStore`](iampass_core::port::TokenStore), any
//! [`SessionStore`](iampass_core::port::SessionStore) and any [`SharedState`](iampass_core::port::SharedState): each sentence of the ports'
//! contracts as a check. A session store is a `SharedState` too, so its suite has those checks as well.
//!
//! A store passes in five lines:
//!
//! ```
//! use iampass_core::port::MemoryTokenStore;
//! use iampass_testkit::store_suite::token_store_suite;
//! use std::sync::Arc;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let report = token_store_suite(|| async { Arc::new(MemoryTokenStore::new(1_000)) }).await;
//! report.assert_passed();
//! # }
//! ```
//!
//! The closure is called once for each check and gives a store with nothing in it; the one before has been dropped by then,
//! so emptying the same tables is enough. It must have room for 200 users, or 200 sessions and
//! 200 shared entries. Checks run one after
//! the other, on the runtime that they are called on, of any flavour; the time is always a parameter, so none of them waits
//! for a clock, and none is given up: a store that never answers is for the test's own time limit.
//!
//! A store over a database has more to show. It implements [`StoreUnderTest`]: a second node, the application's users that
//! the foreign key needs, deleting one of them, damaging a stored session. A check that needs what a store does not offer is
//! skipped, and the report says so ([`SuiteReport::skipped`]).
//!
//! Belongs here: checks of what the ports promise. Does not belong here: what one store promises beyond that (its bound,
//! its sealing, its migrations), nor faults of a database, which each store tests for itself.

mod at_once;
mod checks;
mod report;
mod session_claims;
mod session_fixture;
mod session_leases;
mod session_records;
mod session_requests;
mod session_skew;
mod session_suite;
mod session_users;
mod shared_at_once;
mod shared_entries;
mod shared_fixture;
mod shared_purging;
mod shared_suite;
mod texts;
mod token_checks;
mod token_concurrency;
mod token_suite;
mod token_texts;
mod under_test;

pub use report::{FailedCheck, SkippedCheck, SuiteReport};
pub use session_fixture::SUITE_SERVER;
pub use session_suite::session_store_suite;
pub use shared_suite::shared_state_suite;
pub use token_suite::token_store_suite;
pub use under_test::{HookOutcome, KeyKind, StoreUnderTest};
