//! [`Messages`]: the texts of one file.

use std::collections::BTreeSet;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentError, FluentResource, FluentValue};
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use unic_langid::LanguageIdentifier;

use crate::languages::language;
use crate::plural::category;
use crate::{Plural, TextError, direction};

/// The numbers that are tried for the forms of a plural: all categories of all languages are among them.
const SAMPLES: std::ops::RangeInclusive<u64> = 0..=120;

/// The texts of one language, as a file in Fluent's format has them.
///
/// A variable of a text, `{ $name }`, is left as `{name}`. `$count` is the number that the forms of a [`Plural`] depend on; all others stand for
/// text. In languages that are written from the right, variables are set apart by the marks that Unicode has for it (FSI and PDI), so that a name
/// in Latin letters does not turn the sentence round.
pub struct Messages {
    tag: String,
    bundle: FluentBundle<FluentResource>,
    ids: BTreeSet<String>,
    /// Those whose text is not the same for all numbers.
    plurals: BTreeSet<String>,
    variables: BTreeSet<String>,
}

impl std::fmt::Debug for Messages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Messages").field("language", &self.tag).field("texts", &self.ids.len()).finish()
    }
}

impl Messages {
    /// Reads a file.
    ///
    /// # Errors
    /// [`TextError`] says what is wrong, and where.
    pub fn parse(tag: &str, file: &str) -> Result<Self, TextError> {
        Self::changed(tag, file, None)
    }

    /// The same with each text changed by `change`, but not its variables: for checks of the layout with longer texts.
    ///
    /// # Errors
    /// As [`Messages::parse`].
    pub fn changed(
        tag: &str,
        file: &str,
        change: Option<fn(&str) -> std::borrow::Cow<'_, str>>,
    ) -> Result<Self, TextError> {
        Self::read(tag, &[file], change)
    }

    /// Reads a file, with the texts of a second one in the place of its own. Texts that the second one has not stay as they are.
    ///
    /// ```
    /// use iampass_texts::Messages;
    ///
    /// let messages = Messages::parse_over("en", "hello = Hello\nbye = Bye", "bye = So long")?;
    /// assert_eq!(messages.text("hello").as_deref(), Some("Hello"));
    /// assert_eq!(messages.text("bye").as_deref(), Some("So long"));
    /// # Ok::<(), iampass_texts::TextError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Messages::parse`], and [`TextError::Unknown`] for a text that the first one has not.
    pub fn parse_over(tag: &str, file: &str, own: &str) -> Result<Self, TextError> {
        let known = Self::parse(tag, file)?;
        if let Some(id) = ids(&resource(&known.tag, own)?).into_iter().find(|id| !known.ids.contains(id)) {
            return Err(TextError::Unknown { language: known.tag, id });
        }
        Self::read(tag, &[file, own], None)
    }

    /// The texts of a later file stand in the place of those of an earlier one.
    fn read(
        tag: &str,
        files: &[&str],
        change: Option<fn(&str) -> std::borrow::Cow<'_, str>>,
    ) -> Result<Self, TextError> {
        let language: LanguageIdentifier = language(tag)?;
        let written = language.to_string();
        let tag = written.as_str();
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        bundle.set_use_isolating(direction(tag) == "rtl");
        bundle.set_formatter(Some(number_left_open));
        bundle.set_transform(change);
        let (mut known, mut differing, mut open) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for file in files {
            let resource = resource(tag, file)?;
            known.extend(ids(&resource));
            differing.extend(resource.entries().filter_map(|entry| match entry {
                Entry::Message(message) if message.value.as_ref().is_some_and(may_differ) => {
                    Some(message.id.name.to_owned())
                }
                _ => None,
            }));
            open.extend(variables(file));
            // A text that is there twice in one file is a mistake.
            let mut alone = FluentBundle::<&FluentResource>::new_concurrent(Vec::new());
            alone.add_resource(&resource).map_err(|errors| doubled(tag, &errors))?;
            bundle.add_resource_overriding(resource);
        }
        let mut messages =
            Self { tag: tag.to_owned(), bundle, ids: known, plurals: BTreeSet::new(), variables: open };
        let mut plurals = BTreeSet::new();
        for id in &messages.ids {
            let first = messages.put_together(id, 0)?;
            if !differing.contains(id) {
                continue;
            }
            // Each form of it.
            for count in SAMPLES {
                if messages.put_together(id, count)? != first {
                    plurals.insert(id.clone());
                }
            }
        }
        messages.plurals = plurals;
        Ok(messages)
    }

    /// The language's tag, as BCP 47 writes it: `pt-BR`, also where `pt_br` was given.
    #[must_use]
    pub fn language(&self) -> &str {
        &self.tag
    }

    /// The names of all texts, in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.ids.iter().map(String::as_str)
    }

    /// A text that depends on no number.
    #[must_use]
    pub fn text(&self, id: &str) -> Option<String> {
        self.put_together(id, 0).ok()
    }

    /// Whether the text of this name depends on a number: [`Messages::plural`] gives more than one form of it.
    #[must_use]
    pub fn is_plural(&self, id: &str) -> bool {
        self.plurals.contains(id)
    }

    /// A text that depends on a number, by the categories of its language. A form for an exact number, `[0]`, is not kept.
    #[must_use]
    pub fn plural(&self, id: &str) -> Option<Plural> {
        let in_general = |count: &u64| category(&self.tag, *count) == icu_plurals::PluralCategory::Other;
        // Some languages have no such whole number; then it is the largest.
        let of_others = SAMPLES.rev().find(in_general).unwrap_or(*SAMPLES.end());
        let mut plural = Plural::new(self.put_together(id, of_others).ok()?);
        // Fluent's own rules choose wrong forms above this (`findings/fluent-arabic-plurals-over-hundred.sh`).
        for count in (0..100).rev().chain(100..=*SAMPLES.end()) {
            if let Some(form @ None) = plural.form_mut(category(&self.tag, count)) {
                *form = self.put_together(id, count).ok();
            }
        }
        Some(plural)
    }

    fn put_together(&self, id: &str, count: u64) -> Result<String, TextError> {
        let broken = |problem: &dyn std::fmt::Display| TextError::Broken {
            language: self.tag.clone(),
            id: id.to_owned(),
            problem: problem.to_string(),
        };
        let missing = || TextError::Missing { language: self.tag.clone(), id: id.to_owned() };
        let message = self.bundle.get_message(id).ok_or_else(missing)?;
        let pattern = message.value().ok_or_else(|| broken(&"it has no text"))?;
        let mut values = FluentArgs::new();
        for name in &self.variables {
            if name == "count" {
                values.set(name, FluentValue::from(count));
            } else {
                values.set(name, format!("{{{name}}}"));
            }
        }
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(&values), &mut errors).into_owned();
        match errors.first() {
            Some(error) => Err(broken(error)),
            None => Ok(text),
        }
    }
}

/// The entries of a file.
fn resource(tag: &str, file: &str) -> Result<FluentResource, TextError> {
    FluentResource::try_new(file.to_owned()).map_err(|(_, errors)| {
        let first = errors.first();
        let before = first.and_then(|error| file.get(..error.pos.start)).unwrap_or_default();
        TextError::Syntax {
            language: tag.to_owned(),
            line: before.matches('\n').count() + 1,
            problem: first.map(|error| error.kind.to_string()).unwrap_or_default(),
        }
    })
}

/// The names of the texts of a file.
fn ids(resource: &FluentResource) -> BTreeSet<String> {
    let named = resource.entries().filter_map(|entry| match entry {
        Entry::Message(message) => Some(message.id.name.to_owned()),
        _ => None,
    });
    named.collect()
}

/// Whether a text may not be the same for all numbers: it has forms, or another text stands in it.
fn may_differ(pattern: &Pattern<&str>) -> bool {
    pattern.elements.iter().any(|element| match element {
        PatternElement::TextElement { .. } => false,
        PatternElement::Placeable { expression: Expression::Inline(inline) } => !matches!(
            inline,
            InlineExpression::VariableReference { .. }
                | InlineExpression::StringLiteral { .. }
                | InlineExpression::NumberLiteral { .. }
        ),
        PatternElement::Placeable { expression: Expression::Select { .. } } => true,
    })
}

/// A number is put in by the page.
fn number_left_open<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    matches!(value, FluentValue::Number(_)).then(|| "{count}".to_owned())
}

fn doubled(tag: &str, errors: &[FluentError]) -> TextError {
    let id = match errors.first() {
        Some(FluentError::Overriding { id, .. }) => id.clone(),
        _ => String::new(),
    };
    TextError::Doubled { language: tag.to_owned(), id }
}

/// All names that stand behind a `$`.
fn variables(file: &str) -> BTreeSet<String> {
    let name = |rest: &str| -> String {
        rest.chars().take_while(|one| one.is_ascii_alphanumeric() || matches!(one, '-' | '_')).collect()
    };
    file.split('$').skip(1).map(name).filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_left_open() {
        let file = "hello = Hello { $name }, from { $application }\nless = { $a } {\"{x}\"}";
        let messages = Messages::parse("en", file).unwrap();
        assert_eq!(messages.text("hello").unwrap(), "Hello {name}, from {application}");
        assert_eq!(messages.text("less").unwrap(), "{a} {x}");
        assert_eq!(messages.text("other"), None);
        assert_eq!(messages.ids().collect::<Vec<_>>(), ["hello", "less"]);
    }

    #[test]
    fn a_plural_has_the_forms_of_its_language() {
        let days = "days = { $count ->\n    [one] a day\n   *[other] { $count } days\n }";
        let english = Messages::parse("en", days).unwrap().plural("days").unwrap();
        assert_eq!(english, Plural { one: Some("a day".into()), ..Plural::new("{count} days") });
        let none = Messages::parse("ja", "days = { $count } 日").unwrap().plural("days").unwrap();
        assert_eq!(none, Plural::new("{count} 日"));
        let polish = "d = { $count ->\n [one] o\n [few] f\n [many] m\n *[other] x\n }";
        let polish = Messages::parse("pl", polish).unwrap().plural("d").unwrap();
        assert_eq!([1, 2, 5].map(|count| polish.of("pl", count)), ["o", "f", "m"]);
        assert!(Messages::parse("en", days).unwrap().is_plural("days"));
        let exactly = "d = { $count ->\n [0] none\n [one] a day\n *[other] { $count } days\n }";
        let exactly = Messages::parse("en", exactly).unwrap().plural("d").unwrap();
        assert_eq!(exactly, english, "a form for an exact number is none of a category");
    }

    /// Fluent's own rules take 103 to 199 for numbers of no category.
    #[test]
    fn arabic_has_all_its_forms() {
        let days = "d = { $count ->\n [zero] z\n [one] o\n [two] t\n [few] f\n [many] m\n *[other] x\n }";
        let days = Messages::parse("ar", days).unwrap().plural("d").unwrap();
        let forms = [0, 1, 2, 3, 10, 11, 99, 100, 102, 103, 111, 1_003].map(|count| days.of("ar", count));
        assert_eq!(forms, ["z", "o", "t", "f", "f", "m", "m", "x", "x", "f", "m", "f"]);
    }

    #[test]
    fn a_text_that_has_another_one_in_it_depends_on_a_number_like_that() {
        let file = "a = { $count ->\n [one] a day\n *[other] days\n }\nb = In { a }\nc = { $count } { d }\nd = { $x }";
        let messages = Messages::parse("en", file).unwrap();
        assert_eq!(
            ["a", "b", "c", "d", "e"].map(|id| messages.is_plural(id)),
            [true, true, false, false, false]
        );
        assert_eq!(messages.plural("b").unwrap().of("en", 1), "In a day");
    }

    #[test]
    fn a_tag_is_written_as_browsers_read_it() {
        assert_eq!(Messages::parse("pt_br", "a = 1").unwrap().language(), "pt-BR");
    }

    #[test]
    fn names_are_set_apart_where_one_reads_from_the_right() {
        let messages = Messages::parse("ar", "hello = مرحبا { $name }").unwrap();
        assert_eq!(messages.text("hello").unwrap(), "مرحبا \u{2068}{name}\u{2069}");
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        let error = Messages::parse("de", "a = 1\n\nb = { $\n").unwrap_err();
        assert!(matches!(&error, TextError::Syntax { line: 3, .. }), "{error}");
        let error = Messages::parse("de", "a = 1\na = 2\n").unwrap_err();
        assert_eq!(error, TextError::Doubled { language: "de".into(), id: "a".into() });
        let error = Messages::parse("de", "a = { b }\n").unwrap_err();
        assert!(matches!(&error, TextError::Broken { id, .. } if id == "a"), "{error}");
        let error = Messages::parse("en", "a = { $count ->\n [one] { b }\n *[other] c\n }").unwrap_err();
        assert!(matches!(&error, TextError::Broken { id, .. } if id == "a"), "{error}");
        assert!(matches!(Messages::parse("x", "a = 1"), Err(TextError::Language { .. })));
    }

    #[test]
    fn a_change_leaves_variables_alone() {
        fn shout(text: &str) -> std::borrow::Cow<'_, str> {
            text.to_uppercase().into()
        }
        let messages = Messages::changed("en", "a = hello { $name }", Some(shout)).unwrap();
        assert_eq!(messages.text("a").unwrap(), "HELLO {name}");
    }
}
