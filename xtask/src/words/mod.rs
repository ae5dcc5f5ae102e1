//! `cargo xtask words`: the project's comments and documents keep to its rules of style, and its files of Rust are short.
//!
//! A sentence begins with its subject, and the subject is a thing with a name. A reader who skims finds the rule in the first words; a
//! sentence that begins with `What` or `Nobody` hides it behind a riddle.

mod comments;
mod markdown;
mod paragraph;
mod rules;

use std::path::{Path, PathBuf};

use clap::Args;

use crate::{Failure, cargo};
use paragraph::Paragraph;

/// Folders whose Rust files are read.
const SOURCES: [&str; 4] = ["crates", "examples", "tests", "xtask"];
/// Documents that are read, besides all of `docs`.
const DOCUMENTS: [&str; 3] = ["README.md", "CONTRIBUTING.md", "tests/README.md"];

/// A longer file of Rust is usually two subjects.
const MOST_LINES: usize = 400;

/// Which comments are read.
#[derive(Args)]
pub(crate) struct Words {
    /// Reads only files below these, such as `crates/iampass-core`.
    only: Vec<PathBuf>,
}

impl Words {
    /// All comments and documents.
    pub(crate) fn all() -> Self {
        Self { only: Vec::new() }
    }

    pub(crate) fn run(self) -> Result<(), Failure> {
        let root = cargo::workspace_root();
        let files = if self.only.is_empty() { files(&root)? } else { self.chosen(files(&root)?, &root)? };
        let mut found = 0;
        for file in &files {
            let text = std::fs::read_to_string(root.join(file))?;
            if let Some(lines) = too_many_lines(file, &text) {
                println!("{}: {lines} lines, and {MOST_LINES} are the most: it is two files", file.display());
                found += 1;
            }
            for finding in rules::check(&paragraphs(file, &text)) {
                println!("{}:{}: {}", file.display(), finding.line, finding.what);
                found += 1;
            }
        }
        match found {
            0 => println!("words: {} files read, none against the rules", files.len()),
            found => {
                return Err(
                    format!("words: {} files read, {found} findings against the rules", files.len()).into()
                );
            }
        }
        Ok(())
    }

    /// A path that matches no file is an error: a check of nothing proves nothing.
    fn chosen(&self, files: Vec<PathBuf>, root: &Path) -> Result<Vec<PathBuf>, Failure> {
        let only: Vec<&Path> = self.only.iter().map(|path| path.strip_prefix(root).unwrap_or(path)).collect();
        match only.iter().find(|path| !files.iter().any(|file| file.starts_with(path))) {
            Some(path) => Err(format!("words: there is no file to read in {}", path.display()).into()),
            None => {
                Ok(files.into_iter().filter(|file| only.iter().any(|path| file.starts_with(path))).collect())
            }
        }
    }
}

/// The number of lines of a file of Rust that has too many.
fn too_many_lines(file: &Path, text: &str) -> Option<usize> {
    let is_rust = file.extension().is_some_and(|extension| extension == "rs");
    let lines = text.lines().count();
    (is_rust && lines > MOST_LINES).then_some(lines)
}

fn paragraphs(file: &Path, text: &str) -> Vec<Paragraph> {
    match file.extension() {
        Some(extension) if extension == "md" => markdown::paragraphs(text.lines().zip(1..)),
        _ => comments::paragraphs(text),
    }
}

/// The files to read, relative to `root` and in order.
fn files(root: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut files: Vec<PathBuf> = DOCUMENTS.iter().map(PathBuf::from).collect();
    for folder in SOURCES {
        collect(root, Path::new(folder), "rs", &mut files)?;
    }
    collect(root, Path::new("docs"), "md", &mut files)?;
    files.sort();
    Ok(files)
}

fn collect(root: &Path, folder: &Path, extension: &str, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    for entry in std::fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let path = folder.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            // Build products are not the project's text.
            if entry.file_name() != "target" {
                collect(root, &path, extension, files)?;
            }
        } else if path.extension().is_some_and(|found| found == extension) {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{MOST_LINES, files, too_many_lines};
    use crate::cargo;

    #[test]
    fn a_file_has_so_many_lines_at_most() {
        let lines = |count: usize| "//\n".repeat(count);
        assert_eq!(too_many_lines(Path::new("a.rs"), &lines(MOST_LINES)), None);
        assert_eq!(too_many_lines(Path::new("a.rs"), &lines(MOST_LINES + 1)), Some(MOST_LINES + 1));
        assert_eq!(too_many_lines(Path::new("a.md"), &lines(MOST_LINES + 1)), None);
    }

    #[test]
    fn every_kind_of_file_is_read() {
        let files = files(&cargo::workspace_root()).unwrap();
        for expected in [
            "README.md",
            "tests/README.md",
            "docs/operating.md",
            "crates/iampass-core/src/lib.rs",
            "xtask/src/words/mod.rs",
        ] {
            assert!(files.iter().any(|file| file.as_os_str() == expected), "{expected}");
        }
    }
}
