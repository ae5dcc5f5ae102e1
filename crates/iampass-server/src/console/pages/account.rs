//! What somebody sees of the own account.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use crate::console::access::SignedIn;
use crate::console::errors::PageError;
use crate::console::frame::{Frame, Here, show};
use crate::console::house::Console;
use crate::console::moment::Moment;

#[derive(Template)]
#[template(path = "console/account.html")]
struct AccountPage {
    frame: Frame,
    name: String,
    created: Moment,
    is_administrator: bool,
}

/// `GET /console/account`
pub(in crate::console) async fn page(
    State(console): State<Console>,
    account: SignedIn,
) -> Result<Response, PageError> {
    let frame = Frame::new(&console, &account, "Your account", Here::Account);
    let account = account.account();
    let page = AccountPage {
        name: account.name.clone(),
        created: frame.moment(account.created_at),
        is_administrator: account.is_administrator,
        frame,
    };
    show(StatusCode::OK, &page)
}
