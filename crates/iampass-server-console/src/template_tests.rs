//! Rules that every template keeps: it has no words of its own, and sets apart what somebody has typed.

use std::path::Path;

/// The words that are the same in every language: a name, and the names of files and programs, which stand in `code` and `pre`.
const NAMES: [&str; 2] = ["IAMPASS", "Console"];

/// The attributes that people read or hear.
const SPOKEN: [&str; 6] = ["aria-label", "title", "alt", "placeholder", "data-label", "content"];

/// The values that may stand in a page as they are: numbers, and values whose letters are those of the page or of no language.
const PLAIN: [&str; 24] = [
    "runs_since",
    "way.sent",
    "way.delayed",
    "way.failed",
    "created",
    "link.until",
    "since",
    "until",
    "at",
    "added",
    "used",
    "next",
    "queued",
    "ended",
    "users",
    "sessions",
    "title",
    "heading",
    "end",
    "duration_hint",
    "details.open_sessions",
    "user.open_sessions",
    "language.name",
    "item.label",
];

/// A part of a template.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Tag(String),
    Text(String),
    /// `{{ … }}` between tags, without its filters.
    Value(String),
}

/// The parts of a template, without its comments and instructions.
fn parts(template: &str) -> Vec<Part> {
    let mut found = Vec::new();
    let mut rest = template;
    while !rest.is_empty() {
        if let Some(behind) = rest.strip_prefix("{%") {
            rest = behind.split_once("%}").unwrap().1;
        } else if let Some(behind) = rest.strip_prefix("{#") {
            rest = behind.split_once("#}").unwrap().1;
        } else if let Some(behind) = rest.strip_prefix("{{") {
            let (value, behind) = behind.split_once("}}").unwrap();
            found.push(Part::Value(value.trim().trim_end_matches("|safe").to_owned()));
            rest = behind;
        } else if rest.starts_with('<') {
            let end = end_of_tag(rest);
            found.push(Part::Tag(rest[..end].to_owned()));
            rest = &rest[end..];
        } else {
            let end = rest.find(['<', '{']).unwrap_or(rest.len()).max(1);
            let end = (end..=rest.len()).find(|end| rest.is_char_boundary(*end)).unwrap();
            found.push(Part::Text(rest[..end].to_owned()));
            rest = &rest[end..];
        }
    }
    found
}

/// A value in an attribute may have quotes and `>` in it.
fn end_of_tag(tag: &str) -> usize {
    let mut at = 0;
    while !tag[at..].starts_with('>') {
        at += match tag[at..].strip_prefix("{{").map(|rest| rest.find("}}").unwrap()) {
            Some(length) => length + 4,
            None => match tag[at..].strip_prefix("{%").map(|rest| rest.find("%}").unwrap()) {
                Some(length) => length + 4,
                None => tag[at..].chars().next().unwrap().len_utf8(),
            },
        };
    }
    at + 1
}

/// The words of a text in English letters that are no names.
fn words(text: &str) -> Vec<String> {
    let words = text.split(|one: char| !one.is_ascii_alphabetic()).filter(|word| !word.is_empty());
    words.filter(|word| !NAMES.contains(word)).map(str::to_owned).collect()
}

/// A tag without its values.
fn bare(tag: &str) -> String {
    let mut bare = String::new();
    let mut rest = tag;
    while let Some(at) = rest.find("{{").into_iter().chain(rest.find("{%")).min() {
        bare.push_str(&rest[..at]);
        let end = if rest[at..].starts_with("{{") { "}}" } else { "%}" };
        rest = rest[at..].split_once(end).unwrap().1;
    }
    bare + rest
}

fn is_closed(tag: &str) -> bool {
    tag.starts_with("</")
}

/// 1 for a tag with which code begins, -1 for one with which it ends.
fn code(tag: &str) -> i32 {
    let is_code = ["code", "pre"].iter().any(|name| {
        let rest = tag.trim_start_matches(['<', '/']).strip_prefix(name);
        rest.is_some_and(|rest| rest.starts_with([' ', '>']))
    });
    match (is_code, is_closed(tag)) {
        (false, _) => 0,
        (true, true) => -1,
        (true, false) => 1,
    }
}

/// The words that a template has of its own.
fn own_words(template: &str) -> Vec<String> {
    let (mut found, mut in_code) = (Vec::new(), 0);
    for part in parts(template) {
        match part {
            Part::Tag(tag) => {
                in_code += code(&tag);
                let bare = bare(&tag);
                for name in SPOKEN {
                    let value =
                        bare.split(&format!(" {name}=\"")).nth(1).and_then(|rest| rest.split('"').next());
                    if !tag.starts_with("<meta") {
                        found.extend(words(value.unwrap_or_default()));
                    }
                }
            }
            Part::Text(text) if in_code == 0 => found.extend(words(&text)),
            Part::Text(_) | Part::Value(_) => {}
        }
    }
    found
}

/// The values of a template that could be in another direction of writing than the page, and are not set apart.
fn mixed_values(template: &str) -> Vec<String> {
    let (mut found, mut before, mut in_code) = (Vec::new(), String::new(), 0);
    for part in parts(template) {
        match part {
            Part::Tag(tag) => {
                in_code += code(&tag);
                before = tag;
            }
            // A value behind a word is no longer right behind the tag.
            Part::Text(text) if !text.trim().is_empty() => before.clear(),
            Part::Text(_) => {}
            Part::Value(_) if in_code > 0 => {}
            Part::Value(value) => {
                let is_text = [
                    "t",
                    "one",
                    "bold",
                    "code",
                    "time",
                    "count",
                    "role",
                    "role_of",
                    "role_may",
                    "role_of_may",
                    "duration",
                ];
                let is_known = is_text.iter().any(|name| value.starts_with(&format!("frame.{name}(")))
                    || value.starts_with("frame.title")
                    || ["frame.tab_title()", "frame.session_script()", "qr", "text"]
                        .contains(&value.as_str())
                    || PLAIN.contains(&value.as_str());
                let is_apart = before.starts_with("<bdi") || before.contains(" dir=\"");
                if !is_known && !is_apart {
                    found.push(value);
                }
            }
        }
    }
    found
}

fn templates() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/console");
    let read = |entry: std::fs::DirEntry| {
        (entry.file_name().into_string().unwrap(), std::fs::read_to_string(entry.path()).unwrap())
    };
    let all: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| read(entry.unwrap())).collect();
    assert!(all.len() > 20, "{}", all.len());
    all
}

#[test]
fn no_template_has_words_of_its_own() {
    for (name, template) in templates() {
        assert_eq!(own_words(&template), Vec::<String>::new(), "{name}");
    }
}

/// A name in Arabic letters must not turn an English sentence round, nor an id in English letters an Arabic one.
#[test]
fn what_somebody_has_typed_is_set_apart() {
    for (name, template) in templates() {
        assert_eq!(mixed_values(&template), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn templates_are_read_as_browsers_and_askama_read_them() {
    let template = r#"{% if a > b %}<p title="{{ self.of("x>y") }} now" data-x="a">Hello {{ name }}</p><code>run</code>{% endif %}"#;
    assert_eq!(own_words(template), ["now", "Hello"]);
    assert_eq!(mixed_values(template), ["name"]);
    assert_eq!(mixed_values("<bdi>{{ name }}</bdi><p dir=\"auto\">{{ name }}</p>"), Vec::<String>::new());
    assert_eq!(mixed_values("<bdi>a {{ name }}</bdi>"), ["name"]);
}
