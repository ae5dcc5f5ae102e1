//! The crates and their arrows as a picture in Mermaid, and the arrows that must not be inside a crate as a table.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::layers::{NEVER, ONLY};
use crate::workspace::Packages;

/// A group of crates: its title, and which crates belong to it. A crate belongs to the first that it fits.
type Group = (&'static str, fn(&str) -> bool);

const GROUPS: [Group; 3] = [
    ("The service", |name| name.starts_with("iampass-server")),
    ("For tests", |name| name == "iampass-testkit"),
    ("For applications", |_| true),
];

/// The picture, as a block of code. An arrow that follows from others is left out.
pub(super) fn of(packages: &Packages) -> String {
    let names: Vec<&str> = packages.libraries().map(|(name, _)| name).collect();
    drawn(&names, |name| packages.used_by(name).unwrap_or_default())
}

fn drawn<'a>(names: &[&'a str], used_by: impl Fn(&str) -> BTreeSet<&'a str>) -> String {
    let arrows: BTreeMap<&str, BTreeSet<&str>> = names.iter().map(|name| (*name, used_by(name))).collect();
    let mut picture = "```mermaid\ngraph TD\n".to_owned();
    let mut left = names.to_vec();
    for (number, (title, belongs)) in GROUPS.iter().enumerate() {
        let (members, others): (Vec<&str>, Vec<&str>) = left.into_iter().partition(|name| belongs(name));
        left = others;
        if members.is_empty() {
            continue;
        }
        let _ = writeln!(picture, "    subgraph group{number} [\"{title}\"]");
        for name in members {
            let _ = writeln!(picture, "        {}[\"{name}\"]", id(name));
        }
        picture.push_str("    end\n");
    }
    for (from, used) in &arrows {
        for to in used.iter().filter(|to| !is_implied(&arrows, used, to)) {
            let _ = writeln!(picture, "    {} --> {}", id(from), id(to));
        }
    }
    picture.push_str("```\n");
    picture
}

/// The name of a node: Mermaid reads a hyphen as the beginning of an arrow.
fn id(name: &str) -> String {
    name.replace('-', "_")
}

/// Whether one of `used` leads to `to` by itself.
fn is_implied(arrows: &BTreeMap<&str, BTreeSet<&str>>, used: &BTreeSet<&str>, to: &str) -> bool {
    used.iter().filter(|other| **other != to).any(|other| leads(arrows, other, to))
}

fn leads(arrows: &BTreeMap<&str, BTreeSet<&str>>, from: &str, to: &str) -> bool {
    let used = arrows.get(from).into_iter().flatten();
    used.into_iter().any(|next| *next == to || leads(arrows, next, to))
}

/// The modules that must not use each other, as a table.
pub(super) fn never() -> String {
    let mut table = "| crate | module | must not use |\n|---|---|---|\n".to_owned();
    let mut rows: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for (package, module, other) in NEVER {
        rows.entry((package, module)).or_default().push(other);
    }
    for ((package, module), others) in rows {
        let others: Vec<String> = others.iter().map(|other| format!("`{other}`")).collect();
        let _ = writeln!(table, "| `{package}` | `{module}` | {} |", others.join(", "));
    }
    for (package, module, may_use) in ONLY {
        let may_use: Vec<String> = may_use.iter().map(|used| format!("`{used}`")).collect();
        let _ = writeln!(table, "| `{package}` | `{module}` | anything but {} |", may_use.join(", "));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arrow_that_follows_from_others_is_left_out() {
        let used_by = |name: &str| match name {
            "iampass-a" => BTreeSet::from(["iampass-b", "iampass-server"]),
            "iampass-b" => BTreeSet::from(["iampass-server"]),
            _ => BTreeSet::new(),
        };
        assert_eq!(
            drawn(&["iampass-a", "iampass-b", "iampass-server"], used_by),
            "```mermaid\ngraph TD\n    subgraph group0 [\"The service\"]\n        iampass_server[\"iampass-server\"]\n    end\n    \
             subgraph group2 [\"For applications\"]\n        iampass_a[\"iampass-a\"]\n        iampass_b[\"iampass-b\"]\n    end\n    \
             iampass_a --> iampass_b\n    iampass_b --> iampass_server\n```\n"
        );
    }
}
