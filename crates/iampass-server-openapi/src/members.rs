//! Parts of schemas: objects by their members, and the kinds of members.

use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, ObjectBuilder, Schema, SchemaFormat, SchemaType, Type,
};
use utoipa::openapi::{Ref, RefOr};

/// A schema with its name.
pub(super) type Named = (&'static str, RefOr<Schema>);

/// The members of an object.
pub(super) struct Members(ObjectBuilder);

impl Members {
    pub(super) fn of(description: &str) -> Self {
        Self(ObjectBuilder::new().description(Some(description)))
    }

    /// One that is always there.
    pub(super) fn with(self, name: &str, schema: impl Into<RefOr<Schema>>) -> Self {
        Self(self.0.property(name, schema).required(name))
    }

    /// One that may be left out.
    pub(super) fn perhaps(self, name: &str, schema: impl Into<RefOr<Schema>>) -> Self {
        Self(self.0.property(name, schema))
    }

    /// Others, with any value.
    pub(super) fn and_others(self) -> Self {
        Self(self.0.additional_properties(Some(AdditionalProperties::FreeForm(true))))
    }
}

impl From<Members> for RefOr<Schema> {
    fn from(members: Members) -> Self {
        members.0.into()
    }
}

pub(super) fn text(description: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).description(described(description))
}

/// A whole number that is not negative.
pub(super) fn number(description: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)).description(described(description))
}

pub(super) fn boolean(description: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Boolean).description(described(description))
}

pub(super) fn constant(value: bool, description: &str) -> ObjectBuilder {
    boolean(description).enum_values(Some([value]))
}

pub(super) fn url(description: &str) -> ObjectBuilder {
    text(description).format(Some(SchemaFormat::Custom("uri".to_owned())))
}

pub(super) fn time(description: &str) -> ObjectBuilder {
    number(&format!("{description} In seconds since 1970."))
}

pub(super) fn secret(description: &str) -> ObjectBuilder {
    text(description).format(Some(SchemaFormat::Custom("password".to_owned())))
}

/// The id of a user, a session, a phone.
pub(super) fn id(description: &str) -> ObjectBuilder {
    text(description).min_length(Some(1)).max_length(Some(255))
}

pub(super) fn words<'a>(description: &str, words: impl Iterator<Item = &'a str>) -> ObjectBuilder {
    text(description).enum_values(Some(words))
}

/// A text or null.
pub(super) fn text_or_null(description: &str) -> ObjectBuilder {
    text(description).schema_type([Type::String, Type::Null].into_iter().collect::<SchemaType>())
}

pub(super) fn null(description: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Null).description(described(description))
}

pub(super) fn list(of: impl Into<RefOr<Schema>>, description: &str) -> ArrayBuilder {
    ArrayBuilder::new().items(of.into()).description(described(description))
}

pub(super) fn anything(description: &str) -> RefOr<Schema> {
    Members::of(description).and_others().into()
}

/// Another schema, by name.
pub(super) fn see(name: &str, description: &str) -> Ref {
    let mut reference = Ref::from_schema_name(name);
    description.clone_into(&mut reference.description);
    reference
}

fn described(description: &str) -> Option<&str> {
    Some(description).filter(|description| !description.is_empty())
}
