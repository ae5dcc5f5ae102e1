//! Giving a member another role.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use iampass_server_domain::rules::Role;
use iampass_server_storage::{Member, MemberChange};
use serde::Deserialize;

use super::members::{LAST_OWNER, member, members_of};
use crate::access::InApplication;
use crate::fields::{Fields, Problem};
use crate::frame::{Frame, Tab, done, show};
use crate::page_error::PageError;
use crate::state::Console;

#[derive(Template)]
#[template(path = "console/member_role.html")]
struct RolePage {
    frame: Frame,
    member: Member,
    problem: Option<Problem>,
}

/// `GET /console/applications/{application}/members/{account}/role`
pub(crate) async fn page(
    State(console): State<Console>,
    here: InApplication,
    Path((_, account)): Path<(String, i64)>,
) -> Result<Response, PageError> {
    let member = member(&console, &here, account).await?;
    show_form(StatusCode::OK, &console, &here, member, None)
}

fn show_form(
    status: StatusCode,
    console: &Console,
    here: &InApplication,
    member: Member,
    problem: Option<Problem>,
) -> Result<Response, PageError> {
    let frame = Frame::in_application(console, here, "role-change", Tab::Members);
    show(status, &RolePage { frame, member, problem })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct NewRole {
    role: String,
}

/// `POST /console/applications/{application}/members/{account}/role`
pub(crate) async fn change(
    State(console): State<Console>,
    here: InApplication,
    Path((_, account)): Path<(String, i64)>,
    Fields(given): Fields<NewRole>,
) -> Result<Response, PageError> {
    let role = Role::named(&given.role).ok_or(PageError::BadForm(StatusCode::UNPROCESSABLE_ENTITY))?;
    let member = member(&console, &here, account).await?;
    let noted = here.noted("member.role-changed", Some(format!("{} ({})", member.name, role.word())));
    let changed = console
        .database()
        .change_role(here.application().key, member.account, role, here.actor(), noted)
        .await?;
    match changed {
        MemberChange::Done => Ok(done(&members_of(&console, &here), "role")),
        MemberChange::LastOwner => show_form(StatusCode::CONFLICT, &console, &here, member, Some(LAST_OWNER)),
        _ => Err(PageError::NotFound),
    }
}
