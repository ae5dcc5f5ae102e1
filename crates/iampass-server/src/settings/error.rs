//! [`SettingsError`]: everything that is wrong with the settings, said at once.

use std::fmt;

/// The errors in the settings. Each names the place where it was written and the remedy; no secret is repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError(Vec<Problem>);

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// Where: a file and a line, a variable, a flag, or a setting.
    pub place: String,
    /// The error there, and the remedy.
    pub message: String,
}

impl SettingsError {
    /// `None` where nothing is wrong.
    pub(crate) fn of(problems: Vec<Problem>) -> Option<Self> {
        (!problems.is_empty()).then_some(Self(problems))
    }

    /// One problem.
    pub(crate) fn one(place: impl fmt::Display, message: impl fmt::Display) -> Self {
        Self(vec![Problem::new(place, message)])
    }

    /// All of them, in the order in which they were found.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.0
    }
}

impl Problem {
    pub(crate) fn new(place: impl fmt::Display, message: impl fmt::Display) -> Self {
        Self { place: place.to_string(), message: message.to_string() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the settings cannot be used")?;
        self.0.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

impl std::error::Error for SettingsError {}
