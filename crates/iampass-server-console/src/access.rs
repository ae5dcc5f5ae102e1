//! Access to pages: the visitor and the visitor's rights. Everything in [`super::page_list`] passes here first.
//!
//! Belongs here: asking the login and [`iampass_server_domain::rules`], and what handlers take of the answer. Does not belong here: what a role may do, and asking
//! once more when a change is made ([`iampass_server_storage::Actor`]).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, OriginalUri, Path, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::Stream;
use http::header::LOCATION;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use iampass_axum::{Approved, CurrentUser, Fresh, is_from_own_page};
use iampass_server_domain::rules::{Act, may};
use iampass_server_storage::{Account, Actor, Membership, Noted};
use iampass_web::WhilePresent;

use super::page_error::PageError;
use super::page_list::{Access, LONGEST_LIST, PAGES, Page, Proof, Shows, Verb};
use super::state::Console;

/// For how long the phone's approval of a login is enough for what takes one.
pub(super) const APPROVED_SECONDS: u64 = 5 * 60;

/// How long a form may take to arrive.
const LONGEST_UPLOAD: Duration = Duration::from_secs(20);

/// The pattern of the page that answered, among the extensions of the answer: by it the service counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PagePattern(pub &'static str);

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
    response.extensions_mut().insert(PagePattern(gate.page.pattern));
    response
}

async fn enter(gate: &Gate, request: Request) -> Result<Request, Response> {
    let (mut parts, mut body) = request.into_parts();
    if gate.page.verb == Verb::Post && !is_from_own_page(gate.console.login(), &parts.headers) {
        return Err(PageError::CrossSite.into_response());
    }
    if gate.page.shows == Shows::Secret && !is_navigation(&parts.headers) {
        return Err(PageError::NotForScripts.into_response());
    }
    if gate.page.verb == Verb::Post {
        // A form is read for those who may send it, and they are looked at again when all of it is here: a form that is held back must not
        // outlive a membership, an account or a session.
        leave_rights(gate, &mut parts.clone()).await?;
        body = read(body).await.map_err(PageError::into_response)?;
    }
    leave_rights(gate, &mut parts).await?;
    Ok(Request::from_parts(parts, body))
}

/// The whole of a form, within bounds of size and time.
async fn read(body: Body) -> Result<Body, PageError> {
    match tokio::time::timeout(LONGEST_UPLOAD, to_bytes(body, LONGEST_LIST)).await {
        Ok(Ok(bytes)) => Ok(bytes.into()),
        Ok(Err(_)) => Err(PageError::BadForm(StatusCode::PAYLOAD_TOO_LARGE)),
        Err(_) => Err(PageError::BadForm(StatusCode::REQUEST_TIMEOUT)),
    }
}

/// Leaves for the handler who it is that asks, with the rights that the page takes; or the answer instead.
async fn leave_rights(gate: &Gate, parts: &mut Parts) -> Result<(), Response> {
    let visitor = visitor(gate.page, parts).await;
    if let Ok(signed_in) = &visitor {
        arrive(&gate.console, signed_in.account()).await.map_err(PageError::into_response)?;
    }
    match gate.page.access {
        Access::Anyone => {
            let visitor = match visitor {
                Ok(account) => Some(account),
                // It would be led to the login, or get the answer that it is not signed in.
                Err(refused)
                    if matches!(refused.status(), StatusCode::SEE_OTHER | StatusCode::UNAUTHORIZED) =>
                {
                    None
                }
                // Signed in and away, or nothing is known: the page would be that of a stranger.
                Err(refused) => return Err(refused),
            };
            parts.extensions.insert(Visitor(visitor));
        }
        Access::Account => {
            parts.extensions.insert(visitor?);
        }
        Access::Administrator => {
            let account = visitor?;
            if !account.account().is_administrator {
                return Err(PageError::NotFound.into_response());
            }
            parts.extensions.insert(Administrator { account });
        }
        Access::Application(act) => {
            let found = in_application(gate, parts, visitor?, act).await;
            parts.extensions.insert(found.map_err(PageError::into_response)?);
        }
    }
    Ok(())
}

/// The account that is signed in, with the proof that the page takes; or the answer instead. Before a change the service is asked anew in any
/// case.
async fn visitor(page: &Page, parts: &mut Parts) -> Result<SignedIn, Response> {
    let asked = parts.extensions.get::<OriginalUri>().cloned();
    let method = std::mem::replace(&mut parts.method, Method::GET);
    if let Some(OriginalUri(asked)) = &asked {
        // A login that comes in between leads back to the page that offers the change, never to the address of a change.
        parts.extensions.insert(OriginalUri(offered_at(page, asked)));
    }
    let found = with_proof(page, parts).await;
    parts.method = method;
    if let Some(asked) = asked {
        parts.extensions.insert(asked);
    }
    found.map(|user| SignedIn(Arc::new(user)))
}

async fn with_proof(page: &Page, parts: &mut Parts) -> Result<CurrentUser<Account>, Response> {
    let is_change = page.verb == Verb::Post;
    let user = match page.proof {
        Proof::Nothing | Proof::Session if !is_change => {
            CurrentUser::<Account>::from_request_parts(parts, &()).await
        }
        Proof::Nothing | Proof::Session | Proof::Fresh => {
            Fresh::<Account, 0>::from_request_parts(parts, &()).await.map(|Fresh(user)| user)
        }
        Proof::Approved => {
            // The name is known, so it need not be typed again to approve again.
            let known = CurrentUser::<Account>::from_request_parts(parts, &()).await;
            let name = known.map_err(|refused| refused.into_response())?.into_user().name;
            let approved = Approved::<Account, APPROVED_SECONDS>::from_request_parts(parts, &()).await;
            match approved {
                Ok(Approved(user)) => Ok(user),
                Err(refused) => return Err(with_name(refused.into_response(), &name)),
            }
        }
    };
    user.map_err(|refused| refused.into_response())
}

/// An account whose name was only held until now has signed in: the name is its own.
async fn arrive(console: &Console, account: &Account) -> Result<(), PageError> {
    if account.arrived_at.is_none() {
        console.database().account_arrived(account.key).await?;
    }
    Ok(())
}

/// The way to the login, with the name filled in.
fn with_name(mut refused: Response, name: &str) -> Response {
    let place = refused.headers().get(LOCATION).and_then(|place| place.to_str().ok());
    let named = place.filter(|place| place.contains("?next=")).map(|place| format!("{place}&name={name}"));
    if let Some(named) = named.and_then(|named| HeaderValue::from_str(&named).ok()) {
        refused.headers_mut().insert(LOCATION, named);
    }
    refused
}

/// The page that offers what is asked: itself, the page that is shown at the same address before a change, or the one above it.
fn offered_at(page: &Page, asked: &Uri) -> Uri {
    let is_shown = |other: &Page| other.verb == Verb::Get && other.pattern == page.pattern;
    if page.verb == Verb::Get || PAGES.iter().any(is_shown) {
        return asked.clone();
    }
    let above = asked.path().rsplit_once('/').map_or("/", |(above, _)| above);
    above.parse().unwrap_or_else(|_| Uri::from_static("/"))
}

/// Whether a browser shows the answer as a page of its own, as far as it says what it does with it: not to a script, in a frame or as a picture.
pub(super) fn is_navigation(headers: &HeaderMap) -> bool {
    [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")]
        .iter()
        .all(|(name, right)| headers.get_all(*name).iter().all(|said| said.as_bytes() == right.as_bytes()))
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
    let membership = gate.console.database().membership(account.account(), id).await?;
    let membership = membership.ok_or(PageError::NotFound)?;
    if !may(membership.standing, act) {
        return Err(PageError::NotAllowed(act));
    }
    Ok(InApplication { account, membership: Arc::new(membership) })
}

/// An account that is signed in, and the session by which it is.
#[derive(Clone, Debug)]
pub(super) struct SignedIn(Arc<CurrentUser<Account>>);

impl SignedIn {
    pub(super) fn account(&self) -> &Account {
        self.0.user()
    }

    /// `stream`, for as long as the session lasts and its user is there.
    pub(super) fn while_present<S: Stream>(&self, stream: S) -> WhilePresent<S> {
        self.0.while_present(stream)
    }

    /// The actor of a change: the store asks once more whether the account may, and whether this session is open.
    pub(super) fn actor(&self) -> Actor {
        Actor::SignedIn { account: self.account().key, session: self.0.session().token().clone() }
    }

    /// An action of this account, for the audit log.
    pub(super) fn noted(
        &self,
        application: Option<&str>,
        action: &'static str,
        subject: Option<String>,
    ) -> Noted {
        Noted {
            actor: self.account().name.clone(),
            application: application.map(str::to_owned),
            action,
            subject,
        }
    }
}

/// An administrator of the service who is signed in.
#[derive(Clone, Debug)]
pub(super) struct Administrator {
    pub(super) account: SignedIn,
}

/// The visitor of a page that is for everybody.
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

    /// The actor of a change here.
    pub(super) fn actor(&self) -> Actor {
        self.account.actor()
    }

    /// Whether a page should offer something; its own route asks once more.
    pub(super) fn may(&self, act: Act) -> bool {
        may(self.membership.standing, act)
    }

    /// An action here, for the audit log.
    pub(super) fn noted(&self, action: &'static str, subject: Option<String>) -> Noted {
        self.account.noted(Some(&self.membership.id), action, subject)
    }
}

/// The values that [`admit`] leaves for the handler. A handler that takes another kind than its route gives it is refused.
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

left_by_admit!(SignedIn, Administrator, Visitor, InApplication);
