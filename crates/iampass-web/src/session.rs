//! Sessions in use: messages to open pages, logging out, and the list of browsers in which a user is logged in.

use std::collections::BTreeSet;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use futures_util::{StreamExt as _, future, stream};
use iampass_core::SessionToken;
use iampass_core::port::SessionRecord;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::admission::Admission;
use crate::answer::HttpAnswer;
use crate::cookies::Name;
use crate::guard::{Listener, LiveSession, Presence};
use crate::known_browsers::Forgotten;
use crate::login_web::LoginWeb;
use crate::pages::{ListedSession, SessionsPage};
use crate::request::{Request, field};
use crate::{cutoff, events, same_site};

/// The most sessions of one user that are listed.
const LISTED: usize = 100;

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

    fn logged_out(&self) -> HttpAnswer {
        HttpAnswer::see_other(self.config().after_logout.clone())
            .with_cookie(&self.config().cookies.removal(Name::Session))
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

    /// `GET sessions`
    pub(crate) async fn sessions_page(&self, request: &Request) -> HttpAnswer {
        let (live, user) = match self.admit(&request.headers, &self.config().site.links.sessions()).await {
            Admission::In(live, user) => (live, user),
            Admission::Answer(answer) => return answer,
        };
        let Ok(records) = self.client().sessions_of(&live.record().user, LISTED).await else {
            return self.unavailable(&request.headers);
        };
        let now = self.client().now().wall;
        let sessions: Vec<_> = self
            .with_this_one(records, &live)
            .iter()
            .map(|record| ListedSession {
                id: id_of(record.session.token()),
                started_at: record.started_at.0,
                started_ago_seconds: now.since(record.started_at).as_secs(),
                is_this_one: record.session.token() == live.token(),
            })
            .collect();
        let Ok(browsers) = self.listed_browsers(request, live.user()).await else {
            return self.unavailable(&request.headers);
        };
        let name = self.directory().display_name(&user);
        let page = SessionsPage { name: &name, sessions: &sessions, browsers: &browsers };
        HttpAnswer::page(200, self.config().pages.sessions(self.config().site_for(&request.headers), &page))
    }

    /// The store may not know the session that is in a sealed cookie.
    fn with_this_one(&self, mut records: Vec<SessionRecord>, live: &LiveSession) -> Vec<SessionRecord> {
        if !records.iter().any(|record| record.session.token() == live.token()) {
            records.insert(0, live.record().clone());
        }
        records
    }

    /// `POST sessions/end` and `POST sessions/end-all`
    pub(crate) async fn end_sessions(&self, request: &Request, all: bool) -> HttpAnswer {
        if !same_site::is_from(&self.config().origin, &request.headers) {
            return self.refused_cross_site(&request.headers);
        }
        let here = self.config().site.links.sessions();
        let live = match self.admit(&request.headers, &here).await {
            Admission::In(live, _) => live,
            Admission::Answer(answer) => return answer,
        };
        // Those that were given to a browser and not used yet are in no list.
        if all && cutoff::end_unused(self.entries(), &live.record().user).await.is_err() {
            return self.unavailable(&request.headers);
        }
        // A browser of somebody who got in must not stay known.
        if all && self.known_browsers().forget(live.user(), Forgotten::All).await.is_err() {
            return self.unavailable(&request.headers);
        }
        // Somebody with a copy of a session may have asked for it, perhaps with the one that is ended.
        if self.end_replacement(live.user()).await.is_err() {
            return self.unavailable(&request.headers);
        }
        // Before the sessions: a failure in between leaves nothing that a session made.
        if all && let Err(error) = self.directory().before_all_sessions_end(live.user()).await {
            tracing::error!(%error, "no session was logged out: the access that sessions gave out could not be ended");
            return self.unavailable(&request.headers);
        }
        let chosen_id = field(&request.body, "id").unwrap_or_default();
        let mut ended = BTreeSet::new();
        loop {
            let Ok(records) = self.client().sessions_of(&live.record().user, LISTED).await else {
                return self.unavailable(&request.headers);
            };
            let mut chosen: Vec<_> = self.with_this_one(records, &live);
            chosen.retain(|record| all || id_of(record.session.token()) == chosen_id);
            chosen.retain(|record| ended.insert(record.session.token().clone()));
            if chosen.is_empty() {
                break;
            }
            // There may be more than are listed at once.
            future::join_all(chosen.iter().map(|record| self.guard().log_out_record(record))).await;
        }
        if ended.contains(live.token()) {
            return self.logged_out();
        }
        HttpAnswer::see_other(here)
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
fn id_of(token: &SessionToken) -> String {
    let digest = Sha256::digest(token.as_str());
    URL_SAFE_NO_PAD.encode(digest.first_chunk::<16>().copied().unwrap_or_default())
}
