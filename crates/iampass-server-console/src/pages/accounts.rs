//! The accounts of the Console, for administrators: finding them, and what each has.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::StatusCode;
use iampass_server_storage::{Account, AccountDetails, AccountKey, AccountsPage, AuditEntry};
use url::form_urlencoded::Serializer;

use super::Asked;
use crate::access::Administrator;
use crate::frame::{Frame, Here, show};
use crate::moment::Moment;
use crate::page_error::PageError;
use crate::state::Console;

const ON_A_PAGE: u32 = 50;

#[derive(Template)]
#[template(path = "console/accounts.html")]
struct AccountListPage {
    frame: Frame,
    found: AccountsPage,
    /// The beginning of the names.
    prefix: String,
    is_first: bool,
    own_key: AccountKey,
}

impl AccountListPage {
    fn created(&self, account: &Account) -> Moment {
        self.frame.moment(account.created_at)
    }

    fn later(&self) -> Option<String> {
        let last = self.found.accounts.last().filter(|_| self.found.has_later)?;
        Some(self.place(&[("after", &last.name)]))
    }

    fn start(&self) -> String {
        self.place(&[])
    }

    /// This list at another place.
    fn place(&self, position: &[(&str, &str)]) -> String {
        let mut query = Serializer::new(String::new());
        if !self.prefix.is_empty() {
            query.append_pair("q", &self.prefix);
        }
        query.extend_pairs(position);
        match query.finish().as_str() {
            "" => format!("{}/accounts", self.frame.base),
            query => format!("{}/accounts?{query}", self.frame.base),
        }
    }
}

#[derive(Template)]
#[template(path = "console/one_account.html")]
struct AccountPage {
    frame: Frame,
    details: AccountDetails,
    created: Moment,
    phone_since: Option<Moment>,
    is_own: bool,
}

impl AccountPage {
    fn place(&self) -> String {
        place_of(&self.frame.base, self.details.account.key)
    }

    fn at(&self, entry: &AuditEntry) -> Moment {
        self.frame.moment(entry.at)
    }
}

/// The page about an account.
pub(super) fn place_of(base: &str, account: AccountKey) -> String {
    format!("{base}/accounts/{}", account.0)
}

/// The account of this key with what it has.
pub(super) async fn details_of(console: &Console, key: i64) -> Result<AccountDetails, PageError> {
    console.database().account_details(AccountKey(key)).await?.ok_or(PageError::NotFound)
}

/// `GET /console/accounts`
pub(crate) async fn page(
    State(console): State<Console>,
    administrator: Administrator,
    Query(asked): Asked,
) -> Result<Response, PageError> {
    // Text that can be no part of a name is dropped; PostgreSQL stores no NUL.
    let word = |name: &str| {
        let text = asked.get(name).map_or("", |text| text.trim()).to_ascii_lowercase();
        Some(text).filter(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()))
    };
    let (prefix, after) = (word("q").unwrap_or_default(), word("after"));
    let is_first = after.is_none();
    let found = console.database().accounts(&prefix, after, ON_A_PAGE).await?;
    let deleted = asked.get("done").map(String::as_str) == Some("deleted");
    let frame = Frame::new(&console, &administrator.account, "accounts", Here::Accounts)
        .with_notice(deleted.then_some("accounts-deleted"));
    let own_key = administrator.account.account().key;
    show(StatusCode::OK, &AccountListPage { frame, found, prefix, is_first, own_key })
}

/// `GET /console/accounts/{account}`
pub(crate) async fn one(
    State(console): State<Console>,
    administrator: Administrator,
    Path(key): Path<i64>,
    Query(asked): Asked,
) -> Result<Response, PageError> {
    let details = details_of(&console, key).await?;
    let notice = match asked.get("done").map(String::as_str) {
        Some("disabled") => Some("account-was-disabled"),
        Some("enabled") => Some("account-was-enabled"),
        Some("demoted") => Some("account-was-demoted"),
        Some("logged-out") => Some("account-was-logged-out"),
        _ => None,
    };
    let frame =
        Frame::new(&console, &administrator.account, "account-title", Here::Accounts).with_notice(notice);
    let page = AccountPage {
        created: frame.moment(details.account.created_at),
        phone_since: details.phone_since.map(|since| frame.moment(since)),
        is_own: administrator.account.account().key == details.account.key,
        details,
        frame,
    };
    show(StatusCode::OK, &page)
}
