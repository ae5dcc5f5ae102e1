//! The extractors that give handlers the user who is logged in.

use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use futures_core::Stream;
use http::request::Parts;
use iampass_web::{LiveSession, PresenceChanges, Refusal, Requirement, WhilePresent};

use crate::headers::{cookies_of, headers_of, whole_uri};
use crate::in_request::InRequest;
use crate::rejection::Rejection;
use crate::response::into_response;

/// The user who is logged in. Without one the handler is not called: a person is led to the login and back, a program gets
/// a 401.
///
/// The service has confirmed the session within the freshness bound. Needs [`crate::LoginLayer`].
#[derive(Clone)]
pub struct CurrentUser<U> {
    user: U,
    session: Arc<LiveSession>,
}

impl<U> CurrentUser<U> {
    pub(crate) fn new(user: U, session: Arc<LiveSession>) -> Self {
        Self { user, session }
    }

    /// The user.
    pub fn user(&self) -> &U {
        &self.user
    }

    /// The user, taken over.
    pub fn into_user(self) -> U {
        self.user
    }

    /// By which session.
    #[must_use]
    pub fn session(&self) -> &LiveSession {
        &self.session
    }

    /// Whether the user is still there: what is known now, and each change. For handlers that last longer than a request, such as one of
    /// a WebSocket that shows something else while the user is away. See [`PresenceChanges`].
    pub fn presence(&self) -> PresenceChanges {
        self.session.presence()
    }

    /// `stream` for as long as the user is present: it ends within the freshness bound and a second when the session ends or the user
    /// walks away. For what lasts longer than a request: messages of a WebSocket, events, downloads. See
    /// [`LiveSession::while_present`].
    ///
    /// ```
    /// use axum::response::sse::{Event, Sse};
    /// use futures_util::{Stream, StreamExt as _};
    /// use iampass_axum::CurrentUser;
    /// use std::convert::Infallible;
    ///
    /// # #[derive(Clone)] struct User;
    /// # fn prices() -> impl Stream<Item = String> { futures_util::stream::empty() }
    /// async fn live_prices(user: CurrentUser<User>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    ///     Sse::new(user.while_present(prices()).map(|price| Ok(Event::default().data(price))))
    /// }
    /// ```
    pub fn while_present<S: Stream>(&self, stream: S) -> WhilePresent<S> {
        self.session.while_present(stream)
    }
}

impl<U> Deref for CurrentUser<U> {
    type Target = U;

    fn deref(&self) -> &U {
        &self.user
    }
}

/// The user may be anything, so only the session is shown.
impl<U> std::fmt::Debug for CurrentUser<U> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CurrentUser").field("session", &self.session).finish_non_exhaustive()
    }
}

/// The user who is logged in, and the service has said so within `SECONDS`: for handlers that are worth asking once more. Zero asks
/// now. One session is asked about once a second at most.
#[derive(Clone, Debug)]
pub struct Fresh<U, const SECONDS: u64 = 0>(pub CurrentUser<U>);

impl<U, const SECONDS: u64> Deref for Fresh<U, SECONDS> {
    type Target = U;

    fn deref(&self) -> &U {
        self.0.user()
    }
}

/// The user who is logged in, whose phone approved this login within `SECONDS`: for actions that a session alone is not enough for. A
/// person whose login is older is led to the login, to approve again, and back; a program gets a 403. The service is asked now.
#[derive(Clone, Debug)]
pub struct Approved<U, const SECONDS: u64 = 300>(pub CurrentUser<U>);

impl<U, const SECONDS: u64> Deref for Approved<U, SECONDS> {
    type Target = U;

    fn deref(&self) -> &U {
        self.0.user()
    }
}

/// The user who is logged in, whose approval on the phone has proven what `R` requires: for actions that a tap is not enough for. A person reads what
/// to do, a program gets a 403 that names what is missing. See [`Requirement`].
///
/// ```
/// use iampass_axum::Proven;
/// use iampass_web::{ByCode, ByDeviceKey};
///
/// # #[derive(Clone)] struct User { name: String }
/// async fn pay(user: Proven<User, (ByCode, ByDeviceKey)>) -> String {
///     format!("{} has paid", user.name)
/// }
/// ```
pub struct Proven<U, R> {
    user: CurrentUser<U>,
    required: PhantomData<fn() -> R>,
}

impl<U, R> Proven<U, R> {
    /// The user, and by which session.
    pub fn into_current(self) -> CurrentUser<U> {
        self.user
    }
}

impl<U, R> Deref for Proven<U, R> {
    type Target = U;

    fn deref(&self) -> &U {
        self.user.user()
    }
}

impl<U: Clone, R> Clone for Proven<U, R> {
    fn clone(&self) -> Self {
        Self { user: self.user.clone(), required: PhantomData }
    }
}

impl<U, R> std::fmt::Debug for Proven<U, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Proven").field(&self.user).finish()
    }
}

/// The user who is logged in; `Ok(Err(…))` when the request has none.
async fn current<U: Clone + Send + Sync + 'static>(
    parts: &Parts,
    max_age: Option<Duration>,
) -> Result<Result<CurrentUser<U>, Refusal>, Rejection> {
    // A layer that requires a login has found out already.
    if let (Some(found), None) = (parts.extensions.get::<CurrentUser<U>>(), max_age) {
        return Ok(Ok(found.clone()));
    }
    let InRequest(login) = parts.extensions.get::<InRequest<U>>().ok_or_else(Rejection::no_layer)?;
    let cookies = cookies_of(&parts.headers);
    let found = login.current(cookies.as_deref(), max_age).await;
    Ok(found.map(|(session, user)| CurrentUser { user, session }))
}

fn rejection<U: Clone + Send + Sync + 'static>(parts: &Parts, refusal: Refusal) -> Rejection {
    let Some(InRequest(login)) = parts.extensions.get::<InRequest<U>>() else { return Rejection::no_layer() };
    let here = whole_uri(&parts.uri, &parts.extensions).path_and_query().map_or("/", |here| here.as_str());
    let headers = headers_of(&parts.method, &parts.headers);
    Rejection::new(refusal, into_response(login.refusal(refusal, &headers, here)))
}

impl<S: Send + Sync, U: Clone + Send + Sync + 'static> FromRequestParts<S> for CurrentUser<U> {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Rejection> {
        current(parts, None).await?.map_err(|refusal| rejection::<U>(parts, refusal))
    }
}

impl<S: Send + Sync, U: Clone + Send + Sync + 'static> OptionalFromRequestParts<S> for CurrentUser<U> {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Option<Self>, Rejection> {
        match current(parts, None).await? {
            Ok(current) => Ok(Some(current)),
            Err(refusal @ Refusal::Unavailable) => Err(rejection::<U>(parts, refusal)),
            Err(_) => Ok(None),
        }
    }
}

impl<S: Send + Sync, U: Clone + Send + Sync + 'static, const SECONDS: u64> FromRequestParts<S>
    for Fresh<U, SECONDS>
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Rejection> {
        let found = current(parts, Some(Duration::from_secs(SECONDS))).await?;
        found.map(Fresh).map_err(|refusal| rejection::<U>(parts, refusal))
    }
}

impl<S: Send + Sync, U: Clone + Send + Sync + 'static, const SECONDS: u64> FromRequestParts<S>
    for Approved<U, SECONDS>
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Rejection> {
        let InRequest(login) = parts.extensions.get::<InRequest<U>>().ok_or_else(Rejection::no_layer)?;
        let cookies = cookies_of(&parts.headers);
        match login.current_approved(cookies.as_deref(), Duration::from_secs(SECONDS)).await {
            Ok((session, user)) => Ok(Self(CurrentUser { user, session })),
            Err(refusal) => Err(rejection::<U>(parts, refusal)),
        }
    }
}

impl<S: Send + Sync, U: Clone + Send + Sync + 'static, R: Requirement> FromRequestParts<S> for Proven<U, R> {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Rejection> {
        let InRequest(login) = parts.extensions.get::<InRequest<U>>().ok_or_else(Rejection::no_layer)?;
        let cookies = cookies_of(&parts.headers);
        match login.current_proven(cookies.as_deref(), &R::assurance()).await {
            Ok((session, user)) => Ok(Self { user: CurrentUser { user, session }, required: PhantomData }),
            Err(refusal) => Err(rejection::<U>(parts, refusal)),
        }
    }
}
