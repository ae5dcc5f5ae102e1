//! The same pages in each language, and the one that a request gets: as the user has chosen, or by the browser's own list. Belongs here: which one.
//! Does not belong here: the texts (`iampass-texts`, [`crate::pages::Texts`]), and choosing ([`crate::language`]).

use cookie::{Cookie, SameSite};
use iampass_texts::{Languages, TextError};

use crate::cookies::Cookies;
use crate::pages::{LanguageChoice, PageContext, Texts};
use crate::request::Headers;

/// For how long a choice is kept.
const KEPT_DAYS: i64 = 365;

/// The same pages in each language.
pub(crate) struct Sites {
    languages: Languages,
    all: Vec<PageContext>,
}

impl Sites {
    /// `site` in each of these languages. `texts` of the first one are for browsers that ask for none of them.
    pub(crate) fn new(site: &PageContext, texts: Vec<Texts>) -> Result<Self, TextError> {
        let languages = Languages::new(texts.iter().map(|texts| &*texts.language))?;
        let choice = |texts: &Texts| LanguageChoice {
            tag: texts.language.clone().into_owned(),
            direction: texts.direction.clone().into_owned(),
            name: texts.language_name.clone().into_owned(),
        };
        let choices: Vec<_> = if texts.len() > 1 { texts.iter().map(choice).collect() } else { Vec::new() };
        let of_language = |texts| PageContext { texts, languages: choices.clone(), ..site.clone() };
        Ok(Self { languages, all: texts.into_iter().map(of_language).collect() })
    }

    /// The pages in the language of a request: the chosen one, or the one that the browser asks for.
    pub(crate) fn of_request(&self, headers: &Headers, cookies: &Cookies) -> Option<&PageContext> {
        let chosen = cookies.language(headers.cookie.as_deref());
        let place = chosen
            .and_then(|tag| self.languages.named(tag))
            .unwrap_or_else(|| self.languages.best(headers.accept_language.as_deref().unwrap_or_default()));
        self.all.get(place)
    }

    /// The pages in the language with this very tag.
    pub(crate) fn named(&self, tag: &str) -> Option<&PageContext> {
        self.all.get(self.languages.named(tag)?)
    }

    /// The pages for browsers that ask for none of the languages.
    pub(crate) fn first(&self) -> Option<&PageContext> {
        self.all.first()
    }
}

impl Cookies {
    /// The tag that the browser has kept, as it is: anybody could have written it.
    fn language<'a>(&self, header: Option<&'a str>) -> Option<&'a str> {
        let mut pairs = header?.split(';').filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(name, _)| *name == self.language_name()).map(|(_, value)| value)
    }

    pub(crate) fn chosen(&self, tag: &str) -> Cookie<'static> {
        let mut cookie = Cookie::build((self.language_name().to_owned(), tag.to_owned()))
            .path(self.language_path().to_owned())
            .secure(self.is_secure())
            .http_only(true)
            .same_site(SameSite::Lax)
            .build();
        cookie.set_max_age(cookie::time::Duration::days(KEPT_DAYS));
        cookie
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn language_of(config: &Config, accept: Option<&str>, cookie: Option<&str>) -> String {
        let headers = Headers {
            accept_language: accept.map(str::to_owned),
            cookie: cookie.map(str::to_owned),
            ..Headers::default()
        };
        config.site_for(&headers).texts.language.clone().into_owned()
    }

    #[test]
    fn a_choice_is_sent_to_its_own_path_alone() {
        let cookies = Config::for_tests("/app").cookies;
        assert_eq!(cookies.chosen("de").path(), Some("/app"));
        let cookies = cookies.language_below("/app/console".to_owned());
        assert_eq!(cookies.chosen("de").path(), Some("/app/console"));
    }

    #[test]
    fn a_choice_counts_more_than_the_browser_s_list_and_a_wrong_one_counts_nothing() {
        let config = Config::for_tests("");
        assert_eq!(language_of(&config, None, None), "en");
        assert_eq!(language_of(&config, Some("fr-CA, en;q=0.5"), None), "fr");
        assert_eq!(language_of(&config, Some("fr"), Some("a=b; iampass-language=de")), "de");
        for wrong in ["", "xx", "de;", "../de", "\"de\"", "DE FR"] {
            let cookie = format!("iampass-language={wrong}");
            let expected = if wrong == "de;" { "de" } else { "ar" };
            assert_eq!(language_of(&config, Some("ar"), Some(&cookie)), expected, "{wrong}");
        }
    }
}
