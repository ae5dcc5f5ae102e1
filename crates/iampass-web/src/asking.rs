//! Asking the service to put a question to a phone, with the code that the page shows. Belongs here: what follows from the service's answer. Does
//! not belong here: when the question may be put, and what becomes of it ([`crate::question`]).
//!
//! An answer with the right code lets in the browser that shows it and no other. So a service that makes codes is asked without the waits that keep
//! a stranger's question from being taken for the user's own. Whether it makes codes is known by its answers.

use std::net::IpAddr;

use iampass_core::client::{Authentication, Nameless};
use iampass_core::machine::LoginOptions;
use iampass_core::port::UserKey;
use iampass_core::wire::{Confirmation, Reason};
use iampass_core::{Error, Secret, Session, UnixSeconds, UserToken};

use crate::attempts::{Asker, AttemptEnd, AttemptId, Whose};
use crate::config::ShownApproval;
use crate::kept_code::PageCode;
use crate::login_web::LoginWeb;
use crate::page_times::GRACE;
use crate::random_text::random_text;

/// The question, as far as the service is told of it.
pub(crate) struct Asking {
    /// The user, if the name has one and the phone may be asked.
    pub(crate) user: Option<UserKey>,
    pub(crate) asker: Asker,
    /// The last login in a known browser.
    pub(crate) known_since: Option<UnixSeconds>,
    /// The browser that asks, for the phone.
    pub(crate) browser: String,
    pub(crate) address: Option<IpAddr>,
    /// Whether it is put as one that only the page's code can answer, without the places and waits that keep others from being answered in its
    /// place.
    pub(crate) is_bound: bool,
    pub(crate) whose: Whose,
    /// The attempt that it is put for.
    pub(crate) id: AttemptId,
    /// Whether the user chose that the browser stays signed in.
    pub(crate) keeps: bool,
}

/// The outcome of the question at the service.
pub(crate) enum Asked {
    /// The phone is asked, and the page shows this code.
    Yes(Session, ShownOnPage),
    /// The service was asked too often for this user.
    TooMany,
    /// It is not, and the browser is not to see it: its page shows a code all the same.
    Silently(Option<PageCode>),
    /// This attempt lets no user in.
    Ended(AttemptEnd),
}

/// The code of a page, and the link by which the page leads to IAMPASS in the same browser.
#[derive(Default)]
pub(crate) struct ShownOnPage {
    pub(crate) code: Option<PageCode>,
    pub(crate) open_url: Option<Secret>,
}

impl ShownOnPage {
    /// The same of a login by name.
    fn fixed(confirmation: Option<Confirmation>) -> Self {
        Self { code: confirmation.map(PageCode::Fixed), open_url: None }
    }
}

impl<U: Clone + Send + Sync + 'static> LoginWeb<U> {
    /// Whether a question that is put now can be answered only with the code of its page, as far as is known.
    pub(crate) fn binds_by_code(&self) -> bool {
        self.config().approval == ShownApproval::Code && self.inner.makes_codes.is_so()
    }

    pub(crate) async fn ask(&self, asking: &Asking) -> Asked {
        let options = self.options_of(asking);
        if asking.whose == Whose::Nameless {
            return self.ask_any(&options).await;
        }
        let asked = match self.ask_for(asking, asking.user.as_ref(), &options).await {
            // A browser in which the user has signed in knows that there is such a user. It hears the truth.
            Asked::TooMany if asking.asker.digest().is_some() => Asked::Ended(AttemptEnd::TooMany),
            Asked::TooMany => Asked::Silently(None),
            asked => asked,
        };
        match asked {
            // All that was left out for the sake of the code was needed.
            Asked::Yes(session, ShownOnPage { code: None, .. }) if asking.is_bound => {
                self.end_question(&session).await;
                Asked::Ended(AttemptEnd::Failed)
            }
            // The service says nothing of this user: a page without a code would tell that somebody has the name.
            Asked::Silently(None) if self.binds_by_code() => match self.ask_for(asking, None, &options).await
            {
                Asked::Silently(Some(code)) => Asked::Silently(Some(code)),
                Asked::Ended(end) => Asked::Ended(end),
                _ => Asked::Ended(AttemptEnd::Failed),
            },
            // So would another end than that of a name without a user.
            Asked::Ended(AttemptEnd::Paused) if asking.is_bound && asking.asker.digest().is_none() => {
                Asked::Ended(AttemptEnd::Failed)
            }
            asked => asked,
        }
    }

    fn options_of(&self, asking: &Asking) -> LoginOptions {
        let deadline = self.config().login.deadline + GRACE;
        let options = self.config().login.clone().deadline(deadline).known_browser(asking.asker.is_known());
        let options = options.known_since(asking.known_since);
        let options = match self.config().keep.asked_for(asking.keeps, options.duration) {
            Some(lasts) => options.duration(lasts),
            None => options,
        };
        match self.config().approval {
            ShownApproval::Code => options
                .shows_code(true)
                .browser(&asking.browser)
                .address(asking.address)
                .return_to(self.return_address(&asking.id)),
            ShownApproval::Tap => options.shows_code(false),
        }
    }

    async fn ask_for(&self, asking: &Asking, user: Option<&UserKey>, options: &LoginOptions) -> Asked {
        let user = match self.token_to_ask(user).await {
            Ok(user) => user,
            Err(error) => return not_asked(error),
        };
        let asked = self.authenticate(asking, &user, options).await;
        if let (true, Ok(asked)) = (options.shows_code, &asked) {
            self.hear_code(asked);
        }
        match asked {
            // The link is taken from the confirmation alone, which a name that nobody has gets too.
            Ok(Authentication::Started { session, confirmation, .. }) => {
                Asked::Yes(session, ShownOnPage::fixed(confirmation))
            }
            Ok(Authentication::NotStarted { reason, confirmation }) => {
                refused(&reason, "it was not started", confirmation)
            }
            Ok(_) => Asked::Ended(AttemptEnd::Failed),
            Err(error) => not_asked(error),
        }
    }

    /// Starts the session. A browser that the service does not take for a known one is forgotten, and asks as a stranger: somebody may have signed
    /// in there whom a phone has let in that the user has removed since.
    async fn authenticate(
        &self,
        asking: &Asking,
        user: &UserToken,
        options: &LoginOptions,
    ) -> Result<Authentication, Error> {
        let asked = self.client().authenticate(user, options).await?;
        if !matches!(asked, Authentication::NotStarted { reason: Reason::BrowserNotKnown, .. }) {
            return Ok(asked);
        }
        self.forget_browser(asking, "a phone of its user was removed or replaced").await;
        self.client().authenticate(user, &options.clone().known_browser(false)).await
    }

    /// Starts a login without a name. There is no name that an answer could tell of.
    async fn ask_any(&self, options: &LoginOptions) -> Asked {
        let asked = match self.client().start_nameless(options).await {
            Ok(Nameless::Started { session, qr, open_url }) => {
                let since = self.client().now().unix_millis();
                let code = Some(PageCode::Moving { qr, since });
                return Asked::Yes(session, ShownOnPage { code, open_url });
            }
            Ok(Nameless::NotStarted { reason }) => refused(&reason, "it was not started", None),
            Ok(_) => Asked::Ended(AttemptEnd::Failed),
            Err(error) => not_asked(error),
        };
        match asked {
            Asked::Ended(end) => Asked::Ended(end),
            Asked::Yes(..) | Asked::TooMany | Asked::Silently(_) => Asked::Ended(AttemptEnd::Unreachable),
        }
    }

    fn hear_code(&self, asked: &Authentication) {
        match asked {
            Authentication::Started { confirmation, .. } => {
                self.inner.makes_codes.hear(confirmation.is_some())
            }
            // Other reasons say nothing of the user, and come without a code.
            Authentication::NotStarted { reason, confirmation }
                if confirmation.is_some()
                    || matches!(
                        reason,
                        Reason::UnknownUser | Reason::NoMobileDevice | Reason::TooManyDenials
                    ) =>
            {
                self.inner.makes_codes.hear(confirmation.is_some());
            }
            _ => {}
        }
    }

    /// The user's token, or one without a user.
    pub(crate) async fn token_to_ask(&self, user: Option<&UserKey>) -> Result<UserToken, Error> {
        if let (Some(key), Some(tokens)) = (user, self.client().token_store())
            && let Some(token) = tokens.token_for(key).await?
        {
            return Ok(token);
        }
        let nobody = random_text().ok_or(Error::Timeout)?;
        Ok(UserToken::new(nobody)?)
    }
}

fn not_asked(error: Error) -> Asked {
    match error.reason() {
        Some(reason) if !matches!(reason, Reason::Unavailable | Reason::NonceReplayed) => {
            refused(reason, &error.to_string(), None)
        }
        _ if matches!(error, Error::Status { status: 429, .. }) => {
            tracing::warn!(%error, "the service does not ask a phone");
            Asked::TooMany
        }
        // The service was not even asked, so it is none that refuses.
        _ if matches!(error, Error::Store(_)) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a login could not be started: the store failed"
            );
            Asked::Ended(AttemptEnd::Unreachable)
        }
        _ if error.is_retryable() => {
            tracing::warn!(%error, "a login could not be started: the service cannot be reached");
            Asked::Ended(AttemptEnd::Unreachable)
        }
        _ => {
            tracing::error!(%error, "logins cannot be started. Call `Client::check` to see what is wrong");
            Asked::Ended(AttemptEnd::Refused)
        }
    }
}

/// The effect of a service's reason on the browser. A reason about the user is not shown; one about the application is.
fn refused(reason: &Reason, said: &str, code: Option<Confirmation>) -> Asked {
    match reason {
        Reason::NoMobileDevice | Reason::UnknownUser | Reason::UnknownDevice => {
            Asked::Silently(code.map(PageCode::Fixed))
        }
        // The page shows a code, so it does not tell that somebody has the name.
        Reason::TooManyDenials if code.is_some() => Asked::Silently(code.map(PageCode::Fixed)),
        Reason::TooManyDenials => {
            tracing::info!("a phone is not asked: its user has denied several requests in a row");
            Asked::Ended(AttemptEnd::Paused)
        }
        Reason::TooManyRequests => {
            tracing::warn!(reason = %reason, said, "the service does not ask a phone");
            Asked::TooMany
        }
        _ => {
            let advice = reason.explanation().map(|explanation| explanation.what_to_do).unwrap_or_default();
            tracing::error!(reason = %reason, said, advice, "the service refuses this application's logins");
            Asked::Ended(AttemptEnd::Refused)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use iampass_core::port::{StoreError, StoreErrorKind};

    /// Any error of the store: the service was not asked, so it has refused nothing, and the browser learns at once that nobody can
    /// sign in at present.
    #[test]
    fn a_store_s_error_is_no_refusal_of_the_service() {
        for kind in [
            StoreErrorKind::Other,
            StoreErrorKind::NotMigrated,
            StoreErrorKind::Unavailable,
            StoreErrorKind::Unreadable,
        ] {
            let asked = not_asked(Error::Store(StoreError::new(kind)));
            assert!(matches!(asked, Asked::Ended(AttemptEnd::Unreachable)), "{kind:?}");
        }
    }
}
