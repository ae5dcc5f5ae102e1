//! The files of a crate as modules, and which of them use which.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::uses::{Uses, WrittenPath};
use crate::Failure;

/// How many exports are followed from one to the next.
const EXPORTS: usize = 8;

/// A module, by the names from the root on. The root's has none.
type Module = Vec<String>;

/// The root of a crate, as it is printed.
pub(super) const ROOT: &str = "lib";

/// The modules of one crate that are files.
pub(super) struct ModuleTree {
    modules: BTreeMap<Module, Uses>,
}

impl ModuleTree {
    /// The modules of the crate whose root is this file.
    ///
    /// # Errors
    /// When a file cannot be read, or is no Rust.
    pub(super) fn read(root: &Path) -> Result<Self, Failure> {
        let mut modules = BTreeMap::new();
        let mut left = vec![(Module::new(), root.to_owned())];
        while let Some((module, file)) = left.pop() {
            let text =
                std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
            let uses = Uses::read(&text).map_err(|error| format!("{}: {error}", file.display()))?;
            for name in &uses.modules {
                // A module whose file has another name (`#[path]`) is none of the library's.
                if let Some(file) = file_of(&file, &module, name) {
                    left.push(([module.as_slice(), std::slice::from_ref(name)].concat(), file));
                }
            }
            modules.insert(module, uses);
        }
        Ok(Self { modules })
    }

    /// Whether there is a module of this name, as it is printed.
    pub(super) fn has(&self, module: &str) -> bool {
        self.modules.keys().any(|key| name(key) == module)
    }

    /// From each file to those that it uses. A parent that only declares a module does not use it.
    pub(super) fn arrows(&self) -> BTreeSet<(String, String)> {
        let mut arrows = BTreeSet::new();
        for (module, uses) in &self.modules {
            for path in &uses.mentioned {
                if let Some(used) = self.resolve(module, path)
                    && used != *module
                {
                    arrows.insert((name(module), name(&used)));
                }
            }
        }
        arrows
    }

    /// From each file to the names that it takes from what the root exports, instead of from the module that has them.
    pub(super) fn taken_from_root(&self) -> BTreeSet<(String, String)> {
        let exported =
            self.modules.get(&Module::new()).map(|root| root.exported.as_slice()).unwrap_or_default();
        let mut taken = BTreeSet::new();
        for (module, uses) in self.modules.iter().filter(|(module, _)| !module.is_empty()) {
            for path in &uses.mentioned {
                if let [root, name, ..] = path.as_slice()
                    && root == "crate"
                    && exported.iter().any(|(exported, _)| exported == name)
                {
                    taken.insert((self::name(module), name.clone()));
                }
            }
        }
        taken
    }

    /// The arrows between files of this circle.
    pub(super) fn uses_within(&self, circle: &[String]) -> Vec<(String, String)> {
        let is_in = |file: &String| circle.contains(file);
        self.arrows().into_iter().filter(|(from, to)| is_in(from) && is_in(to)).collect()
    }

    /// The module that a path of `here` leads to, through what is exported on the way.
    fn resolve(&self, here: &Module, path: &WrittenPath) -> Option<Module> {
        let mut path = self.absolute(here, path)?;
        for _ in 0..EXPORTS {
            let (module, rest) = self.split(&path);
            let Some(next) = rest.first() else { return Some(module) };
            let uses = self.modules.get(&module)?;
            let exported =
                uses.exported.iter().find(|(name, _)| name == next).map(|(_, path)| path).and_then(
                    |exported| {
                        let mut exported = self.absolute(&module, exported)?;
                        exported.extend(rest.get(1..)?.iter().cloned());
                        Some(exported)
                    },
                );
            match exported {
                Some(exported) if exported != path => path = exported,
                _ => return Some(module),
            }
        }
        Some(self.split(&path).0)
    }

    /// The path from the crate's root on. `None`: it leads to another crate.
    fn absolute(&self, here: &Module, path: &WrittenPath) -> Option<WrittenPath> {
        let mut place = here.clone();
        let mut rest = path.as_slice();
        match path.first()?.as_str() {
            "crate" => {
                place.clear();
                rest = rest.get(1..)?;
            }
            "self" => rest = rest.get(1..)?,
            "super" => {
                while rest.first().is_some_and(|first| first == "super") {
                    place.pop()?;
                    rest = rest.get(1..)?;
                }
            }
            // A child of this module, or something that it has imported, which counts where it is imported.
            child => {
                let mut child_module = here.clone();
                child_module.push(child.to_owned());
                if !self.modules.contains_key(&child_module) {
                    return None;
                }
            }
        }
        place.extend(rest.iter().cloned());
        Some(place)
    }

    /// The longest part of a path that is a file, and the rest.
    fn split<'a>(&self, path: &'a [String]) -> (Module, &'a [String]) {
        for length in (0..=path.len()).rev() {
            let (module, rest) = path.split_at(length);
            if self.modules.contains_key(module) {
                return (module.to_vec(), rest);
            }
        }
        (Module::new(), path)
    }
}

/// The module as it is printed: its file without the ending.
fn name(module: &Module) -> String {
    if module.is_empty() { ROOT.to_owned() } else { module.join("/") }
}

fn file_of(parent: &Path, module: &Module, name: &str) -> Option<PathBuf> {
    let folder = parent.parent()?;
    let is_folder_of_its_own = module.is_empty() || parent.file_name()? == "mod.rs";
    let folder = if is_folder_of_its_own { folder.to_owned() } else { folder.join(parent.file_stem()?) };
    [folder.join(format!("{name}.rs")), folder.join(name).join("mod.rs")]
        .into_iter()
        .find(|file| file.exists())
}
