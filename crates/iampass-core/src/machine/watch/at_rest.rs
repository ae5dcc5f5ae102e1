//! [`RestingWatch`]: a watch between two questions, in little memory. Belongs here: its packing. Does not belong here: when it is woken.

use super::{Next, State, Told, Watch, WatchOptions};
use crate::machine::calls;
use crate::machine::exchange::Exchange;
use crate::machine::hints::at_rest::RestingHints;
use crate::machine::io::WaitReason;
use crate::machine::packed::{PackedAssurance, PackedNow, PackedStatus, PackedTime};
use crate::{Monotonic, Session};

/// All that a [`Watch`] knows between two questions, without its session: for those who watch so many sessions that a machine for each would take
/// too much memory.
///
/// ```
/// use iampass_core::machine::{RestingWatch, Watch, WatchOptions};
/// # use iampass_core::{Monotonic, Secret, Server, Session, SessionToken};
/// # let server = Server::parse("https://login.example")?;
/// # let session = Session::new(SessionToken::new("T")?, Secret::new("s"), "https://login.example/s", "https://login.example/l", &server)?;
///
/// let watch = Watch::resumed(&session, Monotonic::NEVER, WatchOptions::default());
/// let resting = RestingWatch::of(&watch).ok_or("a question is under way")?;
/// assert_eq!(resting.due(), Monotonic::ORIGIN, "it has never asked");
/// let watch = resting.woken(&session, WatchOptions::default());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RestingWatch {
    /// None: later than this clock will ever show.
    expires: Option<PackedTime>,
    next: PackedTime,
    is_retry: bool,
    state: RestingState,
    told: RestingTold,
    hints: RestingHints,
    is_doubted: bool,
    failures: u32,
    assurance: Option<PackedAssurance>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RestingState {
    Unconfirmed,
    Present(PackedNow),
    Away(PackedNow),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RestingTold {
    Nothing,
    Present,
    Away,
    Unclear(PackedStatus),
    Unreachable,
}

impl RestingWatch {
    /// The watch at rest. `None`: it does not rest, since a question or an event is under way, its stream is there, or it is over; or one of its
    /// values has no short form, such as a word that this version does not know.
    #[must_use]
    pub fn of(watch: &Watch) -> Option<Self> {
        if watch.finished || !watch.events.is_empty() || watch.exchange.pause().is_some() {
            return None;
        }
        let Next::At(next, reason) = watch.next else { return None };
        let state = match watch.state {
            State::Unconfirmed => RestingState::Unconfirmed,
            State::Present(since) => RestingState::Present(PackedNow::of(since)?),
            State::Away(since) => RestingState::Away(PackedNow::of(since)?),
            State::Ended => return None,
        };
        let told = match &watch.told {
            Told::Nothing => RestingTold::Nothing,
            Told::Present => RestingTold::Present,
            Told::Away => RestingTold::Away,
            Told::Unclear(status) => RestingTold::Unclear(PackedStatus::of(status)?),
            Told::Unreachable => RestingTold::Unreachable,
        };
        let assurance = match &watch.assurance {
            Some(assurance) => Some(PackedAssurance::of(assurance)?),
            None => None,
        };
        Some(Self {
            expires: PackedTime::of(watch.expires),
            next: PackedTime::of(next)?,
            is_retry: match reason {
                WaitReason::Recheck => false,
                WaitReason::Retry => true,
                _ => return None,
            },
            state,
            told,
            hints: RestingHints::of(&watch.hints)?,
            is_doubted: watch.is_doubted,
            failures: watch.failures,
            assurance,
        })
    }

    /// When the watch has to be driven again: a question is due, or the session expires.
    #[must_use]
    pub fn due(&self) -> Monotonic {
        let next = self.next.time();
        let next = self.hints.woken().due().map_or(next, |hinted| next.min(hinted));
        self.expires.map_or(next, |expires| next.min(expires.time()))
    }

    /// The watch as it was, of this session and with these options, which were its own.
    pub fn woken(self, session: &Session, options: WatchOptions) -> Watch {
        let reason = if self.is_retry { WaitReason::Retry } else { WaitReason::Recheck };
        let expires = self.expires.map_or(Monotonic::NEVER, PackedTime::time);
        Watch {
            call: calls::status(session),
            state: match self.state {
                RestingState::Unconfirmed => State::Unconfirmed,
                RestingState::Present(since) => State::Present(since.now()),
                RestingState::Away(since) => State::Away(since.now()),
            },
            told: match self.told {
                RestingTold::Nothing => Told::Nothing,
                RestingTold::Present => Told::Present,
                RestingTold::Away => Told::Away,
                RestingTold::Unclear(status) => Told::Unclear(status.status()),
                RestingTold::Unreachable => Told::Unreachable,
            },
            exchange: Exchange::default(),
            hints: self.hints.woken(),
            is_doubted: self.is_doubted,
            next: Next::At(self.next.time(), reason),
            failures: self.failures,
            assurance: self.assurance.map(PackedAssurance::assurance),
            ..Watch::resumed(session, expires, options)
        }
    }
}
