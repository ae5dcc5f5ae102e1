//! The Management API: users and their phones. Signed with the application's credentials.

use axum::response::Response;
use futures_util::future::BoxFuture;
use http::StatusCode;
use iampass_core::wire::{AddUsersAnswer, DoneAnswer, HasDeviceAnswer, Reason, RegistrationLinkAnswer};
use iampass_core::{UnixSeconds, UserToken};
use iampass_server_storage::{Application, DeviceLost, LinkKind, NewLink, UsersAdded};
use serde::Deserialize;

use super::reading::{count_for_user, parameter, user_id};
use super::registration_link::{display_name, draw_code, unknown_user};
use super::{notices, phones};
use crate::app::App;
use crate::authenticity::Verified;
use crate::call::ManagementCall;
use crate::path_segments::plain_id;
use crate::problem::{Refused, json};
use crate::rates::Limited;
use crate::request::Incoming;

pub(super) async fn answer(
    app: &App,
    request: &Incoming,
    call: ManagementCall<'_>,
    application: &str,
) -> Result<Response, Refused> {
    let signed = app.authenticity.by_application(request.head(), &plain_id(application)).await?;
    // In a box of its own size: before it comes to that, thousands may wait for a store.
    let answer: BoxFuture<'_, _> = match call {
        ManagementCall::AddUsers => Box::pin(add_users(app, request, signed)),
        ManagementCall::DeleteUsers => Box::pin(delete_users(app, request, signed)),
        ManagementCall::RegistrationLink { user } => {
            let user = user_id(user)?;
            count_for_user(app, Limited::UserLinks, signed.who.key, &user)?;
            Box::pin(registration_link(app, request, signed, user))
        }
        ManagementCall::RegistrationSms { user } => {
            Box::pin(notices::registration_sms(app, request, signed, user_id(user)?))
        }
        ManagementCall::RegistrationMail { user } => {
            Box::pin(notices::registration_mail(app, request, signed, user_id(user)?))
        }
        ManagementCall::HasDevice { user } => {
            let user = user_id(user)?;
            Box::pin(async move { has_device(app, &signed, &user).await })
        }
        // A report of a lost phone is not made to wait.
        ManagementCall::LostDevice { user } => Box::pin(lost_device(app, request, signed, user_id(user)?)),
        // Wrong codes are not counted for the user: somebody who sends them must not keep the user from using one.
        ManagementCall::RecoveryLink { user } => {
            Box::pin(phones::recovery_link(app, request, signed, user_id(user)?))
        }
    };
    answer.await
}

async fn add_users(
    app: &App,
    request: &Incoming,
    Verified { who, spent }: Verified<Application>,
) -> Result<Response, Refused> {
    let users = users(app, request)?;
    let added = match app.database.add_users(who.key, users, spent).await? {
        UsersAdded::Added(added) => added,
        UsersAdded::NoRoom { most } => return Err(no_room(most)),
    };
    Ok(json(StatusCode::CREATED, &AddUsersAnswer { status: true, users: Some(added), reason: None }))
}

/// The application may have no more users. A long list may have been added in part.
pub(super) fn no_room(most: u64) -> Refused {
    let message = format!(
        "this application may have {most} users, and there is no room for all of these: delete users who are gone, or ask the operator of the service \
         for more (console.users_per_application). Of a long list the first ones may be there now"
    );
    Refused::new(StatusCode::CONFLICT, Reason::UserLimitReached, message)
}

async fn delete_users(
    app: &App,
    request: &Incoming,
    Verified { who, spent }: Verified<Application>,
) -> Result<Response, Refused> {
    let users = users(app, request)?;
    app.database.delete_users(who.key, users, spent).await?;
    // Users who were not there are not there afterwards either.
    Ok(json(StatusCode::OK, &DoneAnswer::done()))
}

async fn registration_link(
    app: &App,
    request: &Incoming,
    Verified { who, spent }: Verified<Application>,
    user: UserToken,
) -> Result<Response, Refused> {
    let link = new_link(app, request, &who, user)?;
    let kind = link_kind(request)?;
    let (code, url) = draw_code(app, request)?;
    if !app.database.make_link_of_kind(link, code, kind, spent).await? {
        return Err(unknown_user());
    }
    Ok(json(StatusCode::OK, &made(url, kind == LinkKind::Adds)))
}

async fn lost_device(
    app: &App,
    request: &Incoming,
    Verified { who, spent }: Verified<Application>,
    user: UserToken,
) -> Result<Response, Refused> {
    let link = new_link(app, request, &who, user)?;
    let asked_at = match parameter(request, "asked_at", Reason::InvalidParameter)? {
        None => None,
        Some(text) => Some(text.parse().map(UnixSeconds).map_err(|_| {
            let message = "asked_at is the Unix time in seconds at which the phone was said to be lost";
            Refused::unprocessable(Reason::InvalidParameter, message)
        })?),
    };
    let (code, url) = draw_code(app, request)?;
    match app.database.lose_device(link, code, asked_at, spent).await? {
        DeviceLost::Removed => {}
        DeviceLost::UnknownUser => return Err(unknown_user()),
        DeviceLost::InUse => {
            let message =
                "a phone of the user was registered, used or removed after asked_at: it is not lost";
            return Err(Refused::new(StatusCode::CONFLICT, Reason::PhoneInUse, message));
        }
    }
    Ok(json(StatusCode::OK, &made(url, false)))
}

/// The answer with a link.
fn made(url: String, adds: bool) -> RegistrationLinkAnswer {
    RegistrationLinkAnswer { status: true, register_url: Some(url), adds, reason: None }
}

async fn has_device(
    app: &App,
    signed: &Verified<Application>,
    user: &UserToken,
) -> Result<Response, Refused> {
    let device_registered = app.database.has_device(signed.who.key, user).await?.ok_or_else(unknown_user)?;
    Ok(json(StatusCode::OK, &HasDeviceAnswer { status: true, device_registered }))
}

/// Reads `{"users": [...]}`.
fn users(app: &App, request: &Incoming) -> Result<Vec<UserToken>, Refused> {
    #[derive(Deserialize)]
    struct Unchecked {
        users: Vec<String>,
    }

    let Unchecked { users } = request.json()?;
    checked_users(app, users)
}

/// The ids of users. The list is counted before its entries are checked, and a bad entry is named by its place.
pub(super) fn checked_users(app: &App, users: Vec<String>) -> Result<Vec<UserToken>, Refused> {
    let most = app.config.limits.users_per_call;
    if users.len() > most {
        let message = format!("{} users in one call are more than {most}: split the list", users.len());
        return Err(Refused::unprocessable(Reason::TooManyUsers, message));
    }
    let check = |(place, id): (usize, String)| {
        UserToken::new(id).map_err(|invalid| {
            let message = format!("users[{place}] is not a good user id: {invalid}");
            Refused::unprocessable(Reason::InvalidUserId, message)
        })
    };
    users.into_iter().enumerate().map(check).collect()
}

fn new_link(app: &App, request: &Incoming, who: &Application, user: UserToken) -> Result<NewLink, Refused> {
    let name = parameter(request, "display_name", Reason::InvalidParameter)?;
    Ok(NewLink {
        application: who.key,
        user,
        display_name: display_name(name)?,
        lifetime: app.config.link_lifetime,
    })
}

/// `add=true`: the phones that the user has stay, and one of them confirms the new one \[X\].
fn link_kind(request: &Incoming) -> Result<LinkKind, Refused> {
    match parameter(request, "add", Reason::InvalidParameter)?.as_deref() {
        None | Some("false") => Ok(LinkKind::Replaces),
        Some("true") => Ok(LinkKind::Adds),
        Some(_) => Err(Refused::unprocessable(Reason::InvalidParameter, "add is true or false")),
    }
}
