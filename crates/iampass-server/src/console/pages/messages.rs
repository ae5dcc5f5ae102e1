//! The messages with registration links that were sent for an application, and what became of them; the latest first.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use http::StatusCode;

use super::Asked;
use crate::console::access::InApplication;
use crate::console::errors::PageError;
use crate::console::frame::{Frame, Tab, show};
use crate::console::house::Console;
use crate::console::moment::Moment;
use crate::storage::{DeliveryEntry, DeliveryState};

const ON_A_PAGE: u32 = 50;

#[derive(Template)]
#[template(path = "console/messages.html")]
struct MessagesPage {
    frame: Frame,
    messages: Vec<DeliveryEntry>,
    is_continued: bool,
    has_more: bool,
}

impl MessagesPage {
    fn queued(&self, message: &DeliveryEntry) -> Moment {
        self.frame.moment(message.queued_at)
    }

    fn ended(&self, message: &DeliveryEntry) -> Option<Moment> {
        message.ended_at.map(|at| self.frame.moment(at))
    }

    fn later(&self) -> Option<i64> {
        self.messages.last().filter(|_| self.has_more).map(|message| message.key)
    }
}

/// What a state is called, and how it is marked.
fn state_tag(state: &DeliveryState) -> (&'static str, &'static str) {
    match state {
        DeliveryState::Queued => ("waits to be sent", ""),
        DeliveryState::Sent => ("sent", " good"),
        DeliveryState::Refused => ("refused", " warn"),
        DeliveryState::GivenUp => ("not taken in time", " warn"),
        DeliveryState::Withdrawn => ("withdrawn: the link was used, replaced or ended", ""),
    }
}

/// `GET /console/applications/{application}/messages`
pub(in crate::console) async fn page(
    State(console): State<Console>,
    here: InApplication,
    Query(asked): Asked,
) -> Result<Response, PageError> {
    let before: Option<i64> = asked.get("before").and_then(|key| key.parse().ok());
    let app = console.app()?;
    let mut messages = app.database.deliveries(here.application().key, before, ON_A_PAGE + 1).await?;
    let has_more = messages.len() > ON_A_PAGE as usize;
    messages.truncate(ON_A_PAGE as usize);
    let frame = Frame::in_application(&console, &here, "Messages", Tab::Messages);
    show(StatusCode::OK, &MessagesPage { frame, messages, is_continued: before.is_some(), has_more })
}
