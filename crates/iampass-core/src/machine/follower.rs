//! **Follower**: a session's status stream, read.
//!
//! ```text
//!   ┌──────────► due ──► opening ──► open ──► ended by the service, or for good ──► Finished
//!   └── later ◄── failed, broken, silent ┘
//!                        refused, or not understood ──► Finished
//! ```
//!
//! Belongs here: when a stream is opened, given up and opened again, and what its events say. Does not belong here: what is made of
//! that ([`super::Login`], [`super::Watch`]).

use std::time::Duration;

use http::header::CONTENT_TYPE;

use super::backoff::Backoff;
use super::calls::{self, UnsignedCall};
use super::event_stream::EventReader;
use super::hints::{Hint, LONGEST_SILENCE};
use crate::port::{HttpRequest, MAX_ANSWER_BYTES, TransportErrorKind};
use crate::wire::{SessionStatus, StatusAnswer};
use crate::{Draw, Monotonic, Now, Session};

/// How long the head of the answer may take.
const LONGEST_OPENING: Duration = Duration::from_secs(15);

/// The waits before a stream is opened again that was there and broke, or could not be opened.
const REOPENING: Backoff =
    Backoff::new(Duration::from_secs(1), Duration::from_secs(30)).growing_by_percent(200);

/// A stream that held for so long was a good one: the waits begin anew when it breaks.
const HELD_WELL: Duration = Duration::from_secs(30);

/// Reads the status stream of one session, where the service offers one (`status_stream_url` \[X\]).
///
/// It does no I/O: it says when to open the stream ([`Follower::poll_output`]), and is given what arrives. Whenever it is not
/// [connected](Follower::is_connected), whatever connection there is has to be dropped.
///
/// ```
/// use iampass_core::machine::{Follow, Follower, Hint};
/// use iampass_core::wire::SessionStatus;
/// # use iampass_core::{Draw, Now, Secret, Server, Session, SessionToken};
/// # use std::time::Duration;
/// # let server = Server::parse("https://login.example")?;
/// # let session = Session::new(SessionToken::new("T")?, Secret::new("s"), "https://login.example/s", "https://login.example/l", &server)?
/// #     .with_status_stream(Some("https://login.example/stream"), &server);
/// # let (now, draw) = (Now::new(Duration::ZERO, 1_700_000_000), || Draw::from_bytes([0; 16]));
///
/// let mut follower = Follower::new(&session).ok_or("the service offers no stream")?;
/// assert!(matches!(follower.poll_output(now, draw()), Follow::Open(_)));
/// // The request was sent, and this is the head of its answer, and a piece of its body.
/// follower.opened(now, &http::Response::builder().header("content-type", "text/event-stream").body(())?);
/// follower.received(now, b"event: status\ndata: {\"authenticated\": true, \"session_status\": \"active\"}\n\n");
/// // A reason to ask, to be given to `Login` or `Watch`.
/// assert!(matches!(follower.poll_output(now, draw()), Follow::Hint(Hint::Status(SessionStatus::Active))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "a follower reads nothing until it is driven"]
pub struct Follower {
    call: UnsignedCall,
    state: State,
    /// Streams in a row that did not hold.
    failures: u32,
    /// The newest hint that was not handed out yet.
    hint: Option<Hint>,
    is_lost: bool,
}

/// The next thing to do.
#[derive(Debug)]
#[must_use = "a follower stands still until its output is acted on"]
// It is moved once and taken apart at once.
#[allow(clippy::large_enum_variant)]
pub enum Follow {
    /// Open the stream with this request, once. Any older connection has been given up.
    Open(HttpRequest),
    /// Give this to the machine.
    Hint(Hint),
    /// Nothing to do until then, unless something comes.
    Wait(Monotonic),
    /// There is no stream, and none will be: give the connection up, if there is one.
    Finished,
}

#[derive(Debug)]
enum State {
    /// To be opened then.
    Closed(Monotonic),
    /// To be opened again, after a wait to be drawn.
    Broken,
    Opening {
        since: Monotonic,
    },
    Open(Box<Open>),
    Finished,
}

#[derive(Debug)]
struct Open {
    since: Monotonic,
    heard_at: Monotonic,
    reader: EventReader,
    bytes: usize,
}

impl Follower {
    /// A follower of this session's stream, to be opened at once. `None` where the service offers none.
    #[must_use]
    pub fn new(session: &Session) -> Option<Self> {
        Some(Self {
            call: calls::status_stream(session)?,
            state: State::Closed(Monotonic::ORIGIN),
            failures: 0,
            hint: None,
            is_lost: false,
        })
    }

    /// Whether a connection is wanted. Any that there is otherwise has to be dropped.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        matches!(self.state, State::Opening { .. } | State::Open(_))
    }

    /// The next thing to do. To be called after each other call and when a wait is over, until it returns [`Follow::Wait`] or
    /// [`Follow::Finished`].
    pub fn poll_output(&mut self, now: Now, draw: Draw) -> Follow {
        match &self.state {
            State::Opening { since } if *since + LONGEST_OPENING <= now.mono => self.broke(None, now),
            State::Open(open) if open.heard_at + LONGEST_SILENCE <= now.mono => {
                let since = open.since;
                self.broke(Some(since), now);
            }
            _ => {}
        }
        // A word of the stream counts even if the stream broke after it.
        if let Some(hint) = self.hint.take() {
            return Follow::Hint(hint);
        }
        if std::mem::take(&mut self.is_lost) {
            return Follow::Hint(Hint::Lost);
        }
        let at = match &self.state {
            State::Finished => return Follow::Finished,
            State::Opening { since } => return Follow::Wait(*since + LONGEST_OPENING),
            State::Open(open) => return Follow::Wait(open.heard_at + LONGEST_SILENCE),
            State::Closed(at) => *at,
            State::Broken => now.mono + REOPENING.wait(self.failures.saturating_sub(1), draw),
        };
        if at > now.mono {
            self.state = State::Closed(at);
            return Follow::Wait(at);
        }
        self.state = State::Opening { since: now.mono };
        Follow::Open(self.call.sign(draw.nonce(), now.wall))
    }

    /// The head of the answer came. Anything but 200 and `text/event-stream` means that there is no stream, for good.
    pub fn opened<B>(&mut self, now: Now, head: &http::Response<B>) {
        if !matches!(self.state, State::Opening { .. }) {
            return;
        }
        let content_type = head.headers().get(CONTENT_TYPE).map(http::HeaderValue::as_bytes);
        let media_type = content_type.and_then(|value| value.split(|byte| *byte == b';').next());
        let is_stream = media_type
            .is_some_and(|media_type| media_type.trim_ascii().eq_ignore_ascii_case(b"text/event-stream"));
        if head.status() != http::StatusCode::OK || !is_stream {
            self.state = State::Finished;
            return;
        }
        self.state = State::Open(Box::new(Open {
            since: now.mono,
            heard_at: now.mono,
            reader: EventReader::default(),
            bytes: 0,
        }));
    }

    /// A piece of the body came.
    pub fn received(&mut self, now: Now, piece: &[u8]) {
        let State::Open(open) = &mut self.state else { return };
        open.heard_at = now.mono;
        open.bytes = open.bytes.saturating_add(piece.len());
        let mut last = None;
        let read = open.reader.read(piece, |event| {
            if event.name == b"status" {
                last = Some(understood(event.data));
            }
        });
        let ended = matches!(&last, Some(Hint::Status(status)) if status.is_ended());
        match last {
            Some(word) => self.hint = Some(word),
            None => drop(self.hint.get_or_insert(Hint::Alive)),
        }
        if read.is_err() || ended {
            // It has said all there is to say, or nothing that we can read.
            self.state = State::Finished;
            self.is_lost = true;
        } else if open.bytes > MAX_ANSWER_BYTES {
            let since = open.since;
            self.broke(Some(since), now);
        }
    }

    /// No head came, or the body ended or broke off; `kind` says how, if it was an error.
    pub fn lost(&mut self, now: Now, kind: Option<TransportErrorKind>) {
        match &self.state {
            State::Opening { .. } | State::Open(_) if kind.is_some_and(|kind| !kind.is_retryable()) => {
                self.is_lost = matches!(self.state, State::Open(_));
                self.state = State::Finished;
            }
            State::Opening { .. } => self.broke(None, now),
            State::Open(open) => {
                let since = open.since;
                self.broke(Some(since), now);
            }
            State::Closed(_) | State::Broken | State::Finished => {}
        }
    }

    /// It is opened again, later.
    fn broke(&mut self, since: Option<Monotonic>, now: Now) {
        let held_well = since.is_some_and(|since| now.mono.since(since) >= HELD_WELL);
        self.failures = if held_well { 1 } else { self.failures.saturating_add(1) };
        self.is_lost = since.is_some();
        self.state = State::Broken;
    }
}

/// The hint in an event's data: the same JSON as `status_url` answers. No text of it is passed on.
fn understood(data: &[u8]) -> Hint {
    match serde_json::from_slice::<StatusAnswer>(data).map(|answer| answer.session_status) {
        Ok(SessionStatus::Unknown(_)) | Err(_) => Hint::Unclear,
        Ok(status) => Hint::Status(status),
    }
}
