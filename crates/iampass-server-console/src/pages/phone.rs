//! The phone of a user: a link that registers one, and taking one away.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::StatusCode;
use iampass_core::RegistrationLink;
use iampass_server_storage::{DeviceKey, LinkCode, LinkKind, NewLink, UserChange, UserKey};
use serde::Deserialize;

use super::confirm::{ConfirmPage, Confirmation, Confirmed};
use super::user::{NamedUser, change, counted, named, stamp_of};
use crate::access::InApplication;
use crate::fields::Fields;
use crate::frame::{Frame, Tab, done, show};
use crate::moment::Moment;
use crate::page_error::PageError;
use crate::state::Console;

/// The sides of the QR code in pixels, at least.
const QR_SIZE: u32 = 240;

/// The query of a page.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Wanted {
    /// `yes`: the new phone is added, and those that are there stay.
    #[serde(default)]
    adds: Option<String>,
    /// The row of one phone.
    #[serde(default)]
    phone: Option<i64>,
}

impl Wanted {
    fn kind(&self) -> LinkKind {
        match self.adds.as_deref() {
            Some("yes") => LinkKind::Adds,
            _ => LinkKind::Replaces,
        }
    }
}

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
    /// Whether it adds a phone to those that are there.
    adds: bool,
    stamp: u64,
}

/// `GET /console/applications/{application}/users/{user}/link`
pub(crate) async fn link_page(
    State(console): State<Console>,
    here: InApplication,
    Path((_, key)): Path<(String, i64)>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let user = named(&console, &here, UserKey(key)).await?;
    let kind = wanted.kind();
    let stays = match (user.details.phones.all.is_empty(), kind) {
        (false, LinkKind::Replaces) => {
            "The phone that is registered stays until the link is used. Then it can accept nothing any more, and its sessions end. \
             So do all others that this user has."
        }
        (false, LinkKind::Adds | LinkKind::Recovers) => {
            "The phones that are registered stay. One of them confirms the new one, by the code that the new one shows; or the user types \
             a recovery code on the new one."
        }
        (true, _) => "No phone is registered, so this user cannot sign in until the link is used.",
    };
    let page = ConfirmPage {
        frame: Frame::in_application(&console, &here, "Registration link", Tab::Users),
        heading: format!("Make a registration link for {}?", user.details.id),
        ends: vec![
            "The first person who opens the link registers the phone that accepts the sign-ins of this user. It is shown once, and works once."
                .to_owned(),
            stays.to_owned(),
            "A link that was made earlier is good no longer. This one ends with your membership, too.".to_owned(),
        ],
        name: None,
        button: "Make the link",
        action: match kind {
            LinkKind::Replaces => format!("{}/link", user.place),
            LinkKind::Adds | LinkKind::Recovers => format!("{}/link?adds=yes", user.place),
        },
        cancel: user.place,
        problem: None,
    };
    page.ask()
}

/// `POST /console/applications/{application}/users/{user}/link`
pub(crate) async fn make_link(
    State(console): State<Console>,
    here: InApplication,
    Path((_, key)): Path<(String, i64)>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let user = named(&console, &here, UserKey(key)).await?;
    let kind = wanted.kind();
    let (link, code) = drawn(&console, &here, &user)?;
    let action = match kind {
        LinkKind::Replaces => "registration-link.made",
        LinkKind::Adds | LinkKind::Recovers => "registration-link.made-to-add",
    };
    change(&console, &here, &user, UserChange::MakeLink(link, code.clone(), kind), action).await?;
    show_link(&console, &here, key, &code, kind).await
}

/// `GET /console/applications/{application}/users/{user}/lost`
pub(crate) async fn lost_page(
    State(console): State<Console>,
    here: InApplication,
    Path((_, key)): Path<(String, i64)>,
) -> Result<Response, PageError> {
    losing(&console, &here, &named(&console, &here, UserKey(key)).await?).ask()
}

/// `POST /console/applications/{application}/users/{user}/lost`
pub(crate) async fn lost(
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
    show_link(&console, &here, key, &code, LinkKind::Replaces).await
}

fn losing(console: &Console, here: &InApplication, user: &NamedUser) -> ConfirmPage {
    ConfirmPage {
        frame: Frame::in_application(console, here, "Phone lost", Tab::Users),
        heading: format!("Is the phone of {} lost?", user.details.id),
        ends: vec![
            "The phone that is registered can accept nothing any more, nor can any other of this user. Recovery codes end, too.".to_owned(),
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
pub(crate) async fn remove_page(
    State(console): State<Console>,
    here: InApplication,
    Path((_, key)): Path<(String, i64)>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    removing(&console, &here, &named(&console, &here, UserKey(key)).await?, wanted.phone)?.ask()
}

/// `POST /console/applications/{application}/users/{user}/remove-phone`
pub(crate) async fn remove(
    State(console): State<Console>,
    here: InApplication,
    Path((_, key)): Path<(String, i64)>,
    Query(wanted): Query<Wanted>,
    Fields(given): Fields<Confirmation>,
) -> Result<Response, PageError> {
    let user = named(&console, &here, UserKey(key)).await?;
    if let Confirmed::Not(answer) = removing(&console, &here, &user, wanted.phone)?.settle(&given)? {
        return Ok(answer);
    }
    let removal = match wanted.phone {
        Some(phone) => UserChange::RemoveOnePhone(DeviceKey(phone)),
        None => UserChange::RemovePhone,
    };
    change(&console, &here, &user, removal, "phone.removed").await?;
    Ok(done(&user.place, "phone-removed"))
}

/// Removing one phone, or all that the user has.
fn removing(
    console: &Console,
    here: &InApplication,
    user: &NamedUser,
    phone: Option<i64>,
) -> Result<ConfirmPage, PageError> {
    let all = &user.details.phones.all;
    let phone = match phone {
        Some(key) => Some(all.iter().find(|phone| phone.key.0 == key).ok_or(PageError::NotFound)?),
        None => None,
    };
    if let (Some(phone), true) = (phone, all.len() > 1) {
        let name = if phone.name.is_empty() { "without a name".to_owned() } else { phone.name.clone() };
        return Ok(ConfirmPage {
            frame: Frame::in_application(console, here, "Remove a phone", Tab::Users),
            heading: format!("Remove a phone of {}?", user.details.id),
            ends: vec![
                format!("The phone {name} can confirm nothing any more, and its sessions end at once."),
                "The other phones of this user stay, and are told.".to_owned(),
            ],
            name: None,
            button: "Remove the phone",
            action: format!("{}/remove-phone?phone={}", user.place, phone.key.0),
            cancel: user.place.clone(),
            problem: None,
        });
    }
    Ok(ConfirmPage {
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
    })
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
        lifetime: console.facts().link_lifetime,
    };
    Ok((link, LinkCode::draw()?))
}

async fn show_link(
    console: &Console,
    here: &InApplication,
    key: i64,
    code: &LinkCode,
    kind: LinkKind,
) -> Result<Response, PageError> {
    let user = named(console, here, UserKey(key)).await?;
    let has_phone = !user.details.phones.all.is_empty();
    let address = format!("{}/r/{}", console.server(), code.as_str());
    let qr = qr_of(&address);
    let frame = Frame::in_application(console, here, "Registration link", Tab::Users);
    let page = LinkPage {
        user: user.details.id.to_string(),
        until: frame.moment(user.details.link_until.ok_or(PageError::NotFound)?),
        replaces: has_phone && kind == LinkKind::Replaces,
        adds: has_phone && kind == LinkKind::Adds,
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
