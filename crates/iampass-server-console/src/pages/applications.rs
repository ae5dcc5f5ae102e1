//! The list of applications, and ADD APPLICATION.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Redirect, Response};
use http::StatusCode;
use iampass_server_domain::Registration;
use iampass_server_domain::credentials::draw_application;
use iampass_server_storage::{ApplicationAdded, ListedApplication};
use serde::Deserialize;

use super::Asked;
use crate::access::{SignedIn, Visitor};
use crate::fields::{self, Fields, LONGEST_APPLICATION_NAME};
use crate::frame::{Frame, Here, show};
use crate::moment::Moment;
use crate::page_error::PageError;
use crate::speech::Speech;
use crate::state::Console;

#[derive(Template)]
#[template(path = "console/landing.html")]
struct LandingPage {
    frame: Frame,
    is_open: bool,
}

#[derive(Template)]
#[template(path = "console/applications.html")]
struct ApplicationsPage {
    frame: Frame,
    applications: Vec<ListedApplication>,
    server: String,
}

impl ApplicationsPage {
    /// The first of the variables that an application takes.
    fn variable(&self) -> String {
        format!("IAMPASS_SERVER={}", self.server)
    }

    /// The page that plays the phone.
    fn phone(&self) -> String {
        format!("{}/phone", self.server)
    }

    fn created(&self, application: &ListedApplication) -> Moment {
        self.frame.moment(application.created_at)
    }
}

#[derive(Template)]
#[template(path = "console/new_application.html")]
struct NewApplicationPage {
    frame: Frame,
    name: String,
    name_problem: Option<String>,
}

/// Credentials, this once.
#[derive(Template)]
#[template(path = "console/credentials.html")]
pub(crate) struct CredentialsPage {
    pub(crate) frame: Frame,
    /// The action that was done, as the heading.
    pub(crate) heading: String,
    pub(crate) text: &'static str,
    pub(crate) server: String,
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) go_on: String,
}

impl CredentialsPage {
    fn variables(&self) -> Vec<(&'static str, &'static str, &str)> {
        vec![
            ("server", "IAMPASS_SERVER", &self.server),
            ("id", "IAMPASS_APPLICATION_ID", &self.id),
            ("secret", "IAMPASS_APPLICATION_SECRET", &self.secret),
        ]
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct NewApplicationForm {
    name: String,
}

/// `GET /console`
pub(crate) async fn front(
    State(console): State<Console>,
    visitor: Visitor,
    Query(asked): Asked,
) -> Result<Response, PageError> {
    let Some(account) = visitor.signed_in() else {
        let is_open = console.facts().registration == Registration::Open;
        return show(
            StatusCode::OK,
            &LandingPage { frame: Frame::plain(&console, "landing-title"), is_open },
        );
    };
    let applications = console.database().applications_of(account.account()).await?;
    let notice = match asked.get("done").map(String::as_str) {
        Some("left") => Some("applications-left"),
        Some("deleted") => Some("applications-deleted"),
        _ => None,
    };
    let frame = Frame::new(&console, account, "applications", Here::Applications).with_notice(notice);
    show(StatusCode::OK, &ApplicationsPage { frame, applications, server: console.server() })
}

/// `GET /console/`
pub(crate) async fn without_slash(State(console): State<Console>) -> Redirect {
    Redirect::to(&console.base())
}

/// `GET /console/applications/new`
pub(crate) async fn new_page(
    State(console): State<Console>,
    account: SignedIn,
) -> Result<Response, PageError> {
    show_form(StatusCode::OK, &console, &account, String::new(), None)
}

/// `POST /console/applications/new`
pub(crate) async fn add(
    State(console): State<Console>,
    account: SignedIn,
    Fields(given): Fields<NewApplicationForm>,
) -> Result<Response, PageError> {
    let name = match fields::application_name(&given.name) {
        Ok(name) => name,
        Err(problem) => {
            return show_form(
                StatusCode::UNPROCESSABLE_ENTITY,
                &console,
                &account,
                given.name,
                Some(Speech::asked().t(problem).to_owned()),
            );
        }
    };
    let (id, secret) = draw_application().map_err(|error| {
        tracing::error!(%error, "no credentials could be drawn");
        PageError::Unavailable
    })?;
    let added = console.database().add_owned_application(
        id.clone(),
        secret.clone(),
        name.clone(),
        account.account(),
        account.actor(),
    );
    match added.await? {
        ApplicationAdded::Done => {}
        // Two of 82 random bits each.
        ApplicationAdded::IdTaken => return Err(PageError::Unavailable),
        ApplicationAdded::TooMany { most } => {
            let problem = Speech::asked().one("new-application-too-many", "most", most);
            return show_form(StatusCode::CONFLICT, &console, &account, name, Some(problem));
        }
    }
    let frame = Frame::new(&console, &account, "credentials-title", Here::Applications);
    let page = CredentialsPage {
        heading: frame.one("credentials-added", "application", &name),
        text: "credentials-these",
        frame,
        server: console.server(),
        go_on: format!("{}/applications/{id}", console.base()),
        id: id.to_string(),
        secret: secret.expose().to_owned(),
    };
    show(StatusCode::CREATED, &page)
}

fn show_form(
    status: StatusCode,
    console: &Console,
    account: &SignedIn,
    name: String,
    name_problem: Option<String>,
) -> Result<Response, PageError> {
    let frame = Frame::new(console, account, "new-application-title", Here::Applications);
    show(status, &NewApplicationPage { frame, name, name_problem })
}
