//! The laws that are checked after each step.

use iampass_core::UserToken;
use iampass_core::wire::{AuthenticationRequest, Identification};

use crate::login::{BrowserLogin, Kind};

/// Everything that a phone has sent, as it stood in what its key signed.
#[derive(Default)]
pub(crate) struct Signed {
    /// The codes and secrets that were brought.
    pub(crate) brought: Vec<String>,
    answers: Vec<Answer>,
}

struct Answer {
    /// The browser of the question.
    browser: String,
    is_accepted: bool,
    shown: Option<String>,
}

impl Signed {
    pub(crate) fn answer(&mut self, question: &AuthenticationRequest, identification: &Identification) {
        let shown = identification.code.as_ref().or(identification.scan.as_ref());
        self.answers.push(Answer {
            browser: question.browser.clone().unwrap_or_default(),
            is_accepted: identification.accepted,
            shown: shown.map(|shown| shown.expose().to_owned()),
        });
    }

    /// Law 8: the phone has accepted the question of this very login, with what its browser shows.
    pub(crate) fn allows(&self, login: &BrowserLogin) -> Result<(), String> {
        let deserves = |answer: &Answer| {
            let is_own = answer.shown.as_ref().is_some_and(|brought| login.shows(brought));
            answer.is_accepted && answer.browser == login.browser && is_own
        };
        if self.answers.iter().any(deserves) {
            return Ok(());
        }
        Err(format!("law 8: {} is let in, and the phone has not accepted what it shows", login.browser))
    }

    /// Law 9: the question is of a browser that the user has signed in from, or the phone has brought what its browser shows.
    pub(crate) fn may_ring(
        &self,
        question: &AuthenticationRequest,
        logins: &[BrowserLogin],
    ) -> Result<(), String> {
        let browser = question.browser.as_deref().unwrap_or_default();
        let Some(login) = logins.iter().find(|login| login.browser == browser) else {
            return Err(format!(
                "law 9: a question of {browser}, which the user knows nothing of, is on the phone"
            ));
        };
        if login.kind == Kind::Known || self.brought.iter().any(|brought| login.shows(brought)) {
            return Ok(());
        }
        Err(format!("law 9: {browser} is unknown, and rings"))
    }
}

/// The oldest that a moving code may be, in seconds, with the parts of a second by which both clocks may differ.
const OLDEST: u64 = 6;

/// Law 8: a code that moves is good for a few seconds. The first phone that brings it decides whose login it is.
pub(crate) fn may_claim(login: &mut BrowserLogin, user: &UserToken, age: u64) -> Result<(), String> {
    if age > OLDEST {
        return Err(format!("law 8: a code of {} is taken {age} s after it was shown", login.browser));
    }
    if login.claimed_by.get_or_insert_with(|| user.clone()) != user {
        return Err(format!("law 8: two phones have the question of {}", login.browser));
    }
    Ok(())
}
