//! Measuring an older revision beside this one. Belongs here: building it, letting the two take turns, and the ratios.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::{Failure, cargo};

/// The values of each figure, over the rounds.
type Values = BTreeMap<String, Vec<f64>>;

/// A figure as the measuring program writes it.
#[derive(Deserialize)]
struct Measured {
    name: String,
    value: f64,
    better: String,
}

/// Measures this revision and `revision` in turn, and prints the ratios.
pub(super) fn compare(revision: &str, names: &[String], rounds: usize) -> Result<(), Failure> {
    let (commit, older) = built(revision)?;
    let own = cargo::optimised("iampass-bench")?;
    let (mut before, mut now) = (Values::new(), Values::new());
    let mut is_lower_better = BTreeMap::new();
    for round in 1..=rounds.max(1) {
        eprintln!("Round {round} of {} …", rounds.max(1));
        measure(&older, names, &mut before, &mut is_lower_better)?;
        measure(&own, names, &mut now, &mut is_lower_better)?;
    }
    println!("{:<32} {:>12} {:>12} {:>8}  better", "figure", commit, "now", "ratio");
    for (name, values) in &now {
        let Some(older) = before.get(name) else {
            println!("{name:<32} {:>12} {:>12.3}", "not there", median(values));
            continue;
        };
        let (older, newer) = (median(older), median(values));
        let better = if is_lower_better.get(name) == Some(&true) { "lower" } else { "higher" };
        println!("{name:<32} {older:>12.3} {newer:>12.3} {:>8.3}  {better}", newer / older);
    }
    Ok(())
}

/// The measuring program of that revision, and how the revision is called in short.
fn built(revision: &str) -> Result<(String, PathBuf), Failure> {
    let root = cargo::workspace_root();
    let named = Command::new("git")
        .current_dir(&root)
        .args(["rev-parse", "--short=8", "--verify", &format!("{revision}^{{commit}}")])
        .stderr(Stdio::inherit())
        .output()?;
    if !named.status.success() {
        return Err(format!("there is no revision {revision} here; a shallow clone may lack it").into());
    }
    let commit = String::from_utf8(named.stdout)?.trim().to_owned();
    let folder = root.join("target/baseline").join(&commit);
    if !folder.join(".git").exists() {
        let clone = ["clone", "--quiet", "--shared", "--no-checkout"];
        cargo::run(Command::new("git").args(clone).arg(&root).arg(&folder))?;
    }
    cargo::run(Command::new("git").current_dir(&folder).args(["checkout", "--quiet", "--detach", &commit]))?;
    eprintln!("Building {commit} …");
    let target = folder.join("target");
    let build = ["build", "--release", "--package", "iampass-bench", "--bins"];
    cargo::run(cargo::cargo().current_dir(&folder).env("CARGO_TARGET_DIR", &target).args(build))?;
    Ok((commit, target.join("release/iampass-bench")))
}

/// Adds what one run of a measuring program measures.
fn measure(
    program: &Path,
    names: &[String],
    values: &mut Values,
    is_lower_better: &mut BTreeMap<String, bool>,
) -> Result<(), Failure> {
    let file = program.with_file_name("figures.json");
    let mut command = Command::new(program);
    command.args(names).arg("--json").arg(&file).stdout(Stdio::null());
    if let Some(root) = program.ancestors().nth(3) {
        command.current_dir(root);
    }
    cargo::run(&mut command)?;
    let figures: Vec<Measured> = serde_json::from_slice(&std::fs::read(&file)?)?;
    for figure in figures {
        values.entry(figure.name.clone()).or_default().push(figure.value);
        is_lower_better.insert(figure.name, figure.better == "lower");
    }
    Ok(())
}

/// The middle one; of two middle ones the lower.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len().saturating_sub(1) / 2).copied().unwrap_or(f64::NAN)
}
