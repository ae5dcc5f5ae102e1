//! Phones that are driven from code, on top of [`iampass_phone`].
//!
//! Belongs here: the taps of a person as methods, and simulated data. Does not belong here: the phone's side of the wire, which is
//! [`iampass_phone`], and the application's side, which is [`iampass_core::client::Client`].

mod answer;
mod by_link;
mod client;
mod forged;
mod presence;
mod several;
mod single;
mod unlocked;

pub use several::Phone;
pub use single::VirtualPhone;
