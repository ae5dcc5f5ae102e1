//! The arrows that must not be: from a crate to one above or beside it, and from a module to one above it inside a crate.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde::Deserialize;

use super::module_tree::ModuleTree;
use crate::{Failure, cargo};

/// The crates of this workspace that each may use. One that is not listed may use all.
const MAY_USE: &[(&str, &[&str])] = &[
    ("iampass-core", &[]),
    ("iampass-reqwest", &["iampass-core"]),
    ("iampass-sql", &["iampass-core"]),
    ("iampass-diesel", &["iampass-core", "iampass-sql"]),
    ("iampass-sea-orm", &["iampass-core", "iampass-sql"]),
    ("iampass-web", &["iampass-core"]),
    ("iampass-axum", &["iampass-core", "iampass-web"]),
    ("iampass-actix", &["iampass-core", "iampass-web"]),
    ("iampass-server-domain", &["iampass-core"]),
    ("iampass-server-metrics", &["iampass-server-domain"]),
    (
        "iampass-server-storage",
        &["iampass-core", "iampass-server-domain", "iampass-server-metrics", "iampass-sql"],
    ),
    (
        "iampass-server-notify",
        &[
            "iampass-core",
            "iampass-reqwest",
            "iampass-server-domain",
            "iampass-server-metrics",
            "iampass-server-storage",
        ],
    ),
    (
        "iampass-server",
        &[
            "iampass-axum",
            "iampass-core",
            "iampass-server-domain",
            "iampass-server-metrics",
            "iampass-server-notify",
            "iampass-server-storage",
            "iampass-sql",
            "iampass-web",
        ],
    ),
];

/// Inside a crate: a module (with all below it) that must not use another one.
const NEVER: &[(&str, &str, &str)] = &[
    ("iampass-core", "machine", "client"),
    ("iampass-core", "wire", "machine"),
    ("iampass-core", "signing", "machine"),
    ("iampass-core", "port", "client"),
    ("iampass-server", "api", "console"),
    ("iampass-server", "serving", "api"),
    ("iampass-server", "serving", "console"),
    ("iampass-server", "tls", "api"),
    ("iampass-server", "rates", "api"),
    ("iampass-server", "console/page_list", "console/access"),
    ("iampass-server", "console/page_error", "console/frame"),
];

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
pub(super) struct Packages(BTreeMap<String, Package>);

impl Packages {
    /// # Errors
    /// When cargo does not tell them.
    pub(super) fn of_workspace(root: &Path) -> Result<Self, Failure> {
        let told = cargo::cargo()
            .current_dir(root)
            .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
            .stderr(Stdio::inherit())
            .output()?;
        let metadata: Metadata = serde_json::from_slice(&told.stdout)?;
        Ok(Self(metadata.packages.into_iter().map(|package| (package.name.clone(), package)).collect()))
    }

    /// The libraries under `crates/`, each with the file of its root.
    pub(super) fn libraries(&self) -> impl Iterator<Item = (&str, &Path)> {
        self.0.values().filter_map(|package| {
            let library =
                package.targets.iter().find(|target| target.kind.iter().any(|kind| kind == "lib"))?;
            let is_product = library.src_path.components().any(|part| part.as_os_str() == "crates");
            is_product.then_some((package.name.as_str(), library.src_path.as_path()))
        })
    }

    /// The arrows between crates that must not be, and the entries of the list that mean no crate.
    pub(super) fn forbidden(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for (name, may_use) in MAY_USE {
            let Some(package) = self.0.get(*name) else {
                wrong.push(format!("{name} is listed, and is no crate of the workspace"));
                continue;
            };
            for dependency in &package.dependencies {
                let is_ours = self.0.contains_key(&dependency.name) && dependency.kind.is_none();
                if is_ours && !may_use.contains(&dependency.name.as_str()) {
                    wrong.push(format!("{name} uses {}, which is not below it", dependency.name));
                }
            }
        }
        wrong
    }
}

/// The arrows inside a crate that must not be.
pub(super) fn inside(package: &str, tree: &ModuleTree) -> Vec<String> {
    let mut wrong = Vec::new();
    for (_, above, below) in NEVER.iter().filter(|(of, ..)| *of == package) {
        let missing = [above, below].into_iter().filter(|module| !tree.has(module));
        wrong.extend(missing.map(|module| format!("{package}: {module} is listed, and is no module")));
        for (from, to) in tree.arrows() {
            if is_below(&from, above) && is_below(&to, below) {
                wrong.push(format!("{package}: {from} uses {to}, which is not below it"));
            }
        }
    }
    wrong
}

/// Whether a file is of this module.
fn is_below(file: &str, module: &str) -> bool {
    file.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_has_its_children_and_nobody_else_s() {
        assert!(is_below("machine", "machine") && is_below("machine/login", "machine"));
        assert!(!is_below("machines", "machine") && !is_below("client/machine", "machine"));
    }

    #[test]
    fn an_arrow_to_a_crate_above_is_named() {
        let package = |name: &str, dependencies: &[(&str, Option<&str>)]| {
            let dependency = |(name, kind): &(&str, Option<&str>)| Dependency {
                name: (*name).to_owned(),
                kind: kind.map(str::to_owned),
            };
            let dependencies = dependencies.iter().map(dependency).collect();
            (name.to_owned(), Package { name: name.to_owned(), dependencies, targets: Vec::new() })
        };
        let with = |dependencies: &[(&str, Option<&str>)]| {
            let mut packages: BTreeMap<_, _> = MAY_USE.iter().map(|(name, _)| package(name, &[])).collect();
            packages.extend([package("iampass-server-storage", dependencies)]);
            Packages(packages).forbidden()
        };
        assert!(with(&[("iampass-core", None), ("serde", None), ("iampass-server", Some("dev"))]).is_empty());
        assert_eq!(
            with(&[("iampass-server", None)]),
            ["iampass-server-storage uses iampass-server, which is not below it"]
        );
    }
}
