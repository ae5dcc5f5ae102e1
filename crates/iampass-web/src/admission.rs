//! Access: the users who are let in, and the answers to refused requests. Belongs here: the decisions of extractors and layers. Does not
//! belong here: how a framework calls them.

use std::sync::Arc;
use std::time::Duration;

use iampass_core::wire::Assurance;
use serde_json::json;

use crate::answer::HttpAnswer;
use crate::cookies::Name;
use crate::guard::{LiveSession, Presence};
use crate::login_web::LoginWeb;
use crate::pages::{AwayPage, MessageLink, MessagePage};
use crate::proof::Unproven;
use crate::request::Headers;

/// The decision on a request.
#[must_use]
pub enum Admission<U> {
    /// This user, by this session.
    In(Arc<LiveSession>, U),
    /// Refused, with this answer.
    Answer(HttpAnswer),
}

impl<U> std::fmt::Debug for Admission<U> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::In(live, _) => f.debug_tuple("In").field(live).finish_non_exhaustive(),
            Self::Answer(answer) => f.debug_tuple("Answer").field(answer).finish(),
        }
    }
}

/// The reason of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The browser has no session in use.
    NotLoggedIn,
    /// The user walked away.
    Away,
    /// The user is logged in, but the phone approved it too long ago for what is asked.
    NotApproved,
    /// The user is logged in, but the phone's approval has not proven what is asked.
    NotProven(Unproven),
    /// It is not known: a database or the service does not answer.
    Unavailable,
    /// The application is put together wrongly: a handler asks for the user and is not below the layer or middleware of the login.
    Misconfigured,
}

impl<U: Clone + Send + Sync + 'static> LoginWeb<U> {
    /// The user who is logged in, if the service has confirmed the session within the freshness bound. `here` is the path and query that
    /// was asked for, to come back to after a login.
    pub async fn admit(&self, headers: &Headers, here: &str) -> Admission<U> {
        self.admission(self.current(headers.cookie.as_deref(), None).await, headers, here)
    }

    /// The same, where the service must have said so within `max_age`: for what is worth asking once more. Zero asks now. It is asked
    /// at most once a second for one session.
    pub async fn admit_fresh(&self, headers: &Headers, here: &str, max_age: Duration) -> Admission<U> {
        self.admission(self.current(headers.cookie.as_deref(), Some(max_age)).await, headers, here)
    }

    /// The same, for an action that a session alone is not enough for: the user's phone must have approved this login within `max_age`,
    /// and the service must say now that the session is active. A person is led to the login, to approve again, and back to `here`.
    pub async fn admit_approved(&self, headers: &Headers, here: &str, max_age: Duration) -> Admission<U> {
        self.admission(self.current_approved(headers.cookie.as_deref(), max_age).await, headers, here)
    }

    /// The same, where the approval of the login must have proven all of `wanted`: for what is worth more than a tap. A person reads what to do; a
    /// program gets a 403 that names what is missing.
    pub async fn admit_proven(&self, headers: &Headers, here: &str, wanted: &Assurance) -> Admission<U> {
        self.admission(self.current_proven(headers.cookie.as_deref(), wanted).await, headers, here)
    }

    fn admission(
        &self,
        current: Result<(Arc<LiveSession>, U), Refusal>,
        headers: &Headers,
        here: &str,
    ) -> Admission<U> {
        match current {
            Ok((live, user)) => Admission::In(live, user),
            Err(refusal) => Admission::Answer(self.refusal(refusal, headers, here)),
        }
    }

    /// The user who is logged in by these cookies (the whole header), or the reason of a refusal.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn current(
        &self,
        cookies: Option<&str>,
        max_age: Option<Duration>,
    ) -> Result<(Arc<LiveSession>, U), Refusal> {
        // Nearly every request is of a session that is known and fresh. The ways that wait are boxed, so that their size is not moved about with
        // each of those.
        let recalled = match self.guard().remembered(cookies) {
            Some(live) => Ok(Some(live)),
            None => Box::pin(self.guard().recall(cookies)).await,
        };
        let live = match recalled {
            Ok(Some(live)) => live,
            Ok(None) => return Err(Refusal::NotLoggedIn),
            Err(error) => {
                tracing::error!(%error, "a session could not be looked up");
                return Err(Refusal::Unavailable);
            }
        };
        let presence = match max_age {
            None => match self.guard().fresh(&live) {
                Some(known) => known,
                None => Box::pin(self.guard().presence(&live)).await,
            },
            Some(max_age) => Box::pin(self.guard().presence_within(&live, max_age)).await,
        };
        match presence {
            Presence::Present => {}
            Presence::Away => return Err(Refusal::Away),
            Presence::Ended => return Err(Refusal::NotLoggedIn),
            Presence::Unknown => return Err(Refusal::Unavailable),
        }
        match self.directory().load(live.user()).await {
            Ok(Some(user)) => Ok((live, user)),
            // The user is no more, so neither is the session.
            Ok(None) => {
                let web = self.clone();
                self.runtime().spawn(async move { web.guard().log_out(&live).await });
                Err(Refusal::NotLoggedIn)
            }
            Err(error) => {
                tracing::error!(%error, "the user directory failed");
                Err(Refusal::Unavailable)
            }
        }
    }

    /// The user who is logged in by these cookies, if the phone approved the login within `max_age` and the service says now that the
    /// session is active.
    ///
    /// # Errors
    /// [`Refusal`]; [`Refusal::NotApproved`] when the login is older.
    pub async fn current_approved(
        &self,
        cookies: Option<&str>,
        max_age: Duration,
    ) -> Result<(Arc<LiveSession>, U), Refusal> {
        let (live, user) = self.current(cookies, Some(Duration::ZERO)).await?;
        if live.started_at().plus(max_age) < self.client().now().wall {
            return Err(Refusal::NotApproved);
        }
        Ok((live, user))
    }

    /// The user who is logged in by these cookies, if the approval of the login has proven all of `wanted`.
    ///
    /// # Errors
    /// [`Refusal`]; [`Refusal::NotProven`] when something of it is not proven, or the service says nothing of it.
    pub async fn current_proven(
        &self,
        cookies: Option<&str>,
        wanted: &Assurance,
    ) -> Result<(Arc<LiveSession>, U), Refusal> {
        let (live, user) = self.current(cookies, None).await?;
        match Unproven::of(live.assurance().as_ref(), wanted) {
            None => Ok((live, user)),
            Some(unproven) => Err(Refusal::NotProven(unproven)),
        }
    }

    /// The answer to a refused request: a page or a redirect for a person, JSON for a program.
    ///
    /// A session cookie that cannot be used any more, because its key was taken away or the service has another address, is taken away.
    pub fn refusal(&self, refusal: Refusal, headers: &Headers, here: &str) -> HttpAnswer {
        let answer = self.refused(refusal, headers, here);
        if refusal == Refusal::NotLoggedIn && self.guard().is_unusable(headers.cookie.as_deref()) {
            return answer.with_cookie(&self.config().cookies.removal(Name::Session));
        }
        answer
    }

    fn refused(&self, refusal: Refusal, headers: &Headers, here: &str) -> HttpAnswer {
        match refusal {
            Refusal::Unavailable => self.unavailable(headers),
            Refusal::Misconfigured => HttpAnswer::json(500, &json!({ "error": "misconfigured" })),
            Refusal::NotLoggedIn | Refusal::NotApproved if headers.wants_page() => {
                HttpAnswer::see_other(self.login_from(headers, here))
            }
            Refusal::NotProven(unproven) if headers.wants_page() => {
                self.unproven_page(unproven, headers, here)
            }
            Refusal::NotProven(unproven) => HttpAnswer::json(
                403,
                &json!({
                    "error": "proof_needed",
                    "unproven": unproven.names(),
                    "login": self.config().site.links.login(),
                }),
            ),
            Refusal::NotApproved => HttpAnswer::json(
                403,
                &json!({ "error": "approval_needed", "login": self.config().site.links.login() }),
            ),
            Refusal::NotLoggedIn => HttpAnswer::json(
                401,
                &json!({ "error": "not_logged_in", "login": self.config().site.links.login() }),
            ),
            Refusal::Away if headers.wants_page() => {
                HttpAnswer::page(403, self.config().pages.away(self.config().site_for(headers), &AwayPage))
            }
            Refusal::Away => HttpAnswer::json(403, &json!({ "error": "away" })),
        }
    }

    /// The login page that leads back to where the user is.
    fn login_from(&self, headers: &Headers, here: &str) -> String {
        let place = self.config().place_after_login(headers, here);
        let place: String = url::form_urlencoded::byte_serialize(place.as_str().as_bytes()).collect();
        format!("{}?next={place}", self.config().site.links.login())
    }

    /// Says how to prove what is not proven. A key comes first: without it a new login proves no more than the last one.
    fn unproven_page(&self, unproven: Unproven, headers: &Headers, here: &str) -> HttpAnswer {
        let site = self.config().site_for(headers);
        let texts = &site.texts;
        let text = match unproven {
            Unproven { key: true, .. } => &texts.unproven_key,
            Unproven { unlocked: true, .. } => &texts.unproven_unlocked,
            _ => &texts.unproven_code,
        };
        let address = self.login_from(headers, here);
        let link = Some(MessageLink { address: &address, label: &texts.unproven_link });
        let page = MessagePage { title: &texts.unproven_title, text, link };
        HttpAnswer::page(403, self.config().pages.message(site, &page))
    }

    /// Whether a user is logged in by this request's cookies, at this moment.
    pub(crate) async fn is_logged_in(&self, request: &crate::request::Request) -> bool {
        self.current(request.headers.cookie.as_deref(), None).await.is_ok()
    }

    pub(crate) fn unavailable(&self, headers: &Headers) -> HttpAnswer {
        if !headers.wants_page() {
            return HttpAnswer::json(503, &json!({ "error": "unavailable" })).with("retry-after", "5");
        }
        let site = self.config().site_for(headers);
        let texts = &site.texts;
        let page = MessagePage { title: &texts.unavailable_title, text: &texts.unavailable_text, link: None };
        HttpAnswer::page(503, self.config().pages.message(site, &page)).with("retry-after", "5")
    }
}
