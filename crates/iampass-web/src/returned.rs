//! Coming back from the phone's page. On a phone the login page leads to IAMPASS by a link, in the same browser, and IAMPASS leads back here. Anybody can
//! send such a link to somebody else, so the answer counts only in the browser that began the login: its cookie and the proof in the address, which
//! the service gave to the browser that answered, have to come together.
//!
//! The address is the application's own, and names the attempt, sealed. The service appends the proof, which is good once.

use cookie::Cookie;
use iampass_core::{Error, Secret};
use subtle::ConstantTimeEq as _;

use crate::answer::HttpAnswer;
use crate::attempts::{AttemptEnd, AttemptId, Whose};
use crate::came_back::BackSecret;
use crate::cookies::Name;
use crate::login_web::LoginWeb;
use crate::pages::{MessageLink, MessagePage};
use crate::pending::PendingCookie;
use crate::random_text::random_text;
use crate::request::{Headers, Request, field};

impl<U: Clone + Send + Sync + 'static> LoginWeb<U> {
    /// The address of an attempt that the service leads its browser back to.
    pub(crate) fn return_address(&self, attempt: &AttemptId) -> Option<String> {
        let sealed = self.config().cookies.sealed(Name::Return, attempt, 0)?;
        let mut address = url::Url::parse(&self.config().origin).ok()?;
        address.set_path(&self.config().site.links.returned());
        address.query_pairs_mut().append_pair("attempt", sealed.value());
        Some(address.into())
    }

    /// `GET login/returned`
    pub(crate) async fn returned(&self, request: &Request) -> HttpAnswer {
        let member = |name| field(request.query.as_bytes(), name);
        let attempt = member("attempt")
            .and_then(|sealed| self.config().cookies.open_value::<AttemptId>(Name::Return, &sealed));
        let (Some(attempt), Some(proof)) = (attempt, member("return")) else {
            return self.not_begun_here(&request.headers);
        };
        let Some(mut pending) = self.began(request, &attempt) else {
            // Somebody else's login: its browser gets nothing, and its page says that it is over.
            if let Err(error) = self.end(&attempt, AttemptEnd::Failed).await {
                tracing::warn!(%error, "a login whose link was opened in another browser ends when its time is over");
            }
            tracing::info!(
                "a login was accepted by its link in a browser that did not begin it: nobody is let in"
            );
            return self.not_begun_here(&request.headers);
        };
        let found = match self.attempts().load(&attempt).await {
            Ok(found) => found,
            Err(error) => {
                tracing::error!(%error, "a login under way could not be looked up");
                return self.unavailable(&request.headers);
            }
        };
        let wait = self.config().site.links.wait(&pending.proof);
        let Some(found) = found else { return HttpAnswer::see_other(wait) };
        let Some(session) = found.asked_session().cloned() else { return HttpAnswer::see_other(wait) };
        // The cookie of before may be known to somebody who has planted it here. The fresh one is not, and it comes before the proof is given away.
        let mut fresh = None;
        if found.back.is_none() {
            let Some(secret) = random_text().map(BackSecret::new) else {
                return self.unavailable(&request.headers);
            };
            match self.attempts().came_back(&attempt, &secret).await {
                Ok(true) => {}
                Ok(false) => return self.not_begun_here(&request.headers),
                Err(error) => {
                    tracing::error!(%error, "it could not be stored that a browser came back");
                    return self.unavailable(&request.headers);
                }
            }
            pending.back = Some(secret);
            let Some(cookie) = self.pending_cookie(&pending) else {
                return self.not_begun_here(&request.headers);
            };
            fresh = Some(cookie);
        } else if !found.is_of_browser(pending.back.as_ref()) {
            return self.not_begun_here(&request.headers);
        }
        match self.client().returned(&session, &Secret::new(proof)).await {
            Ok(()) => {}
            // The page says how the login has ended, or still waits.
            Err(Error::Status { status: 409 | 422, .. }) => tracing::info!("a proof that came back is none"),
            Err(error) => {
                tracing::warn!(%error, "a browser came back, and the service could not be told");
                return with_fresh(self.unavailable(&request.headers), fresh.as_ref());
            }
        }
        with_fresh(HttpAnswer::see_other(wait), fresh.as_ref())
    }

    /// The login of this attempt, if this browser began it.
    fn began(&self, request: &Request, attempt: &AttemptId) -> Option<PendingCookie> {
        let pendings = [Whose::Named, Whose::Nameless].map(|whose| self.pending_of_kind(request, whose));
        pendings
            .into_iter()
            .flatten()
            .find(|pending| pending.attempt.as_str().as_bytes().ct_eq(attempt.as_str().as_bytes()).into())
    }

    pub(crate) fn not_begun_here(&self, headers: &Headers) -> HttpAnswer {
        let site = self.config().site_for(headers);
        let texts = &site.texts;
        let login = site.links.login();
        let page = MessagePage {
            title: &texts.returned_elsewhere_title,
            text: &texts.returned_elsewhere,
            link: Some(MessageLink { address: &login, label: &texts.login_button }),
        };
        HttpAnswer::page(403, self.config().pages.message(site, &page))
    }
}

fn with_fresh(answer: HttpAnswer, cookie: Option<&Cookie<'_>>) -> HttpAnswer {
    match cookie {
        Some(cookie) => answer.with_cookie(cookie),
        None => answer,
    }
}
