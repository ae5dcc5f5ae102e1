//! [`Speech`]: the texts of the Console in one language, and the language of the request that is answered.
//!
//! Belongs here: finding a text and filling it in. Does
//! not belong here: the texts themselves (`iampass-texts`), where they stand (`templates/console`), and which language a request gets
//! ([`super::language`]).

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::{Arc, LazyLock};

use iampass_texts::built_in::LANGUAGES;
use iampass_texts::{Messages, OwnTexts, Pages, Plural, direction};

/// The texts of the Console in one language.
#[derive(Debug, Default)]
pub(crate) struct Speech {
    tag: &'static str,
    texts: HashMap<String, Plural>,
}

/// The texts of the Console in all languages. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ConsoleTexts {
    /// In the order of [`LANGUAGES`]: English, in which every text is written first, is the first one.
    all: Arc<[Arc<Speech>]>,
}

static BUILT_IN: LazyLock<ConsoleTexts> = LazyLock::new(|| ConsoleTexts::read(&OwnTexts::default()));

tokio::task_local! {
    /// The language and the page of the request that is answered.
    static ASKED: Asked;
}

/// The language of a request, and the page that it is for.
#[derive(Clone, Debug)]
struct Asked {
    speech: Arc<Speech>,
    /// None where the answer to another request would not be the same page.
    page: Option<String>,
}

/// Runs the answer to a request in this language. `page` is None where the answer to another request would not be the same page.
pub(super) async fn spoken<T>(
    speech: Arc<Speech>,
    page: Option<String>,
    answer: impl Future<Output = T>,
) -> T {
    ASKED.scope(Asked { speech, page }, answer).await
}

/// The address of the page that is answered, below the origin. None where the page cannot be loaded again.
pub(super) fn page_asked() -> Option<String> {
    ASKED.try_with(|asked| asked.page.clone()).ok().flatten()
}

impl ConsoleTexts {
    /// Those that come with the Console.
    #[must_use]
    pub fn built_in() -> Self {
        BUILT_IN.clone()
    }

    /// The same with texts of the operator's own in their place.
    #[must_use]
    pub fn with(own: &OwnTexts) -> Self {
        if Pages::Console.is_own_in(own) { Self::read(own) } else { Self::built_in() }
    }

    fn read(own: &OwnTexts) -> Self {
        let read = |tag| Some(Arc::new(Speech::read(tag, &own.messages(Pages::Console, tag)?)));
        Self { all: LANGUAGES.into_iter().filter_map(read).collect() }
    }

    /// The language with this tag. English if there is none.
    pub(crate) fn named(&self, tag: &str) -> Arc<Speech> {
        let found = self.all.iter().find(|speech| speech.tag == tag).or_else(|| self.all.first());
        // Every language is there: a test reads them all.
        found.cloned().unwrap_or_default()
    }
}

/// The English text of this name, for commands.
pub(crate) fn english_text(id: &'static str) -> &'static str {
    BUILT_IN.all.first().map_or(id, |english| english.t(id))
}

impl Speech {
    /// That of the request that is answered. English where there is none.
    pub(crate) fn asked() -> Arc<Self> {
        ASKED.try_with(|asked| Arc::clone(&asked.speech)).unwrap_or_else(|_| Self::english())
    }

    /// English, in which every text is written first.
    pub(crate) fn english() -> Arc<Self> {
        BUILT_IN.named("en")
    }

    fn read(tag: &'static str, messages: &Messages) -> Self {
        let text = |id: &str| {
            if messages.is_plural(id) { messages.plural(id) } else { messages.text(id).map(Plural::new) }
        };
        let texts = messages.ids().filter_map(|id| Some((id.to_owned(), text(id)?))).collect();
        Self { tag, texts }
    }

    /// The language's tag, for `lang`.
    pub(crate) fn tag(&self) -> &'static str {
        self.tag
    }

    /// Which way it is written, for `dir`.
    pub(crate) fn direction(&self) -> &'static str {
        direction(self.tag)
    }

    /// The text of this name. Any other word is said as it is: a name, or a text that has been filled in.
    pub(crate) fn t<'a>(&'a self, id: &'a str) -> &'a str {
        self.texts.get(id).map_or(id, |text| &text.other)
    }

    /// The same with a value for its one variable.
    pub(crate) fn one(&self, id: &str, name: &str, value: impl Display) -> String {
        filled(self.t(id), &[(name, &isolated(&value.to_string()))])
    }

    /// The same with two.
    pub(crate) fn two(
        &self,
        id: &str,
        (name, value): (&str, impl Display),
        (other, second): (&str, impl Display),
    ) -> String {
        let (value, second) = (value.to_string(), second.to_string());
        filled(self.t(id), &[(name, &isolated(&value)), (other, &isolated(&second))])
    }

    /// Puts one value in, in a text that is at hand.
    pub(crate) fn fill(text: &str, name: &str, value: &str) -> String {
        filled(text, &[(name, &value)])
    }

    /// So long, in the largest unit in which it is a whole number.
    pub(crate) fn duration(&self, seconds: u64) -> String {
        match seconds {
            _ if !seconds.is_multiple_of(60) => self.count("duration-seconds", seconds),
            _ if !seconds.is_multiple_of(3_600) => self.count("duration-minutes", seconds / 60),
            _ if !seconds.is_multiple_of(86_400) => self.count("duration-hours", seconds / 3_600),
            _ => self.count("duration-days", seconds / 86_400),
        }
    }

    /// About so long, in a unit in which people say it: what is less than two of a unit is said in the next smaller one.
    pub(crate) fn about(&self, seconds: u64) -> String {
        match seconds {
            0..120 => self.count("duration-seconds", seconds),
            120..7_200 => self.count("duration-minutes", seconds / 60),
            7_200..172_800 => self.count("duration-hours", seconds / 3_600),
            _ => self.count("duration-days", seconds / 86_400),
        }
    }

    /// Sessions that end, as a sentence. There may be more where there are `most`.
    pub(crate) fn sessions_end(&self, sessions: u64, most: u64) -> String {
        match sessions {
            0 => self.t("sessions-none-end").to_owned(),
            many if many >= most => self.one("sessions-many-end", "most", most),
            some => self.count("sessions-end-at-once", some),
        }
    }

    /// The form of a text for this number.
    pub(crate) fn count(&self, id: &str, count: u64) -> String {
        let form = self.texts.get(id).map_or(id, |text| text.of(self.tag, count));
        filled(form, &[("count", &count)])
    }
}

/// A value that is put into a text, set apart from it where one of its letters is written from the right: it must not turn the sentence round.
pub(super) fn isolated(value: &str) -> std::borrow::Cow<'_, str> {
    let is_right_to_left = |one: char| matches!(one, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}');
    if value.contains(is_right_to_left) { format!("\u{2068}{value}\u{2069}").into() } else { value.into() }
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
        assert_eq!(BUILT_IN.all.iter().map(|speech| speech.tag).collect::<Vec<_>>(), LANGUAGES);
        assert_eq!(BUILT_IN.named("ar").direction(), "rtl");
        assert_eq!(BUILT_IN.named("xx").tag(), "en");
        assert_eq!(Speech::asked().tag(), "en");
    }

    #[test]
    fn a_name_that_is_written_from_the_right_does_not_turn_the_sentence_round() {
        let english = Speech::english();
        assert_eq!(english.one("leave-heading", "application", "Shop"), "Leave Shop?");
        assert_eq!(english.one("leave-heading", "application", "متجر"), "Leave \u{2068}متجر\u{2069}?");
        let arabic = BUILT_IN.named("ar").one("leave-heading", "application", "Shop");
        assert!(arabic.contains("\u{2068}Shop\u{2069}"), "{arabic}");
    }

    #[test]
    fn a_value_stays_as_it_is() {
        assert_eq!(filled("a {b} {c}", &[("b", &"{c}"), ("c", &"{b}")]), "a {c} {b}");
        assert_eq!(filled("{x} } { {b", &[("b", &1)]), "{x} } { {b");
    }

    #[test]
    fn numbers_have_the_forms_of_their_language() {
        let minutes = |tag: &str, count: u64| BUILT_IN.named(tag).count("moment-minutes-ago", count);
        assert_eq!([minutes("en", 1), minutes("en", 2)], ["1 minute ago", "2 minutes ago"]);
        assert_eq!([minutes("de", 1), minutes("de", 2)], ["vor 1 Minute", "vor 2 Minuten"]);
        assert_eq!(minutes("ar", 2), "قبل دقيقتين");
    }

    #[test]
    fn lengths_are_said_in_a_unit_that_people_use() {
        let said =
            [0, 119, 120, 7_199, 7_200, 172_799, 172_800].map(|seconds| Speech::english().about(seconds));
        assert_eq!(
            said,
            ["0 seconds", "119 seconds", "2 minutes", "119 minutes", "2 hours", "47 hours", "2 days"]
        );
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
        let file = iampass_texts::built_in::console("en").unwrap();
        let english = Speech::english();
        let ids: BTreeSet<_> = english.texts.keys().map(String::as_str).collect();
        for id in &ids {
            let is_named = all.contains(&format!("\"{id}\"")) || file.contains(&format!("{{ {id} }}"));
            assert!(is_named, "{id} is used nowhere");
        }
        let begins = [
            "frame.t(\"",
            "frame.one(\"",
            "frame.two(\"",
            "frame.count(\"",
            "frame.bold(\"",
            "frame.code(\"",
            "frame.time(\"",
            "speech.t(\"",
            "speech.one(\"",
            "speech.two(\"",
            "speech.count(\"",
        ];
        for begin in begins {
            for id in all.split(begin).skip(1).map(|rest| rest.split('"').next().unwrap()) {
                assert!(id.is_empty() || id.starts_with('\\') || ids.contains(id), "{begin} names {id}");
            }
        }
    }
}
