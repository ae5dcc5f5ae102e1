//! The options of a login that an application may set.

use std::time::Duration;

use super::backoff::Backoff;
use super::call::RetryPolicy;
use crate::wire::{AuthenticateUser, AuthenticationMethod};

/// How long a session lasts where the application does not say: 3600 s \[D\].
pub const DEFAULT_SESSION_DURATION: Duration = Duration::from_secs(3600);

/// How a login goes.
///
/// ```
/// use iampass_core::machine::LoginOptions;
/// use iampass_core::wire::AuthenticationMethod;
/// use std::time::Duration;
///
/// let options = LoginOptions::default()
///     .methods([AuthenticationMethod::Acceptance, AuthenticationMethod::Device])
///     .duration(Duration::from_secs(8 * 3600))
///     .deadline(Duration::from_secs(90));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LoginOptions {
    /// How the user shows that it is them; none leaves it to the service.
    pub methods: Vec<AuthenticationMethod>,
    /// How long the session lasts at most; an hour if none. The value is sent to the service in either case, so that both count the same.
    pub duration: Option<Duration>,
    /// How long the user has to answer; 60 s unless set otherwise.
    pub deadline: Duration,
    /// Whether the user has signed in from this browser before. The service counts denials of such requests apart, so that those of a
    /// stranger's requests do not hold this one up \[X\]. The application says it only of a browser that has proven it, by a cookie that
    /// nobody else can make.
    pub known_browser: bool,
    /// The waits between polls: from 300 ms to 2 s unless set otherwise. They begin anew when the status changes, since the
    /// user is at the phone then.
    pub poll: Backoff,
    /// How the start is tried again where it surely did not happen.
    pub retry: RetryPolicy,
}

impl Default for LoginOptions {
    fn default() -> Self {
        Self {
            methods: Vec::new(),
            duration: None,
            deadline: Duration::from_secs(60),
            known_browser: false,
            poll: Backoff::new(Duration::from_millis(300), Duration::from_secs(2)),
            retry: RetryPolicy::default(),
        }
    }
}

impl LoginOptions {
    /// The same with these methods.
    #[must_use]
    pub fn methods(mut self, methods: impl IntoIterator<Item = AuthenticationMethod>) -> Self {
        self.methods = methods.into_iter().collect();
        self
    }

    /// The same with this duration of the session: whole seconds, one at least.
    #[must_use]
    pub fn duration(mut self, duration: Duration) -> Self {
        self.duration = Some(duration);
        self
    }

    /// The same with this time to answer.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// The same for a browser from which the user has signed in before, or not (the default).
    #[must_use]
    pub fn known_browser(mut self, known_browser: bool) -> Self {
        self.known_browser = known_browser;
        self
    }

    /// The description of the browser for the service.
    pub(crate) fn body(&self) -> AuthenticateUser {
        AuthenticateUser::default().known_browser(self.known_browser)
    }

    pub(crate) fn session_duration(&self) -> Duration {
        self.duration.unwrap_or(DEFAULT_SESSION_DURATION)
    }
}
