//! Accepting an invitation: by an account that there is, or by a new one.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use iampass_server_domain::rules::Role;
use iampass_server_storage::{ConsoleLink, InvitationUsed, Invited, LinkCode};

use super::register::{NAME_TAKEN, NewAccount, enrol, give_up};
use crate::access::Visitor;
use crate::fields::{self, Fields, Problem};
use crate::frame::{Frame, done, show};
use crate::page_error::PageError;
use crate::state::Console;

#[derive(Template)]
#[template(path = "console/join.html")]
struct JoinPage {
    frame: Frame,
    action: String,
    application: String,
    role: Role,
    made_by: String,
    /// To sign in first and come back.
    login: String,
    name: String,
    name_problem: Option<Problem>,
}

/// `GET /console/join/{code}`
pub(crate) async fn page(
    State(console): State<Console>,
    visitor: Visitor,
    Path(code): Path<String>,
) -> Result<Response, PageError> {
    show_invitation(StatusCode::OK, &console, &visitor, &code, String::new(), None).await
}

/// `POST /console/join/{code}`
pub(crate) async fn accept(
    State(console): State<Console>,
    visitor: Visitor,
    Path(code): Path<String>,
    Fields(given): Fields<NewAccount>,
) -> Result<Response, PageError> {
    let invited = match visitor.signed_in() {
        Some(account) => Invited::Account(account.account().key, account.actor()),
        None => match fields::new_account_name(&given.name) {
            Ok(name) => Invited::Newcomer(name),
            Err(problem) => {
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                return show_invitation(status, &console, &visitor, &code, given.name, Some(problem)).await;
            }
        },
    };
    for _ in 0..2 {
        match console.database().use_invitation(LinkCode::presented(&code), invited.clone()).await? {
            InvitationUsed::Joined { account, application } => {
                let page = format!("/applications/{application}");
                return Ok(match invited {
                    Invited::Account(..) => done(&format!("{}{page}", console.base()), "joined"),
                    Invited::Newcomer(_) => enrol(&console, &account, &page),
                });
            }
            InvitationUsed::IsMember { application } => {
                return Ok(done(&format!("{}/applications/{application}", console.base()), "is-member"));
            }
            InvitationUsed::NameTaken(account) if give_up(&console, &account).await? => {}
            InvitationUsed::NameTaken(_) => break,
            InvitationUsed::NoSuchLink => return Err(PageError::LinkIsVoid),
        }
    }
    show_invitation(StatusCode::CONFLICT, &console, &visitor, &code, given.name, Some(NAME_TAKEN)).await
}

async fn show_invitation(
    status: StatusCode,
    console: &Console,
    visitor: &Visitor,
    code: &str,
    name: String,
    name_problem: Option<Problem>,
) -> Result<Response, PageError> {
    let link = console.database().console_link(LinkCode::presented(code)).await?;
    let Some(ConsoleLink::Invitation { application, role, made_by }) = link else {
        return Err(PageError::LinkIsVoid);
    };
    let action = format!("{}/join/{code}", console.base());
    let page = JoinPage {
        frame: Frame::of_visitor(console, visitor, "invitation-title"),
        login: console.login().page_context().links.login_to(&action),
        action,
        application,
        role,
        made_by,
        name,
        name_problem,
    };
    show(status, &page)
}
