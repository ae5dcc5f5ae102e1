//! The parts of a registration link that every call makes which gives one out.

use iampass_core::wire::Reason;
use iampass_server_storage::LinkCode;

use crate::app::App;
use crate::problem::Refused;
use crate::request::Incoming;

/// The longest name that a link takes along, in bytes.
const LONGEST_DISPLAY_NAME: usize = 255;

/// An empty name is none.
pub(super) fn display_name(name: Option<String>) -> Result<Option<String>, Refused> {
    match name {
        Some(name) if name.len() > LONGEST_DISPLAY_NAME || name.chars().any(char::is_control) => {
            let message = "display_name has at most 255 bytes and no control characters";
            Err(Refused::unprocessable(Reason::InvalidParameter, message))
        }
        name => Ok(name.filter(|name| !name.is_empty())),
    }
}

pub(super) fn draw_code(app: &App, request: &Incoming) -> Result<(LinkCode, String), Refused> {
    let code = LinkCode::draw()?;
    let url = format!("{}/r/{}", app.known_as.issuing_base(request.head())?, code.as_str());
    Ok((code, url))
}

pub(super) fn unknown_user() -> Refused {
    Refused::not_found(Reason::UnknownUser, "the application has no such user: add it first")
}
