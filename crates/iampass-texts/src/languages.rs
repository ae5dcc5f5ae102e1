//! [`Languages`]: those that pages are there in, and the one that a browser asks for.

use fluent_langneg::{NegotiationStrategy, negotiate_languages};
use unic_langid::{CharacterDirection, LanguageIdentifier};

use crate::TextError;

/// The most languages of a header that are looked at. Browsers send fewer than ten.
const MOST_ASKED: usize = 32;

/// The languages that pages are there in. The first one is for browsers that ask for none of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Languages(Vec<LanguageIdentifier>);

impl Languages {
    /// Of these tags (BCP 47, as `de` or `pt-BR`).
    ///
    /// # Errors
    /// [`TextError::Language`] for what is no tag, [`TextError::NoLanguage`] if there is none.
    pub fn new<'a>(tags: impl IntoIterator<Item = &'a str>) -> Result<Self, TextError> {
        let languages = tags.into_iter().map(language).collect::<Result<Vec<_>, _>>()?;
        if languages.is_empty() { Err(TextError::NoLanguage) } else { Ok(Self(languages)) }
    }

    /// The place of the language that fits an `Accept-Language` header best (RFC 9110, section 12.5.4): by its weights, and in its order where they
    /// are equal. Parts that cannot be read count as not there. 0 if none fits.
    ///
    /// ```
    /// let languages = iampass_texts::Languages::new(["en", "de", "fr"])?;
    /// assert_eq!(languages.best("de-CH, fr;q=0.9"), 1);
    /// assert_eq!(languages.best("de;q=0.1, fr;q=0.9"), 2);
    /// assert_eq!(languages.best("it"), 0);
    /// # Ok::<(), iampass_texts::TextError>(())
    /// ```
    #[must_use]
    pub fn best(&self, accept_language: &str) -> usize {
        let asked = asked(accept_language);
        let found = negotiate_languages(&asked, &self.0, None, NegotiationStrategy::Lookup);
        found.first().and_then(|found| self.0.iter().position(|one| one == *found)).unwrap_or(0)
    }

    /// The place of the language with this very tag. Case does not matter.
    #[must_use]
    pub fn named(&self, tag: &str) -> Option<usize> {
        let asked = language(tag).ok()?;
        self.0.iter().position(|one| *one == asked)
    }
}

/// Those that a header asks for, the most wanted one first.
fn asked(header: &str) -> Vec<LanguageIdentifier> {
    let mut asked: Vec<(u16, LanguageIdentifier)> = header
        .split(',')
        .take(MOST_ASKED)
        .filter_map(|one| {
            let mut parts = one.split(';').map(str::trim);
            let language = language(parts.next()?).ok()?;
            let weight = match parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q="))) {
                Some(weight) => thousandths(weight)?,
                None => 1_000,
            };
            (weight > 0).then_some((weight, language))
        })
        .collect();
    asked.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    asked.into_iter().map(|(_, language)| language).collect()
}

/// A weight between 0 and 1.
fn thousandths(weight: &str) -> Option<u16> {
    let weight: f32 = weight.parse().ok()?;
    if !(0.0..=1.0).contains(&weight) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and 1,000")]
    Some((weight * 1_000.0) as u16)
}

/// Which way a language is written: `ltr` or `rtl`, as in HTML's `dir`. `ltr` where it is not known.
///
/// ```
/// assert_eq!(iampass_texts::direction("ar"), "rtl");
/// assert_eq!(iampass_texts::direction("de-CH"), "ltr");
/// ```
#[must_use]
pub fn direction(tag: &str) -> &'static str {
    match language(tag).map(|language| language.character_direction()) {
        Ok(CharacterDirection::RTL) => "rtl",
        _ => "ltr",
    }
}

pub(crate) fn language(tag: &str) -> Result<LanguageIdentifier, TextError> {
    let no_tag = || TextError::Language { tag: tag.to_owned() };
    // `und` is what an empty tag is read as.
    let language: LanguageIdentifier = tag.parse().map_err(|_| no_tag())?;
    if language.language.is_empty() { Err(no_tag()) } else { Ok(language) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best(header: &str) -> usize {
        Languages::new(["en", "de", "fr", "pt-BR"]).unwrap().best(header)
    }

    #[test]
    fn the_one_that_is_wanted_most_is_found() {
        for (header, expected) in [
            ("", 0),
            ("*", 0),
            ("de", 1),
            ("DE-at", 1),
            ("de-CH,de;q=0.9,en;q=0.8", 1),
            ("fr;q=0.2, de;q=0.3", 1),
            ("it, fr;q=0.5, en;q=0.1", 2),
            ("de;q=0", 0),
            ("de;q=0, fr;q=0.1", 2),
            ("pt", 3),
            ("pt-BR", 3),
            ("ja, zh-Hant-TW", 0),
        ] {
            assert_eq!(best(header), expected, "{header}");
        }
    }

    #[test]
    fn a_header_that_cannot_be_read_chooses_nothing() {
        for header in
            ["de;q=2", "de;q=-1", "de;q=NaN", "de;q=", ";;;,,,", "\u{0}", "d", "-", "de_DE_DE_DE", "😀"]
        {
            assert_eq!(best(header), 0, "{header:?}");
        }
        let long = "xx,".repeat(100_000) + "de";
        assert_eq!(best(&long), 0, "only the first ones are looked at");
    }

    #[test]
    fn a_choice_is_by_the_very_tag() {
        let languages = Languages::new(["en", "pt-BR"]).unwrap();
        assert_eq!(languages.named("pt-br"), Some(1));
        for none in ["pt", "de", "", "und", "en-US", "../en"] {
            assert_eq!(languages.named(none), None, "{none}");
        }
    }

    #[test]
    fn there_has_to_be_a_language() {
        assert_eq!(Languages::new([]), Err(TextError::NoLanguage));
        for bad in ["", "und", "english please"] {
            assert!(matches!(Languages::new([bad]), Err(TextError::Language { .. })), "{bad}");
        }
    }
}
