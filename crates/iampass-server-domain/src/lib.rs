//! The rules of the IAMPASS service and the values they go by.
//!
//! Functions here are pure: they take the time and the facts as arguments and do no I/O. The exception is [`random`], which asks the system's
//! generator. This crate is a part of `iampass-server`, cut off so that the rules depend on nothing but `iampass-core`; it promises no stable
//! interface of its own.
//!
//! The life of a session, from the question to its deadline:
//!
//! ```
//! use iampass_core::UnixSeconds;
//! use iampass_server_domain::rules::{Event, State, Timeline};
//! use std::time::Duration;
//!
//! let asked = Timeline::asked(UnixSeconds(1_000), Duration::from_secs(60));
//! let active = asked.after(Event::Accepted, UnixSeconds(1_030), Duration::from_secs(3_600)).map_err(|_| "too late")?;
//! assert_eq!(active.state_at(UnixSeconds(1_031)), State::Active);
//! assert_eq!(active.state_at(UnixSeconds(4_630)), State::Closed);
//!
//! // An answer that comes too late is none.
//! assert!(asked.after(Event::Accepted, UnixSeconds(1_060), Duration::from_secs(3_600)).is_err());
//! # Ok::<(), &str>(())
//! ```
//!
//! * [`rules`]: how a session moves from state to state, which parameters are good, and which role may do what.
//! * [`notice`], [`retry_schedule`]: registration links by SMS and e-mail, the port that sends them, and when an attempt follows on another.
//! * [`push`]: what wakes a phone, and why it was not taken.
//! * [`event`]: events on their way to applications, and the port that sends them.
//! * [`alert`]: what operators are told of.
//! * [`credentials`]: what is issued to applications and sessions.
//!
//! # What it does not do
//! It stores nothing, reads no clock and answers no request: `iampass-server-storage` and `iampass-server` ask it.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod alert;
pub mod credentials;
pub mod event;
pub mod notice;
pub mod push;
pub mod random;
pub mod recovery_code;
pub mod retry_schedule;
pub mod rules;

mod account_limits;
mod lost_account_phone;
mod masked;
mod registration;
mod retry_after;
mod unlocking;
mod unverified_methods;

pub use account_limits::AccountLimits;
pub use lost_account_phone::LostAccountPhone;
pub use masked::masked;
pub use registration::Registration;
pub use retry_after::retry_after;
pub use unlocking::Unlocking;
pub use unverified_methods::UnverifiedMethods;

/// The id of the Console's own application. Drawn ids are longer.
pub const OWN_APPLICATION: &str = "console";
