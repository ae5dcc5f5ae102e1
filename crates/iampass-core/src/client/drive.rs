//! The loop that drives a machine over the ports.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::future::{AbortHandle, Abortable, Either, Pending, pending, select};

use super::status_stream::{StatusStream, StreamLimit, Turn};
use crate::Error;
use crate::machine::{Hint, Input, Machine, Output, RequestId};
use crate::port::{Clock, Entropy, HttpResponse, HttpTransport, Sleep, TransportError};

/// The ports that every flow needs.
#[derive(Clone)]
pub(super) struct Ports {
    pub(super) transport: Arc<dyn HttpTransport>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) sleep: Arc<dyn Sleep>,
    pub(super) streams: Arc<StreamLimit>,
}

type UnderWay = Pin<Box<dyn Future<Output = Result<HttpResponse, TransportError>> + Send>>;

/// A machine, the request that it has under way, and the stream that it has hints from.
///
/// Dropping the future of [`Drive::next_event`] loses nothing: the request goes on where it is when it is called again.
pub(super) struct Drive<M> {
    pub(super) machine: M,
    ports: Ports,
    under_way: Option<(RequestId, UnderWay)>,
    stream: StatusStream,
    cancelled: Option<Abortable<Pending<()>>>,
    canceller: Canceller,
}

/// Cancels a flow from another task: for a *Cancel* button.
///
/// The flow must still be driven: it ends the session that it has started, and says how it ended.
#[derive(Clone, Debug)]
pub struct Canceller(AbortHandle);

impl Canceller {
    /// Cancels. Nothing happens if the flow has ended.
    pub fn cancel(&self) {
        self.0.abort();
    }
}

/// The outcome of one turn of the loop.
pub(super) enum Step<E> {
    Event(E),
    Sent,
    Waited,
    Finished,
}

impl<M: Machine> Drive<M> {
    pub(super) fn new(machine: M, ports: Ports) -> Self {
        let (handle, registration) = AbortHandle::new_pair();
        let cancelled = Some(Abortable::new(pending(), registration));
        let (under_way, stream) = (None, StatusStream::Nowhere);
        Self { machine, ports, under_way, stream, cancelled, canceller: Canceller(handle) }
    }

    /// Takes hints from this stream from now on.
    pub(super) fn follow(&mut self, stream: StatusStream) {
        self.stream = stream;
    }

    /// Where its hints come from.
    pub(super) fn stream(&self) -> &StatusStream {
        &self.stream
    }

    /// Releases everything that it holds open. Its later output is ignored.
    pub(super) fn let_go(&mut self) {
        self.stream = StatusStream::Nowhere;
        self.under_way = None;
    }

    /// Holds no stream until it is driven again.
    pub(super) fn rest(&mut self) {
        self.stream.rest();
        self.machine.handle(self.ports.clock.now(), Input::Hint(Hint::Lost));
    }

    pub(super) fn canceller(&self) -> Canceller {
        self.canceller.clone()
    }

    /// Drives until the machine says something, or has nothing to say any more.
    pub(super) async fn next_event(&mut self) -> Result<Option<M::Event>, Error> {
        loop {
            match self.step().await? {
                Step::Event(event) => return Ok(Some(event)),
                Step::Finished => return Ok(None),
                Step::Sent | Step::Waited => {}
            }
        }
    }

    /// Polls the machine once and does what it says.
    pub(super) async fn step(&mut self) -> Result<Step<M::Event>, Error> {
        let draw = self.ports.entropy.draw()?;
        Ok(match self.machine.poll_output(self.ports.clock.now(), draw) {
            Output::Event(event) => Step::Event(event),
            Output::Finished => {
                self.stream = StatusStream::Nowhere;
                Step::Finished
            }
            Output::Send(outgoing) => {
                let transport = Arc::clone(&self.ports.transport);
                let answer = Box::pin(async move { transport.send(outgoing.request).await });
                self.under_way = Some((outgoing.id, answer));
                Step::Sent
            }
            Output::Wait(pause) => {
                let input = match self.stream.turn(&self.ports)? {
                    Turn::Hint(hint) => Some(Input::Hint(hint)),
                    Turn::Wait(until) => self.wait(pause.until.min(until)).await,
                };
                if let Some(input) = input {
                    self.machine.handle(self.ports.clock.now(), input);
                }
                Step::Waited
            }
        })
    }

    /// Whether a request is under way, whose answer arrives only while this is driven.
    pub(super) fn is_asking(&self) -> bool {
        self.under_way.is_some()
    }

    /// Waits for the answer, the time, the canceller or the stream, whichever comes first.
    async fn wait(&mut self, until: crate::Monotonic) -> Option<Input> {
        let sleep = self.ports.sleep.until(until);
        let cancelled = async {
            match &mut self.cancelled {
                Some(cancelled) => drop(Pin::new(cancelled).await),
                None => pending().await,
            }
        };
        let answered = async {
            match &mut self.under_way {
                Some((id, answer)) => (*id, answer.await),
                None => pending().await,
            }
        };
        let streamed = std::pin::pin!(self.stream.listen(&self.ports));
        let (cancelled, answered) = (std::pin::pin!(cancelled), std::pin::pin!(answered));
        match select(cancelled, select(answered, select(sleep, streamed))).await {
            Either::Left(((), _)) => {
                self.cancelled = None;
                Some(Input::Cancel)
            }
            Either::Right((Either::Left(((id, answer), _)), _)) => {
                self.under_way = None;
                Some(Input::Answer(id, answer))
            }
            Either::Right((Either::Right(_), _)) => None,
        }
    }
}

impl<M: fmt::Debug> fmt::Debug for Drive<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drive").field("machine", &self.machine).finish_non_exhaustive()
    }
}
