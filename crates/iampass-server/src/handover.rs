//! Ends a session whose credentials never reached the client: the answer that holds them was not taken.
//!
//! Belongs here: whether such an answer was taken, and the end of its session if not. Does not belong here: how sessions are started
//! ([`crate::api`]) and ended ([`iampass_server_storage`]).

use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use iampass_core::SessionToken;
use iampass_server_storage::{Database, Queue, StorageError, UserKey};
use tokio::runtime::Handle;

/// How long to wait before the end is queued up once more, where the store did not take it. Each wait is twice the one before: a store that
/// is full for minutes is not asked, and its log not filled, for each of many logins each second.
const PAUSE: Duration = Duration::from_secs(1);
/// How often: about a minute in all. By then its question has timed out, unless answers may take longer than that.
const TRIES: u32 = 6;

/// A session whose credentials were not delivered yet. Made before the session is, so that there is no instant at which the one who is to
/// have them can go away unnoticed; dropped, it ends the session.
#[must_use = "dropping it ends the session"]
pub(crate) struct Unheard {
    database: Arc<Database>,
    token: Option<SessionToken>,
}

impl Unheard {
    pub(crate) fn new(database: &Arc<Database>, token: SessionToken) -> Self {
        Self { database: Arc::clone(database), token: Some(token) }
    }

    /// There is no such session after all, or its credentials have been taken.
    pub(crate) fn settled(mut self) {
        self.token = None;
    }

    /// Ends the session unless `answer` is written to `connection`; where that is not ours to watch, unless somebody takes the body.
    pub(crate) fn told_by(self, answer: Response, connection: Option<InFlight>) -> Response {
        answer
            .map(|body| Body::new(Handover { body, unheard: Some(self), connection, is_handed_over: false }))
    }
}

impl Drop for Unheard {
    fn drop(&mut self) {
        let Some(token) = self.token.take() else { return };
        // Queued here and not in a task, so that a service that stops in this moment writes it down too.
        let queued = self.database.queue_end(token.clone());
        let database = Arc::clone(&self.database);
        match (Handle::try_current(), queued) {
            (Ok(runtime), queued) => drop(runtime.spawn(end(database, token, queued))),
            (Err(_), Ok(_)) => {}
            (Err(_), Err(error)) => {
                tracing::error!(%error, "a session that was not delivered could not be ended")
            }
        }
    }
}

/// Waits for the end that is queued up, and tries again where the store fails.
async fn end(
    database: Arc<Database>,
    token: SessionToken,
    mut queued: Result<Queue<Option<UserKey>>, StorageError>,
) {
    let mut pause = PAUSE;
    for _ in 0..TRIES {
        let ended = match queued {
            Ok(queued) => queued.done().await,
            Err(error) => Err(error),
        };
        match ended {
            Ok(user) => {
                if user.is_some() {
                    tracing::info!(
                        "a session was ended: its application disconnected before it was delivered"
                    );
                }
                return;
            }
            Err(StorageError::Stopped) => break,
            Err(error) => tracing::warn!(%error, "a session that was not delivered could not be ended yet"),
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
        queued = database.queue_end(token.clone());
    }
    tracing::error!("a session that was not delivered could not be ended");
}

/// The sessions whose credentials one connection is about to write. It has them from the body of an answer, and the one who writes
/// says when they are out.
#[derive(Clone, Debug, Default)]
pub(crate) struct InFlight(Arc<Sessions>);

#[derive(Debug, Default)]
struct Sessions {
    unheard: Mutex<Vec<Unheard>>,
    many_streams: AtomicBool,
}

impl InFlight {
    /// The connection is of HTTP/2: an answer that one stream hands over may wait there until the caller takes it.
    pub(crate) fn expect_many_streams(&self) {
        self.0.many_streams.store(true, Ordering::Relaxed);
    }

    fn has_many_streams(&self) -> bool {
        self.0.many_streams.load(Ordering::Relaxed)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.sessions().is_empty()
    }

    /// All of it is with the system, and was not refused.
    pub(crate) fn written(&self) {
        std::mem::take(&mut *self.sessions()).into_iter().for_each(Unheard::settled);
    }

    /// The connection is gone: none of it will be written.
    pub(crate) fn lost(&self) {
        let lost = std::mem::take(&mut *self.sessions());
        drop(lost);
    }

    fn sessions(&self) -> MutexGuard<'_, Vec<Unheard>> {
        self.0.unheard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The body of an answer that tells of a session.
struct Handover {
    body: Body,
    unheard: Option<Unheard>,
    connection: Option<InFlight>,
    /// Whether the body was handed over, and it is not known yet that the caller takes it.
    is_handed_over: bool,
}

impl Handover {
    /// The body is on its way: the next flush of its connection tells that it is written.
    fn goes_out(&mut self) {
        let Some(unheard) = self.unheard.take() else { return };
        match &self.connection {
            Some(connection) => connection.sessions().push(unheard),
            None => unheard.settled(),
        }
    }
}

impl HttpBody for Handover {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        // A stream of HTTP/2 asks for more when the caller has room for all that it was handed over.
        if self.is_handed_over {
            self.goes_out();
        }
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if frame.is_ready() && self.unheard.is_some() {
            match self.connection.as_ref().is_some_and(InFlight::has_many_streams) {
                true => self.is_handed_over = true,
                false => self.goes_out(),
            }
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        !self.is_handed_over && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl fmt::Debug for Unheard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unheard").finish_non_exhaustive()
    }
}
