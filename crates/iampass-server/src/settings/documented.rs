//! The file that documents all settings is also what knows their names and defaults, so that it cannot lag behind.

use std::collections::BTreeMap;

use toml::Value;

use super::error::SettingsError;
use super::file::leaves;
use super::layers::PREFIX;

/// The output of `config example`.
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

    /// The default of a setting.
    pub(crate) fn default_of(&self, key: &str) -> Option<&Value> {
        self.defaults.get(key)
    }

    /// The name that was probably meant.
    pub(crate) fn nearest<'a>(&self, wrong: &str, spelled: impl Fn(&str) -> String + 'a) -> Option<String> {
        // The prefix of all variables does not tell which one was meant.
        let own = |name: &str| name.strip_prefix(PREFIX).unwrap_or(name).to_owned();
        let near = |known: &str| strsim::normalized_damerau_levenshtein(&own(&spelled(known)), &own(wrong));
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde::Deserialize as _;
    use toml::Table;

    use super::super::layers::variable;
    use super::super::schema::Settings;
    use super::super::secrecy::in_file;
    use super::*;

    /// The settings that the program knows of: what it says it had expected where something unknown stands.
    fn known_in(table: &str) -> Vec<String> {
        let head = if table.is_empty() { String::new() } else { format!("[{table}]\n") };
        let table: Table = format!("{head}unknown = 0").parse().unwrap();
        let message = Settings::deserialize(table).unwrap_err().message().to_owned();
        message.split('`').skip(3).step_by(2).map(str::to_owned).collect()
    }

    #[test]
    fn a_variable_is_likened_by_what_is_its_own() {
        let documented = Documented::read().unwrap();
        let meant = |wrong| documented.nearest(wrong, variable);
        assert_eq!(meant("IAMPASS_SERVER_LINK_LIFETIME").as_deref(), Some("IAMPASS_SERVER_LINKS_LIFETIME"));
        assert_eq!(meant("IAMPASS_SERVER_ZZZZ"), None);
    }

    #[test]
    fn every_setting_is_in_the_example() {
        let documented = Documented::read().unwrap();
        let named: BTreeSet<&str> = documented.keys().map(|key| in_file(key).unwrap_or(key)).collect();
        let tables: BTreeSet<&str> = named.iter().filter_map(|key| Some(key.split_once('.')?.0)).collect();
        let mut known: BTreeSet<String> = known_in("").into_iter().collect();
        assert!(known.len() > 20, "{known:?}");
        for table in &tables {
            assert!(known.remove(*table), "{table}");
            known.extend(known_in(table).into_iter().map(|key| format!("{table}.{key}")));
        }
        assert_eq!(known.iter().map(String::as_str).collect::<BTreeSet<_>>(), named);
    }
}
