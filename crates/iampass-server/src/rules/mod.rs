//! What the service decides: pure functions over plain values, without I/O, clock or lock.
//!
//! Belongs here: how a session moves from state to state, and which parameters are good. Does not belong here: SQL, HTTP.

mod parameters;
mod session_state;

pub(crate) use parameters::{allowed, methods, phone_number, positive_seconds};
pub(crate) use session_state::{Event, State, Timeline, brings_what_was_asked};
