//! [`InForce`]: the settings that count, and where each of them comes from.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use iampass_server_console::ShownSetting;
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
        for ShownSetting { key, value, source } in self.shown_settings() {
            let source = source.unwrap_or_else(|| Source::Default.to_string());
            _ = writeln!(text, "{key} = {value}  # {source}");
        }
        text
    }

    /// Each setting with its source; nothing secret.
    pub(super) fn shown_settings(&self) -> impl Iterator<Item = ShownSetting> {
        self.documented.keys().map(|key| {
            let key = super::secrecy::in_file(key).unwrap_or(key);
            let source = match self.source(key) {
                Source::Default => None,
                source => Some(source.to_string()),
            };
            let read_from = self.given.get(key).and_then(|given| given.read_from.as_ref());
            let source = source.map(|source| match read_from {
                Some(path) => format!("{source}, read from {}", path.display()),
                None => source,
            });
            ShownSetting { key: key.to_owned(), value: self.shown(key), source }
        })
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
