//! How [`Texts`](super::Texts) come out of files in Fluent's format. Belongs here: the kinds of texts, and their struct. Does not belong here:
//! which texts there are ([`super::texts`]), and in which languages ([`super::built_in_texts`]).

use std::borrow::Cow;

use iampass_texts::{Messages, Plural};

/// A sentence or a label.
pub type Text = Cow<'static, str>;

/// The kinds of texts.
pub(super) trait Field: Clone {
    /// The text of this name.
    fn of(messages: &Messages, id: &str) -> Option<Self>;
    /// Shows the name itself, where no language has the text.
    fn unsaid(id: &str) -> Self;
    /// Changes each form of it.
    #[cfg(test)]
    fn change(&mut self, change: &mut dyn FnMut(&str) -> String);
}

impl Field for Text {
    fn of(messages: &Messages, id: &str) -> Option<Self> {
        messages.text(id).map(Cow::Owned)
    }

    fn unsaid(id: &str) -> Self {
        Cow::Owned(id.to_owned())
    }

    #[cfg(test)]
    fn change(&mut self, change: &mut dyn FnMut(&str) -> String) {
        *self = Cow::Owned(change(self));
    }
}

impl Field for Plural {
    fn of(messages: &Messages, id: &str) -> Option<Self> {
        messages.plural(id)
    }

    fn unsaid(id: &str) -> Self {
        Self::new(id)
    }

    #[cfg(test)]
    fn change(&mut self, change: &mut dyn FnMut(&str) -> String) {
        for form in self.forms_mut() {
            *form = change(form);
        }
    }
}

/// The text of a field, or the other's where there is none.
pub(super) fn field<F: Field>(messages: Option<&Messages>, name: &str, other: Option<&F>) -> F {
    let id = name.replace('_', "-");
    let own = messages.and_then(|messages| F::of(messages, &id));
    own.or_else(|| other.cloned()).unwrap_or_else(|| F::unsaid(&id))
}

macro_rules! text_fields {
    ($($(#[$doc:meta])* $name:ident: $kind:ty),+ $(,)?) => {
        /// All that the pages say, in one language. English by default.
        ///
        /// Words in braces are replaced: `{application}` in every heading and sentence, others where the field says so. Markup is shown as text.
        ///
        /// ```
        /// use iampass_web::pages::Texts;
        ///
        /// let mut texts = Texts::default();
        /// texts.login_heading = "Welcome to {application}".into();
        ///
        /// // Another language, or some texts of one, by a file in Fluent's format. A text's name is that of its field.
        /// let italian = Texts::from_fluent("it", "language-name = Italiano\nlogin-heading = Accedi a { $application }\nlogin-button = Accedi")?;
        /// assert_eq!(italian.login_heading, "Accedi a {application}");
        /// # Ok::<(), iampass_web::pages::TextError>(())
        /// ```
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Texts {
            /// The language of the texts, as in HTML's `lang`.
            pub language: $crate::pages::Text,
            /// `ltr` or `rtl`, as in HTML's `dir`.
            pub direction: $crate::pages::Text,
            $($(#[$doc])* pub $name: $kind,)+
        }

        impl Texts {
            /// The names of all texts. In a file they are written with `-` in place of `_`.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),+];

            pub(super) fn read(
                language: &str,
                messages: Option<&iampass_texts::Messages>,
                others: Option<&Self>,
            ) -> Self {
                Self {
                    language: language.to_owned().into(),
                    direction: iampass_texts::direction(language).into(),
                    $($name: $crate::pages::text_fields::field(
                        messages, stringify!($name), others.map(|others| &others.$name)
                    ),)+
                }
            }

            /// Changes each form of each text, by the name of its field.
            #[cfg(test)]
            pub(super) fn change_each(&mut self, mut change: impl FnMut(&str, &str) -> String) {
                use $crate::pages::text_fields::Field as _;
                $(self.$name.change(&mut |text| change(stringify!($name), text));)+
            }
        }
    };
}

pub(super) use text_fields;
