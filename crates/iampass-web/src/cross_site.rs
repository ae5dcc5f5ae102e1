//! The answer to requests that must come from a page of the application and do not.

use crate::answer::HttpAnswer;
use crate::login_web::LoginWeb;
use crate::pages::{MessageLink, MessagePage};
use crate::request::Headers;
use crate::same_site::is_led_from;

impl<U: Clone + Send + Sync + 'static> LoginWeb<U> {
    /// The name that a link to the login page wants in its field. It is taken only where a page of the application led here: a link from
    /// elsewhere could name its maker, and one click would sign the visitor in to the account of that one.
    pub(crate) fn name_of_link(&self, headers: &Headers, name: Option<String>) -> String {
        name.filter(|_| is_led_from(&self.config().origin, headers)).unwrap_or_default()
    }

    /// The answer to a form of another site. It says where the application is: the page may be the application's own, at another
    /// name of its host.
    pub(crate) fn refused_cross_site(&self, headers: &Headers) -> HttpAnswer {
        let config = self.config();
        let site = config.site_for(headers);
        let texts = &site.texts;
        let address = format!("{}{}", config.origin, config.home);
        let label = texts.cross_site_link.replace("{address}", &config.origin);
        let link = MessageLink { address: &address, label: &label };
        let page =
            MessagePage { title: &texts.cross_site_title, text: &texts.cross_site_text, link: Some(link) };
        HttpAnswer::page(403, config.pages.message(site, &page))
    }
}
