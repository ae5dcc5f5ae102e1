//! The decisions of the service: pure functions over plain values, without I/O, clock or lock.
//!
//! Belongs here: how a session moves from state to state, which parameters are good, and who may do what to an application. Does not belong here: SQL, HTTP.

mod admin_keys;
mod allowed_phones;
mod confirmation;
mod denials;
mod ending;
mod giving_way;
mod growing_pause;
mod message_permission;
mod messages;
mod network;
mod parameters;
mod phones;
mod presence;
mod proofs;
mod roles;
mod session_state;
mod signed_word;

pub use admin_keys::{InvalidKey, LONGEST_KEY_DAYS, Scopes, key_lifetime, key_name, scope_may};
pub use allowed_phones::{AllowedPhones, Lacking};
pub use confirmation::{Approval, EndReason, MOST_WRONG_CODES, Proven, WrongCodes, rings};
pub use denials::Denials;
pub use ending::{Ending, Outcome};
pub use giving_way::gives_way;
pub use message_permission::{MessageFacts, may_send};
pub use messages::{mail_address, mail_message, name_in_texts, name_of_user, sms_message};
pub use network::network_of;
pub use parameters::{InvalidParameter, asked_methods, methods, phone_number, positive_seconds};
pub use phones::{
    CannotAdd, MOST_PHONES, Registering, WAITING_FOR, is_of_a_clock_ahead, is_phone_name, new_phone,
    pause_of_new_phone,
};
pub use presence::{LONGEST_PROMISE, SHORTEST_PROMISE, Walkaway, promise};
pub use proofs::{brings_what_was_asked, can_be_verified};
pub use roles::{Act, Role, Standing, is_open_to_new_phones, may, may_give};
pub use session_state::{Event, State, Timeline};
pub use signed_word::{PresenceWord, SignedWord};
