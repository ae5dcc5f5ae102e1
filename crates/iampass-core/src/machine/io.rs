//! The input and output of machines.

use super::hints::Hint;
use crate::port::{HttpRequest, HttpResponse, TransportError};
use crate::{Draw, Monotonic, Now};

/// Something that is driven: asked what to do, and told what happened.
///
/// # Contract
/// * After every call of [`Machine::handle`], and whenever a wait is over, call [`Machine::poll_output`] until it returns
///   [`Output::Wait`] or [`Output::Finished`].
/// * Polling early, late or more often than needed is harmless.
/// * Each call takes the time of the call, and each poll a fresh [`Draw`].
/// * A request that a machine gives out is sent once, unchanged. Its answer is given back with the same [`RequestId`]; an answer that
///   comes after the machine has given the request up is ignored.
///
/// ```
/// use iampass_core::machine::{Input, Machine, Output};
/// use iampass_core::{Draw, Now};
///
/// /// One turn of a loop by hand: `send` does the I/O, `wait` sleeps, `tell` shows events.
/// fn turn<M: Machine>(
///     machine: &mut M,
///     now: Now,
///     draw: Draw,
///     send: impl Fn(http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, iampass_core::port::TransportError>,
///     wait: impl Fn(iampass_core::Monotonic),
///     tell: impl Fn(M::Event),
/// ) -> bool {
///     match machine.poll_output(now, draw) {
///         Output::Send(outgoing) => {
///             let answer = send(outgoing.request);
///             machine.handle(now, Input::Answer(outgoing.id, answer));
///         }
///         Output::Wait(pause) => wait(pause.until),
///         Output::Event(event) => tell(event),
///         Output::Finished => return false,
///     }
///     true
/// }
/// ```
pub trait Machine {
    /// An event that the machine reports on its way.
    type Event;

    /// The next thing to do.
    fn poll_output(&mut self, now: Now, draw: Draw) -> Output<Self::Event>;

    /// Takes in what happened.
    fn handle(&mut self, now: Now, input: Input);
}

/// The next thing to do.
#[derive(Debug)]
#[must_use = "a machine stands still until its output is acted on"]
// It is moved once and taken apart at once; a box would cost an allocation for each request.
#[allow(clippy::large_enum_variant)]
pub enum Output<E> {
    /// Send this request, once.
    Send(Outgoing),
    /// Nothing to do until then, unless an input comes.
    Wait(Pause),
    /// Something happened.
    Event(E),
    /// The machine is done: it will say nothing else any more.
    Finished,
}

/// A request to be sent.
#[derive(Debug)]
pub struct Outgoing {
    /// To be given back with the answer.
    pub id: RequestId,
    /// The request, signed, final.
    pub request: HttpRequest,
}

/// Which request of a machine an answer belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(pub(super) u64);

/// Until when there is nothing to do, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// Poll again then.
    pub until: Monotonic,
    /// The reason of the wait.
    pub reason: WaitReason,
}

/// The reason of a machine's wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WaitReason {
    /// An answer; at the end of the wait the request is given up.
    Answer,
    /// The next question about something that is not decided yet.
    NextPoll,
    /// The next attempt, after one that failed.
    Retry,
    /// The next check of a session that is in use.
    Recheck,
    /// [`super::Enrolment::assigned`].
    Assignment,
}

/// An occurrence that a machine is given.
#[derive(Debug)]
pub enum Input {
    /// The answer to a request, or that there is none.
    Answer(RequestId, Result<HttpResponse, TransportError>),
    /// The caller wants to end it.
    Cancel,
    /// Something came of the session's status stream, for [`super::Login`] and [`super::Watch`]; see [`super::Follower`]. A machine does
    /// without as well.
    Hint(Hint),
}
