//! [`Layers`]: what was set where, one setting at a time, so that each mistake is told with its place.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize as _;
use toml::{Table, Value};

use super::documented::Documented;
use super::error::{Problem, SettingsError};
use super::file::leaves;
use super::in_force::InForce;
use super::schema::Settings;
use super::secrecy::{Secrecy, in_file, secrecy};
use super::source::Source;

/// The prefix of every variable of ours.
pub(crate) const PREFIX: &str = "IAMPASS_SERVER_";

/// The master key's own variable.
const MASTER_KEY: &str = "IAMPASS_MASTER_KEY";

/// Variables that container platforms set by themselves where a service is named `iampass-server`. They are no settings.
const OF_PLATFORMS: [&str; 3] = ["PORT", "SERVICE_HOST", "SERVICE_PORT"];

/// One setting, somewhere.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) value: Value,
    pub(super) source: Source,
    /// The file that a secret was read from.
    pub(super) read_from: Option<PathBuf>,
}

/// Settings from several places, added from the weakest to the strongest.
#[derive(Debug)]
pub(crate) struct Layers {
    documented: Documented,
    given: BTreeMap<String, Given>,
    problems: Vec<Problem>,
}

impl Layers {
    pub(crate) fn new() -> Result<Self, SettingsError> {
        Ok(Self { documented: Documented::read()?, given: BTreeMap::new(), problems: Vec::new() })
    }

    /// The settings of a file.
    pub(crate) fn file(&mut self, path: &Path) {
        let place = path.display();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => return self.problem(place, format_args!("the file cannot be read: {error}")),
        };
        let leaves = match leaves(&text) {
            Ok(leaves) => leaves,
            Err(error) => {
                for Problem { place: line, message } in error.problems() {
                    self.problem(&place, format_args!("{line}: {message}"));
                }
                return;
            }
        };
        let path = Arc::new(path.to_owned());
        for leaf in leaves {
            let source = Source::File { path: Arc::clone(&path), line: leaf.line };
            if self.is_known(&leaf.key, &leaf.key, str::to_owned, &source) {
                self.put(&leaf.key, [leaf.value], source);
            }
        }
    }

    /// The variables of ours among these.
    pub(crate) fn environment(&mut self, variables: impl IntoIterator<Item = (String, String)>) {
        let known: BTreeMap<String, String> = self.names().map(|key| (variable(&key), key)).collect();
        for (name, text) in variables {
            let source = Source::Environment(name.clone());
            if name == MASTER_KEY {
                self.put("master_key", [Value::String(text)], source);
                continue;
            }
            let Some(own) = name.strip_prefix(PREFIX) else { continue };
            if OF_PLATFORMS.iter().any(|&set| own == set || own.starts_with(&format!("{set}_"))) {
                continue;
            }
            match known.get(&name) {
                Some(key) => self.put(key, written(&text), source),
                None => _ = self.is_known("", &name, variable, &source),
            }
        }
    }

    /// Takes over a value from the command line's `flag`.
    pub(crate) fn flag(&mut self, flag: &str, key: &str, text: &str) {
        let source = Source::Flag(flag.to_owned());
        if self.is_known(key, key, str::to_owned, &source) {
            self.put(key, written(text), source);
        }
    }

    /// Several `flag`s of the command line: each is one entry of a list, with commas and all.
    pub(crate) fn flags(&mut self, flag: &str, key: &str, texts: impl IntoIterator<Item = String>) {
        let source = Source::Flag(flag.to_owned());
        if self.is_known(key, key, str::to_owned, &source) {
            let list = texts.into_iter().map(Value::String).collect();
            self.put(key, [Value::Array(list)], source);
        }
    }

    /// `--set KEY=VALUE`.
    pub(crate) fn set(&mut self, assignment: &str) {
        match assignment.split_once('=') {
            Some((key, text)) => {
                let (key, text) = (key.trim(), text.trim());
                let flag = format!("--set {key}");
                match secrecy(key) {
                    Some(Secrecy::Whole) => self.problem(
                        flag,
                        format_args!(
                            "everybody on this machine can read a command line: write the secret to a file, and say --set {key}_file=PATH"
                        ),
                    ),
                    _ => self.flag(&flag, key, text),
                }
            }
            // It may be a secret that was written alone.
            None => self.problem("--set", "write it as --set KEY=VALUE, as in --set log.format=json"),
        }
    }

    /// All of it together.
    pub(crate) fn in_force(self) -> Result<InForce, SettingsError> {
        let mut table = Table::new();
        for (key, given) in &self.given {
            insert(&mut table, key, given.value.clone());
        }
        // Each has been checked by itself, so that this cannot fail unless another one did.
        let settings = Settings::deserialize(table);
        if let Some(error) = SettingsError::of(self.problems) {
            return Err(error);
        }
        let settings = settings.map_err(|error| SettingsError::one("settings", error.message()))?;
        Ok(InForce { settings, documented: self.documented, given: self.given })
    }

    /// The settings and the files of secrets.
    fn names(&self) -> impl Iterator<Item = String> {
        let files = |key: &str| secrecy(key).map(|_| format!("{key}_file"));
        // The example names some secrets by their files only.
        let named = |key: &str| in_file(key).map(str::to_owned);
        self.documented.keys().flat_map(move |key| [Some(key.to_owned()), files(key), named(key)]).flatten()
    }

    /// Tells of a name that is none.
    fn is_known(&mut self, key: &str, written: &str, spelled: fn(&str) -> String, source: &Source) -> bool {
        if self.names().any(|name| name == key) {
            return true;
        }
        let meant = match self.documented.nearest(written, spelled) {
            Some(near) => format!("did you mean {near}?"),
            None => "`iampass-server config example` prints all there are".to_owned(),
        };
        self.problem(source, format_args!("there is no setting {written}: {meant}"));
        false
    }

    /// Takes the first of the values that the setting can have.
    fn put(&mut self, key: &str, values: impl IntoIterator<Item = Value>, source: Source) {
        if let Some(secret) = in_file(key) {
            let secret = secret.to_owned();
            let path = values.into_iter().next();
            return self.put_from_file(&secret, path.as_ref().and_then(Value::as_str), source);
        }
        let mut refused = None;
        for value in values {
            match fits(key, &value) {
                Ok(()) => return self.keep(key, Given { value, source, read_from: None }),
                // A message that says more than that the kind is wrong is preferred.
                Err(message) if refused.is_none() || !message.starts_with("invalid type") => {
                    refused = Some(message)
                }
                Err(_) => {}
            }
        }
        let message = match refused {
            // The parser may repeat what it was given.
            _ if secrecy(key).is_some() => format!("{key} is not text"),
            Some(message) => format!("{key}: {message}"),
            None => format!("{key} has no value"),
        };
        self.problem(source, message);
    }

    fn put_from_file(&mut self, secret: &str, path: Option<&str>, source: Source) {
        let Some(path) = path else {
            return self.problem(source, format_args!("{secret}_file is not the name of a file"));
        };
        match std::fs::read_to_string(path) {
            Ok(text) => {
                let value = Value::String(text.trim_end_matches(['\r', '\n']).to_owned());
                self.keep(secret, Given { value, source, read_from: Some(path.into()) });
            }
            Err(error) => {
                self.problem(source, format_args!("{secret}_file: {path} cannot be read: {error}"));
            }
        }
    }

    fn keep(&mut self, key: &str, given: Given) {
        let twice = self.given.get(key).is_some_and(|before| same_place(&before.source, &given.source));
        if twice {
            let message = format!("{key} is set twice, here and in {key}_file: leave one of them out");
            self.problem(&given.source, message);
        }
        self.given.insert(key.to_owned(), given);
    }

    fn problem(&mut self, place: impl std::fmt::Display, message: impl std::fmt::Display) {
        self.problems.push(Problem::new(place, message));
    }
}

/// Whether neither counts more than the other.
fn same_place(one: &Source, other: &Source) -> bool {
    matches!(
        (one, other),
        (Source::File { .. }, Source::File { .. }) | (Source::Environment(_), Source::Environment(_))
    )
}

/// Whether a setting can have this value.
fn fits(key: &str, value: &Value) -> Result<(), String> {
    let mut table = Table::new();
    insert(&mut table, key, value.clone());
    Settings::deserialize(table).map(drop).map_err(|error| error.message().to_owned())
}

fn insert(table: &mut Table, key: &str, value: Value) {
    match key.split_once('.') {
        None => drop(table.insert(key.to_owned(), value)),
        Some((first, rest)) => {
            let inner = table.entry(first).or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}

/// The variable of a setting.
pub(crate) fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.to_ascii_uppercase().replace('.', "_"))
}

/// The values that a text outside a TOML file may stand for.
fn written(text: &str) -> Vec<Value> {
    let mut values = vec![Value::String(text.to_owned())];
    values.extend(text.parse().ok().map(Value::Integer));
    values.extend(text.parse().ok().map(Value::Boolean));
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    values.push(Value::Array(parts.map(|part| Value::String(part.to_owned())).collect()));
    values
}
