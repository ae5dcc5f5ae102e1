//! The log of an application: who did what to it, the latest first, with a search; and the same as a file.

use std::collections::BTreeMap;
use std::time::Duration;

use askama::Template;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::response::Response;
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use iampass_core::UnixSeconds;
use iampass_server_storage::{AuditEntry, AuditPage, AuditPlace, AuditSearch};

use super::Asked;
use crate::access::InApplication;
use crate::audit_file::{AuditFormat, day};
use crate::frame::{Frame, Tab, show};
use crate::moment::Moment;
use crate::page_error::PageError;
use crate::state::Console;

const ON_A_PAGE: usize = 50;
/// Entries of one file.
const IN_A_FILE: usize = 10_000;
const READ_FOR_A_FILE: usize = 500;
const DAY: Duration = Duration::from_secs(86_400);

#[derive(Template)]
#[template(path = "console/log.html")]
struct LogPage {
    frame: Frame,
    entries: Vec<AuditEntry>,
    asked: AskedFor,
    is_continued: bool,
    next: Option<AuditPlace>,
}

/// The search in the form, as it was written.
#[derive(Clone, Debug, Default)]
struct AskedFor {
    action: String,
    actor: String,
    user: String,
    from: String,
    to: String,
}

impl AskedFor {
    fn read(asked: &BTreeMap<String, String>) -> Self {
        let text = |name: &str| asked.get(name).map(|text| text.trim().to_owned()).unwrap_or_default();
        Self {
            action: text("action"),
            actor: text("actor"),
            user: text("user"),
            from: text("from"),
            to: text("to"),
        }
    }

    fn is_empty(&self) -> bool {
        self.fields().iter().all(|(_, text)| text.is_empty())
    }

    fn fields(&self) -> [(&'static str, &str); 5] {
        [
            ("action", &self.action),
            ("actor", &self.actor),
            ("user", &self.user),
            ("from", &self.from),
            ("to", &self.to),
        ]
    }

    fn query(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.fields().into_iter().filter(|(_, text)| !text.is_empty()));
        query.finish()
    }

    /// The day `to` is part of what is asked for. A day that is none is left out: the form shows what was written.
    fn search(&self, application: &str, before: Option<AuditPlace>) -> AuditSearch {
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        AuditSearch {
            application: Some(application.to_owned()),
            action: given(&self.action),
            actor: given(&self.actor),
            subject: given(&self.user),
            from: day(&self.from),
            until: day(&self.to).map(|last| last.plus(DAY)),
            before,
        }
    }
}

impl LogPage {
    fn at(&self, entry: &AuditEntry) -> Moment {
        self.frame.moment(entry.at)
    }

    fn later(&self) -> Option<String> {
        let place = self.next?;
        Some(format!("{}&before={}.{}", self.asked.query(), place.at.0, place.key))
    }

    fn files(&self) -> Vec<(&'static str, String)> {
        let query = self.asked.query();
        let link = |format: AuditFormat| format!("format={}&{query}", format.word());
        vec![("CSV", link(AuditFormat::Csv)), ("JSON lines", link(AuditFormat::JsonLines))]
    }
}

/// `GET /console/applications/{application}/log`
pub(crate) async fn page(
    State(console): State<Console>,
    here: InApplication,
    Query(query): Asked,
) -> Result<Response, PageError> {
    let before = query.get("before").and_then(|place| place_of(place));
    let asked = AskedFor::read(&query);
    let search = asked.search(&here.application().id, before);
    let AuditPage { entries, next } = console.database().search_audit(search, ON_A_PAGE).await?;
    let frame = Frame::in_application(&console, &here, "Log", Tab::Log);
    show(StatusCode::OK, &LogPage { frame, entries, asked, is_continued: before.is_some(), next })
}

/// `GET /console/applications/{application}/log/file`. The entry that tells of it is not in the file.
pub(crate) async fn file(
    State(console): State<Console>,
    here: InApplication,
    Query(query): Asked,
) -> Result<Response, PageError> {
    let word = query.get("format").map_or("csv", String::as_str);
    let format = AuditFormat::ALL.into_iter().find(|format| format.word() == word);
    let format = format.ok_or(PageError::NotFound)?;
    let asked = AskedFor::read(&query);
    let (mut file, mut count, mut before) = (format.head().as_bytes().to_vec(), 0, None);
    loop {
        let search = asked.search(&here.application().id, before);
        let page = console.database().search_audit(search, READ_FOR_A_FILE.min(IN_A_FILE - count)).await?;
        count += page.entries.len();
        file.extend(format.lines(&page.entries)?);
        before = page.next;
        if before.is_none() || count >= IN_A_FILE {
            break;
        }
    }
    console.database().note(here.noted("log.exported", Some(format!("{count} entries")))).await?;
    let answer = Response::builder()
        .header(CONTENT_TYPE, format.content_type())
        .header(CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", format.file_name()))
        .header(CACHE_CONTROL, "no-store");
    answer.body(Body::from(file)).map_err(|_| PageError::Internal)
}

fn place_of(text: &str) -> Option<AuditPlace> {
    let (at, key) = text.split_once('.')?;
    let at = at.parse().ok().filter(|at| i64::try_from(*at).is_ok()).map(UnixSeconds)?;
    Some(AuditPlace { at, key: key.parse().ok()? })
}

/// An action in words for people. An unknown action is shown by its own name.
pub(super) fn spoken(action: &str) -> &str {
    match action {
        "application.created" => "Added the application",
        "application.imported" => "Imported the application",
        "application.exported" => "Exported the application",
        "application.renamed" => "Changed the name",
        "application.configured" => "Changed the settings of logins",
        "application.approval" => "Changed what accepting takes",
        "application.walkaway" => "Changed what happens when the phone leaves",
        "application.disabled" => "Disabled the application",
        "application.enabled" => "Enabled the application",
        "application.deleted" => "Deleted the application",
        "secret.rotated" => "Made a new secret",
        "secret.overlap-ended" => "Ended the secret before",
        "users.added" => "Added users",
        "user.deleted" => "Deleted a user",
        "user.logged-out" => "Logged a user out everywhere",
        "session.ended" => "Ended a session",
        "registration-link.made" => "Made a registration link",
        "registration-link.made-to-add" => "Made a link that adds a phone",
        "phone.registered" => "A phone was registered",
        "phone.replaced" => "A phone was replaced by another one",
        "phone.lost" => "Disabled a lost phone",
        "phone.removed" => "Removed a phone",
        "phone.unlock-registered" => "A phone registered its unlock credential",
        "phone.waits" => "A phone was added, and waits to be confirmed",
        "phone.confirmed" => "A phone confirmed an added one",
        "phone.recovered" => "A recovery code confirmed an added phone",
        "phone.denied" => "An added phone was not let in",
        "phone.recovery-codes-made" => "A phone made new recovery codes",
        "phone.link-made" => "A phone made a link for one more",
        "phone.recovery-code-used" => "A recovery code was used for a link for one more phone",
        "push.tested" => "Tried whether phones can be pushed to",
        "member.added" => "Added a member",
        "member.joined" => "Joined by invitation",
        "member.role-changed" => "Changed a role",
        "member.removed" => "Removed a member",
        "member.left" => "Left the application",
        "invitation.made" => "Made an invitation",
        "invitation.taken-back" => "Took an invitation back",
        "link.made" => "Made a link for a phone",
        "link.used" => "A link for a phone was used",
        "log.exported" => "Exported the log",
        "master-key.changed" => "Changed the master key",
        "account.signed-in" => "Signed in",
        "account.created" => "Created the account",
        "account.administrator-created" => "Created an administrator",
        "account.disabled" => "Disabled the account",
        "account.enabled" => "Enabled the account",
        "account.demoted" => "Made it no administrator",
        "account.deleted" => "Deleted the account",
        "account.links-ended" => "Logged out everywhere, which ended open links",
        "account.link-ended" => "Ended an open link",
        "account.phone-link-made" => "Made a link for another phone",
        "account.phone-registered" => "Registered a phone",
        "account.phone-replaced" => "Replaced the phone",
        "account.phone-removed" => "Removed the phone",
        "account.phone-unlock-registered" => "Registered the phone's unlock credential",
        "account.phone-waits" => "Added a phone, which waits to be confirmed",
        "account.phone-confirmed" => "Confirmed an added phone",
        "account.phone-recovered" => "Confirmed an added phone by a recovery code",
        "account.phone-denied" => "An added phone was not let in",
        "account.phone-recovery-codes-made" => "Made new recovery codes",
        "account.phone-recovery-code-used" => "Used a recovery code for a link for another phone",
        other => other,
    }
}
