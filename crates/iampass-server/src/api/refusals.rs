//! Refusals that several calls share, and the count of those that go to strangers.

use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use iampass_core::wire::Reason;
use iampass_server_domain::rules::State;

use crate::client_address::ClientAddress;
use crate::problem::Refused;
use crate::rates::Rates;

/// Says no. Those who are no more than strangers are told only how long to wait, if they ask too often.
pub(super) fn refuse(rates: &Rates, refused: Refused, address: Option<ClientAddress>) -> Response {
    let refused = if refused.is_of_a_stranger() { rates.instead_of(refused, address) } else { refused };
    refused.into_response()
}

/// Answers somebody who has signed nothing. A link that is good is taken however many have failed from that address; those that are not are
/// counted, and too many of them are told only how long to wait.
pub(super) async fn from_a_stranger(
    rates: &Rates,
    address: Option<ClientAddress>,
    answer: impl Future<Output = Result<Response, Refused>>,
) -> Result<Response, Refused> {
    answer.await.map_err(|refused| match refused.is_client_error() {
        true => rates.instead_of(refused, address),
        false => refused,
    })
}

/// The phone sent a JWS, and has no key that could have signed it.
pub(super) fn no_key() -> Refused {
    Refused::unprocessable(
        Reason::InvalidParameter,
        "this phone was registered without a key of its own, so its JWS cannot be verified: send the plain members",
    )
}

/// The application takes no phone without a key of its own.
pub(super) fn phone_not_allowed() -> Refused {
    Refused::unprocessable(
        Reason::PhoneNotAllowed,
        "the application takes only phones with a key of their own: register this phone by a new link, in a browser or app that makes keys",
    )
}

/// 409: the refusal of what is not done to a session in this state.
pub(super) fn ended(state: State) -> Refused {
    let message = format!("the session is {}, and this cannot be done to it any more", state.word());
    Refused::new(StatusCode::CONFLICT, Reason::UnknownSession, message)
}

/// 409: it was a question once.
pub(super) fn too_late() -> Refused {
    Refused::new(
        StatusCode::CONFLICT,
        Reason::UnknownRequest,
        "the question is not open any more: it was answered, withdrawn, or its time was up",
    )
}
