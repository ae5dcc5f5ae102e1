//! Streams of events that pages open, counted. Belongs here: which requests open one, and for whom it is counted. Does not belong here: how many
//! there may be ([`crate::open_streams`]).

use sha2::{Digest as _, Sha256};

use crate::answer::{Body, HttpAnswer};
use crate::cookies::Name;
use crate::login_web::LoginWeb;
use crate::open_streams::Place;
use crate::request::{Method, Request};

impl<U: Clone + Send + Sync + 'static> LoginWeb<U> {
    /// Whom a request for a stream of events is counted for. `None` for any other request.
    pub(crate) fn stream_place(&self, request: &Request) -> Option<Place> {
        let name = match (request.method, request.path.as_str()) {
            (Method::Get, "/session/events") => Name::Session,
            (Method::Get, "/login/events") => self.cookie_of_wait(request),
            (Method::Get, "/enrol/events") => Name::Ticket,
            _ => return None,
        };
        let value = self.config().cookies.value(name, request.headers.cookie.as_deref());
        let subject = value.map(|value| {
            let digest = Sha256::new().chain_update(&request.path).chain_update(b" ").chain_update(value);
            digest.finalize().first_chunk().copied().unwrap_or_default()
        });
        Some(Place { subject, address: self.client_address(request) })
    }

    /// The same answer; if it is a stream of events, it is counted for this place.
    pub(crate) fn counted(&self, place: Option<&Place>, mut answer: HttpAnswer) -> HttpAnswer {
        answer.body = match (answer.body, place) {
            (Body::Events(events), Some(place)) => Body::Events(self.streams().hold(place, events)),
            (body, _) => body,
        };
        answer
    }

    /// Ends what waits, so that a server that stops gracefully need not wait for it: the streams of events that pages hold open, the
    /// streams of [`crate::LiveSession::presence`] and [`crate::LiveSession::while_present`], and requests that wait for the service. To be
    /// called when the server is asked to stop. Requests are answered as before; a stream that is opened later ends at once.
    pub fn shutdown(&self) {
        self.guard().stop();
        self.streams().close();
    }
}
