//! [`Speech`]: the texts of the Console in one language, and the language of the request that is answered.
//!
//! It is the language of the login's own pages: as the user has chosen, or as the browser asks. Belongs here: finding a text and filling it in. Does
//! not belong here: the texts themselves (`iampass-texts`), and where they stand (`templates/console`).

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::LazyLock;

use axum::extract::{OriginalUri, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderValue, Method};
use iampass_texts::built_in::{self, LANGUAGES};
use iampass_texts::{Messages, Plural, direction};
use iampass_web::Headers;

use super::state::Console;

/// The texts of the Console in one language.
#[derive(Debug)]
pub(crate) struct Speech {
    tag: &'static str,
    texts: HashMap<String, Plural>,
}

/// In the order of [`LANGUAGES`]: English first.
static ALL: LazyLock<Vec<Speech>> = LazyLock::new(|| {
    LANGUAGES.into_iter().filter_map(|tag| Speech::read(tag, built_in::console(tag)?)).collect()
});

/// Without any text. Every language is there: a test reads them all.
static SILENT: LazyLock<Speech> = LazyLock::new(|| Speech { tag: "en", texts: HashMap::new() });

tokio::task_local! {
    /// The language and the page of the request that is answered.
    static ASKED: Asked;
}

/// The language of a request, and the page that it is for.
#[derive(Clone, Debug)]
struct Asked {
    speech: &'static Speech,
    page: String,
}

/// Answers a request in its language.
pub(super) async fn speak(State(console): State<Console>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let headers = Headers::collect(iampass_web::Method::Get, |name| {
        headers.get_all(name).into_iter().map(HeaderValue::as_bytes)
    });
    let speech = Speech::named(&console.login().page_context_for(&headers).texts.language);
    let uri = request.extensions().get::<OriginalUri>().map_or(request.uri(), |original| &original.0);
    // The address of a change is that of the page that offers it, or leads there.
    let page = if request.method() == Method::GET {
        uri.path_and_query().map_or("/", |page| page.as_str())
    } else {
        uri.path()
    };
    let asked = Asked { speech, page: page.to_owned() };
    ASKED.scope(asked, next.run(request)).await
}

/// The address of the page that is answered, below the origin.
pub(super) fn page_asked() -> String {
    ASKED.try_with(|asked| asked.page.clone()).unwrap_or_else(|_| "/".to_owned())
}

impl Speech {
    /// That of the request that is answered. English where there is none.
    pub(crate) fn asked() -> &'static Self {
        ASKED.try_with(|asked| asked.speech).unwrap_or_else(|_| Self::english())
    }

    /// English, in which every text is written first.
    pub(crate) fn english() -> &'static Self {
        ALL.first().unwrap_or(&SILENT)
    }

    /// The language with this tag. English if there is none.
    pub(crate) fn named(tag: &str) -> &'static Self {
        ALL.iter().find(|speech| speech.tag == tag).unwrap_or_else(|| Self::english())
    }

    fn read(tag: &'static str, file: &str) -> Option<Self> {
        let messages = Messages::parse(tag, file).ok()?;
        let text = |id: &str| {
            if messages.is_plural(id) { messages.plural(id) } else { messages.text(id).map(Plural::new) }
        };
        let texts = messages.ids().filter_map(|id| Some((id.to_owned(), text(id)?))).collect();
        Some(Self { tag, texts })
    }

    /// The language's tag, for `lang`.
    pub(crate) fn tag(&self) -> &'static str {
        self.tag
    }

    /// Which way it is written, for `dir`.
    pub(crate) fn direction(&self) -> &'static str {
        direction(self.tag)
    }

    /// The text of this name. Any other word is said as it is: some pages have no texts in other languages yet.
    pub(crate) fn t<'a>(&'a self, id: &'a str) -> &'a str {
        self.texts.get(id).map_or(id, |text| &text.other)
    }

    /// The same with a value for its one variable.
    pub(crate) fn one(&self, id: &str, name: &str, value: impl Display) -> String {
        filled(self.t(id), &[(name, &value)])
    }

    /// The same with two.
    pub(crate) fn two(
        &self,
        id: &str,
        (name, value): (&str, impl Display),
        (other, second): (&str, impl Display),
    ) -> String {
        filled(self.t(id), &[(name, &value), (other, &second)])
    }

    /// Puts one value in, in a text that is at hand.
    pub(crate) fn fill(text: &str, name: &str, value: &str) -> String {
        filled(text, &[(name, &value)])
    }

    /// The form of a text for this number.
    pub(crate) fn count(&self, id: &str, count: u64) -> String {
        let form = self.texts.get(id).map_or(id, |text| text.of(self.tag, count));
        filled(form, &[("count", &count)])
    }
}

/// Puts values in the place of variables. A value that looks like a variable stays as it is.
fn filled(text: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        filled.push_str(before);
        let found = behind.split_once('}').and_then(|(name, behind)| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((value, behind))
        });
        rest = match found {
            Some((value, behind)) => {
                filled.push_str(&value.to_string());
                behind
            }
            None => {
                filled.push('{');
                behind
            }
        };
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn each_language_is_there() {
        assert_eq!(ALL.iter().map(Speech::tag).collect::<Vec<_>>(), LANGUAGES);
        assert_eq!(Speech::named("ar").direction(), "rtl");
        assert_eq!(Speech::named("xx").tag(), "en");
        assert_eq!(Speech::asked().tag(), "en");
    }

    #[test]
    fn a_value_stays_as_it_is() {
        assert_eq!(filled("a {b} {c}", &[("b", &"{c}"), ("c", &"{b}")]), "a {c} {b}");
        assert_eq!(filled("{x} } { {b", &[("b", &1)]), "{x} } { {b");
    }

    #[test]
    fn numbers_have_the_forms_of_their_language() {
        let minutes = |tag: &str, count: u64| Speech::named(tag).count("moment-minutes-ago", count);
        assert_eq!([minutes("en", 1), minutes("en", 2)], ["1 minute ago", "2 minutes ago"]);
        assert_eq!([minutes("de", 1), minutes("de", 2)], ["vor 1 Minute", "vor 2 Minuten"]);
        assert_eq!(minutes("ar", 2), "قبل دقيقتين");
    }

    /// All source text and templates of the Console.
    fn sources(folder: &Path, found: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else {
                found.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }

    /// A text is named in a template, in a handler, or in another text; and what a template or a handler takes as a text is one.
    #[test]
    fn no_text_is_unused_and_none_that_is_used_is_missing() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut all = String::new();
        sources(&here.join("src"), &mut all);
        sources(&here.join("templates"), &mut all);
        let file = built_in::console("en").unwrap();
        let ids: BTreeSet<_> = Speech::english().texts.keys().map(String::as_str).collect();
        for id in &ids {
            let is_named = all.contains(&format!("\"{id}\"")) || file.contains(&format!("{{ {id} }}"));
            assert!(is_named, "{id} is used nowhere");
        }
        let begins = [
            "frame.t(\"",
            "frame.one(\"",
            "frame.two(\"",
            "frame.count(\"",
            "frame.own(\"",
            "frame.bold(\"",
            "frame.code(\"",
            "translated(\"",
        ];
        for begin in begins {
            for id in all.split(begin).skip(1).map(|rest| rest.split('"').next().unwrap()) {
                assert!(id.is_empty() || id.starts_with('\\') || ids.contains(id), "{begin} names {id}");
            }
        }
    }
}
