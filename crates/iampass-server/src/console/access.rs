//! Who asks for a page, and whether it is theirs. Everything in [`super::routes`] passes here first.
//!
//! Belongs here: asking the login and [`crate::rules`], and what handlers take of the answer. Does not belong here: what a role may do.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Path, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use http::request::Parts;
use iampass_axum::{CurrentUser, Fresh, Rejection, is_from_own_page};

use super::errors::PageError;
use super::house::Console;
use super::routes::{Page, Verb};
use crate::routes::RouteNumber;
use crate::rules::{Act, may};
use crate::storage::{Account, Membership, Noted};

/// Who may use a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Everybody. The handler may ask who it is, by [`Visitor`].
    Anyone,
    /// Who is signed in.
    Account,
    /// Whoever may do this to the application that the path names as `{application}`. To anybody who has no business with it, it is not there.
    Application(Act),
}

/// A page and the Console that it belongs to.
#[derive(Clone)]
pub(super) struct Gate {
    pub(super) console: Console,
    pub(super) page: &'static Page,
}

/// Lets a request through to the handler of its page, or says why not.
pub(super) async fn admit(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let mut response = match enter(&gate, request).await {
        Ok(request) => next.run(request).await,
        Err(refused) => refused,
    };
    response.extensions_mut().insert(RouteNumber::of_page(gate.page.pattern));
    response
}

async fn enter(gate: &Gate, request: Request) -> Result<Request, Response> {
    let (mut parts, body) = request.into_parts();
    let is_change = gate.page.verb == Verb::Post;
    if is_change && !is_from_own_page(gate.console.login(), &parts.headers) {
        return Err(PageError::CrossSite.into_response());
    }
    let visitor = visitor(&mut parts, is_change).await;
    match gate.page.access {
        Access::Anyone => {
            let visitor = match visitor {
                Ok(account) => Some(SignedIn(account)),
                // It would be led to the login, or told that nobody is signed in.
                Err(refused)
                    if matches!(refused.status(), StatusCode::SEE_OTHER | StatusCode::UNAUTHORIZED) =>
                {
                    None
                }
                // Signed in and away, or nothing is known: the page would be that of a stranger.
                Err(refused) => return Err(refused.into_response()),
            };
            parts.extensions.insert(Visitor(visitor));
        }
        Access::Account => {
            let account = visitor.map_err(Rejection::into_response)?;
            parts.extensions.insert(SignedIn(account));
        }
        Access::Application(act) => {
            let account = SignedIn(visitor.map_err(Rejection::into_response)?);
            let found = in_application(gate, &mut parts, account, act).await;
            parts.extensions.insert(found.map_err(PageError::into_response)?);
        }
    }
    Ok(Request::from_parts(parts, body))
}

/// Who is signed in. Before a change the service is asked anew.
async fn visitor(parts: &mut Parts, is_change: bool) -> Result<Arc<Account>, Rejection> {
    let user = if is_change {
        Fresh::<Account, 0>::from_request_parts(parts, &()).await?.0
    } else {
        CurrentUser::<Account>::from_request_parts(parts, &()).await?
    };
    Ok(Arc::new(user.into_user()))
}

async fn in_application(
    gate: &Gate,
    parts: &mut Parts,
    account: SignedIn,
    act: Act,
) -> Result<InApplication, PageError> {
    let named = Path::<HashMap<String, String>>::from_request_parts(parts, &()).await;
    let named = named.map_err(|_| PageError::NotFound)?;
    let id = named.get("application").ok_or(PageError::NotFound)?;
    let membership = gate.console.app()?.database.membership(&account.0, id).await?;
    let membership = membership.ok_or(PageError::NotFound)?;
    if !may(membership.standing, act) {
        return Err(PageError::NotAllowed(act));
    }
    Ok(InApplication { account, membership: Arc::new(membership) })
}

/// An account that is signed in.
#[derive(Clone, Debug)]
pub(super) struct SignedIn(Arc<Account>);

impl SignedIn {
    pub(super) fn account(&self) -> &Account {
        &self.0
    }

    /// What this account does, for the audit log.
    pub(super) fn noted(
        &self,
        application: Option<&str>,
        action: &'static str,
        subject: Option<String>,
    ) -> Noted {
        Noted { actor: self.0.name.clone(), application: application.map(str::to_owned), action, subject }
    }
}

/// Who looks at a page that is for everybody.
#[derive(Clone, Debug)]
pub(super) struct Visitor(Option<SignedIn>);

impl Visitor {
    pub(super) fn signed_in(&self) -> Option<&SignedIn> {
        self.0.as_ref()
    }
}

/// An account in an application, allowed to do what the route is for.
#[derive(Clone, Debug)]
pub(super) struct InApplication {
    pub(super) account: SignedIn,
    membership: Arc<Membership>,
}

impl InApplication {
    /// The application, and what the account is to it.
    pub(super) fn application(&self) -> &Membership {
        &self.membership
    }

    /// Whether a page should offer something; its own route asks once more.
    pub(super) fn may(&self, act: Act) -> bool {
        may(self.membership.standing, act)
    }

    /// What is done here, for the audit log.
    pub(super) fn noted(&self, action: &'static str, subject: Option<String>) -> Noted {
        self.account.noted(Some(&self.membership.id), action, subject)
    }
}

/// What [`admit`] has left for the handler. A handler that takes something else than its route gives it gets nothing.
macro_rules! left_by_admit {
    ($($kind:ty),+) => {$(
        impl<S: Send + Sync> FromRequestParts<S> for $kind {
            type Rejection = PageError;

            async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, PageError> {
                parts.extensions.get::<Self>().cloned().ok_or_else(|| {
                    tracing::error!("a handler of the Console takes more than its route gives");
                    PageError::Internal
                })
            }
        }
    )+};
}

left_by_admit!(SignedIn, Visitor, InApplication);
