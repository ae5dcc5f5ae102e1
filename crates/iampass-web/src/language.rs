//! Choosing the language of the pages. Belongs here: the request that chooses. Does not belong here: which language a page comes in
//! ([`crate::sites`]).

use crate::answer::HttpAnswer;
use crate::login_web::LoginWeb;
use crate::pages::PageContext;
use crate::request::{Headers, Request, field};

impl<U: Clone + Send + Sync + 'static> LoginWeb<U> {
    /// The parts that pages are made with, in the language of the request with these headers: for pages of the application that load the script
    /// which watches the session ([`crate::pages::session_script`]).
    #[must_use]
    pub fn page_context_for(&self, headers: &Headers) -> &PageContext {
        self.config().site_for(headers)
    }

    /// The same in the language with this tag, or in the first one if pages are in no such language.
    #[must_use]
    pub fn page_context_in(&self, tag: &str) -> &PageContext {
        let config = self.config();
        config.sites.named(tag).or_else(|| config.sites.first()).unwrap_or(&config.site)
    }

    /// `GET language`: keeps the language `to`, and goes back to the page on which it was chosen, which may be one of the application's own. Nothing else follows from it, but a link on another
    /// site is not to choose for the user.
    pub(crate) fn choose_language(&self, request: &Request) -> HttpAnswer {
        let query = |name| field(request.query.as_bytes(), name).unwrap_or_default();
        let config = self.config();
        let answer = HttpAnswer::see_other(match query("back").as_str() {
            "sessions" => config.site.links.sessions(),
            // A page of the application, which `return_to` keeps within.
            "page" => config.return_to(&query("next")).as_str().to_owned(),
            _ => config.site.links.login_to(config.return_to(&query("next")).as_str()),
        });
        let is_from_elsewhere = request.headers.sec_fetch_site.as_deref() == Some("cross-site");
        match config.sites.named(&query("to")) {
            Some(site) if !is_from_elsewhere => {
                answer.with_cookie(&config.cookies.chosen(&site.texts.language))
            }
            _ => answer,
        }
    }
}
