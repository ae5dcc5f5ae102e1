//! The clocks of the parties: one true time, and a wall clock of each that may be wrong.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use iampass_core::Now;
use iampass_core::port::Clock;

/// The wall clock's second when the simulated time begins.
const WALL: u64 = 1_800_000_000;

/// The owners of clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Service,
    FirstNode,
    SecondNode,
    OwnersPhone,
    StrangersPhone,
}

impl Owner {
    pub(crate) const ALL: [Self; 5] =
        [Self::Service, Self::FirstNode, Self::SecondNode, Self::OwnersPhone, Self::StrangersPhone];
}

/// The true time in milliseconds, and how far each wall clock is from it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clocks(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    millis: u64,
    off_by: [i64; Owner::ALL.len()],
}

impl Clocks {
    fn state<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn millis(&self) -> u64 {
        self.state(|state| state.millis)
    }

    /// Lets time pass for all.
    pub(crate) fn pass_to(&self, millis: u64) {
        self.state(|state| state.millis = state.millis.max(millis));
    }

    /// Sets one wall clock so many seconds off.
    pub(crate) fn step(&self, owner: Owner, seconds: i64) {
        self.set_off_by(owner, seconds * 1_000);
    }

    /// How far one wall clock is off, in milliseconds.
    pub(crate) fn off_by(&self, owner: Owner) -> i64 {
        self.state(|state| state.off_by[owner as usize])
    }

    /// Sets one wall clock so many milliseconds off.
    pub(crate) fn set_off_by(&self, owner: Owner, millis: i64) {
        self.state(|state| state.off_by[owner as usize] = millis);
    }

    /// Sets all of them right.
    pub(crate) fn set_right(&self) {
        self.state(|state| state.off_by = Default::default());
    }

    pub(crate) fn now(&self, owner: Owner) -> Now {
        self.state(|state| {
            let wall = (WALL * 1_000 + state.millis).saturating_add_signed(state.off_by[owner as usize]);
            Now::at(Duration::from_millis(state.millis), Duration::from_millis(wall))
        })
    }
}

/// The service's own.
impl Clock for Clocks {
    fn now(&self) -> Now {
        Clocks::now(self, Owner::Service)
    }
}
