//! The pushes to the phones of an application's users: what was sent by which way, when, and what became of it, with a search; and a push that tries
//! the phones of a user.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::StatusCode;
use iampass_core::UserToken;
use iampass_server_domain::push::{PushErrorKind, PushKind, PushService};
use iampass_server_storage::{ApplicationKey, PushEntry, PushKey, PushPage, PushSearch, PushState, UserKey};

use super::user::named;
use super::{Asked, searched};
use crate::access::InApplication;
use crate::frame::{Frame, Tab, done, show};
use crate::moment::Moment;
use crate::page_error::PageError;
use crate::state::Console;

const ON_A_PAGE: usize = 50;

#[derive(Template)]
#[template(path = "console/pushes.html")]
struct PushesPage {
    frame: Frame,
    entries: Vec<PushEntry>,
    asked: AskedFor,
    is_continued: bool,
    next: Option<PushKey>,
    /// Whether phones are pushed to at all.
    has_pushes: bool,
}

/// The search in the form, as it was written.
#[derive(Clone, Debug, Default)]
struct AskedFor {
    user: String,
    service: String,
    kind: String,
    state: String,
}

/// An entry of a list to choose from.
struct Choice {
    word: &'static str,
    /// The name of its text.
    label: &'static str,
    is_chosen: bool,
}

impl AskedFor {
    fn read(asked: &BTreeMap<String, String>) -> Self {
        let text = |name| searched::text(asked, name);
        Self { user: text("user"), service: text("service"), kind: text("kind"), state: text("state") }
    }

    fn fields(&self) -> [(&'static str, &str); 4] {
        [("user", &self.user), ("service", &self.service), ("kind", &self.kind), ("state", &self.state)]
    }

    fn is_empty(&self) -> bool {
        self.fields().iter().all(|(_, text)| text.is_empty())
    }

    fn query(&self) -> String {
        searched::query(self.fields())
    }

    /// None when no push can be like that: a user whose id is none.
    fn search(&self, application: ApplicationKey, before: Option<PushKey>) -> Option<PushSearch> {
        let user = match self.user.as_str() {
            "" => None,
            id => Some(UserToken::new(id).ok()?),
        };
        Some(PushSearch {
            user,
            service: PushService::of_word(&self.service),
            kind: PushKind::of_word(&self.kind),
            state: PushState::of_word(&self.state),
            before,
            ..PushSearch::all(application)
        })
    }

    fn services(&self) -> Vec<Choice> {
        let choice = |service: PushService| Choice {
            word: service.as_str(),
            label: service_name(service),
            is_chosen: self.service == service.as_str(),
        };
        PushService::ALL.map(choice).into()
    }

    fn kinds(&self) -> Vec<Choice> {
        let choice = |kind: PushKind| Choice {
            word: kind.as_str(),
            label: kind_name(kind),
            is_chosen: self.kind == kind.as_str(),
        };
        PushKind::ALL.map(choice).into()
    }

    fn states(&self) -> Vec<Choice> {
        let choice = |state: PushState| Choice {
            word: state.word(),
            label: state_name(state),
            is_chosen: self.state == state.word(),
        };
        PushState::ALL.map(choice).into()
    }
}

impl PushesPage {
    fn queued(&self, entry: &PushEntry) -> Moment {
        self.frame.moment(entry.queued_at)
    }

    fn ended(&self, entry: &PushEntry) -> Option<Moment> {
        entry.ended_at.map(|at| self.frame.moment(at))
    }

    fn later(&self) -> Option<String> {
        Some(format!("{}&before={}", self.asked.query(), self.next?.0))
    }
}

const fn service_name(service: PushService) -> &'static str {
    match service {
        PushService::Web => "push-to-web",
        PushService::Fcm => "push-to-fcm",
        PushService::Apns => "push-to-apns",
        PushService::Webhook => "push-to-webhook",
    }
}

const fn kind_name(kind: PushKind) -> &'static str {
    match kind {
        PushKind::QuestionWaits => "push-question",
        PushKind::SessionChanged => "push-session",
        PushKind::Test => "push-test",
    }
}

const fn state_name(state: PushState) -> &'static str {
    match state {
        PushState::Waiting => "push-waits",
        PushState::Sent => "push-sent",
        PushState::Refused => "push-refused",
        PushState::Gone => "push-gone",
        PushState::Late => "push-late",
        PushState::Withdrawn => "push-withdrawn",
    }
}

const fn mark(state: PushState) -> &'static str {
    match state {
        PushState::Sent => " good",
        PushState::Refused | PushState::Gone | PushState::Late => " warn",
        PushState::Waiting | PushState::Withdrawn => "",
    }
}

/// The name of the text of a failure.
const fn reason(error: &PushErrorKind) -> &'static str {
    match error {
        PushErrorKind::Unreachable => "push-error-unreachable",
        PushErrorKind::Timeout => "push-error-timeout",
        PushErrorKind::Busy => "push-error-busy",
        PushErrorKind::Broken => "push-error-broken",
        PushErrorKind::TokenExpired => "push-error-token-expired",
        PushErrorKind::Unauthorized => "push-error-unauthorized",
        PushErrorKind::Gone => "push-error-gone",
        PushErrorKind::TooLarge => "push-error-too-large",
        PushErrorKind::Redirected => "push-error-redirected",
        PushErrorKind::AddressNotAllowed => "push-error-address-not-allowed",
        PushErrorKind::Refused => "push-error-refused",
        PushErrorKind::NoWay => "push-error-no-way",
        PushErrorKind::NotSendable => "push-error-not-sendable",
        // One that was added since, in the words of the log.
        other => other.what(),
    }
}

/// `GET /console/applications/{application}/pushes`
pub(crate) async fn page(
    State(console): State<Console>,
    here: InApplication,
    Query(query): Asked,
) -> Result<Response, PageError> {
    let before = query.get("before").and_then(|key| key.parse().ok()).map(PushKey);
    let asked = AskedFor::read(&query);
    let found = match asked.search(here.application().key, before) {
        Some(search) => console.database().search_pushes(search, ON_A_PAGE).await?,
        None => PushPage { entries: Vec::new(), next: None },
    };
    let page = PushesPage {
        frame: Frame::in_application(&console, &here, "tab-pushes", Tab::Pushes),
        entries: found.entries,
        next: found.next,
        is_continued: before.is_some(),
        has_pushes: console.facts().has_pushes,
        asked,
    };
    show(StatusCode::OK, &page)
}

/// `POST /console/applications/{application}/users/{user}/test-push`
pub(crate) async fn try_phone(
    State(console): State<Console>,
    here: InApplication,
    Path((_, key)): Path<(String, i64)>,
) -> Result<Response, PageError> {
    let user = named(&console, &here, UserKey(key)).await?;
    let (application, noted) = (here.application().key, here.noted("push.tested", None));
    let tried = console.database().try_phones(application, user.details.key, here.actor(), noted).await?;
    let said = match tried.ok_or(PageError::NotFound)? {
        0 => "push-nowhere",
        _ => "push-queued",
    };
    Ok(done(&user.place, said))
}
