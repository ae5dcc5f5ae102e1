//! The sessions of the user who is signed in: which there are, and ending one or all. Belongs here: what is ended with them. Does not belong here: the page
//! that lists them ([`crate::account_page`]), and the logout of a browser from its own session ([`crate::session`]).

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use iampass_core::port::SessionRecord;
use iampass_core::{Error, SessionToken};
use serde_json::json;
use tokio::sync::mpsc;

use crate::admission::Admission;
use crate::answer::HttpAnswer;
use crate::cutoff;
use crate::few_at_once::few_at_once;
use crate::guard::LiveSession;
use crate::known_browsers::Forgotten;
use crate::login_web::LoginWeb;
use crate::request::{Request, field};
use crate::session::id_of;

/// The most sessions of one user that are listed.
const LISTED: usize = 100;
/// How long the answer waits for the store when sessions are ended.
const ANSWERED_WITHIN: Duration = Duration::from_secs(5);

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
        let chosen =
            if all { Chosen::All } else { Chosen::One(field(&request.body, "id").unwrap_or_default()) };
        let Ok(ended) = self.end_chosen(&live, chosen).await else {
            return self.unavailable(&request.headers);
        };
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
            true => self.taking_session(answer),
            false => answer,
        }
    }

    /// Ends these sessions of the user; which ones they are. A store that does not answer holds up the answer for [`ANSWERED_WITHIN`], and the work goes on.
    ///
    /// # Errors
    /// When it is not known whether the logouts of all are in the store.
    async fn end_chosen(
        &self,
        live: &Arc<LiveSession>,
        chosen: Chosen,
    ) -> Result<BTreeSet<SessionToken>, Error> {
        let (tell, mut told) = mpsc::unbounded_channel();
        let (web, live) = (self.clone(), Arc::clone(live));
        self.runtime().spawn(async move { web.keep_ending(&live, &chosen, &tell).await });
        let all_told = async {
            let mut ended = BTreeSet::new();
            while let Some(tokens) = told.recv().await {
                match tokens? {
                    Told::Ended(tokens) => ended.extend(tokens),
                    Told::All => return Ok(ended),
                }
            }
            // Its task has gone before it had queued all of them.
            Err(Error::Timeout)
        };
        // They have ended on this node by then. Of those whose logouts are not in the store yet, nothing is said that is not so.
        tokio::time::timeout(ANSWERED_WITHIN, all_told).await.unwrap_or(Err(Error::Timeout))
    }

    async fn keep_ending(
        &self,
        live: &LiveSession,
        chosen: &Chosen,
        tell: &mpsc::UnboundedSender<Result<Told, Error>>,
    ) {
        let mut ended = BTreeSet::new();
        loop {
            let mut records = match self.own_sessions(live).await {
                Ok(records) => records,
                Err(error) => {
                    // Where the answer has been given, it is for the log alone.
                    tracing::warn!(%error, "it is not known whether a user has more sessions to be ended");
                    let _ = tell.send(Err(error));
                    return;
                }
            };
            records.retain(|record| chosen.has(record.session.token()));
            records.retain(|record| ended.insert(record.session.token().clone()));
            if records.is_empty() {
                let _ = tell.send(Ok(Told::All));
                return;
            }
            records.iter().for_each(|record| self.guard().end_here(record));
            let tokens = records.iter().map(|record| record.session.token().clone()).collect();
            let _ = tell.send(Ok(Told::Ended(tokens)));
            // There may be more than are listed at once.
            few_at_once(&records, |record| self.guard().log_out_record(record)).await;
        }
    }
}

/// How far the ending of sessions is.
enum Told {
    /// These have ended on this node.
    Ended(Vec<SessionToken>),
    /// The logouts of all are in the store, or were sent.
    All,
}

/// The sessions that are to be ended.
enum Chosen {
    All,
    /// The one with this id.
    One(String),
}

impl Chosen {
    fn has(&self, token: &SessionToken) -> bool {
        match self {
            Self::All => true,
            Self::One(id) => id_of(token) == *id,
        }
    }
}
