//! The keys of the Admin API, for administrators: listing, making and revoking them.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::StatusCode;
use iampass_core::wire::AdminScope;
use iampass_server_domain::rules::{InvalidKey, LONGEST_KEY_DAYS};
use iampass_server_storage::AdminKey;

use super::Asked;
use super::confirm::{ConfirmPage, Confirmation, Confirmed};
use crate::access::Administrator;
use crate::admin_key_commands::{NewKey, NotMade, make, revoke, state};
use crate::fields::{Fields, Problem};
use crate::frame::{Frame, Here, done, show};
use crate::moment::Moment;
use crate::page_error::PageError;
use crate::state::Console;

/// How long a key is good if nothing else is chosen, in days.
const USUAL_DAYS: &str = "90";
/// The fields of scopes are named by this, and by the scope.
const SCOPE_FIELD: &str = "scope-";

#[derive(Template)]
#[template(path = "console/admin_keys.html")]
struct KeysPage {
    frame: Frame,
    keys: Vec<ListedKey>,
}

/// A line of the list.
struct ListedKey {
    key: AdminKey,
    /// The name of the text of its state, and the mark of it.
    state: (&'static str, &'static str),
    can_be_revoked: bool,
    until: Moment,
    used: Option<Moment>,
}

impl ListedKey {
    fn new(frame: &Frame, console: &Console, key: AdminKey) -> Self {
        let state = match state(&key, console.now()) {
            "good" => ("admin-key-good", " good"),
            "expired" => ("admin-key-expired", ""),
            "unusable" => ("admin-key-unusable", ""),
            _ => ("admin-key-revoked", ""),
        };
        Self {
            can_be_revoked: matches!(state.0, "admin-key-good" | "admin-key-unusable"),
            until: frame.moment(key.revoked_at.unwrap_or(key.expires_at)),
            used: key.last_used_at.map(|at| frame.moment(at)),
            state,
            key,
        }
    }

    fn scopes(&self) -> String {
        self.key.scopes.words().replace(',', " ")
    }
}

/// `GET /console/keys`
pub(crate) async fn page(
    State(console): State<Console>,
    administrator: Administrator,
    Query(asked): Asked,
) -> Result<Response, PageError> {
    let is_revoked = asked.get("done").map(String::as_str) == Some("revoked");
    let frame = Frame::new(&console, &administrator.account, "admin-keys", Here::Keys)
        .with_notice(is_revoked.then_some("admin-key-was-revoked"));
    let keys = console.database().admin_keys().await?;
    let keys = keys.into_iter().map(|key| ListedKey::new(&frame, &console, key)).collect();
    show(StatusCode::OK, &KeysPage { frame, keys })
}

#[derive(Template)]
#[template(path = "console/new_admin_key.html")]
struct NewKeyPage {
    frame: Frame,
    form: Form,
    problem: Option<Problem>,
}

impl NewKeyPage {
    /// Each scope, with the name of the text that says what it is for, and whether it is chosen.
    fn scopes(&self) -> Vec<(&'static str, &'static str, bool)> {
        let choice = |scope: &AdminScope| {
            let is_chosen = self.form.scopes.iter().any(|chosen| chosen == scope.word());
            (scope.word(), scope_text(*scope), is_chosen)
        };
        AdminScope::ALL.iter().map(choice).collect()
    }
}

fn scope_text(scope: AdminScope) -> &'static str {
    match scope {
        AdminScope::ApplicationsRead => "scope-applications-read",
        AdminScope::ApplicationsWrite => "scope-applications-write",
        AdminScope::UsersRead => "scope-users-read",
        AdminScope::UsersWrite => "scope-users-write",
        AdminScope::PhonesWrite => "scope-phones-write",
        AdminScope::SessionsRead => "scope-sessions-read",
        AdminScope::SessionsEnd => "scope-sessions-end",
        AdminScope::AuditRead => "scope-audit-read",
        AdminScope::AccountsRead => "scope-accounts-read",
        AdminScope::AccountsWrite => "scope-accounts-write",
        AdminScope::ServiceRead => "scope-service-read",
        // One that was added since, by its own word.
        other => other.word(),
    }
}

/// The content of the fields.
#[derive(Debug, Default)]
struct Form {
    name: String,
    application: String,
    days: String,
    /// The words behind the fields that were ticked, whether or not there are such scopes.
    scopes: Vec<String>,
}

impl Form {
    fn read(given: &BTreeMap<String, String>) -> Self {
        let text = |name: &str| given.get(name).map_or("", |text| text.trim()).to_owned();
        let scopes = given.keys().filter_map(|name| name.strip_prefix(SCOPE_FIELD)).map(str::to_owned);
        Self {
            name: text("name"),
            application: text("application"),
            days: text("days"),
            scopes: scopes.collect(),
        }
    }

    fn asked(&self) -> Result<NewKey<'_>, Problem> {
        let is_number = self.days.bytes().all(|byte| byte.is_ascii_digit());
        let days = self.days.parse().ok().filter(|_| is_number).ok_or("admin-key-problem-days")?;
        let application = Some(self.application.as_str()).filter(|id| !id.is_empty());
        Ok(NewKey { name: &self.name, scopes: &self.scopes, application, days })
    }
}

/// `GET /console/keys/new`
pub(crate) async fn new_page(
    State(console): State<Console>,
    administrator: Administrator,
) -> Result<Response, PageError> {
    let form = Form { days: USUAL_DAYS.to_owned(), ..Form::default() };
    show_form(StatusCode::OK, &console, &administrator, form, None)
}

#[derive(Template)]
#[template(path = "console/made_admin_key.html")]
struct MadeKeyPage {
    frame: Frame,
    id: String,
    secret: String,
}

/// `POST /console/keys/new`
pub(crate) async fn add(
    State(console): State<Console>,
    administrator: Administrator,
    Fields(given): Fields<BTreeMap<String, String>>,
) -> Result<Response, PageError> {
    let form = Form::read(&given);
    let refused = |form, problem| {
        show_form(StatusCode::UNPROCESSABLE_ENTITY, &console, &administrator, form, Some(problem))
    };
    let asked = match form.asked() {
        Ok(asked) => asked,
        Err(problem) => return refused(form, problem),
    };
    let account = &administrator.account;
    match make(console.database(), asked, account.actor(), &account.account().name).await {
        Ok(made) => {
            let frame = Frame::new(&console, account, "made-admin-key-title", Here::Keys);
            let page = MadeKeyPage { frame, id: made.id, secret: made.secret.expose().to_owned() };
            show(StatusCode::CREATED, &page)
        }
        Err(NotMade::Invalid(invalid)) => refused(form, problem_of(invalid)),
        Err(NotMade::NoSuchApplication) => refused(form, "admin-key-problem-application"),
        Err(NotMade::TooMany) => refused(form, "admin-key-problem-many"),
        Err(NotMade::Store(error)) => Err(error.into()),
    }
}

fn problem_of(invalid: InvalidKey) -> Problem {
    match invalid {
        InvalidKey::Name => "admin-key-problem-name",
        InvalidKey::ScopeOfService => "admin-key-problem-service",
        InvalidKey::Lifetime => "admin-key-problem-days",
        _ => "admin-key-problem-scopes",
    }
}

fn show_form(
    status: StatusCode,
    console: &Console,
    administrator: &Administrator,
    form: Form,
    problem: Option<Problem>,
) -> Result<Response, PageError> {
    let frame = Frame::new(console, &administrator.account, "new-admin-key-title", Here::Keys);
    show(status, &NewKeyPage { frame, form, problem })
}

/// `GET /console/keys/{key}/revoke`
pub(crate) async fn revoke_page(
    State(console): State<Console>,
    administrator: Administrator,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    revoking(&console, &administrator, &found(&console, &id).await?).ask()
}

/// `POST /console/keys/{key}/revoke`
pub(crate) async fn end(
    State(console): State<Console>,
    administrator: Administrator,
    Path(id): Path<String>,
    Fields(given): Fields<Confirmation>,
) -> Result<Response, PageError> {
    let key = found(&console, &id).await?;
    if let Confirmed::Not(answer) = revoking(&console, &administrator, &key).settle(&given)? {
        return Ok(answer);
    }
    let account = &administrator.account;
    // One that was revoked in the meantime is revoked as well.
    revoke(console.database(), &key.id, account.actor(), &account.account().name).await?;
    Ok(done(&format!("{}/keys", console.base()), "revoked"))
}

async fn found(console: &Console, id: &str) -> Result<AdminKey, PageError> {
    console.database().admin_key(id).await?.ok_or(PageError::NotFound)
}

fn revoking(console: &Console, administrator: &Administrator, key: &AdminKey) -> ConfirmPage {
    let frame = Frame::new(console, &administrator.account, "revoke-admin-key-title", Here::Keys);
    ConfirmPage {
        heading: frame.one("revoke-admin-key-heading", "key", &key.name),
        ends: frame.all(["revoke-admin-key-calls", "revoke-admin-key-links"]),
        name: None,
        button: "admin-key-revoke",
        action: format!("{}/keys/{}/revoke", console.base(), key.id),
        cancel: format!("{}/keys", console.base()),
        problem: None,
        frame,
    }
}
