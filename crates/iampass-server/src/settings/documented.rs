//! The file that documents all settings is also what knows their names and defaults, so that it cannot lag behind.

use std::collections::BTreeMap;

use toml::Value;

use super::error::SettingsError;
use super::file::leaves;

/// What `config example` prints.
pub(crate) const EXAMPLE: &str = include_str!("../../assets/settings/iampass-server.toml");

/// The settings there are.
#[derive(Debug)]
pub(crate) struct Documented {
    /// In the order of the file.
    keys: Vec<String>,
    defaults: BTreeMap<String, Value>,
}

impl Documented {
    pub(crate) fn read() -> Result<Self, SettingsError> {
        let defaults = leaves(EXAMPLE)?.into_iter().map(|leaf| (leaf.key, leaf.value)).collect();
        let keys = leaves(&all_in_force())?.into_iter().map(|leaf| leaf.key).collect();
        Ok(Self { keys, defaults })
    }

    /// Every setting.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(String::as_str)
    }

    /// What a setting is when nobody sets it.
    pub(crate) fn default_of(&self, key: &str) -> Option<&Value> {
        self.defaults.get(key)
    }

    /// The name that was probably meant.
    pub(crate) fn nearest<'a>(&self, wrong: &str, spelled: impl Fn(&str) -> String + 'a) -> Option<String> {
        let near = |known: &str| strsim::normalized_damerau_levenshtein(&spelled(known), wrong);
        let by_name = |known: &&str| {
            // The right name in the wrong table is near, too.
            let last = |key: &str| key.rsplit('.').next() == wrong.rsplit('.').next();
            near(known).max(if last(known) { 0.9 } else { 0.0 })
        };
        let best = self.keys().max_by(|a, b| by_name(a).total_cmp(&by_name(b)))?;
        (by_name(&best) > 0.6).then(|| spelled(best))
    }
}

/// The example with nothing commented out.
fn all_in_force() -> String {
    let is_setting = |line: &str| line.starts_with('#') && !line.starts_with("# ") && line != "#";
    let line = |line: &'static str| if is_setting(line) { line.get(1..).unwrap_or_default() } else { line };
    EXAMPLE.lines().map(line).collect::<Vec<_>>().join("\n")
}
