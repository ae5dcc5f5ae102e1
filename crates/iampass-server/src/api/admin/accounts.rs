//! Accounts of the Console, for the Admin API. No call makes an account or an administrator, and none lets anybody in.

use axum::response::Response;
use http::StatusCode;
use iampass_core::wire::{AdminAccount, AdminAccounts, Reason};
use iampass_server_console::change_account;
use iampass_server_storage::{Account, AccountChange, AccountChanged, StorageError};

use super::admitted::Admitted;
use super::answers::{done, invalid};
use crate::admin_call::AccountStep;
use crate::path_segments::plain_id;
use crate::problem::{Refused, json};

pub(super) async fn list(admitted: &Admitted<'_>) -> Result<Response, Refused> {
    admitted.of_whole_service()?;
    let query = admitted.query(&["after", "limit", "prefix"])?;
    let (prefix, after) = (query.text("prefix").unwrap_or_default(), query.text("after"));
    if !prefix.bytes().chain(after.iter().flat_map(|after| after.bytes())).all(|byte| byte.is_ascii_graphic())
    {
        return Err(invalid("names of accounts have small letters, digits, dots, hyphens and underscores"));
    }
    let found = admitted.app.database.accounts(&prefix, after, query.limit()?).await?;
    let next = found.accounts.last().filter(|_| found.has_later).map(|last| last.name.clone());
    let accounts = found.accounts.into_iter().map(shown).collect();
    Ok(json(StatusCode::OK, &AdminAccounts { status: true, accounts, next }))
}

pub(super) async fn change(
    admitted: &Admitted<'_>,
    name: &str,
    step: AccountStep,
) -> Result<Response, Refused> {
    admitted.of_whole_service()?;
    admitted.query(&[])?;
    admitted.request.empty_body()?;
    let change = match step {
        AccountStep::Disable => AccountChange::Disable,
        AccountStep::Enable => AccountChange::Enable,
        AccountStep::LogOut => AccountChange::LogOut,
    };
    let database = &admitted.app.database;
    let unknown = || Refused::not_found(Reason::UnknownAccount, "the Console has no account of this name");
    let found = database.account_named(&plain_id(name)).await?.ok_or_else(unknown)?;
    let by = admitted.actor()?;
    let changed = change_account(database, found.key, change, by, admitted.caller.id.clone()).await;
    let changed = changed.map_err(|error| match (error, change) {
        (StorageError::Forbidden, AccountChange::Enable) => administrator_stays_disabled(),
        (error, _) => error.into(),
    })?;
    match changed {
        AccountChanged::Done { .. } | AccountChanged::NothingToDo => Ok(done()),
        AccountChanged::NoSuchAccount => Err(unknown()),
        AccountChanged::LastAdministrator | AccountChanged::LastOwnerOf(_) => Err(Refused::new(
            StatusCode::CONFLICT,
            Reason::LastAdministrator,
            "this is the last administrator who has signed in: make another one first, in the Console",
        )),
    }
}

/// A key would otherwise undo what was done against an administrator who is not trusted any more.
fn administrator_stays_disabled() -> Refused {
    Refused::new(
        StatusCode::FORBIDDEN,
        Reason::NotAllowed,
        "no key enables an administrator, and nothing was changed: another administrator does it in the Console, or the operator by `iampass-server console \
         enable`",
    )
}

fn shown(account: Account) -> AdminAccount {
    AdminAccount {
        name: account.name,
        administrator: account.is_administrator,
        created_at: account.created_at,
        arrived_at: account.arrived_at,
        disabled_at: account.disabled_at,
    }
}
