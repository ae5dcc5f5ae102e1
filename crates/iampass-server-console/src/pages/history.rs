//! The history of logins at an application: what became of each, the latest first, with a search; and the same as a file.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use http::StatusCode;
use iampass_core::UnixSeconds;
use iampass_server_domain::rules::{Ending, Outcome};
use iampass_server_storage::{
    ApplicationKey, AskedUser, Browser, HistoryEntry, HistoryPage, HistoryPhone, HistoryPlace, HistorySearch,
    SessionKey, read_address,
};

use super::{Asked, searched};
use crate::access::InApplication;
use crate::audit_file::day;
use crate::fields::Problem;
use crate::file_lines::{answer, format_asked, links};
use crate::frame::{Frame, Tab, show};
use crate::history_file;
use crate::moment::Moment;
use crate::page_error::PageError;
use crate::state::Console;

const ON_A_PAGE: usize = 50;
/// Logins of one file.
const IN_A_FILE: usize = 10_000;
const READ_FOR_A_FILE: usize = 500;
/// Logins that are looked through for one file. Those who search for something rare do not keep the database busy with all there is.
const LOOKED_THROUGH_FOR_A_FILE: usize = 200_000;
const DAY: Duration = Duration::from_secs(86_400);
/// The endings that a session can have: the others are those of a question.
const OF_SESSIONS: [Ending; 8] = [
    Ending::ByApplication,
    Ending::ByPhone,
    Ending::InConsole,
    Ending::Over,
    Ending::OverWhileAway,
    Ending::PhoneGone,
    Ending::UserDeleted,
    Ending::Disabled,
];

#[derive(Template)]
#[template(path = "console/history.html")]
struct HistoryTemplate {
    frame: Frame,
    entries: Vec<HistoryEntry>,
    asked: AskedFor,
    problem: Option<Problem>,
    is_continued: bool,
    next: Option<HistoryPlace>,
    /// How long a login is kept after its end.
    kept: String,
}

/// The search in the form, as it was written.
#[derive(Clone, Debug, Default)]
struct AskedFor {
    user: String,
    begins: String,
    outcome: String,
    ended: String,
    address: String,
    from: String,
    to: String,
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
        Self {
            user: text("user"),
            begins: text("begins"),
            outcome: text("outcome"),
            ended: text("ended"),
            address: text("address"),
            from: text("from"),
            to: text("to"),
        }
    }

    fn fields(&self) -> [(&'static str, &str); 7] {
        [
            ("user", &self.user),
            ("begins", &self.begins),
            ("outcome", &self.outcome),
            ("ended", &self.ended),
            ("address", &self.address),
            ("from", &self.from),
            ("to", &self.to),
        ]
    }

    fn is_empty(&self) -> bool {
        self.fields().iter().all(|(name, text)| text.is_empty() || *name == "begins")
    }

    fn query(&self) -> String {
        searched::query(self.fields())
    }

    fn is_beginning(&self) -> bool {
        self.begins == "yes"
    }

    /// The address, read: the same one is written in several ways.
    fn asking_address(&self) -> Result<Option<IpAddr>, Problem> {
        match self.address.as_str() {
            "" => Ok(None),
            text => read_address(text).map(Some).ok_or("history-no-address"),
        }
    }

    /// The day `to` is part of what is asked for. A day or a word that is none is left out: the form shows what was written.
    fn search(
        &self,
        application: ApplicationKey,
        before: Option<HistoryPlace>,
    ) -> Result<HistorySearch, Problem> {
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let asked = if self.is_beginning() { AskedUser::Beginning } else { AskedUser::Named };
        Ok(HistorySearch {
            user: given(&self.user).map(asked),
            outcome: Outcome::of_word(&self.outcome),
            ending: Ending::of_word(&self.ended),
            address: self.asking_address()?,
            from: day(&self.from),
            until: day(&self.to).map(|last| last.plus(DAY)),
            before,
            ..HistorySearch::all(application)
        })
    }

    fn outcomes(&self) -> Vec<Choice> {
        let choice = |outcome: &Outcome| Choice {
            word: outcome.word(),
            label: outcome_name(*outcome),
            is_chosen: self.outcome == outcome.word(),
        };
        Outcome::ALL.iter().map(choice).collect()
    }

    fn endings(&self) -> Vec<Choice> {
        let choice = |ending: Ending| Choice {
            word: ending.word(),
            label: ending_name(ending),
            is_chosen: self.ended == ending.word(),
        };
        OF_SESSIONS.map(choice).into()
    }
}

impl HistoryTemplate {
    fn at(&self, entry: &HistoryEntry) -> Moment {
        self.frame.moment(entry.asked_at)
    }

    /// How the session ended, or why the question was withdrawn: the name of its text. None where the outcome says it all.
    fn ending(&self, entry: &HistoryEntry) -> Option<&'static str> {
        match (entry.outcome, entry.ending) {
            (Outcome::Accepted | Outcome::Withdrawn, Some(ending)) => Some(ending_name(ending)),
            (Outcome::Accepted, None) if entry.is_ended => Some("ending-unknown"),
            (Outcome::Accepted, None) => Some("ending-none"),
            _ => None,
        }
    }

    fn is_known(&self, entry: &HistoryEntry) -> bool {
        entry.browser == Browser::Known
    }

    /// The name and the platform of a phone, where it is registered.
    fn phone(&self, entry: &HistoryEntry) -> Option<String> {
        match &entry.phone {
            HistoryPhone::There { name, platform } if name.is_empty() => Some(platform.clone()),
            HistoryPhone::There { name, platform } => Some(format!("{name} ({platform})")),
            HistoryPhone::Gone | HistoryPhone::None => None,
        }
    }

    fn is_phone_gone(&self, entry: &HistoryEntry) -> bool {
        entry.phone == HistoryPhone::Gone
    }

    fn about(&self, seconds: &u64) -> String {
        self.frame.about(*seconds)
    }

    fn later(&self) -> Option<String> {
        let place = self.next?;
        Some(format!("{}&before={}.{}", self.asked.query(), place.at.0, place.key.0))
    }

    /// Whether the page ends because enough was looked through, not because it is full.
    fn is_cut(&self) -> bool {
        self.next.is_some() && self.entries.len() < ON_A_PAGE
    }

    fn files(&self) -> Vec<(&'static str, String)> {
        links(&self.asked.query())
    }
}

/// `GET /console/applications/{application}/history`
pub(crate) async fn page(
    State(console): State<Console>,
    here: InApplication,
    Query(query): Asked,
) -> Result<Response, PageError> {
    let before = query.get("before").and_then(|place| place_of(place));
    let asked = AskedFor::read(&query);
    let search = match asked.search(here.application().key, before) {
        Ok(search) => search,
        Err(problem) => return not_searched(&console, &here, asked, problem),
    };
    let HistoryPage { entries, next, .. } = console.database().search_history(search, ON_A_PAGE).await?;
    let frame = Frame::in_application(&console, &here, "tab-history", Tab::History);
    let kept = frame.duration(console.facts().keep_ended.as_secs());
    let is_continued = before.is_some();
    let page = HistoryTemplate { frame, entries, asked, problem: None, is_continued, next, kept };
    show(StatusCode::OK, &page)
}

/// The form as it was written, and what is wrong with it.
fn not_searched(
    console: &Console,
    here: &InApplication,
    asked: AskedFor,
    problem: Problem,
) -> Result<Response, PageError> {
    let frame = Frame::in_application(console, here, "tab-history", Tab::History);
    let kept = frame.duration(console.facts().keep_ended.as_secs());
    let page = HistoryTemplate {
        frame,
        entries: Vec::new(),
        asked,
        problem: Some(problem),
        is_continued: false,
        next: None,
        kept,
    };
    show(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// `GET /console/applications/{application}/history/file`
pub(crate) async fn file(
    State(console): State<Console>,
    here: InApplication,
    Query(query): Asked,
) -> Result<Response, PageError> {
    let format = format_asked(&query)?;
    let asked = AskedFor::read(&query);
    let mut file = history_file::head(format).as_bytes().to_vec();
    let (mut count, mut looked_through, mut before) = (0, 0, None);
    loop {
        let search = match asked.search(here.application().key, before) {
            Ok(search) => search,
            Err(problem) => return not_searched(&console, &here, asked, problem),
        };
        let page = console.database().search_history(search, READ_FOR_A_FILE.min(IN_A_FILE - count)).await?;
        count += page.entries.len();
        file.extend(history_file::lines(format, &page.entries)?);
        before = page.next;
        looked_through += page.looked_through;
        if before.is_none() || count >= IN_A_FILE || looked_through >= LOOKED_THROUGH_FOR_A_FILE {
            break;
        }
    }
    let is_cut = before.is_some() && count < IN_A_FILE;
    let cut = if is_cut {
        format!(" among {looked_through} logins, and there are older ones")
    } else {
        String::new()
    };
    console.database().note(here.noted("history.exported", Some(format!("{count} entries{cut}")))).await?;
    answer(format, history_file::file_name(format), file)
}

/// The address of the history of one user, below the path of the application.
pub(super) fn of_user(in_it: &str, user: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("user", user);
    format!("{in_it}/history?{}", query.finish())
}

fn place_of(text: &str) -> Option<HistoryPlace> {
    let (at, key) = text.split_once('.')?;
    let at = at.parse().ok().filter(|at| i64::try_from(*at).is_ok()).map(UnixSeconds)?;
    Some(HistoryPlace { at, key: SessionKey(key.parse().ok()?) })
}

/// The name of the text of an outcome.
const fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Waiting => "outcome-waiting",
        Outcome::Accepted => "outcome-accepted",
        Outcome::Denied => "outcome-denied",
        Outcome::Reported => "outcome-reported",
        Outcome::NotAnswered => "outcome-not-answered",
        Outcome::Superseded => "outcome-superseded",
        Outcome::Withdrawn => "outcome-withdrawn",
        Outcome::WrongCode => "outcome-wrong-code",
        Outcome::Failed => "outcome-failed",
        _ => "outcome-cancelled",
    }
}

const fn mark(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Accepted => " good",
        Outcome::Denied | Outcome::Reported | Outcome::WrongCode | Outcome::Failed => " warn",
        _ => "",
    }
}

/// The name of the text of an ending.
const fn ending_name(ending: Ending) -> &'static str {
    match ending {
        Ending::ByApplication => "ending-by-application",
        Ending::ByPhone => "ending-by-phone",
        Ending::InConsole => "ending-in-console",
        Ending::Over => "ending-over",
        Ending::OverWhileAway => "ending-over-while-away",
        Ending::PhoneGone => "ending-phone-gone",
        Ending::UserDeleted => "ending-user-deleted",
        Ending::Disabled => "ending-disabled",
        _ => "ending-unknown",
    }
}
