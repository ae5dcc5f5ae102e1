//! Where the database programs are.
//!
//! Belongs here: folders. Does not belong here: what the programs are started with.

use std::path::{Path, PathBuf};

/// The programs of a PostgreSQL installation, the newest where there are several. Those in its own folders come first: what Debian has on the
/// `PATH` is a slower wrapper around them.
pub(crate) fn postgres(name: &str) -> Option<PathBuf> {
    let mut folders = versions("/usr/lib/postgresql", "");
    folders.extend(versions("/opt/homebrew/opt", "postgresql@"));
    folders.extend(versions("/usr/local/opt", "postgresql@"));
    let own = folders.into_iter().map(|folder| folder.join("bin"));
    own.chain(path()).chain(elsewhere()).find_map(|folder| program(&folder, name))
}

/// One of these programs of a MariaDB installation, whichever is there.
pub(crate) fn mariadb(names: &[&str]) -> Option<PathBuf> {
    let folders: Vec<_> = path().into_iter().chain(elsewhere()).collect();
    names.iter().find_map(|name| folders.iter().find_map(|folder| program(folder, name)))
}

/// Folders that are not on everybody's `PATH`.
fn elsewhere() -> impl Iterator<Item = PathBuf> {
    ["/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/usr/local/pgsql/bin"].into_iter().map(PathBuf::from)
}

fn path() -> Vec<PathBuf> {
    std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default()
}

/// The folders in `parent` that are named `prefix` and a version, the newest first.
fn versions(parent: &str, prefix: &str) -> Vec<PathBuf> {
    let Ok(entries) = Path::new(parent).read_dir() else {
        return Vec::new();
    };
    let mut found: Vec<(u32, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.strip_prefix(prefix)?.parse().ok()?;
            Some((version, entry.path()))
        })
        .collect();
    found.sort_unstable_by(|(a, _), (b, _)| b.cmp(a));
    found.into_iter().map(|(_, folder)| folder).collect()
}

/// Without symbolic links: the programs look for their other files from where they are.
fn program(folder: &Path, name: &str) -> Option<PathBuf> {
    let file = folder.join(name);
    // Some installations choose between programs by the name that a link has.
    let real = file.canonicalize().ok()?;
    let kept_its_name = real.file_name().is_some_and(|real| real == name);
    file.is_file().then_some(if kept_its_name { real } else { file })
}
