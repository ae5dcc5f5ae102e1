//! [`Consoles`]: all Consoles of one service, one for each origin at which browsers see it.
//!
//! Behind a public URL there is one. Without one, the service can be reached by several names of this machine, and each is an origin of its
//! own. Belongs here: finding and opening them, and passing requests on. Does not belong here: what is set up ([`super::opening`]), and which origin
//! a request sees (the service).

use std::collections::HashMap;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use futures_util::StreamExt as _;
use http::header::CONTENT_TYPE;
use http::{Method, Request, StatusCode};
use tokio::sync::{Mutex, watch};
use tower::ServiceExt as _;
use tracing::Instrument as _;

use super::parts::ConsoleParts;
use super::state::Place;
use super::{frame, opening};

/// The names of this machine, and some to spare.
const MOST: usize = 8;

/// The Consoles of one service.
#[derive(Debug, Default)]
pub struct Consoles(Mutex<HashMap<String, Router>>);

impl Consoles {
    /// The Console at this place, opened if it is not open yet.
    ///
    /// # Errors
    /// The answer for the browser where it cannot be opened.
    pub async fn at(
        &self,
        place: Place,
        parts: impl FnOnce() -> ConsoleParts + Send,
    ) -> Result<OpenConsole, Response> {
        let mut open = self.0.lock().await;
        if let Some(router) = open.get(&place.origin) {
            return Ok(OpenConsole(router.clone()));
        }
        if open.len() >= MOST {
            return Err(not_here());
        }
        let origin = place.origin.clone();
        let router = opening::open(parts(), place).await.map_err(|error| {
            tracing::error!(%error, "the Console could not be opened");
            frame::bare(
                StatusCode::SERVICE_UNAVAILABLE,
                "The Console cannot be opened just now. Try again in a moment.",
            )
        })?;
        open.insert(origin, router.clone());
        Ok(OpenConsole(router))
    }
}

/// A Console that is open at one origin.
#[derive(Clone, Debug)]
pub struct OpenConsole(Router);

impl OpenConsole {
    /// Answers a request, whose path is as the browser sees it. Pages that listen end when `stop` says true.
    pub async fn answer(self, request: Request<Body>, stop: watch::Receiver<bool>) -> Response {
        let answer = if request.method() == Method::POST {
            // A change runs to its end even if the browser goes away in the middle.
            tokio::spawn(self.0.oneshot(request).in_current_span()).await
        } else {
            Ok(self.0.oneshot(request).await)
        };
        match answer {
            Ok(Ok(answer)) => until_stop(answer, stop),
            Ok(Err(never)) => match never {},
            // It is said by the runtime why.
            Err(_) => frame::bare(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong."),
        }
    }
}

/// The answer to a request at an address where no login could be safe.
#[must_use]
pub fn not_here() -> Response {
    frame::bare(
        StatusCode::MISDIRECTED_REQUEST,
        "The Console is not shown at this address, because nobody could sign in safely here. Open it by the service's https \
         address, or on the machine itself at 127.0.0.1.",
    )
}

/// Pages that are open listen for as long as they are: they must not hold up a service that stops.
fn until_stop(answer: Response, mut stop: watch::Receiver<bool>) -> Response {
    let is_events = |value: &http::HeaderValue| value.as_bytes().starts_with(b"text/event-stream");
    if !answer.headers().get(CONTENT_TYPE).is_some_and(is_events) {
        return answer;
    }
    let stopping = async move {
        // It fails only when the service is gone.
        let _ = stop.wait_for(|&stopping| stopping).await;
    };
    answer.map(|body| Body::from_stream(body.into_data_stream().take_until(Box::pin(stopping))))
}
