//! Starting a login without a name: the page shows a QR code, and the phone that brings it says whose login it is. Belongs here: all up to the answer to
//! the browser. From then on it goes the way of any login ([`crate::question`], [`crate::wait`]).
//!
//! No session is started for somebody who only looks at the login page: the page's script asks for one when the page is seen, and without a script a
//! person does, with a button.

use std::net::IpAddr;
use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use crate::answer::HttpAnswer;
use crate::asking::Asking;
use crate::attempts::{Asker, Attempt, AttemptEnd, Whose};
use crate::browser_name::browser_name;
use crate::cookies::Name;
use crate::known_browsers::KnownBrowsers;
use crate::login::{chooses_to_keep, cookie_of, started_from};
use crate::login_web::LoginWeb;
use crate::page_times::whole_seconds;
use crate::pages::LoginProblem;
use crate::pages_of_attempts::Proved;
use crate::question::Question;
use crate::request::{Request, field};
use crate::same_site;

impl<U: Clone + Send + Sync + 'static> LoginWeb<U> {
    /// `POST login/code`. A script gets the addresses of the events, a person the page that waits.
    pub(crate) async fn start_nameless(&self, request: &Request) -> HttpAnswer {
        let begun_at = Instant::now();
        let return_to = self.config().return_to(&field(&request.body, "return_to").unwrap_or_default());
        let keeps = chooses_to_keep(request);
        let is_script =
            request.headers.accept.as_deref().is_some_and(|accept| accept.contains("application/json"));
        let refuse = |status, problem| {
            if is_script {
                return HttpAnswer::json(status, &json!({ "error": "not_started" }));
            }
            self.show_login(&request.headers, status, "", &return_to, Some(problem), Some(keeps))
        };
        if !same_site::is_from(&self.config().origin, &request.headers) {
            return refuse(403, LoginProblem::CrossSite);
        }
        if !self.config().site.offers_nameless {
            return refuse(404, LoginProblem::EmptyName);
        }
        let address = self.client_address(request);
        if let Err(wait) = self.count_nameless_start(request, address).await {
            let wait_seconds = whole_seconds(wait).max(1);
            return refuse(429, LoginProblem::TooMany { wait_seconds })
                .with("retry-after", wait_seconds.to_string());
        }
        let Some(pending) = self.new_pending(None, &return_to, keeps) else {
            return refuse(503, LoginProblem::ServiceUnreachable);
        };
        let Some(cookie) = self.pending_cookie(&pending) else {
            return refuse(422, LoginProblem::NameTooLong);
        };
        if let Err(error) =
            self.attempts().begin_aside(&pending.attempt, &Attempt::new(Asker::Stranger, pending.until)).await
        {
            tracing::error!(%error, "a login could not be started: the session store failed");
            return refuse(503, LoginProblem::ServiceUnreachable).with("retry-after", "5");
        }
        // The browser shows one QR code: the one of before is over.
        if let Some(before) = self.pending_of_kind(request, Whose::Nameless)
            && let Err(error) = self.end(&before.attempt, AttemptEnd::Replaced).await
        {
            tracing::warn!(%error, "a login without a name ends when its time is over");
        }
        let asking = Asking {
            user: None,
            asker: Asker::Stranger,
            known_since: None,
            browser: browser_name(request.headers.user_agent.as_deref()),
            address,
            is_bound: true,
            whose: Whose::Nameless,
            id: pending.attempt.clone(),
            keeps,
        };
        self.put_behind(Question::new(asking, begun_at));
        let links = &self.config().site.links;
        let answer = if is_script {
            HttpAnswer::json(
                200,
                &json!({
                    "events": links.wait_events(&pending.proof),
                    "state": links.wait_state(&pending.proof),
                    "next": links.wait_after(&pending.proof),
                    "proof": pending.proof,
                }),
            )
        } else {
            HttpAnswer::see_other(links.wait(&pending.proof))
        };
        answer.with_cookie(&cookie)
    }

    /// Counts a start by the browser, if a user knows it, and by the address otherwise. Somebody who shares its address keeps no known browser from its
    /// QR code. It is counted by what the user's list says: a cookie that is worth nothing any more for one user, and still is for another, brings no
    /// budget of its own.
    async fn count_nameless_start(&self, request: &Request, address: Option<IpAddr>) -> Result<(), Duration> {
        let now = self.client().now().mono;
        let browser = KnownBrowsers::cookie(&self.config().cookies, request.headers.cookie.as_deref());
        if let Some(browser) = browser {
            match self.known_browsers().listed(&browser).await {
                Ok(Some(digest)) => {
                    if self.throttles().nameless_by_browser.take(digest, now).is_ok() {
                        return Ok(());
                    }
                }
                Ok(None) => {}
                Err(error) => tracing::warn!(
                    %error,
                    "a login is counted by its address: it could not be looked up whether its browser is known"
                ),
            }
        }
        self.throttles().nameless_by_address.take(started_from(address, request), now)
    }

    /// The cookie that the page which waits belongs to.
    pub(crate) fn cookie_of_wait(&self, request: &Request) -> Name {
        match self.proved_pending(request) {
            Proved::Yes(pending) => cookie_of(pending.whose()),
            Proved::OfAnother(_) | Proved::Nothing => Name::Pending,
        }
    }
}
