//! Tickets: what a browser holds that may register a phone for somebody. Belongs here: what is in one, what all nodes know of it, and when it
//! is used up. Does not belong here: the page ([`crate::enrol`]).
//!
//! All copies of a ticket show the same link. None of them is good any longer once the user has registered a phone or has logged in after the
//! ticket was given: otherwise a copy of it would register another phone as soon as the user's is lost. A ticket for a phone that is added has its
//! link from the start and makes no other. Its user may sign in by the phones that there are, so a login says nothing about it.

use std::time::Duration;

use cookie::Cookie;
use iampass_core::port::{SharedKey, StoreError, UserKey};
use iampass_core::{RegistrationLink, UnixMillis};
use serde::{Deserialize, Serialize};

use crate::attempts::Subject;
use crate::cookies::{Cookies, Name};
use crate::known_browsers::KnownBrowsers;
use crate::random_text::random_text;
use crate::shared_entry::{Change, SharedEntries};

/// For how long a ticket is good.
pub(crate) const TICKET: Duration = Duration::from_secs(15 * 60);

/// For how long one page has the making of a link to itself.
const MAKING: Duration = Duration::from_secs(10);

/// The content of the cookie of a browser that may register a phone for a user, sealed.
#[derive(Serialize, Deserialize)]
pub(crate) struct Ticket {
    /// 128 random bits, the same in all copies.
    id: String,
    pub(crate) user: String,
    pub(crate) name: String,
    pub(crate) return_to: String,
    pub(crate) begun_at: UnixMillis,
    pub(crate) until: UnixMillis,
    /// The link, where it was made together with the ticket.
    pub(crate) link: Option<String>,
    /// How a phone comes in that is added to those that the user has. None for one that is the only one.
    #[serde(default)]
    pub(crate) adds: Option<AddedBy>,
}

/// How a phone comes in that is added to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum AddedBy {
    /// A recovery code was used for its link: it need not be confirmed.
    #[serde(rename = "code")]
    RecoveryCode,
    /// Another phone confirms it.
    #[serde(rename = "phone")]
    OtherPhone,
}

impl Ticket {
    /// `None` when the system gives no randomness.
    pub(crate) fn new(
        user: &UserKey,
        name: &str,
        return_to: &str,
        now: UnixMillis,
        link: Option<&RegistrationLink>,
    ) -> Option<Self> {
        Some(Self {
            id: random_text()?,
            user: user.as_str().to_owned(),
            name: name.to_owned(),
            return_to: return_to.to_owned(),
            begun_at: now,
            until: now.plus(TICKET),
            link: link.map(|link| link.as_str().to_owned()),
            adds: None,
        })
    }

    /// The same for a phone that is added in this way.
    pub(crate) fn adding(mut self, by: AddedBy) -> Self {
        self.adds = Some(by);
        self
    }

    /// `None` if it is too long for a cookie.
    pub(crate) fn cookie(&self, cookies: &Cookies) -> Option<Cookie<'static>> {
        cookies.sealed(Name::Ticket, self, TICKET.as_secs())
    }

    pub(crate) fn user_key(&self) -> UserKey {
        UserKey::new(self.user.clone())
    }

    fn link_key(&self) -> SharedKey {
        SharedKey::new("ticket", self.id.as_bytes())
    }
}

fn user_entry(user: &UserKey) -> SharedKey {
    Subject::from(user).key("tickets")
}

/// The shared record of a ticket's link.
#[derive(Clone, Serialize, Deserialize)]
enum TicketLink {
    /// One page makes it.
    #[serde(rename = "making")]
    Making,
    /// It is made. It is sealed like the cookie, so that the store alone gives nobody a phone.
    #[serde(rename = "made")]
    Made(String),
}

/// Until when the tickets of a user were given that are used up.
#[derive(Clone, Serialize, Deserialize)]
struct SpentBefore {
    at: UnixMillis,
}

/// The task of a page about the link of its ticket.
pub(crate) enum LinkStanding {
    /// It makes the link.
    Make,
    /// Another page makes it at this moment.
    InMaking,
    Made(RegistrationLink),
}

/// The tickets of one application, as all nodes know them.
#[derive(Clone)]
pub(crate) struct Tickets {
    entries: SharedEntries,
    known_browsers: KnownBrowsers,
}

impl Tickets {
    pub(crate) fn new(entries: SharedEntries, known_browsers: KnownBrowsers) -> Self {
        Self { entries, known_browsers }
    }

    /// Whether a phone was registered, or a user who had none has logged in, since the ticket was given.
    pub(crate) async fn is_spent(&self, ticket: &Ticket) -> Result<bool, StoreError> {
        let spent: Option<SpentBefore> = self.entries.load(&user_entry(&ticket.user_key())).await?;
        if spent.is_some_and(|spent| spent.at >= ticket.begun_at) {
            return Ok(true);
        }
        if ticket.adds.is_some() {
            return Ok(false);
        }
        let last_login = self.known_browsers.last_login(&ticket.user_key()).await?;
        // The login is known to the second. One of the very second in which the ticket was given came before it.
        Ok(last_login.is_some_and(|login| login > ticket.begun_at.seconds()))
    }

    /// The user has registered a phone: neither this ticket nor an earlier one is good any longer.
    pub(crate) async fn spend(&self, ticket: &Ticket) -> Result<(), StoreError> {
        self.spend_until(&ticket.user_key(), ticket.begun_at).await
    }

    /// No ticket of the user that was given until then is good any longer.
    pub(crate) async fn spend_until(&self, user: &UserKey, at: UnixMillis) -> Result<(), StoreError> {
        let expires_at = self.entries.now().plus(TICKET * 2);
        self.entries
            .update(&user_entry(user), |spent: Option<SpentBefore>| match spent {
                Some(spent) if spent.at >= at => Change::Leave(()),
                _ => Change::Put { value: SpentBefore { at }, expires_at, told: () },
            })
            .await
    }

    /// How it stands with the link of this ticket. A page that is to make it has it to itself for a while.
    pub(crate) async fn link(&self, ticket: &Ticket, cookies: &Cookies) -> Result<LinkStanding, StoreError> {
        let now = self.entries.now();
        self.entries
            .update(&ticket.link_key(), |link: Option<TicketLink>| match link {
                None => Change::Put {
                    value: TicketLink::Making,
                    expires_at: now.plus(MAKING),
                    told: LinkStanding::Make,
                },
                Some(TicketLink::Making) => Change::Leave(LinkStanding::InMaking),
                Some(TicketLink::Made(sealed)) => {
                    let link: Option<String> = cookies.open_value(Name::Ticket, &sealed);
                    match link.and_then(|link| RegistrationLink::parse(&link).ok()) {
                        Some(link) => Change::Leave(LinkStanding::Made(link)),
                        // It was sealed with a key that is gone.
                        None => Change::Put {
                            value: TicketLink::Making,
                            expires_at: now.plus(MAKING),
                            told: LinkStanding::Make,
                        },
                    }
                }
            })
            .await
    }

    /// The link was made, or could not be.
    pub(crate) async fn is_made(
        &self,
        ticket: &Ticket,
        cookies: &Cookies,
        link: Option<&RegistrationLink>,
    ) -> Result<(), StoreError> {
        let sealed = link.and_then(|link| cookies.sealed(Name::Ticket, &link.as_str(), 0));
        self.entries
            .update(&ticket.link_key(), |_: Option<TicketLink>| match &sealed {
                Some(sealed) => Change::Put {
                    value: TicketLink::Made(sealed.value().to_owned()),
                    expires_at: ticket.until,
                    told: (),
                },
                None => Change::Put { value: TicketLink::Making, expires_at: UnixMillis(0), told: () },
            })
            .await
    }
}
