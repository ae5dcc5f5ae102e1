//! The language that a request for the page gets: as its user has chosen on the page, or as the browser asks.

use std::sync::LazyLock;

use http::HeaderMap;
use http::header::{ACCEPT_LANGUAGE, COOKIE, HeaderName};
use iampass_texts::Languages;
use iampass_texts::built_in::LANGUAGES;

/// The cookie by which the page tells of a choice. Anybody could have written it.
const CHOICE: &str = "iampass-phone-language";

static OFFERED: LazyLock<Option<Languages>> = LazyLock::new(|| Languages::new(LANGUAGES).ok());

/// The place of the language of a request in [`LANGUAGES`].
pub(super) fn of_request(headers: &HeaderMap) -> usize {
    let Some(offered) = &*OFFERED else { return 0 };
    let chosen = all(headers, &COOKIE)
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, _)| *name == CHOICE)
        .and_then(|(_, tag)| offered.named(tag));
    chosen.unwrap_or_else(|| {
        let asked: Vec<_> = all(headers, &ACCEPT_LANGUAGE).collect();
        offered.best(&asked.join(","))
    })
}

/// The place of the language with this very tag.
pub(super) fn named(tag: &str) -> Option<usize> {
    OFFERED.as_ref()?.named(tag)
}

/// All values of a header: a list may come in several, and a browser sends its cookies so over HTTP/2.
fn all<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(headers: &[(&HeaderName, &str)]) -> &'static str {
        let headers = headers.iter().map(|(name, value)| ((*name).clone(), value.parse().unwrap()));
        LANGUAGES[of_request(&headers.collect())]
    }

    #[test]
    fn a_choice_counts_more_than_the_browser_s_list_and_a_wrong_one_counts_nothing() {
        assert_eq!(language(&[]), "en");
        assert_eq!(language(&[(&ACCEPT_LANGUAGE, "fr-CA, en;q=0.5")]), "fr");
        assert_eq!(language(&[(&ACCEPT_LANGUAGE, "ja")]), "en");
        let chosen = "a=b; iampass-phone-language=de";
        assert_eq!(language(&[(&ACCEPT_LANGUAGE, "fr"), (&COOKIE, chosen)]), "de");
        for wrong in ["", "xx", "../de", "\"de\"", "de\u{7f}", "DE FR"] {
            let cookie = format!("iampass-phone-language={}", wrong.replace('\u{7f}', "%7f"));
            assert_eq!(language(&[(&ACCEPT_LANGUAGE, "ar"), (&COOKIE, &cookie)]), "ar", "{wrong}");
        }
    }

    #[test]
    fn headers_that_come_in_several_are_read_together() {
        let mut headers = HeaderMap::new();
        for (name, value) in [(&ACCEPT_LANGUAGE, "ja"), (&ACCEPT_LANGUAGE, "es;q=0.5"), (&COOKIE, "a=b")] {
            headers.append(name, value.parse().unwrap());
        }
        assert_eq!(LANGUAGES[of_request(&headers)], "es");
        headers.append(&COOKIE, "iampass-phone-language=ar".parse().unwrap());
        assert_eq!(LANGUAGES[of_request(&headers)], "ar");
    }
}
