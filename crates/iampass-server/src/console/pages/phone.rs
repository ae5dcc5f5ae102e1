//! The phone of a user: a link that registers one, and taking one away.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use iampass_core::RegistrationLink;
use iampass_server_storage::{LinkCode, NewLink, UserChange, UserKey};

use super::confirm::{ConfirmPage, Confirmation, Confirmed};
use super::user::{NamedUser, change, counted, named, stamp_of};
use crate::console::access::InApplication;
use crate::console::fields::Fields;
use crate::console::frame::{Frame, Tab, done, show};
use crate::console::moment::Moment;
use crate::console::page_error::PageError;
use crate::console::state::Console;

/// The sides of the QR code in pixels, at least.
const QR_SIZE: u32 = 240;

/// A registration link, this once.
#[derive(Template)]
#[template(path = "console/registration_link.html")]
struct LinkPage {
    frame: Frame,
    user: String,
    /// The page about the user.
    place: String,
    address: String,
    qr: Option<String>,
    until: Moment,
    /// Whether it takes the place of a phone that is there.
    replaces: bool,
    stamp: u64,
}

/// `GET /console/applications/{application}/users/{user}/link`
pub(in crate::console) async fn link_page(
    State(console): State<Console>,
    here: InApplication,
    Path((_, key)): Path<(String, i64)>,
) -> Result<Response, PageError> {
    let user = named(&console, &here, UserKey(key)).await?;
    let stays = match user.details.phone {
        Some(_) => {
            "The phone that is registered stays until the link is used. Then it can confirm nothing any more, and its sessions end."
        }
        None => "No phone is registered, so this user cannot sign in until the link is used.",
    };
    let page = ConfirmPage {
        frame: Frame::in_application(&console, &here, "Registration link", Tab::Users),
        heading: format!("Make a registration link for {}?", user.details.id),
        ends: vec![
            "The first person who opens the link registers the phone that confirms the sign-ins of this user. It is shown once, and works once."
                .to_owned(),
            stays.to_owned(),
            "A link that was made earlier is good no longer. This one ends with your membership, too.".to_owned(),
        ],
        name: None,
        button: "Make the link",
        action: format!("{}/link", user.place),
        cancel: user.place,
        problem: None,
    };
    page.ask()
}

/// `POST /console/applications/{application}/users/{user}/link`
pub(in crate::console) async fn make_link(
    State(console): State<Console>,
    here: InApplication,
    Path((_, key)): Path<(String, i64)>,
) -> Result<Response, PageError> {
    let user = named(&console, &here, UserKey(key)).await?;
    let (link, code) = drawn(&console, &here, &user)?;
    change(&console, &here, &user, UserChange::MakeLink(link, code.clone()), "registration-link.made")
        .await?;
    show_link(&console, &here, key, &code).await
}

/// `GET /console/applications/{application}/users/{user}/lost`
pub(in crate::console) async fn lost_page(
    State(console): State<Console>,
    here: InApplication,
    Path((_, key)): Path<(String, i64)>,
) -> Result<Response, PageError> {
    losing(&console, &here, &named(&console, &here, UserKey(key)).await?).ask()
}

/// `POST /console/applications/{application}/users/{user}/lost`
pub(in crate::console) async fn lost(
    State(console): State<Console>,
    here: InApplication,
    Path((_, key)): Path<(String, i64)>,
    Fields(given): Fields<Confirmation>,
) -> Result<Response, PageError> {
    let user = named(&console, &here, UserKey(key)).await?;
    if let Confirmed::Not(answer) = losing(&console, &here, &user).settle(&given)? {
        return Ok(answer);
    }
    let (link, code) = drawn(&console, &here, &user)?;
    change(&console, &here, &user, UserChange::PhoneLost(link, code.clone()), "phone.lost").await?;
    show_link(&console, &here, key, &code).await
}

fn losing(console: &Console, here: &InApplication, user: &NamedUser) -> ConfirmPage {
    ConfirmPage {
        frame: Frame::in_application(console, here, "Phone lost", Tab::Users),
        heading: format!("Is the phone of {} lost?", user.details.id),
        ends: vec![
            "The phone that is registered can confirm nothing any more.".to_owned(),
            format!("{} end at once.", counted(&user.details, "session")),
            "You get a link that registers another phone. A link that was made earlier is good no longer."
                .to_owned(),
        ],
        name: None,
        button: "Disable the phone",
        action: format!("{}/lost", user.place),
        cancel: user.place.clone(),
        problem: None,
    }
}

/// `GET /console/applications/{application}/users/{user}/remove-phone`
pub(in crate::console) async fn remove_page(
    State(console): State<Console>,
    here: InApplication,
    Path((_, key)): Path<(String, i64)>,
) -> Result<Response, PageError> {
    removing(&console, &here, &named(&console, &here, UserKey(key)).await?).ask()
}

/// `POST /console/applications/{application}/users/{user}/remove-phone`
pub(in crate::console) async fn remove(
    State(console): State<Console>,
    here: InApplication,
    Path((_, key)): Path<(String, i64)>,
    Fields(given): Fields<Confirmation>,
) -> Result<Response, PageError> {
    let user = named(&console, &here, UserKey(key)).await?;
    if let Confirmed::Not(answer) = removing(&console, &here, &user).settle(&given)? {
        return Ok(answer);
    }
    change(&console, &here, &user, UserChange::RemovePhone, "phone.removed").await?;
    Ok(done(&user.place, "phone-removed"))
}

fn removing(console: &Console, here: &InApplication, user: &NamedUser) -> ConfirmPage {
    ConfirmPage {
        frame: Frame::in_application(console, here, "Remove a phone", Tab::Users),
        heading: format!("Remove the phone of {}?", user.details.id),
        ends: vec![
            "The user can sign in no longer, until another phone is registered.".to_owned(),
            format!("{} end at once.", counted(&user.details, "session")),
        ],
        name: None,
        button: "Remove the phone",
        action: format!("{}/remove-phone", user.place),
        cancel: user.place.clone(),
        problem: None,
    }
}

fn drawn(
    console: &Console,
    here: &InApplication,
    user: &NamedUser,
) -> Result<(NewLink, LinkCode), PageError> {
    let link = NewLink {
        application: here.application().key,
        user: user.details.id.clone(),
        // The Console knows no names of people.
        display_name: None,
        lifetime: console.app()?.config.link_lifetime,
    };
    Ok((link, LinkCode::draw()?))
}

async fn show_link(
    console: &Console,
    here: &InApplication,
    key: i64,
    code: &LinkCode,
) -> Result<Response, PageError> {
    let user = named(console, here, UserKey(key)).await?;
    let address = format!("{}/r/{}", console.server(), code.as_str());
    let qr = qr_of(&address);
    let frame = Frame::in_application(console, here, "Registration link", Tab::Users);
    let page = LinkPage {
        user: user.details.id.to_string(),
        until: frame.moment(user.details.link_until.ok_or(PageError::NotFound)?),
        replaces: user.details.phone.is_some(),
        stamp: stamp_of(&user.details),
        place: user.place,
        address,
        qr,
        frame,
    };
    show(StatusCode::CREATED, &page)
}

/// The QR code of a registration link, to be put into a page: an element, no document.
pub(super) fn qr_of(address: &str) -> Option<String> {
    let svg = RegistrationLink::parse(address).ok()?.qr_svg(QR_SIZE)?;
    svg.find("<svg").and_then(|start| svg.get(start..).map(str::to_owned))
}
