//! [`InForce`]: the settings that count, and where each of them comes from.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use toml::Value;

use super::documented::Documented;
use super::error::Problem;
use super::layers::Given;
use super::schema::Settings;
use super::secrecy::{Secrecy, secrecy, shown};
use super::source::Source;

/// The settings with their sources.
#[derive(Debug)]
pub(crate) struct InForce {
    pub(crate) settings: Settings,
    pub(super) documented: Documented,
    pub(super) given: BTreeMap<String, Given>,
}

impl InForce {
    /// Where a setting comes from.
    pub(crate) fn source(&self, key: &str) -> Source {
        self.given.get(key).map_or(Source::Default, |given| given.source.clone())
    }

    /// A problem with a setting, at the place where it was set.
    pub(crate) fn problem(&self, key: &str, message: impl std::fmt::Display) -> Problem {
        match self.source(key) {
            Source::Default => Problem::new(key, message),
            source => Problem::new(source, format_args!("{key}: {message}")),
        }
    }

    /// A line for each setting, with its source; nothing secret.
    pub(crate) fn describe(&self) -> String {
        let mut text = String::new();
        for key in self.documented.keys() {
            let key = super::secrecy::in_file(key).unwrap_or(key);
            let value = self.shown(key);
            let mut source = self.source(key).to_string();
            if let Some(path) = self.given.get(key).and_then(|given| given.read_from.as_ref()) {
                _ = write!(source, ", read from {}", path.display());
            }
            _ = writeln!(text, "{key} = {value}  # {source}");
        }
        text
    }

    fn shown(&self, key: &str) -> String {
        let value = self.given.get(key).map(|given| &given.value).or_else(|| self.documented.default_of(key));
        let Some(value) = value else { return "(not set)".to_owned() };
        match (secrecy(key), value) {
            (None, value) => value.to_string(),
            (Some(Secrecy::Password), Value::String(text)) => shown(Secrecy::Password, text),
            (Some(_), _) => shown(Secrecy::Whole, ""),
        }
    }
}
