//! Answers that say no: one shape, and for each status the reasons that come with it.

use std::fmt::Write as _;

use http::StatusCode;
use iampass_core::wire::Reason;
use serde_json::json;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{AllOfBuilder, ObjectBuilder, Schema, SchemaType};
use utoipa::openapi::{ContentBuilder, Ref, RefOr};

use super::members::{number, text};

/// 401, for every kind of signer.
pub(super) const UNSIGNED: &[Reason] = &[
    Reason::SignatureMissing,
    Reason::SignatureMalformed,
    Reason::UnknownId,
    Reason::BadSignature,
    Reason::UrlRewritten,
    Reason::NotYours,
];

/// 403.
pub(super) const UNTIMELY: &[Reason] =
    &[Reason::TimestampTooOld, Reason::TimestampTooNew, Reason::NonceReplayed];

/// Refusals that many calls share, by name.
const SHARED: [(&str, u16, &[Reason]); 8] = [
    ("NotSigned", 401, UNSIGNED),
    ("NotInTime", 403, UNTIMELY),
    ("BodyLate", 408, &[Reason::InvalidBody]),
    ("BodyTooLarge", 413, &[Reason::BodyTooLarge]),
    ("UrlTooLong", 414, &[Reason::InvalidParameter]),
    ("TooMany", 429, &[Reason::TooManyRequests]),
    ("Unavailable", 503, &[Reason::Unavailable]),
    ("TookTooLong", 504, &[Reason::Unavailable]),
];

/// Those that stand in the document once.
pub(super) fn shared() -> impl Iterator<Item = (&'static str, Response)> {
    SHARED.into_iter().map(|(name, status, reasons)| (name, written_out(status, reasons)))
}

/// The answer with this status, for one of these reasons.
pub(super) fn response(status: u16, reasons: &[Reason]) -> RefOr<Response> {
    match SHARED.into_iter().find(|&(_, of, those)| of == status && those == reasons) {
        Some((name, ..)) => RefOr::Ref(Ref::from_response_name(name)),
        None => RefOr::T(written_out(status, reasons)),
    }
}

fn written_out(status: u16, reasons: &[Reason]) -> Response {
    let of_these = ObjectBuilder::new().schema_type(SchemaType::AnyValue).property(
        "reason",
        ObjectBuilder::new().schema_type(SchemaType::AnyValue).enum_values(Some(words(reasons))),
    );
    let schema: Schema = AllOfBuilder::new().item(Ref::from_schema_name("Problem")).item(of_these).into();
    let example = reasons.first().map(|reason| {
        let message = reason.explanation().map_or("", |explanation| explanation.when);
        json!({"status": false, "reason": reason, "message": message})
    });
    let content = ContentBuilder::new().schema(Some(schema)).example(example).build();
    let mut response =
        ResponseBuilder::new().description(describe(status, reasons)).content("application/json", content);
    if matches!(status, 429 | 503) {
        let seconds = HeaderBuilder::new()
            .schema(Some(number("Seconds.")))
            .description(Some("How long to wait before trying again."));
        response = response.header("Retry-After", seconds.build());
    }
    if status == 401 {
        let scheme = HeaderBuilder::new()
            .schema(Some(text("The scheme.")))
            .description(Some("`hmac realm=\"IAMPASS\"`"));
        response = response.header("WWW-Authenticate", scheme.build());
    }
    response.build()
}

fn words(reasons: &[Reason]) -> impl Iterator<Item = &str> {
    reasons.iter().map(Reason::as_str)
}

fn describe(status: u16, reasons: &[Reason]) -> String {
    let name = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let mut text = format!("{}.", name.unwrap_or("Not done"));
    for reason in reasons {
        let when = reason.explanation().map_or("", |explanation| explanation.when);
        // Writing to a string cannot fail.
        let _ = write!(text, "\n\n* `{reason}`: {when}");
    }
    text
}
