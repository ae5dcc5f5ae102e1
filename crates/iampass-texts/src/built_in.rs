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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Messages;

    /// Each language has the texts that English has, and no others, with the same variables.
    #[test]
    fn no_text_is_missing() {
        let read = |tag| Messages::parse(tag, login(tag).unwrap()).unwrap();
        let english = read("en");
        let variables = |text: &str| {
            let mut names: Vec<String> =
                text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap().to_owned()).collect();
            names.sort();
            names.dedup();
            names
        };
        for tag in LANGUAGES {
            let messages = read(tag);
            assert_eq!(messages.ids().collect::<Vec<_>>(), english.ids().collect::<Vec<_>>(), "{tag}");
            for id in english.ids() {
                let (own, of_english) = (messages.text(id).unwrap(), english.text(id).unwrap());
                assert!(!own.trim().is_empty(), "{tag} {id}");
                let own = variables(&own.replace(['\u{2068}', '\u{2069}'], ""));
                let is_count = |names: &Vec<String>| names.iter().all(|name| name == "count");
                assert!(own == variables(&of_english) || is_count(&own), "{tag} {id}: {own:?}");
            }
        }
    }
}
