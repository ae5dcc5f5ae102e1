//! Sessions in use: messages to open pages, and logging out. Does not belong here: the list of a user's sessions, and ending others than one's own
//! ([`crate::own_sessions`]).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use iampass_core::SessionToken;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::answer::HttpAnswer;
use crate::cookies::Name;
use crate::guard::{Listener, Presence};
use crate::login_web::LoginWeb;
use crate::request::Request;
use crate::{events, same_site};

/// How often an open page's presence is looked at, if nothing was heard: what was known may be too old by then.
const LOOK: Duration = Duration::from_millis(500);

/// For how long the state may be unknown before an open page treats the user as away.
const PATIENCE: Duration = Duration::from_secs(30);

impl<U: Clone + Send + Sync + 'static> LoginWeb<U> {
    /// `POST logout`
    pub(crate) async fn logout(&self, request: &Request) -> HttpAnswer {
        if !same_site::is_from(&self.config().origin, &request.headers) {
            return self.refused_cross_site(&request.headers);
        }
        match self.guard().to_end(request.headers.cookie.as_deref()).await {
            Ok(ending) => self.guard().end(ending).await,
            // The cookie must stay, or nobody could log that session out any more: only the store knows it.
            Err(error) => {
                tracing::error!(%error, "a session that is to be ended could not be looked up");
                return self.unavailable(&request.headers);
            }
        }
        self.logged_out()
    }

    pub(crate) fn logged_out(&self) -> HttpAnswer {
        self.taking_session(HttpAnswer::see_other(self.config().after_logout.clone()))
    }

    /// Leaves the browser without its session, and without a ticket by which the next one who uses it could register a phone for the user.
    pub(crate) fn taking_session(&self, answer: HttpAnswer) -> HttpAnswer {
        let cookies = &self.config().cookies;
        answer.with_cookie(&cookies.removal(Name::Session)).with_cookie(&cookies.removal(Name::Ticket))
    }

    /// `GET session/state`. A page that receives another login than its own treats its own as ended.
    pub(crate) async fn session_state(&self, request: &Request) -> HttpAnswer {
        let (state, login) = match self.guard().recall(request.headers.cookie.as_deref()).await {
            Ok(Some(live)) => (word(self.guard().presence(&live).await), Some(id_of(live.token()))),
            Ok(None) => ("ended", None),
            Err(_) => ("away", None),
        };
        HttpAnswer::json(
            200,
            &login
                .map_or_else(|| json!({ "state": state }), |login| json!({ "state": state, "login": login })),
        )
    }

    /// `GET session/events`
    pub(crate) async fn session_events(&self, request: &Request) -> HttpAnswer {
        match self.guard().recall(request.headers.cookie.as_deref()).await {
            Ok(Some(live)) => {
                let login = id_of(live.token());
                let listener = Listener::new(live);
                HttpAnswer::events(events::alive_for(&login, self.presences(listener).boxed()))
            }
            Ok(None) => {
                HttpAnswer::events(events::alive(stream::once(async { events::event("ended") }).boxed()))
            }
            Err(_) => self.unavailable(&request.headers),
        }
    }

    /// A word each time the presence has become another.
    fn presences(&self, listener: Listener) -> impl futures_util::Stream<Item = Bytes> + Send + 'static {
        let web = self.clone();
        let heard = listener.0.heard();
        let state = (web, listener, heard, "", None::<tokio::time::Instant>);
        stream::unfold(state, |(web, listener, mut heard, mut told, mut unknown_since)| async move {
            if told == "ended" {
                return None;
            }
            loop {
                web.guard().keep_in_mind(&listener.0);
                let presence = web.guard().known(&listener.0);
                let now = match presence {
                    Presence::Unknown => {
                        let since = *unknown_since.get_or_insert_with(tokio::time::Instant::now);
                        if since.elapsed() > PATIENCE { "away" } else { told }
                    }
                    known => {
                        unknown_since = None;
                        word(known)
                    }
                };
                if now != told {
                    told = now;
                    return Some((events::event(now), (web, listener, heard, told, unknown_since)));
                }
                let _ = tokio::time::timeout(LOOK, heard.changed()).await;
            }
        })
    }
}

fn word(presence: Presence) -> &'static str {
    match presence {
        Presence::Present => "present",
        Presence::Ended => "ended",
        Presence::Away | Presence::Unknown => "away",
    }
}

/// The id of a session in a form and for the scripts of pages: its name goes into no page.
pub(crate) fn id_of(token: &SessionToken) -> String {
    let digest = Sha256::digest(token.as_str());
    URL_SAFE_NO_PAD.encode(digest.first_chunk::<16>().copied().unwrap_or_default())
}
