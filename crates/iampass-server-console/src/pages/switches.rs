//! Switching an application off and on, and deleting it.

use axum::extract::State;
use axum::response::Response;
use iampass_server_storage::{ApplicationChange, ApplicationExtent};

use super::confirm::{ConfirmPage, Confirmation, Confirmed};
use super::settings::{change, settings_of};
use crate::access::InApplication;
use crate::fields::Fields;
use crate::frame::{Frame, Tab, done};
use crate::page_error::PageError;
use crate::state::Console;

/// `GET /console/applications/{application}/settings/disable`
pub(crate) async fn disable_page(
    State(console): State<Console>,
    here: InApplication,
) -> Result<Response, PageError> {
    disabling(&console, &here, extent(&console, &here).await?).ask()
}

/// `POST /console/applications/{application}/settings/disable`
pub(crate) async fn disable(
    State(console): State<Console>,
    here: InApplication,
    Fields(given): Fields<Confirmation>,
) -> Result<Response, PageError> {
    let page = disabling(&console, &here, extent(&console, &here).await?);
    if let Confirmed::Not(answer) = page.settle(&given)? {
        return Ok(answer);
    }
    change(&console, &here, ApplicationChange::Disable, here.noted("application.disabled", None)).await?;
    Ok(done(&settings_of(&console, &here), "disabled"))
}

fn disabling(console: &Console, here: &InApplication, extent: ApplicationExtent) -> ConfirmPage {
    let settings = settings_of(console, here);
    let application = here.application();
    let frame = Frame::in_application(console, here, "disable", Tab::Settings);
    ConfirmPage {
        heading: frame.one("disable-heading", "application", &application.name),
        ends: vec![
            frame.sessions_end(extent.sessions, u64::MAX),
            frame.t("disable-requests").to_owned(),
            frame.t("disable-kept").to_owned(),
        ],
        name: Some(application.name.clone()),
        button: "disable",
        action: format!("{settings}/disable"),
        cancel: settings,
        problem: None,
        frame,
    }
}

/// `GET /console/applications/{application}/settings/enable`
pub(crate) async fn enable_page(
    State(console): State<Console>,
    here: InApplication,
) -> Result<Response, PageError> {
    enabling(&console, &here).ask()
}

/// `POST /console/applications/{application}/settings/enable`
pub(crate) async fn enable(
    State(console): State<Console>,
    here: InApplication,
    Fields(given): Fields<Confirmation>,
) -> Result<Response, PageError> {
    if let Confirmed::Not(answer) = enabling(&console, &here).settle(&given)? {
        return Ok(answer);
    }
    change(&console, &here, ApplicationChange::Enable, here.noted("application.enabled", None)).await?;
    Ok(done(&settings_of(&console, &here), "enabled"))
}

fn enabling(console: &Console, here: &InApplication) -> ConfirmPage {
    let settings = settings_of(console, here);
    let frame = Frame::in_application(console, here, "enable", Tab::Settings);
    ConfirmPage {
        heading: frame.one("enable-heading", "application", &here.application().name),
        ends: frame.all(["enable-requests", "enable-ended"]),
        name: None,
        button: "enable",
        action: format!("{settings}/enable"),
        cancel: settings,
        problem: None,
        frame,
    }
}

/// `GET /console/applications/{application}/settings/delete`
pub(crate) async fn delete_page(
    State(console): State<Console>,
    here: InApplication,
) -> Result<Response, PageError> {
    deleting(&console, &here, extent(&console, &here).await?).ask()
}

/// `POST /console/applications/{application}/settings/delete`
pub(crate) async fn delete(
    State(console): State<Console>,
    here: InApplication,
    Fields(given): Fields<Confirmation>,
) -> Result<Response, PageError> {
    let page = deleting(&console, &here, extent(&console, &here).await?);
    if let Confirmed::Not(answer) = page.settle(&given)? {
        return Ok(answer);
    }
    let noted = here.noted("application.deleted", Some(here.application().name.clone()));
    change(&console, &here, ApplicationChange::Delete, noted).await?;
    Ok(done(&console.base(), "deleted"))
}

fn deleting(console: &Console, here: &InApplication, extent: ApplicationExtent) -> ConfirmPage {
    let settings = settings_of(console, here);
    let application = here.application();
    let frame = Frame::in_application(console, here, "delete", Tab::Settings);
    ConfirmPage {
        heading: frame.one("delete-heading", "application", &application.name),
        ends: vec![
            frame.sessions_end(extent.sessions, u64::MAX),
            format!(
                "{} {}",
                frame.count("delete-users", extent.users),
                frame.count("delete-phones", extent.phones)
            ),
            frame.t("delete-for-good").to_owned(),
        ],
        name: Some(application.name.clone()),
        button: "delete-for-ever",
        action: format!("{settings}/delete"),
        cancel: settings,
        problem: None,
        frame,
    }
}

async fn extent(console: &Console, here: &InApplication) -> Result<ApplicationExtent, PageError> {
    Ok(console.database().application_extent(here.application().key).await?)
}
