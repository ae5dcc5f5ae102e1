//! The description of the API as a page for people, made of the very document that programs get.

use askama::Template;
use http::StatusCode;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::response::Response;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::security::{ApiKey, SecurityScheme};
use utoipa::openapi::{Content, OpenApi, RefOr, Required};

use super::markdown::{Block, Span, blocks, spans};
use super::schema_rows::{Row, kind, pretty, rows};
use super::style::STYLE_NAME;

#[derive(Template)]
#[template(path = "docs/api.html")]
pub(super) struct ApiPage {
    style: &'static str,
    version: String,
    server: String,
    introduction: Vec<Block>,
    signing: Vec<Scheme>,
    groups: Vec<Group>,
}

struct Scheme {
    name: String,
    header: String,
    description: Vec<Block>,
}

struct Group {
    name: String,
    introduction: Vec<Block>,
    calls: Vec<Call>,
}

struct Call {
    name: String,
    method: &'static str,
    path: String,
    example_path: String,
    summary: String,
    description: Vec<Block>,
    signer: Option<String>,
    parameters: Vec<Parameter>,
    body: Option<Body>,
    answers: Vec<Answer>,
    refusals: Vec<Refusal>,
}

struct Parameter {
    place: &'static str,
    row: Row,
}

/// The content that is sent in one direction.
struct Body {
    note: Vec<Span>,
    rows: Vec<Row>,
    example: Option<String>,
}

struct Answer {
    status: String,
    title: String,
    description: Vec<Span>,
    body: Body,
}

struct Refusal {
    status: String,
    title: String,
    reasons: Vec<String>,
}

impl ApiPage {
    pub(super) fn of(document: &OpenApi) -> Self {
        let server =
            document.servers.iter().flatten().next().map(|server| server.url.clone()).unwrap_or_default();
        let groups = document.tags.iter().flatten().map(|tag| Group {
            name: tag.name.clone(),
            introduction: blocks(tag.description.as_deref().unwrap_or_default()),
            calls: calls(document, &tag.name),
        });
        Self {
            style: &STYLE_NAME,
            version: document.info.version.clone(),
            server: server.trim_end_matches('/').to_owned(),
            introduction: blocks(document.info.description.as_deref().unwrap_or_default()),
            signing: schemes(document),
            groups: groups.collect(),
        }
    }
}

fn schemes(document: &OpenApi) -> Vec<Scheme> {
    let schemes = document.components.iter().flat_map(|components| &components.security_schemes);
    let mut shown: Vec<Scheme> = schemes
        .filter_map(|(name, scheme)| match scheme {
            RefOr::T(SecurityScheme::ApiKey(ApiKey::Header(header))) => Some(Scheme {
                name: name.clone(),
                header: header.name.clone(),
                description: blocks(header.description.as_deref().unwrap_or_default()),
            }),
            _ => None,
        })
        .collect();
    // They say the same but for their first paragraph: the rest is shown once.
    let signatures = shown.iter_mut().filter(|scheme| scheme.header == "Authentication");
    for scheme in signatures.skip(1) {
        scheme.description.truncate(1);
    }
    shown
}

fn calls(document: &OpenApi, tag: &str) -> Vec<Call> {
    let items = document.paths.paths.iter().flat_map(|(path, item)| {
        [("GET", item.get.as_ref()), ("POST", item.post.as_ref())]
            .into_iter()
            .filter_map(move |(method, call)| Some((path, method, call?)))
    });
    let of_tag = |call: &Operation| call.tags.iter().flatten().any(|of| of == tag);
    items
        .filter(|(_, _, operation)| of_tag(operation))
        .map(|(path, method, operation)| call(document, path, method, operation))
        .collect()
}

fn call(document: &OpenApi, path: &str, method: &'static str, operation: &Operation) -> Call {
    let mut example_path = path.to_owned();
    let mut parameters = Vec::new();
    for parameter in operation.parameters.iter().flatten() {
        let RefOr::T(parameter) = parameter else { continue };
        let place = match parameter.parameter_in {
            ParameterIn::Path => "path",
            ParameterIn::Query => "query",
            _ => "header",
        };
        let example = parameter.schema.as_ref().and(example_of(parameter));
        if let Some(example) = example {
            example_path = example_path.replace(&format!("{{{}}}", parameter.name), &example);
        }
        parameters.push(Parameter {
            place,
            row: Row {
                name: parameter.name.clone(),
                kind: parameter.schema.as_ref().map_or_else(String::new, |schema| kind(document, schema)),
                is_required: parameter.required == Required::True,
                description: spans(parameter.description.as_deref().unwrap_or_default()),
            },
        });
    }
    let body = operation.request_body.as_ref().and_then(|body| match body {
        RefOr::T(body) => {
            let content = body.content.values().find_map(written_out)?;
            Some(self::body(document, content, body.description.as_deref().unwrap_or_default()))
        }
        RefOr::Ref(_) => None,
    });
    let (mut answers, mut refusals) = (Vec::new(), Vec::new());
    for (status, response) in &operation.responses.responses {
        let Some(response) = resolve(document, response) else { continue };
        let content = response.content.values().find_map(written_out);
        match content.map(refused_for) {
            Some(reasons) if !reasons.is_empty() => {
                refusals.push(Refusal { status: status.clone(), title: title(status), reasons });
            }
            _ => answers.push(Answer {
                status: status.clone(),
                title: title(status),
                description: spans(&response.description),
                body: content.map_or_else(Body::none, |content| self::body(document, content, "")),
            }),
        }
    }
    Call {
        name: operation.operation_id.clone().unwrap_or_default(),
        method,
        path: path.to_owned(),
        example_path,
        summary: operation.summary.clone().unwrap_or_default(),
        description: blocks(operation.description.as_deref().unwrap_or_default()),
        signer: signer(operation),
        parameters,
        body,
        answers,
        refusals,
    }
}

impl Body {
    fn none() -> Self {
        Self { note: Vec::new(), rows: Vec::new(), example: None }
    }
}

fn body(document: &OpenApi, content: &Content, note: &str) -> Body {
    Body {
        note: spans(note),
        rows: content.schema.as_ref().map(|schema| rows(document, schema)).unwrap_or_default(),
        example: content.example.as_ref().map(pretty),
    }
}

fn written_out(content: &RefOr<Content>) -> Option<&Content> {
    match content {
        RefOr::T(content) => Some(content),
        RefOr::Ref(_) => None,
    }
}

fn resolve<'a>(document: &'a OpenApi, response: &'a RefOr<Response>) -> Option<&'a Response> {
    let name = match response {
        RefOr::T(response) => return Some(response),
        RefOr::Ref(reference) => reference.ref_location.rsplit('/').next()?,
    };
    match document.components.as_ref()?.responses.get(name)? {
        RefOr::T(response) => Some(response),
        RefOr::Ref(_) => None,
    }
}

/// The reasons of a refusal; none for any other answer.
fn refused_for(content: &Content) -> Vec<String> {
    let Some(RefOr::T(Schema::AllOf(both))) = &content.schema else { return Vec::new() };
    let words = both.items.iter().filter_map(|item| match item {
        RefOr::T(Schema::Object(object)) => match object.properties.get("reason") {
            Some(RefOr::T(Schema::Object(reason))) => reason.enum_values.as_ref(),
            _ => None,
        },
        _ => None,
    });
    words.flatten().filter_map(|word| word.as_str().map(str::to_owned)).collect()
}

/// The example of a parameter can only be read from what it is written as.
fn example_of(parameter: &utoipa::openapi::path::Parameter) -> Option<String> {
    let written = serde_json::to_value(parameter).ok()?;
    written.get("example").map(pretty)
}

/// Of the two schemes that a signed call needs, the one that is not the time.
fn signer(operation: &Operation) -> Option<String> {
    let needed = serde_json::to_value(operation.security.as_ref()?.first()?).ok()?;
    needed.as_object()?.keys().find(|name| *name != "timestamp").cloned()
}

fn title(status: &str) -> String {
    let status = status.parse().ok().and_then(|code| StatusCode::from_u16(code).ok());
    status.and_then(|status| status.canonical_reason()).unwrap_or_default().to_owned()
}
