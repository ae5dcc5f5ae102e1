//! Adding a phone to those that a user has, after one was lost: by a recovery code, or by another phone. Belongs here: what each way takes, and
//! the link. Does not belong here: replacing all phones after a wait ([`crate::lost_phone`]), the page with the link ([`crate::enrol`]).
//!
//! A recovery code is brought with a login name, and no session counts. So the answer must not tell whether anybody has the name: a wrong code of a
//! user, a name without a user and a text that is no code have one answer, at the same instants. Tries are counted by address, and not by user:
//! somebody who knows a name must not keep its user from using a code, and 128 bits are not guessed.

use std::time::Duration;

use iampass_core::port::UserKey;
use iampass_core::wire::Reason;
use iampass_core::{Error, RegistrationLink, Secret};
use tokio::time::Instant;

use crate::answer::HttpAnswer;
use crate::directory::Notice;
use crate::login::{LONGEST_NAME, started_from};
use crate::page_times::whole_seconds;
use crate::pages::LostPhoneProblem;
use crate::request::{Request, field};
use crate::ticket::AddedBy;
use crate::{LoginWeb, Refusal, same_site, told_at};

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
        let from = started_from(self.client_address(request), request);
        if let Err(wait) = self.throttles().recovery_codes.take(from, self.client().now().mono) {
            let wait_seconds = whole_seconds(wait).max(1);
            let problem = LostPhoneProblem::TooMany { wait_seconds };
            return self.show_problem(429, request, &login_name, problem).await;
        }
        let too_long = login_name.len() > LONGEST_NAME || code.len() > LONGEST_CODE;
        let exchanged = match too_long || login_name.contains(char::is_control) {
            true => Err(LostPhoneProblem::WrongCode),
            false => self.exchange(&login_name, &Secret::new(code)).await,
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
        let made = self.client().recovery_link(&token, code, name).await;
        let link = made.map_err(|error| problem_of(&error))?;
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
