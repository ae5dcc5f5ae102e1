//! The phone against a service that answers from a list, with its signatures checked by other means than those that made them.
#![cfg(all(feature = "software-key", feature = "system"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod answering;
mod answers;
mod bringing;
mod fake_service;
mod polling;
mod presence;
mod registering;
mod several;
