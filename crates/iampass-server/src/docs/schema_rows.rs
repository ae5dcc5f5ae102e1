//! A schema as rows of a table: one a member, with the way to it from the top.

use std::collections::BTreeSet;

use serde_json::Value;
use utoipa::openapi::schema::{ArrayItems, Object, Schema, SchemaType, Type};
use utoipa::openapi::{OpenApi, RefOr};

use super::markdown::{Span, spans};

/// A member, or a parameter.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// As in `requests[].identify.identification_url`.
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) is_required: bool,
    pub(super) description: Vec<Span>,
}

/// The members of what `schema` describes, those of its members after each.
pub(super) fn rows(document: &OpenApi, schema: &RefOr<Schema>) -> Vec<Row> {
    let mut rows = Vec::new();
    collect(document, schema, "", &mut rows);
    rows
}

fn collect(document: &OpenApi, schema: &RefOr<Schema>, way: &str, rows: &mut Vec<Row>) {
    match resolve(document, schema) {
        Some(Schema::Object(object)) => {
            for (name, member) in &object.properties {
                let name = format!("{way}{name}");
                rows.push(Row {
                    kind: kind(document, member),
                    is_required: object.required.iter().any(|required| *required == name[way.len()..]),
                    description: spans(&description(document, member)),
                    name: name.clone(),
                });
                collect(document, member, &format!("{name}."), rows);
            }
        }
        Some(Schema::Array(array)) => {
            if let ArrayItems::RefOrSchema(items) = &array.items {
                let way = way.strip_suffix('.').unwrap_or(way);
                collect(document, items, &format!("{way}[]."), rows);
            }
        }
        _ => {}
    }
}

/// The schema that a reference names.
fn resolve<'a>(document: &'a OpenApi, schema: &'a RefOr<Schema>) -> Option<&'a Schema> {
    match schema {
        RefOr::T(schema) => Some(schema),
        RefOr::Ref(reference) => {
            let name = reference.ref_location.rsplit('/').next()?;
            match document.components.as_ref()?.schemas.get(name)? {
                RefOr::T(schema) => Some(schema),
                RefOr::Ref(_) => None,
            }
        }
    }
}

/// The description at the place where it is used, else its own.
fn description(document: &OpenApi, schema: &RefOr<Schema>) -> String {
    match (schema, resolve(document, schema)) {
        (RefOr::Ref(reference), _) if !reference.description.is_empty() => reference.description.clone(),
        (_, Some(Schema::Object(object))) => object.description.clone().unwrap_or_default(),
        (_, Some(Schema::Array(array))) => array.description.clone().unwrap_or_default(),
        _ => String::new(),
    }
}

/// The kind of a value, in a word or two.
pub(super) fn kind(document: &OpenApi, schema: &RefOr<Schema>) -> String {
    match resolve(document, schema) {
        Some(Schema::Object(object)) => kind_of_value(object),
        Some(Schema::Array(array)) => match &array.items {
            ArrayItems::RefOrSchema(items) => format!("list of {}", kind(document, items)),
            _ => "list".to_owned(),
        },
        _ => "object".to_owned(),
    }
}

fn kind_of_value(object: &Object) -> String {
    if let Some([only]) = object.enum_values.as_deref() {
        return only.to_string();
    }
    let types: BTreeSet<&str> = match &object.schema_type {
        SchemaType::Type(of) => BTreeSet::from([word(of)]),
        SchemaType::Array(of) => of.iter().map(word).collect(),
        SchemaType::AnyValue => return "anything".to_owned(),
    };
    // A null comes last.
    let (null, others): (Vec<_>, Vec<_>) = types.into_iter().partition(|word| *word == "null");
    others.into_iter().chain(null).collect::<Vec<_>>().join(" or ")
}

fn word(of: &Type) -> &'static str {
    match of {
        Type::Object => "object",
        Type::String => "text",
        Type::Integer => "whole number",
        Type::Number => "number",
        Type::Boolean => "true or false",
        Type::Array => "list",
        Type::Null => "null",
    }
}

/// An example as people read it.
pub(super) fn pretty(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => serde_json::to_string_pretty(other).unwrap_or_default(),
    }
}
