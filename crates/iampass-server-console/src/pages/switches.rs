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
    ConfirmPage {
        frame: Frame::in_application(console, here, "Disable", Tab::Settings),
        heading: format!("Disable {}?", application.name),
        ends: vec![
            format!("{} at once.", ends(extent.sessions, "open session")),
            "None of its requests is answered, and nobody can sign in to it, until it is enabled again."
                .to_owned(),
            "Users, phones and settings are kept.".to_owned(),
        ],
        name: Some(application.name.clone()),
        button: "Disable",
        action: format!("{settings}/disable"),
        cancel: settings,
        problem: None,
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
    ConfirmPage {
        frame: Frame::in_application(console, here, "Enable", Tab::Settings),
        heading: format!("Enable {}?", here.application().name),
        ends: vec![
            "Its requests are answered again, and its users can sign in, with the secret that it has."
                .to_owned(),
            "Sessions that ended when it was disabled stay ended.".to_owned(),
        ],
        name: None,
        button: "Enable",
        action: format!("{settings}/enable"),
        cancel: settings,
        problem: None,
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
    ConfirmPage {
        frame: Frame::in_application(console, here, "Delete", Tab::Settings),
        heading: format!("Delete {} for ever?", application.name),
        ends: vec![
            format!("{} at once.", ends(extent.sessions, "open session")),
            format!(
                "Gone with it: {} and {}.",
                counted(extent.users, "user"),
                counted(extent.phones, "registered phone")
            ),
            "Its ID and secret are good for nothing any more. This cannot be undone; disabling can."
                .to_owned(),
        ],
        name: Some(application.name.clone()),
        button: "Delete for ever",
        action: format!("{settings}/delete"),
        cancel: settings,
        problem: None,
    }
}

async fn extent(console: &Console, here: &InApplication) -> Result<ApplicationExtent, PageError> {
    Ok(console.database().application_extent(here.application().key).await?)
}

/// `no users`, `1 user`, `3 users`.
fn counted(count: u64, what: &str) -> String {
    match count {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        many => format!("{many} {what}s"),
    }
}

fn ends(count: u64, what: &str) -> String {
    match count {
        0 => format!("No {what} ends"),
        1 => format!("1 {what} ends"),
        many => format!("{many} {what}s end"),
    }
}
