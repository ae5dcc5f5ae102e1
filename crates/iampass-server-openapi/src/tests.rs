//! The document against the code: routes, reasons, schemas, examples.

use std::collections::BTreeSet;

use iampass_core::wire::Reason;
use serde_json::{Value, json};

use super::*;
use crate::schemas::samples::{self, Sample};

fn json() -> Value {
    serde_json::to_value(document("https://login.example")).unwrap()
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().unwrap().iter()
}

/// Each call with its method, its path and its description.
fn calls(document: &Value) -> impl Iterator<Item = (String, &str, &Value)> {
    members(&document["paths"]).flat_map(|(path, item)| {
        members(item).map(move |(method, call)| (method.to_uppercase(), path.as_str(), call))
    })
}

/// A reference followed to what it names.
fn follow<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => document.pointer(reference.strip_prefix('#').unwrap()).unwrap(),
        None => value,
    }
}

fn answers<'a>(document: &'a Value, call: &'a Value) -> impl Iterator<Item = (u16, &'a Value)> {
    members(&call["responses"]).map(|(status, answer)| (status.parse().unwrap(), follow(document, answer)))
}

#[test]
fn names_are_unique_and_parameters_explained() {
    let document = json();
    let mut names = BTreeSet::new();
    for (_, path, call) in calls(&document) {
        assert!(names.insert(call["operationId"].as_str().unwrap().to_owned()), "{path}");
        assert!(call["summary"].is_string() && call["description"].is_string(), "{path}");
        let parameters = call["parameters"].as_array().cloned().unwrap_or_default();
        for parameter in &parameters {
            assert_ne!(parameter["description"].as_str().unwrap_or(""), "", "{path}: {parameter}");
        }
        let in_path = parameters.iter().filter(|parameter| parameter["in"] == "path").count();
        assert_eq!(in_path, path.matches('{').count(), "{path}");
    }
}

#[test]
fn all_that_is_referred_to_is_there_and_all_that_is_there_is_used() {
    fn collect(value: &Value, into: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                    into.insert(reference.to_owned());
                }
                members.values().for_each(|member| collect(member, into));
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, into)),
            _ => {}
        }
    }
    let document = json();
    let mut referred = BTreeSet::new();
    collect(&document, &mut referred);
    let there: BTreeSet<_> = ["schemas", "responses"]
        .into_iter()
        .flat_map(|kind| {
            members(&document["components"][kind]).map(move |(name, _)| format!("#/components/{kind}/{name}"))
        })
        .collect();
    let missing: Vec<_> = referred.difference(&there).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let unused: Vec<_> = there.difference(&referred).collect();
    assert!(unused.is_empty(), "{unused:?}");
    // Schemes are referred to by name.
    for (_, path, call) in calls(&document) {
        for (scheme, _) in call["security"].as_array().into_iter().flatten().flat_map(members) {
            assert!(document["components"]["securitySchemes"][scheme].is_object(), "{path}: {scheme}");
        }
    }
}

/// The catalogue's status of a reason is the one with which the calls answer.
#[test]
fn refusals_and_the_catalogue_say_the_same() {
    let document = json();
    let mut described: BTreeSet<(String, u16)> = BTreeSet::new();
    for (_, _, call) in calls(&document) {
        for (status, answer) in answers(&document, call) {
            let words = answer.pointer("/content/application~1json/schema/allOf/1/properties/reason/enum");
            for word in words.and_then(Value::as_array).into_iter().flatten() {
                described.insert((word.as_str().unwrap().to_owned(), status));
            }
        }
    }
    // Answered where there is no call to describe, and within answers of 200.
    described.extend([("NOT_FOUND".to_owned(), 404), ("METHOD_NOT_ALLOWED".to_owned(), 405)]);
    let in_answers = [
        Reason::NoMobileDevice,
        Reason::UnknownUser,
        Reason::MethodNotAvailable,
        Reason::TooManyDenials,
        Reason::BrowserNotKnown,
        Reason::SmsNotConfigured,
        Reason::MailNotConfigured,
        Reason::MessagesNotAllowed,
        Reason::InvalidParameter,
        Reason::CodeNotShown,
        Reason::WrongCode,
        Reason::Reported,
    ];
    described.extend(in_answers.iter().map(|reason| (reason.to_string(), 200)));
    let catalogue: BTreeSet<_> = Reason::ALL
        .iter()
        .flat_map(|reason| {
            let statuses = reason.explanation().unwrap().statuses;
            statuses.iter().map(|&status| (reason.to_string(), status))
        })
        .collect();
    assert_eq!(described, catalogue);
}

/// A reason in the code is written `Reason::Name`, or comes out of the core's check of a signature.
#[test]
fn every_reason_is_given_by_the_service() {
    fn collect(folder: &std::path::Path, into: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let is_description = path.ends_with("src/docs");
            if path.is_dir() && !is_description {
                collect(&path, into);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                into.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut code = String::new();
    collect(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../iampass-server/src")), &mut code);
    let from_signatures = refusals::UNSIGNED.iter().chain(refusals::UNTIMELY);
    // Sending mail is on its way.
    for reason in Reason::ALL.iter().filter(|reason| **reason != Reason::MailNotConfigured) {
        let is_given =
            code.contains(&format!("Reason::{reason:?}")) || from_signatures.clone().any(|of| of == reason);
        assert!(is_given, "{reason} is in the catalogue, and the service never gives it");
    }
}

/// Every object schema is closed, so that a member which no schema names is found.
fn strict(mut document: Value) -> Value {
    fn close(value: &mut Value) {
        match value {
            Value::Object(members) => {
                if members.get("type").is_some_and(|of| of == "object")
                    && !members.contains_key("additionalProperties")
                {
                    members.insert("additionalProperties".to_owned(), false.into());
                }
                members.values_mut().for_each(close);
            }
            Value::Array(items) => items.iter_mut().for_each(close),
            _ => {}
        }
    }
    close(&mut document["components"]["schemas"]);
    document
}

fn validator(document: &Value, schema: &Value) -> jsonschema::Validator {
    let mut whole = json!({"components": document["components"]});
    whole.as_object_mut().unwrap().extend(schema.as_object().unwrap().clone());
    jsonschema::validator_for(&whole).unwrap()
}

fn validator_of(document: &Value, name: &str) -> jsonschema::Validator {
    validator(document, &json!({"$ref": format!("#/components/schemas/{name}")}))
}

#[test]
fn every_schema_has_a_sample_of_its_wire_type() {
    let document = json();
    let schemas: BTreeSet<_> =
        members(&document["components"]["schemas"]).map(|(name, _)| name.as_str()).collect();
    let samples: BTreeSet<_> = samples::all().iter().map(|sample| sample.name).collect();
    assert_eq!(schemas, samples);
}

#[test]
fn what_the_wire_types_write_is_what_the_schemas_say() {
    let document = strict(json());
    for Sample { name, written, reads, .. } in samples::all() {
        let validator = validator_of(&document, name);
        for value in &written {
            assert!(
                validator.is_valid(value),
                "{name}: {:?} in {value}",
                validator.validate(value).map_err(|error| error.to_string())
            );
            assert_eq!(reads(value), Ok(()), "{name}: {value}");
        }
        let schema = &document["components"]["schemas"][name];
        if schema["type"] != "object" {
            continue;
        }
        let keys = |value: &Value| members(value).map(|(name, _)| name.clone()).collect::<BTreeSet<_>>();
        let texts = |value: &Value| {
            value
                .as_array()
                .into_iter()
                .flatten()
                .map(|name| name.as_str().unwrap().to_owned())
                .collect::<BTreeSet<_>>()
        };
        let properties = schema.get("properties").map(keys).unwrap_or_default();
        let always = written.iter().map(keys).reduce(|some, others| &some & &others).unwrap();
        let ever = written.iter().map(keys).reduce(|some, others| &some | &others).unwrap();
        assert_eq!(texts(&schema["required"]), always, "{name}: required");
        if schema["additionalProperties"] != true {
            assert_eq!(properties, ever, "{name}: members");
        }
    }
}

/// Values of every other kind in the place of each member, and nothing in its place.
#[test]
fn what_the_schemas_allow_the_wire_types_read_and_of_requests_nothing_else() {
    let document = json();
    let mut tried = 0;
    for Sample { name, written, reads, is_request } in samples::all() {
        let validator = validator_of(&document, name);
        for value in written.iter().filter(|value| value.is_object()) {
            for member in value.as_object().unwrap().keys() {
                let mut variants = vec![value.clone()];
                variants[0].as_object_mut().unwrap().remove(member);
                for other in [
                    json!(null),
                    json!(true),
                    json!(7),
                    json!(-7),
                    json!(1.5),
                    json!("text"),
                    json!([]),
                    json!({}),
                ] {
                    let mut variant = value.clone();
                    variant[member] = other;
                    variants.push(variant);
                }
                for variant in variants {
                    let (allowed, read) = (validator.is_valid(&variant), reads(&variant).is_ok());
                    // Words that nobody knows are read and then refused by the service itself.
                    let is_word = is_request && member == "platform" && variant[member].is_string();
                    // The status stands there twice, and no schema can say that the two are equal: another user in one of them is refused, and another
                    // word on whether the session is active.
                    let is_twice = matches!(member.as_str(), "user_id" | "authenticated");
                    let contradicts = name == "StatusAnswer" && is_twice && !read;
                    let as_described = if is_request && !is_word {
                        allowed == read
                    } else {
                        !allowed || read || contradicts
                    };
                    assert!(as_described, "{name}: {variant} is allowed: {allowed}, read: {read}");
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 500, "{tried}");
}

#[test]
fn every_example_is_of_its_schema_and_read_by_its_wire_type() {
    let document = strict(json());
    let samples = samples::all();
    let mut examples = 0;
    for (_, path, call) in calls(&document) {
        let contents = std::iter::once(&call["requestBody"])
            .chain(answers(&document, call).map(|(_, answer)| answer))
            .filter_map(|body| body.get("content"))
            .flat_map(members);
        for (_, content) in contents {
            let Some(example) = content.get("example") else { continue };
            let validator = validator(&document, &content["schema"]);
            assert!(
                validator.is_valid(example),
                "{path}: {:?}",
                validator.validate(example).map_err(|error| error.to_string())
            );
            let schema = content["schema"].get("allOf").map_or(&content["schema"], |both| &both[0]);
            if let Some(reference) = schema["$ref"].as_str() {
                let name = reference.rsplit('/').next().unwrap();
                let sample = samples.iter().find(|sample| sample.name == name).unwrap();
                assert_eq!((sample.reads)(example), Ok(()), "{path}: {example}");
            }
            examples += 1;
        }
        for parameter in call["parameters"].as_array().into_iter().flatten() {
            let validator = validator(&document, &parameter["schema"]);
            assert!(validator.is_valid(&parameter["example"]), "{path}: {parameter}");
        }
    }
    assert!(examples > 100, "{examples}");
}
