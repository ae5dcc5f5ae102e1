//! Disabling, enabling, demoting, logging out and deleting an account, by an administrator.

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
use crate::speech::isolated;
use crate::state::Console;

const LAST_ADMINISTRATOR: Problem = "last-administrator";
const LAST_OWNER: Problem = "last-owner-of";

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
    "/console/accounts/{account}/log-out" log_out_page, "/console/accounts/{account}/log-out" log_out: LogOut, "logged-out";
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
    if matches!(change, AccountChange::Disable | AccountChange::LogOut) {
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
    let (title, path, button, heading) = match change {
        AccountChange::Disable => {
            ("disable-account-title", "disable", "disable-account", "disable-account-heading")
        }
        AccountChange::Enable => {
            ("enable-account-title", "enable", "enable-account", "enable-account-heading")
        }
        AccountChange::Demote => {
            ("demote-account-title", "demote", "demote-account", "demote-account-heading")
        }
        AccountChange::LogOut => {
            ("log-out-account-title", "log-out", "log-out-account", "log-out-account-heading")
        }
        AccountChange::Delete => {
            ("delete-account-title", "delete", "delete-account", "delete-account-heading")
        }
    };
    let frame = Frame::new(console, &administrator.account, title, Here::Accounts);
    let sessions = || frame.sessions_end(details.open_sessions, u64::MAX);
    let and = |first: String, id: &str| format!("{first} {}", frame.t(id));
    let ends = match change {
        AccountChange::Disable => vec![
            and(sessions(), "disable-account-sessions"),
            frame.t("disable-account-links").to_owned(),
            left_alone(&frame, details, "disable-account-members", "disable-account-left"),
        ],
        AccountChange::Enable => frame.all(["enable-account-sign-in", "enable-account-ended"]),
        AccountChange::Demote => frame.all(["demote-account-sees", "demote-account-links"]),
        AccountChange::LogOut => vec![
            sessions(),
            frame.t("log-out-account-links").to_owned(),
            frame.t("log-out-account-again").to_owned(),
        ],
        AccountChange::Delete => vec![
            and(sessions(), "delete-account-phone"),
            frame.t("delete-account-members").to_owned(),
            left_alone(&frame, details, "delete-account-name", "delete-account-left"),
        ],
    };
    let place = place_of(&console.base(), account.key);
    ConfirmPage {
        heading: frame.one(heading, "account", name),
        ends,
        name: (!is_undone_at_once(change)).then(|| name.clone()),
        button,
        action: format!("{place}/{path}"),
        cancel: place,
        problem: None,
        frame,
    }
}

/// Whether the account itself, or a click, undoes it: no name has to be typed for it.
const fn is_undone_at_once(change: AccountChange) -> bool {
    matches!(change, AccountChange::Enable | AccountChange::LogOut)
}

/// A sentence, and the applications that have no other owner behind it.
fn left_alone(frame: &Frame, details: &AccountDetails, sentence: &str, left: &str) -> String {
    let alone = details.memberships.iter().filter(|membership| membership.is_last_owner);
    let names: Vec<_> = alone.map(|membership| isolated(&membership.name).into_owned()).collect();
    match names.as_slice() {
        [] => frame.t(sentence).to_owned(),
        names => format!("{} {}", frame.t(sentence), frame.one(left, "applications", names.join(", "))),
    }
}
