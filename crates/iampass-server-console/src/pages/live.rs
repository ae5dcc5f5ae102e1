//! Tells an open page that what it shows has changed, by Server-Sent Events.
//!
//! ```text
//! id: 1182…
//! event: changed
//! data: now
//! ```
//!
//! An event tells nothing but that: the browser loads the page anew, and its account must still be allowed to see it. An account that is
//! not gets no more events, nor does one whose session has ended or that has walked away. `registered` is sent where a page waits for a
//! phone. Belongs here: when something is sent. Does not belong here: what pages show.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Path, Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::{self, Stream};
use http::HeaderMap;
use iampass_server_domain::rules::{Act, may};
use iampass_server_storage::{SessionKey, UserKey, stamp};
use tokio::sync::watch;
use tokio::time::Instant;

use super::Asked;
use super::sessions::ON_A_PAGE;
use super::user::stamp_of;
use crate::access::InApplication;
use crate::page_error::PageError;
use crate::state::Console;
use crate::stream_room::StreamPlace;

/// Changes that come together are sent as one event.
const GATHERING: Duration = Duration::from_millis(250);

/// How often the store is read without a wake-up.
const BETWEEN_LOOKS: Duration = Duration::from_secs(5);

/// After this the browser asks again, and is looked at as by any request.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// How often a connection shows that it is alive, which `assets/console/live_part.js` waits for.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);

/// The content of a page.
#[derive(Clone, Copy)]
enum Shown {
    Sessions { before: Option<SessionKey> },
    User(UserKey),
}

/// How it looks: when it is another, it is told.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Look {
    stamp: u64,
    has_phone: bool,
}

/// `GET /console/applications/{application}/sessions/events`
pub(crate) async fn of_application(
    State(console): State<Console>,
    here: InApplication,
    headers: HeaderMap,
    Query(asked): Asked,
) -> Result<Response, PageError> {
    let before = asked.get("before").and_then(|key| key.parse().ok()).map(SessionKey);
    follow(&console, here, Shown::Sessions { before }, seen(&headers, &asked))
}

/// `GET /console/applications/{application}/users/{user}/events`
pub(crate) async fn of_user(
    State(console): State<Console>,
    here: InApplication,
    Path((_, key)): Path<(String, i64)>,
    headers: HeaderMap,
    Query(asked): Asked,
) -> Result<Response, PageError> {
    let user = UserKey(key);
    let found = console.database().user_details(here.application().key, user, 0).await?;
    found.ok_or(PageError::NotFound)?;
    follow(&console, here, Shown::User(user), seen(&headers, &asked))
}

/// The stamp that the page had when it was made, or the last one sent before the connection broke.
fn seen(headers: &HeaderMap, asked: &std::collections::BTreeMap<String, String>) -> Option<u64> {
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    last.or_else(|| asked.get("stamp").cloned())?.parse().ok()
}

fn follow(
    console: &Console,
    here: InApplication,
    shown: Shown,
    seen: Option<u64>,
) -> Result<Response, PageError> {
    let account = here.account.clone();
    let place = console.parts().streams.take(account.account().key).ok_or(PageError::Unavailable)?;
    let following = Following {
        console: console.clone(),
        woken: console.database().signals().listen_to_all(),
        here,
        shown,
        seen,
        until: Instant::now() + LONGEST,
        _place: place,
    };
    // An event, and no comment, so that scripts hear it: windows that share the stream know by it that the one which holds it is there.
    let alive = KeepAlive::new().interval(SIGN_OF_LIFE).event(Event::default().event("alive").data("now"));
    let mut response =
        Sse::new(account.while_present(following.into_events())).keep_alive(alive).into_response();
    // Asks proxies that keep answers back until they are whole not to.
    response.headers_mut().insert("x-accel-buffering", http::HeaderValue::from_static("no"));
    // And those that compress not to: they keep events back until a block is full.
    let not_kept = http::HeaderValue::from_static("no-store, no-transform");
    response.headers_mut().insert(http::header::CACHE_CONTROL, not_kept);
    Ok(response)
}

/// A page that is open somewhere. It holds no connection of the store while it waits.
struct Following {
    console: Console,
    here: InApplication,
    shown: Shown,
    seen: Option<u64>,
    woken: watch::Receiver<()>,
    until: Instant,
    _place: StreamPlace,
}

impl Following {
    fn into_events(self) -> impl Stream<Item = Result<Event, Infallible>> + Send {
        stream::unfold(self, |mut following| async move {
            let event = following.next().await?;
            Some((Ok(event), following))
        })
    }

    /// The next event; None when this browser gets no more.
    async fn next(&mut self) -> Option<Event> {
        loop {
            self.woken.mark_unchanged();
            let look = self.look().await?;
            if self.seen.replace(look.stamp) != Some(look.stamp) {
                let name = if look.has_phone { "registered" } else { "changed" };
                return Some(Event::default().id(look.stamp.to_string()).event(name).data("now"));
            }
            tokio::select! {
                changed = self.woken.changed() => {
                    changed.ok()?;
                    tokio::time::sleep(GATHERING).await;
                }
                () = tokio::time::sleep(BETWEEN_LOOKS) => {}
                () = tokio::time::sleep_until(self.until) => return None,
            }
        }
    }

    /// How it looks now, if the account may still see it.
    async fn look(&self) -> Option<Look> {
        let database = self.console.database();
        let account = database.account(self.here.account.account().key).await.ok()??;
        let membership = database.membership(&account, &self.here.application().id).await.ok()??;
        if account.disabled_at.is_some() || !may(membership.standing, Act::See) {
            return None;
        }
        match self.shown {
            Shown::Sessions { before } => {
                let sessions = database.sessions_of(membership.key, before, ON_A_PAGE + 1).await.ok()?;
                Some(Look { stamp: stamp(&sessions), has_phone: false })
            }
            Shown::User(user) => {
                let user = database.user_details(membership.key, user, ON_A_PAGE).await.ok()??;
                Some(Look { stamp: stamp_of(&user), has_phone: !user.phones.all.is_empty() })
            }
        }
    }
}
