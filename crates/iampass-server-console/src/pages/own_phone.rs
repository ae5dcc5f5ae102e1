//! Another phone for the own account, with the phone of today at hand. A session alone registers none.

use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use iampass_server_storage::{LinkCode, PhoneLinkMade};

use super::confirm::ConfirmPage;
use super::phone::qr_of;
use crate::access::SignedIn;
use crate::account_links::own_application;
use crate::frame::{Frame, Here, show};
use crate::moment::Moment;
use crate::page_error::PageError;
use crate::state::Console;

/// How long the link can be opened on the other phone.
const LIFETIME: Duration = Duration::from_secs(15 * 60);

/// A registration link for the own account, this once.
#[derive(Template)]
#[template(path = "console/own_phone_link.html")]
struct LinkPage {
    frame: Frame,
    address: String,
    qr: Option<String>,
    until: Moment,
    /// Where the account is, by way of the login: the sessions of today have ended by then.
    login: String,
}

/// `GET /console/account/phone`
pub(crate) async fn page(State(console): State<Console>, account: SignedIn) -> Result<Response, PageError> {
    let own = format!("{}/account", console.base());
    let frame = Frame::new(&console, &account, "own-phone-register", Here::Account);
    let page = ConfirmPage {
        heading: frame.t("own-phone-heading").to_owned(),
        ends: frame.all(["own-phone-once", "own-phone-stays", "own-phone-sessions"]),
        name: None,
        button: "link-make",
        action: format!("{own}/phone"),
        cancel: own,
        problem: None,
        frame,
    };
    page.ask()
}

/// `POST /console/account/phone`
pub(crate) async fn make_link(
    State(console): State<Console>,
    account: SignedIn,
) -> Result<Response, PageError> {
    let own = own_application(console.database()).await.map_err(|error| {
        tracing::error!(%error, "the Console's application is not there");
        PageError::Internal
    })?;
    let code = LinkCode::draw()?;
    let key = account.account().key;
    match console.database().make_phone_link(key, own.key, code.clone(), LIFETIME, account.actor()).await? {
        PhoneLinkMade::Made => {}
        PhoneLinkMade::NoPhone => return Err(PageError::NotFound),
        PhoneLinkMade::TooNew => return Err(PageError::PhoneTooNew),
    }
    let address = format!("{}/r/{}", console.server(), code.as_str());
    let frame = Frame::new(&console, &account, "own-phone-register", Here::Account);
    let page = LinkPage {
        until: frame.moment(console.now().plus(LIFETIME)),
        qr: qr_of(&address),
        login: console.login().page_context().links.login_to(&format!("{}/account", console.base())),
        address,
        frame,
    };
    show(StatusCode::CREATED, &page)
}
