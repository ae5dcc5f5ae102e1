//! The schemas of what travels. They stand beside the wire types of `iampass-core` and are held to them by `samples.rs`.
//!
//! A member of an answer is required when the service always writes it, one of a request when the service refuses to do without it.

mod admin;
mod authentication;
mod management;
mod phone;
mod phones;
mod presence;
#[cfg(test)]
pub(super) mod samples;
mod unlock;

use iampass_core::wire::Reason;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use super::members::{Members, Named, anything, boolean, constant, list, number, see, text, words};

/// All of them.
pub(super) fn all() -> impl Iterator<Item = Named> {
    management::all()
        .into_iter()
        .chain(authentication::all())
        .chain(phone::all())
        .chain(phones::all())
        .chain(presence::all())
        .chain(unlock::all())
        .chain(admin::all())
        .chain([
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
        .perhaps(
            "tries_left",
            number("With `WRONG_CODE`: how many more may be wrong before the login fails."),
        )
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
