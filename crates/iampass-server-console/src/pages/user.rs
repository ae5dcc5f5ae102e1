//! One user of an application: what there is, logging out everywhere, deleting.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::StatusCode;
use iampass_core::UnixSeconds;
use iampass_server_domain::rules::{Act, MOST_PHONES};
use iampass_server_storage::{
    DeviceKey, OpenSession, Phone, ShownUnlock, UserChange, UserDetails, UserKey, stamp,
};

use super::Asked;
use super::confirm::{ConfirmPage, Confirmation, Confirmed};
use crate::access::InApplication;
use crate::fields::Fields;
use crate::frame::{Frame, Tab, done, show};
use crate::moment::Moment;
use crate::page_error::PageError;
use crate::state::Console;

/// More than anybody has; the newest are shown.
const SESSIONS_SHOWN: u32 = 50;

#[derive(Template)]
#[template(path = "console/user.html")]
struct UserPage {
    frame: Frame,
    user: UserDetails,
    added: Moment,
    unlocks: Vec<(DeviceKey, ShownUnlock)>,
    link_until: Option<Moment>,
    stamp: u64,
    may_manage: bool,
    may_change_phone: bool,
    may_end: bool,
    has_pushes: bool,
}

impl UserPage {
    fn own(&self) -> String {
        format!("{}/users/{}", self.frame.in_it(), self.user.key.0)
    }

    fn history(&self) -> String {
        super::history::of_user(&self.frame.in_it(), self.user.id.as_str())
    }

    fn unlock_of(&self, phone: &Phone) -> Option<&ShownUnlock> {
        self.unlocks.iter().find(|(key, _)| *key == phone.key).map(|(_, unlock)| unlock)
    }

    fn at(&self, at: &UnixSeconds) -> Moment {
        self.frame.moment(*at)
    }

    fn has_phone(&self) -> bool {
        !self.user.phones.all.is_empty()
    }

    /// Whether one more phone can be beside those that there are.
    fn can_add(&self) -> bool {
        let phones = &self.user.phones.all;
        (1..MOST_PHONES).contains(&phones.len()) && phones.iter().all(|phone| phone.has_key)
    }

    fn unlock_since(&self, unlock: &ShownUnlock) -> Moment {
        self.frame.moment(unlock.registered_at)
    }

    fn since(&self, session: &OpenSession) -> Moment {
        self.frame.moment(session.activated_at.unwrap_or(session.asked_at))
    }

    fn until(&self, session: &OpenSession) -> Moment {
        self.frame.moment(session.due_at)
    }

    fn has_sessions(&self) -> bool {
        !self.user.sessions.is_empty()
    }
}

/// A user whom the path names, with the application that it names.
pub(super) struct NamedUser {
    pub(super) details: UserDetails,
    /// The path of the page about the user.
    pub(super) place: String,
}

/// Finds the user; not there if it is another application's.
pub(super) async fn named(
    console: &Console,
    here: &InApplication,
    key: UserKey,
) -> Result<NamedUser, PageError> {
    let details = console.database().user_details(here.application().key, key, SESSIONS_SHOWN).await?;
    let details = details.ok_or(PageError::NotFound)?;
    let place = format!("{}/applications/{}/users/{}", console.base(), here.application().id, key.0);
    Ok(NamedUser { details, place })
}

/// A number that changes when the page does.
pub(super) fn stamp_of(user: &UserDetails) -> u64 {
    let sum = |sum: u64, number: u64| sum.wrapping_mul(31).wrapping_add(number).wrapping_add(1);
    let phone =
        user.phones.all.iter().map(|phone| phone.key.0.unsigned_abs() ^ phone.added_at.0).fold(0, sum);
    let event = user.phones.events.first().map_or(0, |event| event.number);
    let phone = sum(phone, event);
    let link = user.link_until.map_or(0, |until| until.0);
    stamp(&user.sessions) ^ phone.rotate_left(21) ^ link.rotate_left(42)
}

/// `GET /console/applications/{application}/users/{user}`
pub(crate) async fn page(
    State(console): State<Console>,
    here: InApplication,
    Path((_, key)): Path<(String, i64)>,
    Query(asked): Asked,
) -> Result<Response, PageError> {
    let NamedUser { details: user, .. } = named(&console, &here, UserKey(key)).await?;
    let notice = match asked.get("done").map(String::as_str) {
        Some("added") => Some("user-was-added"),
        Some("existing") => Some("user-was-here"),
        Some("registered") => Some("user-phone-registered"),
        Some("phone-removed") => Some("user-phone-removed"),
        Some("push-queued") => Some("user-push-queued"),
        Some("push-nowhere") => Some("user-push-nowhere"),
        Some("logged-out") => Some("user-logged-out"),
        Some("ended") => Some("sessions-ended"),
        _ => None,
    };
    let frame = Frame::in_application(&console, &here, "user-title", Tab::Users).with_notice(notice);
    let page = UserPage {
        added: frame.moment(user.added_at),
        unlocks: console.database().unlocks_of_user(user.key).await?,
        link_until: user.link_until.map(|until| frame.moment(until)),
        stamp: stamp_of(&user),
        may_manage: here.may(Act::ManageUsers),
        may_change_phone: here.may(Act::ManageDevices),
        may_end: here.may(Act::EndSessions),
        has_pushes: console.facts().has_pushes,
        user,
        frame,
    };
    show(StatusCode::OK, &page)
}

/// `GET /console/applications/{application}/users/{user}/log-out`
pub(crate) async fn log_out_page(
    State(console): State<Console>,
    here: InApplication,
    Path((_, key)): Path<(String, i64)>,
) -> Result<Response, PageError> {
    logging_out(&console, &here, &named(&console, &here, UserKey(key)).await?).ask()
}

/// `POST /console/applications/{application}/users/{user}/log-out`
pub(crate) async fn log_out(
    State(console): State<Console>,
    here: InApplication,
    Path((_, key)): Path<(String, i64)>,
    Fields(given): Fields<Confirmation>,
) -> Result<Response, PageError> {
    let user = named(&console, &here, UserKey(key)).await?;
    if let Confirmed::Not(answer) = logging_out(&console, &here, &user).settle(&given)? {
        return Ok(answer);
    }
    change(&console, &here, &user, UserChange::LogOut, "user.logged-out").await?;
    Ok(done(&user.place, "logged-out"))
}

fn logging_out(console: &Console, here: &InApplication, user: &NamedUser) -> ConfirmPage {
    let frame = Frame::in_application(console, here, "sessions-log-out", Tab::Users);
    ConfirmPage {
        heading: frame.one("log-out-heading", "user", &user.details.id),
        ends: vec![
            format!("{} {}", sessions_end(&frame, &user.details), frame.t("log-out-everywhere")),
            frame.t("log-out-withdrawn").to_owned(),
            frame.t("log-out-phone").to_owned(),
        ],
        name: None,
        button: "user-log-out-everywhere",
        action: format!("{}/log-out", user.place),
        cancel: user.place.clone(),
        problem: None,
        frame,
    }
}

/// `GET /console/applications/{application}/users/{user}/delete`
pub(crate) async fn delete_page(
    State(console): State<Console>,
    here: InApplication,
    Path((_, key)): Path<(String, i64)>,
) -> Result<Response, PageError> {
    deleting(&console, &here, &named(&console, &here, UserKey(key)).await?).ask()
}

/// `POST /console/applications/{application}/users/{user}/delete`
pub(crate) async fn delete(
    State(console): State<Console>,
    here: InApplication,
    Path((_, key)): Path<(String, i64)>,
    Fields(given): Fields<Confirmation>,
) -> Result<Response, PageError> {
    let user = named(&console, &here, UserKey(key)).await?;
    if let Confirmed::Not(answer) = deleting(&console, &here, &user).settle(&given)? {
        return Ok(answer);
    }
    change(&console, &here, &user, UserChange::Delete, "user.deleted").await?;
    Ok(done(&format!("{}/applications/{}/users", console.base(), here.application().id), "deleted"))
}

fn deleting(console: &Console, here: &InApplication, user: &NamedUser) -> ConfirmPage {
    let phone = match user.details.phones.all.as_slice() {
        [] => "delete-user-no-phone",
        [_] => "delete-user-phone",
        _ => "delete-user-phones",
    };
    let frame = Frame::in_application(console, here, "delete-user-title", Tab::Users);
    ConfirmPage {
        heading: frame.one("delete-user-heading", "user", &user.details.id),
        ends: vec![
            frame.t("delete-user-record").to_owned(),
            frame.t(phone).to_owned(),
            sessions_end(&frame, &user.details),
        ],
        name: Some(user.details.id.to_string()),
        button: "delete-user",
        action: format!("{}/delete", user.place),
        cancel: user.place.clone(),
        problem: None,
        frame,
    }
}

/// The sessions of a user that have not ended, and end now.
pub(super) fn sessions_end(frame: &Frame, user: &UserDetails) -> String {
    let sessions = u64::try_from(user.sessions.len()).unwrap_or(u64::MAX);
    frame.sessions_end(sessions, u64::from(SESSIONS_SHOWN))
}

/// Does it.
pub(super) async fn change(
    console: &Console,
    here: &InApplication,
    user: &NamedUser,
    change: UserChange,
    action: &'static str,
) -> Result<(), PageError> {
    let (application, key) = (here.application().key, user.details.key);
    let by = here.actor();
    if !console.database().change_user(application, key, change, by, here.noted(action, None)).await? {
        return Err(PageError::NotFound);
    }
    Ok(())
}
