//! The known browsers of the user who is signed in: listing them, and making them unknown.

use iampass_core::port::{StoreError, UserKey};
use serde_json::json;

use crate::admission::Admission;
use crate::answer::HttpAnswer;
use crate::known_browsers::{Forgotten, KnownBrowsers};
use crate::login_web::LoginWeb;
use crate::pages::ListedBrowser;
use crate::request::{Request, field};

impl<U: Clone + Send + Sync + 'static> LoginWeb<U> {
    pub(crate) async fn listed_browsers(
        &self,
        request: &Request,
        user: &UserKey,
    ) -> Result<Vec<ListedBrowser>, StoreError> {
        let cookie = KnownBrowsers::cookie(&self.config().cookies, request.headers.cookie.as_deref());
        let now = self.client().now().wall;
        let known = self.known_browsers().list(user, cookie.as_ref()).await?;
        let (own, others): (Vec<_>, Vec<_>) = known.into_iter().partition(|(_, is_this_one)| *is_this_one);
        let listed = own.into_iter().chain(others).map(|(browser, is_this_one)| ListedBrowser {
            id: browser.digest,
            browser: browser.name.browser,
            system: browser.name.system,
            used_at: browser.used_at.0,
            used_ago_seconds: now.since(browser.used_at).as_secs(),
            is_this_one,
        });
        Ok(listed.collect())
    }

    /// Makes all browsers unknown in which this user has signed in. To be called by an application that lets the user register another phone, or
    /// disables the user: a browser that somebody else has signed in in may have the new phone asked otherwise.
    ///
    /// # Errors
    /// [`StoreError`]; whether they are known is not known then.
    pub async fn forget_known_browsers(&self, user: &UserKey) -> Result<(), StoreError> {
        self.known_browsers().forget(user, Forgotten::All).await.map(drop)
    }

    /// `POST browsers/forget` and `POST browsers/forget-all`
    pub(crate) async fn forget_browsers(&self, request: &Request, all: bool) -> HttpAnswer {
        let live = match self.admit_change(request).await {
            Admission::In(live, _) => live,
            Admission::Answer(answer) => return answer,
        };
        // Somebody who was in one of them may have asked for it.
        if self.end_replacement(live.user()).await.is_err() {
            return self.unavailable(&request.headers);
        }
        let id = field(&request.body, "id").unwrap_or_default();
        let which = if all { Forgotten::All } else { Forgotten::One(&id) };
        match self.known_browsers().forget(live.user(), which).await {
            Ok(_) if request.headers.wants_page() => {
                HttpAnswer::see_other(self.config().site.links.sessions())
            }
            Ok(forgotten) => HttpAnswer::json(200, &json!({ "forgotten": forgotten })),
            Err(error) => {
                tracing::error!(%error, "known browsers could not be forgotten");
                self.unavailable(&request.headers)
            }
        }
    }
}
