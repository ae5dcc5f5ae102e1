//! The calls that start a session: for a user by name, and for the one whose phone brings the code.

use std::time::Duration;

use http::Method;

use super::UnsignedCall;
use crate::wire::{AuthenticateUser, AuthenticationMethod, Returned};
use crate::{Application, Error, Secret, SessionToken, UserToken};

/// `POST /authentication/authenticate_user/{app}/{user}?methods=&duration_seconds=`, body `{}` \[P\], with what is known of the browser
/// where something is \[X\].
///
/// # Errors
/// [`Error::BadInput`] when the duration is not a positive number of whole seconds.
pub fn authenticate_user(
    application: &Application,
    user: &UserToken,
    methods: &[AuthenticationMethod],
    duration: Option<Duration>,
    body: &AuthenticateUser,
) -> Result<UnsignedCall, Error> {
    let segments = ["authentication", "authenticate_user", application.id().as_str(), user.as_str()];
    start_call(application, &segments, methods, duration, body)
}

/// `POST /authentication/start/{app}?methods=&duration_seconds=` \[X\]: a login without a name.
///
/// # Errors
/// As [`authenticate_user`].
pub fn start_login(
    application: &Application,
    methods: &[AuthenticationMethod],
    duration: Option<Duration>,
    body: &AuthenticateUser,
) -> Result<UnsignedCall, Error> {
    let segments = ["authentication", "start", application.id().as_str()];
    start_call(application, &segments, methods, duration, body)
}

/// `POST /authentication/return/{app}` \[X\]: the browser of this session has come back with this proof.
///
/// # Errors
/// [`Error::BadInput`] for a proof that cannot be written as JSON, which there is none of.
pub fn returned(
    application: &Application,
    session: &SessionToken,
    proof: &Secret,
) -> Result<UnsignedCall, Error> {
    let segments = ["authentication", "return", application.id().as_str()];
    let body = Returned { session_token: session.clone(), proof: proof.clone() };
    UnsignedCall::by_application(application, Method::POST, &segments, &[]).with_json(&body)
}

fn start_call(
    application: &Application,
    segments: &[&str],
    methods: &[AuthenticationMethod],
    duration: Option<Duration>,
    body: &AuthenticateUser,
) -> Result<UnsignedCall, Error> {
    let methods = methods.iter().map(AuthenticationMethod::as_str).collect::<Vec<_>>().join(",");
    let seconds = match duration {
        Some(duration) if duration.as_secs() == 0 || duration.subsec_nanos() != 0 => {
            return Err(Error::BadInput {
                what: "the duration",
                why: "it has to be at least one second, and whole seconds",
            });
        }
        duration => duration.map(|duration| duration.as_secs().to_string()),
    };
    let mut query = Vec::with_capacity(2);
    if !methods.is_empty() {
        query.push(("methods", methods.as_str()));
    }
    if let Some(seconds) = &seconds {
        query.push(("duration_seconds", seconds));
    }
    UnsignedCall::by_application(application, Method::POST, segments, &query).with_json(body)
}
