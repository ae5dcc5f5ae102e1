//! Adding a member who has an account.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use iampass_server_domain::rules::Role;
use iampass_server_storage::MemberChange;
use serde::Deserialize;

use super::members::members_of;
use crate::access::InApplication;
use crate::fields::{self, Fields, Problem};
use crate::frame::{Frame, Tab, done, show};
use crate::page_error::PageError;
use crate::state::Console;

#[derive(Template)]
#[template(path = "console/new_member.html")]
struct NewMemberPage {
    frame: Frame,
    name: String,
    name_problem: Option<Problem>,
    role: Role,
}

/// `GET /console/applications/{application}/members/add`
pub(crate) async fn page(State(console): State<Console>, here: InApplication) -> Result<Response, PageError> {
    show_form(StatusCode::OK, &console, &here, String::new(), None, Role::Developer)
}

fn show_form(
    status: StatusCode,
    console: &Console,
    here: &InApplication,
    name: String,
    name_problem: Option<Problem>,
    role: Role,
) -> Result<Response, PageError> {
    let frame = Frame::in_application(console, here, "members-add", Tab::Members);
    show(status, &NewMemberPage { frame, name, name_problem, role })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct NewMember {
    name: String,
    role: String,
}

/// `POST /console/applications/{application}/members/add`
pub(crate) async fn add(
    State(console): State<Console>,
    here: InApplication,
    Fields(given): Fields<NewMember>,
) -> Result<Response, PageError> {
    let role = Role::named(&given.role).ok_or(PageError::BadForm(StatusCode::UNPROCESSABLE_ENTITY))?;
    let refuse =
        |problem, status| show_form(status, &console, &here, given.name.clone(), Some(problem), role);
    let name = match fields::account_name(&given.name) {
        Ok(name) => name,
        Err(problem) => return refuse(problem, StatusCode::UNPROCESSABLE_ENTITY),
    };
    let noted = here.noted("member.added", Some(format!("{name} ({})", role.word())));
    match console.database().add_member(here.application().key, name, role, here.actor(), noted).await? {
        MemberChange::Done => Ok(done(&members_of(&console, &here), "added")),
        MemberChange::IsMember => refuse("new-member-is", StatusCode::CONFLICT),
        _ => refuse("new-member-nobody", StatusCode::NOT_FOUND),
    }
}
