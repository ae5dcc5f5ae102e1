//! A login without the type of its user directory, so that a framework's extractor only names the user.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::{Headers, HttpAnswer, LiveSession, LoginWeb, Refusal, UserDirectory};

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A [`LoginWeb`] of any directory whose users are `U`: what an adapter leaves in a request for its extractors. Cheap to clone.
pub struct AnyLogin<U>(Arc<dyn Erased<U>>);

trait Erased<U>: Send + Sync {
    fn current<'a>(
        &'a self,
        cookies: Option<&'a str>,
        max_age: Option<Duration>,
    ) -> Boxed<'a, Result<(Arc<LiveSession>, U), Refusal>>;

    fn current_approved<'a>(
        &'a self,
        cookies: Option<&'a str>,
        max_age: Duration,
    ) -> Boxed<'a, Result<(Arc<LiveSession>, U), Refusal>>;

    fn refusal(&self, refusal: Refusal, headers: &Headers, here: &str) -> HttpAnswer;

    fn is_own_path(&self, path: &str) -> bool;

    fn is_session_sent(&self, cookies: Option<&str>) -> bool;

    fn instead_of_form_address(&self, path: &str) -> Option<HttpAnswer>;
}

impl<D: UserDirectory> Erased<D::User> for LoginWeb<D> {
    fn current<'a>(
        &'a self,
        cookies: Option<&'a str>,
        max_age: Option<Duration>,
    ) -> Boxed<'a, Result<(Arc<LiveSession>, D::User), Refusal>> {
        Box::pin(LoginWeb::current(self, cookies, max_age))
    }

    fn current_approved<'a>(
        &'a self,
        cookies: Option<&'a str>,
        max_age: Duration,
    ) -> Boxed<'a, Result<(Arc<LiveSession>, D::User), Refusal>> {
        Box::pin(LoginWeb::current_approved(self, cookies, max_age))
    }

    fn refusal(&self, refusal: Refusal, headers: &Headers, here: &str) -> HttpAnswer {
        LoginWeb::refusal(self, refusal, headers, here)
    }

    fn is_own_path(&self, path: &str) -> bool {
        LoginWeb::is_own_path(self, path)
    }

    fn is_session_sent(&self, cookies: Option<&str>) -> bool {
        LoginWeb::is_session_sent(self, cookies)
    }

    fn instead_of_form_address(&self, path: &str) -> Option<HttpAnswer> {
        LoginWeb::instead_of_form_address(self, path)
    }
}

impl<U> AnyLogin<U> {
    /// This login.
    #[must_use]
    pub fn new<D: UserDirectory<User = U>>(login: &LoginWeb<D>) -> Self {
        Self(Arc::new(login.clone()))
    }

    /// As [`LoginWeb::current`].
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn current<'a>(
        &'a self,
        cookies: Option<&'a str>,
        max_age: Option<Duration>,
    ) -> impl Future<Output = Result<(Arc<LiveSession>, U), Refusal>> + Send + 'a {
        self.0.current(cookies, max_age)
    }

    /// As [`LoginWeb::current_approved`].
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn current_approved<'a>(
        &'a self,
        cookies: Option<&'a str>,
        max_age: Duration,
    ) -> impl Future<Output = Result<(Arc<LiveSession>, U), Refusal>> + Send + 'a {
        self.0.current_approved(cookies, max_age)
    }

    /// As [`LoginWeb::refusal`].
    pub fn refusal(&self, refusal: Refusal, headers: &Headers, here: &str) -> HttpAnswer {
        self.0.refusal(refusal, headers, here)
    }

    /// As [`LoginWeb::is_own_path`].
    #[must_use]
    pub fn is_own_path(&self, path: &str) -> bool {
        self.0.is_own_path(path)
    }

    /// As [`LoginWeb::is_session_sent`].
    #[must_use]
    pub fn is_session_sent(&self, cookies: Option<&str>) -> bool {
        self.0.is_session_sent(cookies)
    }

    /// As [`LoginWeb::instead_of_form_address`].
    #[must_use]
    pub fn instead_of_form_address(&self, path: &str) -> Option<HttpAnswer> {
        self.0.instead_of_form_address(path)
    }
}

impl<U> Clone for AnyLogin<U> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<U> std::fmt::Debug for AnyLogin<U> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AnyLogin")
    }
}
