//! Making an account, where everybody may.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use http::StatusCode;
use iampass_axum::into_response;
use iampass_core::wire::Reason;
use iampass_server_domain::Registration as Who;
use iampass_server_storage::{Account, Registration};
use serde::Deserialize;

use crate::access::Visitor;
use crate::accounts::user_key;
use crate::fields::{self, Fields, Problem};
use crate::frame::{Frame, show};
use crate::page_error::PageError;
use crate::state::Console;

pub(super) const NAME_TAKEN: Problem = "name-taken";

/// For how long a name is held for somebody who registers and has no phone yet: as long as a registration may take.
const HELD_SECONDS: u64 = 15 * 60;

#[derive(Template)]
#[template(path = "console/register.html")]
struct RegisterPage {
    frame: Frame,
    name: String,
    name_problem: Option<Problem>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct NewAccount {
    pub(crate) name: String,
}

/// `GET /console/register`
pub(crate) async fn page(State(console): State<Console>, visitor: Visitor) -> Result<Response, PageError> {
    if visitor.signed_in().is_some() {
        return Ok(Redirect::to(&console.base()).into_response());
    }
    allowed(&console)?;
    show_form(StatusCode::OK, &console, String::new(), None)
}

/// `POST /console/register`
pub(crate) async fn register(
    State(console): State<Console>,
    sender: http::Extensions,
    Fields(given): Fields<NewAccount>,
) -> Result<Response, PageError> {
    allowed(&console)?;
    let name = match fields::new_account_name(&given.name) {
        Ok(name) => name,
        Err(problem) => {
            return show_form(StatusCode::UNPROCESSABLE_ENTITY, &console, given.name, Some(problem));
        }
    };
    if !console.parts().registrations.allows(&sender) {
        return Err(PageError::TooMany);
    }
    for _ in 0..2 {
        match console.database().register_account(name.clone()).await? {
            Registration::Done(account) => return Ok(enrol(&console, &account, "")),
            Registration::Taken(account) if give_up(&console, &account).await? => {}
            Registration::Taken(_) => break,
        }
    }
    show_form(StatusCode::CONFLICT, &console, given.name, Some(NAME_TAKEN))
}

fn allowed(console: &Console) -> Result<(), PageError> {
    match console.facts().registration {
        Who::Open => Ok(()),
        Who::Invited => Err(PageError::Invited),
    }
}

fn show_form(
    status: StatusCode,
    console: &Console,
    name: String,
    name_problem: Option<Problem>,
) -> Result<Response, PageError> {
    show(status, &RegisterPage { frame: Frame::plain(console, "register-title"), name, name_problem })
}

/// Leads on to the registration of a phone for an account that has none, and from there to the first login.
pub(super) fn enrol(console: &Console, account: &Account, first_page: &str) -> Response {
    let to = format!("{}{first_page}", console.base());
    let login = format!("{}&name={}", console.login().page_context().links.login_to(&to), account.name);
    into_response(console.login().begin_enrolment(&user_key(account), &account.name, &login))
}

/// Whether a name is free after all: no phone was registered for it in time, so the account was never used.
pub(super) async fn give_up(console: &Console, account: &Account) -> Result<bool, PageError> {
    let is_held = console.now().since(account.created_at).as_secs() < HELD_SECONDS;
    // A disabled one is kept by whoever disabled it.
    let is_kept = account.is_administrator || account.disabled_at.is_some();
    if account.arrived_at.is_some() || is_kept || is_held {
        return Ok(false);
    }
    let client = console.login().client();
    let unclear = |error: &dyn std::fmt::Display| {
        tracing::warn!(%error, "it is not known whether a name is free");
        PageError::Unavailable
    };
    let Some(tokens) = client.token_store() else { return Ok(false) };
    let token = tokens.token_for(&user_key(account)).await.map_err(|error| unclear(&error))?;
    if let Some(token) = &token {
        match client.has_registered_device(token).await {
            Ok(true) => return Ok(false),
            Ok(false) => {}
            // It never came to it.
            Err(
                iampass_core::Error::Status { reason: Some(Reason::UnknownUser), .. }
                | iampass_core::Error::Declined { reason: Some(Reason::UnknownUser), .. },
            ) => {}
            Err(error) => return Err(unclear(&error)),
        }
    }
    // With the account goes the token: a link for it that is opened from now on leads into no account.
    if !console.database().give_up_account(account.key).await? {
        return Ok(false);
    }
    if let Some(token) = token
        && let Err(error) = client.delete_users(&[token]).await
    {
        tracing::warn!(%error, "the service keeps a user without an account");
    }
    Ok(true)
}
