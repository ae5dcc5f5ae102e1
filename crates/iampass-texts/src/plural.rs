//! [`Plural`]: a text that depends on a number.

use icu_locale_core::Locale;
use icu_plurals::{PluralCategory, PluralRules, PluralRulesOptions};

/// A text that depends on a number, which it has as `{count}`: a form for each category of numbers that its language tells apart (CLDR's plural
/// rules). A category that is not there takes [`Plural::other`].
///
/// ```
/// use iampass_texts::Plural;
///
/// let days = Plural { one: Some("{count} day".into()), ..Plural::new("{count} days") };
/// assert_eq!(days.of("en", 1), "{count} day");
/// assert_eq!(days.of("en", 2), "{count} days");
/// assert_eq!(days.of("fr", 0), "{count} day", "French counts 0 as 1");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plural {
    /// For numbers of the category *zero*: in Arabic 0.
    pub zero: Option<String>,
    /// Of *one*: in English 1.
    pub one: Option<String>,
    /// Of *two*: in Arabic 2.
    pub two: Option<String>,
    /// Of *few*: in Arabic 3 to 10, and 103 to 110.
    pub few: Option<String>,
    /// Of *many*: in Arabic 11 to 99.
    pub many: Option<String>,
    /// For all others.
    pub other: String,
}

impl Plural {
    /// The same for all numbers.
    #[must_use]
    pub fn new(other: impl Into<String>) -> Self {
        Self { zero: None, one: None, two: None, few: None, many: None, other: other.into() }
    }

    /// The form for this number in this language. [`Plural::other`] if the language is not known.
    #[must_use]
    pub fn of(&self, language: &str, count: u64) -> &str {
        let form = match category(language, count) {
            PluralCategory::Zero => &self.zero,
            PluralCategory::One => &self.one,
            PluralCategory::Two => &self.two,
            PluralCategory::Few => &self.few,
            PluralCategory::Many => &self.many,
            PluralCategory::Other => &None,
        };
        form.as_deref().unwrap_or(&self.other)
    }

    /// Each form.
    pub fn forms_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let Self { zero, one, two, few, many, other } = self;
        [zero, one, two, few, many].into_iter().flatten().chain([other])
    }

    /// The form of this category.
    pub(crate) fn form_mut(&mut self, category: PluralCategory) -> Option<&mut Option<String>> {
        match category {
            PluralCategory::Zero => Some(&mut self.zero),
            PluralCategory::One => Some(&mut self.one),
            PluralCategory::Two => Some(&mut self.two),
            PluralCategory::Few => Some(&mut self.few),
            PluralCategory::Many => Some(&mut self.many),
            PluralCategory::Other => None,
        }
    }
}

/// By ICU4X's rules: those that Fluent's own crate brings leave some out (`findings/fluent-arabic-plurals-over-hundred.sh`).
pub(crate) fn category(tag: &str, count: u64) -> PluralCategory {
    let locale = tag.parse::<Locale>().ok();
    let rules =
        locale.and_then(|locale| PluralRules::try_new(locale.into(), PluralRulesOptions::default()).ok());
    rules.map_or(PluralCategory::Other, |rules| rules.category_for(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arabic_has_six_forms() {
        let forms = Plural {
            zero: Some("zero".into()),
            one: Some("one".into()),
            two: Some("two".into()),
            few: Some("few".into()),
            many: Some("many".into()),
            other: "other".into(),
        };
        for (count, form) in [
            (0, "zero"),
            (1, "one"),
            (2, "two"),
            (3, "few"),
            (10, "few"),
            (11, "many"),
            (99, "many"),
            (100, "other"),
            (103, "few"),
        ] {
            assert_eq!(forms.of("ar", count), form, "{count}");
        }
        assert_eq!(forms.of("ar-EG", 3), "few");
        assert_eq!(forms.of("xx", 1), "other");
        assert_eq!(forms.of("no tag", 1), "other");
    }

    #[test]
    fn a_form_that_is_not_there_is_the_last_one() {
        assert_eq!(Plural::new("all").of("ar", 2), "all");
    }
}
