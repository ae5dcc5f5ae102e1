//! The schemas of what travels. They stand beside the wire types of `iampass-core` and are held to them by `samples.rs`.
//!
//! A member of an answer is required when the service always writes it, one of a request when the service refuses to do without it.

mod authentication;
mod management;
mod phone;
#[cfg(test)]
pub(super) mod samples;

use iampass_core::wire::Reason;
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, ObjectBuilder, Schema, SchemaFormat, SchemaType, Type,
};
use utoipa::openapi::{Ref, RefOr};

/// A schema with its name.
type Named = (&'static str, RefOr<Schema>);

/// All of them.
pub(super) fn all() -> impl Iterator<Item = Named> {
    management::all().into_iter().chain(authentication::all()).chain(phone::all()).chain([
        ("Problem", problem()),
        ("Reason", reason()),
        ("ReasonCatalogue", catalogue()),
        ("Alive", alive()),
        ("Readiness", readiness()),
        ("Anything", anything("Any JSON object.")),
    ])
}

fn problem() -> RefOr<Schema> {
    Members::of("A request that was not done.")
        .with("status", constant(false, "Always false."))
        .with("reason", see("Reason", "Why, for programs."))
        .with("message", text("Why, for people. It may change and is not to be compared."))
        .into()
}

fn reason() -> RefOr<Schema> {
    let known = Reason::ALL.iter().map(Reason::as_str);
    words(
        "Why it was not done. The catalogue at `/docs/reasons` says what to do. There may be new ones.",
        known,
    )
    .into()
}

fn catalogue() -> RefOr<Schema> {
    let entry = Members::of("A code.")
        .with("reason", see("Reason", "The code."))
        .with("statuses", list(number("An HTTP status."), "The HTTP statuses that it comes with."))
        .with(
            "retry",
            boolean(
                "Whether the same request, signed anew, may be done later without anything being changed.",
            ),
        )
        .with("when", text("When it is given."))
        .with("what_to_do", text("What to do about it."));
    Members::of("All reason codes.").with("reasons", list(entry, "One entry a code.")).into()
}

fn alive() -> RefOr<Schema> {
    Members::of("A process.").with("status", constant(true, "It lives.")).into()
}

fn readiness() -> RefOr<Schema> {
    let findings = ["ok", "unreachable", "too_slow", "other_schema", "read_only", "replaced"];
    let clocks = ["ok", "stepped_ahead", "set_back", "off_from_store"];
    Members::of("How a node is.")
        .with("status", boolean("Whether all is well."))
        .with("store", words("How its store is.", findings.into_iter()))
        .with("clock", words("How the clock of its machine is.", clocks.into_iter()))
        .with("stopping", boolean("Whether the node is on its way out."))
        .into()
}

/// The members of an object.
struct Members(ObjectBuilder);

impl Members {
    fn of(description: &str) -> Self {
        Self(ObjectBuilder::new().description(Some(description)))
    }

    /// One that is always there.
    fn with(self, name: &str, schema: impl Into<RefOr<Schema>>) -> Self {
        Self(self.0.property(name, schema).required(name))
    }

    /// One that may be left out.
    fn perhaps(self, name: &str, schema: impl Into<RefOr<Schema>>) -> Self {
        Self(self.0.property(name, schema))
    }

    /// Others, with any value.
    fn and_others(self) -> Self {
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

fn boolean(description: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Boolean).description(described(description))
}

fn constant(value: bool, description: &str) -> ObjectBuilder {
    boolean(description).enum_values(Some([value]))
}

fn url(description: &str) -> ObjectBuilder {
    text(description).format(Some(SchemaFormat::Custom("uri".to_owned())))
}

fn time(description: &str) -> ObjectBuilder {
    number(&format!("{description} In seconds since 1970."))
}

fn secret(description: &str) -> ObjectBuilder {
    text(description).format(Some(SchemaFormat::Custom("password".to_owned())))
}

/// The id of a user, a session, a phone.
fn id(description: &str) -> ObjectBuilder {
    text(description).min_length(Some(1)).max_length(Some(255))
}

fn words<'a>(description: &str, words: impl Iterator<Item = &'a str>) -> ObjectBuilder {
    text(description).enum_values(Some(words))
}

/// A text or null.
fn text_or_null(description: &str) -> ObjectBuilder {
    text(description).schema_type([Type::String, Type::Null].into_iter().collect::<SchemaType>())
}

fn null(description: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Null).description(described(description))
}

fn list(of: impl Into<RefOr<Schema>>, description: &str) -> ArrayBuilder {
    ArrayBuilder::new().items(of.into()).description(described(description))
}

fn anything(description: &str) -> RefOr<Schema> {
    Members::of(description).and_others().into()
}

/// Another schema, by name.
fn see(name: &str, description: &str) -> Ref {
    let mut reference = Ref::from_schema_name(name);
    description.clone_into(&mut reference.description);
    reference
}

fn described(description: &str) -> Option<&str> {
    Some(description).filter(|description| !description.is_empty())
}
