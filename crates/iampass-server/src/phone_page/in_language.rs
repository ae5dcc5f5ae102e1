//! The page and what belongs to it, in each language. Belongs here: putting the texts in. Does not belong here: the texts themselves
//! (`iampass-texts`), and which language a request gets ([`super::language`]).

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use iampass_texts::built_in::LANGUAGES;
use iampass_texts::{Messages, OwnTexts, Pages, Plural, direction};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::files::{FRONT, MANIFEST, MODULES, PAGE, PUSH_WORKER, RELEASE, release};
use super::language;

/// The page and its manifest in one language.
#[derive(Debug)]
pub(super) struct InLanguage {
    /// The page as it stands at `/phone` and, one folder deeper, at `/r/{code}`. All addresses in it are relative: it does not know under which
    /// path prefix a proxy shows it.
    pub(super) at_phone: String,
    /// The same one folder deeper, at `/r/{code}`.
    pub(super) at_link: String,
    /// The page as an app.
    pub(super) manifest: String,
    /// The page at the root of the service, in which `{{service}}` and `{{console}}` are open.
    pub(super) front: String,
    /// The part of it that leads to the Console.
    pub(super) front_console: String,
    /// The label of the service's address on it.
    service_label: String,
}

impl InLanguage {
    /// No page at all.
    pub(super) const NOTHING: Self = Self {
        at_phone: String::new(),
        at_link: String::new(),
        manifest: String::new(),
        front: String::new(),
        front_console: String::new(),
        service_label: String::new(),
    };

    /// The part of the page at the root that says which service this is. `address` is text of HTML.
    pub(super) fn front_service(&self, address: &str) -> String {
        format!(r#"<p class="quiet">{} <b dir="ltr">{address}</b></p>"#, self.service_label)
    }
}

/// The page in all languages.
#[derive(Debug)]
pub(super) struct InAllLanguages {
    /// In the order of [`LANGUAGES`].
    all: Vec<InLanguage>,
    /// The worker of pushes, before which its texts stand in all languages: it shows them while no page is open.
    pub(super) worker: String,
    /// The folder of its files.
    pub(super) release: String,
}

static BUILT_IN: LazyLock<Arc<InAllLanguages>> =
    LazyLock::new(|| Arc::new(InAllLanguages::read(&OwnTexts::default(), RELEASE.clone())));

impl InAllLanguages {
    /// With texts of the operator's own in the place of those that come with IAMPASS.
    pub(super) fn with(own: &OwnTexts) -> Arc<Self> {
        if Pages::Phone.is_own_in(own) {
            Arc::new(Self::read(own, release(own)))
        } else {
            Arc::clone(&BUILT_IN)
        }
    }

    fn read(own: &OwnTexts, release: String) -> Self {
        let read = |tag| own.messages(Pages::Phone, tag);
        let all: Vec<_> = LANGUAGES.into_iter().filter_map(read).collect();
        let choices: Vec<_> = all.iter().map(choice).collect();
        let choices = choices.join("\n          ");
        Self {
            all: all.iter().map(|messages| render(messages, &choices, &release)).collect(),
            worker: worker(&all),
            release,
        }
    }

    /// Those in all languages, in the order of [`LANGUAGES`].
    pub(super) fn all(&self) -> impl Iterator<Item = &InLanguage> {
        self.all.iter()
    }

    /// That in the language at this place of [`LANGUAGES`].
    pub(super) fn at(&self, place: usize) -> Option<&InLanguage> {
        self.all.get(place)
    }

    /// That in the language with this very tag.
    pub(super) fn named(&self, tag: &str) -> Option<&InLanguage> {
        self.at(language::named(tag)?)
    }
}

/// A text, or its forms by the categories of numbers, as the page's script takes it.
#[derive(Serialize)]
#[serde(untagged)]
enum Text {
    Same(String),
    Forms(BTreeMap<&'static str, String>),
}

/// The page in one language, with these choices of another.
pub(super) fn render(messages: &Messages, choices: &str, release: &str) -> InLanguage {
    let tag = messages.language();
    let of_scripts = in_script(&texts(messages, |id| {
        let named = format!("\"{id}\"");
        MODULES.iter().any(|module| std::str::from_utf8(module.bytes).is_ok_and(|text| text.contains(&named)))
    }));
    let with_texts = |page: &str| {
        let filled = messages.ids().fold(page.to_owned(), |page, id| {
            page.replace(&format!("{{{{{id}}}}}"), &escaped(&messages.text(id).unwrap_or_default()))
        });
        filled.replace("{{language}}", tag).replace("{{direction}}", direction(tag))
    };
    let filled = with_texts(PAGE).replace("{{languages}}", choices).replace("{{texts}}", &of_scripts);
    InLanguage {
        at_phone: at_depth(&filled, "", release),
        at_link: at_depth(&filled, "../", release),
        manifest: manifest(messages),
        front: at_depth(&with_texts(FRONT), "", release),
        front_console: with_texts(FRONT_CONSOLE),
        service_label: with_texts("{{register-service}}"),
    }
}

/// The part of the page at the root that leads to the Console.
const FRONT_CONSOLE: &str = r#"<p>{{front-console-how}}</p>
      <div class="actions"><a class="button" href="console">{{front-console}}</a></div>"#;

fn texts(messages: &Messages, is_wanted: impl Fn(&str) -> bool) -> BTreeMap<String, Text> {
    let wanted = messages.ids().filter(|id| is_wanted(id));
    wanted.filter_map(|id| Some((id.to_owned(), text_of(messages, id)?))).collect()
}

/// Writing these to a string cannot fail. A tag in it would end the script that it stands in.
fn in_script(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default().replace('<', "\\u003c")
}

/// The texts of the worker in one language.
#[derive(Serialize)]
struct OfWorker {
    direction: &'static str,
    texts: BTreeMap<String, Text>,
}

fn worker(all: &[Messages]) -> String {
    // The first is that of a browser that asks for none of them. A list of pairs keeps their order.
    let languages: Vec<_> = all
        .iter()
        .map(|messages| {
            let is_named = |id: &str| PUSH_WORKER.contains(&format!("\"{id}\""));
            let of_worker =
                OfWorker { direction: direction(messages.language()), texts: texts(messages, is_named) };
            (messages.language(), of_worker)
        })
        .collect();
    format!("const LANGUAGES = Object.fromEntries({});\n\n{PUSH_WORKER}", in_script(&languages))
}

fn at_depth(page: &str, up: &str, release: &str) -> String {
    let folder = format!("{up}assets/{release}");
    let preloads: Vec<_> = MODULES
        .iter()
        .map(|module| format!(r#"<link rel="modulepreload" href="{folder}/{}">"#, module.name))
        .collect();
    page.replace("{{modules}}", &preloads.join("\n  ")).replace("{{assets}}", &folder)
}

fn manifest(messages: &Messages) -> String {
    let mut manifest: Map<String, Value> = serde_json::from_str(MANIFEST).unwrap_or_default();
    let members = [
        ("lang", json!(messages.language())),
        ("dir", json!(direction(messages.language()))),
        ("name", json!(messages.text("app-name"))),
        ("description", json!(messages.text("app-description"))),
    ];
    manifest.extend(members.map(|(name, value)| (name.to_owned(), value)));
    Value::Object(manifest).to_string()
}

/// The language in the list of languages, by its own name.
fn choice(messages: &Messages) -> String {
    let (tag, name) = (messages.language(), messages.text("language-name").unwrap_or_default());
    format!(r#"<option value="{tag}" lang="{tag}">{}</option>"#, escaped(&name))
}

fn text_of(messages: &Messages, id: &str) -> Option<Text> {
    if !messages.is_plural(id) {
        return messages.text(id).map(Text::Same);
    }
    let Plural { zero, one, two, few, many, other } = messages.plural(id)?;
    let named =
        [("zero", zero), ("one", one), ("two", two), ("few", few), ("many", many), ("other", Some(other))];
    Some(Text::Forms(named.into_iter().filter_map(|(name, form)| Some((name, form?))).collect()))
}

/// As text in HTML, also between quotes.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::collections::BTreeSet;

    use iampass_texts::built_in;

    use super::*;

    fn scripts() -> impl Iterator<Item = &'static str> {
        MODULES.iter().map(|module| std::str::from_utf8(module.bytes).unwrap()).chain([PUSH_WORKER])
    }

    /// The text between these two, wherever they are.
    fn between<'a>(text: &'a str, before: &'a str, after: &'a str) -> impl Iterator<Item = &'a str> {
        text.split(before).skip(1).filter_map(move |rest| Some(rest.split_once(after)?.0))
    }

    /// The texts that calls of this function name.
    fn named_by<'a>(script: &'a str, function: &'a str) -> impl Iterator<Item = &'a str> {
        script.match_indices(function).filter_map(move |(at, _)| {
            let is_whole = !script[..at].ends_with(|before: char| before.is_alphanumeric());
            let rest = script[at + function.len()..].strip_prefix("(\"")?;
            is_whole.then_some(rest.split_once('"')?.0)
        })
    }

    #[test]
    fn each_language_has_the_page() {
        assert_eq!(BUILT_IN.all.len(), LANGUAGES.len());
        for (tag, page) in LANGUAGES.into_iter().zip(&BUILT_IN.all) {
            assert!(page.at_phone.contains(&format!("<html lang=\"{tag}\" dir=\"{}\">", direction(tag))));
            for html in [&page.at_phone, &page.at_link] {
                assert!(!html.contains("{{"), "{tag}: {:?}", between(html, "{{", "}}").next());
            }
            assert!(
                LANGUAGES.iter().all(|other| page.at_phone.contains(&format!("<option value=\"{other}\"")))
            );
            let manifest: Value = serde_json::from_str(&page.manifest).unwrap();
            assert_eq!(manifest["lang"], tag);
            assert!(manifest["name"].as_str().unwrap().contains("IAMPASS"));
        }
    }

    /// A browser that asks for none of them gets the first.
    #[test]
    fn the_worker_has_its_texts_in_all_languages() {
        let pairs = between(&BUILT_IN.worker, "Object.fromEntries(", ");\n").next().unwrap();
        let pairs: Vec<(String, Value)> = serde_json::from_str(pairs).unwrap();
        let tags: Vec<_> = pairs.iter().map(|(tag, _)| &**tag).collect();
        assert_eq!(tags, LANGUAGES);
        for (tag, of_worker) in &pairs {
            assert_eq!(of_worker["direction"], direction(tag));
            let texts = of_worker["texts"].as_object().unwrap();
            assert!(!texts.is_empty() && texts.keys().eq(pairs[0].1["texts"].as_object().unwrap().keys()));
            for id in between(PUSH_WORKER, "texts[\"", "\"]").chain(["push-question-title", "push-test"]) {
                assert!(texts[id].is_string(), "{tag}: {id}");
            }
        }
    }

    /// A text is in the page, in a script, in another text, or in this file; and what a script names is a text.
    #[test]
    fn no_text_is_unused_and_none_that_is_used_is_missing() {
        let file = built_in::phone("en").unwrap();
        let messages = Messages::parse("en", file).unwrap();
        for id in messages.ids() {
            let is_in_page =
                [PAGE, FRONT, FRONT_CONSOLE].iter().any(|page| page.contains(&format!("{{{{{id}}}}}")));
            let is_in_script = scripts().any(|script| script.contains(&format!("\"{id}\"")));
            let is_in_text = file.contains(&format!("{{ {id} }}"));
            let is_here = ["app-description", "language-name"].contains(&id);
            assert!(is_in_page || is_in_script || is_in_text || is_here, "{id} is used nowhere");
        }
        let ids: BTreeSet<_> = messages.ids().collect();
        for id in scripts().flat_map(|script| named_by(script, "text").chain(named_by(script, "tabTitle"))) {
            assert!(ids.contains(id), "a script names {id}");
        }
    }

    /// The variables that a script fills are those of the text: one that is not filled would stand in the page.
    #[test]
    fn scripts_fill_what_is_open() {
        let messages = Messages::parse("en", built_in::phone("en").unwrap()).unwrap();
        for script in scripts() {
            // Only calls without values end so.
            for id in named_by(script, "text").filter(|id| script.contains(&format!("text(\"{id}\")"))) {
                assert!(!messages.text(id).unwrap().contains('{'), "{id} is used without its values");
            }
        }
    }

    /// The texts are data: nothing in them ends the script that holds them, or is run.
    #[test]
    fn a_text_cannot_end_its_script() {
        fn evil(text: &str) -> Cow<'_, str> {
            format!("{text}</script><script>alert(1)</script>").into()
        }
        let file = built_in::phone("en").unwrap();
        let page = render(&Messages::changed("en", file, Some(evil)).unwrap(), "", "release");
        assert!(page.at_phone.contains("&lt;script&gt;alert") && page.at_phone.contains("\\u003cscript"));
        assert!(!page.at_phone.contains("<script>alert"));
    }

    #[test]
    fn a_script_gets_the_forms_of_its_language() {
        let arabic = Messages::parse("ar", built_in::phone("ar").unwrap()).unwrap();
        let Text::Forms(forms) = text_of(&arabic, "request-more").unwrap() else { panic!("no forms") };
        assert_eq!(forms.len(), 6, "{forms:?}");
        assert!(matches!(text_of(&arabic, "request-seconds"), Some(Text::Same(_))));
    }
}
