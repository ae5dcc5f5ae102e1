//! Registering a phone. Belongs here: who may, the link, and that the page goes on by itself. Does not belong here: replacing a lost phone
//! ([`crate::lost_phone`]).
//!
//! Only the page makes a link. It is kept with the ticket, sealed, so that every node and every tab shows the same one, and asking how far the
//! registration is makes no other.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use iampass_core::machine::{EnrolmentEvent, EnrolmentOptions, EnrolmentOutcome};
use iampass_core::port::{StoreError, UserKey};
use iampass_core::{RegistrationLink, UserToken};
use serde_json::json;

use crate::answer::HttpAnswer;
use crate::cookies::Name;
use crate::events;
use crate::login_web::LoginWeb;
use crate::pages::{EnrolPage, EnrolState};
use crate::request::{Headers, Request, field};
use crate::ticket::{AddedBy, LinkStanding, Ticket};

/// How long a page waits for the link before it is shown without.
const LINK_WAIT: Duration = Duration::from_secs(5);

/// How often a page that waits looks whether its ticket is still good.
const LOOK: Duration = Duration::from_secs(2);

/// How wide the QR code is drawn.
const QR_PIXELS: u32 = 240;

/// The outcome of making a link.
enum Made {
    Link(RegistrationLink),
    /// The user has a phone already.
    Registered,
    /// The ticket was used up.
    Spent,
    NotYet,
    Failed,
}

impl<U: Clone + Send + Sync + 'static> LoginWeb<U> {
    /// Lets this browser register a phone for a user who has none: for the application's own sign-up, when it has stored the new user.
    /// The answer sets a cookie and leads to the page with the QR code, which goes on to `return_to` when the phone is registered.
    ///
    /// The browser that gets this answer can log in as that user from then on, with a phone of its own, unless the user has one already. So
    /// give it only to somebody who has just shown to be that user.
    pub fn begin_enrolment(&self, user: &UserKey, display_name: &str, return_to: &str) -> HttpAnswer {
        // No request of a browser is at hand here.
        self.enrolment(&Headers::default(), user, display_name, return_to, None)
    }

    /// The same with a link that was made already.
    pub(crate) fn enrolment(
        &self,
        headers: &Headers,
        user: &UserKey,
        display_name: &str,
        return_to: &str,
        link: Option<&RegistrationLink>,
    ) -> HttpAnswer {
        let (now, home) = (self.client().now().unix_millis(), self.config().own_place(return_to));
        match Ticket::new(user, display_name, home.as_str(), now, link) {
            Some(ticket) => self.lead_to_enrolment(&ticket),
            None => self.show_enrol(headers, 503, display_name, EnrolState::Failed, home.as_str()),
        }
    }

    /// Shows a link that adds a phone to those that the user has.
    pub(crate) fn adding(
        &self,
        headers: &Headers,
        user: &UserKey,
        display_name: &str,
        return_to: &str,
        link: &RegistrationLink,
        by: AddedBy,
    ) -> HttpAnswer {
        let now = self.client().now().unix_millis();
        match Ticket::new(user, display_name, return_to, now, Some(link)) {
            Some(ticket) => self.lead_to_enrolment(&ticket.adding(by)),
            None => self.show_enrol(headers, 503, display_name, EnrolState::Failed, return_to),
        }
    }

    fn lead_to_enrolment(&self, ticket: &Ticket) -> HttpAnswer {
        match ticket.cookie(&self.config().cookies) {
            Some(cookie) => HttpAnswer::see_other(self.config().site.links.enrol()).with_cookie(&cookie),
            None => HttpAnswer::text(422, "The name is too long."),
        }
    }

    fn ticket(&self, request: &Request) -> Option<Ticket> {
        let ticket: Option<Ticket> =
            self.config().cookies.open(Name::Ticket, request.headers.cookie.as_deref());
        ticket.filter(|ticket| ticket.until > self.client().now().unix_millis())
    }

    /// The user's token, if there is one yet.
    async fn token_of(&self, ticket: &Ticket) -> Option<UserToken> {
        match self.client().token_store()?.token_for(&ticket.user_key()).await {
            Ok(token) => token,
            Err(error) => {
                tracing::error!(%error, "a user's token could not be looked up");
                None
            }
        }
    }

    /// `GET enrol`
    pub(crate) async fn enrol_page(&self, request: &Request) -> HttpAnswer {
        let Some(ticket) = self.ticket(request) else {
            return self.show_enrol(&request.headers, 403, "", EnrolState::NoTicket, &self.config().home);
        };
        // A script of the page must not read the link, only a person who goes to it.
        if !request.headers.is_navigation() {
            return HttpAnswer::json(403, &json!({ "error": "navigation_only" }));
        }
        match self.enrol_state_of(&ticket).await {
            Ok(Made::Link(link)) => {
                let qr_svg = link.qr_svg(QR_PIXELS).unwrap_or_default();
                let (url, qr_svg) = (link.as_str(), qr_svg.as_str());
                let state = match ticket.adds {
                    None => EnrolState::Link { url, qr_svg },
                    Some(by) => EnrolState::Adds { url, qr_svg, is_confirmed: by == AddedBy::RecoveryCode },
                };
                self.show_enrol(&request.headers, 200, &ticket.name, state, &ticket.return_to)
            }
            Ok(Made::Registered) => self
                .show_enrol(&request.headers, 200, &ticket.name, EnrolState::Registered, &ticket.return_to)
                .with_cookie(&self.config().cookies.removal(Name::Ticket)),
            Ok(Made::Spent) => self
                .show_enrol(&request.headers, 403, "", EnrolState::NoTicket, &self.config().home)
                .with_cookie(&self.config().cookies.removal(Name::Ticket)),
            Ok(Made::NotYet) => {
                self.show_enrol(&request.headers, 200, &ticket.name, EnrolState::Preparing, &ticket.return_to)
            }
            Ok(Made::Failed) => {
                self.show_enrol(&request.headers, 503, &ticket.name, EnrolState::Failed, &ticket.return_to)
            }
            Err(error) => {
                tracing::error!(%error, "it could not be looked up how far the registration of a phone is");
                self.unavailable(&request.headers)
            }
        }
    }

    async fn enrol_state_of(&self, ticket: &Ticket) -> Result<Made, StoreError> {
        // A user to whose phones one is added has one all the time: that says nothing.
        if ticket.adds.is_none() && self.is_registered(ticket).await {
            self.tickets().spend(ticket).await?;
            return Ok(Made::Registered);
        }
        if self.tickets().is_spent(ticket).await? {
            return Ok(Made::Spent);
        }
        if let Some(link) = &ticket.link {
            return Ok(RegistrationLink::parse(link).map_or(Made::Failed, Made::Link));
        }
        match self.tickets().link(ticket, &self.config().cookies).await? {
            LinkStanding::Made(link) => Ok(Made::Link(link)),
            LinkStanding::InMaking => Ok(Made::NotYet),
            LinkStanding::Make => {
                let made = self.make_link(ticket).await;
                let link = if let Made::Link(link) = &made { Some(link) } else { None };
                self.tickets().is_made(ticket, &self.config().cookies, link).await?;
                if matches!(made, Made::Registered) {
                    self.tickets().spend(ticket).await?;
                }
                Ok(made)
            }
        }
    }

    async fn is_registered(&self, ticket: &Ticket) -> bool {
        let Some(user) = self.token_of(ticket).await else { return false };
        let asked = self.client().has_registered_device(&user);
        matches!(tokio::time::timeout(LINK_WAIT, asked).await, Ok(Ok(true)))
    }

    async fn make_link(&self, ticket: &Ticket) -> Made {
        let left = ticket.until.since(self.client().now().unix_millis());
        let options = EnrolmentOptions::default().display_name(&ticket.name).deadline(left);
        let Ok(mut flow) = self.client().enrol(&ticket.user_key(), options) else {
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
                        tell_failed(&error);
                        return Made::Failed;
                    }
                    _ => {}
                }
            }
            Made::Failed
        };
        tokio::time::timeout(LINK_WAIT, made).await.unwrap_or(Made::NotYet)
    }

    fn show_enrol(
        &self,
        headers: &Headers,
        status: u16,
        name: &str,
        state: EnrolState<'_>,
        return_to: &str,
    ) -> HttpAnswer {
        let page = EnrolPage { name, state, return_to };
        HttpAnswer::page(status, self.config().pages.enrol(self.config().site_for(headers), &page))
    }

    /// The page comes again and says so where it could not be stored.
    async fn note_spent(&self, ticket: &Ticket) {
        if let Err(error) = self.tickets().spend(ticket).await {
            tracing::warn!(%error, "it could not be stored that a ticket is used up");
        }
    }

    /// `GET enrol/events`
    pub(crate) async fn enrol_events(&self, request: &Request) -> HttpAnswer {
        let Some(ticket) = self.ticket(request) else { return HttpAnswer::events(events::moved_now()) };
        let (web, without_link) = (self.clone(), is_without_link(request) || ticket.adds.is_some());
        let moves = stream::once(async move {
            loop {
                if without_link || web.client().now().unix_millis() >= ticket.until {
                    tokio::time::sleep(LOOK).await;
                    return;
                }
                let Some(user) = web.token_of(&ticket).await else {
                    tokio::time::sleep(LOOK).await;
                    continue;
                };
                let awaited = web.registrations().of(web.client(), &user);
                let mut registered = awaited.watch();
                let heard = tokio::time::timeout(LOOK, registered.wait_for(|is_registered| *is_registered));
                if matches!(heard.await, Ok(Ok(_))) {
                    return web.note_spent(&ticket).await;
                }
                awaited.want();
            }
        });
        HttpAnswer::events(events::moved_when(moves.boxed()))
    }

    /// `GET enrol/state`
    pub(crate) async fn enrol_state(&self, request: &Request) -> HttpAnswer {
        let moved = match self.ticket(request) {
            None => true,
            Some(_) if is_without_link(request) => true,
            Some(ticket) if ticket.adds.is_some() => false,
            Some(ticket) => match self.token_of(&ticket).await {
                Some(user) => {
                    let is_registered = self.registrations().of(self.client(), &user).is_registered();
                    if is_registered {
                        self.note_spent(&ticket).await;
                    }
                    is_registered
                }
                None => false,
            },
        };
        HttpAnswer::json(200, &json!({ "moved": moved }))
    }
}

/// Tells the operator why, and what to do.
fn tell_failed(error: &iampass_core::Error) {
    let explanation = error.reason().and_then(iampass_core::wire::Reason::explanation);
    let advice = explanation.map_or("Call `Client::check` to see what is wrong.", |it| it.what_to_do);
    tracing::error!(%error, advice, "no registration link could be made");
}

/// Whether the page that asks shows no link yet.
fn is_without_link(request: &Request) -> bool {
    field(request.query.as_bytes(), "without").is_some()
}
