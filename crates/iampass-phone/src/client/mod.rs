//! [`PhoneClient`]: the phone's side of the protocol over the ports.
//!
//! It spawns nothing: its work is done while its futures are awaited, on any runtime.
//!
//! Belongs here: async. Does not belong here: the form of calls and answers.

mod account;
mod builder;
mod phone;
mod phones;
mod ports;
mod presence;
mod questions;
mod unlocking;

pub use account::Account;
pub use builder::{PhoneClient, PhoneClientBuilder};
pub use phone::{Phone, bring_scan};
pub use presence::Presence;
pub use questions::Questions;
