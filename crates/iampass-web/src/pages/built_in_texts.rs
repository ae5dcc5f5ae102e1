//! The texts of the languages that come with IAMPASS, and those of an application's own files. Does not belong here: which texts there are
//! ([`super::texts`]).

use std::sync::LazyLock;

use iampass_texts::{Languages, Messages, TextError, built_in};

use super::Texts;

static ENGLISH: LazyLock<Texts> = LazyLock::new(|| Texts::read("en", built_in("en").ok().as_ref(), None));

static BUILT_IN: LazyLock<Vec<Texts>> = LazyLock::new(|| {
    let others = built_in::LANGUAGES.into_iter().skip(1);
    let read = |language| Some(Texts::read(language, Some(&built_in(language).ok()?), Some(&ENGLISH)));
    std::iter::once(ENGLISH.clone()).chain(others.filter_map(read)).collect()
});

/// The built-in texts that come nearest: for `de-AT` the German ones.
fn built_in(language: &str) -> Result<Messages, TextError> {
    let nearest = Languages::new(built_in::LANGUAGES)?.best(language);
    let file = built_in::LANGUAGES.get(nearest).and_then(|nearest| built_in::login(nearest));
    Messages::parse(language, file.unwrap_or_default())
}

impl Default for Texts {
    /// The English ones.
    fn default() -> Self {
        ENGLISH.clone()
    }
}

impl Texts {
    /// The languages that come with IAMPASS: English, German, French, Spanish and Arabic, in this order.
    #[must_use]
    pub fn built_in() -> Vec<Self> {
        BUILT_IN.clone()
    }

    /// The texts of a file in Fluent's format, for a language of the application's own or with some texts of its own. Texts that are not in the file
    /// are those of the built-in language of this tag, or English.
    ///
    /// # Errors
    /// [`TextError`]: the file has a mistake, or a text that no page has ([`Texts::NAMES`]).
    pub fn from_fluent(language: &str, file: &str) -> Result<Self, TextError> {
        Self::from_messages(&Messages::parse(language, file)?)
    }

    /// The same from texts that have been read.
    ///
    /// # Errors
    /// [`TextError::Unknown`]: a text that no page has.
    pub fn from_messages(messages: &Messages) -> Result<Self, TextError> {
        let language = messages.language();
        let is_known = |id: &&str| Self::NAMES.iter().any(|name| name.replace('_', "-") == **id);
        if let Some(id) = messages.ids().find(|id| !is_known(id)) {
            return Err(TextError::Unknown { language: language.to_owned(), id: id.to_owned() });
        }
        let others = built_in(language).map(|others| Self::read(language, Some(&others), Some(&ENGLISH)));
        let mut texts = Self::read(language, Some(messages), Some(others.as_ref().unwrap_or(&ENGLISH)));
        // Two languages of one name could not be told apart in the list.
        if messages.text("language-name").is_none() && !built_in::LANGUAGES.contains(&language) {
            texts.language_name = language.to_owned().into();
        }
        Ok(texts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_is_there_in_each_language() {
        let all = Texts::built_in();
        assert_eq!(all.iter().map(|texts| &*texts.language).collect::<Vec<_>>(), built_in::LANGUAGES);
        let english = Texts::default();
        for texts in &all {
            let mut own: Vec<_> =
                built_in(&texts.language).unwrap().ids().map(|id| id.replace('-', "_")).collect();
            let mut names = Texts::NAMES.to_vec();
            own.sort();
            names.sort_unstable();
            assert_eq!(own, names, "{}", texts.language);
            assert!(texts.language == "en" || texts.login_heading != english.login_heading);
        }
        assert_eq!(
            all.iter().map(|texts| &*texts.direction).collect::<Vec<_>>(),
            ["ltr", "ltr", "ltr", "ltr", "rtl"]
        );
        assert_eq!(all.first(), Some(&english));
    }

    #[test]
    fn a_file_of_the_application_changes_what_is_in_it() {
        let own = Texts::from_fluent("de-AT", "login-button = Einloggen").unwrap();
        assert_eq!(own.login_button, "Einloggen");
        assert_eq!((&*own.language, &*own.login_title), ("de-AT", "Anmelden"));
        assert_eq!(own.language_name, "de-AT");
        assert_eq!(Texts::from_fluent("it", "").unwrap().login_title, "Sign in");
        assert_eq!(Texts::from_fluent("it", "").unwrap().language_name, "it");
        let own = Texts::from_fluent("de", "login-button = Einloggen").unwrap();
        assert_eq!((&*own.login_button, &*own.login_title), ("Einloggen", "Anmelden"));
        let error = Texts::from_fluent("de", "login-buton = Einloggen").unwrap_err();
        assert_eq!(error, TextError::Unknown { language: "de".into(), id: "login-buton".into() });
        assert!(!error.is_retryable());
    }
}
