//! The messages with registration links of an application, with state, reason and next attempt, the latest first; and an administrator's
//! decision whether there are any.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use http::StatusCode;
use iampass_server_domain::Registration;
use iampass_server_domain::notice::NoticeErrorKind;
use iampass_server_domain::rules::{Act, may_send};
use iampass_server_storage::{ApplicationChange, DeliveryEntry, DeliveryState};

use super::Asked;
use super::confirm::{ConfirmPage, Confirmation, Confirmed};
use super::settings::change;
use crate::access::InApplication;
use crate::fields::Fields;
use crate::frame::{Frame, Tab, done, show};
use crate::moment::Moment;
use crate::page_error::PageError;
use crate::state::Console;

const ON_A_PAGE: u32 = 50;

#[derive(Template)]
#[template(path = "console/messages.html")]
struct MessagesPage {
    frame: Frame,
    messages: Vec<DeliveryEntry>,
    is_continued: bool,
    has_more: bool,
    /// Whether messages are sent for this application.
    is_allowed: bool,
    may_decide: bool,
    /// Why none is sent whatever is decided.
    obstacle: Option<&'static str>,
}

impl MessagesPage {
    /// When the next attempt is made, for one that waits.
    fn next(&self, message: &DeliveryEntry) -> Option<Moment> {
        let waits = message.state == DeliveryState::Queued && !message.is_under_way;
        waits.then(|| self.frame.moment(message.next_at))
    }

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

/// The words for a state, and its mark.
fn state_tag(message: &DeliveryEntry) -> (&'static str, &'static str) {
    match message.state {
        DeliveryState::Queued if message.is_under_way => ("being sent", ""),
        DeliveryState::Queued if message.attempts > 0 => ("not taken yet, tried again", " warn"),
        DeliveryState::Queued => ("waits to be sent", ""),
        DeliveryState::Sent => ("sent", " good"),
        DeliveryState::Refused => ("refused for good", " warn"),
        DeliveryState::GivenUp => ("given up: not taken in time", " warn"),
        DeliveryState::Withdrawn => {
            ("withdrawn: the link was used, replaced or ended, or messages were forbidden", "")
        }
    }
}

/// The reason of the last failure for people, and the numbers of the server's reply.
fn reason(message: &DeliveryEntry) -> Option<(String, &str)> {
    let stored = message.last_error.as_deref()?;
    let (word, reply) = stored.split_once(' ').unwrap_or((stored, ""));
    let known = NoticeErrorKind::of_word(word);
    Some((known.map_or_else(|| word.to_owned(), |kind| kind.what().to_owned()), reply))
}

/// `1 attempt`, `3 attempts`.
fn attempts(count: u32) -> String {
    match count {
        1 => "1 attempt".to_owned(),
        many => format!("{many} attempts"),
    }
}

/// `GET /console/applications/{application}/messages`
pub(crate) async fn page(
    State(console): State<Console>,
    here: InApplication,
    Query(asked): Asked,
) -> Result<Response, PageError> {
    let before: Option<i64> = asked.get("before").and_then(|key| key.parse().ok());
    let mut messages = console.database().deliveries(here.application().key, before, ON_A_PAGE + 1).await?;
    let has_more = messages.len() > ON_A_PAGE as usize;
    messages.truncate(ON_A_PAGE as usize);
    let is_open = console.facts().registration == Registration::Open;
    let facts = console.database().message_facts(here.application().key).await?.ok_or(PageError::NotFound)?;
    let obstacle = if !console.facts().has_messages {
        Some("This service has no mail server and no SMS gateway: its operator sets them up.")
    } else if !console.facts().has_public_url {
        Some("This service does not know its own address, which links need: its operator sets public_url.")
    } else {
        None
    };
    let notice = match asked.get("done").map(String::as_str) {
        Some("allowed") => Some("Messages of this application are sent from now on."),
        Some("forbidden") => Some("Messages of this application are not sent any more."),
        _ => None,
    };
    let page = MessagesPage {
        frame: Frame::in_application(&console, &here, "Messages", Tab::Messages).with_notice(notice),
        messages,
        is_continued: before.is_some(),
        has_more,
        is_allowed: may_send(facts, is_open),
        may_decide: here.may(Act::DecideMessages),
        obstacle,
    };
    show(StatusCode::OK, &page)
}

/// `GET /console/applications/{application}/messages/allow`
pub(crate) async fn allow_page(
    State(console): State<Console>,
    here: InApplication,
) -> Result<Response, PageError> {
    deciding(&console, &here, true).ask()
}

/// `POST /console/applications/{application}/messages/allow`
pub(crate) async fn allow(
    State(console): State<Console>,
    here: InApplication,
    Fields(given): Fields<Confirmation>,
) -> Result<Response, PageError> {
    decide(&console, &here, &given, true).await
}

/// `GET /console/applications/{application}/messages/forbid`
pub(crate) async fn forbid_page(
    State(console): State<Console>,
    here: InApplication,
) -> Result<Response, PageError> {
    deciding(&console, &here, false).ask()
}

/// `POST /console/applications/{application}/messages/forbid`
pub(crate) async fn forbid(
    State(console): State<Console>,
    here: InApplication,
    Fields(given): Fields<Confirmation>,
) -> Result<Response, PageError> {
    decide(&console, &here, &given, false).await
}

async fn decide(
    console: &Console,
    here: &InApplication,
    given: &Confirmation,
    allowed: bool,
) -> Result<Response, PageError> {
    if let Confirmed::Not(answer) = deciding(console, here, allowed).settle(given)? {
        return Ok(answer);
    }
    let action = if allowed { "messages.allowed" } else { "messages.forbidden" };
    change(console, here, ApplicationChange::Messages { allowed }, here.noted(action, None)).await?;
    Ok(done(&path(console, here), if allowed { "allowed" } else { "forbidden" }))
}

fn path(console: &Console, here: &InApplication) -> String {
    format!("{}/applications/{}/messages", console.base(), here.application().id)
}

fn deciding(console: &Console, here: &InApplication, allowed: bool) -> ConfirmPage {
    let (path, name) = (path(console, here), &here.application().name);
    let frame = Frame::in_application(console, here, "Messages", Tab::Messages);
    let (heading, ends, button, verb) = if allowed {
        let ends = vec![
            "Its registration links go out by this service's mail server and SMS gateway, under your name.".to_owned(),
            "Its members choose the recipients and the words. Other links than the registration link are refused, and the numbers of messages \
             are limited."
                .to_owned(),
        ];
        (format!("Allow messages of {name}?"), ends, "Allow messages", "allow")
    } else {
        let ends = vec![
            "Messages that wait are withdrawn, and new ones are refused (MESSAGES_NOT_ALLOWED).".to_owned(),
            "It can still make registration links and send them itself.".to_owned(),
        ];
        (format!("Forbid messages of {name}?"), ends, "Forbid messages", "forbid")
    };
    ConfirmPage {
        frame,
        heading,
        ends,
        name: None,
        button,
        action: format!("{path}/{verb}"),
        cancel: path,
        problem: None,
    }
}
