//! Starting a login: who is asked, how often, and that a name which nobody has looks like any other. Belongs here: all up to the
//! question on the phone. What follows is in [`crate::wait`].

use std::time::Duration;

use iampass_core::client::Authentication;
use iampass_core::{Error, SessionToken, UserToken};
use tokio::time::Instant;

use crate::answer::Answer;
use crate::cookies::Name;
use crate::pages::{LoginPage, LoginProblem};
use crate::pending::{GRACE, PendingCookie};
use crate::request::{Request, field};
use crate::return_to::ReturnTo;
use crate::throttle::counted;
use crate::{LoginWeb, UserDirectory, random_text, same_site};

/// The longest login name, in bytes.
const LONGEST_NAME: usize = 255;

impl<D: UserDirectory> LoginWeb<D> {
    /// `GET login`
    pub(crate) fn login_page(&self, request: &Request) -> Answer {
        let return_to = ReturnTo::new(&field(request.query.as_bytes(), "next").unwrap_or_default());
        let login_name = field(request.query.as_bytes(), "name").unwrap_or_default();
        self.show_login(200, &login_name, &return_to, None)
    }

    fn show_login(
        &self,
        status: u16,
        name: &str,
        return_to: &ReturnTo,
        problem: Option<LoginProblem>,
    ) -> Answer {
        let page = LoginPage { login_name: name, return_to: return_to.as_str(), problem };
        Answer::page(status, self.config().pages.login(&self.config().site, &page))
    }

    /// `POST login`
    pub(crate) async fn start(&self, request: &Request) -> Answer {
        let begun = Instant::now();
        let login_name = field(&request.body, "login_name").unwrap_or_default().trim().to_owned();
        let return_to = ReturnTo::new(&field(&request.body, "return_to").unwrap_or_default());
        let refuse = |status, problem| self.show_login(status, &login_name, &return_to, Some(problem));
        if !same_site::is_from(&self.config().origin, &request.headers) {
            return refuse(403, LoginProblem::CrossSite);
        }
        if login_name.is_empty() {
            return refuse(422, LoginProblem::EmptyName);
        }
        if login_name.len() > LONGEST_NAME || login_name.contains(char::is_control) {
            return refuse(422, LoginProblem::NameTooLong);
        }
        if let Err(wait) = self.count_start(request, &login_name) {
            let wait_seconds = wait.as_secs().max(1);
            return refuse(429, LoginProblem::TooMany { wait_seconds })
                .with("retry-after", wait_seconds.to_string());
        }
        let now = self.client().now().wall;
        let until = now.plus(self.config().login.deadline);
        if let Err(wait) = self.pending().reserve(&login_name, now, until) {
            // The browser that began it goes back to it; it may have been reloaded or come from the back button.
            if let Some(pending) = self.pending_of(request)
                && pending.login_name == login_name
                && pending.until > now
            {
                return Answer::see_other(self.config().site.links.wait(&pending.proof));
            }
            let wait_seconds = wait.as_secs().max(1);
            return refuse(429, LoginProblem::AlreadyAsking { wait_seconds })
                .with("retry-after", wait_seconds.to_string());
        }
        let asked = self.ask(&login_name).await;
        // Whether somebody has the name must not show in how long it took.
        let step = self.config().answer_step.max(Duration::from_millis(1));
        let steps = u32::try_from(begun.elapsed().as_micros() / step.as_micros()).unwrap_or(u32::MAX - 1);
        tokio::time::sleep_until(begun + step.saturating_mul(steps + 1)).await;

        let Some((session, proof)) = asked.map(|asked| (asked, random_text())).ok() else {
            self.pending().release(&login_name);
            return refuse(503, LoginProblem::ServiceUnreachable);
        };
        let Some(proof) = proof else { return refuse(503, LoginProblem::ServiceUnreachable) };
        let (session, is_decoy) = session;
        let wait = self.config().site.links.wait(&proof);
        let return_to_text = return_to.as_str().to_owned();
        let pending = PendingCookie {
            session,
            is_decoy,
            proof,
            login_name: login_name.clone(),
            return_to: return_to_text,
            begun_at: now,
            until,
        };
        let lasts = until.since(now) + GRACE;
        match self.config().cookies.sealed(Name::Pending, &pending, lasts.as_secs()) {
            Some(cookie) => Answer::see_other(wait).with_cookie(&cookie),
            None => refuse(422, LoginProblem::NameTooLong),
        }
    }

    fn count_start(&self, request: &Request, login_name: &str) -> Result<(), Duration> {
        let now = self.client().now().mono;
        if let Some(address) = self.client_address(request) {
            self.address_throttle().take(counted(address), now)?;
        }
        self.name_throttle().take(login_name.to_owned(), now)
    }

    /// Has the phone of this user asked, if there is one; the service is asked something in any case. Gives the session, and whether it
    /// is none.
    async fn ask(&self, login_name: &str) -> Result<(SessionToken, bool), Error> {
        if let Some(user) = self.user_token(login_name).await? {
            let deadline = self.config().login.deadline + GRACE;
            let options = self.config().login.clone().deadline(deadline);
            if let Authentication::Started(session) = self.client().authenticate(&user, &options).await? {
                let token = session.token().clone();
                // The answer is awaited from now on, on this node.
                let _ = self.pending().follow(self.client(), &self.config().login, &token).await?;
                return Ok((token, false));
            }
        } else if let Some(Ok(nobody)) = random_text().map(UserToken::new) {
            // That the service knows no such user is what is expected of it.
            match self.client().has_registered_device(&nobody).await {
                Err(error) if error.is_retryable() => return Err(error),
                _ => {}
            }
        }
        let decoy = random_text().and_then(|text| SessionToken::new(text).ok());
        decoy.map(|decoy| (decoy, true)).ok_or(Error::Timeout)
    }

    async fn user_token(&self, login_name: &str) -> Result<Option<UserToken>, Error> {
        let found = self.directory().find(login_name).await.map_err(|error| {
            tracing::error!(%error, "the user directory failed");
            Error::Timeout
        })?;
        let (Some(key), Some(tokens)) = (found, self.client().token_store()) else { return Ok(None) };
        Ok(tokens.token_for(&key).await?)
    }

    /// The login that this browser began, if it did.
    pub(crate) fn pending_of(&self, request: &Request) -> Option<PendingCookie> {
        self.config().cookies.open(Name::Pending, request.headers.cookie.as_deref())
    }
}
