//! The names in a page: files that it links to or mentions, and items of them.
//!
//! A link `[text](path)` leads to a file or folder. One whose text is `file.rs::item` names an item of it, too: `name`, or `Type::name`.
//! A file that is mentioned as code begins with a folder of the root (`crates/…`), and may have an item behind it in the same way.

use std::path::{Component, Path, PathBuf};

use super::places::{self, Sort};

/// The folders of the root whose files may be mentioned without a link.
const FOLDERS: [&str; 7] = ["crates/", "docs/", "tests/", "xtask/", "examples/", "deploy/", "findings/"];

/// A file, or an item of it, that a page names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Name {
    /// Where it is named.
    page: PathBuf,
    line: usize,
    /// Relative to the root of the workspace.
    file: PathBuf,
    item: Option<String>,
    /// The text of the link, where it shows a file: the end of `file`.
    shown: Option<String>,
}

impl Name {
    fn told(&self, what: &str) -> String {
        let item = self.item.as_ref().map(|item| format!("::{item}")).unwrap_or_default();
        format!("{}:{}: {}{item} {what}", self.page.display(), self.line, self.file.display())
    }
}

/// The names in this page, whose path is relative to the root.
pub(super) fn names(page: &Path, text: &str) -> Vec<Name> {
    let mut names = Vec::new();
    let mut is_code = false;
    for (line, number) in text.lines().zip(1..) {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        }
        if is_code {
            continue;
        }
        let name = |file: PathBuf, item: Option<&str>, shown: Option<&str>| Name {
            page: page.to_owned(),
            line: number,
            file,
            item: item.map(str::to_owned),
            shown: shown.map(str::to_owned),
        };
        for (text, target) in links(line) {
            if let Some(file) = file_of(page, target) {
                let (shown, item) = file_and_item(text.trim_matches('`'));
                let is_file = text.starts_with('`') && Path::new(shown).extension().is_some();
                names.push(name(file, item.filter(|_| is_file), is_file.then_some(shown)));
            }
        }
        for (file, item) in mentions(line) {
            names.push(name(PathBuf::from(file), item, None));
        }
    }
    names
}

/// The links of a line, each as its text and its target.
fn links(line: &str) -> Vec<(&str, &str)> {
    let mut links = Vec::new();
    for (place, _) in line.match_indices("](") {
        let (before, after) = line.split_at(place);
        let text = before.rfind('[').and_then(|begin| before.get(begin + 1..));
        let target = after.get(2..).and_then(|target| target.split_once(')')).map(|(target, _)| target);
        links.extend(text.zip(target));
    }
    if let Some((text, target)) = line.strip_prefix('[').and_then(|line| line.split_once("]: ")) {
        links.push((text, target));
    }
    links
}

/// The file that a link of a page leads to. `None`: it leads to the web, or to a place in the page itself.
fn file_of(page: &Path, target: &str) -> Option<PathBuf> {
    let target = target.split('#').next().unwrap_or_default();
    if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let mut file = PathBuf::new();
    for part in page.parent().unwrap_or(page).join(target).components() {
        match part {
            Component::ParentDir => {
                file.pop();
            }
            Component::CurDir => {}
            part => file.push(part),
        }
    }
    Some(file)
}

/// The files that are mentioned as code, each with its item. The text of a link is none: its target counts.
fn mentions(line: &str) -> Vec<(&str, Option<&str>)> {
    let parts: Vec<&str> = line.split('`').collect();
    let spans = parts.windows(2).step_by(2).filter_map(|parts| match parts {
        [before, span] if !before.ends_with('[') => Some(*span),
        _ => None,
    });
    let is_file = |span: &&str| {
        FOLDERS.iter().any(|folder| span.starts_with(folder)) && !span.contains(['*', '{', '…', ' ', '<'])
    };
    spans.filter(is_file).map(file_and_item).collect()
}

/// `file::item` as its parts.
fn file_and_item(text: &str) -> (&str, Option<&str>) {
    text.split_once("::").map_or((text, None), |(file, item)| (file, Some(item)))
}

/// The findings about names whose file or item is not there.
pub(super) fn missing(root: &Path, names: &[Name]) -> Vec<String> {
    names.iter().filter_map(|name| finding(root, name, Sort::Anything)).collect()
}

/// The findings about names of items that are no tests.
pub(super) fn not_tests(root: &Path, names: &[Name]) -> Vec<String> {
    names.iter().filter_map(|name| finding(root, name, Sort::Test)).collect()
}

fn finding(root: &Path, name: &Name, sort: Sort) -> Option<String> {
    let path = root.join(&name.file);
    if !path.exists() {
        return Some(name.told("is not there"));
    }
    if let Some(shown) = name.shown.as_ref().filter(|shown| !name.file.ends_with(shown)) {
        return Some(name.told(&format!("is shown as {shown}")));
    }
    match (&name.item, sort) {
        (None, Sort::Anything) => None,
        (None, Sort::Test) => Some(name.told("names no test")),
        (Some(item), sort) => {
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let what = if sort == Sort::Test { "is no test" } else { "is not there" };
            (!places::has(&name.file, &text, item, sort)).then(|| name.told(what))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(String, Option<String>)> {
        let names = names(Path::new("docs/walks/login.md"), text);
        names.into_iter().map(|name| (name.file.display().to_string(), name.item)).collect()
    }

    #[test]
    fn links_and_mentions_are_names() {
        let item = |file: &str, item: &str| (file.to_owned(), Some(item.to_owned()));
        let file = |file: &str| (file.to_owned(), None);
        assert_eq!(found("See [`a.rs::b`](../../crates/a.rs)."), [item("crates/a.rs", "b")]);
        assert_eq!(found("See [laws](../laws.md#one), [it](#two)."), [file("docs/laws.md")]);
        assert_eq!(found("[`T`]: ../../crates/t.rs"), [file("crates/t.rs")]);
        assert_eq!(
            found("In `tests/README.md` and `xtask/src/a.rs::B::c`."),
            [file("tests/README.md"), item("xtask/src/a.rs", "B::c")]
        );
        assert_eq!(
            found("[web](https://docs.rs) `crates/*` `x`\n```sh\ntests/none.rs\n`tests/none`\n```"),
            []
        );
    }

    #[test]
    fn a_file_that_is_not_there_is_told_with_its_line() {
        let text = "a\n[x](crates/none.rs) and `xtask/Cargo.toml::none_such`, [`a.rs`](xtask/Cargo.toml)";
        let names = names(Path::new("README.md"), text);
        let root = crate::cargo::workspace_root();
        assert_eq!(
            missing(&root, &names),
            [
                "README.md:2: crates/none.rs is not there",
                "README.md:2: xtask/Cargo.toml is shown as a.rs",
                "README.md:2: xtask/Cargo.toml::none_such is not there"
            ]
        );
    }
}
