//! Links from the command line: they make the account of an administrator, or replace a lost phone.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use iampass_server_storage::{AccessUsed, ConsoleLink, LinkCode};

use super::register::{NAME_TAKEN, NewAccount, enrol};
use crate::account_links::own_application;
use crate::fields::{self, Fields, Problem};
use crate::frame::{Frame, show};
use crate::page_error::PageError;
use crate::state::Console;

#[derive(Template)]
#[template(path = "console/link.html")]
struct LinkPage {
    frame: Frame,
    action: String,
    /// The account whose phone is replaced.
    account: Option<String>,
    /// The name of the new account, if it is fixed.
    fixed_name: Option<String>,
    name: String,
    name_problem: Option<Problem>,
}

/// `GET /console/link/{code}`: it uses nothing up, for links are looked at by all kinds of programs.
pub(crate) async fn page(
    State(console): State<Console>,
    Path(code): Path<String>,
) -> Result<Response, PageError> {
    show_link(StatusCode::OK, &console, &code, "admin".to_owned(), None).await
}

/// `POST /console/link/{code}`
pub(crate) async fn follow(
    State(console): State<Console>,
    Path(code): Path<String>,
    Fields(given): Fields<NewAccount>,
) -> Result<Response, PageError> {
    let link = console.database().console_link(LinkCode::presented(&code)).await?;
    let Some(ConsoleLink::Access { account, name }) = link else { return Err(PageError::LinkIsVoid) };
    let needs_name = account.is_none() && name.is_none();
    let chosen = match fields::account_name(&given.name) {
        Ok(name) => name,
        Err(problem) if needs_name => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return show_link(status, &console, &code, given.name, Some(problem)).await;
        }
        Err(_) => String::new(),
    };
    if let Some(account) = &account {
        console.forget_browsers(account).await?;
    }
    let own = own_application(console.database()).await.map_err(|error| {
        tracing::error!(%error, "the Console's application is not there");
        PageError::Internal
    })?;
    match console.database().use_access_link(LinkCode::presented(&code), chosen, own.key).await? {
        AccessUsed::MayEnrol { account, .. } => Ok(enrol(&console, &account, "")),
        AccessUsed::NameTaken => {
            show_link(StatusCode::CONFLICT, &console, &code, given.name, Some(NAME_TAKEN)).await
        }
        AccessUsed::NoSuchLink => Err(PageError::LinkIsVoid),
    }
}

async fn show_link(
    status: StatusCode,
    console: &Console,
    code: &str,
    name: String,
    name_problem: Option<Problem>,
) -> Result<Response, PageError> {
    let link = console.database().console_link(LinkCode::presented(code)).await?;
    let Some(ConsoleLink::Access { account, name: fixed_name }) = link else {
        return Err(PageError::LinkIsVoid);
    };
    let title = if account.is_some() { "access-replace-title" } else { "access-create-title" };
    let page = LinkPage {
        frame: Frame::plain(console, title),
        action: format!("{}/link/{code}", console.base()),
        account: account.map(|account| account.name),
        fixed_name,
        name,
        name_problem,
    };
    show(status, &page)
}
