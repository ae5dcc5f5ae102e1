//! Measuring an older revision beside this one. Belongs here: building it, letting the two take turns, and the ratios.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::measuring::{Measurements, Measuring, OF_THE_PROGRAM};
use super::ratio_bounds::verdict;
use crate::{Failure, cargo};

/// Measures this revision and `revision` in turn, and prints the ratios.
pub(super) fn compare(revision: &str, names: &[String], rounds: usize) -> Result<(), Failure> {
    let (commit, older) = built(revision)?;
    let own = cargo::optimised("iampass-bench")?;
    // Each figure of the libraries is measured by the revision's own program; the service's program by this revision's, in both.
    let older_libraries = Measuring::by(older.join("iampass-bench"));
    let older_service = Measuring::by(own.clone()).of(older.join("iampass-server"));
    let own = Measuring::by(own);
    let (of_programs, of_libraries) = chosen(names);
    let (mut before, mut now) = (Measurements::default(), Measurements::default());
    for round in 1..=rounds.max(1) {
        eprintln!("Round {round} of {} …", rounds.max(1));
        // No names at all ask for all figures.
        if names.is_empty() || !of_libraries.is_empty() {
            older_libraries.add_to(&mut before, &of_libraries)?;
        }
        if !of_programs.is_empty() {
            older_service.add_to(&mut before, &of_programs)?;
        }
        own.add_to(&mut now, names)?;
    }
    println!("{:<32} {commit:>12} {:>12} {:>8}  better", "figure", "now", "ratio");
    for (name, newer) in now.medians() {
        let Some(older) = before.median(name) else {
            println!("{name:<32} {:>12} {newer:>12.3}", "not there");
            continue;
        };
        let (ratio, is_lower_better) = (newer / older, now.is_lower_better(name));
        let better = if is_lower_better { "lower" } else { "higher" };
        let verdict = verdict(&commit, name, ratio, is_lower_better);
        println!("{name:<32} {older:>12.3} {newer:>12.3} {ratio:>8.3}  {better:<6}  {verdict}");
    }
    Ok(())
}

/// The figures of the service's program among those that were named, and the others that were. None named: all of the program's.
fn chosen(names: &[String]) -> (Vec<String>, Vec<String>) {
    if names.is_empty() {
        return (OF_THE_PROGRAM.map(str::to_owned).to_vec(), Vec::new());
    }
    names.iter().cloned().partition(|name| OF_THE_PROGRAM.contains(&name.as_str()))
}

/// The folder of the programs of that revision, and how the revision is called in short.
fn built(revision: &str) -> Result<(String, PathBuf), Failure> {
    let commit = commit_of(revision)?;
    let folder = clone_of(&commit)?;
    eprintln!("Building {commit} …");
    let target = folder.join("target");
    let build = ["build", "--release", "--package", "iampass-bench", "--package", "iampass-server", "--bins"];
    cargo::run(cargo::cargo().current_dir(&folder).env("CARGO_TARGET_DIR", &target).args(build))?;
    Ok((commit, target.join("release")))
}

/// How a revision is called in short.
pub(super) fn commit_of(revision: &str) -> Result<String, Failure> {
    let named = Command::new("git")
        .current_dir(cargo::workspace_root())
        .args(["rev-parse", "--short=8", "--verify", &format!("{revision}^{{commit}}")])
        .stderr(Stdio::inherit())
        .output()?;
    if !named.status.success() {
        return Err(format!("there is no revision {revision} here; a shallow clone may lack it").into());
    }
    Ok(String::from_utf8(named.stdout)?.trim().to_owned())
}

/// A clone of the workspace at this commit, below `target`.
pub(super) fn clone_of(commit: &str) -> Result<PathBuf, Failure> {
    let root = cargo::workspace_root();
    let folder = root.join("target/baseline").join(commit);
    if !folder.join(".git").exists() {
        let clone = ["clone", "--quiet", "--shared", "--no-checkout"];
        cargo::run(Command::new("git").args(clone).arg(&root).arg(&folder))?;
    }
    cargo::run(Command::new("git").current_dir(&folder).args(["checkout", "--quiet", "--detach", commit]))?;
    Ok(folder)
}
