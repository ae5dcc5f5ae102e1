//! The Admin API, as it is described. Belongs here: what its calls have in common.

mod applications;
mod service;
mod users;

use iampass_core::wire::Reason;
use serde_json::json;
use utoipa::openapi::schema::ObjectBuilder;

use crate::described::Described;
use crate::heading::Heading::Admin;
use crate::members::{number, text, time};
use crate::signing::Signer;

pub(super) use applications::*;
pub(super) use service::*;
pub(super) use users::*;

/// A call that changes nothing.
fn reads(name: &'static str, summary: &'static str, description: &'static str) -> Described {
    Described::call(Admin, name, summary, description)
        .signed_by(Signer::AdminKey)
        .refuses(403, &[Reason::ScopeMissing])
        .refuses(422, &[Reason::InvalidParameter])
}

/// A call that makes a change.
fn changes(name: &'static str, summary: &'static str, description: &'static str) -> Described {
    reads(name, summary, description).signed_body().refuses(403, &[Reason::NotAllowed])
}

fn in_application(described: Described) -> Described {
    described.refuses(404, &[Reason::UnknownApplication])
}

fn of_user(described: Described) -> Described {
    in_application(described).refuses(404, &[Reason::UnknownUser]).refuses(422, &[Reason::InvalidUserId])
}

/// A list, whose pages are asked for one by one.
fn paged(described: Described, after: &'static str) -> Described {
    described
        .query(
            "after",
            "The `next` of the page before. It is not to be put together by a program.",
            text(""),
            after,
        )
        .query(
            "limit",
            "How many entries: 1 to 200, and 50 where nothing is said.",
            number("").maximum(Some(200)),
            50,
        )
}

fn done(described: Described) -> Described {
    described.answers(200, "It is done.", "DoneAnswer", json!({"status": true}))
}

fn word(description: &str) -> ObjectBuilder {
    text(description).max_length(Some(255))
}

/// Entries between two times.
fn between(described: Described) -> Described {
    described.query("from", "Only entries of this second and later.", time(""), 1_800_000_000).query(
        "until",
        "Only entries before this second.",
        time(""),
        1_800_086_400,
    )
}
