//! The rules of the IAMPASS service and the values they go by.
//!
//! Functions here are pure: they take the time and the facts as arguments and do no I/O. The exception is [`random`], which asks the system's
//! generator. This crate is a part of `iampass-server`, cut off so that the rules depend on nothing but `iampass-core`; it promises no stable
//! interface of its own.
//!
//! * [`rules`]: how a session moves from state to state, which parameters are good, and which role may do what.
//! * [`notice`], [`retry_schedule`]: registration links by SMS and e-mail, the port that sends them, and when an attempt follows on another.
//! * [`credentials`]: what is issued to applications and sessions.
//!
//! Belongs here: decisions. Does not belong here: SQL, HTTP, files, clocks.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod credentials;
pub mod hexadecimal;
pub mod notice;
pub mod random;
pub mod retry_schedule;
pub mod rules;

mod masked;
mod registration;
mod unverified_methods;

pub use masked::masked;
pub use registration::Registration;
pub use unverified_methods::UnverifiedMethods;

/// The id of the Console's own application. Drawn ids are longer.
pub const OWN_APPLICATION: &str = "console";
