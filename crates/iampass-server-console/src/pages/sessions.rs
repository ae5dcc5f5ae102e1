//! The open sessions of an application: seeing them as they change, and ending one.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::StatusCode;
use iampass_server_domain::rules::{Act, State as SessionState};
use iampass_server_storage::{OpenSession, SessionKey, stamp};

use super::Asked;
use super::confirm::{ConfirmPage, Confirmation, Confirmed};
use crate::access::InApplication;
use crate::fields::Fields;
use crate::frame::{Frame, Tab, done, show};
use crate::moment::Moment;
use crate::page_error::PageError;
use crate::state::Console;

pub(super) const ON_A_PAGE: u32 = 50;

#[derive(Template)]
#[template(path = "console/sessions.html")]
struct SessionsPage {
    frame: Frame,
    sessions: Vec<OpenSession>,
    /// Behind which session it begins; the newest come first.
    before: Option<i64>,
    has_more: bool,
    stamp: u64,
    may_end: bool,
}

impl SessionsPage {
    fn since(&self, session: &OpenSession) -> Moment {
        self.frame.moment(session.activated_at.unwrap_or(session.asked_at))
    }

    fn until(&self, session: &OpenSession) -> Moment {
        self.frame.moment(session.due_at)
    }

    fn later(&self) -> Option<i64> {
        self.sessions.last().filter(|_| self.has_more).map(|session| session.key.0)
    }
}

/// The name of the text of a state, and its mark.
pub(super) fn state_tag(state: &SessionState) -> (&'static str, &'static str) {
    match state {
        SessionState::Pending => ("state-pending", ""),
        SessionState::Identifying => ("state-identifying", ""),
        SessionState::Active => ("state-active", " good"),
        SessionState::Walkaway => ("state-walkaway", " warn"),
        _ => ("state-ended", ""),
    }
}

/// `GET /console/applications/{application}/sessions`
pub(crate) async fn page(
    State(console): State<Console>,
    here: InApplication,
    Query(asked): Asked,
) -> Result<Response, PageError> {
    let before: Option<i64> = asked.get("before").and_then(|key| key.parse().ok());
    let mut sessions =
        console.database().sessions_of(here.application().key, before.map(SessionKey), ON_A_PAGE + 1).await?;
    let has_more = sessions.len() > ON_A_PAGE as usize;
    let is_ended = asked.get("done").map(String::as_str) == Some("ended");
    let stamp = stamp(&sessions);
    sessions.truncate(ON_A_PAGE as usize);
    let page = SessionsPage {
        frame: Frame::in_application(&console, &here, "sessions-title", Tab::Sessions)
            .with_notice(is_ended.then_some("sessions-ended")),
        stamp,
        sessions,
        before,
        has_more,
        may_end: here.may(Act::EndSessions),
    };
    show(StatusCode::OK, &page)
}

/// `GET /console/applications/{application}/sessions/{session}/end`
pub(crate) async fn end_page(
    State(console): State<Console>,
    here: InApplication,
    Path((_, key)): Path<(String, i64)>,
    Query(asked): Asked,
) -> Result<Response, PageError> {
    let session = found(&console, &here, key).await?;
    ending(&console, &here, &session, asked.contains_key("of-user")).ask()
}

/// `POST /console/applications/{application}/sessions/{session}/end`
pub(crate) async fn end(
    State(console): State<Console>,
    here: InApplication,
    Path((_, key)): Path<(String, i64)>,
    Query(asked): Asked,
    Fields(given): Fields<Confirmation>,
) -> Result<Response, PageError> {
    let session = found(&console, &here, key).await?;
    let page = ending(&console, &here, &session, asked.contains_key("of-user"));
    let back = page.cancel.clone();
    if let Confirmed::Not(answer) = page.settle(&given)? {
        return Ok(answer);
    }
    let noted = here.noted("session.ended", None);
    console.database().end_session(here.application().key, session.key, here.actor(), noted).await?;
    // One that has ended by itself in the meantime has ended as well.
    Ok(done(&back, "ended"))
}

async fn found(console: &Console, here: &InApplication, key: i64) -> Result<OpenSession, PageError> {
    let session = console.database().session_of(here.application().key, SessionKey(key)).await?;
    session.ok_or(PageError::NotFound)
}

fn ending(console: &Console, here: &InApplication, session: &OpenSession, of_user: bool) -> ConfirmPage {
    let tab = if of_user { Tab::Users } else { Tab::Sessions };
    let frame = Frame::in_application(console, here, "sessions-log-out", tab);
    let list = format!("{}/sessions", frame.in_it());
    let (query, cancel) = match session.user.filter(|_| of_user) {
        Some(user) => ("?of-user", format!("{}/users/{}", frame.in_it(), user.0)),
        None => ("", list.clone()),
    };
    let since = frame.moment(session.activated_at.unwrap_or(session.asked_at));
    let (heading, button, ends) = match session.state.is_open() {
        true => (
            frame.one("end-session-heading", "user", &session.user_id),
            "sessions-log-out",
            vec![frame.one("end-session-at-once", "since", since), frame.t("end-session-others").to_owned()],
        ),
        false => (
            frame.one("end-session-withdraw-heading", "user", &session.user_id),
            "sessions-withdraw",
            vec![frame.t("end-session-withdraw").to_owned()],
        ),
    };
    ConfirmPage {
        heading,
        ends,
        name: None,
        button,
        action: format!("{list}/{}/end{query}", session.key.0),
        cancel,
        problem: None,
        frame,
    }
}
