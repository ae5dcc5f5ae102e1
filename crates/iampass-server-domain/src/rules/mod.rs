//! The decisions of the service: pure functions over plain values, without I/O, clock or lock.
//!
//! Belongs here: how a session moves from state to state, which parameters are good, and who may do what to an application. Does not belong here: SQL, HTTP.

mod denials;
mod message_permission;
mod messages;
mod parameters;
mod roles;
mod session_state;

pub use denials::Denials;
pub use message_permission::{MessageFacts, may_send};
pub use messages::{mail_address, mail_message, name_in_texts, name_of_user, sms_message};
pub use parameters::{InvalidParameter, asked_methods, methods, phone_number, positive_seconds};
pub use roles::{Act, Role, Standing, may, may_give};
pub use session_state::{Event, State, Timeline, brings_what_was_asked, can_be_verified};
