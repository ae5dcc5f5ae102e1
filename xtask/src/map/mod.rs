//! `cargo xtask map`: the map of the project in `docs/`, for those who have never seen the tree.
//!
//! The picture of the crates, the list of forbidden arrows and the lists of modules are written from the code. The rest is written by hand, and each
//! file, item and test that it names is looked up. So the map cannot say what is not so: `cargo xtask test` checks it first.

mod generated;
mod laws;
mod modules;
mod named;
mod picture;
mod places;

use std::path::{Path, PathBuf};

use clap::Args;

use crate::workspace::Packages;
use crate::{Failure, cargo};
use generated::Generated;

/// The page that has the picture.
const ARCHITECTURE: &str = "docs/ARCHITECTURE.md";
/// The page of the laws, each with its proofs.
const LAWS: &str = "docs/laws.md";
/// The pages that are written by hand, besides those of [`WALKS`]. Each name in them is looked up.
const PAGES: [&str; 7] = [
    ARCHITECTURE,
    LAWS,
    "docs/GLOSSARY.md",
    "docs/PROTOCOL.md",
    "tests/README.md",
    "CONTRIBUTING.md",
    "README.md",
];
/// The folder of the walks, whose pages are all read.
const WALKS: &str = "docs/walks";

/// The map of the whole workspace.
#[derive(Args)]
pub(crate) struct Map {
    /// Changes nothing, and fails where the map is not as the code is.
    #[arg(long)]
    check: bool,
}

impl Map {
    /// The check as it is part of the tests.
    pub(crate) const fn check() -> Self {
        Self { check: true }
    }

    pub(crate) fn run(self) -> Result<(), Failure> {
        let root = cargo::workspace_root();
        let packages = Packages::of_workspace(&root)?;
        let mut wrong = Vec::new();
        for generated in generated(&root, &packages)? {
            if self.check {
                wrong.extend(generated.difference(&root)?);
            } else {
                generated.write(&root)?;
            }
        }
        let mut names = 0;
        for page in pages(&root)? {
            let text = std::fs::read_to_string(root.join(&page))?;
            let page_names = named::names(&page, &text);
            names += page_names.len();
            wrong.extend(named::missing(&root, &page_names));
            if page == Path::new(LAWS) {
                wrong.extend(laws::without_proof(&text));
                wrong.extend(named::not_tests(&root, &named::names(&page, &laws::proofs(&text))));
            }
        }
        wrong.extend(unnamed_crates(&root, &packages)?);
        for finding in &wrong {
            println!("{finding}");
        }
        if wrong.is_empty() {
            println!("map: {names} names in it, all of them there");
            return Ok(());
        }
        Err(format!("map: {} findings. `cargo xtask map` writes the generated parts", wrong.len()).into())
    }
}

/// The parts that are written from the code.
fn generated(root: &Path, packages: &Packages) -> Result<Vec<Generated>, Failure> {
    let mut parts = vec![
        Generated::part(ARCHITECTURE, "crates", picture::of(packages)),
        Generated::part(ARCHITECTURE, "arrows", picture::never()),
    ];
    for (name, sources) in packages.libraries() {
        parts.push(Generated::page(&format!("docs/modules/{name}.md"), modules::of(root, name, sources)?));
    }
    Ok(parts)
}

/// The pages in which names are looked up, relative to `root`.
fn pages(root: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut pages: Vec<PathBuf> = PAGES.iter().map(PathBuf::from).collect();
    for entry in std::fs::read_dir(root.join(WALKS))? {
        pages.push(Path::new(WALKS).join(entry?.file_name()));
    }
    pages.sort();
    Ok(pages)
}

/// The crates that [`ARCHITECTURE`] says nothing of outside the picture.
fn unnamed_crates(root: &Path, packages: &Packages) -> Result<Vec<String>, Failure> {
    let text = generated::without_parts(&std::fs::read_to_string(root.join(ARCHITECTURE))?);
    let is_named = |name: &str| text.contains(&format!("[`{name}`]"));
    let unnamed = packages.libraries().map(|(name, _)| name).filter(|name| !is_named(name));
    Ok(unnamed.map(|name| format!("{ARCHITECTURE} says nothing of the crate {name}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tests of the project run it too, but only `cargo xtask test` does.
    #[test]
    fn the_map_is_as_the_code_is() {
        Map::check().run().unwrap();
    }
}
