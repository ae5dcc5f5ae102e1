//! Every page with texts of which no letter is an English one: what is left in English letters is not from the file of texts.
//!
//! The texts are put in as an operator puts in texts of its own, so this tests that way too.

use iampass_server::{ConsoleSettings, OwnTexts, Registration, routes};
use iampass_texts::built_in;

use super::shop::{key_of, open_sessions, owner, place};
use super::visitor::Visitor;
use crate::rig::{Answer, Rig};

/// The words that stand on pages as they are: names of this test, and names that are the same in every language.
const KNOWN: [&str; 12] =
    ["IAMPASS", "Console", "UTC", "olga", "rig", "Shop", "ann", "bea", "owner", "read", "only", "developer"];

/// Wide letters in the place of English ones.
fn wide(text: &str) -> String {
    let wide = |one: char| {
        if one.is_ascii_alphabetic() { char::from_u32(u32::from(one) + 0xfee0).unwrap() } else { one }
    };
    text.chars().map(wide).collect()
}

/// The same of a text with its placeables left alone.
fn wide_but_placeables(text: &str) -> String {
    let mut changed = String::new();
    for part in text.split_inclusive('}') {
        let (words, placeable) = part.split_at(part.find('{').unwrap_or(part.len()));
        changed.push_str(&wide(words));
        changed.push_str(placeable);
    }
    changed
}

/// A file of texts in wide letters.
fn pseudo(file: &str) -> String {
    let line = |line: &str| {
        let is_form = line.trim_start().starts_with(['[', '*']);
        match line.split_once(if is_form { "] " } else { " = " }) {
            Some(_) if line.ends_with("->") || line.starts_with('#') => line.to_owned(),
            Some((before, text)) if is_form => format!("{before}] {}", wide_but_placeables(text)),
            Some((id, text)) => format!("{id} = {}", wide_but_placeables(text)),
            None => line.to_owned(),
        }
    };
    file.lines().map(line).collect::<Vec<_>>().join("\n")
}

async fn house() -> Rig {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("console.en.ftl"), pseudo(built_in::console("en").unwrap())).unwrap();
    let texts = OwnTexts::read(folder.path()).unwrap();
    Rig::with(|config| {
        config.console = Some(ConsoleSettings::new(Registration::Open));
        config.texts = texts;
    })
    .await
}

/// The page without the elements that hold names, codes and languages.
fn without(page: &str, begin: &str, end: &str) -> String {
    let mut left = String::new();
    let mut rest = page;
    while let Some((before, behind)) = rest.split_once(begin) {
        left.push_str(before);
        rest = behind.split_once(end).expect(begin).1;
    }
    left + rest
}

/// The words in English letters that people read or hear on a page.
fn english_words(page: &str) -> Vec<String> {
    let page = [
        ("<script", "</script>"),
        ("<svg", "</svg>"),
        ("<code", "</code>"),
        ("<pre", "</pre>"),
        ("<bdi", "</bdi>"),
        ("<b dir=\"auto\"", "</b>"),
        ("<nav class=\"languages\"", "</nav>"),
        ("<textarea", "</textarea>"),
        // Addresses, and names of formats. The rest of the tag is closed by the `>` that stays.
        ("/phone\" dir=\"ltr\">", "</a"),
        ("\" dir=\"ltr\" download>", "</a"),
    ]
    .into_iter()
    .fold(page.to_owned(), |page, (begin, end)| without(&page, begin, end));
    let mut spoken = String::new();
    for tag in page.split('<').skip(1) {
        let (tag, text) = tag.split_once('>').unwrap();
        spoken.push_str(text);
        spoken.push('\n');
        for name in ["aria-label", "data-label", "alt", "placeholder", "data-copied", "data-not-copied"] {
            if let Some(value) = tag.split(&format!(" {name}=\"")).nth(1) {
                spoken.push_str(value.split('"').next().unwrap());
                spoken.push('\n');
            }
        }
    }
    let words = ["&#39;", "&#34;", "&quot;", "&amp;", "&#38;", "&lt;", "&gt;", "&#60;", "&#62;"]
        .iter()
        .fold(spoken, |text, entity| text.replace(entity, " "));
    let words = words.split(|one: char| !one.is_ascii_alphabetic()).filter(|word| !word.is_empty());
    words.filter(|word| !KNOWN.contains(word)).map(str::to_owned).collect()
}

/// The answer shows a page; its words are those of the file, and it offers languages where it can be loaded again.
#[track_caller]
fn is_of_the_file(method: &str, path: &str, answer: &Answer) {
    let is_page = answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
    if !is_page || answer.status == 303 {
        return;
    }
    let words = english_words(&answer.body);
    assert!(words.is_empty(), "{method} {path}: {words:?} in {}", answer.body);
    let offers = answer.body.contains("class=\"languages\"");
    assert_eq!(offers, method == "GET", "{method} {path}: what is shown once would be lost");
}

#[tokio::test]
async fn no_page_has_a_text_that_is_not_from_the_file() {
    let rig = house().await;
    let mut olga = owner(&rig).await;
    let bea = Visitor::registered(&rig, "bea").await;
    let phone = rig.phone("ann").await;
    rig.active_session(&phone, "ann", "").await;
    let added = olga.post(&place(&rig, "/members/add"), &[("name", "bea"), ("role", "read-only")]).await;
    assert_eq!(added.status, 303);
    olga.invite(&rig.app.id, "developer").await;
    let account = rig.store.column("SELECT CAST(key AS TEXT) FROM accounts WHERE name = 'bea'").remove(0);
    let at = |pattern: &str| {
        let path = pattern.replace("{application}", &rig.app.id).replace("{account}", &account);
        let path = path.replace("{user}", &key_of(&rig, "ann"));
        open_sessions(&rig).first().map_or(path.clone(), |session| path.replace("{session}", session))
    };
    let mut pages = 0;
    let all: Vec<_> = routes().filter(|route| route.pattern.starts_with("/console")).collect();
    for route in all.iter().filter(|route| route.method == "GET") {
        if route.pattern.ends_with("/events")
            || route.pattern.contains("{code}")
            || route.pattern.contains("/auth/")
        {
            continue;
        }
        let path = at(route.pattern);
        let answer = olga.get(&path).await;
        assert_ne!(answer.status, 500, "{path}");
        is_of_the_file("GET", &path, &answer);
        pages += 1;
    }
    assert!(pages > 40, "{pages} pages");
    // The answers to forms that are sent empty, and pages that are shown once.
    for route in all.iter().filter(|route| route.method == "POST") {
        let is_safe = !route.pattern.contains("/auth/") && !route.pattern.ends_with("/take-back");
        if is_safe && !route.pattern.contains("{code}") {
            let path = at(route.pattern);
            is_of_the_file("POST", &path, &olga.post(&path, &[("x", "")]).await);
        }
    }
    for (path, fields) in [
        ("/console/applications/new", &[("name", "rig")][..]),
        (&place(&rig, "/settings/rotate"), &[("overlap", "day")]),
        (&place(&rig, "/members/invite"), &[("role", "owner")]),
        (&at("/console/accounts/{account}/link"), &[("typed", "bea")]),
        (&at("/console/applications/{application}/users/{user}/link?adds=yes"), &[("x", "")]),
        ("/console/account/phone", &[("x", "")]),
        ("/console/keys/new", &[("name", "rig"), ("days", "1"), ("scope-users:read", "on")]),
    ] {
        let answer = olga.post(path, fields).await;
        assert_eq!(answer.status, 201, "{path}: {answer:?}");
        is_of_the_file("POST", path, &answer);
    }
    let key = rig.store.column("SELECT id FROM admin_keys").remove(0);
    // The two secrets that are good now, a key, and a link that is open.
    for path in [
        "/console/keys",
        &format!("/console/keys/{key}/revoke"),
        &place(&rig, "/settings"),
        &place(&rig, "/settings/rotate"),
        "/console/account",
        &at("/console/accounts/{account}"),
    ] {
        is_of_the_file("GET", path, &olga.get(path).await);
    }
    let mut nobody = Visitor::new(&rig);
    let invitation = olga.invite(&rig.app.id, "developer").await;
    for path in ["/console", "/console/register", "/console/nothing", "/console/link/none", &invitation] {
        is_of_the_file("GET", path, &nobody.get(path).await);
    }
    is_of_the_file("POST", &invitation, &nobody.post(&invitation, &[("name", "a")]).await);
    drop(bea);
}

#[test]
fn a_word_that_is_not_from_the_file_is_found() {
    let page = "<html><title>Ａ · IAMPASS Console</title><p aria-label=\"Ａ b\">Ａ <bdi>c</bdi> d&#39;<code dir=\"ltr\">e</code></p>";
    assert_eq!(english_words(page), ["d", "b"]);
    assert_eq!(
        pseudo("a = b { $c } d\ne = { $count ->\n    [one] f\n   *[other] g\n}"),
        "a = ｂ { $c } ｄ\ne = { $count ->\n    [one] ｆ\n   *[other] ｇ\n}"
    );
}
