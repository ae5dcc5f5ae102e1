//! Reading the parts of a call: ids and parameters of its URL, and counting it.

use std::time::Duration;

use iampass_core::UserToken;
use iampass_core::wire::Reason;
use iampass_server_storage::ApplicationKey;

use crate::app::App;
use crate::path_segments::{self, BadQuery};
use crate::problem::Refused;
use crate::rates::Limited;
use crate::request::Incoming;

/// Counts something that is done to a user of an application, whether or not there is such a user.
pub(super) fn count_for_user(
    app: &App,
    what: Limited,
    application: ApplicationKey,
    user: &UserToken,
) -> Result<(), Refused> {
    app.rates.take(what, (application, user.as_str()))
}

/// Reads a user id from its raw segment of a path.
pub(super) fn user_id(raw: &str) -> Result<UserToken, Refused> {
    let text = path_segments::decode(raw).map_err(|_| {
        Refused::unprocessable(Reason::InvalidUserId, "the user id in the path is not percent-encoded UTF-8")
    })?;
    UserToken::new(text).map_err(|invalid| {
        Refused::unprocessable(
            Reason::InvalidUserId,
            format!("the user id in the path is not good: {invalid}"),
        )
    })
}

/// Reads a parameter of the query; `invalid` is the reason when it cannot be taken.
pub(super) fn parameter(
    request: &Incoming,
    name: &'static str,
    invalid: Reason,
) -> Result<Option<String>, Refused> {
    path_segments::parameter(request.query(), name).map_err(|bad| {
        let message = match bad {
            BadQuery::NotDecodable => "the query is not percent-encoded UTF-8".to_owned(),
            BadQuery::Repeated => format!("{name} is there more than once"),
        };
        Refused::unprocessable(invalid, message)
    })
}

/// How long a call waits for something to happen: the parameter `wait`, in seconds, and no longer than the service allows.
pub(super) fn wait(app: &App, request: &Incoming) -> Result<Duration, Refused> {
    match parameter(request, "wait", Reason::InvalidParameter)? {
        None => Ok(Duration::ZERO),
        Some(text) => {
            let seconds = text.parse::<u32>().map_err(|_| {
                Refused::unprocessable(Reason::InvalidParameter, "wait is a whole number of seconds")
            })?;
            Ok(Duration::from_secs(seconds.into()).min(app.config.limits.longest_poll))
        }
    }
}
