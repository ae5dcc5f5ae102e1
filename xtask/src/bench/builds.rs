//! The times of builds, of this revision and of an older one, each in a fresh clone.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use super::baseline::{clone_of, commit_of};
use super::ratio_bounds::verdict;
use crate::{Failure, cargo};

/// The name that asks for these figures.
pub(super) const NAME: &str = "build";

/// A page of the Console that both trees have, wherever it lies.
const PAGE: [&str; 2] = [
    "crates/iampass-server-console/src/pages/members.rs",
    "crates/iampass-server/src/console/pages/members.rs",
];
/// How often the page is changed; the middle one counts.
const CHANGES: usize = 3;

/// The builds of `cargo xtask demo`, of everything, and of the service alone.
const DEMO: [&str; 5] = ["build", "-p", "iampass-server", "-p", "microblog"];
const WORKSPACE: [&str; 2] = ["build", "--workspace"];
const PROGRAM: [&str; 3] = ["build", "-p", "iampass-server"];

/// Seconds that builds of a tree take.
struct Builds {
    demo: f64,
    page: f64,
    workspace: f64,
}

/// Builds both revisions one after the other, and prints the ratios.
pub(super) fn compare(revision: &str) -> Result<(), Failure> {
    let (older, own) = (commit_of(revision)?, commit_of("HEAD")?);
    let before = Builds::of(&clone_of(&older)?)?;
    let now = Builds::of(&clone_of(&own)?)?;
    println!("{:<32} {older:>12} {own:>12} {:>8}  better", "figure", "ratio");
    for (name, before, now) in [
        ("demo_build_s", before.demo, now.demo),
        ("workspace_build_s", before.workspace, now.workspace),
        ("page_rebuild_s", before.page, now.page),
    ] {
        let ratio = now / before;
        let verdict = verdict(&older, name, ratio, true);
        println!("{name:<32} {before:>12.1} {now:>12.1} {ratio:>8.3}  lower   {verdict}");
    }
    Ok(())
}

impl Builds {
    fn of(folder: &Path) -> Result<Self, Failure> {
        let target = folder.join("target/builds");
        if target.exists() {
            std::fs::remove_dir_all(&target)?;
        }
        let build = |arguments: &[&str]| seconds(folder, &target, arguments);
        let demo = build(&DEMO)?;
        let page = PAGE.iter().map(|page| folder.join(page)).find(|page| page.is_file());
        let page = rebuilt(&page.ok_or("there is no page of the Console to change")?, || build(&PROGRAM))?;
        std::fs::remove_dir_all(&target)?;
        let workspace = build(&WORKSPACE)?;
        std::fs::remove_dir_all(&target)?;
        Ok(Self { demo, page, workspace })
    }
}

fn seconds(folder: &Path, target: &PathBuf, arguments: &[&str]) -> Result<f64, Failure> {
    eprintln!("{}: cargo {} …", folder.display(), arguments.join(" "));
    let begun = Instant::now();
    let mut build = cargo::cargo();
    // As on a developer's machine: builds after a change use what the one before left.
    build.current_dir(folder).env("CARGO_TARGET_DIR", target).env_remove("CARGO_INCREMENTAL");
    cargo::run(build.arg("--quiet").args(arguments))?;
    Ok(begun.elapsed().as_secs_f64())
}

/// Changes a function of the page each time, and gives the middle time of the build after it. The page is as before then.
fn rebuilt(page: &Path, build: impl Fn() -> Result<f64, Failure>) -> Result<f64, Failure> {
    let text = std::fs::read_to_string(page)?;
    build()?;
    let mut all = Vec::with_capacity(CHANGES);
    for change in 0..CHANGES {
        std::fs::write(page, format!("{text}\nconst _: usize = {change};\n"))?;
        all.push(build()?);
    }
    let folder = page.parent().unwrap_or(page);
    cargo::run(Command::new("git").current_dir(folder).args(["checkout", "--quiet", "--"]).arg(page))?;
    all.sort_by(f64::total_cmp);
    Ok(all.get(CHANGES / 2).copied().unwrap_or(f64::NAN))
}
