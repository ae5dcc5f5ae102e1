//! The parts of documents that are written by this program: whole pages, and parts between two marks.

use std::path::Path;

use crate::Failure;

/// Stands above each page that is written as a whole.
const NOTE: &str = "<!-- Written by `cargo xtask map`. -->\n";

/// A part of a document, or a whole one, as it should be.
pub(super) struct Generated {
    /// The document, relative to the root of the workspace.
    document: String,
    /// The name in the marks. `None`: the whole document.
    part: Option<&'static str>,
    text: String,
}

impl Generated {
    pub(super) fn part(document: &str, part: &'static str, text: String) -> Self {
        Self { document: document.to_owned(), part: Some(part), text }
    }

    pub(super) fn page(document: &str, text: String) -> Self {
        Self { document: document.to_owned(), part: None, text: format!("{NOTE}{text}") }
    }

    /// A finding, if the document is not as it should be.
    ///
    /// # Errors
    /// When a document with marks cannot be read, or has none.
    pub(super) fn difference(&self, root: &Path) -> Result<Option<String>, Failure> {
        let (found, expected) = self.found_and_expected(root)?;
        let is_same = found == expected;
        Ok((!is_same).then(|| format!("{} is not as the code is", self.document)))
    }

    /// # Errors
    /// When the document cannot be read or written, or has no marks.
    pub(super) fn write(&self, root: &Path) -> Result<(), Failure> {
        let (found, expected) = self.found_and_expected(root)?;
        if found != expected {
            let path = root.join(&self.document);
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            std::fs::write(path, expected)?;
            println!("map: {} is written anew", self.document);
        }
        Ok(())
    }

    fn found_and_expected(&self, root: &Path) -> Result<(String, String), Failure> {
        let found = std::fs::read_to_string(root.join(&self.document));
        let Some(part) = self.part else { return Ok((found.unwrap_or_default(), self.text.clone())) };
        let found = found.map_err(|error| format!("{}: {error}", self.document))?;
        let expected = replaced(&found, part, &self.text)
            .ok_or_else(|| format!("{}: there are no marks of the part {part}", self.document))?;
        Ok((found, expected))
    }
}

fn marks(part: &str) -> (String, String) {
    (format!("<!-- {part}: written by `cargo xtask map` -->\n"), format!("<!-- end of {part} -->"))
}

/// The document with this text between the marks of the part.
fn replaced(document: &str, part: &str, text: &str) -> Option<String> {
    let (begin, end) = marks(part);
    let (before, rest) = document.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}{text}{end}{after}"))
}

/// The document without its generated parts.
pub(super) fn without_parts(document: &str) -> String {
    let mut kept = String::new();
    let mut is_generated = false;
    for line in document.lines() {
        if line.ends_with(": written by `cargo xtask map` -->") {
            is_generated = true;
        } else if line.starts_with("<!-- end of ") {
            is_generated = false;
        } else if !is_generated {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_between_the_marks_is_replaced() {
        let document = "a\n<!-- x: written by `cargo xtask map` -->\nold\n<!-- end of x -->\nb\n";
        let expected = "a\n<!-- x: written by `cargo xtask map` -->\nnew\n<!-- end of x -->\nb\n";
        assert_eq!(replaced(document, "x", "new\n").as_deref(), Some(expected));
        assert_eq!(replaced(document, "y", "new\n"), None);
        assert_eq!(without_parts(document), "a\nb\n");
    }
}
