//! Registering a phone. Belongs here: who may, the link, and that the page goes on by itself. Does not belong here: replacing a lost phone
//! ([`crate::lost_phone`]).
//!
//! Only the page makes a link. It is kept in the browser's ticket, sealed, so that every node shows the same one, and asking how far the
//! registration is makes no other.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use iampass_core::machine::{EnrolmentEvent, EnrolmentOptions, EnrolmentOutcome};
use iampass_core::port::UserKey;
use iampass_core::{RegistrationLink, UnixSeconds, UserToken};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::answer::Answer;
use crate::cookies::Name;
use crate::pages::{EnrolPage, EnrolState};
use crate::request::{Request, field};
use crate::{LoginWeb, UserDirectory, events};

/// For how long a ticket is good.
const TICKET: Duration = Duration::from_secs(15 * 60);

/// How long a page waits for the link before it is shown without.
const LINK_WAIT: Duration = Duration::from_secs(5);

/// How often a page that waits looks whether its ticket is still good.
const LOOK: Duration = Duration::from_secs(2);

/// How wide the QR code is drawn.
const QR_PIXELS: u32 = 240;

/// What the browser holds that may register a phone for somebody, sealed.
#[derive(Serialize, Deserialize)]
struct Ticket {
    user: String,
    name: String,
    return_to: String,
    until: UnixSeconds,
    /// The link that was made for it, once there is one.
    #[serde(default)]
    link: Option<String>,
}

/// What came of making a link.
enum Made {
    Link(RegistrationLink),
    /// The user has a phone already.
    Registered,
    NotYet,
    Failed,
}

impl<D: UserDirectory> LoginWeb<D> {
    /// Lets this browser register a phone for a user who has none: for the application's own sign-up, when it has stored the new user.
    /// The answer sets a cookie and leads to the page with the QR code, which goes on to `return_to` when the phone is registered.
    ///
    /// The browser that gets this answer can log in as that user from then on, with a phone of its own, unless the user has one already. So
    /// give it only to somebody who has just shown to be that user.
    pub fn begin_enrolment(&self, user: &UserKey, display_name: &str, return_to: &str) -> Answer {
        self.enrolment(user, display_name, return_to, None)
    }

    /// The same with a link that was made already.
    pub(crate) fn enrolment(
        &self,
        user: &UserKey,
        display_name: &str,
        return_to: &str,
        link: Option<&RegistrationLink>,
    ) -> Answer {
        let ticket = Ticket {
            user: user.as_str().to_owned(),
            name: display_name.to_owned(),
            return_to: self.config().own_place(return_to).as_str().to_owned(),
            until: self.client().now().wall.plus(TICKET),
            link: link.map(|link| link.as_str().to_owned()),
        };
        match self.config().cookies.sealed(Name::Ticket, &ticket, TICKET.as_secs()) {
            Some(cookie) => Answer::see_other(self.config().site.links.enrol()).with_cookie(&cookie),
            None => Answer::text(422, "The name is too long."),
        }
    }

    fn ticket(&self, request: &Request) -> Option<Ticket> {
        let ticket: Option<Ticket> =
            self.config().cookies.open(Name::Ticket, request.headers.cookie.as_deref());
        ticket.filter(|ticket| ticket.until > self.client().now().wall)
    }

    /// The user's token, if there is one yet.
    async fn token_of(&self, ticket: &Ticket) -> Option<UserToken> {
        let user = UserKey::new(ticket.user.clone());
        match self.client().token_store()?.token_for(&user).await {
            Ok(token) => token,
            Err(error) => {
                tracing::error!(%error, "a user's token could not be looked up");
                None
            }
        }
    }

    /// `GET enrol`
    pub(crate) async fn enrol_page(&self, request: &Request) -> Answer {
        let Some(mut ticket) = self.ticket(request) else {
            return self.show_enrol(403, "", EnrolState::NoTicket, &self.config().home);
        };
        // A script of the page must not read the link, only a person who goes to it.
        if !request.headers.is_navigation() {
            return Answer::json(403, &json!({ "error": "navigation_only" }));
        }
        if self.is_registered(&ticket).await {
            return self.registered(&ticket);
        }
        let mut is_new = false;
        if ticket.link.is_none() {
            match self.make_link(&ticket).await {
                Made::Link(link) => {
                    ticket.link = Some(link.as_str().to_owned());
                    is_new = true;
                }
                Made::Registered => return self.registered(&ticket),
                Made::NotYet => {
                    return self.show_enrol(200, &ticket.name, EnrolState::Preparing, &ticket.return_to);
                }
                Made::Failed => {
                    return self.show_enrol(503, &ticket.name, EnrolState::Failed, &ticket.return_to);
                }
            }
        }
        let link = ticket.link.as_deref().and_then(|link| RegistrationLink::parse(link).ok());
        let Some(link) = link else {
            return self.show_enrol(503, &ticket.name, EnrolState::Failed, &ticket.return_to);
        };
        let qr_svg = link.qr_svg(QR_PIXELS).unwrap_or_default();
        let state = EnrolState::Link { url: link.as_str(), qr_svg: &qr_svg };
        let page = self.show_enrol(200, &ticket.name, state, &ticket.return_to);
        if !is_new {
            return page;
        }
        let left = ticket.until.since(self.client().now().wall).as_secs();
        match self.config().cookies.sealed(Name::Ticket, &ticket, left) {
            Some(cookie) => page.with_cookie(&cookie),
            // It does not fit with the link, so each page load makes a new one. The one that is shown last is good.
            None => page,
        }
    }

    fn registered(&self, ticket: &Ticket) -> Answer {
        self.show_enrol(200, &ticket.name, EnrolState::Registered, &ticket.return_to)
            .with_cookie(&self.config().cookies.removal(Name::Ticket))
    }

    async fn is_registered(&self, ticket: &Ticket) -> bool {
        let Some(user) = self.token_of(ticket).await else { return false };
        let asked = self.client().has_registered_device(&user);
        matches!(tokio::time::timeout(LINK_WAIT, asked).await, Ok(Ok(true)))
    }

    async fn make_link(&self, ticket: &Ticket) -> Made {
        let left = ticket.until.since(self.client().now().wall);
        let options = EnrolmentOptions::default().display_name(&ticket.name).deadline(left);
        let Ok(mut flow) = self.client().enrol(&UserKey::new(ticket.user.clone()), options) else {
            return Made::Failed;
        };
        let made = async {
            while let Some(event) = flow.next().await {
                match event {
                    EnrolmentEvent::Link(link) => return Made::Link(link),
                    EnrolmentEvent::Finished(Ok(
                        EnrolmentOutcome::Registered | EnrolmentOutcome::AlreadyRegistered,
                    )) => return Made::Registered,
                    EnrolmentEvent::Finished(Ok(_)) => return Made::Failed,
                    EnrolmentEvent::Finished(Err(error)) => {
                        tracing::error!(%error, "no registration link could be made");
                        return Made::Failed;
                    }
                    _ => {}
                }
            }
            Made::Failed
        };
        tokio::time::timeout(LINK_WAIT, made).await.unwrap_or(Made::NotYet)
    }

    fn show_enrol(&self, status: u16, name: &str, state: EnrolState<'_>, return_to: &str) -> Answer {
        let page = EnrolPage { name, state, return_to };
        Answer::page(status, self.config().pages.enrol(&self.config().site, &page))
    }

    /// `GET enrol/events`
    pub(crate) async fn enrol_events(&self, request: &Request) -> Answer {
        let Some(ticket) = self.ticket(request) else { return Answer::events(events::moved_now()) };
        let (web, without_link) = (self.clone(), is_without_link(request));
        let moves = stream::once(async move {
            loop {
                if without_link || web.client().now().wall >= ticket.until {
                    tokio::time::sleep(LOOK).await;
                    return;
                }
                let Some(user) = web.token_of(&ticket).await else {
                    tokio::time::sleep(LOOK).await;
                    continue;
                };
                let awaited = web.registrations().of(web.client(), &user);
                let mut registered = awaited.watch();
                match tokio::time::timeout(LOOK, registered.wait_for(|is_registered| *is_registered)).await {
                    Ok(Ok(_)) => return,
                    _ => awaited.want(),
                }
            }
        });
        Answer::events(events::moved_when(moves.boxed()))
    }

    /// `GET enrol/state`
    pub(crate) async fn enrol_state(&self, request: &Request) -> Answer {
        let moved = match self.ticket(request) {
            None => true,
            Some(_) if is_without_link(request) => true,
            Some(ticket) => match self.token_of(&ticket).await {
                Some(user) => self.registrations().of(self.client(), &user).is_registered(),
                None => false,
            },
        };
        Answer::json(200, &json!({ "moved": moved }))
    }
}

/// Whether the page that asks shows no link yet.
fn is_without_link(request: &Request) -> bool {
    field(request.query.as_bytes(), "without").is_some()
}
