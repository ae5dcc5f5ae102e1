//! The extractors that give handlers the user who is logged in. Does not belong here: the answers to requests that are refused.

use std::future::Future;
use std::marker::PhantomData;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use futures_core::Stream;
use iampass_web::{LiveSession, LoginWeb, PresenceChanges, Refusal, Requirement, WhilePresent};

use crate::headers::{cookies_of, refused};
use crate::in_request::InRequest;
use crate::rejection::Rejection;

type Extracting<T> = Pin<Box<dyn Future<Output = Result<T, Rejection>>>>;

/// The user who is logged in. Without one the handler is not called: a person is led to the login and back, a program gets
/// a 401.
///
/// The service has confirmed the session within the freshness bound. Needs [`crate::LoginTransform`]. For handlers that are for everybody
/// there is [`MaybeUser`].
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
    /// use actix_web::{HttpResponse, web};
    /// use futures_util::{Stream, StreamExt as _};
    /// use iampass_actix::CurrentUser;
    /// use std::convert::Infallible;
    ///
    /// # #[derive(Clone)] struct User;
    /// # fn prices() -> impl Stream<Item = String> { futures_util::stream::empty() }
    /// async fn live_prices(user: CurrentUser<User>) -> HttpResponse {
    ///     let events = user.while_present(prices()).map(|price| format!("data: {price}\n\n"));
    ///     HttpResponse::Ok()
    ///         .content_type("text/event-stream")
    ///         .streaming(events.map(|event| Ok::<_, Infallible>(web::Bytes::from(event))))
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

/// The user who is logged in, if there is one: for handlers that are for everybody.
///
/// When it cannot be known who it is, because a database or the service does not answer, the handler is not called, and a 503 says so.
/// This is where it differs from `Option<CurrentUser<U>>`, which actix-web makes `None` of then.
///
/// ```
/// use iampass_actix::MaybeUser;
///
/// # #[derive(Clone)] struct User { name: String }
/// async fn front_page(MaybeUser(user): MaybeUser<User>) -> String {
///     user.map_or("Hello, whoever you are".to_owned(), |user| format!("Hello {}", user.name))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct MaybeUser<U>(pub Option<CurrentUser<U>>);

impl<U> Deref for MaybeUser<U> {
    type Target = Option<CurrentUser<U>>;

    fn deref(&self) -> &Option<CurrentUser<U>> {
        &self.0
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
/// use iampass_actix::Proven;
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
    request: &HttpRequest,
    max_age: Option<Duration>,
) -> Result<Result<CurrentUser<U>, Refusal>, Rejection> {
    // A middleware that requires a login has found out already.
    if max_age.is_none()
        && let Some(found) = request.extensions().get::<CurrentUser<U>>()
    {
        return Ok(Ok(found.clone()));
    }
    let login = login_of::<U>(request)?;
    let cookies = cookies_of(request.headers());
    let found = login.current(cookies.as_deref(), max_age).await;
    Ok(found.map(|(session, user)| CurrentUser { user, session }))
}

fn login_of<U: Clone + Send + Sync + 'static>(request: &HttpRequest) -> Result<LoginWeb<U>, Rejection> {
    let extensions = request.extensions();
    let InRequest(login) = extensions.get::<InRequest<U>>().ok_or_else(Rejection::no_transform)?;
    Ok(login.clone())
}

fn rejection<U: Clone + Send + Sync + 'static>(request: &HttpRequest, refusal: Refusal) -> Rejection {
    match login_of::<U>(request) {
        Ok(login) => {
            let answer = refused(&login, refusal, request.method(), request.headers(), request.uri());
            Rejection::new(refusal, answer)
        }
        Err(rejection) => rejection,
    }
}

impl<U: Clone + Send + Sync + 'static> FromRequest for CurrentUser<U> {
    type Error = Rejection;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            current(&request, None).await?.map_err(|refusal| rejection::<U>(&request, refusal))
        })
    }
}

impl<U: Clone + Send + Sync + 'static> FromRequest for MaybeUser<U> {
    type Error = Rejection;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            match current(&request, None).await? {
                Ok(current) => Ok(Self(Some(current))),
                Err(refusal @ Refusal::Unavailable) => Err(rejection::<U>(&request, refusal)),
                Err(_) => Ok(Self(None)),
            }
        })
    }
}

impl<U: Clone + Send + Sync + 'static, const SECONDS: u64> FromRequest for Fresh<U, SECONDS> {
    type Error = Rejection;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let found = current(&request, Some(Duration::from_secs(SECONDS))).await?;
            found.map(Self).map_err(|refusal| rejection::<U>(&request, refusal))
        })
    }
}

impl<U: Clone + Send + Sync + 'static, const SECONDS: u64> FromRequest for Approved<U, SECONDS> {
    type Error = Rejection;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let login = login_of::<U>(&request)?;
            let found = {
                let cookies = cookies_of(request.headers());
                login.current_approved(cookies.as_deref(), Duration::from_secs(SECONDS)).await
            };
            match found {
                Ok((session, user)) => Ok(Self(CurrentUser { user, session })),
                Err(refusal) => Err(rejection::<U>(&request, refusal)),
            }
        })
    }
}

impl<U: Clone + Send + Sync + 'static, R: Requirement> FromRequest for Proven<U, R> {
    type Error = Rejection;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let login = login_of::<U>(&request)?;
            let found = {
                let cookies = cookies_of(request.headers());
                login.current_proven(cookies.as_deref(), &R::assurance()).await
            };
            match found {
                Ok((session, user)) => {
                    Ok(Self { user: CurrentUser { user, session }, required: PhantomData })
                }
                Err(refusal) => Err(rejection::<U>(&request, refusal)),
            }
        })
    }
}
