//! The first page of an application: what it is, and what to do next.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use http::StatusCode;
use iampass_server_domain::rules::{Act, Role};

use super::Asked;
use crate::access::InApplication;
use crate::frame::{Frame, Tab, show};
use crate::page_error::PageError;
use crate::state::Console;

#[derive(Template)]
#[template(path = "console/overview.html")]
struct OverviewPage {
    frame: Frame,
    id: String,
    server: String,
    role: Option<Role>,
    users: u64,
    sessions: u64,
    may_leave: bool,
}

/// `GET /console/applications/{application}`
pub(crate) async fn page(
    State(console): State<Console>,
    here: InApplication,
    Query(asked): Asked,
) -> Result<Response, PageError> {
    let notice = match asked.get("done").map(String::as_str) {
        Some("joined") => Some("overview-joined"),
        Some("is-member") => Some("overview-is-member"),
        _ => None,
    };
    let application = here.application();
    let extent = console.database().application_extent(application.key).await?;
    let page = OverviewPage {
        frame: Frame::in_application(&console, &here, "tab-overview", Tab::Overview).with_notice(notice),
        id: application.id.clone(),
        server: console.server(),
        role: application.standing.role,
        users: extent.users,
        sessions: extent.sessions,
        may_leave: here.may(Act::Leave),
    };
    show(StatusCode::OK, &page)
}
