//! The page of the user who is signed in: sessions, known browsers, phone and recovery. A program gets the same as JSON, for an application that draws
//! the page itself. Belongs here: what both show. Does not belong here: ending sessions ([`crate::own_sessions`]), forgetting browsers
//! ([`crate::known_browsers_page`]).

use futures_util::future;
use serde_json::{Value, json};

use crate::admission::Admission;
use crate::answer::HttpAnswer;
use crate::few_at_once::few_at_once;
use crate::guard::LiveSession;
use crate::login_web::LoginWeb;
use crate::pages::{ListedBrowser, ListedSession, RegisteredPhone, SessionsPage};
use crate::request::Request;
use crate::same_site;
use crate::session::id_of;
use crate::signed_in_from::SignedInFrom;

impl<U: Clone + Send + Sync + 'static> LoginWeb<U> {
    /// `GET sessions`
    pub(crate) async fn sessions_page(&self, request: &Request) -> HttpAnswer {
        let (live, user) = match self.admit(&request.headers, &self.config().site.links.sessions()).await {
            Admission::In(live, user) => (live, user),
            Admission::Answer(answer) => return answer,
        };
        let sessions = self.listed_sessions(&live);
        let phone = self.inner.registered_phones.of(self.client(), live.user_token());
        let browsers = self.listed_browsers(request, live.user());
        let (sessions, browsers, phone) = future::join3(sessions, browsers, phone).await;
        let (Some(sessions), Ok(browsers)) = (sessions, browsers) else {
            return self.unavailable(&request.headers);
        };
        let name = self.directory().display_name(&user);
        let home = self.config().home.as_str();
        let page = SessionsPage { name: &name, sessions: &sessions, browsers: &browsers, phone, home };
        if !request.headers.wants_page() {
            return HttpAnswer::json(200, &self.account_json(&page));
        }
        HttpAnswer::page(200, self.config().pages.sessions(self.config().site_for(&request.headers), &page))
    }

    /// The user's sessions. `None`: the store does not answer.
    async fn listed_sessions(&self, live: &LiveSession) -> Option<Vec<ListedSession>> {
        let records = match self.own_sessions(live).await {
            Ok(records) => records,
            Err(error) => {
                tracing::error!(%error, "the sessions of a user could not be listed");
                return None;
            }
        };
        let now = self.client().now().wall;
        let listed = few_at_once(&records, async |record| {
            let token = record.session.token();
            let from = SignedInFrom::load(self.entries(), &self.config().cookies, token).await;
            let SignedInFrom { name, address } = from.unwrap_or_else(|error| {
                tracing::warn!(%error, "it is not known from where a session was begun");
                SignedInFrom::default()
            });
            ListedSession {
                id: id_of(token),
                browser: name.browser,
                system: name.system,
                address,
                started_at: record.started_at.0,
                started_ago_seconds: now.since(record.started_at).as_secs(),
                is_this_one: token == live.token(),
            }
        });
        Some(listed.await)
    }

    fn account_json(&self, page: &SessionsPage<'_>) -> Value {
        let known = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let session = |session: &ListedSession| {
            json!({
                "id": session.id,
                "browser": known(&session.browser),
                "system": known(&session.system),
                "address": session.address,
                "started_at": session.started_at,
                "is_this_one": session.is_this_one,
            })
        };
        let browser = |browser: &ListedBrowser| {
            json!({
                "id": browser.id,
                "browser": known(&browser.browser),
                "system": known(&browser.system),
                "used_at": browser.used_at,
                "is_this_one": browser.is_this_one,
            })
        };
        let site = &self.config().site;
        json!({
            "name": page.name,
            "sessions": page.sessions.iter().map(session).collect::<Vec<_>>(),
            "browsers": page.browsers.iter().map(browser).collect::<Vec<_>>(),
            "has_phone": match page.phone {
                RegisteredPhone::Yes => Some(true),
                RegisteredPhone::No => Some(false),
                RegisteredPhone::Unknown => None,
            },
            "lost_phone": site.offers_lost_phone.then(|| site.links.lost_phone()),
        })
    }

    /// The user who changes the account: signed in, and by a page of the application.
    pub(crate) async fn admit_change(&self, request: &Request) -> Admission<U> {
        if same_site::is_from(&self.config().origin, &request.headers) {
            return self.admit(&request.headers, &self.config().site.links.sessions()).await;
        }
        Admission::Answer(match request.headers.wants_page() {
            true => self.refused_cross_site(&request.headers),
            false => HttpAnswer::json(403, &json!({ "error": "cross_site" })),
        })
    }
}
