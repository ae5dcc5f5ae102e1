//! The settings of an application: the page from which everything is changed.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use http::StatusCode;
use iampass_core::wire::AuthenticationMethod;
use iampass_server_domain::rules::{Act, AllowedPhones, Approval, Walkaway};
use iampass_server_storage::{Application, ApplicationChange, Noted};

use super::Asked;
use crate::access::InApplication;
use crate::frame::{Frame, Tab, show};
use crate::moment::Moment;
use crate::page_error::PageError;
use crate::state::Console;

/// The methods there are, as they are stored, and the names of their texts.
pub(super) const METHODS: [(AuthenticationMethod, &str, &str); 3] = [
    (AuthenticationMethod::Acceptance, "acceptance", "method-acceptance"),
    (AuthenticationMethod::Device, "device", "method-device"),
    (AuthenticationMethod::Facial, "facial", "method-facial"),
];

#[derive(Template)]
#[template(path = "console/settings.html")]
struct SettingsPage {
    frame: Frame,
    id: String,
    created: Moment,
    overlap_until: Option<Moment>,
    is_disabled: bool,
    name: String,
    /// How users confirm, and how long a session lasts.
    methods: Option<String>,
    approval: &'static str,
    phones: &'static str,
    walkaway: &'static str,
    duration: String,
    may_configure: bool,
    may_rotate: bool,
    may_switch: bool,
    may_delete: bool,
}

/// The application with all that is stored about it.
pub(super) async fn stored(console: &Console, here: &InApplication) -> Result<Application, PageError> {
    let found = console.database().application(&here.application().id).await?;
    found.filter(|found| found.key == here.application().key).ok_or(PageError::NotFound)
}

/// Changes it.
pub(super) async fn change(
    console: &Console,
    here: &InApplication,
    change: ApplicationChange,
    noted: Noted,
) -> Result<(), PageError> {
    let changed =
        console.database().change_application(here.application().key, change, here.actor(), noted).await?;
    changed.map(drop).ok_or(PageError::NotFound)
}

/// The path of the settings.
pub(super) fn settings_of(console: &Console, here: &InApplication) -> String {
    format!("{}/applications/{}/settings", console.base(), here.application().id)
}

/// `GET /console/applications/{application}/settings`
pub(crate) async fn page(
    State(console): State<Console>,
    here: InApplication,
    Query(asked): Asked,
) -> Result<Response, PageError> {
    let notice = match asked.get("done").map(String::as_str) {
        Some("renamed") => Some("settings-renamed"),
        Some("configured") => Some("settings-configured"),
        Some("overlap-ended") => Some("settings-overlap-ended"),
        Some("disabled") => Some("settings-were-disabled"),
        Some("enabled") => Some("settings-were-enabled"),
        _ => None,
    };
    let application = stored(&console, &here).await?;
    let default = console.facts().default_session.as_secs();
    let settings = &application.settings;
    let methods = settings
        .methods
        .as_deref()
        .map(|methods| methods.iter().map(AuthenticationMethod::as_str).collect::<Vec<_>>().join(", "));
    let frame = Frame::in_application(&console, &here, "tab-settings", Tab::Settings).with_notice(notice);
    let page = SettingsPage {
        id: application.id.to_string(),
        created: frame.moment(application.created_at),
        overlap_until: application.previous_secret.as_ref().map(|(_, until)| frame.moment(*until)),
        is_disabled: application.disabled_at.is_some(),
        name: application.name.clone(),
        methods,
        approval: match settings.approval {
            Approval::Tap => "settings-approval-tap",
            _ => "settings-approval-code",
        },
        phones: match settings.phones {
            AllowedPhones::Any => "settings-phones-any",
            AllowedPhones::WithKey => "settings-phones-key",
            _ => "settings-phones-unlock",
        },
        walkaway: match settings.walkaway {
            Walkaway::On => "settings-walkaway-on",
            _ => "settings-walkaway-off",
        },
        duration: match settings.duration_seconds {
            Some(seconds) => frame.duration(seconds),
            None => frame.one("settings-duration-unless", "duration", frame.duration(default)),
        },
        may_configure: here.may(Act::Configure),
        may_rotate: here.may(Act::RotateSecret),
        may_switch: here.may(Act::SwitchOff),
        may_delete: here.may(Act::Delete),
        frame,
    };
    show(StatusCode::OK, &page)
}
