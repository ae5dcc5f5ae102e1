//! Calling cargo, and finding what it built.

use std::path::PathBuf;
use std::process::Command;

use crate::Failure;

/// Cargo, in the workspace's root.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(workspace_root());
    // Variables in which the cargo that runs this program describes it. Build scripts that look at them would run again, and everything
    // above them be built again, whenever cargo is called by hand and by this program in turn.
    for (name, _) in std::env::vars_os() {
        if name
            .to_str()
            .is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
        {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// Builds all programs of the workspace, with the features that its tests have. Those of `build --bins` are others, since it leaves out what only
/// tests need: with it everything would be built twice.
pub(crate) fn build_programs() -> Result<(), Failure> {
    run(cargo().args(["build", "--workspace", "--all-features", "--all-targets"]))
}

/// Runs a command to its end, with its output shown.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().map_err(|error| format!("{name} cannot be started: {error}"))?;
    if status.success() {
        return Ok(());
    }
    let arguments: Vec<_> = command.get_args().map(|argument| argument.to_string_lossy()).collect();
    Err(format!("`{name} {}` failed ({status})", arguments.join(" ")).into())
}

pub(crate) fn workspace_root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map_or_else(|| here.clone(), PathBuf::from)
}

/// A program of this workspace, beside this one in the target directory.
pub(crate) fn built(program: &str) -> Result<PathBuf, Failure> {
    there(std::env::current_exe()?.with_file_name(program))
}

/// A program of this workspace that was built as it is shipped.
pub(crate) fn optimised(program: &str) -> Result<PathBuf, Failure> {
    let own = std::env::current_exe()?;
    let target = own.ancestors().nth(2).ok_or("this program is in no target directory")?;
    there(target.join("release").join(program))
}

fn there(program: PathBuf) -> Result<PathBuf, Failure> {
    let path = program.with_extension(std::env::consts::EXE_EXTENSION);
    if path.is_file() { Ok(path) } else { Err(format!("{} was not built", path.display()).into()) }
}
