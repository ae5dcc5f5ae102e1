//! Our own client runs the judge's list, and what the published one cannot do: logins, watching, outages.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod calls;
mod check;
mod clocks_and_replays;
mod enrolment;
mod failing_stores;
mod logins;
mod nameless;
mod outages;
mod posts;
mod proxy;
mod rig;
mod shared_entries;
mod status_stream;
mod watching;
