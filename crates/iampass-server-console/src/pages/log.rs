//! The log of an application: who did what to it, the latest first, with a search; and the same as a file.

use std::collections::BTreeMap;
use std::time::Duration;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use http::StatusCode;
use iampass_core::UnixSeconds;
use iampass_server_storage::{AuditEntry, AuditPage, AuditPlace, AuditSearch};

use super::{Asked, searched};
use crate::access::InApplication;
use crate::audit_file::day;
use crate::file_lines::{answer, format_asked, links};
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
        let text = |name| searched::text(asked, name);
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
        searched::query(self.fields())
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
            of_applications: true,
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
        links(&self.asked.query())
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
    let frame = Frame::in_application(&console, &here, "tab-log", Tab::Log);
    show(StatusCode::OK, &LogPage { frame, entries, asked, is_continued: before.is_some(), next })
}

/// `GET /console/applications/{application}/log/file`. The entry that tells of it is not in the file.
pub(crate) async fn file(
    State(console): State<Console>,
    here: InApplication,
    Query(query): Asked,
) -> Result<Response, PageError> {
    let format = format_asked(&query)?;
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
    answer(format, format.file_name(), file)
}

fn place_of(text: &str) -> Option<AuditPlace> {
    let (at, key) = text.split_once('.')?;
    let at = at.parse().ok().filter(|at| i64::try_from(*at).is_ok()).map(UnixSeconds)?;
    Some(AuditPlace { at, key: key.parse().ok()? })
}

/// The name of the text of an action. An unknown action is shown by its own name.
pub(super) fn spoken(action: &str) -> &str {
    match action {
        "application.created" => "did-application-created",
        "application.imported" => "did-application-imported",
        "application.exported" => "did-application-exported",
        "application.renamed" => "did-application-renamed",
        "application.configured" => "did-application-configured",
        "application.approval" => "did-application-approval",
        "application.phones" => "did-application-phones",
        "application.walkaway" => "did-application-walkaway",
        "messages.allowed" => "did-application-messages-allowed",
        "messages.forbidden" => "did-application-messages-forbidden",
        "application.disabled" => "did-application-disabled",
        "application.enabled" => "did-application-enabled",
        "application.deleted" => "did-application-deleted",
        "secret.rotated" => "did-secret-rotated",
        "secret.overlap-ended" => "did-secret-overlap-ended",
        "users.added" => "did-users-added",
        "user.deleted" => "did-user-deleted",
        "user.logged-out" => "did-user-logged-out",
        "session.ended" => "did-session-ended",
        "registration-link.made" => "did-link-made-for-phone",
        "registration-link.made-to-add" => "did-link-made-to-add",
        "phone.registered" => "did-phone-registered",
        "phone.replaced" => "did-phone-replaced",
        "phone.lost" => "did-phone-lost",
        "phone.removed" => "did-phone-removed",
        "phone.unlock-registered" => "did-phone-unlock-registered",
        "phone.waits" => "did-phone-waits",
        "phone.confirmed" => "did-phone-confirmed",
        "phone.recovered" => "did-phone-recovered",
        "phone.denied" => "did-phone-denied",
        "phone.recovery-codes-made" => "did-phone-codes-made",
        "phone.link-made" => "did-phone-link-made",
        "phone.recovery-code-used" => "did-phone-code-used",
        "login.reported" => "did-login-reported",
        "login.paused" => "did-login-paused",
        "push.tested" => "did-push-tested",
        "endpoint.set" => "did-endpoint-set",
        "endpoint.secret-rotated" => "did-endpoint-secret-rotated",
        "endpoint.switched-on" => "did-endpoint-switched-on",
        "endpoint.switched-off" => "did-endpoint-switched-off",
        "endpoint.removed" => "did-endpoint-removed",
        "endpoint.tested" => "did-endpoint-tested",
        "endpoint.gone" => "did-endpoint-gone",
        "events.sent-again" => "did-events-sent-again",
        "member.added" => "did-member-added",
        "member.joined" => "did-member-joined",
        "member.role-changed" => "did-member-role-changed",
        "member.removed" => "did-member-removed",
        "member.left" => "did-member-left",
        "invitation.made" => "did-invitation-made",
        "invitation.taken-back" => "did-invitation-taken-back",
        "link.made" => "did-link-made",
        "link.used" => "did-link-used",
        "log.exported" => "did-log-exported",
        "history.exported" => "did-history-exported",
        "admin-key.made" => "did-admin-key-made",
        "admin-key.revoked" => "did-admin-key-revoked",
        "master-key.changed" => "did-master-key-changed",
        "account.signed-in" => "did-account-signed-in",
        "account.login-reported" => "did-account-login-reported",
        "account.login-paused" => "did-account-login-paused",
        "account.created" => "did-account-created",
        "account.administrator-created" => "did-account-administrator-created",
        "account.disabled" => "did-account-disabled",
        "account.enabled" => "did-account-enabled",
        "account.demoted" => "did-account-demoted",
        "account.logged-out" => "did-account-logged-out",
        "account.deleted" => "did-account-deleted",
        "account.links-ended" => "did-account-links-ended",
        "account.link-ended" => "did-account-link-ended",
        "account.phone-link-made" => "did-account-phone-link-made",
        "account.phone-registered" => "did-account-phone-registered",
        "account.phone-replaced" => "did-account-phone-replaced",
        "account.phone-removed" => "did-account-phone-removed",
        "account.phone-unlock-registered" => "did-account-phone-unlock-registered",
        "account.phone-waits" => "did-account-phone-waits",
        "account.phone-confirmed" => "did-account-phone-confirmed",
        "account.phone-recovered" => "did-account-phone-recovered",
        "account.phone-denied" => "did-account-phone-denied",
        "account.phone-recovery-codes-made" => "did-account-phone-codes-made",
        "account.phone-recovery-code-used" => "did-account-phone-code-used",
        other => other,
    }
}
