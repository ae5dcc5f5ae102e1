//! The packages of the workspace, as cargo tells them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde::Deserialize;

use crate::{Failure, cargo};

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// `dev`, `build`, or none.
    kind: Option<String>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
    src_path: PathBuf,
}

/// The packages of the workspace.
pub(crate) struct Packages(BTreeMap<String, Package>);

impl Packages {
    /// # Errors
    /// When cargo does not tell them.
    pub(crate) fn of_workspace(root: &Path) -> Result<Self, Failure> {
        let told = cargo::cargo()
            .current_dir(root)
            .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
            .stderr(Stdio::inherit())
            .output()?;
        let metadata: Metadata = serde_json::from_slice(&told.stdout)?;
        Ok(Self(metadata.packages.into_iter().map(|package| (package.name.clone(), package)).collect()))
    }

    /// The libraries under `crates/`, each with the file of its root.
    pub(crate) fn libraries(&self) -> impl Iterator<Item = (&str, &Path)> {
        self.0.values().filter_map(|package| {
            let library =
                package.targets.iter().find(|target| target.kind.iter().any(|kind| kind == "lib"))?;
            let is_product = library.src_path.components().any(|part| part.as_os_str() == "crates");
            is_product.then_some((package.name.as_str(), library.src_path.as_path()))
        })
    }

    /// The packages of the workspace that this one is built with, besides those of its tests. `None`: there is no such package.
    pub(crate) fn used_by(&self, package: &str) -> Option<BTreeSet<&str>> {
        let dependencies = &self.0.get(package)?.dependencies;
        let is_ours =
            |dependency: &&Dependency| dependency.kind.is_none() && self.0.contains_key(&dependency.name);
        Some(dependencies.iter().filter(is_ours).map(|dependency| dependency.name.as_str()).collect())
    }
}

/// A dependency that is made up: its name and its kind.
#[cfg(test)]
pub(crate) type MadeUp<'a> = (&'a str, Option<&'a str>);

#[cfg(test)]
impl Packages {
    /// Packages that are made up, each with its dependencies and their kinds. A later one takes the place of one of the same name.
    pub(crate) fn of(packages: &[(&str, &[MadeUp<'_>])]) -> Self {
        let package = |(name, dependencies): &(&str, &[MadeUp<'_>])| {
            let dependency = |(name, kind): &MadeUp<'_>| Dependency {
                name: (*name).to_owned(),
                kind: kind.map(str::to_owned),
            };
            let dependencies = dependencies.iter().map(dependency).collect();
            let name = (*name).to_owned();
            (name.clone(), Package { name, dependencies, targets: Vec::new() })
        };
        Self(packages.iter().map(package).collect())
    }
}
