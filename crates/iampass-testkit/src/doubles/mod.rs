//! Doubles of the ports that do something sensible by themselves.
//!
//! Belongs here: fakes. Does not belong here: mocks with expectations (see `mocks`).

mod manual_clock;
mod scripted_transport;
mod seeded_entropy;

pub use manual_clock::ManualClock;
pub use scripted_transport::{ScriptedTransport, SentRequest};
pub use seeded_entropy::SeededEntropy;
