//! The paths that a file mentions, by its syntax: imports, and paths in code. Items for tests alone are left out.

use syn::visit::{self, Visit};
use syn::{Attribute, Item, UseTree};

/// A path as it is written, from `crate`, `super`, `self` or any other name on.
pub(super) type WrittenPath = Vec<String>;

/// A file's syntax, read.
#[derive(Debug, Default)]
pub(super) struct Uses {
    /// Each path that is mentioned.
    pub(super) mentioned: Vec<WrittenPath>,
    /// The exported names, each with the path behind it. The name `*` stands for all.
    pub(super) exported: Vec<(String, WrittenPath)>,
    /// The modules that the file declares in files of their own.
    pub(super) modules: Vec<String>,
}

impl Uses {
    /// # Errors
    /// When it is no Rust.
    pub(super) fn read(text: &str) -> Result<Self, syn::Error> {
        let file = syn::parse_file(text)?;
        let mut uses = Self::default();
        uses.visit_file(&file);
        Ok(uses)
    }

    fn add_tree(&mut self, tree: &UseTree, before: &mut WrittenPath, is_public: bool) {
        match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.add_tree(&path.tree, before, is_public);
                before.pop();
            }
            UseTree::Name(name) => self.add(before, &name.ident.to_string(), None, is_public),
            UseTree::Rename(name) => {
                self.add(before, &name.ident.to_string(), Some(name.rename.to_string()), is_public);
            }
            UseTree::Glob(_) => self.add(before, "*", None, is_public),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.add_tree(tree, before, is_public);
                }
            }
        }
    }

    fn add(&mut self, before: &WrittenPath, name: &str, exported_as: Option<String>, is_public: bool) {
        let mut path = before.clone();
        if name != "self" {
            path.push(name.to_owned());
        }
        if is_public {
            let last = path.last().cloned().unwrap_or_default();
            self.exported.push((exported_as.unwrap_or(last), path.clone()));
        } else {
            self.mentioned.push(path);
        }
    }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.meta.require_list().is_ok_and(|list| {
                let condition = list.tokens.to_string();
                condition == "test" || condition.starts_with("all (test") || condition.starts_with("all(test")
            })
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Mod(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Const(item) => &item.attrs,
        _ => &[],
    }
}

impl<'ast> Visit<'ast> for Uses {
    fn visit_item(&mut self, item: &'ast Item) {
        if is_for_tests(attributes(item)) {
            return;
        }
        match item {
            Item::Use(item) => {
                let is_public = !matches!(item.vis, syn::Visibility::Inherited);
                self.add_tree(&item.tree, &mut Vec::new(), is_public);
            }
            Item::Mod(item) if item.content.is_none() => self.modules.push(item.ident.to_string()),
            item => visit::visit_item(self, item),
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 {
            self.mentioned.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        }
        visit::visit_path(self, path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> Vec<String> {
        let uses = Uses::read(text).unwrap();
        uses.mentioned.iter().map(|path| path.join("::")).collect()
    }

    #[test]
    fn imports_and_paths_in_code_are_found() {
        assert_eq!(
            paths("use crate::a::{b, c::*, d as e}; fn f() -> super::G { h::i() }"),
            ["crate::a::b", "crate::a::c::*", "crate::a::d", "super::G", "h::i"]
        );
        assert_eq!(paths("use crate::a::{self, b};"), ["crate::a", "crate::a::b"]);
    }

    #[test]
    fn tests_are_left_out() {
        assert!(paths("#[cfg(test)] use crate::a; #[cfg(test)] mod tests { use crate::b::c; }").is_empty());
        assert_eq!(paths("#[cfg(not(test))] use crate::a;"), ["crate::a"]);
    }

    #[test]
    fn exports_have_a_name() {
        let uses = Uses::read("pub(crate) use a::{B, C as D}; mod e; mod f { use g::h; }").unwrap();
        let exported: Vec<_> =
            uses.exported.iter().map(|(name, path)| (name.as_str(), path.join("::"))).collect();
        assert_eq!(exported, [("B", "a::B".to_owned()), ("D", "a::C".to_owned())]);
        assert_eq!(uses.modules, ["e"]);
        assert_eq!(uses.mentioned, [["g", "h"]]);
    }
}
