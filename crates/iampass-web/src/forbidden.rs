//! Answers to requests that no login helps: the page is for others or is not there, or the address cannot be read. Belongs here: these answers. An application
//! decides when to give them.

use serde_json::json;

use crate::answer::HttpAnswer;
use crate::login_web::LoginWeb;
use crate::pages::{ForbiddenPage, MessagePage};
use crate::request::Headers;

impl<U: Clone + Send + Sync + 'static> LoginWeb<U> {
    /// The answer to a user who is logged in and asks for what is for others: a page that says so and offers to log out for a person, JSON for a
    /// program. The application decides who may do what, and gives this where a user may not.
    pub fn forbidden(&self, user: &U, headers: &Headers) -> HttpAnswer {
        if !headers.wants_page() {
            return HttpAnswer::json(403, &json!({ "error": "forbidden" }));
        }
        let name = self.directory().display_name(user);
        let page = ForbiddenPage { name: &name };
        HttpAnswer::page(403, self.config().pages.forbidden(self.config().site_for(headers), &page))
    }

    /// The answer to a request for a page that is not there: a page that says so for a person, JSON for a program.
    pub fn not_found(&self, headers: &Headers) -> HttpAnswer {
        self.without_page(404, "not_found", headers)
    }

    /// The answer to a request for an address that servers could read in different ways: a page for a person, JSON for a program.
    pub fn unreadable_address(&self, headers: &Headers) -> HttpAnswer {
        self.without_page(400, "unreadable_address", headers)
    }

    fn without_page(&self, status: u16, error: &str, headers: &Headers) -> HttpAnswer {
        if !headers.wants_page() {
            return HttpAnswer::json(status, &json!({ "error": error }));
        }
        let site = self.config().site_for(headers);
        let texts = &site.texts;
        let page = MessagePage { title: &texts.not_found_title, text: &texts.not_found_text, link: None };
        HttpAnswer::page(status, self.config().pages.message(site, &page))
    }
}
