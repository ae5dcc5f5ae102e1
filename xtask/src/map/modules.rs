//! The list of a crate's files, each with the first sentence of its documentation.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::Failure;

/// A page about the crate whose library begins with the file `library`.
///
/// # Errors
/// When a file cannot be read, or says nothing of itself.
pub(super) fn of(root: &Path, package: &str, library: &Path) -> Result<String, Failure> {
    let sources = library.parent().ok_or("a library in no folder")?;
    let mut files = Vec::new();
    collect(sources, &mut files)?;
    files.sort();
    let mut page = format!(
        "# The files of `{package}`\n\nEach with the first sentence of its documentation. Unit tests are left out.\n\n| file | holds |\n|---|---|\n"
    );
    for file in files {
        let text = std::fs::read_to_string(&file)?;
        let shown = shown(file.strip_prefix(sources)?);
        let holds =
            first_sentence(&text).ok_or_else(|| format!("{} says nothing of itself", file.display()))?;
        let link = file.strip_prefix(root)?.display();
        let _ = writeln!(page, "| [`{shown}`](../../{link}) | {holds} |");
    }
    Ok(page)
}

/// The file's name, or its folder's where it stands for that.
fn shown(file: &Path) -> String {
    let name = file.display().to_string();
    name.strip_suffix("mod.rs").map_or_else(|| name.clone(), str::to_owned)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name == "tests" || name.ends_with("_tests") {
            continue;
        }
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

/// The first sentence of a file's documentation, without links.
fn first_sentence(text: &str) -> Option<String> {
    let lines = text.lines().skip_while(|line| !line.starts_with("//!"));
    let paragraph: Vec<&str> = lines
        .map_while(|line| line.strip_prefix("//!"))
        .map(str::trim)
        .take_while(|line| !line.is_empty())
        .collect();
    let paragraph = without_links(&paragraph.join(" "));
    let end = paragraph.find(". ").map_or(paragraph.len(), |end| end + 1);
    let sentence = paragraph.get(..end)?.replace('|', "\\|");
    (!sentence.is_empty()).then_some(sentence)
}

/// Links of documentation lead nowhere outside it: their text is kept.
fn without_links(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("[`") {
        let Some((name, after)) = after.split_once("`]") else { break };
        let after = after
            .strip_prefix('(')
            .and_then(|target| target.split_once(')'))
            .map_or(after, |(_, after)| after);
        let _ = write!(plain, "{before}`{name}`");
        rest = after;
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_sentence_is_taken_without_links() {
        let text = "#![allow(x)]\n//! [`Login`](crate::Login) and [`Watch`]: what\n//! a | b is. More.\n//!\n//! Else.\nfn f() {}";
        assert_eq!(first_sentence(text).as_deref(), Some("`Login` and `Watch`: what a \\| b is."));
        assert_eq!(first_sentence("//! One. Two."), Some("One.".to_owned()));
        assert_eq!(first_sentence("fn f() {}"), None);
    }
}
