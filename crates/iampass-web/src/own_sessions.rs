//! The sessions of the user who is signed in: which there are, and ending one or all. Belongs here: what is ended with them. Does not belong here: the page
//! that lists them ([`crate::account_page`]), and the logout of a browser from its own session ([`crate::session`]).

use std::collections::BTreeSet;

use iampass_core::Error;
use iampass_core::port::SessionRecord;
use serde_json::json;

use crate::admission::Admission;
use crate::answer::HttpAnswer;
use crate::cookies::Name;
use crate::cutoff;
use crate::few_at_once::few_at_once;
use crate::guard::LiveSession;
use crate::known_browsers::Forgotten;
use crate::login_web::LoginWeb;
use crate::request::{Request, field};
use crate::session::id_of;

/// The most sessions of one user that are listed.
const LISTED: usize = 100;

impl<U: Clone + Send + Sync + 'static> LoginWeb<U> {
    /// The sessions of the user of this one, which comes first, and then the newest.
    pub(crate) async fn own_sessions(&self, live: &LiveSession) -> Result<Vec<SessionRecord>, Error> {
        let mut records = self.client().sessions_of(live.user_token(), LISTED).await?;
        // The store may not know the session that is in a sealed cookie, and it may be older than those that are listed.
        let own = records.iter().position(|record| record.session.token() == live.token());
        let own = own.map_or_else(|| live.record(), |at| records.remove(at));
        records.insert(0, own);
        Ok(records)
    }

    /// `POST sessions/end` and `POST sessions/end-all`
    pub(crate) async fn end_sessions(&self, request: &Request, all: bool) -> HttpAnswer {
        let live = match self.admit_change(request).await {
            Admission::In(live, _) => live,
            Admission::Answer(answer) => return answer,
        };
        // Those that were given to a browser and not used yet are in no list.
        if all && cutoff::end_unused(self.entries(), live.user_token()).await.is_err() {
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
            let Ok(mut chosen) = self.own_sessions(&live).await else {
                return self.unavailable(&request.headers);
            };
            chosen.retain(|record| all || id_of(record.session.token()) == chosen_id);
            chosen.retain(|record| ended.insert(record.session.token().clone()));
            if chosen.is_empty() {
                break;
            }
            // There may be more than are listed at once.
            few_at_once(&chosen, |record| self.guard().log_out_record(record)).await;
        }
        let is_own_ended = ended.contains(live.token());
        if request.headers.wants_page() {
            return if is_own_ended {
                self.logged_out()
            } else {
                HttpAnswer::see_other(self.config().site.links.sessions())
            };
        }
        let answer = HttpAnswer::json(200, &json!({ "ended": ended.len(), "is_signed_in": !is_own_ended }));
        match is_own_ended {
            true => answer.with_cookie(&self.config().cookies.removal(Name::Session)),
            false => answer,
        }
    }
}
