//! Disabling, enabling, demoting and deleting an account, by an administrator.

use axum::extract::{Path, State};
use axum::response::Response;
use iampass_server_storage::{AccountChange, AccountChanged, AccountDetails};

use super::accounts::{details_of, place_of};
use super::confirm::{ConfirmPage, Confirmation, Confirmed};
use crate::access::Administrator;
use crate::account_links::change_account;
use crate::fields::{Fields, Problem};
use crate::frame::{Frame, Here, done};
use crate::page_error::PageError;
use crate::state::Console;

const LAST_ADMINISTRATOR: Problem = "This is the last administrator who has signed in. Make another one first, by the command \
     iampass-server console link --new-administrator.";
const LAST_OWNER: Problem = "Applications would be without an owner who has signed in. Name another owner on their pages of members, or delete them, first.";

macro_rules! changes {
    ($($get:literal $page:ident, $post:literal $change:ident: $kind:ident, $done:literal;)+) => {$(
        #[doc = concat!("`GET ", $get, "`")]
        pub(crate) async fn $page(
            State(console): State<Console>,
            administrator: Administrator,
            Path(key): Path<i64>,
        ) -> Result<Response, PageError> {
            asking(&console, &administrator, &details_of(&console, key).await?, AccountChange::$kind).ask()
        }

        #[doc = concat!("`POST ", $post, "`")]
        pub(crate) async fn $change(
            State(console): State<Console>,
            administrator: Administrator,
            Path(key): Path<i64>,
            Fields(given): Fields<Confirmation>,
        ) -> Result<Response, PageError> {
            change(&console, &administrator, key, &given, AccountChange::$kind, $done).await
        }
    )+};
}

changes! {
    "/console/accounts/{account}/disable" disable_page, "/console/accounts/{account}/disable" disable: Disable, "disabled";
    "/console/accounts/{account}/enable" enable_page, "/console/accounts/{account}/enable" enable: Enable, "enabled";
    "/console/accounts/{account}/demote" demote_page, "/console/accounts/{account}/demote" demote: Demote, "demoted";
    "/console/accounts/{account}/delete" delete_page, "/console/accounts/{account}/delete" delete: Delete, "deleted";
}

async fn change(
    console: &Console,
    administrator: &Administrator,
    key: i64,
    given: &Confirmation,
    change: AccountChange,
    said: &'static str,
) -> Result<Response, PageError> {
    let details = details_of(console, key).await?;
    if let Confirmed::Not(answer) = asking(console, administrator, &details, change).settle(given)? {
        return Ok(answer);
    }
    if change == AccountChange::Disable {
        console.forget_browsers(&details.account).await?;
    }
    let name = administrator.account.account().name.clone();
    let by = administrator.account.actor();
    let changed = change_account(console.database(), details.account.key, change, by, name).await?;
    let problem = match changed {
        AccountChanged::Done { .. } => {
            return Ok(match change {
                AccountChange::Delete => done(&format!("{}/accounts", console.base()), said),
                _ => done(&place_of(&console.base(), details.account.key), said),
            });
        }
        AccountChanged::NothingToDo => {
            return Ok(done(&place_of(&console.base(), details.account.key), said));
        }
        AccountChanged::NoSuchAccount => return Err(PageError::NotFound),
        AccountChanged::LastAdministrator => LAST_ADMINISTRATOR,
        AccountChanged::LastOwnerOf(_) => LAST_OWNER,
    };
    asking(console, administrator, &details, change).again(problem)
}

fn asking(
    console: &Console,
    administrator: &Administrator,
    details: &AccountDetails,
    change: AccountChange,
) -> ConfirmPage {
    let account = &details.account;
    let name = &account.name;
    let (title, path, button) = match change {
        AccountChange::Disable => ("Disable an account", "disable", "Disable the account"),
        AccountChange::Enable => ("Enable an account", "enable", "Enable the account"),
        AccountChange::Demote => ("Demote an administrator", "demote", "Make it no administrator"),
        AccountChange::Delete => ("Delete an account", "delete", "Delete the account"),
    };
    let (heading, ends) = match change {
        AccountChange::Disable => (
            format!("Disable the account {name}?"),
            vec![
                format!("{} at once, on all nodes. It can do nothing until it is enabled again.", sessions(details)),
                "The links that it made end: invitations, and registration links that were not used yet.".to_owned(),
                format!("Its memberships stay.{}", left_alone(details, " Without an owner who can sign in until then: ")),
            ],
        ),
        AccountChange::Enable => (
            format!("Enable the account {name}?"),
            vec![
                "It can sign in again with the phone that is registered, and is a member of what it was a member of."
                    .to_owned(),
                "Sessions and links that ended when it was disabled stay ended.".to_owned(),
            ],
        ),
        AccountChange::Demote => (
            format!("Make {name} no administrator?"),
            vec![
                "It sees only the applications that it is a member of, from the next page on, and no accounts.".to_owned(),
                "The links that it made end: invitations, registration links, and links that replace phones.".to_owned(),
            ],
        ),
        AccountChange::Delete => (
            format!("Delete the account {name}?"),
            vec![
                format!("{} at once. Its phone is registered no longer.", sessions(details)),
                "Its memberships and the links that it made end. Its actions stay in the log.".to_owned(),
                format!(
                    "Anybody may take the name after that.{}",
                    left_alone(details, " It cannot be deleted yet, since these would have no owner who has signed in: ")
                ),
            ],
        ),
    };
    let place = place_of(&console.base(), account.key);
    ConfirmPage {
        frame: Frame::new(console, &administrator.account, title, Here::Accounts),
        heading,
        ends,
        name: (change != AccountChange::Enable).then(|| name.clone()),
        button,
        action: format!("{place}/{path}"),
        cancel: place,
        problem: None,
    }
}

/// The applications that have no other owner, as the end of a sentence.
fn left_alone(details: &AccountDetails, before: &str) -> String {
    let alone = details.memberships.iter().filter(|membership| membership.is_last_owner);
    match alone.map(|membership| membership.name.as_str()).collect::<Vec<_>>().as_slice() {
        [] => String::new(),
        names => format!("{before}{}.", names.join(", ")),
    }
}

fn sessions(details: &AccountDetails) -> String {
    match details.open_sessions {
        0 => "No session ends".to_owned(),
        1 => "1 session ends".to_owned(),
        many => format!("{many} sessions end"),
    }
}
