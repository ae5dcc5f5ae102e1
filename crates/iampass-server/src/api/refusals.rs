//! Refusals that several calls of phones share.

use http::StatusCode;
use iampass_core::wire::Reason;
use iampass_server_domain::rules::State;

use crate::problem::Refused;

/// The phone sent a JWS, and has no key that could have signed it.
pub(super) fn no_key() -> Refused {
    Refused::unprocessable(
        Reason::InvalidParameter,
        "this phone was registered without a key of its own, so its JWS cannot be verified: send the plain members",
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
