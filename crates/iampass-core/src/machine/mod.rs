//! The state machines: what to send when, and what the answers mean.
//!
//! A machine does no I/O. It takes the time and random bits as arguments, gives out what is to be done, and is told what
//! happened; see [`Machine`] for the contract. [`crate::client::Client`] drives them over ports; an event loop of your own does as well.
//!
//! | machine | does | ends with |
//! |---|---|---|
//! | [`Call`] | one question, repeated where that is safe | the answer |
//! | [`Enrolment`] | a user and their phone become known to the service | the phone is registered |
//! | [`Login`] | the user is asked, and the outcome awaited | granted or denied |
//! | [`Watch`] | asks again and again whether the user is still there | the session's end |
//! | [`Logout`] | tells the service until it has confirmed | the session's end |
//!
//! Where the service offers a stream of a session's changes, a [`Follower`] reads it, and what it says goes into [`Login`] and [`Watch`]
//! as a [`Hint`]: a reason to ask now, and never more than that.
//!
//! Belongs here: decisions. Does not belong here: clocks, sleeping, sending, storing.

pub mod answers;
mod backoff;
mod call;
pub mod calls;
mod check;
mod enrolment;
mod event_stream;
mod exchange;
mod follower;
mod hints;
mod io;
mod login;
mod login_events;
mod login_options;
mod logout;
mod packed;
mod watch;

#[cfg(test)]
mod test_rig;
#[cfg(test)]
mod tests;

pub use backoff::Backoff;
pub use call::{Call, Repeat, RetryPolicy};
pub use check::{Check, ClockOffset, Finding};
pub use enrolment::{Enrolment, EnrolmentEvent, EnrolmentOptions, EnrolmentOutcome};
pub use follower::{Follow, Follower};
pub use hints::Hint;
pub use io::{Input, Machine, Outgoing, Output, Pause, RequestId, WaitReason};
pub use login::Login;
pub use login_events::{Denial, Granted, LoginEvent, LoginOutcome, StartedLogin};
pub use login_options::{DEFAULT_SESSION_DURATION, LoginOptions};
pub(crate) use logout::is_gone;
pub use logout::{Logout, LogoutEvent, LogoutOutcome};
pub use watch::at_rest::RestingWatch;
pub use watch::{Access, Watch, WatchEnd, WatchEvent, WatchOptions};
