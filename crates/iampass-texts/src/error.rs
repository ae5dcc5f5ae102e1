//! [`TextError`]: why texts cannot be used.

/// Why texts cannot be used. Each is a mistake in what was given, so trying again does not help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TextError {
    /// It is no language tag.
    #[error("`{tag}` is no language tag; write it as `de` or `pt-BR`")]
    Language {
        /// The given text.
        tag: String,
    },
    /// No language was given.
    #[error("there has to be at least one language")]
    NoLanguage,
    /// The file is not in Fluent's format.
    #[error("line {line} of the texts in `{language}` is not in Fluent's format: {problem}")]
    Syntax {
        /// The language of the file.
        language: String,
        /// The line, from 1.
        line: usize,
        /// The parser's words.
        problem: String,
    },
    /// A text is there twice.
    #[error("the text `{id}` in `{language}` is there twice; leave one out")]
    Doubled {
        /// The language of the file.
        language: String,
        /// The text's name.
        id: String,
    },
    /// A text refers to something that is not there, or has no value.
    #[error("the text `{id}` in `{language}` cannot be put together: {problem}")]
    Broken {
        /// The language of the file.
        language: String,
        /// The text's name.
        id: String,
        /// The mistake.
        problem: String,
    },
    /// No page has a text of that name.
    #[error("no page has the text `{id}` that is given in `{language}`; see whether its name is misspelled")]
    Unknown {
        /// The language of the file.
        language: String,
        /// The text's name.
        id: String,
    },
    /// A text is not there.
    #[error("the text `{id}` is missing in `{language}`")]
    Missing {
        /// The language of the file.
        language: String,
        /// The text's name.
        id: String,
    },
}

impl TextError {
    /// Whether the same may succeed later: never.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        false
    }
}
