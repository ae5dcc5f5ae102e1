//! The members of an application: seeing, removing, leaving.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::StatusCode;
use iampass_server_domain::rules::Act;
use iampass_server_storage::{AccountKey, Member, MemberChange, OpenInvitation};

use super::Asked;
use super::confirm::{ConfirmPage, Confirmation, Confirmed};
use crate::access::InApplication;
use crate::fields::{Fields, Problem};
use crate::frame::{Frame, Tab, done, show};
use crate::moment::Moment;
use crate::page_error::PageError;
use crate::state::Console;

pub(super) const LAST_OWNER: Problem = "members-last-owner";

#[derive(Template)]
#[template(path = "console/members.html")]
struct MembersPage {
    frame: Frame,
    members: Vec<Member>,
    invitations: Vec<OpenInvitation>,
    may_manage: bool,
    may_leave: bool,
    own_key: AccountKey,
}

impl MembersPage {
    fn since(&self, member: &Member) -> Moment {
        self.frame.moment(member.since)
    }

    fn until(&self, invitation: &OpenInvitation) -> Moment {
        self.frame.moment(invitation.expires_at)
    }
}

/// `GET /console/applications/{application}/members`
pub(crate) async fn page(
    State(console): State<Console>,
    here: InApplication,
    Query(asked): Asked,
) -> Result<Response, PageError> {
    let notice = match asked.get("done").map(String::as_str) {
        Some("added") => Some("members-added"),
        Some("role") => Some("members-role-changed"),
        Some("removed") => Some("members-removed"),
        Some("taken-back") => Some("members-taken-back"),
        _ => None,
    };
    let application = here.application().key;
    let may_manage = here.may(Act::ManageMembers);
    let invitations =
        if may_manage { console.database().open_invitations(application).await? } else { Vec::new() };
    let page = MembersPage {
        frame: Frame::in_application(&console, &here, "tab-members", Tab::Members).with_notice(notice),
        members: console.database().members(application).await?,
        invitations,
        may_manage,
        may_leave: here.may(Act::Leave),
        own_key: here.account.account().key,
    };
    show(StatusCode::OK, &page)
}

/// `GET /console/applications/{application}/members/{account}/remove`
pub(crate) async fn remove_page(
    State(console): State<Console>,
    here: InApplication,
    Path((_, account)): Path<(String, i64)>,
) -> Result<Response, PageError> {
    let member = member(&console, &here, account).await?;
    removal(&console, &here, &member).ask()
}

/// `POST /console/applications/{application}/members/{account}/remove`
pub(crate) async fn remove(
    State(console): State<Console>,
    here: InApplication,
    Path((_, account)): Path<(String, i64)>,
    Fields(given): Fields<Confirmation>,
) -> Result<Response, PageError> {
    let member = member(&console, &here, account).await?;
    if let Confirmed::Not(answer) = removal(&console, &here, &member).settle(&given)? {
        return Ok(answer);
    }
    let noted = here.noted("member.removed", Some(member.name.clone()));
    match console
        .database()
        .remove_member(here.application().key, member.account, here.actor(), noted)
        .await?
    {
        MemberChange::Done => Ok(done(&members_of(&console, &here), "removed")),
        MemberChange::LastOwner => removal(&console, &here, &member).again(LAST_OWNER),
        _ => Err(PageError::NotFound),
    }
}

fn removal(console: &Console, here: &InApplication, member: &Member) -> ConfirmPage {
    let members = members_of(console, here);
    let frame = Frame::in_application(console, here, "remove-member-title", Tab::Members);
    let (name, application) = (("member", &member.name), ("application", &here.application().name));
    ConfirmPage {
        heading: frame.two("remove-member-heading", name, application),
        ends: frame.all(["remove-member-sees", "remove-member-links", "remove-member-secret"]),
        name: Some(member.name.clone()),
        button: "members-remove",
        action: format!("{members}/{}/remove", member.account.0),
        cancel: members,
        problem: None,
        frame,
    }
}

/// `GET /console/applications/{application}/leave`
pub(crate) async fn leave_page(
    State(console): State<Console>,
    here: InApplication,
) -> Result<Response, PageError> {
    leaving(&console, &here).ask()
}

/// `POST /console/applications/{application}/leave`
pub(crate) async fn leave(
    State(console): State<Console>,
    here: InApplication,
    Fields(given): Fields<Confirmation>,
) -> Result<Response, PageError> {
    if let Confirmed::Not(answer) = leaving(&console, &here).settle(&given)? {
        return Ok(answer);
    }
    let account = here.account.account();
    let noted = here.noted("member.left", Some(account.name.clone()));
    match console.database().remove_member(here.application().key, account.key, here.actor(), noted).await? {
        MemberChange::Done => Ok(done(&console.base(), "left")),
        MemberChange::LastOwner => leaving(&console, &here).again(LAST_OWNER),
        _ => Err(PageError::NotFound),
    }
}

fn leaving(console: &Console, here: &InApplication) -> ConfirmPage {
    let frame = Frame::in_application(console, here, "leave", Tab::Members);
    let application = here.application();
    ConfirmPage {
        heading: frame.one("leave-heading", "application", &application.name),
        ends: frame.all(["leave-sees", "leave-links", "leave-rest"]),
        name: Some(application.name.clone()),
        button: "leave",
        action: format!("{}/leave", frame.in_it()),
        cancel: frame.in_it(),
        problem: None,
        frame,
    }
}

/// The member of this key, if there is one in this application.
pub(super) async fn member(console: &Console, here: &InApplication, key: i64) -> Result<Member, PageError> {
    let members = console.database().members(here.application().key).await?;
    members.into_iter().find(|member| member.account.0 == key).ok_or(PageError::NotFound)
}

pub(super) fn members_of(console: &Console, here: &InApplication) -> String {
    format!("{}/applications/{}/members", console.base(), here.application().id)
}
