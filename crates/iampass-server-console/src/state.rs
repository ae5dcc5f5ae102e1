//! [`Console`]: the state of one Console, for browsers that see it at one origin.
//!
//! Belongs here: what handlers work with. Does not belong here: finding and opening a Console ([`super::hosts`], [`super::opening`]).

use std::sync::Arc;

use iampass_core::UnixSeconds;
use iampass_server_storage::{Account, Database};
use iampass_web::LoginWeb;

use super::accounts::user_key;
use super::page_error::PageError;
use super::parts::{ConsoleParts, ServiceFacts};

/// The state that handlers work with. Cheap to clone.
#[derive(Clone)]
pub(super) struct Console {
    inner: Arc<Inner>,
}

struct Inner {
    parts: ConsoleParts,
    login: LoginWeb<Account>,
    place: Place,
}

impl Console {
    pub(super) fn new(parts: ConsoleParts, login: LoginWeb<Account>, place: Place) -> Self {
        Self { inner: Arc::new(Inner { parts, login, place }) }
    }

    /// The parts of the service that it belongs to.
    pub(super) fn parts(&self) -> &ConsoleParts {
        &self.inner.parts
    }

    pub(super) fn database(&self) -> &Database {
        &self.inner.parts.database
    }

    pub(super) fn facts(&self) -> &ServiceFacts {
        &self.inner.parts.facts
    }

    /// The time by the service's wall clock.
    pub(super) fn now(&self) -> UnixSeconds {
        self.inner.parts.clock.now().wall
    }

    pub(super) fn login(&self) -> &LoginWeb<Account> {
        &self.inner.login
    }

    /// Makes the browsers unknown in which this account has signed in: its phone is replaced, or it is disabled. Otherwise a browser of
    /// somebody else could have the new phone asked.
    pub(super) async fn forget_browsers(&self, account: &Account) -> Result<(), PageError> {
        self.login().forget_known_browsers(&user_key(account)).await.map_err(|error| {
            tracing::error!(%error, "known browsers of an account could not be forgotten");
            PageError::Unavailable
        })
    }

    /// The prefix of all paths of the Console, as browsers see them.
    pub(super) fn base(&self) -> String {
        format!("{}/console", self.inner.place.prefix)
    }

    /// The path below which a proxy shows the service, or nothing.
    pub(super) fn prefix(&self) -> &str {
        &self.inner.place.prefix
    }

    /// A whole address, to be given to somebody.
    pub(super) fn address(&self, path: &str) -> String {
        format!("{}{}{path}", self.inner.place.origin, self.base())
    }

    /// Where applications reach the service.
    pub(super) fn server(&self) -> String {
        self.inner.place.server()
    }
}

impl std::fmt::Debug for Console {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Console").field("place", &self.inner.place).finish_non_exhaustive()
    }
}

/// Where browsers see the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Scheme, host and port.
    pub origin: String,
    /// The path below which it is shown, or nothing.
    pub prefix: String,
}

impl Place {
    pub(super) fn server(&self) -> String {
        format!("{}{}", self.origin, self.prefix)
    }
}
