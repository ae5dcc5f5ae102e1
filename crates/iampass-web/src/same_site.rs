//! Whether a request comes from a page of the application, and what is answered where it must and does not. Every browser of the last
//! years says where a POST comes from; one that says nothing is refused, so no token has to be put into forms.

use url::Url;

use crate::answer::HttpAnswer;
use crate::pages::{MessageLink, MessagePage};
use crate::request::Headers;
use crate::{LoginWeb, UserDirectory};

/// Whether a POST was sent by a page of `origin`.
pub(crate) fn is_from(origin: &str, headers: &Headers) -> bool {
    let by_fetch_metadata = headers.sec_fetch_site.as_deref().map(|site| site == "same-origin");
    let by_origin = headers.origin.as_deref().map(|from| from == origin);
    match (by_fetch_metadata, by_origin) {
        (None, None) => false,
        // A page that is to send no referrer, as many applications have theirs, sends no origin either.
        (Some(true), Some(false)) => headers.origin.as_deref() == Some("null"),
        (fetch_metadata, origin) => fetch_metadata.unwrap_or(true) && origin.unwrap_or(true),
    }
}

/// Whether a page of `origin` led here by a link or a redirect. An address that was typed, or opened from a mail, is from nowhere:
/// anybody may have made it.
pub(crate) fn is_led_from(origin: &str, headers: &Headers) -> bool {
    if headers.origin.as_deref().is_some_and(|from| from != origin) {
        return false;
    }
    match headers.sec_fetch_site.as_deref() {
        Some(site) => site == "same-origin",
        // An older browser, which says only what page it was on. Other sites can hide that, but not make it up.
        None => {
            let referer = headers.referer.as_deref().and_then(|referer| Url::parse(referer).ok());
            referer.is_some_and(|referer| referer.origin().ascii_serialization() == origin)
        }
    }
}

impl<D: UserDirectory> LoginWeb<D> {
    /// The name that a link to the login page wants in its field. It is taken only where a page of the application led here: a link from
    /// elsewhere could name its maker, and one click would sign the visitor in to the account of that one.
    pub(crate) fn name_of_link(&self, headers: &Headers, name: Option<String>) -> String {
        name.filter(|_| is_led_from(&self.config().origin, headers)).unwrap_or_default()
    }

    /// The answer to a form of another site. It says where the application is: the page may be the application's own, at another
    /// name of its host.
    pub(crate) fn refused_cross_site(&self) -> HttpAnswer {
        let config = self.config();
        let texts = &config.site.texts;
        let address = format!("{}{}", config.origin, config.home);
        let label = texts.cross_site_link.replace("{address}", &config.origin);
        let link = MessageLink { address: &address, label: &label };
        let page =
            MessagePage { title: &texts.cross_site_title, text: &texts.cross_site_text, link: Some(link) };
        HttpAnswer::page(403, config.pages.message(&config.site, &page))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_the_application_may_post() {
        let own = "https://app.example";
        let none = None;
        for (site, origin, allowed) in [
            (Some("same-origin"), Some(own), true),
            (Some("same-origin"), none, true),
            (Some("same-origin"), Some("null"), true),
            (none, Some(own), true),
            (none, none, false),
            (Some("cross-site"), Some(own), false),
            (Some("same-site"), none, false),
            (Some("none"), none, false),
            (Some("same-origin"), Some("https://other.example"), false),
            (none, Some("null"), false),
            (Some("cross-site"), Some("null"), false),
            (Some("same-site"), Some("null"), false),
            (none, Some("https://app.example.other.example"), false),
            (none, Some("http://app.example"), false),
            (none, Some("https://app.example:444"), false),
        ] {
            let headers = Headers {
                sec_fetch_site: site.map(str::to_owned),
                origin: origin.map(str::to_owned),
                ..Headers::default()
            };
            assert_eq!(is_from(own, &headers), allowed, "{site:?} {origin:?}");
        }
    }

    #[test]
    fn only_pages_of_the_application_fill_in_the_name() {
        let own = "https://app.example";
        for (site, referer, origin, expected) in [
            (Some("same-origin"), None, None, true),
            (Some("same-origin"), Some("https://app.example/x"), Some(own), true),
            (Some("none"), Some("https://app.example/x"), None, false),
            (Some("same-site"), Some("https://app.example/x"), None, false),
            (Some("cross-site"), Some("https://app.example/x"), None, false),
            (Some("same-origin"), None, Some("https://other.example"), false),
            (Some("nonsense"), Some("https://app.example/x"), None, false),
            (None, Some("https://app.example/x?y"), None, true),
            (None, Some("https://app.example.other.example/"), None, false),
            (None, Some("https://app.example@other.example/"), None, false),
            (None, Some("http://app.example/"), None, false),
            (None, Some("app.example"), None, false),
            (None, Some("https://app.example/x"), Some("null"), false),
            (None, None, Some(own), false),
            (None, None, None, false),
        ] {
            let text = |value: Option<&str>| value.map(str::to_owned);
            let headers = Headers {
                sec_fetch_site: text(site),
                referer: text(referer),
                origin: text(origin),
                ..Headers::default()
            };
            assert_eq!(is_led_from(own, &headers), expected, "{site:?} {referer:?} {origin:?}");
        }
    }
}
