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

    /// The way that a message goes, and the masked number or address.
    fn receiver(&self, message: &DeliveryEntry) -> String {
        let text = match message.channel.as_str() {
            "sms" => "messages-by-sms",
            _ => "messages-by-email",
        };
        self.frame.one(text, "address", &message.masked)
    }

    fn later(&self) -> Option<i64> {
        self.messages.last().filter(|_| self.has_more).map(|message| message.key)
    }
}

/// The name of the text of a state, and its mark.
fn state_tag(message: &DeliveryEntry) -> (&'static str, &'static str) {
    match message.state {
        DeliveryState::Queued if message.is_under_way => ("message-being-sent", ""),
        DeliveryState::Queued if message.attempts > 0 => ("message-again", " warn"),
        DeliveryState::Queued => ("message-waits", ""),
        DeliveryState::Sent => ("message-sent", " good"),
        DeliveryState::Refused => ("message-refused", " warn"),
        DeliveryState::GivenUp => ("message-given-up", " warn"),
        DeliveryState::Withdrawn => ("message-withdrawn", ""),
    }
}

/// The name of the text of the last failure, and the numbers of the server's reply. A failure that is not known is shown by its own word.
fn reason(message: &DeliveryEntry) -> Option<(&str, &str)> {
    let stored = message.last_error.as_deref()?;
    let (word, reply) = stored.split_once(' ').unwrap_or((stored, ""));
    Some((NoticeErrorKind::of_word(word).map_or(word, |kind| text_of(kind)), reply))
}

const fn text_of(kind: NoticeErrorKind) -> &'static str {
    match kind {
        NoticeErrorKind::Unreachable => "notice-unreachable",
        NoticeErrorKind::Timeout => "notice-timeout",
        NoticeErrorKind::Busy => "notice-busy",
        NoticeErrorKind::Broken => "notice-broken",
        NoticeErrorKind::Unauthorized => "notice-unauthorized",
        NoticeErrorKind::Redirected => "notice-redirected",
        NoticeErrorKind::NoEncryption => "notice-no-encryption",
        NoticeErrorKind::EncryptionWanted => "notice-encryption-wanted",
        NoticeErrorKind::Untrusted => "notice-untrusted",
        NoticeErrorKind::GreetingRefused => "notice-greeting-refused",
        NoticeErrorKind::NoLogin => "notice-no-login",
        NoticeErrorKind::SenderRefused => "notice-sender-refused",
        NoticeErrorKind::NotUnderstood => "notice-not-understood",
        NoticeErrorKind::Refused => "notice-refused",
        NoticeErrorKind::AddressNotSupported => "notice-address-not-supported",
        NoticeErrorKind::NotSendable => "notice-not-sendable",
        // One that was added since, in the words of the log.
        other => other.what(),
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
        Some("messages-no-senders")
    } else if !console.facts().has_public_url {
        Some("messages-no-url")
    } else {
        None
    };
    let notice = match asked.get("done").map(String::as_str) {
        Some("allowed") => Some("messages-allowed"),
        Some("forbidden") => Some("messages-forbidden"),
        _ => None,
    };
    let page = MessagesPage {
        frame: Frame::in_application(&console, &here, "tab-messages", Tab::Messages).with_notice(notice),
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
    let frame = Frame::in_application(console, here, "tab-messages", Tab::Messages);
    let (heading, ends, button, verb) = if allowed {
        let ends = ["messages-allow-ways", "messages-allow-members"];
        ("messages-allow-heading", ends, "messages-allow", "allow")
    } else {
        let ends = ["messages-forbid-withdrawn", "messages-forbid-links"];
        ("messages-forbid-heading", ends, "messages-forbid", "forbid")
    };
    ConfirmPage {
        heading: frame.one(heading, "application", name),
        ends: frame.all(ends),
        name: None,
        button,
        action: format!("{path}/{verb}"),
        cancel: path,
        problem: None,
        frame,
    }
}
