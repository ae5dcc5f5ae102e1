//! The calls of the service: which there are, and what each does. One file an API.
//!
//! Paths are taken apart here and not by the router, because user ids are form-encoded in them \[P\]: the raw path is split first and its
//! segments are decoded after.

mod authentication;
mod call;
mod device;
#[cfg(test)]
mod last_instant_tests;
mod management;
mod notices;
mod phones;
mod presence;
mod question;
mod reading;
mod refusals;
mod registration_link;
mod returning;
mod starting;
mod status_stream;
mod unlock;

use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use futures_util::future::BoxFuture;
use http::Request;
use hyper::body::Body as HttpBody;
use iampass_server_storage::UnusedNonce;

use crate::app::App;
use crate::client_address::ClientAddress;
use crate::problem::Refused;
use crate::request::{Incoming, RequestHead};
use crate::routes::RouteNumber;

pub(crate) use authentication::Look;
use call::Call;
pub(crate) use status_stream::stream_headers;

/// Does what the request asks for.
pub(crate) fn dispatch(app: Arc<App>, request: Request<Body>) -> BoxFuture<'static, Response> {
    // The route must be known before the body is read, which may fail.
    let route = Call::parse(request.uri().path()).map_or_else(RouteNumber::none, |call| call.route().into());
    let address = request.extensions().get().copied();
    // Reading takes more room than what is read, and is over when a store is waited for.
    let reading = Box::pin(Incoming::read(request, &app.config.limits));
    Box::pin(async move {
        let answered = match reading.await {
            Ok(request) => {
                // The call takes room until it is answered, and not while its nonce is stored.
                let (answered, unused) = {
                    let mut call = std::pin::pin!(UnusedNonce::kept_from(answer(&app, &request)));
                    (call.as_mut().await, call.take_value().unwrap_or_default())
                };
                app.database.store_unused(unused).await.map_err(Refused::from).and(answered)
            }
            Err(refused) => Err(refused),
        };
        let mut response = answered.unwrap_or_else(|refused| refuse(&app, refused, address));
        response.extensions_mut().insert(route);
        response
    })
}

/// Whether the request asks for a change, if it is good: then it must not be dropped in the middle. Two of those are made with GET \[D\].
pub(crate) fn changes_something(request: &Request<Body>) -> bool {
    Call::parse(request.uri().path()).is_some_and(|call| call.changes_something())
}

/// Whether there is a call with this path.
pub(crate) fn is_call(path: &str) -> bool {
    Call::parse(path).is_some()
}

/// The result of [`answer_at_once`].
#[derive(Debug)]
pub(crate) enum AtOnce {
    /// The answer.
    Answer(Response),
    /// The store has to be asked for more: [`look_further`] has the answer.
    Later(Look),
}

/// Answers the one call that is made all the time, the question how a session is, on the spot: it waits for nothing, so it needs no
/// deadline and no task. None for every other request, and where the store has to be waited for.
pub(crate) fn answer_at_once<B: HttpBody>(
    app: &App,
    request: &Request<B>,
    address: Option<ClientAddress>,
) -> Option<AtOnce> {
    let Some(call @ Call::SessionStatus { token }) = Call::parse(request.uri().path()) else { return None };
    if *request.method() != call.method() || !request.body().is_end_stream() {
        return None;
    }
    let mut response = match authentication::look_at_once(app, RequestHead::from(request, address), token)? {
        // The request is verified, and its nonce is spent: it must not be looked at again.
        Ok(look @ Look::Due(_)) => return Some(AtOnce::Later(look)),
        Ok(look @ Look::Stored(standing)) => match authentication::status_at_once(standing) {
            Some(answer) => answer,
            None => return Some(AtOnce::Later(look)),
        },
        Err(refused) => refuse(app, refused, address),
    };
    response.extensions_mut().insert(RouteNumber::from(call.route()));
    Some(AtOnce::Answer(response))
}

/// Answers the question how a session is, where something has to be read or written first.
pub(crate) async fn look_further(app: &Arc<App>, look: Look) -> Response {
    let answer = said(app, look).await;
    let mut response = answer.unwrap_or_else(Refused::into_response);
    response.extensions_mut().insert(RouteNumber::from(iampass_server_openapi::CallRoute::SessionStatus));
    response
}

async fn answer(app: &Arc<App>, request: &Incoming) -> Result<Response, Refused> {
    let Some(call) = Call::parse(request.path()) else {
        return Err(app.no_such_call(request.head()).await);
    };
    if request.method != call.method() {
        return Err(Refused::method_not_allowed(call.method().into()));
    }
    // Each in a box of its own size: thousands may wait for a store, and most calls need much less room than the largest.
    let answer: BoxFuture<'_, _> = match call {
        Call::Management { call, application } => {
            Box::pin(management::answer(app, request, call, application))
        }
        Call::AuthenticateUser { application, user } => {
            Box::pin(starting::authenticate_user(app, request, application, user))
        }
        Call::StartLogin { application } => Box::pin(starting::start_login(app, request, application)),
        Call::ReturnLogin { application } => Box::pin(returning::take(app, request, application)),
        Call::SessionStatus { token } => Box::pin(session_status(app, request, token)),
        Call::SessionStream { token } => Box::pin(status_stream::open(app, request, token)),
        Call::SessionLogout { token } => Box::pin(authentication::log_out(app, request, token)),
        Call::Register { code } => {
            let registering = device::register(app, request, code);
            Box::pin(from_a_stranger(app, request.address, registering))
        }
        Call::Device { call, device } => Box::pin(device::answer(app, request, call, device)),
        Call::WaitingPhone { device } => Box::pin(phones::state(app, request, device)),
        Call::RecoverPhone { device } => Box::pin(phones::recover(app, request, device)),
        Call::PickUp { question: id } => Box::pin(question::pick_up(app, request, id)),
        Call::ChallengeUnlock { question: id } => Box::pin(unlock::challenge(app, request, id)),
        Call::Identify { question: id } => Box::pin(question::identify(app, request, id)),
    };
    answer.await
}

async fn session_status(app: &Arc<App>, request: &Incoming, token: &str) -> Result<Response, Refused> {
    said(app, authentication::look(app, request.head(), token).await?).await
}

async fn said(app: &Arc<App>, look: Look) -> Result<Response, Refused> {
    match look {
        Look::Stored(standing) => authentication::status(app, standing).await,
        Look::Due(session) => authentication::settle(Arc::clone(app), session).await,
    }
}

/// Says no. Those who are no more than strangers are told only how long to wait, if they ask too often.
fn refuse(app: &App, refused: Refused, address: Option<ClientAddress>) -> Response {
    let refused = if refused.is_of_a_stranger() {
        app.rates.instead_of(refused, address, app.config.clock.now().mono)
    } else {
        refused
    };
    refused.into_response()
}

/// Answers somebody who has signed nothing. A link that is good is taken however many have failed from that address; those that are not are
/// counted, and too many of them are told only how long to wait.
async fn from_a_stranger(
    app: &App,
    address: Option<ClientAddress>,
    answer: impl Future<Output = Result<Response, Refused>>,
) -> Result<Response, Refused> {
    answer.await.map_err(|refused| {
        if refused.is_client_error() {
            app.rates.instead_of(refused, address, app.config.clock.now().mono)
        } else {
            refused
        }
    })
}
