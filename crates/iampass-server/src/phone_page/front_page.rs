//! The page at the root of the service, for people who open its address in a browser. It says which service this is, and leads to the phone's page and to the
//! Console. It says nothing of versions, applications and accounts, since everybody can open it.
//!
//! Belongs here: what is filled in, and who gets the page. Does not belong here: the answer to programs, which is that of any address without a call.

use axum::response::{IntoResponse as _, Response};
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, VARY};
use http::header::{X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS};
use http::{HeaderMap, HeaderName};
use iampass_texts::OwnTexts;

use super::in_language::{InAllLanguages, escaped};
use super::language;
use crate::PublicUrl;

/// Only this origin's style sheets, and nothing that runs.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page in all languages, for one service.
#[derive(Debug)]
pub(crate) struct FrontPage {
    all: Vec<String>,
}

impl FrontPage {
    /// For the service of this public URL, if it knows one.
    pub(crate) fn new(own: &OwnTexts, public_url: Option<&PublicUrl>, has_console: bool) -> Self {
        let address =
            public_url.map(|url| url.as_str().split_once("://").map_or(url.as_str(), |(_, rest)| rest));
        let filled = |page: &super::in_language::InLanguage| {
            let service = address.map_or_else(String::new, |address| page.front_service(&escaped(address)));
            let console = if has_console { &*page.front_console } else { "" };
            page.front.replace("{{service}}", &service).replace("{{console}}", console)
        };
        Self { all: InAllLanguages::with(own).all().map(filled).collect() }
    }

    /// The page, for a browser that shows it to a person. `None` for programs.
    pub(crate) fn answer(&self, headers: &HeaderMap) -> Option<Response> {
        let page = self.all.get(language::of_request(headers)).filter(|_| is_browser(headers))?;
        let headers: [(HeaderName, &str); 7] = [
            (CONTENT_TYPE, "text/html; charset=utf-8"),
            (CONTENT_SECURITY_POLICY, POLICY),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (X_FRAME_OPTIONS, "DENY"),
            (REFERRER_POLICY, "no-referrer"),
            (CACHE_CONTROL, "no-store"),
            (VARY, "accept, accept-language, cookie"),
        ];
        Some((headers, page.clone()).into_response())
    }
}

/// Browsers name HTML where a person opens an address. Programs that take anything name nothing.
fn is_browser(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT).into_iter().filter_map(|value| value.to_str().ok());
    let mut kinds = accepted.flat_map(|value| value.split(','));
    kinds.any(|kind| kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/html")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(public_url: Option<&str>, has_console: bool) -> String {
        let url: Option<PublicUrl> = public_url.map(|url| url.parse().unwrap());
        FrontPage::new(&OwnTexts::default(), url.as_ref(), has_console).all.remove(0)
    }

    #[test]
    fn it_leads_to_what_is_there() {
        let whole = page(Some("https://login.example:8443/iampass"), true);
        assert!(whole.contains("login.example:8443/iampass</b>"), "{whole}");
        for link in ["href=\"phone\"", "href=\"console\"", "href=\"docs/api\""] {
            assert!(whole.contains(link), "{link}");
        }
        assert!(!whole.contains("{{"), "{whole}");
        let least = page(None, false);
        assert!(!least.contains("href=\"console\"") && !least.contains("{{"), "{least}");
        assert!(!least.contains("<b dir"), "{least}");
        for text in ["<script", "style=", env!("CARGO_PKG_VERSION")] {
            assert!(!whole.contains(text), "{text}");
        }
    }

    #[test]
    fn each_language_has_it() {
        let front = FrontPage::new(&OwnTexts::default(), None, true);
        for (tag, page) in iampass_texts::built_in::LANGUAGES.into_iter().zip(&front.all) {
            assert!(page.contains(&format!("<html lang=\"{tag}\"")) && !page.contains("{{"), "{page}");
        }
        let german = [(ACCEPT, "text/html"), (http::header::ACCEPT_LANGUAGE, "de")];
        let headers = german.map(|(name, value)| (name, value.parse().unwrap())).into_iter().collect();
        assert!(front.answer(&headers).is_some());
    }

    #[test]
    fn programs_do_not_get_it() {
        let front = FrontPage::new(&OwnTexts::default(), None, true);
        for (accept, is_shown) in [
            (Some("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"), true),
            (Some("application/xml, Text/HTML;q=0.5"), true),
            (Some("*/*"), false),
            (Some("application/json"), false),
            (Some("text/*"), false),
            (None, false),
        ] {
            let headers = accept.map(|accept| (ACCEPT, accept.parse().unwrap())).into_iter().collect();
            assert_eq!(front.answer(&headers).is_some(), is_shown, "{accept:?}");
        }
    }
}
