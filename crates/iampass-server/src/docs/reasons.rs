//! The catalogue of the reason codes, for programs, for people, and as the file `docs/reasons.md`. All three are made of the entries
//! beside [`Reason`] in `iampass-core`.

use askama::Template;
use iampass_core::wire::Reason;
use serde_json::json;

use super::markdown::{Span, spans};
use super::style::STYLE_NAME;

/// The page.
#[derive(Template)]
#[template(path = "docs/reasons.html")]
pub(super) struct ReasonsPage {
    style: &'static str,
    entries: Vec<Entry>,
}

struct Entry {
    word: &'static str,
    statuses: String,
    retry: bool,
    when: Vec<Span>,
    what_to_do: Vec<Span>,
}

pub(super) fn page() -> ReasonsPage {
    let entries = explained().map(|(reason, explanation)| Entry {
        word: reason.as_str(),
        statuses: joined(explanation.statuses),
        retry: explanation.retry,
        when: spans(explanation.when),
        what_to_do: spans(explanation.what_to_do),
    });
    ReasonsPage { style: &STYLE_NAME, entries: entries.collect() }
}

pub(super) fn as_json() -> String {
    let entries: Vec<_> = explained()
        .map(|(reason, explanation)| {
            json!({
                "reason": reason,
                "statuses": explanation.statuses,
                "retry": explanation.retry,
                "when": explanation.when,
                "what_to_do": explanation.what_to_do,
            })
        })
        .collect();
    json!({"reasons": entries}).to_string()
}

fn explained() -> impl Iterator<Item = (&'static Reason, iampass_core::wire::Explanation)> {
    Reason::ALL.iter().filter_map(|reason| Some((reason, reason.explanation()?)))
}

fn joined(statuses: &[u16]) -> String {
    statuses.iter().map(u16::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    /// `docs/reasons.md`.
    fn as_markdown() -> String {
        let mut text = String::from(
            "# Reason codes\n\n\
             When the service says no, its answer has the members `status` (false), `reason` (one of these codes, for programs) and `message` \
             (a sentence for people, which may change). There may be new codes: treat one that you do not know by the HTTP status.\n\n\
             A running service shows this list at `/docs/reasons`, and gives it to programs at `/docs/reasons.json`. This file is written by a \
             test from `crates/iampass-core/src/wire/reason_catalogue.rs`.\n\n\
             *Again*: the same request, signed anew, may be done later without anything being changed.\n\n\
             | code | HTTP | again | when | what to do |\n|---|---|---|---|---|\n",
        );
        for (reason, explanation) in explained() {
            let again = if explanation.retry { "yes" } else { "" };
            let (statuses, when, what_to_do) =
                (joined(explanation.statuses), explanation.when, explanation.what_to_do);
            writeln!(text, "| `{reason}` | {statuses} | {again} | {when} | {what_to_do} |").unwrap();
        }
        text
    }

    #[test]
    fn the_file_of_the_repository_is_this_catalogue() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reasons.md");
        if std::env::var_os("IAMPASS_WRITE_DOCS").is_some() {
            std::fs::write(path, as_markdown()).unwrap();
        }
        let file = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            file == as_markdown(),
            "docs/reasons.md is not up to date. Write it: IAMPASS_WRITE_DOCS=1 cargo test -p iampass-server --lib docs::reasons"
        );
    }

    #[test]
    fn every_reason_is_on_the_page_and_in_the_json() {
        let (page, json) = (page().render().unwrap(), as_json());
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        for (place, reason) in Reason::ALL.iter().enumerate() {
            assert!(page.contains(&format!("id=\"{reason}\"")), "{reason}");
            assert_eq!(json["reasons"][place]["reason"], reason.as_str());
        }
    }
}
