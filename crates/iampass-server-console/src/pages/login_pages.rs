//! The login's own pages, where the Console has something else to say.

use iampass_web::pages::{EnrolPage, EnrolState, MessageLink, MessagePage, OurPages, PageContext, Pages};

use iampass_server_domain::Registration;

/// The login's pages, with a way to an account for who has none.
pub(crate) struct LoginPages {
    base: String,
    registration: Registration,
}

impl LoginPages {
    pub(crate) fn new(base: &str, registration: Registration) -> Self {
        Self { base: base.to_owned(), registration }
    }
}

impl Pages for LoginPages {
    fn enrol(&self, site: &PageContext, page: &EnrolPage<'_>) -> String {
        if page.state != EnrolState::NoTicket {
            return OurPages.enrol(site, page);
        }
        let register = format!("{}/register", self.base);
        let (text, link) = match self.registration {
            Registration::Open => (
                "An account takes a name and a phone, and no password. If you have an account and no phone, whoever runs the service makes \
                 you a link with `iampass-server console link`.",
                MessageLink { address: &register, label: "Create an account" },
            ),
            Registration::Invited => (
                "Accounts are made by invitation here: ask an owner of an application for a link. If you have an account and no phone, \
                 whoever runs the service makes you one with `iampass-server console link`.",
                MessageLink { address: &self.base, label: "Back" },
            ),
        };
        self.message(site, &MessagePage { title: "No account yet?", text, link: Some(link) })
    }
}
