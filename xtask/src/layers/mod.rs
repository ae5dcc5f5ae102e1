//! `cargo xtask layers`: which crate may use which, and which files of a crate use each other in a circle.
//!
//! A reader who opens one file has to know only those below it. Files that use each other in a circle have to be read all at once, so each circle
//! stands in a list that says why it may be, and no circle grows unseen.

mod allowed;
mod arrows;
mod circles;
mod module_tree;
mod uses;

use clap::Args;

use crate::workspace::Packages;
use crate::{Failure, cargo};
pub(crate) use arrows::{NEVER, ONLY};
use module_tree::ModuleTree;

/// The check of the whole workspace.
#[derive(Args)]
pub(crate) struct Layers {
    /// Prints each circle with its files and what they use of each other.
    #[arg(long)]
    all: bool,
}

impl Layers {
    /// The check as it is part of the tests.
    pub(crate) const fn all() -> Self {
        Self { all: false }
    }

    pub(crate) fn run(self) -> Result<(), Failure> {
        let root = cargo::workspace_root();
        let packages = Packages::of_workspace(&root)?;
        let mut wrong = arrows::between(&packages);
        let mut count = 0;
        for (name, sources) in packages.libraries() {
            let tree = ModuleTree::read(sources)?;
            wrong.extend(arrows::inside(name, &tree));
            for circle in circles::of(&tree) {
                count += 1;
                let is_listed = allowed::is_allowed(name, &circle);
                if !is_listed {
                    wrong.push(format!(
                        "{name}: {} files use each other in a circle: {}",
                        circle.len(),
                        circle.join(", ")
                    ));
                }
                if self.all {
                    println!("{name}: {}", circle.join(", "));
                    for (from, to) in tree.uses_within(&circle) {
                        println!("    {from} -> {to}");
                    }
                }
            }
        }
        for arrow in &wrong {
            println!("{arrow}");
        }
        if wrong.is_empty() {
            println!("layers: no arrow the wrong way, {count} circles (all listed)");
            return Ok(());
        }
        Err(format!("layers: {} findings. Take the arrow away, or turn it round", wrong.len()).into())
    }
}
