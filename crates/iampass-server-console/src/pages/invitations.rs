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
use crate::access::InApplication;
use crate::fields::Fields;
use crate::frame::{Frame, Tab, done, show};
use crate::page_error::PageError;
use crate::state::Console;

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
pub(crate) async fn page(State(console): State<Console>, here: InApplication) -> Result<Response, PageError> {
    let frame = Frame::in_application(&console, &here, "invite-title", Tab::Members);
    show(StatusCode::OK, &NewInvitationPage { frame })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct NewInvitation {
    role: String,
}

/// `POST /console/applications/{application}/members/invite`
pub(crate) async fn invite(
    State(console): State<Console>,
    here: InApplication,
    Fields(given): Fields<NewInvitation>,
) -> Result<Response, PageError> {
    let role = Role::named(&given.role).ok_or(PageError::BadForm(StatusCode::UNPROCESSABLE_ENTITY))?;
    let code = LinkCode::draw()?;
    let noted = here.noted("invitation.made", Some(role.word().to_owned()));
    let (application, maker) = (here.application().key, here.actor());
    if !console.database().make_invitation(code.clone(), application, role, maker, LIFETIME, noted).await? {
        return Err(PageError::NotAllowed(Act::ManageMembers));
    }
    let page = InvitationPage {
        frame: Frame::in_application(&console, &here, "invitation-title", Tab::Members),
        role,
        address: console.address(&format!("/join/{}", code.as_str())),
        members: members_of(&console, &here),
    };
    show(StatusCode::CREATED, &page)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct TakenBack {
    invitation: i64,
}

/// `POST /console/applications/{application}/members/take-back`
pub(crate) async fn take_back(
    State(console): State<Console>,
    here: InApplication,
    Fields(given): Fields<TakenBack>,
) -> Result<Response, PageError> {
    let noted = here.noted("invitation.taken-back", None);
    // One that was used in the meantime is gone as well.
    console
        .database()
        .take_back_invitation(here.application().key, given.invitation, here.actor(), noted)
        .await?;
    Ok(done(&members_of(&console, &here), "taken-back"))
}
