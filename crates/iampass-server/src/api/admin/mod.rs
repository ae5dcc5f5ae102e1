//! The Admin API: what an administrator's program may do with a key of its own. Signed with the key's id and secret; what is posted is signed as well.
//!
//! A call asks whether the key is good and has the scope; a change asks once more in its own transaction ([`iampass_server_storage::Actor::Key`]), and is written
//! to the audit log with the id of the key. Operations are those of the Console. Belongs here: that order. Does not belong here: which scope a call takes
//! ([`iampass_server_openapi::CallRoute::admin_scope`]).

mod accounts;
mod admitted;
mod answers;
mod applications;
mod asked;
mod lists;
mod service;
mod users;

use std::sync::Arc;

use axum::response::Response;
use futures_util::future::BoxFuture;
use http::StatusCode;
use iampass_core::wire::AdminKeyAnswer;

use self::admitted::Admitted;
use self::answers::scope_missing;
use crate::admin_call::{AdminCall, InApplication};
use crate::app::App;
use crate::problem::{Refused, json};
use crate::request::Incoming;

pub(super) async fn answer(
    app: &Arc<App>,
    request: &Incoming,
    call: AdminCall<'_>,
) -> Result<Response, Refused> {
    let caller = app.authenticity.by_admin_key(request).await?;
    let scope = call.route().admin_scope();
    if let Some(scope) = scope
        && !caller.scopes.has(scope)
    {
        return Err(scope_missing(format!("this call takes a key with the scope {scope}")));
    }
    let admitted = Admitted { app, request, caller, scope };
    let answer: BoxFuture<'_, _> = match call {
        AdminCall::Key => Box::pin(key(&admitted)),
        AdminCall::Applications => Box::pin(applications::list(&admitted)),
        AdminCall::AddApplication => Box::pin(applications::add(admitted)),
        AdminCall::InApplication { application, call } => Box::pin(inside(admitted, application, call)),
        AdminCall::AuditLog => Box::pin(lists::audit_log(&admitted)),
        AdminCall::Accounts => Box::pin(accounts::list(&admitted)),
        AdminCall::ChangeAccount { name, change } => Box::pin(accounts::change(&admitted, name, change)),
        AdminCall::Service => Box::pin(service::report(&admitted)),
    };
    answer.await
}

async fn inside(
    admitted: Admitted<'_>,
    application: &str,
    call: InApplication<'_>,
) -> Result<Response, Refused> {
    let found = admitted.application(application).await?;
    match call {
        InApplication::Show => applications::show(&admitted, found).await,
        InApplication::Change(step) => applications::change(&admitted, &found, step).await,
        InApplication::Users => users::list(&admitted, &found).await,
        InApplication::AddUsers => users::add(&admitted, &found).await,
        InApplication::User { user } => users::show(&admitted, &found, user).await,
        InApplication::ChangeUser { user, change } => users::change(&admitted, &found, user, change).await,
        InApplication::Sessions => lists::sessions(&admitted, &found).await,
        InApplication::EndSession { session } => users::end_session(&admitted, &found, session).await,
        InApplication::History => lists::history(&admitted, &found).await,
    }
}

async fn key(admitted: &Admitted<'_>) -> Result<Response, Refused> {
    admitted.query(&[])?;
    let caller = &admitted.caller;
    let answer = AdminKeyAnswer {
        status: true,
        key_id: caller.id.clone(),
        name: caller.name.clone(),
        scopes: caller.scopes.iter().map(|scope| scope.word().to_owned()).collect(),
        application_id: caller.application_id.clone(),
        account: caller.account.as_ref().map(|account| account.name.clone()),
        expires_at: caller.expires_at,
    };
    Ok(json(StatusCode::OK, &answer))
}
