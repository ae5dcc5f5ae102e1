//! A session in use, watched.

use futures_core::Stream;

use super::Client;
use super::drive::{Canceller, Drive, Step};
use super::status_stream::{Purpose, StatusStream};
use crate::machine::{Access, Input, Machine as _, RestingWatch, Watch, WatchEvent, WatchOptions};
use crate::wire::Assurance;
use crate::{Error, Monotonic, Now, Session};

/// A session being watched: see [`Client::watch`] and [`Client::resume_watch`].
#[derive(Debug)]
#[must_use = "a watch sees nothing until it is awaited"]
pub struct WatchFlow {
    client: Client,
    drive: Drive<Watch>,
    session: Session,
    ended: Option<WatchEvent>,
}

/// A [`WatchFlow`] between two questions, in little memory and without its session: see [`WatchFlow::at_rest`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RestingFlow {
    watch: RestingWatch,
    wants_stream: bool,
}

impl RestingFlow {
    /// When the flow has to be driven again.
    #[must_use]
    pub fn due(&self) -> Monotonic {
        self.watch.due()
    }
}

impl Client {
    /// Goes on with a watch that rested ([`WatchFlow::at_rest`]), of the same session and with the same options.
    pub fn wake_watch(&self, resting: &RestingFlow, session: Session, options: WatchOptions) -> WatchFlow {
        let mut flow = WatchFlow::new(self.clone(), resting.watch.woken(&session, options), session);
        if !resting.wants_stream {
            flow.drive.follow(StatusStream::Nowhere);
        }
        flow
    }

    /// Waits until the client's clock shows `until`.
    pub async fn sleep_until(&self, until: Monotonic) {
        self.ports().sleep.until(until).await;
    }
}

impl WatchFlow {
    /// The flow at rest, for callers that watch so many sessions that a flow for each takes too much memory: it is dropped, and made again by
    /// [`Client::wake_watch`] when it is [due](RestingFlow::due). Its cancellers have no effect on that one.
    ///
    /// `None`: it has to go on, since a question is under way, something is to be told, its stream is there, or it is over; or it
    /// has no short form, such as after a word that this version does not know.
    ///
    /// # Errors
    /// [`Error::Entropy`]: no wait can be drawn.
    pub fn at_rest(&mut self) -> Result<Option<RestingFlow>, Error> {
        let stream = self.drive.stream();
        if self.ended.is_some() || self.drive.is_asking() || stream.is_followed() {
            return Ok(None);
        }
        let wants_stream = stream.is_wanted();
        let ports = self.client.ports();
        self.drive.machine.settle(ports.clock.now(), ports.entropy.draw()?);
        Ok(RestingWatch::of(&self.drive.machine).map(|watch| RestingFlow { watch, wants_stream }))
    }

    pub(super) fn new(client: Client, machine: Watch, session: Session) -> Self {
        let mut drive = Drive::new(machine, client.ports().clone());
        drive.follow(StatusStream::of(&session, Purpose::Watch));
        Self { client, drive, session, ended: None }
    }

    /// The next event; `None` after [`WatchEvent::Ended`], and after a cancel. It may be dropped and called again.
    ///
    /// # Errors
    /// [`Error::Entropy`] when nothing can be asked, [`Error::Store`] when the ended session could not be removed
    /// from the store. Access is as [`WatchFlow::access`] says all the same.
    pub async fn next(&mut self) -> Result<Option<WatchEvent>, Error> {
        if self.ended.is_none() {
            match self.drive.next_event().await? {
                Some(ended @ WatchEvent::Ended(_)) => self.end(ended),
                event => return Ok(event),
            }
        }
        self.client.sessions().delete(self.session.token()).await?;
        Ok(self.ended.take())
    }

    /// Nothing is listened to after the end, however long this value is kept.
    fn end(&mut self, ended: WatchEvent) {
        self.drive.let_go();
        self.ended = Some(ended);
    }

    /// Drives the watch by one turn, for callers that need each answer and not only changes. `Ok(None)`: there may be
    /// something new to see, or not; go on. After [`WatchEvent::Ended`] and after a cancel it never comes back.
    ///
    /// # Errors
    /// As [`WatchFlow::next`].
    pub async fn step(&mut self) -> Result<Option<WatchEvent>, Error> {
        if self.ended.is_none() {
            match self.drive.step().await? {
                Step::Event(ended @ WatchEvent::Ended(_)) => self.end(ended),
                Step::Event(event) => return Ok(Some(event)),
                Step::Sent | Step::Waited => return Ok(None),
                Step::Finished => return std::future::pending().await,
            }
        }
        self.client.sessions().delete(self.session.token()).await?;
        Ok(self.ended.take())
    }

    /// Drops the session's status stream, which may be a connection, until the watch is driven again. For callers that keep a watch without
    /// driving it.
    pub fn rest(&mut self) {
        self.drive.rest();
    }

    /// Stops asking and listening for good, and drops the connections for it: for a session that was ended by other means.
    pub fn let_go(&mut self) {
        self.drive.machine.handle(self.client.ports().clock.now(), Input::Cancel);
        self.drive.let_go();
    }

    /// The time of the question behind the last status known, if one is known.
    #[must_use]
    pub fn confirmed_at(&self) -> Option<Now> {
        self.drive.machine.confirmed_at()
    }

    /// The proof that the approval of the session has given, by the same answer. `None`: the service does not say, or nothing is known, which counts as
    /// nothing.
    #[must_use]
    pub fn assurance(&self) -> Option<&Assurance> {
        self.drive.machine.assurance()
    }

    /// Whether a question is under way. It is answered only while the watch is being driven.
    #[must_use]
    pub fn is_asking(&self) -> bool {
        self.drive.is_asking()
    }

    /// Asks at the next turn instead of when it is due, unless a question is under way. However often it is called: it is the
    /// caller's to bound.
    pub fn ask_now(&mut self) {
        self.drive.machine.ask_now(self.client.ports().clock.now());
    }

    /// The present access of the session's user. It is kept up to date only while the watch is driven.
    pub fn access(&self) -> Access {
        self.drive.machine.access(self.client.ports().clock.now())
    }

    /// The events as a stream.
    pub fn into_stream(self) -> impl Stream<Item = Result<WatchEvent, Error>> + Send {
        futures_util::stream::unfold(Some(self), |flow| async move {
            let mut flow = flow?;
            match flow.next().await {
                Ok(event) => Some((Ok(event?), Some(flow))),
                Err(error) => Some((Err(error), None)),
            }
        })
    }

    /// Stops watching, for another task. The session is not ended by it: that is [`Client::logout`].
    #[must_use]
    pub fn canceller(&self) -> Canceller {
        self.drive.canceller()
    }
}
