//! Links that let somebody join an application: making them, and taking them back.

use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use iampass_server_domain::rules::{Act, Role};
use iampass_server_storage::LinkCode;
use serde::Deserialize;

use super::members::members_of;
use crate::console::access::InApplication;
use crate::console::fields::Fields;
use crate::console::frame::{Frame, Tab, done, show};
use crate::console::page_error::PageError;
use crate::console::state::Console;

/// How long an invitation can be accepted.
const LIFETIME: Duration = Duration::from_secs(7 * 24 * 3_600);

#[derive(Template)]
#[template(path = "console/invitation.html")]
struct InvitationPage {
    frame: Frame,
    role: Role,
    address: String,
    members: String,
}

#[derive(Template)]
#[template(path = "console/new_invitation.html")]
struct NewInvitationPage {
    frame: Frame,
}

/// `GET /console/applications/{application}/members/invite`
pub(in crate::console) async fn page(
    State(console): State<Console>,
    here: InApplication,
) -> Result<Response, PageError> {
    let frame = Frame::in_application(&console, &here, "Invite somebody", Tab::Members);
    show(StatusCode::OK, &NewInvitationPage { frame })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::console) struct NewInvitation {
    role: String,
}

/// `POST /console/applications/{application}/members/invite`
pub(in crate::console) async fn invite(
    State(console): State<Console>,
    here: InApplication,
    Fields(given): Fields<NewInvitation>,
) -> Result<Response, PageError> {
    let role = Role::named(&given.role).ok_or(PageError::BadForm(StatusCode::UNPROCESSABLE_ENTITY))?;
    let code = LinkCode::draw()?;
    let noted = here.noted("invitation.made", Some(role.word().to_owned()));
    let app = console.app()?;
    let (application, maker) = (here.application().key, here.actor());
    if !app.database.make_invitation(code.clone(), application, role, maker, LIFETIME, noted).await? {
        return Err(PageError::NotAllowed(Act::ManageMembers));
    }
    let page = InvitationPage {
        frame: Frame::in_application(&console, &here, "Invitation", Tab::Members),
        role,
        address: console.address(&format!("/join/{}", code.as_str())),
        members: members_of(&console, &here),
    };
    show(StatusCode::CREATED, &page)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::console) struct TakenBack {
    invitation: i64,
}

/// `POST /console/applications/{application}/members/take-back`
pub(in crate::console) async fn take_back(
    State(console): State<Console>,
    here: InApplication,
    Fields(given): Fields<TakenBack>,
) -> Result<Response, PageError> {
    let noted = here.noted("invitation.taken-back", None);
    let app = console.app()?;
    // One that was used in the meantime is gone as well.
    app.database.take_back_invitation(here.application().key, given.invitation, here.actor(), noted).await?;
    Ok(done(&members_of(&console, &here), "taken-back"))
}
