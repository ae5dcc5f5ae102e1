//! [`Console`]: the state of one Console, for browsers that see it at one origin.
//!
//! Belongs here: what handlers work with. Does not belong here: finding and opening a Console ([`super::hosts`], [`super::opening`]).

use std::sync::{Arc, Weak};

use iampass_server_domain::Registration;
use iampass_web::LoginWeb;

use super::accounts::Accounts;
use super::page_error::PageError;
use crate::service::App;

/// The state that handlers work with. Cheap to clone.
#[derive(Clone)]
pub(super) struct Console {
    inner: Arc<Inner>,
}

struct Inner {
    app: Weak<App>,
    login: LoginWeb<Accounts>,
    place: Place,
    registration: Registration,
}

impl Console {
    pub(super) fn new(
        app: &Arc<App>,
        login: LoginWeb<Accounts>,
        place: Place,
        registration: Registration,
    ) -> Self {
        Self { inner: Arc::new(Inner { app: Arc::downgrade(app), login, place, registration }) }
    }

    /// The service that it belongs to.
    ///
    /// # Errors
    /// [`PageError::Unavailable`] while it is being closed.
    pub(super) fn app(&self) -> Result<Arc<App>, PageError> {
        self.inner.app.upgrade().ok_or(PageError::Unavailable)
    }

    pub(super) fn login(&self) -> &LoginWeb<Accounts> {
        &self.inner.login
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

    pub(super) fn registration(&self) -> Registration {
        self.inner.registration
    }
}

impl std::fmt::Debug for Console {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Console").field("place", &self.inner.place).finish_non_exhaustive()
    }
}

/// Where browsers see the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Scheme, host and port.
    pub(super) origin: String,
    /// The path below which it is shown, or nothing.
    pub(super) prefix: String,
}

impl Place {
    pub(super) fn server(&self) -> String {
        format!("{}{}", self.origin, self.prefix)
    }
}
