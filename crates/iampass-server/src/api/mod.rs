//! The calls of the service: which there are, and what each does. One file an API.
//!
//! Paths are taken apart here and not by the router, because user ids are form-encoded in them \[P\]: the raw path is split first and its
//! segments are decoded after.

mod admin;
mod device;
#[cfg(test)]
mod last_instant_tests;
mod logout;
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
mod status;
mod status_stream;
mod unlock;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use futures_util::future::BoxFuture;
use http::Request;
use iampass_server_storage::UnusedNonce;
use tracing::Instrument as _;

use crate::app::App;
use crate::call::Call;
use crate::problem::Refused;
use crate::request::Incoming;
use crate::routes::RouteNumber;

use refusals::{from_a_stranger, refuse};
pub(crate) use status::{AtOnce, answer_at_once, look_further};
pub(crate) use status_stream::stream_headers;

/// Does what the request asks for. Each `async fn` on the way would keep the request twice for as long as a store is waited for: so it is none.
pub(crate) fn call(State(app): State<Arc<App>>, request: Request<Body>) -> BoxFuture<'static, Response> {
    // The route must be known before the body is read, which may fail.
    let call = Call::parse(request.uri().path());
    let route = call.map_or_else(RouteNumber::none, |call| call.route().into());
    // Two of those that make a change are made with GET \[D\].
    let changes_something = call.is_some_and(|call| call.changes_something());
    let address = request.extensions().get().copied();
    // Reading takes more room than what is read, and is over when a store is waited for.
    let reading = Box::pin(Incoming::read(request, &app.config.limits));
    let answer = async move {
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
        let mut response = answered.unwrap_or_else(|refused| refuse(&app.rates, refused, address));
        response.extensions_mut().insert(route);
        response
    };
    if !changes_something {
        return Box::pin(answer);
    }
    let answer: BoxFuture<'static, Response> = Box::pin(answer);
    // A change runs to its end even if the caller goes away in the middle: others wait to be woken by it.
    Box::pin(async move {
        let task = tokio::spawn(answer.in_current_span());
        task.await.unwrap_or_else(|_| Refused::unavailable().into_response())
    })
}

async fn answer(app: &Arc<App>, request: &Incoming) -> Result<Response, Refused> {
    let Some(call) = Call::parse(request.path()) else {
        // In a box as well: it takes more room than any other call needs here.
        return Err(Box::pin(app.authenticity.no_such_call(request.head())).await);
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
        Call::SessionStatus { token } => Box::pin(status::status(app, request, token)),
        Call::SessionStream { token } => Box::pin(status_stream::open(app, request, token)),
        Call::SessionLogout { token } => Box::pin(logout::log_out(app, request, token)),
        Call::Register { code } => {
            let registering = device::register(app, request, code);
            Box::pin(from_a_stranger(&app.rates, request.address, registering))
        }
        Call::Device { call, device } => Box::pin(device::answer(app, request, call, device)),
        Call::WaitingPhone { device } => Box::pin(phones::state(app, request, device)),
        Call::RecoverPhone { device } => Box::pin(phones::recover(app, request, device)),
        Call::PickUp { question: id } => Box::pin(question::pick_up(app, request, id)),
        Call::ChallengeUnlock { question: id } => Box::pin(unlock::challenge(app, request, id)),
        Call::Identify { question: id } => Box::pin(question::identify(app, request, id)),
        Call::Admin(call) => Box::pin(admin::answer(app, request, call)),
    };
    answer.await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Service, ServiceConfig};

    /// Thousands may wait for a store that does not answer.
    #[tokio::test]
    async fn a_call_that_waits_takes_little_room() {
        let service = Service::open(ServiceConfig::temporary()).await.unwrap();
        let request = Request::get("/management/has_registered_mobile_device/A/u").body(Body::empty());
        let waiting = call(State(Arc::clone(&service.app)), request.unwrap());
        let size = std::mem::size_of_val(&*waiting);
        // 2,128 bytes without optimisation.
        assert!(size <= 2_304, "{size} bytes");
    }
}
