//! The arrows that must not be: from a crate to one above or beside it, and from a module to one above it inside a crate.

use super::module_tree::{ModuleTree, ROOT};
use crate::workspace::Packages;

/// The crates of this workspace that each may use. One that is not listed may use all.
const MAY_USE: &[(&str, &[&str])] = &[
    ("iampass-core", &[]),
    ("iampass-reqwest", &["iampass-core"]),
    ("iampass-phone", &["iampass-core"]),
    ("iampass-sql", &["iampass-core"]),
    ("iampass-diesel", &["iampass-core", "iampass-sql"]),
    ("iampass-sea-orm", &["iampass-core", "iampass-sql"]),
    ("iampass-texts", &[]),
    ("iampass-web", &["iampass-core", "iampass-texts"]),
    ("iampass-axum", &["iampass-core", "iampass-web"]),
    ("iampass-actix", &["iampass-core", "iampass-web"]),
    ("iampass-gate", &["iampass-axum", "iampass-core", "iampass-reqwest", "iampass-sea-orm", "iampass-web"]),
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
        "iampass-server-push",
        &["iampass-core", "iampass-server-domain", "iampass-server-metrics", "iampass-server-notify"],
    ),
    ("iampass-server-openapi", &["iampass-core"]),
    (
        "iampass-server-console",
        &[
            "iampass-axum",
            "iampass-core",
            "iampass-server-domain",
            "iampass-server-storage",
            "iampass-sql",
            "iampass-texts",
            "iampass-web",
        ],
    ),
    (
        "iampass-server",
        &[
            "iampass-core",
            "iampass-reqwest",
            "iampass-server-console",
            "iampass-server-domain",
            "iampass-server-metrics",
            "iampass-server-notify",
            "iampass-server-openapi",
            "iampass-server-push",
            "iampass-server-storage",
            "iampass-texts",
        ],
    ),
];

/// Inside a crate: a module (with all below it) that must not use another one.
pub(crate) const NEVER: &[(&str, &str, &str)] = &[
    ("iampass-core", "machine", "client"),
    ("iampass-core", "wire", "machine"),
    ("iampass-core", "signing", "machine"),
    ("iampass-core", "port", "client"),
    ("iampass-server", "api", "console_pages"),
    ("iampass-server", "serving", "api"),
    ("iampass-server", "serving", "console_pages"),
    ("iampass-server", "tls", "api"),
    ("iampass-server", "rates", "api"),
    ("iampass-server-console", "page_list", "access"),
    ("iampass-server-console", "page_error", "frame"),
];

/// Inside a crate: a module that, with all below it, may use these alone, and those who use it.
pub(crate) const ONLY: &[(&str, &str, &[&str])] =
    &[("iampass-server-storage", "postgres", OF_DRIVERS), ("iampass-server-storage", "sqlite", OF_DRIVERS)];

/// A driver knows the port, the values that go through it, and what is done once when a store is opened. It knows no operation.
const OF_DRIVERS: &[&str] = &[
    "counted_to",
    "error",
    "keys",
    "locked",
    "master_key",
    "master_key_check",
    "nonce_rows",
    "nonce_share",
    "opening",
    "port",
    "sealing",
    "session_view",
    "signals",
    "values",
    "writable",
];

/// Crates whose files use each other by their modules. A file that takes a name from the root's exports does not say which file it uses.
const BY_MODULES: &[&str] = &["iampass-web"];

/// The arrows between crates that must not be, and the entries of the list that mean no crate.
pub(super) fn between(packages: &Packages) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, may_use) in MAY_USE {
        let Some(used) = packages.used_by(name) else {
            wrong.push(format!("{name} is listed, and is no crate of the workspace"));
            continue;
        };
        for used in used {
            if !may_use.contains(&used) {
                wrong.push(format!("{name} uses {used}, which is not below it"));
            }
        }
    }
    wrong
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
    if BY_MODULES.contains(&package) {
        let taken = tree.taken_from_root().into_iter();
        wrong.extend(taken.map(|(from, name)| {
            format!("{package}: {from} takes {name} from the root: name the module that has it")
        }));
    }
    for (_, module, may_use) in ONLY.iter().filter(|(of, ..)| *of == package) {
        let missing = [module].into_iter().chain(*may_use).filter(|module| !tree.has(module));
        wrong.extend(missing.map(|module| format!("{package}: {module} is listed, and is no module")));
        let may =
            |to: &str| to == ROOT || is_below(to, module) || may_use.iter().any(|used| is_below(to, used));
        for (from, to) in tree.arrows() {
            if is_below(&from, module) && !may(&to) {
                wrong.push(format!("{package}: {from} uses {to}, which {module} may not"));
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
    use crate::workspace::MadeUp;

    #[test]
    fn a_module_has_its_children_and_nobody_else_s() {
        assert!(is_below("machine", "machine") && is_below("machine/login", "machine"));
        assert!(!is_below("machines", "machine") && !is_below("client/machine", "machine"));
    }

    #[test]
    fn an_arrow_to_a_crate_above_is_named() {
        let with = |dependencies: &[MadeUp<'_>]| {
            let mut packages: Vec<(&str, &[MadeUp<'_>])> =
                MAY_USE.iter().map(|(name, _)| (*name, [].as_slice())).collect();
            packages.push(("iampass-server-storage", dependencies));
            between(&Packages::of(&packages))
        };
        assert!(with(&[("iampass-core", None), ("serde", None), ("iampass-server", Some("dev"))]).is_empty());
        assert_eq!(
            with(&[("iampass-server", None)]),
            ["iampass-server-storage uses iampass-server, which is not below it"]
        );
    }
}
