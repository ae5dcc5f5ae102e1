//! The status stream of one session, held open beside its polling where the service offers one.
//!
//! Belongs here: the connection, and how many of them a client holds. Does not belong here: when it is opened and what its events say,
//! which is the [`Follower`]'s.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::StreamExt as _;
use futures_util::future::pending;

use super::drive::Ports;
use crate::machine::{Follow, Follower, Hint};
use crate::port::{BodyStream, StreamedResponse, TransportError};
use crate::{Error, Monotonic, Session};

/// The purpose of a stream. A login is short and a user waits for it; a session in use lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Login,
    Watch,
}

/// How many streams a client holds at once: each may be a connection of its own. Beyond that it polls.
#[derive(Debug)]
pub(super) struct StreamLimit {
    open: AtomicUsize,
    most: usize,
}

impl StreamLimit {
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { open: AtomicUsize::new(0), most })
    }

    /// Room for one more. Sessions in use leave half of it to logins.
    fn take(self: &Arc<Self>, purpose: Purpose) -> Option<Room> {
        let most = match purpose {
            Purpose::Login => self.most,
            Purpose::Watch => self.most / 2,
        };
        let one_more = |open| (open < most).then_some(open + 1);
        self.open.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).ok()?;
        Some(Room(Arc::clone(self)))
    }
}

/// Room for one stream, until it is dropped.
struct Room(Arc<StreamLimit>);

impl Drop for Room {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A session's stream, wherever it stands.
pub(super) enum StatusStream {
    /// There is none, and will be none.
    Nowhere,
    /// To be opened as soon as there is room.
    Wanted(Session, Purpose),
    Followed(Box<Followed>),
}

/// A stream with a follower, and its connection.
pub(super) struct Followed {
    follower: Follower,
    line: Line,
    /// For going back to [`StatusStream::Wanted`].
    wanted: (Session, Purpose),
    _room: Room,
}

enum Line {
    Idle,
    Opening(Pin<Box<dyn Future<Output = Result<StreamedResponse, TransportError>> + Send>>),
    Open(BodyStream),
}

/// The outcome of a turn of the stream.
pub(super) enum Turn {
    /// To be given to the machine.
    Hint(Hint),
    /// Nothing, until then or until something comes.
    Wait(Monotonic),
}

impl StatusStream {
    /// The stream of this session, if the service offers one.
    pub(super) fn of(session: &Session, purpose: Purpose) -> Self {
        match session.status_stream_url() {
            Some(_) => Self::Wanted(session.clone(), purpose),
            None => Self::Nowhere,
        }
    }

    /// Whether it holds a follower: room, and perhaps a connection.
    pub(super) fn is_followed(&self) -> bool {
        matches!(self, Self::Followed(_))
    }

    /// Whether it is to be opened as soon as there is room.
    pub(super) fn is_wanted(&self) -> bool {
        matches!(self, Self::Wanted(..))
    }

    /// Does what is due: opens the stream, or gives it up.
    pub(super) fn turn(&mut self, ports: &Ports) -> Result<Turn, Error> {
        loop {
            match self {
                Self::Nowhere => return Ok(Turn::Wait(Monotonic::NEVER)),
                Self::Wanted(session, purpose) => {
                    let Some(room) = ports.streams.take(*purpose) else {
                        return Ok(Turn::Wait(Monotonic::NEVER));
                    };
                    *self = match Follower::new(session) {
                        Some(follower) => Self::Followed(Box::new(Followed {
                            follower,
                            line: Line::Idle,
                            wanted: (session.clone(), *purpose),
                            _room: room,
                        })),
                        None => Self::Nowhere,
                    };
                }
                Self::Followed(followed) => {
                    let output = followed.follower.poll_output(ports.clock.now(), ports.entropy.draw()?);
                    if !followed.follower.is_connected() {
                        followed.line = Line::Idle;
                    }
                    match output {
                        Follow::Open(request) => {
                            let transport = Arc::clone(&ports.transport);
                            followed.line =
                                Line::Opening(Box::pin(async move { transport.open(request).await }));
                        }
                        Follow::Hint(hint) => return Ok(Turn::Hint(hint)),
                        Follow::Wait(until) => return Ok(Turn::Wait(until)),
                        Follow::Finished => *self = Self::Nowhere,
                    }
                }
            }
        }
    }

    /// Waits until something comes, and takes it in. Dropping the future loses nothing.
    pub(super) async fn listen(&mut self, ports: &Ports) {
        let Self::Followed(followed) = self else { return pending().await };
        match &mut followed.line {
            Line::Idle => pending().await,
            Line::Opening(opening) => match opening.await {
                Ok(answer) => {
                    let (head, body) = answer.into_parts();
                    followed.line = Line::Open(body);
                    followed.follower.opened(ports.clock.now(), &http::Response::from_parts(head, ()));
                }
                Err(error) => {
                    followed.line = Line::Idle;
                    followed.follower.lost(ports.clock.now(), Some(error.kind()));
                }
            },
            Line::Open(body) => match body.next().await {
                Some(Ok(piece)) => followed.follower.received(ports.clock.now(), &piece),
                end => {
                    followed.line = Line::Idle;
                    let kind = end.and_then(Result::err).map(|error| error.kind());
                    followed.follower.lost(ports.clock.now(), kind);
                }
            },
        }
    }

    /// Drops the connection. The next [`StatusStream::turn`] opens it again.
    pub(super) fn rest(&mut self) {
        if let Self::Followed(followed) = self {
            let (session, purpose) = followed.wanted.clone();
            *self = Self::Wanted(session, purpose);
        }
    }
}

impl fmt::Debug for StatusStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nowhere => f.write_str("Nowhere"),
            Self::Wanted(..) => f.write_str("Wanted"),
            Self::Followed(followed) => f.debug_tuple("Followed").field(&followed.follower).finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_in_use_leave_room_for_logins() {
        let limit = StreamLimit::new(4);
        let mut rooms: Vec<_> = std::iter::from_fn(|| limit.take(Purpose::Watch)).collect();
        assert_eq!(rooms.len(), 2);
        rooms.extend(std::iter::from_fn(|| limit.take(Purpose::Login)));
        assert_eq!(rooms.len(), 4);
        rooms.clear();
        assert!(limit.take(Purpose::Watch).is_some());
        assert!(StreamLimit::new(0).take(Purpose::Login).is_none());
    }
}
