//! Starting a login: who is asked, how often, and that a name which nobody has looks like any other. Belongs here: all up to the
//! question on the phone. What follows is in [`crate::wait`].

use std::time::Duration;

use cookie::Cookie;
use iampass_core::client::Authentication;
use iampass_core::{Error, SessionToken, UserToken};
use tokio::time::Instant;

use crate::answer::Answer;
use crate::asking::Whom;
use crate::cookies::Name;
use crate::pages::{LoginPage, LoginProblem};
use crate::pending::{GRACE, Kind, PendingCookie};
use crate::request::{Request, field};
use crate::return_to::ReturnTo;
use crate::{LoginWeb, UserDirectory, random_text, same_site};

/// The longest login name, in bytes.
const LONGEST_NAME: usize = 255;

impl<D: UserDirectory> LoginWeb<D> {
    /// `GET login`
    pub(crate) fn login_page(&self, request: &Request) -> Answer {
        let return_to = self.config().return_to(&field(request.query.as_bytes(), "next").unwrap_or_default());
        let login_name = self.name_of_link(&request.headers, field(request.query.as_bytes(), "name"));
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
        let return_to = self.config().return_to(&field(&request.body, "return_to").unwrap_or_default());
        let refuse = |status, problem| self.show_login(status, &login_name, &return_to, Some(problem));
        let too_early = |problem: fn(u64) -> LoginProblem, wait: Duration| {
            let seconds = wait.as_secs().max(1);
            refuse(429, problem(seconds)).with("retry-after", seconds.to_string())
        };
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
            return too_early(|wait_seconds| LoginProblem::TooMany { wait_seconds }, wait);
        }
        let now = self.client().now().wall;
        let until = now.plus(self.config().login.deadline);
        let (Some(proof), Some(decoy)) = (random_text(), decoy()) else {
            return refuse(503, LoginProblem::ServiceUnreachable);
        };
        let mut pending = PendingCookie {
            session: decoy,
            kind: Kind::Decoy,
            proof,
            login_name: login_name.clone(),
            return_to: return_to.as_str().to_owned(),
            begun_at: now,
            until,
        };
        // Whether it goes into a cookie is found out before anybody's phone rings.
        if self.pending_cookie(&pending).is_none() {
            return refuse(422, LoginProblem::NameTooLong);
        }
        if let Err(wait) = self.phones().reserve(Whom::Name(&login_name), &pending.proof, now, until) {
            // Not even the browser that began it is led back: the way there is the proof, which is not given to whoever has its cookie.
            return too_early(|wait_seconds| LoginProblem::AlreadyAsking { wait_seconds }, wait);
        }
        let asked = self.ask(&pending).await;
        // Whether somebody has the name must not show in how long it took.
        let step = self.config().answer_step.max(Duration::from_millis(1));
        let steps = u32::try_from(begun.elapsed().as_micros() / step.as_micros()).unwrap_or(u32::MAX - 1);
        tokio::time::sleep_until(begun + step.saturating_mul(steps + 1)).await;
        match asked {
            Ok(Some(session)) => (pending.session, pending.kind) = (session, Kind::Real),
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, "a login could not be started");
                self.phones().release(&pending.proof);
                return refuse(503, LoginProblem::ServiceUnreachable);
            }
        }
        let answer = Answer::see_other(self.config().site.links.wait(&pending.proof));
        match self.pending_cookie(&pending) {
            Some(cookie) => answer.with_cookie(&cookie),
            None => refuse(422, LoginProblem::NameTooLong),
        }
    }

    fn pending_cookie(&self, pending: &PendingCookie) -> Option<Cookie<'static>> {
        let lasts = pending.until.since(pending.begun_at) + GRACE;
        self.config().cookies.sealed(Name::Pending, pending, lasts.as_secs())
    }

    fn count_start(&self, request: &Request, login_name: &str) -> Result<(), Duration> {
        let now = self.client().now().mono;
        if let Some(address) = self.client_address(request) {
            self.throttles().by_address.take(address, now)?;
        }
        self.throttles().by_name.take(login_name.to_owned(), now)
    }

    /// Has the phone of this user asked, if there is one that may be; the service is asked something in any case. `None`: nobody's phone
    /// rings, and nobody is to see the difference.
    async fn ask(&self, pending: &PendingCookie) -> Result<Option<SessionToken>, Error> {
        let Some(user) = self.user_to_ask(pending).await? else {
            let Some(Ok(nobody)) = random_text().map(UserToken::new) else { return Err(Error::Timeout) };
            return match self.client().has_registered_device(&nobody).await {
                Err(error) if error.is_retryable() => Err(error),
                // That the service knows no such user is what is expected of it.
                _ => Ok(None),
            };
        };
        let options = self.config().login.clone().deadline(self.config().login.deadline + GRACE);
        match self.client().authenticate(&user, &options).await {
            Ok(Authentication::Started(session)) => {
                let token = session.token().clone();
                // The answer is awaited from now on, on this node.
                if let Err(error) = self.pending().follow(self.client(), &self.config().login, &token).await {
                    let _ = self.client().logout(&session).await;
                    return Err(error);
                }
                Ok(Some(token))
            }
            Ok(_) => Ok(None),
            Err(error) if error.is_retryable() => Err(error),
            // The service will not ask this one, whatever the reason.
            Err(error) => {
                tracing::warn!(%error, "the service does not ask a user's phone");
                Ok(None)
            }
        }
    }

    /// The user with this login name, unless that user's phone is being asked already or too often, by whatever name.
    async fn user_to_ask(&self, pending: &PendingCookie) -> Result<Option<UserToken>, Error> {
        let found = self.directory().find(&pending.login_name).await.map_err(|error| {
            tracing::error!(%error, "the user directory failed");
            Error::Timeout
        })?;
        let (Some(key), Some(tokens)) = (found, self.client().token_store()) else { return Ok(None) };
        let token = tokens.token_for(&key).await?;
        let now = self.client().now();
        // To say so would tell that it is the same user under another name.
        if self.throttles().by_user.take(key.clone(), now.mono).is_err() {
            return Ok(None);
        }
        let reserved = self.phones().reserve(Whom::User(&key), &pending.proof, now.wall, pending.until);
        Ok(token.filter(|_| reserved.is_ok()))
    }

    /// The login that this browser began, if it did.
    pub(crate) fn pending_of(&self, request: &Request) -> Option<PendingCookie> {
        self.config().cookies.open(Name::Pending, request.headers.cookie.as_deref())
    }
}

/// What stands in the place of a session.
fn decoy() -> Option<SessionToken> {
    SessionToken::new(random_text()?).ok()
}
