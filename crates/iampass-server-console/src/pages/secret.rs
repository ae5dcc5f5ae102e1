//! A new secret for an application, with a time in which the one before is good as well.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use iampass_server_domain::credentials::draw_secret;
use iampass_server_storage::{ApplicationChange, StorageError};
use serde::Deserialize;

use super::applications::CredentialsPage;
use super::confirm::{ConfirmPage, Confirmation, Confirmed};
use super::settings::{change, settings_of, stored};
use crate::access::InApplication;
use crate::fields::{Fields, Problem};
use crate::frame::{Frame, Tab, done, show};
use crate::moment::Moment;
use crate::page_error::PageError;
use crate::state::Console;

/// How long the secret before stays good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Overlap {
    None,
    Hour,
    Day,
    Week,
}

impl Overlap {
    const ALL: [Self; 4] = [Self::Day, Self::Hour, Self::Week, Self::None];

    const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
        }
    }

    const fn seconds(self) -> u64 {
        match self {
            Self::None => 0,
            Self::Hour => 3_600,
            Self::Day => 24 * 3_600,
            Self::Week => 7 * 24 * 3_600,
        }
    }
}

#[derive(Template)]
#[template(path = "console/rotate.html")]
struct RotatePage {
    frame: Frame,
    /// Until when the secret before this one is good.
    overlap_until: Option<Moment>,
    problem: Option<Problem>,
}

/// `GET /console/applications/{application}/settings/rotate`
pub(crate) async fn rotate_page(
    State(console): State<Console>,
    here: InApplication,
) -> Result<Response, PageError> {
    ask(StatusCode::OK, &console, &here, None).await
}

async fn ask(
    status: StatusCode,
    console: &Console,
    here: &InApplication,
    problem: Option<Problem>,
) -> Result<Response, PageError> {
    let application = stored(console, here).await?;
    let frame = Frame::in_application(console, here, "settings-secret-new", Tab::Settings);
    let overlap_until = application.previous_secret.map(|(_, until)| frame.moment(until));
    show(status, &RotatePage { frame, overlap_until, problem })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Rotation {
    overlap: String,
}

/// `POST /console/applications/{application}/settings/rotate`
pub(crate) async fn rotate(
    State(console): State<Console>,
    here: InApplication,
    Fields(given): Fields<Rotation>,
) -> Result<Response, PageError> {
    let Some(overlap) = Overlap::ALL.into_iter().find(|overlap| overlap.word() == given.overlap) else {
        let problem = "rotate-say";
        return ask(StatusCode::UNPROCESSABLE_ENTITY, &console, &here, Some(problem)).await;
    };
    let secret = draw_secret().map_err(StorageError::from)?;
    let previous_until = console.now().plus(std::time::Duration::from_secs(overlap.seconds()));
    let noted = here.noted("secret.rotated", Some(format!("overlap: {}", overlap.word())));
    let rotation = ApplicationChange::Rotate { secret: secret.clone(), previous_until };
    change(&console, &here, rotation, noted).await?;
    let application = here.application();
    let frame = Frame::in_application(&console, &here, "credentials-new-title", Tab::Settings);
    let page = CredentialsPage {
        heading: frame.one("credentials-new", "application", &application.name),
        text: match overlap {
            Overlap::None => "credentials-before-over",
            _ => "credentials-before-stays",
        },
        frame,
        server: console.server(),
        id: application.id.clone(),
        secret: secret.expose().to_owned(),
        go_on: settings_of(&console, &here),
    };
    show(StatusCode::CREATED, &page)
}

/// `GET /console/applications/{application}/settings/end-overlap`
pub(crate) async fn end_overlap_page(
    State(console): State<Console>,
    here: InApplication,
) -> Result<Response, PageError> {
    ending(&console, &here).ask()
}

/// `POST /console/applications/{application}/settings/end-overlap`
pub(crate) async fn end_overlap(
    State(console): State<Console>,
    here: InApplication,
    Fields(given): Fields<Confirmation>,
) -> Result<Response, PageError> {
    if let Confirmed::Not(answer) = ending(&console, &here).settle(&given)? {
        return Ok(answer);
    }
    change(&console, &here, ApplicationChange::EndOverlap, here.noted("secret.overlap-ended", None)).await?;
    Ok(done(&settings_of(&console, &here), "overlap-ended"))
}

fn ending(console: &Console, here: &InApplication) -> ConfirmPage {
    let settings = settings_of(console, here);
    let frame = Frame::in_application(console, here, "end-secret-title", Tab::Settings);
    ConfirmPage {
        heading: frame.t("end-secret-heading").to_owned(),
        ends: frame.all(["end-secret-refused", "end-secret-sessions"]),
        name: None,
        button: "end-secret",
        action: format!("{settings}/end-overlap"),
        cancel: settings,
        problem: None,
        frame,
    }
}
