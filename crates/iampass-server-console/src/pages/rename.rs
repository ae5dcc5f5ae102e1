//! The name of an application, which is all that a phone shows of who asks: to change it takes the phone's approval.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use iampass_server_storage::ApplicationChange;
use serde::Deserialize;

use super::settings::{change, settings_of};
use crate::access::InApplication;
use crate::fields::{self, Fields, LONGEST_APPLICATION_NAME, Problem};
use crate::frame::{Frame, Tab, done, show};
use crate::page_error::PageError;
use crate::state::Console;

#[derive(Template)]
#[template(path = "console/rename.html")]
struct RenamePage {
    frame: Frame,
    name: String,
    name_problem: Option<Problem>,
}

/// The name that is to be given.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct NewName {
    name: String,
}

/// `GET /console/applications/{application}/settings/rename`
pub(crate) async fn page(State(console): State<Console>, here: InApplication) -> Result<Response, PageError> {
    show_form(StatusCode::OK, &console, &here, here.application().name.clone(), None)
}

/// `POST /console/applications/{application}/settings/rename`
pub(crate) async fn rename(
    State(console): State<Console>,
    here: InApplication,
    Fields(given): Fields<NewName>,
) -> Result<Response, PageError> {
    let name = match fields::application_name(&given.name) {
        Ok(name) => name,
        Err(problem) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return show_form(status, &console, &here, given.name, Some(problem));
        }
    };
    let noted = here.noted("application.renamed", Some(name.clone()));
    change(&console, &here, ApplicationChange::Rename(name), noted).await?;
    Ok(done(&settings_of(&console, &here), "renamed"))
}

fn show_form(
    status: StatusCode,
    console: &Console,
    here: &InApplication,
    name: String,
    name_problem: Option<Problem>,
) -> Result<Response, PageError> {
    let frame = Frame::in_application(console, here, "settings-rename", Tab::Settings);
    show(status, &RenamePage { frame, name, name_problem })
}
