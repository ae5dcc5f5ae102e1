//! Registering a phone: for a user whom the application has just made, and for one who has lost the old phone. Belongs here: who may, the
//! link, and that the page goes on by itself.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use iampass_core::machine::{EnrolmentEvent, EnrolmentOptions, EnrolmentOutcome};
use iampass_core::port::UserKey;
use iampass_core::{Error, RegistrationLink, UnixSeconds};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::watch;

use crate::answer::Answer;
use crate::cookies::Name;
use crate::pages::{EnrolPage, EnrolState, LostPhonePage};
use crate::request::{Request, field};
use crate::{Admission, LoginWeb, UserDirectory, events, same_site};

/// For how long a ticket is good, and an enrolment is awaited.
const TICKET: Duration = Duration::from_secs(15 * 60);

/// How long a page waits for the link before it is shown without.
const LINK_WAIT: Duration = Duration::from_secs(3);

const AT_ONCE: u64 = 10_000;

/// How wide the QR code is drawn.
const QR_PIXELS: u32 = 240;

/// What the browser holds that may register a phone for somebody, sealed.
#[derive(Serialize, Deserialize)]
struct Ticket {
    user: String,
    name: String,
    return_to: String,
    until: UnixSeconds,
}

/// How far an enrolment is.
#[derive(Clone)]
enum Enrolling {
    Preparing,
    Link(Arc<RegistrationLink>),
    Registered,
    NotInTime,
    Failed,
}

impl Enrolling {
    /// Whether it is something new to a page that shows the link, or none yet.
    fn is_news(&self, without_link: bool) -> bool {
        match self {
            Self::Preparing => false,
            Self::Link(_) => without_link,
            Self::Registered | Self::NotInTime | Self::Failed => true,
        }
    }
}

/// The enrolments that this node awaits.
pub(crate) struct Enrolments {
    by_user: Cache<UserKey, watch::Receiver<Enrolling>>,
    runtime: tokio::runtime::Handle,
}

impl Enrolments {
    pub(crate) fn new(runtime: tokio::runtime::Handle) -> Self {
        Self { by_user: Cache::builder().max_capacity(AT_ONCE).time_to_live(TICKET).build(), runtime }
    }
}

impl<D: UserDirectory> LoginWeb<D> {
    /// Lets this browser register a phone for a user who has none: for the application's own sign-up, when it has stored the new user.
    /// The answer sets a cookie and leads to the page with the QR code, which goes on to `return_to` when the phone is registered.
    ///
    /// Whoever gets this answer can log in as that user from then on, with a phone of their own, unless the user has one already. So
    /// give it only to somebody who has just shown to be that user.
    pub fn begin_enrolment(&self, user: &UserKey, display_name: &str, return_to: &str) -> Answer {
        let ticket = Ticket {
            user: user.as_str().to_owned(),
            name: display_name.to_owned(),
            return_to: self.config().own_place(return_to).as_str().to_owned(),
            until: self.client().now().wall.plus(TICKET),
        };
        // One that was awaited before may have ended with a phone that is gone by now.
        self.enrolments().by_user.invalidate(user);
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

    /// The enrolment of this user, awaited on this node from now on.
    fn enrolling(&self, ticket: &Ticket) -> watch::Receiver<Enrolling> {
        let user = UserKey::new(ticket.user.clone());
        self.enrolments().by_user.get_with(user.clone(), || {
            let (teller, enrolling) = watch::channel(Enrolling::Preparing);
            let left = ticket.until.since(self.client().now().wall);
            let options = EnrolmentOptions::default().display_name(&ticket.name).deadline(left);
            match self.client().enrol(&user, options) {
                Ok(mut flow) => {
                    self.enrolments().runtime.spawn(async move {
                        while let Some(event) = flow.next().await {
                            match event {
                                EnrolmentEvent::Link(link) => {
                                    teller.send_replace(Enrolling::Link(Arc::new(link)));
                                }
                                EnrolmentEvent::Finished(end) => {
                                    teller.send_replace(over(end));
                                }
                                _ => {}
                            }
                        }
                    });
                }
                Err(_) => {
                    teller.send_replace(Enrolling::Failed);
                }
            }
            enrolling
        })
    }

    /// `GET enrol`
    pub(crate) async fn enrol_page(&self, request: &Request) -> Answer {
        let Some(ticket) = self.ticket(request) else {
            return self.show_enrol(403, "", EnrolState::NoTicket, &self.config().home);
        };
        let mut enrolling = self.enrolling(&ticket);
        let prepared = enrolling.wait_for(|enrolling| !matches!(enrolling, Enrolling::Preparing));
        let _ = tokio::time::timeout(LINK_WAIT, prepared).await;
        let state = enrolling.borrow().clone();
        let show =
            |status, state: EnrolState<'_>| self.show_enrol(status, &ticket.name, state, &ticket.return_to);
        match state {
            Enrolling::Preparing => show(200, EnrolState::Preparing),
            Enrolling::Link(link) => {
                let qr = link.qr_svg(QR_PIXELS).unwrap_or_default();
                show(200, EnrolState::Link { url: link.as_str(), qr_svg: &qr })
            }
            Enrolling::Registered => {
                self.forget_enrolment(&ticket);
                show(200, EnrolState::Registered).with_cookie(&self.config().cookies.removal(Name::Ticket))
            }
            // Another try begins when the page is loaded again.
            Enrolling::NotInTime => {
                self.forget_enrolment(&ticket);
                show(200, EnrolState::NotInTime)
            }
            Enrolling::Failed => {
                self.forget_enrolment(&ticket);
                show(503, EnrolState::Failed)
            }
        }
    }

    fn forget_enrolment(&self, ticket: &Ticket) {
        self.enrolments().by_user.invalidate(&UserKey::new(ticket.user.clone()));
    }

    fn show_enrol(&self, status: u16, name: &str, state: EnrolState<'_>, return_to: &str) -> Answer {
        let page = EnrolPage { name, state, return_to };
        Answer::page(status, self.config().pages.enrol(&self.config().site, &page))
    }

    /// `GET enrol/events`
    pub(crate) fn enrol_events(&self, request: &Request) -> Answer {
        let Some(ticket) = self.ticket(request) else { return Answer::events(events::moved_now()) };
        let enrolling = self.enrolling(&ticket);
        let without_link = is_without_link(request);
        let moves = stream::unfold(enrolling, move |mut enrolling| async move {
            enrolling.wait_for(|state| state.is_news(without_link)).await.ok()?;
            Some(((), enrolling))
        });
        Answer::events(events::moved_when(moves.boxed()))
    }

    /// `GET enrol/state`
    pub(crate) fn enrol_state(&self, request: &Request) -> Answer {
        let without_link = is_without_link(request);
        let moved =
            self.ticket(request).is_none_or(|ticket| self.enrolling(&ticket).borrow().is_news(without_link));
        Answer::json(200, &json!({ "moved": moved }))
    }

    /// `GET lost-phone`
    pub(crate) async fn lost_phone_page(&self, request: &Request) -> Answer {
        let user = match self.admit(&request.headers, &self.config().home).await {
            Admission::In(_, user) => Some(self.directory().display_name(&user)),
            Admission::Answer(_) => None,
        };
        let page = LostPhonePage { name: user.as_deref() };
        Answer::page(200, self.config().pages.lost_phone(&self.config().site, &page))
    }

    /// `POST lost-phone`: disables the old phone, which ends all sessions, and goes on to register a new one.
    pub(crate) async fn lost_phone(&self, request: &Request) -> Answer {
        if !same_site::is_from(&self.config().origin, &request.headers) {
            return self.refused_cross_site();
        }
        let here = self.config().site.links.lost_phone();
        let (live, user) = match self.admit_fresh(&request.headers, &here, Duration::ZERO).await {
            Admission::In(live, user) => (live, user),
            Admission::Answer(answer) => return answer,
        };
        // Where it is not known whether the old phone is gone, a new one must be possible, or nobody could ever log in again; and the
        // session stays, from which it can be tried once more.
        let is_done = match self.client().lost_device(&live.record().user).await {
            Ok(_) => true,
            Err(error) if error.was_surely_not_done() => return self.unavailable(&request.headers),
            Err(error) => {
                tracing::warn!(%error, "it is not known whether a lost phone was disabled");
                false
            }
        };
        let name = self.directory().display_name(&user);
        let answer = self.begin_enrolment(live.user(), &name, &self.config().home);
        if !is_done {
            return answer;
        }
        self.guard().log_out(&live).await;
        answer.with_cookie(&self.config().cookies.removal(Name::Session))
    }
}

/// Whether the page that asks shows no link yet.
fn is_without_link(request: &Request) -> bool {
    field(request.query.as_bytes(), "without").is_some()
}

fn over(end: Result<EnrolmentOutcome, Error>) -> Enrolling {
    match end {
        Ok(EnrolmentOutcome::Registered | EnrolmentOutcome::AlreadyRegistered) => Enrolling::Registered,
        Ok(EnrolmentOutcome::NotInTime) => Enrolling::NotInTime,
        _ => Enrolling::Failed,
    }
}
