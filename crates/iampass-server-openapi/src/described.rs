//! [`Described`]: one call as it is described, on its way into the document.
//!
//! Belongs here: what all descriptions have in common. Does not belong here: what any one of them says.

use std::collections::BTreeMap;

use iampass_core::signing::{BODY_DIGEST, BodyDigest};
use iampass_core::wire::Reason;
use serde_json::Value;
use utoipa::openapi::path::{OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::response::{Response, ResponseBuilder, ResponsesBuilder};
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder};
use utoipa::openapi::{ContentBuilder, Ref, Required, path};

use super::heading::Heading;
use super::members::text;
use super::refusals;
use super::signing::Signer;

/// Refusals that every call may answer with, signed or not.
const ALWAYS: [(u16, Reason); 6] = [
    (408, Reason::InvalidBody),
    (413, Reason::BodyTooLarge),
    (414, Reason::InvalidParameter),
    (429, Reason::TooManyRequests),
    (503, Reason::Unavailable),
    (504, Reason::Unavailable),
];

/// A call as it is described.
pub(super) struct Described {
    heading: Heading,
    name: &'static str,
    summary: &'static str,
    description: &'static str,
    signer: Option<Signer>,
    query: Vec<Parameter>,
    body: Option<RequestBody>,
    answers: Vec<(u16, Response)>,
    refusals: BTreeMap<u16, Vec<Reason>>,
}

impl Described {
    /// A call of the APIs; `name` is unique, for programs that make functions of calls.
    pub(super) fn call(
        heading: Heading,
        name: &'static str,
        summary: &'static str,
        description: &'static str,
    ) -> Self {
        let mut described = Self::page(heading, name, summary, description);
        for (status, reason) in ALWAYS {
            described = described.refuses(status, &[reason]);
        }
        described
    }

    /// A page that answers the same to everybody.
    pub(super) fn page(
        heading: Heading,
        name: &'static str,
        summary: &'static str,
        description: &'static str,
    ) -> Self {
        Self {
            heading,
            name,
            summary,
            description,
            signer: None,
            query: Vec::new(),
            body: None,
            answers: Vec::new(),
            refusals: BTreeMap::new(),
        }
    }

    /// By whom it is signed, with all that can be wrong with a signature.
    pub(super) fn signed_by(mut self, signer: Signer) -> Self {
        self.signer = Some(signer);
        self = self.refuses(401, refusals::UNSIGNED).refuses(403, refusals::UNTIMELY);
        for (status, reason) in signer.refusals() {
            self = self.refuses(*status, std::slice::from_ref(reason));
        }
        self
    }

    /// A parameter of the query that may be left out.
    pub(super) fn query(
        mut self,
        name: &'static str,
        description: &'static str,
        schema: ObjectBuilder,
        example: impl Into<Value>,
    ) -> Self {
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Query)
            .required(Required::False)
            .description(Some(description))
            .schema(Some(schema))
            .example(Some(example.into()));
        self.query.push(parameter.build());
        self
    }

    /// A POST of a phone: the URL names the digest of the body.
    pub(super) fn signed_body(mut self) -> Self {
        let parameter = ParameterBuilder::new()
            .name(BODY_DIGEST)
            .parameter_in(ParameterIn::Query)
            .required(Required::True)
            .description(Some(
                "The SHA-256 of the body, byte for byte as it is sent, in 64 lower-case hexadecimal digits. It stands in the URL that is \
                 signed, so that the signature covers the body. An empty body has a digest too.",
            ))
            .schema(Some(text("").pattern(Some("^[0-9a-f]{64}$"))))
            .example(Some(BodyDigest::of(b"").to_string().into()));
        self.query.push(parameter.build());
        self.refuses(401, &[Reason::BodyNotSigned])
    }

    /// A body that may be left out.
    pub(super) fn optional_body(
        mut self,
        schema: &'static str,
        description: &'static str,
        example: Value,
    ) -> Self {
        let content =
            ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).example(Some(example)).build();
        let body = RequestBodyBuilder::new()
            .required(Some(Required::False))
            .description(Some(description))
            .content(JSON, content);
        self.body = Some(body.build());
        self.refuses(422, &[Reason::InvalidBody])
    }

    /// The body that it takes.
    pub(super) fn body(mut self, schema: &'static str, example: Value) -> Self {
        let content =
            ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).example(Some(example)).build();
        let body = RequestBodyBuilder::new().required(Some(Required::True)).content(JSON, content);
        self.body = Some(body.build());
        self.refuses(422, &[Reason::InvalidBody])
    }

    /// It takes no body, and an object does no harm.
    pub(super) fn no_body(mut self) -> Self {
        let content = ContentBuilder::new().schema(Some(ObjectBuilder::new())).build();
        let body = RequestBodyBuilder::new()
            .required(Some(Required::False))
            .description(Some("Nothing, or any JSON object: it is not looked at."))
            .content(JSON, content);
        self.body = Some(body.build());
        self.refuses(422, &[Reason::InvalidBody])
    }

    /// It takes no body, and refuses one that says something.
    pub(super) fn empty_body(mut self) -> Self {
        let nothing = ObjectBuilder::new().additional_properties(Some(AdditionalProperties::FreeForm(false)));
        let body = RequestBodyBuilder::new()
            .required(Some(Required::False))
            .description(Some("Nothing, or an empty JSON object."))
            .content(JSON, ContentBuilder::new().schema(Some(nothing)).build());
        self.body = Some(body.build());
        self.refuses(422, &[Reason::InvalidBody])
    }

    /// An answer with a body that is not a refusal.
    pub(super) fn answers(
        mut self,
        status: u16,
        description: &'static str,
        schema: &'static str,
        example: Value,
    ) -> Self {
        let content =
            ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).example(Some(example)).build();
        self.answers
            .push((status, ResponseBuilder::new().description(description).content(JSON, content).build()));
        self
    }

    /// An answer that is no JSON.
    pub(super) fn answers_text(
        mut self,
        status: u16,
        description: &'static str,
        content_type: &'static str,
        example: &str,
    ) -> Self {
        let content =
            ContentBuilder::new().schema(Some(text("The text."))).example(Some(example.into())).build();
        let response = ResponseBuilder::new().description(description).content(content_type, content).build();
        self.answers.push((status, response));
        self
    }

    /// A refusal, with the reasons that may come with this status.
    pub(super) fn refuses(mut self, status: u16, reasons: &[Reason]) -> Self {
        let known = self.refusals.entry(status).or_default();
        for reason in reasons {
            if !known.contains(reason) {
                known.push(reason.clone());
            }
        }
        self
    }

    /// As it stands in the document. The parameters of the path are those of the pattern.
    pub(super) fn into_operation(self, pattern: &str) -> path::Operation {
        let mut responses = ResponsesBuilder::new();
        for (status, response) in self.answers {
            responses = responses.response(status.to_string(), response);
        }
        for (status, reasons) in self.refusals {
            responses = responses.response(status.to_string(), refusals::response(status, &reasons));
        }
        let in_path = pattern.split(['{', '}']).skip(1).step_by(2).map(in_path);
        let mut operation = OperationBuilder::new()
            .tag(self.heading.name())
            .operation_id(Some(self.name))
            .summary(Some(self.summary))
            .description(Some(self.description))
            .parameters(Some(in_path.chain(self.query)))
            .request_body(self.body)
            .responses(responses.build());
        if let Some(signer) = self.signer {
            operation = operation.security(signer.requirement());
        }
        operation.build()
    }
}

const JSON: &str = "application/json";

fn in_path(name: &str) -> Parameter {
    let (description, longest, example) = match name {
        "app" => ("The application's id.", 255, "7VBEZGAQN3QD4W2M"),
        "user" => (
            "The user's id, percent-encoded. `/` is `%2F`; a space is `%20` or `+`, a plus `%2B`.",
            255,
            "u-5f0c1b7e",
        ),
        "token" => ("The session's token.", 255, "0c9b3f6e2d18475aa6d4e2b90f731c58"),
        "code" => ("The code of the registration link.", 255, "5gq0mB6nJm3rZt1cVw9xYA"),
        "id" => ("The phone's id.", 255, "4b1c6b1f0f8a4ce2b1f4d8e07a3f9c55"),
        "name" => ("The session's name, as the phone knows it.", 255, "9d2f0c41"),
        "question" => ("The question's id.", 255, "e1f2a3b4c5d6e7f8091a2b3c4d5e6f70"),
        "session" => ("The session's number, as the list has it.", 20, "17"),
        "account" => ("The account's name.", 32, "ann"),
        // A test looks that all have a description.
        _ => ("", 255, ""),
    };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(description))
        .schema(Some(text("").min_length(Some(1)).max_length(Some(longest)).description(None::<String>)))
        .example(Some(example.into()))
        .build()
}
