//! Users of an application, for the Admin API: finding and changing them, and ending sessions.

use axum::response::Response;
use http::StatusCode;
use iampass_core::UserToken;
use iampass_core::wire::{
    AddUsersAnswer, AdminNewLink, AdminNewUsers, AdminPhone, AdminSession, AdminUser, AdminUserAnswer,
    AdminUsers, Platform, RegistrationLinkAnswer,
};
use iampass_server_storage::{
    Application, LinkKind, ListedUser, NewLink, OpenSession, Phone, SessionKey, UserChange, UserKey,
    UsersAdded, UsersFrom,
};

use super::admitted::Admitted;
use super::answers::{done, invalid};
use crate::admin_call::UserStep;
use crate::api::management;
use crate::api::reading::{count_for_user, user_id};
use crate::api::registration_link::{display_name, draw_code, unknown_user};
use crate::authenticity::unknown_session;
use crate::problem::{Refused, json};
use crate::rates::Limited;

/// Sessions of one user that are shown.
const SESSIONS_SHOWN: u32 = 100;

pub(super) async fn list(admitted: &Admitted<'_>, application: &Application) -> Result<Response, Refused> {
    let query = admitted.query(&["after", "limit", "prefix"])?;
    let from = query.text("after").map_or(UsersFrom::Start, UsersFrom::After);
    let prefix = query.text("prefix").unwrap_or_default();
    let found = admitted.app.database.users_of(application.key, &prefix, from, query.limit()?).await?;
    let next = found.users.last().filter(|_| found.has_later).map(|last| last.id.clone());
    let users = found.users.into_iter().map(listed).collect();
    Ok(json(StatusCode::OK, &AdminUsers { status: true, users, next }))
}

pub(super) async fn show(
    admitted: &Admitted<'_>,
    application: &Application,
    user: &str,
) -> Result<Response, Refused> {
    admitted.query(&[])?;
    let (_, key) = found(admitted, application, user).await?;
    let details = admitted.app.database.user_details(application.key, key, SESSIONS_SHOWN).await?;
    let details = details.ok_or_else(unknown_user)?;
    let answer = AdminUserAnswer {
        status: true,
        user_id: details.id.to_string(),
        added_at: details.added_at,
        phones: details.phones.all.into_iter().map(phone).collect(),
        link_until: details.link_until,
        recovery_codes_left: details.phones.recovery_codes_left,
        sessions: details.sessions.into_iter().map(session).collect(),
    };
    Ok(json(StatusCode::OK, &answer))
}

pub(super) async fn add(admitted: &Admitted<'_>, application: &Application) -> Result<Response, Refused> {
    admitted.query(&[])?;
    let AdminNewUsers { users } = admitted.request.json_object()?;
    let users = management::checked_users(admitted.app, users)?;
    let noted = admitted.caller.noted(Some(application.id.as_str()), "users.added", None);
    let added = admitted.app.database.add_users_noted(application.key, users, admitted.actor()?, noted);
    let added = match added.await? {
        UsersAdded::Added(added) => added,
        UsersAdded::NoRoom { most } => return Err(management::no_room(most)),
    };
    let answer = AddUsersAnswer { status: true, users: Some(added), reason: None };
    Ok(json(StatusCode::CREATED, &answer))
}

pub(super) async fn change(
    admitted: &Admitted<'_>,
    application: &Application,
    user: &str,
    step: UserStep,
) -> Result<Response, Refused> {
    admitted.query(&[])?;
    let (id, key) = found(admitted, application, user).await?;
    let mut answer = None;
    let (change, action) = match step {
        UserStep::Delete => (UserChange::Delete, "user.deleted"),
        UserStep::RemovePhones => (UserChange::RemovePhone, "phone.removed"),
        UserStep::LogOut => (UserChange::LogOut, "user.logged-out"),
        UserStep::Link | UserStep::PhoneLost => {
            let asked: AdminNewLink = admitted.request.json_object_or_default()?;
            let is_lost = step == UserStep::PhoneLost;
            if is_lost && asked.add.is_some() {
                return Err(invalid(
                    "add is for `link`: the link after a lost phone replaces what the user has",
                ));
            }
            if !is_lost {
                count_for_user(admitted.app, Limited::UserLinks, application.key, &id)?;
            }
            let adds = asked.add.unwrap_or(false);
            let link = NewLink {
                application: application.key,
                user: id,
                display_name: display_name(asked.display_name)?,
                lifetime: admitted.app.config.link_lifetime,
            };
            let (code, url) = draw_code(admitted.app, admitted.request)?;
            answer =
                Some(RegistrationLinkAnswer { status: true, register_url: Some(url), adds, reason: None });
            match (is_lost, adds) {
                (true, _) => (UserChange::PhoneLost(link, code), "phone.lost"),
                (false, false) => {
                    (UserChange::MakeLink(link, code, LinkKind::Replaces), "registration-link.made")
                }
                (false, true) => {
                    (UserChange::MakeLink(link, code, LinkKind::Adds), "registration-link.made-to-add")
                }
            }
        }
    };
    if answer.is_none() {
        admitted.request.empty_body()?;
    }
    let noted = admitted.caller.noted(Some(application.id.as_str()), action, None);
    let changed = admitted.app.database.change_user(application.key, key, change, admitted.actor()?, noted);
    if !changed.await? {
        return Err(unknown_user());
    }
    Ok(answer.map_or_else(done, |link| json(StatusCode::OK, &link)))
}

pub(super) async fn end_session(
    admitted: &Admitted<'_>,
    application: &Application,
    session: &str,
) -> Result<Response, Refused> {
    admitted.query(&[])?;
    admitted.request.empty_body()?;
    let is_number = !session.is_empty() && session.bytes().all(|byte| byte.is_ascii_digit());
    let key = session.parse().ok().filter(|_| is_number).ok_or_else(unknown_session)?;
    let noted = admitted.caller.noted(Some(application.id.as_str()), "session.ended", None);
    let ended = admitted.app.database.end_session(application.key, SessionKey(key), admitted.actor()?, noted);
    // One that has ended by itself in the meantime is not there any more either.
    ended.await?.map(|_| done()).ok_or_else(unknown_session)
}

async fn found(
    admitted: &Admitted<'_>,
    application: &Application,
    raw: &str,
) -> Result<(UserToken, UserKey), Refused> {
    let id = user_id(raw)?;
    let key = admitted.app.database.user_named(application.key, &id).await?.ok_or_else(unknown_user)?;
    Ok((id, key))
}

fn listed(user: ListedUser) -> AdminUser {
    AdminUser {
        user_id: user.id,
        added_at: user.added_at,
        phone_since: user.phone_since,
        open_sessions: user.open_sessions,
    }
}

fn phone(phone: Phone) -> AdminPhone {
    AdminPhone {
        phone_id: phone.id.to_string(),
        name: phone.name,
        platform: phone.platform.as_ref().map(Platform::as_str).map(str::to_owned),
        added_at: phone.added_at,
        last_used_at: phone.last_used_at,
    }
}

pub(super) fn session(session: OpenSession) -> AdminSession {
    AdminSession {
        session: session.key.0.unsigned_abs(),
        user_id: session.user_id,
        state: session.state.word().to_owned(),
        asked_at: session.asked_at,
        activated_at: session.activated_at,
        due_at: session.due_at,
        platform: session.platform,
    }
}
