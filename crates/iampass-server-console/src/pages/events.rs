//! The events of an application: where they go, what became of each, with a search; and sending them again.

use std::collections::BTreeMap;
use std::time::Duration;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use http::StatusCode;
use iampass_core::UnixSeconds;
use iampass_core::events::EventKind;
use iampass_server_domain::push::PushErrorKind;
use iampass_server_domain::rules::Act;
use iampass_server_storage::{EndpointOff, EventEndpoint, EventEntry, EventSearch, EventState, SendAgain};
use serde::Deserialize;

use super::{Asked, searched};
use crate::access::InApplication;
use crate::fields::Fields;
use crate::frame::{Frame, Tab, done, show};
use crate::moment::Moment;
use crate::page_error::PageError;
use crate::state::Console;

const ON_A_PAGE: u32 = 50;

#[derive(Template)]
#[template(path = "console/events.html")]
struct EventsPage {
    frame: Frame,
    endpoint: Option<EventEndpoint>,
    entries: Vec<EventEntry>,
    asked: AskedFor,
    is_continued: bool,
    has_more: bool,
    /// Whether this account may say where events go, and send them again.
    may_manage: bool,
}

/// The search in the form, as it was written.
#[derive(Clone, Debug, Default)]
struct AskedFor {
    text: String,
    state: String,
}

/// An entry of a list to choose from.
struct Choice {
    word: &'static str,
    /// The name of its text.
    label: &'static str,
    is_chosen: bool,
}

/// How far back events are sent again that were not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Since {
    Hour,
    Day,
    Days,
    Month,
}

impl Since {
    const ALL: [Self; 4] = [Self::Day, Self::Hour, Self::Days, Self::Month];

    const fn word(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Days => "days",
            Self::Month => "month",
        }
    }

    const fn seconds(self) -> u64 {
        match self {
            Self::Hour => 3_600,
            Self::Day => 24 * 3_600,
            Self::Days => 3 * 24 * 3_600,
            Self::Month => 30 * 24 * 3_600,
        }
    }
}

impl AskedFor {
    fn read(asked: &BTreeMap<String, String>) -> Self {
        Self { text: searched::text(asked, "text"), state: searched::text(asked, "state") }
    }

    fn is_empty(&self) -> bool {
        self.text.is_empty() && self.state.is_empty()
    }

    fn query(&self) -> String {
        searched::query([("text", self.text.as_str()), ("state", self.state.as_str())])
    }

    fn states(&self) -> Vec<Choice> {
        let choice = |state: EventState| Choice {
            word: state.word(),
            label: state_name(state),
            is_chosen: self.state == state.word(),
        };
        EventState::ALL.map(choice).into()
    }

    fn search(&self, before: Option<i64>) -> EventSearch {
        let text = Some(self.text.clone()).filter(|text| !text.is_empty());
        EventSearch { text, state: EventState::of_word(&self.state), before }
    }
}

impl EventsPage {
    fn happened(&self, entry: &EventEntry) -> Moment {
        self.frame.moment(entry.at)
    }

    /// When the last attempt was.
    fn last(&self, entry: &EventEntry) -> Option<Moment> {
        entry.last_at.map(|at| self.frame.moment(at))
    }

    /// When the next attempt is made, for one that waits.
    fn next(&self, entry: &EventEntry) -> Option<Moment> {
        let waits = entry.state == EventState::Queued && !entry.is_under_way;
        waits.then(|| self.frame.moment(entry.next_at))
    }

    fn until(&self, endpoint: &EventEndpoint) -> Option<Moment> {
        endpoint.previous_until.map(|until| self.frame.moment(until))
    }

    /// The text for what has switched it off that its owners have not.
    fn off(&self, endpoint: &EventEndpoint) -> Option<&'static str> {
        Some(match endpoint.off_by? {
            EndpointOff::Restore => "endpoint-restored",
            _ => "endpoint-gone",
        })
    }

    /// The text for what is to be done about that.
    fn off_why(&self, endpoint: &EventEndpoint) -> Option<&'static str> {
        Some(match endpoint.off_by? {
            EndpointOff::Restore => "endpoint-restored-why",
            _ => "endpoint-gone-why",
        })
    }

    fn held(&self, endpoint: &EventEndpoint) -> Option<Moment> {
        endpoint.held_until.map(|until| self.frame.moment(until))
    }

    /// The whole address for those who may change it. There may be a password in it, so others see where it leads and no more.
    fn address<'e>(&self, endpoint: &'e EventEndpoint) -> &'e str {
        if self.may_manage { &endpoint.url } else { origin(&endpoint.url) }
    }

    /// Whether this event can be put into the queue again.
    fn can_again(&self, entry: &EventEntry) -> bool {
        let is_on = self.endpoint.as_ref().is_some_and(|endpoint| endpoint.off_at.is_none());
        self.may_manage && is_on && entry.state != EventState::Queued
    }

    fn later(&self) -> Option<String> {
        let last = self.entries.last().filter(|_| self.has_more)?;
        Some(format!("{}&before={}", self.asked.query(), last.key.0))
    }
}

/// Scheme, host and port of a URL.
pub(super) fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    let end = url.get(host..).and_then(|rest| rest.find(['/', '?', '#'])).map_or(url.len(), |at| host + at);
    url.get(..end).unwrap_or_default()
}

/// The name of the text of a kind.
pub(super) fn kind_name(kind: &EventKind) -> &str {
    match kind {
        EventKind::UserAdded => "event-user-added",
        EventKind::UserDeleted => "event-user-deleted",
        EventKind::PhoneRegistered => "event-phone-registered",
        EventKind::PhoneRemoved => "event-phone-removed",
        EventKind::LoginStarted => "event-login-started",
        EventKind::LoginAccepted => "event-login-accepted",
        EventKind::LoginDenied => "event-login-denied",
        EventKind::LoginReported => "event-login-reported",
        EventKind::LoginFailed => "event-login-failed",
        EventKind::SessionEnded => "event-session-ended",
        EventKind::SecretRotated => "event-secret-rotated",
        EventKind::Test => "event-test",
        // One that was added since, by its own word.
        other => other.as_str(),
    }
}

const fn state_name(state: EventState) -> &'static str {
    match state {
        EventState::Queued => "event-waits",
        EventState::Sent => "event-sent",
        EventState::GivenUp => "event-given-up",
        EventState::Withdrawn => "event-withdrawn",
        EventState::Dropped => "event-dropped",
    }
}

/// The name of the text of a state, and its mark.
fn state_tag(entry: &EventEntry) -> (&'static str, &'static str) {
    match entry.state {
        EventState::Queued if entry.is_under_way => ("event-being-sent", ""),
        EventState::Queued if entry.attempts > 0 => ("event-again", " warn"),
        EventState::Sent => (state_name(entry.state), " good"),
        EventState::GivenUp | EventState::Dropped => (state_name(entry.state), " warn"),
        EventState::Queued | EventState::Withdrawn => (state_name(entry.state), ""),
    }
}

/// The name of the text of the last failure.
fn reason(entry: &EventEntry) -> Option<&str> {
    let word = entry.last_error.as_deref()?;
    Some(match PushErrorKind::of_word(word) {
        Some(PushErrorKind::Unreachable) => "event-error-unreachable",
        Some(PushErrorKind::Timeout) => "event-error-timeout",
        Some(PushErrorKind::Busy) => "event-error-busy",
        Some(PushErrorKind::Broken) => "event-error-broken",
        Some(PushErrorKind::Unauthorized) => "event-error-unauthorized",
        Some(PushErrorKind::Gone) => "event-error-gone",
        Some(PushErrorKind::TooLarge) => "event-error-too-large",
        Some(PushErrorKind::Redirected) => "event-error-redirected",
        Some(PushErrorKind::AddressNotAllowed) => "event-error-address-not-allowed",
        Some(PushErrorKind::Refused) => "event-error-refused",
        _ => "event-error-not-sendable",
    })
}

/// The path of the events of an application.
pub(super) fn events_of(console: &Console, here: &InApplication) -> String {
    format!("{}/applications/{}/events", console.base(), here.application().id)
}

/// `GET /console/applications/{application}/events`
pub(crate) async fn page(
    State(console): State<Console>,
    here: InApplication,
    Query(query): Asked,
) -> Result<Response, PageError> {
    let before: Option<i64> = query.get("before").and_then(|key| key.parse().ok());
    let asked = AskedFor::read(&query);
    let (database, application) = (console.database(), here.application().key);
    let mut entries = database.events(application, asked.search(before), ON_A_PAGE + 1).await?;
    let has_more = entries.len() > ON_A_PAGE as usize;
    entries.truncate(ON_A_PAGE as usize);
    let notice = match query.get("done").map(String::as_str) {
        Some("set") => Some("endpoint-was-set"),
        Some("on") => Some("endpoint-was-switched-on"),
        Some("off") => Some("endpoint-was-switched-off"),
        Some("removed") => Some("endpoint-was-removed"),
        Some("test") => Some("endpoint-test-queued"),
        Some("again") => Some("events-sent-again"),
        Some("none") => Some("events-none-again"),
        _ => None,
    };
    let page = EventsPage {
        frame: Frame::in_application(&console, &here, "tab-events", Tab::Events).with_notice(notice),
        endpoint: database.event_endpoint(application).await?,
        entries,
        asked,
        is_continued: before.is_some(),
        has_more,
        may_manage: here.may(Act::ManageEvents),
    };
    show(StatusCode::OK, &page)
}

/// One event, or all that were not taken since then.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct AgainForm {
    id: String,
    since: String,
}

/// `POST /console/applications/{application}/events/again`
pub(crate) async fn again(
    State(console): State<Console>,
    here: InApplication,
    Fields(given): Fields<AgainForm>,
) -> Result<Response, PageError> {
    let since = Since::ALL.into_iter().find(|since| since.word() == given.since);
    let which = match (given.id.as_str(), since) {
        ("", Some(since)) => {
            let at = console.now().0.saturating_sub(Duration::from_secs(since.seconds()).as_secs());
            SendAgain::FailedSince(UnixSeconds(at))
        }
        ("", None) => return Err(PageError::BadForm(StatusCode::UNPROCESSABLE_ENTITY)),
        (id, _) => SendAgain::One(id.to_owned()),
    };
    let (application, noted) = (here.application().key, here.noted("events.sent-again", None));
    let queued = console.database().send_events_again(application, which, here.actor(), noted).await?;
    let said = match queued {
        Some(1..) => "again",
        Some(0) | None => "none",
    };
    Ok(done(&events_of(&console, &here), said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_what_may_be_a_password() {
        for (url, shown) in [
            ("https://shop.example/hook?key=s3cret", "https://shop.example"),
            ("https://shop.example:8443/s3cret", "https://shop.example:8443"),
            ("https://shop.example?s3cret", "https://shop.example"),
            ("https://shop.example", "https://shop.example"),
        ] {
            assert_eq!(origin(url), shown);
        }
    }
}
