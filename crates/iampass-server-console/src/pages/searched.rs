//! The fields of a search form, by name: as they were asked for, and as a query that asks for them again.

use std::collections::BTreeMap;

/// The field of this name, without blanks at its ends; empty where it was not asked for.
pub(super) fn text(asked: &BTreeMap<String, String>, name: &str) -> String {
    asked.get(name).map(|text| text.trim().to_owned()).unwrap_or_default()
}

/// The fields that have something in them, as a query.
pub(super) fn query<const N: usize>(fields: [(&'static str, &str); N]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(fields.into_iter().filter(|(_, text)| !text.is_empty()));
    query.finish()
}
