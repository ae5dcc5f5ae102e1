//! The page of one's own account: the account itself, and the links that are open.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use http::StatusCode;
use iampass_server_storage::{LinkKey, LinkPurpose, OpenLink, UserKey};
use serde::Deserialize;

use super::Asked;
use crate::access::SignedIn;
use crate::fields::Fields;
use crate::frame::{Frame, Here, done, show};
use crate::moment::Moment;
use crate::page_error::PageError;
use crate::state::Console;

#[derive(Template)]
#[template(path = "console/account.html")]
struct AccountPage {
    frame: Frame,
    name: String,
    created: Moment,
    is_administrator: bool,
    links: Vec<ListedLink>,
}

impl AccountPage {
    /// The command by which the operator makes a link.
    fn command(&self) -> String {
        format!("iampass-server console link --name {}", self.name)
    }
}

/// A line of the list of open links.
struct ListedLink {
    /// The use of the link, as a sentence without its end.
    purpose: String,
    until: Moment,
    kind: LinkKind,
    key: i64,
}

/// The table that a link is in, as forms name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LinkKind {
    Console,
    Registration,
}

impl LinkKind {
    const fn word(self) -> &'static str {
        match self {
            Self::Console => "console",
            Self::Registration => "registration",
        }
    }
}

impl ListedLink {
    fn new(frame: &Frame, link: OpenLink) -> Self {
        let (kind, key) = match link.key {
            LinkKey::Console(key) => (LinkKind::Console, key),
            LinkKey::Registration(user) => (LinkKind::Registration, user.0),
        };
        Self { purpose: said(frame, link.purpose), until: frame.moment(link.expires_at), kind, key }
    }
}

fn said(frame: &Frame, purpose: LinkPurpose) -> String {
    match purpose {
        LinkPurpose::OwnPhone => frame.t("link-own-phone").to_owned(),
        LinkPurpose::PhoneOf(account) => frame.one("link-phone-of", "account", account),
        LinkPurpose::NewAdministrator(None) => frame.t("link-new-administrator").to_owned(),
        LinkPurpose::NewAdministrator(Some(name)) => {
            frame.one("link-new-administrator-named", "account", name)
        }
        LinkPurpose::Invitation { application, role } => {
            frame.two("link-invitation", ("application", application), ("role", frame.role_of(role)))
        }
        LinkPurpose::PhoneOfUser { application, user } => {
            frame.two("link-phone-of-user", ("user", user), ("application", application))
        }
    }
}

/// `GET /console/account`
pub(crate) async fn page(
    State(console): State<Console>,
    account: SignedIn,
    Query(asked): Asked,
) -> Result<Response, PageError> {
    let notice = match asked.get("done").map(String::as_str) {
        Some("link-ended") => Some("own-link-ended"),
        _ => None,
    };
    let frame = Frame::new(&console, &account, "your-account", Here::Account).with_notice(notice);
    let account = account.account();
    let links = console.database().open_links(account.key).await?;
    let page = AccountPage {
        name: account.name.clone(),
        created: frame.moment(account.created_at),
        is_administrator: account.is_administrator,
        links: links.into_iter().map(|link| ListedLink::new(&frame, link)).collect(),
        frame,
    };
    show(StatusCode::OK, &page)
}

/// The link that is to end.
#[derive(Debug, Deserialize)]
pub(crate) struct EndedLink {
    kind: LinkKind,
    key: i64,
}

/// `POST /console/account/end-link`
pub(crate) async fn end_link(
    State(console): State<Console>,
    account: SignedIn,
    Fields(given): Fields<EndedLink>,
) -> Result<Response, PageError> {
    let link = match given.kind {
        LinkKind::Console => LinkKey::Console(given.key),
        LinkKind::Registration => LinkKey::Registration(UserKey(given.key)),
    };
    let own = account.account();
    let noted = account.noted(None, "account.link-ended", Some(own.name.clone()));
    // One that was used in the meantime is gone as well.
    console.database().end_link(own.key, link, account.actor(), noted).await?;
    Ok(done(&format!("{}/account", console.base()), "link-ended"))
}
