//! Adding a phone to those that a user has, after one was lost: by a recovery code, or by another phone. Belongs here: what each way takes, and
//! the link. Does not belong here: replacing all phones after a wait ([`crate::lost_phone`]), the page with the link ([`crate::enrol`]).
//!
//! A recovery code is brought with a login name, and no session counts. So the answer must not tell whether anybody has the name: a wrong code of a
//! user, a name without a user and a text that is no code have one answer, at the same instants. Tries are counted by address. A browser in which the
//! user of the name has signed in has tries of its own, so that neighbours behind one address keep nobody out. All such browsers of a user share them,
//! and no other browser counts for the user: somebody who knows a name must not keep its user from using a code, and 128 bits are not guessed.

use std::time::Duration;

use iampass_core::port::UserKey;
use iampass_core::wire::Reason;
use iampass_core::{Error, RegistrationLink, Secret};
use tokio::time::Instant;

use crate::admission::Refusal;
use crate::answer::HttpAnswer;
use crate::attempts::Subject;
use crate::directory::Notice;
use crate::known_browsers::{BrowserCookie, KnownBrowsers};
use crate::login::{LONGEST_NAME, started_from};
use crate::login_web::LoginWeb;
use crate::page_times::whole_seconds;
use crate::pages::LostPhoneProblem;
use crate::request::{Request, field};
use crate::ticket::AddedBy;
use crate::{same_site, told_at};

/// How long ago a phone may have approved the login of a browser that adds one.
const APPROVED: Duration = Duration::from_secs(10 * 60);

/// The longest text that is taken for a recovery code, in bytes.
const LONGEST_CODE: usize = 200;

impl<U: Clone + Send + Sync + 'static> LoginWeb<U> {
    /// `POST lost-phone/code`: exchanges a recovery code for a link.
    pub(crate) async fn use_recovery_code(&self, request: &Request) -> HttpAnswer {
        let begun = Instant::now();
        if !same_site::is_from(&self.config().origin, &request.headers) {
            return self.refused_cross_site(&request.headers);
        }
        if !self.config().lost_phone.has_recovery_code() {
            return self.lost_phone_is_off(&request.headers);
        }
        let login_name = field(&request.body, "login_name").unwrap_or_default().trim().to_owned();
        let code = field(&request.body, "recovery_code").unwrap_or_default().trim().to_owned();
        if login_name.is_empty() || code.is_empty() {
            return self.show_problem(422, request, &login_name, LostPhoneProblem::Incomplete).await;
        }
        let is_name = login_name.len() <= LONGEST_NAME && !login_name.contains(char::is_control);
        if let Err(problem) = self.count_try(request, Some(&*login_name).filter(|_| is_name)).await {
            // Whether the user of the name knows this browser must not show either.
            told_at::hold(begun, self.config().answer_step).await;
            return self.show_problem(status_of(problem), request, &login_name, problem).await;
        }
        let exchanged = match is_name && code.len() <= LONGEST_CODE {
            true => self.exchange(&login_name, &Secret::new(code)).await,
            false => Err(LostPhoneProblem::WrongCode),
        };
        // Whether somebody has the name must not show in how long it took.
        told_at::hold(begun, self.config().answer_step).await;
        match exchanged {
            Ok((user, name, link)) => self.adding(
                &request.headers,
                &user,
                &name,
                &self.config().home.clone(),
                &link,
                AddedBy::RecoveryCode,
            ),
            Err(problem) => self.show_problem(status_of(problem), request, &login_name, problem).await,
        }
    }

    /// Counts a try for the user of this name, if the user knows the browser, and else for the address. Lookups are bounded by the browser too.
    async fn count_try(&self, request: &Request, login_name: Option<&str>) -> Result<(), LostPhoneProblem> {
        let (now, throttles) = (self.client().now().mono, self.throttles());
        let browser = KnownBrowsers::cookie(&self.config().cookies, request.headers.cookie.as_deref());
        let digest = browser.as_ref().and_then(|browser| browser.digests().next());
        let may_look = digest.is_some_and(|digest| throttles.codes_by_browser.take(digest, now).is_ok());
        if let Some(login_name) = login_name.filter(|_| may_look)
            && let Some(user) = self.user_who_knows(login_name, browser.as_ref()).await?
            && throttles.codes_by_user.take(user.as_str(), now).is_ok()
        {
            return Ok(());
        }
        let from = started_from(self.client_address(request), request);
        throttles
            .recovery_codes
            .take(from, now)
            .map_err(|wait| LostPhoneProblem::TooMany { wait_seconds: whole_seconds(wait).max(1) })
    }

    /// The user of this name, if the user has signed in in this browser.
    async fn user_who_knows(
        &self,
        login_name: &str,
        browser: Option<&BrowserCookie>,
    ) -> Result<Option<UserKey>, LostPhoneProblem> {
        let failed = |error: &dyn std::fmt::Display| {
            tracing::error!(%error, "it could not be looked up whether a user knows a browser");
            LostPhoneProblem::ServiceUnreachable
        };
        let found = self.directory().find(login_name).await.map_err(|error| failed(&error))?;
        let subject = found.as_ref().map_or_else(|| Subject::Nobody(login_name.to_owned()), Subject::from);
        let asker = self.known_browsers().asker(&subject, browser).await.map_err(|error| failed(&error))?;
        Ok(found.filter(|_| asker.is_known()))
    }

    async fn exchange(
        &self,
        login_name: &str,
        code: &Secret,
    ) -> Result<(UserKey, String, RegistrationLink), LostPhoneProblem> {
        let failed = |error: &dyn std::fmt::Display| {
            tracing::error!(%error, "a recovery code could not be looked at: the user directory failed");
            LostPhoneProblem::ServiceUnreachable
        };
        let found = self.directory().find(login_name).await.map_err(|error| failed(&error))?;
        let user = match &found {
            Some(key) => self.directory().load(key).await.map_err(|error| failed(&error))?,
            None => None,
        };
        let known = found.zip(user).map(|(key, user)| (key, self.directory().display_name(&user)));
        let key = known.as_ref().map(|(key, _)| key);
        // A name that nobody has is asked about all the same, under a token that nobody has.
        let token = self.token_to_ask(key).await.map_err(|error| problem_of(&error))?;
        let name = known.as_ref().map(|(_, name)| name.as_str()).filter(|name| is_sendable(name));
        let link = match self.client().recovery_link(&token, code, name).await {
            Ok(link) => link,
            Err(error) => {
                if let Some(key) = key.filter(|_| !error.was_surely_not_done()) {
                    tracing::warn!(
                        target: "iampass::audit", user = %token, %error,
                        "a recovery code may have been used for a link that adds a phone: the answer of the service was lost"
                    );
                    // Apart, so that the time of the answer does not tell that somebody has the name.
                    let (web, key) = (self.clone(), key.clone());
                    self.runtime().spawn(async move {
                        web.directory().notify(&key, &Notice::RecoveryCodePerhapsUsed).await;
                    });
                }
                return Err(problem_of(&error));
            }
        };
        let Some((key, name)) = known else { return Err(LostPhoneProblem::WrongCode) };
        tracing::warn!(target: "iampass::audit", user = %token, "a recovery code was used for a link that adds a phone");
        self.directory().notify(&key, &Notice::RecoveryCodeUsed).await;
        Ok((key, name, link))
    }

    /// `POST lost-phone/add`: makes a link that adds a phone, which another one confirms.
    pub(crate) async fn add_phone(&self, request: &Request) -> HttpAnswer {
        if !same_site::is_from(&self.config().origin, &request.headers) {
            return self.refused_cross_site(&request.headers);
        }
        if !self.config().lost_phone.has_other_phone() {
            return self.lost_phone_is_off(&request.headers);
        }
        let here = self.config().site.links.lost_phone();
        let (live, user) = match self.current_approved(request.headers.cookie.as_deref(), APPROVED).await {
            Ok(admitted) => admitted,
            // Back to the page with the form, also where the browser does not say where it comes from.
            Err(Refusal::NotLoggedIn | Refusal::NotApproved) if request.headers.wants_page() => {
                return HttpAnswer::see_other(self.config().site.links.login_to(&here));
            }
            Err(refusal) => return self.refusal(refusal, &request.headers, &here),
        };
        let name = self.directory().display_name(&user);
        let token = match self.client().token_store() {
            Some(tokens) => tokens.token_for(live.user()).await,
            None => Ok(None),
        };
        let Ok(Some(token)) = token else { return self.unavailable(&request.headers) };
        let sent = Some(name.as_str()).filter(|name| is_sendable(name));
        match self.client().adding_link(&token, sent).await {
            Ok(link) => {
                tracing::warn!(target: "iampass::audit", user = %token, "a link was made that adds a phone");
                self.directory().notify(live.user(), &Notice::PhoneAddingBegun).await;
                self.adding(
                    &request.headers,
                    live.user(),
                    &name,
                    &self.config().home.clone(),
                    &link,
                    AddedBy::OtherPhone,
                )
            }
            Err(error) => {
                let problem = problem_of(&error);
                self.show_problem(status_of(problem), request, "", problem).await
            }
        }
    }
}

/// Whether the service takes it as the name that the phone shows. A longer one is left out: an error would tell that somebody has the login name.
fn is_sendable(name: &str) -> bool {
    name.len() <= LONGEST_NAME && !name.contains(char::is_control)
}

const fn status_of(problem: LostPhoneProblem) -> u16 {
    match problem {
        LostPhoneProblem::Incomplete | LostPhoneProblem::WrongCode => 422,
        LostPhoneProblem::NoRoom | LostPhoneProblem::PhoneWithoutKey | LostPhoneProblem::PhoneInUse => 409,
        LostPhoneProblem::TooMany { .. } => 429,
        LostPhoneProblem::ServiceUnreachable => 503,
    }
}

/// The effect of the service's refusal on the page.
fn problem_of(error: &Error) -> LostPhoneProblem {
    match error.reason() {
        Some(Reason::WrongRecoveryCode | Reason::UnknownUser | Reason::InvalidParameter) => {
            LostPhoneProblem::WrongCode
        }
        Some(Reason::TooManyPhones) => LostPhoneProblem::NoRoom,
        Some(Reason::PhoneKeyRequired) => LostPhoneProblem::PhoneWithoutKey,
        Some(Reason::TooManyRequests) => {
            let wait = error.retry_after().unwrap_or(Duration::from_secs(60));
            LostPhoneProblem::TooMany { wait_seconds: whole_seconds(wait).max(1) }
        }
        _ => {
            tracing::error!(%error, "no link could be made that adds a phone");
            LostPhoneProblem::ServiceUnreachable
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(reason: Reason) -> Error {
        Error::Declined { reason: Some(reason), message: None }
    }

    /// A name without a user looks like a wrong code.
    #[test]
    fn an_unknown_user_and_a_wrong_code_are_one_problem() {
        for reason in [Reason::WrongRecoveryCode, Reason::UnknownUser, Reason::InvalidParameter] {
            assert_eq!(problem_of(&refused(reason)), LostPhoneProblem::WrongCode);
        }
        assert_eq!(problem_of(&refused(Reason::TooManyPhones)), LostPhoneProblem::NoRoom);
        assert_eq!(problem_of(&refused(Reason::PhoneKeyRequired)), LostPhoneProblem::PhoneWithoutKey);
        assert_eq!(problem_of(&Error::Timeout), LostPhoneProblem::ServiceUnreachable);
        assert_eq!(problem_of(&refused(Reason::NotFound)), LostPhoneProblem::ServiceUnreachable);
    }
}
