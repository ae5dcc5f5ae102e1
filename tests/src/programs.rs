//! Our own programs, freshly built.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

/// Why a test cannot be run, as a sentence.
pub type Failure = String;

/// The path of one of the workspace's programs. The first call builds all of them.
///
/// # Errors
/// When they cannot be built, or the program is not among them.
pub fn program(name: &str) -> Result<PathBuf, Failure> {
    static DIRECTORY: OnceLock<Result<PathBuf, Failure>> = OnceLock::new();
    let directory = DIRECTORY.get_or_init(build).clone()?;
    let path = directory.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    if path.is_file() {
        Ok(path)
    } else {
        Err(format!("there is no program {name} in {}", directory.display()))
    }
}

/// The directory that the programs are in: `target/debug`, for a test in `target/debug/deps`. A program that is not in `deps` is one of them
/// itself, and was built with the others.
fn build() -> Result<PathBuf, Failure> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let folder = own.parent().ok_or("this test runs in no target directory")?;
    if !folder.ends_with("deps") {
        return Ok(folder.to_owned());
    }
    let directory = folder.parent().ok_or("this test runs in no target directory")?;
    let mut cargo = Command::new(env!("CARGO"));
    // With a test among them, the programs have the features that the tests have: those that tests alone need change what is built below them, and
    // all of it would be built a second time.
    cargo.args(["build", "--quiet", "--workspace", "--all-features", "--bins", "--test", "logs"]);
    // Cargo describes this test in them. Build scripts that look at them would run again.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(&name);
        }
    }
    if directory.ends_with("release") {
        cargo.arg("--release");
    }
    let built = cargo.current_dir(workspace()).status().map_err(|error| format!("cargo: {error}"))?;
    if built.success() {
        Ok(directory.to_owned())
    } else {
        Err("the programs cannot be built; see above".to_owned())
    }
}

/// The root of the workspace.
pub(crate) fn workspace() -> PathBuf {
    let package = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    package.parent().map(ToOwned::to_owned).unwrap_or(package)
}
