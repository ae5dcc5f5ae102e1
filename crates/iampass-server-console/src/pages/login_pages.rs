//! The login's own pages, where the Console has something else to say.

use iampass_web::pages::{EnrolPage, EnrolState, MessageLink, MessagePage, OurPages, PageContext, Pages};

use iampass_server_domain::Registration;

use crate::speech::ConsoleTexts;

/// The login's pages, with a way to an account for who has none.
pub(crate) struct LoginPages {
    base: String,
    registration: Registration,
    texts: ConsoleTexts,
}

impl LoginPages {
    pub(crate) fn new(base: &str, registration: Registration, texts: ConsoleTexts) -> Self {
        Self { base: base.to_owned(), registration, texts }
    }
}

impl Pages for LoginPages {
    fn enrol(&self, site: &PageContext, page: &EnrolPage<'_>) -> String {
        if page.state != EnrolState::NoTicket {
            return OurPages.enrol(site, page);
        }
        let speech = self.texts.named(&site.texts.language);
        let register = format!("{}/register", self.base);
        let (text, link) = match self.registration {
            Registration::Open => {
                ("login-account-open", MessageLink { address: &register, label: speech.t("register-title") })
            }
            Registration::Invited => {
                ("login-account-invited", MessageLink { address: &self.base, label: speech.t("back") })
            }
        };
        let (title, text) = (speech.t("login-no-account"), speech.t(text));
        self.message(site, &MessagePage { title, text, link: Some(link) })
    }
}
