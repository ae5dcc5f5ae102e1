//! Phones that are driven from code. They take every address from the service's answers and build none \[X\].
//!
//! Belongs here: the phone's side of the wire. Does not belong here: the application's side, which is
//! [`iampass_core::client::Client`].

mod answer;
mod line;
mod several;
mod single;

pub use several::Phone;
pub use single::VirtualPhone;
