//! The files that come with IAMPASS: English, German, French, Spanish and Arabic.

/// The tags of the languages. English is first: it is the one that all texts are written in first.
pub const LANGUAGES: [&str; 5] = ["en", "de", "fr", "es", "ar"];

macro_rules! files {
    ($file:literal, $tag:expr) => {
        match $tag {
            "en" => Some(include_str!(concat!("../texts/en/", $file))),
            "de" => Some(include_str!(concat!("../texts/de/", $file))),
            "fr" => Some(include_str!(concat!("../texts/fr/", $file))),
            "es" => Some(include_str!(concat!("../texts/es/", $file))),
            "ar" => Some(include_str!(concat!("../texts/ar/", $file))),
            _ => None,
        }
    };
}

/// The texts of the login pages of an application, as a file in Fluent's format. `None` for other languages than [`LANGUAGES`].
///
/// ```
/// assert!(iampass_texts::built_in::login("en").is_some_and(|file| file.contains("login-title = Sign in")));
/// ```
#[must_use]
pub fn login(tag: &str) -> Option<&'static str> {
    files!("login.ftl", tag)
}

/// The texts of the page that plays the phone, in the same way.
#[must_use]
pub fn phone(tag: &str) -> Option<&'static str> {
    files!("phone.ftl", tag)
}

/// The texts of the service's Console, in the same way.
#[must_use]
pub fn console(tag: &str) -> Option<&'static str> {
    files!("console.ftl", tag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Messages;

    type File = fn(&str) -> Option<&'static str>;

    /// The variables that stand in a text, each once.
    fn variables(text: &str) -> Vec<String> {
        let text = text.replace(['\u{2068}', '\u{2069}'], "");
        let mut names: Vec<String> =
            text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap().to_owned()).collect();
        names.sort();
        names.dedup();
        names
    }

    /// A text that tells a person of something says what to do about it, in a sentence of its own.
    #[test]
    fn what_a_phone_tells_has_a_next_step() {
        let told = [
            "news-waits",
            "news-confirmed",
            "news-recovered",
            "news-registered",
            "news-removed",
            "news-codes-made",
            "news-link-made",
            "pushes-denied",
            "pushes-none",
            "pushes-not-taken",
            "pushes-not-subscribed",
            "pushes-no-answer",
            "pushes-no-background",
            "pushes-no-worker",
            "push-question",
            "push-session",
            "push-test",
        ];
        for tag in LANGUAGES {
            let messages = Messages::parse(tag, phone(tag).unwrap()).unwrap();
            for id in told {
                let text = messages.text(id).unwrap();
                // A name behind a colon is none, and a sentence with one has its next step behind it.
                let sentences: Vec<_> = text.split(". ").filter(|part| !part.trim().is_empty()).collect();
                let is_told = sentences.len() >= 2 || text.contains(": ") && !text.contains(": {");
                assert!(is_told, "{tag}: {id} = {text}");
                if id.starts_with("news-") {
                    let opens = messages.text("phones-open").unwrap();
                    assert!(sentences.last().unwrap().contains(&*opens), "{tag}: {id} = {text}");
                }
            }
        }
    }

    /// Each language has the texts that English has, and no others, with the same variables.
    #[test]
    fn no_text_is_missing() {
        for (file, name) in [(login as File, "login"), (phone, "phone"), (console, "console")] {
            let read = |tag| Messages::parse(tag, file(tag).unwrap()).unwrap();
            let english = read("en");
            for tag in LANGUAGES {
                let messages = read(tag);
                let ids = messages.ids().collect::<Vec<_>>();
                assert_eq!(ids, english.ids().collect::<Vec<_>>(), "{tag} {name}");
                for id in ids {
                    assert_eq!(messages.is_plural(id), english.is_plural(id), "{tag} {id}");
                    let (own, of_english) = (messages.text(id).unwrap(), english.text(id).unwrap());
                    assert!(!own.trim().is_empty(), "{tag} {id}");
                    // A form may leave its number out: one day.
                    let without_count = |text: &str| {
                        let mut names = variables(text);
                        names.retain(|name| name != "count" || !english.is_plural(id));
                        names
                    };
                    assert_eq!(without_count(&own), without_count(&of_english), "{tag} {id}");
                }
            }
        }
    }

    /// The worker of the phone's page puts texts into a page as they are.
    #[test]
    fn no_text_is_markup() {
        for tag in LANGUAGES {
            let messages = Messages::parse(tag, phone(tag).unwrap()).unwrap();
            for id in messages.ids() {
                assert!(!messages.text(id).unwrap().contains(['<', '>', '&']), "{tag} {id}");
            }
        }
    }
}
