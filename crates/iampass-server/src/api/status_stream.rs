//! The status stream of a session (`status_stream_url` \[X\]): its state now, and each change as it happens, by Server-Sent Events.
//!
//! ```text
//! event: status
//! data: {"authentication_status":{"authenticated":true,"session_status":"pending"},"authenticated":true,"session_status":"pending"}
//!
//! :
//! ```
//!
//! The data are the very answer of `status_url`. A comment comes every few seconds, so that a stream that is cut off somewhere in
//! between is told from one that has nothing to say. It ends after the session has, and when the service stops.
//!
//! Belongs here: when an event is sent. Does not belong here: what state a session is in ([`super::status`]).

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream::{self, Stream};
use http::HeaderMap;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::Instant;

use super::status::{self, Standing};
use crate::app::App;
use crate::path_segments::plain_id;
use crate::problem::Refused;
use crate::rates::Limited;
use crate::request::Incoming;

/// Clients take a silence of 15 s for the end.
const BETWEEN_SIGNS_OF_LIFE: Duration = Duration::from_secs(4);

/// How often the store is read without a wake-up.
const BETWEEN_LOOKS: Duration = Duration::from_secs(2);

/// The same for a login without a name: until a phone has brought its code there is no user whose signals would wake it.
const BETWEEN_LOOKS_OF_NOBODY: Duration = Duration::from_millis(200);

/// Asks proxies that keep answers back until they are whole not to.
const UNBUFFERED: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Opens the stream of a session.
pub(super) async fn open(app: &Arc<App>, request: &Incoming, token: &str) -> Result<Response, Refused> {
    let token = plain_id(token);
    let verified = app.authenticity.by_session(request.head(), &token).await?;
    app.rates.take(Limited::SessionStatus, verified.who.key)?;
    // Its nonce is on its way to the disk before the stream begins, and not when that ends.
    drop(verified.spent);
    let Ok(room) = Arc::clone(&app.status_streams).try_acquire_owned() else {
        return Err(Refused::unavailable());
    };
    let following = Following {
        woken: verified.who.user.map(|user| app.database.signals().listen(user)),
        between_looks: match (verified.who.nameless, verified.who.user) {
            (true, None) => BETWEEN_LOOKS_OF_NOBODY,
            _ => BETWEEN_LOOKS,
        },
        app: Arc::clone(app),
        token,
        told: None,
        sign_of_life_at: Instant::now() + BETWEEN_SIGNS_OF_LIFE,
        _room: room,
    };
    let mut response = Response::new(Body::from_stream(following.into_events()));
    stream_headers(response.headers_mut());
    Ok(response)
}

/// Sets the headers of a stream of events, so that no proxy caches it, changes it or delays it.
pub(crate) fn stream_headers(headers: &mut HeaderMap) {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store, no-transform"));
    headers.insert(UNBUFFERED, HeaderValue::from_static("no"));
}

/// One that listens. It holds no connection of the store while it waits.
struct Following {
    app: Arc<App>,
    token: String,
    /// None when its user has been deleted or is not known yet.
    woken: Option<watch::Receiver<()>>,
    between_looks: Duration,
    told: Option<Standing>,
    sign_of_life_at: Instant,
    _room: OwnedSemaphorePermit,
}

impl Following {
    fn into_events(self) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
        stream::unfold(self, |mut following| async move {
            let event = following.next().await?;
            following.sign_of_life_at = Instant::now() + BETWEEN_SIGNS_OF_LIFE;
            Some((Ok(event), following))
        })
    }

    /// The next event. None at the end: the end of the session was sent, the session does not exist any more, its state cannot be read, or
    /// the service stops.
    async fn next(&mut self) -> Option<Bytes> {
        if self.told.is_some_and(|told| told.state.is_ended()) {
            return None;
        }
        loop {
            if let Some(woken) = &mut self.woken {
                woken.mark_unchanged();
            }
            // A client whose stream ends falls back on asking, and the answer names the error.
            let standing = status::state_of(&self.app, &self.token).await.ok()?;
            // The user of a login without a name is known now: from here on it is like any other, however long it is open.
            if let (None, Some(user)) = (&self.woken, standing.told_user) {
                self.woken = Some(self.app.database.signals().listen(user));
                self.between_looks = BETWEEN_LOOKS;
            }
            if self.told != Some(standing) {
                let text = status::status_text(&self.app, standing).await.ok()?;
                self.told = Some(standing);
                return Some(event(&text));
            }
            let woken = async {
                match &mut self.woken {
                    // It fails only when the sender is gone, which lives as long as there is somebody to wake.
                    Some(woken) => drop(woken.changed().await),
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = woken => {}
                () = tokio::time::sleep(self.between_looks) => {}
                () = tokio::time::sleep_until(self.sign_of_life_at) => return Some(Bytes::from_static(b":\n\n")),
                () = self.app.shutdown.begun() => return None,
            }
        }
    }
}

fn event(status: &str) -> Bytes {
    format!("event: status\ndata: {status}\n\n").into()
}
