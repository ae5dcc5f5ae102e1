//! The phone of a user: a link that registers one, and taking one away.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::StatusCode;
use iampass_core::RegistrationLink;
use iampass_server_storage::{DeviceKey, LinkCode, LinkKind, NewLink, UserChange, UserKey};
use serde::Deserialize;

use super::confirm::{ConfirmPage, Confirmation, Confirmed};
use super::user::{NamedUser, change, named, sessions_end, stamp_of};
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
        (false, LinkKind::Replaces) => "registration-replaces",
        (false, LinkKind::Adds | LinkKind::Recovers) => "registration-adds",
        (true, _) => "registration-no-phone",
    };
    let frame = Frame::in_application(&console, &here, "registration-title", Tab::Users);
    let page = ConfirmPage {
        heading: frame.one("registration-heading", "user", &user.details.id),
        ends: frame.all(["registration-first", stays, "registration-earlier"]),
        name: None,
        button: "link-make",
        action: match kind {
            LinkKind::Replaces => format!("{}/link", user.place),
            LinkKind::Adds | LinkKind::Recovers => format!("{}/link?adds=yes", user.place),
        },
        cancel: user.place,
        problem: None,
        frame,
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
    let frame = Frame::in_application(console, here, "user-phone-lost", Tab::Users);
    ConfirmPage {
        heading: frame.one("lost-heading", "user", &user.details.id),
        ends: vec![
            frame.t("lost-all").to_owned(),
            sessions_end(&frame, &user.details),
            frame.t("lost-link").to_owned(),
        ],
        name: None,
        button: "lost-disable",
        action: format!("{}/lost", user.place),
        cancel: user.place.clone(),
        problem: None,
        frame,
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
    let frame = Frame::in_application(console, here, "remove-phone-title", Tab::Users);
    if let (Some(phone), true) = (phone, all.len() > 1) {
        let end = match phone.name.as_str() {
            "" => frame.t("remove-one-unnamed").to_owned(),
            name => frame.one("remove-one", "phone", name),
        };
        return Ok(ConfirmPage {
            heading: frame.one("remove-one-heading", "user", &user.details.id),
            ends: vec![end, frame.t("remove-one-others").to_owned()],
            name: None,
            button: "remove-phone",
            action: format!("{}/remove-phone?phone={}", user.place, phone.key.0),
            cancel: user.place.clone(),
            problem: None,
            frame,
        });
    }
    Ok(ConfirmPage {
        heading: frame.one("remove-all-heading", "user", &user.details.id),
        ends: vec![frame.t("remove-all").to_owned(), sessions_end(&frame, &user.details)],
        name: None,
        button: "remove-phone",
        action: format!("{}/remove-phone", user.place),
        cancel: user.place.clone(),
        problem: None,
        frame,
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
    let frame = Frame::in_application(console, here, "registration-title", Tab::Users);
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
