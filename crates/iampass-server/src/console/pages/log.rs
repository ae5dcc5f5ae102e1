//! The log of an application: who did what to it, the latest first.

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
use crate::storage::AuditEntry;

const ON_A_PAGE: u32 = 50;

#[derive(Template)]
#[template(path = "console/log.html")]
struct LogPage {
    frame: Frame,
    entries: Vec<AuditEntry>,
    is_continued: bool,
    has_more: bool,
}

impl LogPage {
    fn at(&self, entry: &AuditEntry) -> Moment {
        self.frame.moment(entry.at)
    }

    fn later(&self) -> Option<i64> {
        self.entries.last().filter(|_| self.has_more).map(|entry| entry.key)
    }
}

/// `GET /console/applications/{application}/log`
pub(in crate::console) async fn page(
    State(console): State<Console>,
    here: InApplication,
    Query(asked): Asked,
) -> Result<Response, PageError> {
    let before: Option<i64> = asked.get("before").and_then(|key| key.parse().ok());
    let application = &here.application().id;
    let mut entries = console.app()?.database.audit(application, before, ON_A_PAGE + 1).await?;
    let has_more = entries.len() > ON_A_PAGE as usize;
    entries.truncate(ON_A_PAGE as usize);
    let frame = Frame::in_application(&console, &here, "Log", Tab::Log);
    show(StatusCode::OK, &LogPage { frame, entries, is_continued: before.is_some(), has_more })
}

/// What was done, for people. What is not known here is shown by its word.
pub(super) fn spoken(action: &str) -> &str {
    match action {
        "application.created" => "Added the application",
        "application.imported" => "Imported the application",
        "application.renamed" => "Changed the name",
        "application.configured" => "Changed the settings of logins",
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
        "phone.lost" => "Disabled a lost phone",
        "phone.removed" => "Removed a phone",
        "member.added" => "Added a member",
        "member.joined" => "Joined by invitation",
        "member.role-changed" => "Changed a role",
        "member.removed" => "Removed a member",
        "member.left" => "Left the application",
        "invitation.made" => "Made an invitation",
        "invitation.taken-back" => "Took an invitation back",
        "link.made" => "Made a link for a phone",
        "link.used" => "A link for a phone was used",
        "account.created" => "Created the account",
        "account.administrator-created" => "Created an administrator",
        "account.disabled" => "Disabled the account",
        "account.enabled" => "Enabled the account",
        "account.demoted" => "Made it no administrator",
        "account.deleted" => "Deleted the account",
        "account.phone-link-made" => "Made a link for another phone",
        "account.phone-registered" => "Registered a phone",
        "account.phone-replaced" => "Replaced the phone",
        "account.phone-removed" => "Removed the phone",
        other => other,
    }
}
