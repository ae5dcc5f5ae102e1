//! Finding what a name of the map means in a file: an item, or a test.

use std::path::Path;

/// The kind of thing that a name has to be in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Anything,
    Test,
}

/// Whether the text of the file has it: `name`, or `Type::name`. Macros are not unfolded, so the text is searched and not the syntax.
pub(super) fn has(file: &Path, text: &str, item: &str, sort: Sort) -> bool {
    let is_rust = file.extension().is_some_and(|extension| extension == "rs");
    item.split("::").enumerate().all(|(place, name)| match sort {
        _ if !is_rust => has_word(text, name),
        Sort::Test => is_test(text, name),
        Sort::Anything if place == 0 => is_defined(text, name) || has_impl(text, name),
        Sort::Anything => is_defined(text, name) || is_variant(text, name),
    })
}

const DEFINITIONS: [&str; 9] =
    ["fn ", "struct ", "enum ", "trait ", "const ", "static ", "type ", "mod ", "macro_rules! "];

fn is_defined(text: &str, name: &str) -> bool {
    DEFINITIONS.iter().any(|kind| places_of(text, &format!("{kind}{name}")).next().is_some())
}

fn has_impl(text: &str, name: &str) -> bool {
    text.lines().any(|line| line.trim_start().starts_with("impl") && has_word(line, name))
}

/// A variant or a field: a line that begins with it.
fn is_variant(text: &str, name: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim_start();
        let line = line.strip_prefix("pub ").or_else(|| line.strip_prefix("pub(crate) ")).unwrap_or(line);
        line.strip_prefix(name)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([',', ' ', '(', ':', '{']))
    })
}

/// The macros that make tests of the checks that they list.
const LISTS_OF_CHECKS: [&str; 2] = ["each_framework!(", "each_proxy!("];

/// A function with the attribute of a test, or a check that is run over each framework or behind each proxy.
fn is_test(text: &str, name: &str) -> bool {
    let mut checks = LISTS_OF_CHECKS.iter().filter_map(|list| text.split_once(list)?.1.split_once(");"));
    if checks.any(|(checks, _)| has_word(checks, name)) {
        return is_defined(text, name);
    }
    places_of(text, &format!("fn {name}")).any(|place| {
        let before = text.get(..place).unwrap_or_default();
        // The attributes and comments directly above, and the rest of the function's own line.
        let above = before.lines().rev().take_while(|line| {
            let line = line.trim();
            line.starts_with(['#', '/', ')', ']'])
                || line.ends_with("async")
                || line.is_empty() && before.ends_with(line)
        });
        above
            .into_iter()
            .any(|line| line.trim().starts_with("#[") && line.contains("test") && !line.contains("cfg"))
    })
}

fn has_word(text: &str, word: &str) -> bool {
    places_of(text, word).next().is_some()
}

/// Where these words stand, with no letter of a longer word around them.
fn places_of<'a>(text: &'a str, words: &'a str) -> impl Iterator<Item = usize> + 'a {
    let is_part =
        |character: Option<char>| character.is_some_and(|found| found.is_alphanumeric() || found == '_');
    text.match_indices(words).map(|(place, _)| place).filter(move |&place| {
        let before = text.get(..place).and_then(|before| before.chars().next_back());
        let after = text.get(place + words.len()..).and_then(|after| after.chars().next());
        !is_part(before) && !is_part(after)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "pub(crate) struct Login;\nimpl Login {\n    pub async fn start(&self) {}\n}\n\
                        enum State {\n    /// Begun.\n    Begun,\n    Over(u8),\n}\nimpl std::fmt::Debug for Other {}\n\
                        #[tokio::test]\nasync fn it_starts() {}\n\n#[cfg(test)]\nfn helper() {}\n\
                        /// A law.\n#[test]\n#[ignore = \"slow\"]\nfn it_ends() {}\n";

    fn is_there(item: &str, sort: Sort) -> bool {
        has(Path::new("a.rs"), TEXT, item, sort)
    }

    #[test]
    fn items_are_found() {
        for item in ["Login", "start", "Login::start", "State::Begun", "State::Over", "Other"] {
            assert!(is_there(item, Sort::Anything), "{item}");
        }
        for item in ["Log", "starts", "Login::stop", "State::Ended", "Begun"] {
            assert!(!is_there(item, Sort::Anything), "{item}");
        }
    }

    #[test]
    fn only_tests_are_tests() {
        assert!(is_there("it_starts", Sort::Test) && is_there("it_ends", Sort::Test));
        for item in ["start", "helper", "it_begins"] {
            assert!(!is_there(item, Sort::Test), "{item}");
        }
    }

    #[test]
    fn checks_over_each_framework_are_tests() {
        let text = "each_framework!(\n    it_starts,\n);\nasync fn it_starts(s: S) {}\nasync fn helper() {}";
        for text in [text, &text.replace("each_framework", "each_proxy")] {
            let is_test = |item| has(Path::new("a.rs"), text, item, Sort::Test);
            assert!(is_test("it_starts") && !is_test("helper"));
        }
    }

    #[test]
    fn other_files_have_words() {
        assert!(has(Path::new("a.sql"), "CREATE TABLE nonces (", "nonces", Sort::Anything));
        assert!(!has(Path::new("a.sql"), "CREATE TABLE nonces (", "nonce", Sort::Anything));
    }
}
