//! The protocol core driven by hand, with another HTTP client and without async: what a program does that has an event loop of its own.
//!
//! A machine says what is to be done ([`Output`]) and is told what happened ([`Input`]). It reads no clock, draws no random numbers
//! and sends nothing, so all of that is in [`drive`], in about thirty lines.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod http;

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use iampass::core::machine::{Input, Machine, Output};
use iampass::core::{Draw, Monotonic, Now};

pub use http::Http;

/// The errors that can occur here; an application has its own.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The system's two clocks.
#[derive(Debug, Clone, Copy)]
pub struct Clock(Instant);

impl Clock {
    /// A clock that begins now.
    #[must_use]
    #[expect(
        clippy::new_without_default,
        reason = "two clocks are not the same, so none should come about by itself"
    )]
    pub fn new() -> Self {
        Self(Instant::now())
    }

    /// The current time.
    #[must_use]
    pub fn now(self) -> Now {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Now::new(self.0.elapsed(), wall.as_secs())
    }

    fn sleep_until(self, until: Monotonic) {
        std::thread::sleep(until.since(self.now().mono));
    }
}

/// Random bits of the system, for one call of a machine.
///
/// # Errors
/// When the system gives none.
pub fn draw() -> Result<Draw, Failure> {
    let mut random = [0; 16];
    getrandom::fill(&mut random)?;
    Ok(Draw::from_bytes(random))
}

/// Drives a machine to its end. Each of its events goes to `tell`, which may talk to the machine in turn.
///
/// # Errors
/// When the system gives no randomness, or `tell` fails.
pub fn drive<M: Machine>(
    mut machine: M,
    http: &Http,
    clock: Clock,
    mut tell: impl FnMut(&mut M, M::Event) -> Result<(), Failure>,
) -> Result<(), Failure> {
    loop {
        match machine.poll_output(clock.now(), draw()?) {
            Output::Event(event) => tell(&mut machine, event)?,
            Output::Send(outgoing) => {
                // This thread has nothing better to do than to wait. An event loop would go on, and hand the answer in when it is there.
                let answer = http.send(outgoing.request);
                machine.handle(clock.now(), Input::Answer(outgoing.id, answer));
            }
            Output::Wait(pause) => clock.sleep_until(pause.until),
            Output::Finished => return Ok(()),
        }
    }
}
