//! Reading TOML into single settings, each with the line where it stands.

use serde::Deserialize as _;
use toml::Value;
use toml::de::{DeTable, ValueDeserializer};

use super::error::SettingsError;

/// One `key = value` of a file; the key with the tables it stands in.
#[derive(Debug)]
pub(crate) struct Leaf {
    pub(crate) key: String,
    pub(crate) value: Value,
    pub(crate) line: usize,
}

/// All that a text sets. The errors repeat nothing of it, for it may hold secrets.
pub(crate) fn leaves(text: &str) -> Result<Vec<Leaf>, SettingsError> {
    let refused = |error: toml::de::Error| {
        let line = error.span().map_or(1, |span| line_of(text, span.start));
        SettingsError::one(format_args!("line {line}"), format_args!("this is no TOML: {}", error.message()))
    };
    let table = DeTable::parse(text).map_err(refused)?;
    let mut found = Vec::new();
    collect(text, "", table.get_ref(), &mut found).map_err(refused)?;
    found.sort_by_key(|leaf| leaf.line);
    Ok(found)
}

fn collect(
    text: &str,
    within: &str,
    table: &DeTable<'_>,
    found: &mut Vec<Leaf>,
) -> Result<(), toml::de::Error> {
    for (name, value) in table {
        let key = if within.is_empty() {
            name.get_ref().to_string()
        } else {
            format!("{within}.{}", name.get_ref())
        };
        match value.get_ref().as_table() {
            Some(inner) if !inner.is_empty() => collect(text, &key, inner, found)?,
            // A table with nothing in it sets nothing.
            Some(_) => {}
            None => found.push(Leaf {
                value: Value::deserialize(ValueDeserializer::from(value.clone()))?,
                line: line_of(text, name.span().start),
                key,
            }),
        }
    }
    Ok(())
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|&byte| byte == b'\n').count().saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_setting_has_its_line() {
        let found = leaves("a = 1\n\n[b]\nc = [\"x\"]\n[b.d]\ne.f = true\n[g]\n").unwrap();
        let found: Vec<_> = found.iter().map(|leaf| (leaf.key.as_str(), leaf.line)).collect();
        assert_eq!(found, [("a", 1), ("b.c", 4), ("b.d.e.f", 6)]);
    }

    #[test]
    fn an_error_has_its_line_and_repeats_nothing() {
        let error = leaves("a = 1\nsecret = \"hidden\nb = 2").unwrap_err().to_string();
        assert!(error.contains("line 2") && !error.contains("hidden"), "{error}");
        let error = leaves("hidden = \"hidden\"\nhidden = 1").unwrap_err().to_string();
        assert!(error.contains("line 2") && !error.contains("\"hidden\""), "{error}");
    }
}
