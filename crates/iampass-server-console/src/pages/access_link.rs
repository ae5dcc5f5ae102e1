//! A link that replaces the phone of an account, made by an administrator for somebody who has lost it.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use iampass_server_storage::{AccessFor, AccessLinkMade, AccountDetails, LinkCode};

use super::accounts::{details_of, place_of};
use super::confirm::{ConfirmPage, Confirmation, Confirmed};
use crate::access::Administrator;
use crate::account_links::ACCESS_LINK;
use crate::fields::{Fields, Problem};
use crate::frame::{Frame, Here, show};
use crate::page_error::PageError;
use crate::state::Console;

const DISABLED: Problem = "access-link-disabled";

/// The link, this once.
#[derive(Template)]
#[template(path = "console/access_link.html")]
struct AccessLinkPage {
    frame: Frame,
    name: String,
    address: String,
    /// The page about the account.
    place: String,
}

/// `GET /console/accounts/{account}/link`
pub(crate) async fn page(
    State(console): State<Console>,
    administrator: Administrator,
    Path(key): Path<i64>,
) -> Result<Response, PageError> {
    asking(&console, &administrator, &details_of(&console, key).await?).ask()
}

/// `POST /console/accounts/{account}/link`
pub(crate) async fn make(
    State(console): State<Console>,
    administrator: Administrator,
    Path(key): Path<i64>,
    Fields(given): Fields<Confirmation>,
) -> Result<Response, PageError> {
    let details = details_of(&console, key).await?;
    if let Confirmed::Not(answer) = asking(&console, &administrator, &details).settle(&given)? {
        return Ok(answer);
    }
    let (by, account) = (administrator.account.actor(), details.account.clone());
    let code = LinkCode::draw()?;
    let noted = administrator.account.noted(None, "link.made", Some(account.name.clone()));
    let access = AccessFor::Account(account.key);
    let database = console.database();
    match database.make_access_link(code.clone(), access, by, ACCESS_LINK, noted).await? {
        AccessLinkMade::Made => {}
        AccessLinkMade::NoAccount => {
            return asking(&console, &administrator, &details).again(DISABLED);
        }
    }
    let page = AccessLinkPage {
        frame: Frame::new(&console, &administrator.account, "access-link-title", Here::Accounts),
        address: console.address(&format!("/link/{}", code.as_str())),
        place: place_of(&console.base(), account.key),
        name: account.name,
    };
    show(StatusCode::CREATED, &page)
}

fn asking(console: &Console, administrator: &Administrator, details: &AccountDetails) -> ConfirmPage {
    let name = &details.account.name;
    let place = place_of(&console.base(), details.account.key);
    let frame = Frame::new(console, &administrator.account, "access-link-title", Here::Accounts);
    ConfirmPage {
        heading: frame.one("access-link-heading", "account", name),
        ends: frame.all(["access-link-first", "access-link-then", "access-link-once"]),
        name: Some(name.clone()),
        button: "link-make",
        action: format!("{place}/link"),
        cancel: place,
        problem: None,
        frame,
    }
}
